// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/TensorAttention.h"

#include "passes/CPU/Epilogue.h"
#include "passes/CPU/Functions.h"
#include "passes/CPU/Rotation.h"
#include "passes/NVPTX/AttentionUnit.h"
#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cmath>

using namespace mlir;
using tern::cpu::KernelBuilder;
using tern::cpu::Values;

namespace tern::nvptx {

namespace {

using IntPredicate = KernelBuilder::IntPredicate;

constexpr int64_t slots = kv::CacheType::blockSlots;
/// Warps of a thread block that takes lines through all chunks.
constexpr int64_t kManyWarps = 4;
constexpr int64_t kMostSharedBytes = 99 << 10;
/// Thread blocks that a multiprocessor is to have registers for. If it is left to choose, ptxas
/// keeps in memory what has no register.
constexpr int32_t kManyAtOnce = 2, kApartAtOnce = 8;
/// What a hidden slot scores, and the least maximum: 2^(hidden - least) is 0. Scores get their
/// scale after that, unless it is less than `leastScale`.
constexpr double hidden = -1e38, least = -1e29, leastScale = 1e-6;

/// What both kinds of kernel do: which slots a line sees, and how sums are merged.
class LineKernel {
protected:
  LineKernel(KernelBuilder &kernel, const AttentionSpec &spec, const cpu::DispatchBuffers &buffers,
             unsigned sums)
      : k(kernel), ops(kernel.builder()), spec(spec), buffers(buffers),
        cache(kernel, buffers, spec.op.getCache(), spec.op.getBatch(), spec.op.getLayer(),
              spec.maxBlocks, sums) {}

  void beginTile(Value number) {
    tile = cache.tile(number);
    length = k.extendSigned(k.load(k.i32(), tile.lengthAddress), k.i64());
  }

  Value rowOf(Value line) { return k.add(tile.firstRow, k.div(line, spec.group)); }
  Value headOf(Value line) { return k.add(k.mul(tile.head, spec.group), k.rem(line, spec.group)); }
  /// A line's number among those of all rows.
  Value numberOf(Value line) { return k.add(k.mul(rowOf(line), spec.heads()), headOf(line)); }
  /// The slots of a row's own token and before.
  Value limitOf(Value row) { return k.sub(length, k.sub(k.sub(tile.rowLimit, 1), row)); }
  /// The position before the window of a row, i32.
  Value oldestOf(Value row) {
    Value positions = k.buffer(buffers.ofInput(spec.op.getPositions()));
    Value own = k.load(k.i32(), k.address(positions, k.mul(row, 4)));
    return k.sub(own, k.integer(k.i32(), static_cast<int64_t>(spec.op.getWindow())));
  }
  /// The blocks from one number to before another that rows `first` to `last` see.
  std::pair<Value, Value> blocksOf(Value first, Value last) {
    Value seen = k.max(limitOf(last), k.index(0));
    Value end = k.div(k.add(seen, slots - 1), slots);
    if (spec.op.getWindow() == 0)
      return {k.index(0), end};
    Value from = k.choose(
        k.compare(IntPredicate::sgt, end, 0), k.i64(),
        [&]() -> Values { return {cache.firstAfter(tile, end, oldestOf(first))}; },
        [&]() -> Values { return {k.index(0)}; })[0];
    return {from, end};
  }

  Value record(Value line, Value chunk) {
    Value number = k.add(k.mul(numberOf(line), spec.chunks()), chunk);
    return k.address(k.buffer(buffers.buffers()), k.mul(number, spec.recordBytes()));
  }

  Value number(double value) { return k.constant(k.f32(), value); }
  Value exp2(Value x) { return k.intrinsic("llvm.nvvm.ex2.approx.ftz.f32", k.f32(), x); }

  /// A line's largest score, in units of log2, its sum, and weighted values.
  struct Line {
    Value largest, total;
    Values sums;
  };

