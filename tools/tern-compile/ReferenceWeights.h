// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_REFERENCEWEIGHTS_H
#define TERN_TOOLS_TERN_COMPILE_REFERENCEWEIGHTS_H

#include "dialects/Tern/Reference/Interpreter.h"
#include "frontend/checkpoint/Checkpoint.h"

namespace tern {

/// The weights that an interpreter asks for, decoded at their first use and kept.
class ReferenceWeights {
public:
  /// `checkpoint` may be null: then every weight is missing.
  explicit ReferenceWeights(const checkpoint::Checkpoint *checkpoint) : checkpoint(checkpoint) {}

  mlir::FailureOr<reference::Tensor> find(llvm::StringRef name, mlir::RankedTensorType type);

private:
  const checkpoint::Checkpoint *checkpoint;
  llvm::StringMap<reference::Tensor> tensors;
};

} // namespace tern

#endif
