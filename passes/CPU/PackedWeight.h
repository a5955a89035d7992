// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a weight W [N, K] (y = x W^T) lies in memory for the CPU's kernels: in panels of 32 columns
// n, one after the other, the last one padded with zero columns. In a panel k ascends:
//   f32    a row for each k: 32 x f32
//   f16    a row for each k: 32 x f16
//   bf16   a row for each pair of k: 32 x (k, k + 1); an odd K is padded with 0
//   block  for each `depth` k a header, then for each 32 k the codes
// Of the block types few forms are left. In a header lie
//   32 scales d in f16, or in f32 where they are not stored in f16
//   32 minima m in f16, if the type has minima
//   for each group of 16 or 32 k 32 scale codes in i8, then so the codes of the minima, if it has
//   scale codes: a scale is d times its code, a minimum m times its code
// and codes are
//   bytes    of types of more than 4 bits: 8 rows of 32 x 4 bytes; row r holds k = 4 r ... 4 r + 3
//   nibbles  of the others: 4 rows of 32 x 4 bytes; in row r the low nibbles are k = 4 r ..., the
//            high ones k = 16 + 4 r ...
// A code stands for itself where there is a minimum, else for itself less 128 (bytes) or 8
// (nibbles), or for the number that a table of 16 has for it, or a name (BlockFormat.h).
// So a lane of a vector owns a column, and every kernel adds over k in the same order.
#ifndef TERN_PASSES_CPU_PACKEDWEIGHT_H
#define TERN_PASSES_CPU_PACKEDWEIGHT_H

#include "dialects/Tern/IR/BlockFormat.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace tern::cpu {

/// "f32", "f16", "bf16" or the name of a block format.
struct Storage {
  std::string_view name = "f32";

  bool operator==(const Storage &) const = default;
  /// Null for floats.
  const BlockFormat *format() const { return findBlockFormat(name); }

  static const Storage F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K,
      IQ4_NL, IQ4_XS, MXFP4;
};
inline constexpr Storage Storage::F32{"f32"}, Storage::F16{"f16"}, Storage::BF16{"bf16"},
    Storage::Q8_0{"q8_0"}, Storage::Q4_0{"q4_0"}, Storage::Q4_1{"q4_1"}, Storage::Q5_0{"q5_0"},
    Storage::Q5_1{"q5_1"}, Storage::Q2_K{"q2_k"}, Storage::Q3_K{"q3_k"}, Storage::Q4_K{"q4_k"},
    Storage::Q5_K{"q5_k"}, Storage::Q6_K{"q6_k"}, Storage::IQ4_NL{"iq4_nl"},
    Storage::IQ4_XS{"iq4_xs"}, Storage::MXFP4{"mxfp4"};

inline constexpr int64_t kPanelColumns = 32;
/// k of a unit: what a record of activations holds.
inline constexpr int64_t kUnitDepth = 32;
/// Bytes of a row of codes.
inline constexpr int64_t kCodeRow = 4 * kPanelColumns;

/// The packed form of one storage type, in blocks of `depth` consecutive k. Forms of equal fields
/// (`sourceBytes` apart) have equal kernels, but for packing.
struct PackedLayout {
  int64_t depth;
  int64_t sourceBytes; ///< of one column in a checkpoint
  int64_t packedBytes; ///< of 32 columns in a panel
  // What follows is of blocks alone.
  int64_t headerBytes = 0;
  int64_t group = 32;     ///< k that share a scale: 16 or 32
  int64_t codeBits = 0;   ///< 4 or 8
  int64_t zero = 0;       ///< the code that stands for 0, if there is no table
  int64_t scaleBytes = 2; ///< of d
  bool minimum = false;
  bool scaleCodes = false;
  std::span<const int8_t> table = {};
  std::string_view numbers = {}; ///< of codes, if they have a name

  bool quantised() const { return headerBytes != 0; }
  bool nibbles() const { return codeBits == 4; }
  /// Codes are not the numbers that they stand for.
  bool lookedUp() const { return !table.empty() || !numbers.empty(); }
  /// Blocks that hold `k` values.
  int64_t blocks(int64_t k) const { return (k + depth - 1) / depth; }
  int64_t units() const { return depth / kUnitDepth; }
  int64_t groupsOfUnit() const { return kUnitDepth / group; }
  int64_t unitBytes() const { return codeBits * kCodeRow; }
  int64_t minimaOffset() const { return scaleBytes * kPanelColumns; }
  int64_t scaleCodesOffset() const { return minimaOffset() + (minimum ? 2 * kPanelColumns : 0); }
  int64_t minimumCodesOffset() const { return scaleCodesOffset() + depth / group * kPanelColumns; }
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