  /// m' = max(m, n): what was there counts 2^(m - m'), what comes 2^(n - m').
  Line merge(const Line &before, const Line &chunk) {
    Line merged;
    merged.largest = k.max(before.largest, chunk.largest);
    Value kept = exp2(k.sub(before.largest, merged.largest));
    Value added = exp2(k.sub(chunk.largest, merged.largest));
    auto both = [&](Value old, Value fresh) { return k.fma(fresh, added, k.mul(old, kept)); };
    merged.total = both(before.total, chunk.total);
    for (auto [old, fresh] : llvm::zip_equal(before.sums, chunk.sums))
      merged.sums.push_back(both(old, fresh));
    return merged;
  }

  Value inverseOf(Value total) {
    Value isEmpty = k.compare(KernelBuilder::FloatPredicate::OEQ, total, number(0));
    return k.select(isEmpty, number(0), k.div(number(1), total));
  }

  /// Two neighbouring results of a line. The sum with 0 makes -0 of hidden chunks 0.
  void finish(cpu::EpilogueWriter &epilogue, Value line, Value column, Value first, Value second,
              Value inverse) {
    auto last = [&](Value sum) { return k.add(k.mul(sum, inverse), number(0)); };
    Value two = vector::FromElementsOp::create(ops, k.vector(k.f32()),
                                               ValueRange{last(first), last(second)});
    epilogue(k, {line, column, two, kOwnColumns, {}});
  }

  /// ln of the sum of e^score.
  void storeLogSum(Value line, Value largest, Value total, int64_t stride) {
    Value sum = k.fma(largest, number(M_LN2), cpu::functions::log(k, total));
    Value element = k.add(k.mul(k.div(line, spec.heads()), stride), k.rem(line, spec.heads()));
    k.store(sum, k.address(k.buffer(buffers.ofResult(1)), k.mul(element, 4)));
  }

  KernelBuilder &k;
  ImplicitLocOpBuilder &ops;
  const AttentionSpec &spec;
  const cpu::DispatchBuffers &buffers;
  cpu::CacheKernel cache;
  cpu::CacheTile tile;
  Value length;
};

/// Takes lines through chunks: all of them, or one whose sums it leaves in the workspace.
class ChunkWriter : LineKernel {
public:
  /// Without an epilogue chunks are computed apart.
  ChunkWriter(cpu::RowTerms &terms, const AttentionSpec &spec, const cpu::DispatchBuffers &buffers,
              llvm::ArrayRef<cpu::Layout> layouts, cpu::EpilogueWriter *epilogue)
      : LineKernel(terms.kernel(), spec, buffers, /*sums=*/epilogue ? 1 : 0), terms(terms),
        layouts(layouts), epilogue(epilogue), warps(epilogue ? kManyWarps : 1),
        unit(k, spec, warps) {}

  void write() {
    Value left = k.extendUnsigned(NVVM::BlockIdXOp::create(ops, k.i32()), k.i64());
    auto take = [&](int64_t count) {
      Value own = k.rem(left, count);
      left = k.div(left, count);
      return own;
    };
    if (!epilogue)
      chunk = take(spec.chunks());
    Value head = take(spec.keyHeads);
    part = take(spec.parts);
    if (!epilogue) {
      beginTile(k.add(k.mul(left, spec.keyHeads), head));
      k.loop(k.index(0), lines(), lineCount(), [&](Value first) { attend(first); });
      return;
    }
    auto [entry, first] = findLines(left);
    k.when(k.compare(IntPredicate::sge, entry, k.index(0)), [&] {
      beginTile(k.add(k.mul(entry, spec.keyHeads), head));
      attend(first);
    });
  }

private:
  static constexpr int64_t kOwnLines = 2;
  int64_t lineCount() const { return kWarpLines * warps; }
  int64_t tiles() const { return spec.partWidth() / 8; }
  Value lines() { return k.mul(k.sub(tile.rowLimit, tile.firstRow), spec.group); }

