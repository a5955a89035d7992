// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCEFUNCTION_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCEFUNCTION_H

#include "frontend/checkpoint/Checkpoint.h"
#include "tools/command/FunctionOptions.h"
#include "tools/command/Tensor.h"
#include "tools/tern-compile/Diagnostics.h"

#include "mlir/IR/BuiltinOps.h"

namespace tern {

/// What one function of the module returns by the references of its operations. `checkpoint` has
/// the weights and may be null. Throws UserError.
std::vector<command::Tensor> callByReference(mlir::ModuleOp module,
                                             const checkpoint::Checkpoint *checkpoint,
                                             const command::FunctionOptions &options,
                                             Diagnostics &diagnostics);

} // namespace tern

#endif
