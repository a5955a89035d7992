// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layer-wise high-impact parameters (arXiv 2511.17801): a few of the weights, those that matter
// most, have codes of more bits. No code of the authors is known; which weights matter is by the
// Hessian, as in Optimal Brain Surgeon.
#ifndef TERN_FRONTEND_QUANTISE_HIGHIMPACT_H
#define TERN_FRONTEND_QUANTISE_HIGHIMPACT_H

#include "frontend/quantise/Gptq.h"

#include <functional>

namespace tern::quantise {

/// What the outputs lose at least if a weight becomes 0: w^2 / (H^-1)[k,k], [out, in].
Matrix salience(const Matrix &weight, const Row &inverseDiagonal);

/// The least threshold with `countFrom(threshold)` at most `budget`, where that counts the numbers
/// that are not below a threshold and not negative.
float thresholdOf(int64_t budget, const std::function<int64_t(float)> &countFrom);

/// W[n,k] = code[n,k] * scale[m,n,g] + minimum[m,n,g], with the group g of input k, m = 1 for the
/// weights of high impact and 0 for the rest.
struct SplitWeight {
  int64_t out = 0, in = 0, group = 1;
  std::vector<uint8_t> codes, isHigh; ///< [out, in]
  std::vector<float> scales, minima;  ///< [2, out, in / group]

  Matrix numbers() const;
};

/// Each weight to the nearest of its grid: from the least to the largest of its group that are of
/// its kind, in as many steps as its bits say.
SplitWeight roundSplit(const Matrix &weight, std::vector<uint8_t> isHigh, int64_t group,
                       int lowBits, int highBits);

/// The tensors of checkpoint::SplitForm for the map of that name: `codes` and `mask` in f16,
/// `scales` and `minima` in f32.
std::vector<checkpoint::StoredTensor> packSplit(const SplitWeight &weight, const std::string &map);

} // namespace tern::quantise

#endif