  /// The entry, or -1, and the first line of those that are number `left` of all entries.
  std::pair<Value, Value> findLines(Value left) {
    Value rowStart = k.buffer(buffers.ofInput(spec.op.getBatch()) + 1);
    Values found = k.loop(
        k.index(0), k.size(0), 1, {k.index(-1), left}, [&](Value entry, ValueRange so) -> Values {
          Value rows =
              k.sub(cache.number(rowStart, k.add(entry, 1)), cache.number(rowStart, entry));
          Value own = k.div(k.add(k.mul(rows, spec.group), lineCount() - 1), lineCount());
          Value isFound = k.compare(IntPredicate::sge, so[0], k.index(0));
          Value isHere = k.compare(IntPredicate::slt, so[1], own);
          Value here = k.select(isFound, so[0], k.select(isHere, entry, k.index(-1)));
          Value rest =
              k.select(k.compare(IntPredicate::sge, here, k.index(0)), so[1], k.sub(so[1], own));
          return {here, rest};
        });
    return {found[0], k.mul(found[1], lineCount())};
  }

  //===- Lines ----------------------------------------------------------===//

  struct State {
    Line lines[kOwnLines];
  };

  State emptyState() {
    State state;
    for (Line &line : state.lines)
      line = {number(least), number(0), Values(static_cast<size_t>(2 * tiles()), number(0))};
    return state;
  }

  static Values flatten(const State &state) {
    Values all;
    for (const Line &line : state.lines) {
      all.append({line.largest, line.total});
      all.append(line.sums);
    }
    return all;
  }

  State unflatten(ValueRange all) const {
    State state;
    for (Line &line : state.lines) {
      line = {all[0], all[1], Values(all.slice(2, static_cast<size_t>(2 * tiles())))};
      all = all.drop_front(static_cast<size_t>(2 + 2 * tiles()));
    }
    return state;
  }

  /// Lines from `first` on, as many as there are.
  void attend(Value first) {
    Value count = k.min(k.sub(lines(), first), k.index(lineCount()));
    Value last = k.add(first, k.sub(count, 1));
    Value ownWarp = k.mul(unit.warp, kWarpLines);
    isBusy = k.compare(IntPredicate::slt, ownWarp, count);
    for (int64_t i = 0; i < kOwnLines; ++i) {
      Value place = k.add(ownWarp, k.add(k.shiftRight(unit.lane, 2), 8 * i));
      isLine[i] = k.compare(IntPredicate::slt, place, count);
      own[i] = k.min(k.add(first, place), last);
    }
    std::tie(begin, end) = blocksOf(rowOf(first), rowOf(last));
    if (!epilogue) {
      Value from = k.mul(chunk, kChunkBlocks);
      begin = k.max(begin, from);
      end = k.min(end, k.add(from, kChunkBlocks));
    }
    auto pass = [&] {
      unit.meet(); // the memory may be in use for the lines before
      Value isAny = k.compare(IntPredicate::slt, begin, end);
      copyWhen(isAny, begin, /*isKeys=*/true);
      copyWhen(isAny, begin, /*isKeys=*/false);
      loadQueries(first, count);
      beginLines(first);
    };
    if (epilogue) {
      pass();
      return passChunks();
    }
    k.when(k.compare(IntPredicate::slt, begin, end), [&] {
      pass();
      storeChunk(passBlocks(begin, end));
    });
  }

  void copyWhen(Value condition, Value number, bool isKeys) {
    k.when(condition, [&] {
      Value block = cache.block(tile, number);
      isKeys ? unit.copyKeys(block) : unit.copyValues(block, part);
    });
    unit.commit();
  }

  /// What masks need of the thread's lines, and of the warp's, whose limits rise.
  void beginLines(Value first) {
    for (int64_t i = 0; i < kOwnLines; ++i) {
      limit[i] = k.truncate(limitOf(rowOf(own[i])), k.i32());
      if (spec.op.getWindow())
        oldest[i] = oldestOf(rowOf(own[i]));
    }
    leastLimit = limitOf(rowOf(first));
  }

  //===- Queries --------------------------------------------------------===//

