// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_PTX_H
#define TERN_PASSES_NVPTX_PTX_H

#include "passes/NVPTX/Target.h"

#include "mlir/IR/BuiltinOps.h"

namespace tern::nvptx {

/// PTX of the kernels of `module` (which is changed). Equal modules and targets give equal text.
/// The error is one sentence; that a kernel calls a function is one.
llvm::Expected<std::string> compile(mlir::ModuleOp module, const Target &target);

} // namespace tern::nvptx

#endif
