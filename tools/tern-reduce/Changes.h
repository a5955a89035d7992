// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_REDUCE_CHANGES_H
#define TERN_TOOLS_TERN_REDUCE_CHANGES_H

#include "mlir/IR/BuiltinOps.h"

namespace tern {

/// Makes a module simpler in one place, the `number`-th of those that there are; what it means need
/// not stay. False if there is no such place.
using Change = bool (*)(mlir::ModuleOp module, size_t number);

/// Erases a function that nothing calls.
bool eraseFunction(mlir::ModuleOp module, size_t number);
/// Lets a function that nothing calls return one value fewer.
bool returnFewer(mlir::ModuleOp module, size_t number);
/// Puts one of its operands in the place of a term, if that has its type.
bool takeOperand(mlir::ModuleOp module, size_t number);
/// Puts an argument of its function in the place of a term.
bool takeArgument(mlir::ModuleOp module, size_t number);
/// Puts zeros in the place of a term of floats and static shape.
bool takeZeros(mlir::ModuleOp module, size_t number);

} // namespace tern

#endif