  /// Lines that are not there have queries of zeros.
  void loadQueries(Value first, Value count) {
    Value ownFirst = k.mul(unit.warp, kWarpLines);
    if (spec.rotary)
      return turnQueries(ownFirst, first, count);
    constexpr int64_t together = 8; // loads, before the first is used
    auto query = cast<BlockArgument>(spec.op.getQuery());
    int64_t stride = layouts[query.getArgNumber()].rowStride, fours = spec.width / 4;
    Value base = k.buffer(buffers.ofInput(query));
    VectorType four = k.vector(k.f32(), 4);
    for (int64_t some = 0; some < kWarpLines * fours; some += together * kWarp) {
      Values places, loaded;
      for (int64_t i = some; i < std::min(some + together * kWarp, kWarpLines * fours);
           i += kWarp) {
        Value number = k.add(unit.lane, i), column = k.mul(k.rem(number, fours), 4);
        Value place = k.add(ownFirst, k.div(number, fours)), line = k.add(first, place);
        places.push_back(k.address(unit.queryOf(place), k.mul(column, 2)));
        loaded.push_back(k.choose(
            k.compare(IntPredicate::slt, place, count), Type(four),
            [&]() -> Values {
              Value element =
                  k.add(k.mul(rowOf(line), stride), k.add(k.mul(headOf(line), spec.width), column));
              return {k.load(four, k.address(base, k.mul(element, 4)), 0, 16)};
            },
            [&]() -> Values { return {k.zero(four)}; })[0]);
      }
      for (auto [place, numbers] : llvm::zip_equal(places, loaded)) {
        Value words = vector::FromElementsOp::create(
            ops, k.vector(k.i32(), 2),
            ValueRange{unit.pack(k.extract(numbers, 0), k.extract(numbers, 1)),
                       unit.pack(k.extract(numbers, 2), k.extract(numbers, 3))});
        k.store(words, place, 0, 8);
      }
    }
  }

  /// Some lines at a time, so that their loads go together; the last one stands for those missing.
  void turnQueries(Value ownFirst, Value first, Value count) {
    constexpr int64_t together = 4;
    Type element = spec.isBF16() ? k.bf16() : k.f16();
    cpu::Rotation rotation(terms, spec.rotary);
    rotation.share(unit.lane, kWarp);
    Value left = k.max(k.sub(count, ownFirst), k.index(0));
    Value end =
        k.min(k.mul(k.div(k.add(left, together - 1), together), together), k.index(kWarpLines));
    k.loop(k.index(0), end, together, [&](Value some) {
      for (int64_t i = 0; i < together; ++i) {
        Value place = k.add(ownFirst, k.add(some, i));
        Value line = k.add(first, k.min(place, k.sub(count, 1)));
        terms.beginTile(rowOf(line));
        rotation.turn(headOf(line), {unit.queryOf(place), element});
      }
    });
    k.loop(end, k.index(kWarpLines), 1, [&](Value place) {
      Value to = unit.queryOf(k.add(ownFirst, place));
      k.loop(k.mul(unit.lane, 2), k.index(spec.width), 2 * kWarp,
             [&](Value column) { k.store(k.zero(k.i32()), k.address(to, k.mul(column, 2))); });
    });
  }

  //===- Blocks ---------------------------------------------------------===//

  /// What a warp without lines does not compute.
  Values whenBusy(ValueRange otherwise, llvm::function_ref<Values()> compute) {
    if (warps == 1)
      return compute();
    return k.choose(isBusy, otherwise.getTypes(), compute, [&] { return Values(otherwise); });
  }

  State passBlocks(Value from, Value to) {
    return unflatten(k.loop(from, to, 1, flatten(emptyState()), [&](Value number, ValueRange so) {
      return flatten(passBlock(number, unflatten(so)));
    }));
  }

