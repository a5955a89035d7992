// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NORMALISE_SORTTERMS_H
#define TERN_PASSES_NORMALISE_SORTTERMS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tern::normalise {

/// Puts the terms of a function into the one order that all equal functions share: factors of
/// contractions, letters of axes, operands of what commutes, operations that need not wait for one
/// another. Erases what nobody uses. Returns how many operands changed places.
int64_t sortTerms(mlir::func::FuncOp function);

} // namespace tern::normalise

#endif
