// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention over a cache. A tile is an entry and a key-value head; its lines are the queries of the
// head's group, row by row. Blocks of the cache are the segments: each is reduced with its own
// maximum, and segments are merged in order, so the bits of a line depend on its query and on the
// blocks alone. Lines are computed a few at a time against one block; where there are many, a block
// is widened to f32 once for all of them.
#include "passes/CPU/CacheKernel.h"
#include "passes/CPU/Functions.h"
#include "passes/CPU/Schema.h"

#include <cmath>

using namespace mlir;

namespace tern::cpu {

static constexpr int64_t slots = kv::CacheType::blockSlots;
/// Lines whose sums stay in scratch while blocks pass by.
static constexpr int64_t linesAtOnce = 96;
/// A line's state: the maximum and the sum so far, and what they and the segment at hand count.
static constexpr int64_t keptOffset = 8, addedOffset = 12, stateBytes = 16;
/// What a hidden slot scores, and the least maximum of a segment: a segment in which all slots are
/// hidden has the sum 0, since 2^(hidden - least) is 0. Neither overflows when subtracted.
static constexpr double hidden = -1e30, least = -1e29;

namespace {

/// Where a block is read from: the cache, or its widened copy.
struct BlockSource {
  Value key, value, positions;
  Type element;
};

class AttentionWriter {
public:
  AttentionWriter(KernelBuilder &kernel, kv::AttendOp op, const DispatchBuffers &buffers,
                  llvm::ArrayRef<Layout> layouts, int64_t maxBlocks)
      : k(kernel), op(op),
        cache(kernel, buffers, op.getCache(), op.getBatch(), op.getLayer(), maxBlocks),
        heads(cast<RankedTensorType>(op.getQuery().getType()).getDimSize(1)),
        group(heads / cache.type.getHeads()), width(cache.type.getKeyWidth()),
        valueWidth(cache.type.getValueWidth()), padded(cache.layout.paddedValue),
        maxLines(k.target().avx512 ? 6 : 4), columns(k.target().avx512 ? 4 : 2) {
    query = k.buffer(buffers.ofInput(op.getQuery()));
    queryStride = layouts[cast<BlockArgument>(op.getQuery()).getArgNumber()].rowStride;
    positions = k.buffer(buffers.ofInput(op.getPositions()));
    size_t firstResult = layouts.size() - op->getNumResults();
    result = k.buffer(buffers.ofResult(0));
    resultStride = layouts[firstResult].rowStride;
    if (op.getScores()) {
      logSum = k.buffer(buffers.ofResult(1));
      logSumStride = layouts[firstResult + 1].rowStride;
    }
    placeScratch();
  }

  static int64_t scratchBytes(kv::CacheType type) {
    int64_t padded = BlockLayout(type).paddedValue;
    return 4 * (slots * type.getKeyWidth() + slots * padded + linesAtOnce * padded + 8 * slots) +
           stateBytes * linesAtOnce;
  }

  void write() {
    k.forEachTile([&](Value number) {
      tile = cache.tile(number);
      length = k.extendSigned(k.load(k.i32(), tile.lengthAddress), k.i64());
      Value lines = k.mul(k.sub(tile.rowLimit, tile.firstRow), group);
      k.loop(k.index(0), lines, linesAtOnce, [&](Value first) {
        Value count = k.min(k.sub(lines, first), k.index(linesAtOnce));
        clearSums(count);
        passBlocks(first, count);
        finish(first, count);
      });
    });
  }

private:
  void placeScratch() {
    wideKey = k.scratch();
    wideValue = k.address(wideKey, 4 * slots * width);
    sums = k.address(wideValue, 4 * slots * padded);
    state = k.address(sums, 4 * linesAtOnce * padded);
    weights = k.address(state, stateBytes * linesAtOnce);
  }

  Type vectorOf(Type element) { return k.vector(element); }
  Value splat(double number) { return k.constant(k.vector(k.f32()), number); }

  //===- Lines ------------------------------------------------------------===//

  Value rowOf(Value line) { return k.add(tile.firstRow, k.div(line, group)); }
  Value headOf(Value line) { return k.add(k.mul(tile.head, group), k.rem(line, group)); }
  /// Slots that a line sees: those of its own row and before.
  Value limitOf(Value line) { return k.sub(length, k.sub(k.sub(tile.rowLimit, 1), rowOf(line))); }
  Value queryOf(Value line) {
    Value element = k.add(k.mul(rowOf(line), queryStride), k.mul(headOf(line), width));
    return k.address(query, k.mul(element, 4));
  }
  Value sumsOf(Value place) { return k.address(sums, k.mul(place, 4 * padded)); }
  Value stateOf(Value place) { return k.address(state, k.mul(place, stateBytes)); }

  void clearSums(Value count) {
    k.loop(k.index(0), count, 1, [&](Value place) {
      for (int64_t at = 0; at < padded; at += k.lanes())
        k.store(splat(0), sumsOf(place), 4 * at);
      k.store(k.constant(k.f32(), least), stateOf(place));
      k.store(k.zero(k.f32()), stateOf(place), 4);
    });
  }