  State passBlock(Value number, State state) {
    Value next = k.add(number, 1), hasNext = k.compare(IntPredicate::slt, next, end);
    unit.await(1);
    Values zeros(4 * slots / 8, this->number(0));
    Values scores = whenBusy(zeros, [&] { return unit.score(); });
    unit.meet();
    copyWhen(hasNext, next, /*isKeys=*/true);
    Values weights(slots / 4, k.integer(k.i32(), 0)), before = weights;
    before.append(flatten(state));
    Values weighed = whenBusy(before, [&] {
      Values words = weigh(scores, number, state);
      words.append(flatten(state));
      return words;
    });
    weights.assign(weighed.begin(), weighed.begin() + slots / 4);
    state = unflatten(ArrayRef(weighed).drop_front(slots / 4));
    unit.await(1);
    Values sums = whenBusy(tilesOf(state), [&] { return unit.addValues(weights, tilesOf(state)); });
    unit.meet();
    copyWhen(hasNext, next, /*isKeys=*/false);
    setTiles(state, sums);
    return state;
  }

  /// The sums of both lines as the unit has them: four for each 8 columns.
  Values tilesOf(const State &state) const {
    Values all;
    for (int64_t tile = 0; tile < tiles(); ++tile)
      for (const Line &line : state.lines)
        all.append({line.sums[2 * tile], line.sums[2 * tile + 1]});
    return all;
  }
  void setTiles(State &state, const Values &all) const {
    for (int64_t tile = 0; tile < tiles(); ++tile)
      for (int64_t i = 0; i < kOwnLines; ++i)
        for (int64_t j = 0; j < 2; ++j)
          state.lines[i].sums[2 * tile + j] = all[4 * tile + 2 * i + j];
  }

  /// Turns scores into weights that count from the largest score so far, and what was there too.
  Values weigh(Values scores, Value number, State &state) {
    Value start = k.mul(number, slots), scale = this->number(lateScale());
    for (Value &score : scores)
      score = capped(score);
    scores = visible(scores, number, start);
    for (int64_t i = 0; i < kOwnLines; ++i) {
      Line &line = state.lines[i];
      Value largest;
      for (size_t at = 0; at < scores.size(); at += 4)
        for (size_t j = 0; j < 2; ++j) {
          Value one = scores[at + 2 * i + j];
          largest = largest ? k.max(largest, one) : one;
        }
      for (int64_t bits : {1, 2})
        largest = k.max(largest, unit.exchange(largest, bits));
      largest = k.max(k.mul(largest, scale), line.largest);
      Value fromLargest = k.neg(largest);
      Value kept = exp2(k.sub(line.largest, largest)), total;
      for (size_t at = 0; at < scores.size(); at += 4)
        for (size_t j = 0; j < 2; ++j) {
          Value &one = scores[at + 2 * i + j];
          one = exp2(k.fma(one, scale, fromLargest));
          total = total ? k.add(total, one) : one;
        }
      line.largest = largest;
      line.total = k.fma(line.total, kept, total);
      for (Value &sum : line.sums)
        sum = k.mul(sum, kept);
    }
    Values words; // of 16 slots: both lines' first 8, then the others
    for (size_t at = 0; at < scores.size(); at += 2)
      words.push_back(unit.pack(scores[at], scores[at + 1]));
    return words;
  }

  double cap() const { return spec.op.getSoftCap().convertToDouble(); }
  double scale() const { return spec.op.getScale().convertToDouble(); }
  /// From capped scores to units of log2.
  double lastScale() const { return (cap() > 0 ? cap() : scale()) * M_LOG2E; }
  /// What of that is left for after masks.
  double lateScale() const { return lastScale() < leastScale ? 1 : lastScale(); }

  Value capped(Value score) {
    if (cap() > 0)
      score = cpu::functions::tanh(k, k.mul(score, number(scale() / cap())));
    return lateScale() == lastScale() ? score : k.mul(score, number(lastScale()));
  }

