// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_ATTENTIONSPEC_H
#define TERN_PASSES_NVPTX_ATTENTIONSPEC_H

#include "passes/CPU/AttentionRecords.h"
#include "passes/CPU/CacheKernel.h"

namespace tern::nvptx {

/// Attention over a cache. Blocks of the cache are summed in chunks before they are merged with
/// those before them: what one thread block takes of a long sequence.
struct AttentionSpec {
  /// Of a dispatch's kv.attend, on tensor cores or on those for f32.
  AttentionSpec(kv::AttendOp op, int64_t maxBlocks, bool isTensor);

  mutable kv::AttendOp op; // a handle, whose methods are not const
  mutable RotaryOp rotary; ///< of the query; null for none
  cpu::BlockLayout layout;
  int64_t keyHeads, group;   ///< queries of one key head
  int64_t width, valueWidth; ///< of a key, of a value
  int64_t maxBlocks;         ///< of a sequence
  bool isTensor;
  int64_t chunkBlocks;
  int64_t parts; ///< of a value's columns on tensor cores, each computed by a block of its own

  bool isBF16() const;
  int64_t heads() const { return keyHeads * group; }
  int64_t partWidth() const { return layout.paddedValue / parts; }
  /// A record for each chunk of the longest sequence.
  cpu::AttentionRecords records() const {
    return {heads(), layout.paddedValue, (maxBlocks + chunkBlocks - 1) / chunkBlocks};
  }
};

} // namespace tern::nvptx

#endif
