// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention over a cache on tensor cores, for caches in f16 or bf16: queries and weights are
// rounded to the cache's element, all else is f32.
//
// Lines, a head of a row each, are computed 16 to a warp, those of one key head side by side. A
// cache's blocks come by asynchronous copies into shared memory, keys while values are multiplied
// and values while keys are. Four blocks are a chunk: weights count from the chunk's largest score
// so far, and chunks are merged from left to right.
//
// There are two ways to the same bits: a thread block takes 64 lines through all chunks; or, where
// rows are so few that most of the GPU would idle, 16 lines through one chunk, and a second kernel
// merges chunks. A line's bits depend on neither, nor on other lines.
#ifndef TERN_PASSES_NVPTX_TENSORATTENTION_H
#define TERN_PASSES_NVPTX_TENSORATTENTION_H

#include "passes/NVPTX/AttentionSpec.h"
#include "passes/NVPTX/TensorContraction.h"

namespace tern::nvptx {

/// Rows whose chunks are computed apart.
inline constexpr int64_t kApartRows = 8;

struct TensorAttention {
  struct Kernel {
    cpu::KernelInfo info;
    TensorKernel start;
  };
  ExtentAttr rows;
  Kernel many;
  /// For up to kApartRows rows, one after the other; none where a sequence has one chunk. Their
  /// last buffer is a workspace of so many bytes, at a multiple of 64.
  std::optional<Kernel> chunks, merge;
  int64_t workspaceBytes = 0;
};

/// Why attention has no kernels on tensor cores; empty if it has. Only asked of caches in f16 and
/// bf16.
std::string whyNotTensor(const AttentionSpec &spec, int64_t queryStride, int64_t queryAlignment);

/// Appends the kernels `name`_many, `name` and `name`_merge of a dispatch of kv.attend, or `many`
/// alone as `name`, for buffers of these alignments; whyNotTensor() has no objection.
TensorAttention emitTensorAttention(DispatchOp dispatch, const AttentionSpec &spec,
                                    llvm::ArrayRef<cpu::Layout> layouts,
                                    llvm::ArrayRef<int64_t> alignments, llvm::StringRef name,
                                    mlir::ModuleOp module);

} // namespace tern::nvptx

#endif