  /// `hidden` where a line does not see the slot.
  Values visible(const Values &scores, Value number, Value start) {
    auto masked = [&] {
      Value positions = spec.op.getWindow()
                            ? k.address(cache.block(tile, number), spec.layout.positionOffset)
                            : Value();
      Value first = k.truncate(k.mul(k.bitAnd(unit.lane, 3), 2), k.i32());
      Value from = k.add(k.truncate(start, k.i32()), first);
      Values result = scores;
      for (int64_t slot = 0; slot < slots; slot += 8) {
        Value place;
        if (positions)
          place =
              k.load(k.vector(k.i32(), 2),
                     k.address(positions, k.mul(k.extendUnsigned(first, k.i64()), 4)), 4 * slot, 8);
        for (int64_t i = 0; i < kOwnLines; ++i)
          for (int64_t j = 0; j < 2; ++j) {
            Value &one = result[slot / 2 + 2 * i + j];
            Value isSeen = k.compare(IntPredicate::slt, k.add(from, slot + j), limit[i]);
            if (positions)
              isSeen =
                  k.bitAnd(isSeen, k.compare(IntPredicate::sgt, k.extract(place, j), oldest[i]));
            one = k.select(isSeen, one, this->number(hidden));
          }
      }
      return result;
    };
    if (spec.op.getWindow())
      return masked();
    Value isWhole = k.compare(IntPredicate::sle, k.add(start, slots), leastLimit);
    return k.choose(isWhole, ValueRange(scores).getTypes(), [&] { return scores; }, masked);
  }

  //===- Chunks ---------------------------------------------------------===//

  /// A thread has summed its own slots: those of the four threads of a line are added.
  void addTotals(State &state) {
    for (Line &line : state.lines)
      for (int64_t bits : {1, 2})
        line.total = k.add(line.total, unit.exchange(line.total, bits));
  }

  void passChunks() {
    Value first = k.div(begin, kChunkBlocks);
    Value last = k.div(k.add(end, kChunkBlocks - 1), kChunkBlocks);
    State all = unflatten(
        k.loop(first, last, 1, flatten(emptyState()), [&](Value chunk, ValueRange so) -> Values {
          Value from = k.mul(chunk, kChunkBlocks);
          State sums = passBlocks(k.max(begin, from), k.min(end, k.add(from, kChunkBlocks)));
          addTotals(sums);
          State before = unflatten(so), after;
          for (int64_t i = 0; i < kOwnLines; ++i)
            after.lines[i] = merge(before.lines[i], sums.lines[i]);
          return flatten(after);
        }));
    for (int64_t i = 0; i < kOwnLines; ++i)
      k.when(isLine[i], [&] { finishLine(own[i], all.lines[i]); });
  }

  void finishLine(Value line, const Line &sums) {
    Value inverse = inverseOf(sums.total), number = numberOf(line);
    for (int64_t tile = 0; tile < tiles(); ++tile)
      if (spec.parts > 1 || 8 * tile < spec.valueWidth)
        finish(*epilogue, number, k.add(k.mul(part, spec.partWidth()), columnOf(tile)),
               sums.sums[2 * tile], sums.sums[2 * tile + 1], inverse);
    if (spec.op.getScores())
      k.when(isFirst(),
             [&] { storeLogSum(number, sums.largest, sums.total, layouts.back().rowStride); });
  }

  Value columnOf(int64_t tile) {
    return k.add(k.mul(k.bitAnd(unit.lane, 3), kOwnColumns), 8 * tile);
  }
  /// Of the threads that have a line's maximum and sum.
  Value isFirst() {
    Value number = k.add(k.bitAnd(unit.lane, 3), part);
    return k.compare(IntPredicate::eq, number, k.index(0));
  }

  void storeChunk(State state) {
    addTotals(state);
    for (int64_t i = 0; i < kOwnLines; ++i)
      k.when(isLine[i], [&] {
        const Line &line = state.lines[i];
        Value to = record(own[i], chunk);
        Value columns = k.address(to, k.mul(part, 4 * spec.partWidth()));
        for (int64_t tile = 0; tile < tiles(); ++tile) {
          Value two = vector::FromElementsOp::create(
              ops, k.vector(k.f32()), ValueRange{line.sums[2 * tile], line.sums[2 * tile + 1]});
          k.store(two, k.address(columns, k.mul(columnOf(tile), 4)), 0, 8);
        }
        k.when(isFirst(), [&] {
          Value two = vector::FromElementsOp::create(ops, k.vector(k.f32()),
                                                     ValueRange{line.largest, line.total});
          k.store(two, to, spec.largestOffset(), 8);
        });
      });
  }

