// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH_SCHEMACHOICE_H
#define TERN_PASSES_DISPATCH_SCHEMACHOICE_H

#include "dialects/Tern/IR/Tern.h"

#include <array>

namespace tern::dispatch {

/// The schema of an operation that begins a dispatch of its own, whoever reads its result.
std::optional<Schema> rootSchema(mlir::Operation *op);

/// True for what every dispatch that reads it repeats: constants, indices, sizes and broadcasts.
bool isRepeated(mlir::Operation *op);

/// True for a root that reads its operands from memory alone.
bool readsMemory(mlir::Operation *op);

/// The halves of a product with two packed weights of whole panels, one after the other, if nothing
/// else reads it: a kernel computes both at once. Null if it is no such product.
std::array<SliceOp, 2> halvesOf(ContractOp op);

/// True if the kernel of a contraction or of attention can write `last`, which takes its result or
/// what was made of that to narrower numbers: blocks of 32 need whole panels, or whole heads.
bool canNarrow(mlir::Operation *root, mlir::Operation *last);

/// True for attention with one result: element-wise terms can follow it, also where its heads lie
/// side by side.
bool isAttention(mlir::Operation *op);

/// True for a reshape that puts the heads of each row side by side.
bool joinsHeads(ReshapeOp op);

/// The rotation that the kernel of `root` computes as it reads: of the query that attends to a
/// cache, or of the key that is appended to it. Null if there is none that nobody else reads.
RotaryOp rotationOf(mlir::Operation *root);

/// True if schema `rows` lowers the operation: it maps rows, indices of the first axis, to rows,
/// and all other axes are static.
bool fitsRows(mlir::Operation *op);

/// True if an element of the result is a function of one element of each operand: arithmetic, a
/// cast, or a choice.
bool isPointwise(mlir::Operation *op);

/// True if an element of the result is an element of the operand, or depends on one that stands
/// elsewhere.
bool isMovement(mlir::Operation *op);

} // namespace tern::dispatch

#endif
