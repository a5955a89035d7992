// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_REDUCE_SIMPLIFY_H
#define TERN_TOOLS_TERN_REDUCE_SIMPLIFY_H

#include "mlir/IR/DialectRegistry.h"

namespace tern {

/// Gives the Tern dialect what mlir-reduce asks a dialect for: patterns that make a module simpler
/// and need not keep what it means.
void registerSimplifications(mlir::DialectRegistry &registry);

} // namespace tern

#endif
