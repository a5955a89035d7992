// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCEENCODER_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCEENCODER_H

#include "tools/generate/Embedder.h"
#include "tools/tern-compile/Diagnostics.h"
#include "tools/tern-compile/ReferenceWeights.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tern {

/// The function `encode` of a module by the references of its operations, in f64.
class ReferenceEncoder : public generate::Encoder {
public:
  /// All arguments must outlive the encoder; `checkpoint` may be null. Throws UserError if the
  /// module has no such function.
  ReferenceEncoder(mlir::ModuleOp module, const checkpoint::Checkpoint *checkpoint,
                   Diagnostics &diagnostics);

  bool hasLogits() const override { return isHeaded; }
  generate::Encoding encode(std::span<const int32_t> tokens, std::span<const int32_t> types,
                            bool wantsLogits) override;

private:
  Diagnostics &diagnostics;
  ReferenceWeights weights;
  reference::Interpreter interpreter;
  bool isHeaded = false;
};

} // namespace tern

#endif
