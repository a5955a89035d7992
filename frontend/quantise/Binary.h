// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ShiftAddLLM's binary codes with error feedback (arXiv 2406.05981): GPTQ on the grids of signed
// scales, 8 columns at a time.
#ifndef TERN_FRONTEND_QUANTISE_BINARY_H
#define TERN_FRONTEND_QUANTISE_BINARY_H

#include "frontend/checkpoint/EncodedWeight.h"
#include "frontend/quantise/Gptq.h"

namespace tern::quantise {

struct BinaryResult {
  checkpoint::BinaryWeight weight;
  double error; ///< outputError() of it with the damped moment
};

/// The codes of `weight` [out, in]: the grid that 8 inputs and an eighth of the outputs share is
/// fitted to what these numbers have become when the first of the inputs comes. Weights of dead
/// inputs become what is nearest to 0.
///
/// Needs: `in` and `out` that 8 divides, a factor without act order.
BinaryResult feedBackBinary(const Matrix &weight, const InputFactor &factor, int bits);

} // namespace tern::quantise

#endif
