// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_EXPAND_PASSES_H
#define TERN_PASSES_EXPAND_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class ModuleOp;
}

namespace tern::expand {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/Expand/Passes.h.inc"

} // namespace tern::expand

#endif