  //===- Blocks -----------------------------------------------------------===//

  void passBlocks(Value first, Value count) {
    Value seen = limitOf(k.sub(k.add(first, count), 1));
    Value blocks = k.div(k.add(k.max(seen, k.index(0)), slots - 1), slots);
    k.loop(k.index(0), blocks, 1, [&](Value number) {
      Value block = cache.block(tile, number);
      BlockSource stored{block, k.address(block, cache.layout.valueOffset),
                         k.address(block, cache.layout.positionOffset),
                         cache.type.getElementType()};
      if (stored.element.isF32()) {
        passLines(stored, number, first, count);
        return;
      }
      BlockSource wide{wideKey, wideValue, stored.positions, k.f32()};
      k.when(
          k.compare(arith::CmpIPredicate::sgt, count, 2 * maxLines), // else it costs more
          [&] {
            widen(stored.key, wideKey, slots * width);
            widen(stored.value, wideValue, slots * padded);
            passLines(wide, number, first, count);
          },
          [&] { passLines(stored, number, first, count); });
    });
  }

  void widen(Value from, Value to, int64_t elements) {
    constexpr int64_t unrolled = 4;
    k.loop(k.index(0), k.index(elements), unrolled * k.lanes(), [&](Value at) {
      Value source = k.address(from, k.mul(at, cache.layout.elementBytes));
      Value target = k.address(to, k.mul(at, 4));
      for (int64_t i = 0; i < unrolled; ++i)
        k.store(read(source, i * k.lanes(), cache.type.getElementType()), target,
                4 * i * k.lanes());
    });
  }

  /// A vector of f32 from `offset` elements on.
  Value read(Value base, int64_t offset, Type element) {
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    return k.convertFloat(k.load(vectorOf(element), base, offset * bytes, bytes), k.f32());
  }

  /// All lines against one block, `maxLines` at a time.
  void passLines(const BlockSource &block, Value number, Value first, Value count) {
    Value whole = k.mul(k.div(count, maxLines), maxLines);
    k.loop(k.index(0), whole, maxLines,
           [&](Value place) { passSeen(block, number, first, place, maxLines); });
    Value rest = k.sub(count, whole);
    for (int64_t lines = 1; lines < maxLines; ++lines)
      k.when(k.compare(arith::CmpIPredicate::eq, rest, lines),
             [&] { passSeen(block, number, first, whole, lines); });
  }

  /// Nothing is to be done for lines that see no slot of the block.
  void passSeen(const BlockSource &block, Value number, Value first, Value place, int64_t lines) {
    Value last = k.add(k.add(first, place), lines - 1);
    Value start = k.mul(number, slots);
    k.when(k.compare(arith::CmpIPredicate::sgt, limitOf(last), start), [&] {
      score(block, first, place, lines);
      for (int64_t line = 0; line < lines; ++line)
        weigh(block, start, k.add(k.add(first, place), line), k.add(place, line), line);
      for (int64_t at = 0; at < padded; at += columns * k.lanes())
        addValues(block, place, lines, at);
    });
  }

  Value weightsOf(int64_t line) { return k.address(weights, 4 * slots * line); }

  /// weights[line][slot] = query . key.
  void score(const BlockSource &block, Value first, Value place, int64_t lines) {
    int64_t bytes = block.element.getIntOrFloatBitWidth() / 8;
    Values queries;
    for (int64_t line = 0; line < lines; ++line)
      queries.push_back(queryOf(k.add(k.add(first, place), line)));
    for (int64_t at = 0; at < slots; at += columns * k.lanes()) {
      Values zeros(lines * columns, splat(0));
      Values totals =
          k.loop(k.index(0), k.index(width), 1, zeros, [&](Value d, ValueRange carried) -> Values {
            Value row = k.address(block.key, k.mul(d, slots * bytes));
            return multiply(row, at, columns, block.element, carried, lines, [&](int64_t line) {
              return k.load(k.f32(), k.address(queries[line], k.mul(d, 4)));
            });
          });
      for (int64_t line = 0; line < lines; ++line)
        for (int64_t c = 0; c < columns; ++c)
          k.store(totals[line * columns + c], weightsOf(line), 4 * (at + c * k.lanes()));
    }
  }

