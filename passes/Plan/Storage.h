// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_PLAN_STORAGE_H
#define TERN_PASSES_PLAN_STORAGE_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::plan {

/// Bytes of `count` neighbouring elements: those of GGUF for a block type with f16 scales, records of
/// 40 bytes for 32 elements (codes, f32 scale, correction) for activations in blocks.
/// Needs: whole blocks.
int64_t bytesOf(mlir::Type elementType, int64_t count);

/// Bytes of a packed matrix (`#tern.panels`).
int64_t packedBytesOf(mlir::RankedTensorType type);

/// Elements of a row: the product of all axes but the first; 1 for rank 0 and 1.
mlir::FailureOr<int64_t> rowElements(mlir::RankedTensorType type);

/// From one row to the next of a tensor that kernels share: whole cache lines, and never so that the
/// rows of a tile fall into one set of the first cache.
int64_t paddedRow(mlir::Type elementType, int64_t elements);

} // namespace tern::plan

#endif
