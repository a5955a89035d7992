// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a weight W [N, K] (y = x W^T) lies in memory for the CPU's kernels: in panels of 32 columns
// n, one after the other, the last one padded with zero columns. In a panel k ascends:
//   f32    a row for each k: 32 x f32
//   f16    a row for each k: 32 x f16
//   bf16   a row for each pair of k: 32 x (k, k + 1); an odd K is padded with 0
//   q8_0   for each 32 k: 32 f16 scales, then 8 rows of 32 x 4 bytes, byte = code + 128; row r
//          holds k = 4 r ... 4 r + 3
//   q4_0   for each 32 k: 32 f16 scales, then 4 rows of 32 x 4 bytes; in row r the low nibbles are
//          k = 4 r ..., the high ones k = 16 + 4 r ...
//   q4_1   as q4_0, with 32 f16 minima after the scales
// So a lane of a vector owns a column, and every kernel adds over k in the same order.
#ifndef TERN_PASSES_CPU_PACKEDWEIGHT_H
#define TERN_PASSES_CPU_PACKEDWEIGHT_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace tern::cpu {

enum class Storage { F32, F16, BF16, Q8_0, Q4_0, Q4_1 };

inline constexpr int64_t kPanelColumns = 32;

/// Sizes of one storage type, for blocks of `depth` consecutive k.
struct PackedLayout {
  int64_t depth;
  int64_t sourceBytes; // of one column in a checkpoint
  int64_t packedBytes; // of 32 columns in a panel
  int64_t headerBytes; // scales and minima at the start of a packed block
  bool quantised() const { return headerBytes != 0; }
  /// Blocks that hold `k` values.
  int64_t blocks(int64_t k) const { return (k + depth - 1) / depth; }
};

PackedLayout layoutOf(Storage storage);
llvm::StringRef nameOf(Storage storage);

/// Bytes from one panel to the next: a multiple of 64.
int64_t panelBytes(Storage storage, int64_t k);
/// Panels of a weight of `n` columns.
inline int64_t panels(int64_t n) { return (n + kPanelColumns - 1) / kPanelColumns; }
inline int64_t packedBytes(Storage storage, int64_t n, int64_t k) {
  return panels(n) * panelBytes(storage, k);
}

} // namespace tern::cpu

#endif