  /// carried[line][column] + factor(line) * `count` vectors of `row` from `at` on.
  Values multiply(Value row, int64_t at, int64_t count, Type element, ValueRange carried,
                  int64_t lines, llvm::function_ref<Value(int64_t)> factor) {
    Values vectors, totals;
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
  Value visible(const BlockSource &block, Value raw, int64_t at, Value left, Value oldest) {
    double scale = op.getScale().convertToDouble(), cap = op.getSoftCap().convertToDouble();
    Value result;
    if (cap > 0)
      result = k.mul(functions::tanh(k, k.mul(raw, splat(scale / cap))), splat(cap * M_LOG2E));
    else
      result = k.mul(raw, splat(scale * M_LOG2E));
    Type integers = k.vector(k.i32());
    Value index = k.add(k.iota(k.lanes()), k.integer(integers, at));
    Value none = splat(hidden);
    result = k.select(k.compare(arith::CmpIPredicate::slt, index, left), result, none);
    if (op.getWindow() == 0)
      return result;
    Value position = k.load(integers, block.positions, 4 * at);
    return k.select(k.compare(arith::CmpIPredicate::sgt, position, oldest), result, none);
  }

  /// Turns a line's products into weights of the segment.
  void weigh(const BlockSource &block, Value start, Value line, Value place, int64_t number) {
    Value left = k.broadcast(k.truncate(k.sub(limitOf(line), start), k.i32()));
    Value position = k.load(k.i32(), k.address(positions, k.mul(rowOf(line), 4)));
    Value oldest =
        k.broadcast(k.sub(position, k.integer(k.i32(), static_cast<int64_t>(op.getWindow()))));
    Value base = weightsOf(number), largest, total;
    Values scores;
    for (int64_t at = 0; at < slots; at += k.lanes()) {
      scores.push_back(visible(block, k.load(vectorOf(k.f32()), base, 4 * at), at, left, oldest));
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
  void merge(Value at, Value own, Value ownTotal) {
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
  void addValues(const BlockSource &block, Value place, int64_t lines, int64_t at) {
    int64_t bytes = block.element.getIntOrFloatBitWidth() / 8;
    int64_t count = std::min(columns, (padded - at) / k.lanes());
    Values zeros(lines * count, splat(0));
    Values totals =
        k.loop(k.index(0), k.index(slots), 1, zeros, [&](Value slot, ValueRange carried) -> Values {
          Value row = k.address(block.value, k.mul(slot, padded * bytes));
          return multiply(row, at, count, block.element, carried, lines, [&](int64_t line) {
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

  void finish(Value first, Value count) {
    k.loop(k.index(0), count, 1, [&](Value place) {
      Value line = k.add(first, place), total = k.load(k.f32(), stateOf(place), 4);
      Value zero = k.zero(k.f32());
      Value isEmpty = k.compare(arith::CmpFPredicate::OEQ, total, zero);
      Value inverse = k.broadcast(k.select(isEmpty, zero, k.div(k.constant(k.f32(), 1.0), total)));
      Value element = k.add(k.mul(rowOf(line), resultStride), k.mul(headOf(line), valueWidth));
      Value to = k.address(result, k.mul(element, 4));
      for (int64_t at = 0; at < valueWidth; at += k.lanes())
        // A hidden segment may turn -0 into 0; the sum with 0 makes both 0.
        k.storeFirst(
            k.add(k.mul(k.load(vectorOf(k.f32()), sumsOf(place), 4 * at), inverse), splat(0)),
            std::min(k.lanes(), valueWidth - at), to, 4 * at);
      if (logSum)
        storeLogSum(line, k.load(k.f32(), stateOf(place)), total);
    });
  }

  /// ln of the sum of e^score: the maximum was in units of log2.
  void storeLogSum(Value line, Value largest, Value total) {
    Value log = functions::log(k, k.broadcast(total));
    Value sum = k.fma(k.broadcast(largest), splat(M_LN2), log);
    Value element = k.add(k.mul(rowOf(line), logSumStride), headOf(line));
    k.store(k.extract(sum, 0), k.address(logSum, k.mul(element, 4)));
  }

  KernelBuilder &k;
  kv::AttendOp op;
  CacheKernel cache;
  int64_t heads, group, width, valueWidth, padded;
  int64_t maxLines, columns; // of a register tile: lines, and vectors
  Value query, positions, result, logSum;
  int64_t queryStride, resultStride, logSumStride = 0;
  Value wideKey, wideValue, sums, state, weights;
  CacheTile tile;
  Value length;
};

} // namespace

FailureOr<KernelInfo> emitAttention(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                    StringRef name, ModuleOp module, const Target &target) {
  auto ops = dispatch.getBody().getOps<kv::AttendOp>();
  if (ops.empty())
    return dispatch.emitOpError("has no kernel for attention without a cache");
  kv::AttendOp op = *ops.begin();
  FailureOr<int64_t> maxBlocks = maxBlocksOf(dispatch);
  if (failed(maxBlocks))
    return failure();
  DispatchBuffers buffers(dispatch);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    AttentionWriter(kernel, op, buffers, layouts, *maxBlocks).write();
  });
  ExtentAttr entries =
      ExtentAttr::getName(op.getContext(), op.getBatch().getType().getEntries().getValue());
  kv::CacheType cache = op.getCache().getType();
  return KernelInfo{{},
                    buffers.indexInputs(),
                    entries.times(cache.getHeads()),
                    AttentionWriter::scratchBytes(cache)};
}

} // namespace tern::cpu
