// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_TENSORKERNELS_H
#define TERN_PASSES_NVPTX_TENSORKERNELS_H

#include "passes/CPU/Schema.h"
#include "passes/NVPTX/FewRowsContraction.h"

namespace tern::nvptx {

/// The kernels on tensor cores of a dispatch. With both, `few` is for up to kFewRows rows; alone it
/// is for all.
struct TensorKernels {
  struct Kernel {
    cpu::KernelInfo info;
    TensorKernel start;
  };
  std::optional<Kernel> few, many;
  /// Why a contraction of types that tensor cores multiply is not all on them; empty if it is.
  std::string remark;
};

/// Appends the kernels `name` and `name`_many of a dispatch, for buffers of these alignments, as
/// far as it has them. Fails with a diagnostic.
mlir::FailureOr<TensorKernels> emitTensorKernels(DispatchOp dispatch,
                                                 llvm::ArrayRef<cpu::Layout> layouts,
                                                 llvm::ArrayRef<int64_t> alignments,
                                                 llvm::StringRef name, mlir::ModuleOp module);

} // namespace tern::nvptx

#endif
