// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_DISPATCHBUFFERS_H
#define TERN_PASSES_CPU_DISPATCHBUFFERS_H

#include "dialects/Tern/IR/Tern.h"

namespace tern::cpu {

/// Where a kernel finds the inputs and results of its dispatch (Schema.h has the rule).
class DispatchBuffers {
public:
  explicit DispatchBuffers(DispatchOp dispatch);

  /// Number of the input's first buffer; caches and batches have three in a row, states two.
  unsigned ofInput(unsigned input) const { return inputs[input]; }
  unsigned ofResult(unsigned result) const { return results[result]; }
  unsigned ofInput(mlir::Value argument) const {
    return ofInput(mlir::cast<mlir::BlockArgument>(argument).getArgNumber());
  }
  /// Which of the kernel's index inputs the argument is; they come after KernelInfo::sizes.
  unsigned indexNumber(mlir::Value argument) const;
  unsigned indexInputs() const { return indices; }
  /// All buffers.
  unsigned buffers() const { return count; }

private:
  llvm::SmallVector<unsigned> inputs, results;
  unsigned indices = 0, count = 0;
};

} // namespace tern::cpu

#endif
