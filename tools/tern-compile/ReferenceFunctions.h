// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCEFUNCTIONS_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCEFUNCTIONS_H

#include "tools/command/Tensor.h"
#include "tools/tern-compile/Diagnostics.h"
#include "tools/tern-compile/ReferenceWeights.h"

namespace tern {

/// The functions of a module that use no KV cache, by the references of their operations, in f64.
/// Throws UserError.
class ReferenceFunctions {
public:
  /// All arguments must outlive the functions; `checkpoint` may be null.
  ReferenceFunctions(mlir::ModuleOp module, const checkpoint::Checkpoint *checkpoint,
                     Diagnostics &diagnostics);

  /// Inputs and outputs in the function's order, the latter as F64.
  std::vector<command::Tensor> operator()(const std::string &name,
                                          const std::vector<command::Tensor> &inputs);

private:
  Diagnostics &diagnostics;
  ReferenceWeights weights;
  reference::Interpreter interpreter;
};

} // namespace tern

#endif
