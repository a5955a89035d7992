// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCESAMPLING_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCESAMPLING_H

#include "tools/generate/Model.h"

#include <vector>

namespace tern {

/// The probability of each token to follow `history`: repetition penalty, temperature, top-k,
/// top-p, min-p, typical-p, each on the softmax of what the one before it left. At temperature 0
/// the likeliest token, the lowest of equals, has probability 1.
std::vector<double> tokenProbabilities(std::span<const double> logits,
                                       std::span<const int32_t> history,
                                       const generate::Sampling &sampling);

/// The first token at which the sum of the probabilities exceeds `uniform`, a number of [0, 1).
int32_t drawToken(std::span<const double> probabilities, double uniform);

} // namespace tern

#endif
