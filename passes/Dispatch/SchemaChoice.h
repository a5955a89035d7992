// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH_SCHEMACHOICE_H
#define TERN_PASSES_DISPATCH_SCHEMACHOICE_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::dispatch {

/// The schema of an operation that begins a dispatch of its own, whoever reads its result.
std::optional<Schema> rootSchema(mlir::Operation *op);

/// True for what every dispatch that reads it repeats: constants, indices, sizes and broadcasts.
bool isRepeated(mlir::Operation *op);

/// True for a root that reads its operands from memory alone.
bool readsMemory(mlir::Operation *op);

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
