// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention of lines, a query each, over segments of 64 slots. Each segment is reduced with its own
// maximum, and segments are merged in order, so the bits of a line depend on its query and on the
// slots alone. Lines are computed a few at a time against one segment.
#ifndef TERN_PASSES_CPU_ATTENTIONLINES_H
#define TERN_PASSES_CPU_ATTENTIONLINES_H

#include "dialects/KV/IR/KV.h"
#include "passes/CPU/Epilogue.h"

namespace tern::cpu {

/// Where a segment is read from: keys as [width][64], values as [64][valueStride], positions as
/// i32[64]. Without an address for positions, a slot's position is its number. Whole vectors of
/// values are read: what lies after the last row of them may be, too.
struct Segment {
  Value key, value, positions;
  Type element;
  int64_t valueStride;
};

/// Rows of a matrix of heads: element d of head h of row r lies at r * stride + h * width + d.
struct HeadRows {
  Value base;
  int64_t stride = 0;
  Type element;
};

class AttentionLines {
public:
  static constexpr int64_t slots = kv::CacheType::blockSlots;

  struct Shape {
    int64_t heads;             ///< of a query
    int64_t group;             ///< queries of one key head
    int64_t width, valueWidth; ///< of a key, of a value
    double scale = 1, softCap = 0;
    int64_t window = 0; ///< 0 for none
    int64_t lanes;      ///< of the target
    /// Lines whose sums stay in scratch while segments pass by.
    int64_t linesAtOnce;
    bool widens; ///< segments are copied to scratch as f32

    Shape(int64_t heads, int64_t keyHeads, int64_t width, int64_t valueWidth, const Target &target,
          bool widens);

    /// Values of a row of a cache.
    int64_t padded() const { return llvm::alignTo(valueWidth, 16); }
    /// The same in whole vectors.
    int64_t rowWidth() const { return llvm::alignTo(padded(), lanes); }
    int64_t scratchBytes() const;
  };

  virtual ~AttentionLines() = default;

protected:
  /// `epilogue` gets what a head of a row attends to, in order: row `r * heads + h`.
  AttentionLines(KernelBuilder &kernel, const Shape &shape, EpilogueWriter epilogue);

  Type vectorOf(Type element) { return k.vector(element); }
  Value splat(double number) { return k.constant(k.vector(k.f32()), number); }

  // The lines of a tile are the queries of the head's group, row by row.
  Value rowOf(Value line) { return k.add(firstRow, k.div(line, shape.group)); }
  Value headOf(Value line) { return k.add(k.mul(head, shape.group), k.rem(line, shape.group)); }

  /// Slots that a line sees: those below this number (and inside the window).
  virtual Value limitOf(Value line) = 0;
  /// The position of a row, i32.
  virtual Value positionOf(Value row) = 0;
  /// Where the query of a line is read, the line at `place` of those from `first` on.
  virtual Value queryOf(Value first, Value place);
  /// What becomes of the products of a line and the slots of a segment from `at` on, unscaled.
  virtual Value sloped(Value products, const Segment &segment, Value line, int64_t at);
  /// What becomes of the scores of slots `start` + `at` on, in units of log2.
  virtual Value biased(Value scores, Value line, Value start, int64_t at);

  void clearSums(Value count);
  /// All lines against one segment, `maxLines` at a time.
  void passLines(const Segment &segment, Value number, Value first, Value count);
  void finish(Value first, Value count);
  /// Leaves each line's sums at an address, its maximum and total `stateOffset` bytes on.
  void keep(Value first, Value count, int64_t stateOffset,
            llvm::function_ref<Value(Value)> placeOf);
  /// A vector of f32 from `offset` elements on.
  Value read(Value base, int64_t offset, Type element);

  KernelBuilder &k;
  const Shape shape;
  const int64_t rowWidth; ///< of values and sums in scratch
  const int64_t maxLines; ///< of a register tile
  HeadRows query;
  Value logSum; ///< null for none
  int64_t logSumStride = 0;
  Value wideKey, wideValue; ///< scratch for a segment of f32
  Value firstRow, head;     ///< of the tile

private:
  Value sumsOf(Value place) { return k.address(sums, k.mul(place, 4 * rowWidth)); }
  Value stateOf(Value place);
  Value weightsOf(int64_t line) { return k.address(weights, 4 * slots * line); }
  /// Vectors of a register tile of so many lines.
  int64_t columnsFor(int64_t lines) const;
  void passSeen(const Segment &segment, Value number, Value first, Value place, int64_t lines);
  void score(const Segment &segment, Value first, Value place, int64_t lines);
  Values multiply(Value row, int64_t at, int64_t count, Type element, mlir::ValueRange carried,
                  int64_t lines, llvm::function_ref<Value(int64_t)> factor);
  Value visible(const Segment &segment, Value raw, Value line, Value start, int64_t at, Value left,
                Value oldest);
  void weigh(const Segment &segment, Value start, Value line, Value place, int64_t number);
  void merge(Value at, Value own, Value ownTotal);
  void addValues(const Segment &segment, Value place, int64_t lines, int64_t at);
  void storeLogSum(Value line, Value largest, Value total);

  EpilogueWriter epilogue;
  Value sums, state, weights;
};

} // namespace tern::cpu

#endif
