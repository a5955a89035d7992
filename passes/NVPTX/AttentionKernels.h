// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The kernels of attention over a cache. One takes lines through all of a sequence: on tensor
// cores, or the schema for lanes. Where rows are so few that most of the GPU would idle, chunks of
// a sequence are computed apart, and the last that ends merges what they leave, or a second kernel,
// to the same bits.
#ifndef TERN_PASSES_NVPTX_ATTENTIONKERNELS_H
#define TERN_PASSES_NVPTX_ATTENTIONKERNELS_H

#include "passes/CPU/Schema.h"
#include "passes/NVPTX/TensorContraction.h"

namespace tern::nvptx {

struct AttentionKernels {
  struct Kernel {
    cpu::KernelInfo info;
    TensorKernel start;
  };
  /// On tensor cores; without it the schema for lanes has the kernel.
  std::optional<Kernel> all;
  /// For up to so many rows, one after the other; none where a sequence has one chunk, and no
  /// second one where chunks merge themselves. Their last buffer is a workspace, at a multiple of
  /// 64.
  std::optional<Kernel> apart, merge;
  int64_t apartRows = 0, workspaceBytes = 0;
  ExtentAttr rows;
  /// Why attention that may round is not on tensor cores; empty if it is.
  std::string remark;
};

/// Appends the kernels `name`, `name`_apart and `name`_merge of a dispatch, for buffers of these
/// alignments, as far as it has them: none for attention to keys at hand. `rounds` says whether
/// queries and weights may be rounded to the cache's element. Fails with a diagnostic.
mlir::FailureOr<AttentionKernels> emitAttentionKernels(DispatchOp dispatch,
                                                       llvm::ArrayRef<cpu::Layout> layouts,
                                                       llvm::ArrayRef<int64_t> alignments,
                                                       llvm::StringRef name, mlir::ModuleOp module,
                                                       const cpu::Target &warp, bool rounds);

} // namespace tern::nvptx

#endif
