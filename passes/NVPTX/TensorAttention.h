// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention over a cache on tensor cores, for caches in f16 or bf16: queries and weights are
// rounded to the cache's element, all else is f32.
//
// Lines, a head of a row each, are computed 16 to a warp, those of one key head side by side. A
// cache's blocks come by asynchronous copies into shared memory, keys while values are multiplied
// and values while keys are. Four blocks are a chunk: weights count from the chunk's largest score
// so far, and chunks are merged from left to right.
//
// A thread block takes 64 lines through all chunks, or 16 through one. A line's bits depend neither
// on that nor on other lines.
#ifndef TERN_PASSES_NVPTX_TENSORATTENTION_H
#define TERN_PASSES_NVPTX_TENSORATTENTION_H

#include "passes/NVPTX/AttentionSpec.h"
#include "passes/NVPTX/TensorContraction.h"

namespace tern::nvptx {

/// Lines of a thread block that takes them through all chunks.
inline constexpr int64_t kBlockLines = 64;

/// Why attention has no kernels on tensor cores; empty if it has. Only asked of caches in f16 and
/// bf16.
std::string whyNotTensor(const AttentionSpec &spec, int64_t queryStride, int64_t queryAlignment);

/// Appends a kernel of a dispatch of kv.attend; whyNotTensor() has no objection. Its only sum is
/// the entries; a tile is a line of a key head and a part, and each entry has kBlockLines - 1 more.
/// If chunks are computed apart there is no sum, a tile is an entry's chunk, and one more buffer
/// than the dispatch has gets a record of each.
TensorKernel addTensorAttention(DispatchOp dispatch, const AttentionSpec &spec,
                                llvm::ArrayRef<cpu::Layout> layouts,
                                const KernelParameters &parameters, llvm::StringRef name,
                                mlir::ModuleOp module, bool isApart);

} // namespace tern::nvptx

#endif
