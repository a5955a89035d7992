// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_ATTENTIONSPEC_H
#define TERN_PASSES_NVPTX_ATTENTIONSPEC_H

#include "passes/CPU/CacheKernel.h"
#include "passes/CPU/Schema.h"

namespace tern::nvptx {

/// Blocks of the cache that are summed before they are merged with those before them: what one
/// thread block takes of a long sequence.
inline constexpr int64_t kChunkBlocks = 4;

/// Attention over a cache as tensor cores compute it.
struct AttentionSpec {
  /// Of a dispatch's kv.attend.
  AttentionSpec(kv::AttendOp op, int64_t maxBlocks);

  mutable kv::AttendOp op; // a handle, whose methods are not const
  mutable RotaryOp rotary; ///< of the query; null for none
  cpu::BlockLayout layout;
  int64_t keyHeads, group;   ///< queries of one key head
  int64_t width, valueWidth; ///< of a key, of a value
  int64_t maxBlocks;         ///< of a sequence
  int64_t parts;             ///< of a value's columns, each computed by a block of its own

  bool isBF16() const;
  int64_t heads() const { return keyHeads * group; }
  int64_t partWidth() const { return layout.paddedValue / parts; }
  /// Of the longest sequence.
  int64_t chunks() const { return llvm::divideCeil(maxBlocks, kChunkBlocks); }

  // What a chunk leaves of a line (a row's head) in the workspace: weighted values, the maximum
  // and the sum, in f32.
  int64_t largestOffset() const { return 4 * layout.paddedValue; }
  int64_t totalOffset() const { return largestOffset() + 4; }
  int64_t recordBytes() const { return largestOffset() + 32; }
};

} // namespace tern::nvptx

#endif
