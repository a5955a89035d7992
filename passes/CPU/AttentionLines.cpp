// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/AttentionLines.h"

#include "passes/CPU/Functions.h"

#include <cmath>

using namespace mlir;

namespace tern::cpu {

/// A line's state: the maximum and the sum so far, and what they and the segment at hand count.
static constexpr int64_t keptOffset = 8, addedOffset = 12, stateBytes = 16;
/// What a hidden slot scores, and the least maximum of a segment: a segment in which all slots are
/// hidden has the sum 0, since 2^(hidden - least) is 0. Neither overflows when subtracted.
static constexpr double hidden = -1e30, least = -1e29;

/// Few lines wait for memory: what they read next is asked for (900 tokens decoded with 12 heads of
/// 64 in f16: attention takes 0.23 of the contractions' time, 0.25 without, on Zen 3).
static constexpr int64_t linesThatWait = 2, bytesAhead = 1024;

static int64_t bytesOf(Type element) { return element.getIntOrFloatBitWidth() / 8; }

AttentionLines::Shape::Shape(int64_t heads, int64_t keyHeads, int64_t width, int64_t valueWidth,
                             const Target &target, bool widens)
    : heads(heads), group(heads / keyHeads), width(width), valueWidth(valueWidth),
      lanes(target.lanes), linesAtOnce(target.warp ? 16 : 96), widens(widens) {}

int64_t AttentionLines::Shape::scratchBytes() const {
  int64_t widened = widens ? slots * (width + rowWidth()) : 0;
  return 4 * (widened + linesAtOnce * rowWidth() + 8 * slots) + stateBytes * linesAtOnce;
}

AttentionLines::AttentionLines(KernelBuilder &kernel, const Shape &shape, EpilogueWriter epilogue)
    : k(kernel), shape(shape), rowWidth(shape.rowWidth()), maxLines(kernel.target().avx512 ? 6 : 4),
      epilogue(std::move(epilogue)) {
  wideKey = k.scratch();
  wideValue = k.address(wideKey, 4 * slots * shape.width);
  sums = shape.widens ? k.address(wideValue, 4 * slots * rowWidth) : k.scratch();
  state = k.address(sums, 4 * shape.linesAtOnce * rowWidth);
  weights = k.address(state, stateBytes * shape.linesAtOnce);
}

Value AttentionLines::sloped(Value products, const Segment &, Value, int64_t) { return products; }

Value AttentionLines::biased(Value scores, Value, Value, int64_t) { return scores; }

//===- Lines ----------------------------------------------------------------===//

Value AttentionLines::queryOf(Value first, Value place) {
  Value line = k.add(first, place);
  Value element = k.add(k.mul(rowOf(line), query.stride), k.mul(headOf(line), shape.width));
  return k.address(query.base, k.mul(element, bytesOf(query.element)));
}

Value AttentionLines::stateOf(Value place) { return k.address(state, k.mul(place, stateBytes)); }

void AttentionLines::clearSums(Value count) {
  k.loop(k.index(0), count, 1, [&](Value place) {
    for (int64_t at = 0; at < rowWidth; at += k.lanes())
      k.store(splat(0), sumsOf(place), 4 * at);
    k.store(k.constant(k.f32(), least), stateOf(place));
    k.store(k.zero(k.f32()), stateOf(place), 4);
  });
}

/// A vector of f32 from `offset` elements on.
Value AttentionLines::read(Value base, int64_t offset, Type element) {
  int64_t bytes = bytesOf(element);
  return k.convertFloat(k.load(vectorOf(element), base, offset * bytes, bytes), k.f32());
}

/// All lines against one block, `maxLines` at a time.
void AttentionLines::passLines(const Segment &segment, Value number, Value first, Value count) {
  Value whole = k.mul(k.div(count, maxLines), maxLines);
  k.loop(k.index(0), whole, maxLines,
         [&](Value place) { passSeen(segment, number, first, place, maxLines); });
  Value rest = k.sub(count, whole);
  for (int64_t lines = 1; lines < maxLines; ++lines)
    k.when(k.compare(arith::CmpIPredicate::eq, rest, lines),
           [&] { passSeen(segment, number, first, whole, lines); });
}

/// Few lines need more vectors, that sums enough are under way.
int64_t AttentionLines::columnsFor(int64_t lines) const {
  return k.target().avx512 || lines <= linesThatWait ? 4 : 2;
}

/// Nothing is to be done for lines that see no slot of the segment.
void AttentionLines::passSeen(const Segment &segment, Value number, Value first, Value place,
                              int64_t lines) {
  Value last = k.add(k.add(first, place), lines - 1);
  Value start = k.mul(number, slots);
  k.when(k.compare(arith::CmpIPredicate::sgt, limitOf(last), start), [&] {
    score(segment, first, place, lines);
    for (int64_t line = 0; line < lines; ++line)
      weigh(segment, start, k.add(k.add(first, place), line), k.add(place, line), line);
    for (int64_t at = 0; at < rowWidth; at += columnsFor(lines) * k.lanes())
      addValues(segment, place, lines, at);
  });
}

/// weights[line][slot] = query . key.
void AttentionLines::score(const Segment &segment, Value first, Value place, int64_t lines) {
  int64_t bytes = bytesOf(segment.element), queryBytes = bytesOf(query.element);
  int64_t columns = std::min(columnsFor(lines), slots / k.lanes());
  Values queries;
  for (int64_t line = 0; line < lines; ++line)
    queries.push_back(queryOf(first, k.add(place, line)));
  for (int64_t at = 0; at < slots; at += columns * k.lanes()) {
    Values zeros(lines * columns, splat(0));
    Values totals = k.loop(
        k.index(0), k.index(shape.width), 1, zeros, [&](Value d, ValueRange carried) -> Values {
          Value row = k.address(segment.key, k.mul(d, slots * bytes));
          return multiply(row, at, columns, segment.element, carried, lines, [&](int64_t line) {
            Value number = k.load(query.element, k.address(queries[line], k.mul(d, queryBytes)), 0,
                                  queryBytes);
            return k.convertFloat(number, k.f32());
          });
        });
    for (int64_t line = 0; line < lines; ++line)
      for (int64_t c = 0; c < columns; ++c)
        k.store(totals[line * columns + c], weightsOf(line), 4 * (at + c * k.lanes()));
  }
}

/// carried[line][column] + factor(line) * `count` vectors of `row` from `at` on.
Values AttentionLines::multiply(Value row, int64_t at, int64_t count, Type element,
                                ValueRange carried, int64_t lines,
                                llvm::function_ref<Value(int64_t)> factor) {
  Values vectors, totals;
  if (lines <= linesThatWait && !k.target().avx512) // which reaches the limit alone
    for (int64_t byte = 0; byte < count * k.lanes() * bytesOf(element); byte += 64)
      k.prefetch(row, bytesAhead + at * bytesOf(element) + byte);
  for (int64_t c = 0; c < count; ++c)
    vectors.push_back(read(row, at + c * k.lanes(), element));
  for (int64_t line = 0; line < lines; ++line) {
    Value spread = k.broadcast(factor(line));
    for (int64_t c = 0; c < count; ++c)
      totals.push_back(k.fma(spread, vectors[c], carried[line * count + c]));
  }
  return totals;
}

/// Scores in units of log2: scaled and capped; `hidden` where the line does not see the slot.
Value AttentionLines::visible(const Segment &segment, Value raw, Value line, Value start,
                              int64_t at, Value left, Value oldest) {
  double scale = shape.scale, cap = shape.softCap;
  raw = sloped(raw, segment, line, at);
  Value result;
  if (cap > 0)
    result = k.mul(functions::tanh(k, k.mul(raw, splat(scale / cap))), splat(cap * M_LOG2E));
  else
    result = k.mul(raw, splat(scale * M_LOG2E));
  result = biased(result, line, start, at);
  VectorType integers = k.vector(k.i32());
  Value index = k.add(k.iota(k.lanes()), k.integer(integers, at));
  Value none = splat(hidden);
  result = k.select(k.compare(arith::CmpIPredicate::slt, index, left), result, none);
  if (shape.window == 0)
    return result;
  Value position = segment.positions ? k.load(integers, segment.positions, 4 * at)
                                     : k.add(index, k.broadcast(k.truncate(start, k.i32())));
  return k.select(k.compare(arith::CmpIPredicate::sgt, position, oldest), result, none);
}

/// Turns a line's products into weights of the segment.
void AttentionLines::weigh(const Segment &segment, Value start, Value line, Value place,
                           int64_t number) {
  Value left = k.broadcast(k.truncate(k.sub(limitOf(line), start), k.i32()));
  Value oldest;
  if (shape.window)
    oldest = k.broadcast(k.sub(positionOf(rowOf(line)), k.integer(k.i32(), shape.window)));
  Value base = weightsOf(number), largest, total;
  Values scores;
  for (int64_t at = 0; at < slots; at += k.lanes()) {
    scores.push_back(
        visible(segment, k.load(vectorOf(k.f32()), base, 4 * at), line, start, at, left, oldest));
    largest = largest ? k.max(largest, scores.back()) : scores.back();
  }
  Value own = k.max(k.broadcast(k.reduceMax(largest)), splat(least));
  for (auto [i, one] : llvm::enumerate(scores)) {
    Value weight = functions::exp2(k, k.sub(one, own));
    k.store(weight, base, 4 * i * k.lanes());
    total = total ? k.add(total, weight) : weight;
  }
  merge(stateOf(place), own, k.reduceAdd(total));
}

/// m' = max(m, own): what was there counts 2^(m - m'), the segment 2^(own - m').
void AttentionLines::merge(Value at, Value own, Value ownTotal) {
  Value before = k.broadcast(k.load(k.f32(), at)), total = k.load(k.f32(), at, 4);
  Value largest = k.max(before, own);
  Value kept = k.extract(functions::exp2(k, k.sub(before, largest)), 0);
  Value added = k.extract(functions::exp2(k, k.sub(own, largest)), 0);
  k.store(k.extract(largest, 0), at);
  k.store(k.fma(total, kept, k.mul(ownTotal, added)), at, 4);
  k.store(kept, at, keptOffset);
  k.store(added, at, addedOffset);
}

/// The segment's weighted values from `at` on, merged with what was there.
void AttentionLines::addValues(const Segment &segment, Value place, int64_t lines, int64_t at) {
  int64_t bytes = bytesOf(segment.element);
  int64_t count = std::min(columnsFor(lines), (rowWidth - at) / k.lanes());
  Values zeros(lines * count, splat(0));
  Values totals =
      k.loop(k.index(0), k.index(slots), 1, zeros, [&](Value slot, ValueRange carried) -> Values {
        Value row = k.address(segment.value, k.mul(slot, segment.valueStride * bytes));
        return multiply(row, at, count, segment.element, carried, lines, [&](int64_t line) {
          return k.load(k.f32(), k.address(weightsOf(line), k.mul(slot, 4)));
        });
      });
  for (int64_t line = 0; line < lines; ++line) {
    Value own = k.add(place, line);
    Value kept = k.broadcast(k.load(k.f32(), stateOf(own), keptOffset));
    Value added = k.broadcast(k.load(k.f32(), stateOf(own), addedOffset));
    for (int64_t c = 0; c < count; ++c) {
      int64_t offset = 4 * (at + c * k.lanes());
      Value before = k.load(vectorOf(k.f32()), sumsOf(own), offset);
      k.store(k.fma(totals[line * count + c], added, k.mul(before, kept)), sumsOf(own), offset);
    }
  }
}

//===- Results ----------------------------------------------------------===//

void AttentionLines::finish(Value first, Value count) {
  k.loop(k.index(0), count, 1, [&](Value place) {
    Value line = k.add(first, place), total = k.load(k.f32(), stateOf(place), 4);
    Value zero = k.zero(k.f32());
    Value isEmpty = k.compare(arith::CmpFPredicate::OEQ, total, zero);
    Value inverse = k.broadcast(k.select(isEmpty, zero, k.div(k.constant(k.f32(), 1.0), total)));
    Value row = k.add(k.mul(rowOf(line), shape.heads), headOf(line));
    for (int64_t at = 0; at < shape.valueWidth; at += k.lanes()) {
      // A hidden segment may turn -0 into 0; the sum with 0 makes both 0.
      Value sum = k.add(k.mul(k.load(vectorOf(k.f32()), sumsOf(place), 4 * at), inverse), splat(0));
      epilogue(k, {row, k.index(at), sum, std::min(k.lanes(), shape.valueWidth - at), {}});
    }
    if (logSum)
      storeLogSum(line, k.load(k.f32(), stateOf(place)), total);
  });
}

void AttentionLines::keep(Value first, Value count, int64_t stateOffset,
                          llvm::function_ref<Value(Value)> placeOf) {
  k.loop(k.index(0), count, 1, [&](Value place) {
    Value to = placeOf(k.add(first, place));
    for (int64_t at = 0; at < shape.padded(); at += k.lanes())
      k.storeFirst(k.load(vectorOf(k.f32()), sumsOf(place), 4 * at),
                   std::min(k.lanes(), shape.padded() - at), to, 4 * at);
    for (int64_t offset : {0, 4})
      k.store(k.load(k.f32(), stateOf(place), offset), to, stateOffset + offset);
  });
}

/// ln of the sum of e^score: the maximum was in units of log2.
void AttentionLines::storeLogSum(Value line, Value largest, Value total) {
  Value log = functions::log(k, k.broadcast(total));
  Value sum = k.fma(k.broadcast(largest), splat(M_LN2), log);
  Value element = k.add(k.mul(rowOf(line), logSumStride), headOf(line));
  k.store(k.extract(sum, 0), k.address(logSum, k.mul(element, 4)));
}

} // namespace tern::cpu
