// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH_VIEWS_H
#define TERN_PASSES_DISPATCH_VIEWS_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::dispatch {

/// True if the operation's result is its operand's memory seen in another way: a reshape that
/// keeps the rows, or a slice of whole rows or of a contiguous part of each row.
bool isView(mlir::Operation *op);

} // namespace tern::dispatch

#endif
