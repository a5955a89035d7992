// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCEFUNCTION_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCEFUNCTION_H

#include "frontend/checkpoint/Checkpoint.h"
#include "tools/command/FunctionOptions.h"
#include "tools/tern-compile/Diagnostics.h"

#include "mlir/IR/BuiltinOps.h"

namespace tern {

/// Runs one function of the module by the references of its operations, and prints or compares what
/// it returns. `checkpoint` has the weights and may be null. Throws UserError.
void runFunctionByReference(mlir::ModuleOp module, const checkpoint::Checkpoint *checkpoint,
                            const command::FunctionOptions &options, Diagnostics &diagnostics);

} // namespace tern

#endif
