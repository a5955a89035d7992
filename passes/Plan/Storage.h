// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_PLAN_STORAGE_H
#define TERN_PASSES_PLAN_STORAGE_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::plan {

/// Bytes of `count` neighbouring elements: those of GGUF for its block types, records
/// of 40 bytes for 32 elements (codes, f32 scale, correction) for activations in blocks. Needs:
/// whole blocks.
int64_t bytesOf(mlir::Type elementType, int64_t count);

/// Bytes of a packed matrix (`#tern.panels`).
int64_t packedBytesOf(mlir::RankedTensorType type);

/// True for an element type that tensors in memory have: a float, an integer of whole bytes, a
/// block.
bool hasBytes(mlir::Type elementType);

/// Elements from one row to the next where rows lie side by side: the product of all axes but the
/// first, `ShapedType::kDynamic` if one of them is dynamic, 0 for rank 0 and 1.
int64_t rowStrideOf(mlir::RankedTensorType type);

/// From one row to the next of a tensor that kernels share: whole cache lines, and never so that
/// the rows of a tile fall into one set of the first cache.
int64_t paddedRow(mlir::Type elementType, int64_t elements);

} // namespace tern::plan

#endif
