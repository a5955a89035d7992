// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH_VIEWS_H
#define TERN_PASSES_DISPATCH_VIEWS_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::dispatch {

/// True if the operation's result is its operand's memory seen in another way: a reshape that
/// keeps the rows, or of rows that lie side by side, or a slice of whole rows or of a contiguous
/// part of each row. No view is what a program returns, unless its rows lie side by side.
bool isView(mlir::Operation *op);

/// True if a reshape between the types is one of each row by itself.
bool keepsRows(mlir::RankedTensorType from, mlir::RankedTensorType to);

/// True if the rows of the value must lie side by side: a program returns it, or a view of it
/// regroups rows.
bool needsDense(mlir::Value value);

/// True if the value's rows can lie side by side: it is no view of rows that lie apart.
bool canBeDense(mlir::Value value);

} // namespace tern::dispatch

#endif
