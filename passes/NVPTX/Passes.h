// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_PASSES_H
#define TERN_PASSES_NVPTX_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class ModuleOp;
}

namespace tern::nvptx {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/NVPTX/Passes.h.inc"

} // namespace tern::nvptx

#endif