  cpu::RowTerms &terms;
  llvm::ArrayRef<cpu::Layout> layouts;
  cpu::EpilogueWriter *epilogue;
  const int64_t warps;
  AttentionUnit unit;
  Value chunk, part;        ///< i64
  Value begin, end;         ///< blocks that the lines see
  Value isBusy, leastLimit; ///< of the warp; of the block's lines
  Value own[kOwnLines], isLine[kOwnLines], limit[kOwnLines], oldest[kOwnLines];
};

/// Merges the chunks of a line, a thread two columns of it.
class MergeWriter : LineKernel {
public:
  MergeWriter(KernelBuilder &kernel, const AttentionSpec &spec, const cpu::DispatchBuffers &buffers)
      : LineKernel(kernel, spec, buffers, /*sums=*/0) {}

  static int64_t threads(const AttentionSpec &spec) {
    return llvm::alignTo(spec.valueWidth / kOwnColumns, kWarp);
  }

  void write(cpu::EpilogueWriter &epilogue, int64_t logSumStride) {
    Value number = k.extendUnsigned(NVVM::BlockIdXOp::create(ops, k.i32()), k.i64());
    Value thread = k.extendUnsigned(NVVM::ThreadIdXOp::create(ops, k.i32()), k.i64());
    Value row = k.div(number, spec.heads()), head = k.rem(number, spec.heads());
    Value entry = cache.number(k.buffer(buffers.ofInput(spec.op.getBatch())), row);
    beginTile(k.add(k.mul(entry, spec.keyHeads), k.div(head, spec.group)));
    Value line = k.add(k.mul(k.sub(row, tile.firstRow), spec.group), k.rem(head, spec.group));
    auto [begin, end] = blocksOf(row, row);
    Value first = k.div(begin, kChunkBlocks);
    Value last = k.div(k.add(end, kChunkBlocks - 1), kChunkBlocks);
    Value column = k.mul(thread, kOwnColumns);
    k.when(k.compare(IntPredicate::slt, column, k.index(spec.valueWidth)), [&] {
      Values all = k.loop(
          first, last, 1, {this->number(least), this->number(0), this->number(0), this->number(0)},
          [&](Value chunk, ValueRange so) -> Values {
            Value from = record(line, chunk);
            auto two = [&](Value at, int64_t offset) {
              Value words = k.load(k.vector(k.f32()), at, offset, 8);
              return std::pair(k.extract(words, 0), k.extract(words, 1));
            };
            auto [largest, total] = two(from, spec.largestOffset());
            auto [a, b] = two(k.address(from, k.mul(column, 4)), 0);
            Line merged = merge({so[0], so[1], {so[2], so[3]}}, {largest, total, {a, b}});
            return {merged.largest, merged.total, merged.sums[0], merged.sums[1]};
          });
      finish(epilogue, number, column, all[2], all[3], inverseOf(all[1]));
      if (spec.op.getScores())
        k.when(k.compare(IntPredicate::eq, thread, k.index(0)),
               [&] { storeLogSum(number, all[0], all[1], logSumStride); });
    });
  }
};

} // namespace

std::string whyNotTensor(const AttentionSpec &spec, int64_t queryStride, int64_t queryAlignment) {
  if (spec.op.getSlopes())
    return "tensor cores take no bias of distances";
  int64_t bytes = AttentionUnit::sharedBytes(spec, kManyWarps);
  if (spec.width % kTileDepth || spec.valueWidth % 8 || spec.partWidth() % 16 ||
      (spec.parts > 1 && spec.layout.paddedValue != spec.valueWidth))
    return "tensor cores take keys of a multiple of 16 numbers and values of one of 8, or of 16 "
           "above 128, found " +
           std::to_string(spec.width) + " and " + std::to_string(spec.valueWidth);
  if (bytes > kMostSharedBytes)
    return "tensor cores read keys from shared memory, found " + std::to_string(bytes) +
           " bytes of them with queries and values";
  if (!spec.rotary && (queryStride % 4 || queryAlignment % 16))
    return "tensor cores' queries are read at multiples of 16 bytes, found a stride of " +
           std::to_string(queryStride) + " numbers at a multiple of " +
           std::to_string(queryAlignment) + " bytes";
  return {};
}

TensorAttention emitTensorAttention(DispatchOp dispatch, const AttentionSpec &spec,
                                    llvm::ArrayRef<cpu::Layout> layouts,
                                    llvm::ArrayRef<int64_t> alignments, StringRef name,
                                    ModuleOp module) {
  TensorAttention result;
  cpu::DispatchBuffers buffers(dispatch);
  MLIRContext *context = dispatch.getContext();
  unsigned indices = buffers.indexInputs();
  kv::BatchType batch = spec.op.getBatch().getType();
  ExtentAttr rows = getExtents(cast<RankedTensorType>(spec.op.getQuery().getType()))[0];
  ExtentAttr entries = ExtentAttr::getName(context, batch.getEntries().getValue());
  auto write = [&](StringRef own, int64_t threads, bool isApart, KernelBuilder::Body body) {
    KernelParameters parameters{llvm::to_vector(alignments), indices + (isApart ? 0 : 1)};
    if (isApart)
      parameters.alignments.push_back(64);
    addFlatKernel(module, own, threads, parameters, body);
    auto function = module.lookupSymbol<func::FuncOp>(own);
    function->setAttr(kLeastBlocks,
                      Builder(context).getI32IntegerAttr(isApart ? kApartAtOnce : kManyAtOnce));
  };
  auto addChunks = [&](StringRef own, bool isApart) {
    int64_t warps = isApart ? 1 : kManyWarps;
    write(own, warps * kWarp, isApart, [&](KernelBuilder &k) {
      cpu::RowTerms terms(k, dispatch, layouts, own, module);
      cpu::EpilogueWriter epilogue(dispatch, spec.op.getResult(), layouts, own, module);
      ChunkWriter(terms, spec, buffers, layouts, isApart ? nullptr : &epilogue).write();
    });
    return AttentionUnit::sharedBytes(spec, warps);
  };
  int64_t blocks = spec.keyHeads * spec.parts, lines = kManyWarps * kWarpLines;
  std::string many = (spec.chunks() == 1 ? name : name + "_many").str();
  result.rows = rows;
  result.many.start = {kManyWarps * kWarp, lines, 0, addChunks(many, /*isApart=*/false)};
  result.many.info = {
      {entries}, indices, rows.times(spec.group).plus(entries.times(lines - 1)).times(blocks)};
  if (spec.chunks() == 1)
    return result;
  result.chunks.emplace();
  result.chunks->start = {kWarp, 1, 0, addChunks(name, /*isApart=*/true)};
  result.chunks->info = {{}, indices, entries.times(blocks * spec.chunks())};
  std::string merging = (name + "_merge").str();
  write(merging, MergeWriter::threads(spec), /*isApart=*/true, [&](KernelBuilder &k) {
    cpu::EpilogueWriter epilogue(dispatch, spec.op.getResult(), layouts, merging, module);
    MergeWriter(k, spec, buffers).write(epilogue, layouts.back().rowStride);
  });
  result.merge.emplace();
  result.merge->start = {MergeWriter::threads(spec), 1, 0, 0};
  result.merge->info = {{}, indices, rows.times(spec.heads())};
  result.workspaceBytes = kApartRows * spec.heads() * spec.chunks() * spec.recordBytes();
  return result;
}

} // namespace tern::nvptx
