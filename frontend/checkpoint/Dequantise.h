// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_DEQUANTISE_H
#define TERN_FRONTEND_CHECKPOINT_DEQUANTISE_H

#include "frontend/checkpoint/Tensor.h"

#include <cstdint>

namespace tern::checkpoint {

/// The value of an IEEE 754 binary16, exactly.
float halfToFloat(uint16_t bits);

/// Writes the values of rows [firstRow, firstRow + rowCount) of `tensor` to `out`, which has room
/// for rowCount * tensor.columns(). Values are rounded to f32 as the block formats define them; the
/// double form holds the same numbers.
///
/// Needs: a type other than StorageType::Other and rows that the tensor has.
void dequantise(const Tensor &tensor, int64_t firstRow, int64_t rowCount, float *out);
void dequantise(const Tensor &tensor, int64_t firstRow, int64_t rowCount, double *out);

} // namespace tern::checkpoint

#endif
