// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/TensorAttention.h"

#include "passes/CPU/Functions.h"
#include "passes/CPU/Rotation.h"
#include "passes/NVPTX/AttentionLine.h"
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

constexpr int64_t slots = kv::CacheType::blockSlots;
/// Warps of a thread block that takes lines through all chunks.
constexpr int64_t kManyWarps = kBlockLines / kWarpLines;
constexpr int64_t kMostSharedBytes = 99 << 10;
/// Scores get their scale after they are masked, unless it is less.
constexpr double leastScale = 1e-6;

/// Takes lines through chunks: all of them, or one whose sums it leaves in the workspace.
class ChunkWriter : AttentionLine {
public:
  /// Without an epilogue chunks are computed apart.
  ChunkWriter(cpu::RowTerms &terms, const AttentionSpec &spec, const cpu::DispatchBuffers &buffers,
              llvm::ArrayRef<cpu::Layout> layouts, cpu::EpilogueWriter *epilogue)
      : AttentionLine(terms.kernel(), spec, buffers, /*sums=*/epilogue ? 1 : 0), terms(terms),
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
      chunk = take(spec.records().count);
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
    Sums lines[kOwnLines];
  };

  State emptyState() {
    State state;
    for (Sums &line : state.lines)
      line = {number(kLeast), number(0), Values(static_cast<size_t>(2 * tiles()), number(0))};
    return state;
  }

  static Values flatten(const State &state) {
    Values all;
    for (const Sums &line : state.lines) {
      all.append({line.largest, line.total});
      all.append(line.values);
    }
    return all;
  }

  State unflatten(ValueRange all) const {
    State state;
    for (Sums &line : state.lines) {
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
      Value from = k.mul(chunk, spec.chunkBlocks);
      begin = k.max(begin, from);
      end = k.min(end, k.add(from, spec.chunkBlocks));
    }
    auto pass = [&] {
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
      for (const Sums &line : state.lines)
        all.append({line.values[2 * tile], line.values[2 * tile + 1]});
    return all;
  }
  void setTiles(State &state, const Values &all) const {
    for (int64_t tile = 0; tile < tiles(); ++tile)
      for (int64_t i = 0; i < kOwnLines; ++i)
        for (int64_t j = 0; j < 2; ++j)
          state.lines[i].values[2 * tile + j] = all[4 * tile + 2 * i + j];
  }

  /// Turns scores into weights that count from the largest score so far, and what was there too.
  Values weigh(Values scores, Value number, State &state) {
    Value start = k.mul(number, slots), scale = this->number(lateScale());
    for (Value &score : scores)
      score = capped(score);
    scores = visible(scores, number, start);
    for (int64_t i = 0; i < kOwnLines; ++i) {
      Sums &line = state.lines[i];
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
      for (Value &sum : line.values)
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
            one = k.select(isSeen, one, this->number(kHidden));
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
    for (Sums &line : state.lines)
      for (int64_t bits : {1, 2})
        line.total = k.add(line.total, unit.exchange(line.total, bits));
  }

  void passChunks() {
    auto [first, last] = chunksOf(begin, end);
    State all = unflatten(
        k.loop(first, last, 1, flatten(emptyState()), [&](Value chunk, ValueRange so) -> Values {
          Value from = k.mul(chunk, spec.chunkBlocks);
          State sums = passBlocks(k.max(begin, from), k.min(end, k.add(from, spec.chunkBlocks)));
          addTotals(sums);
          State before = unflatten(so), after;
          for (int64_t i = 0; i < kOwnLines; ++i)
            after.lines[i] = merge(before.lines[i], sums.lines[i]);
          return flatten(after);
        }));
    for (int64_t i = 0; i < kOwnLines; ++i)
      k.when(isLine[i], [&] { finishLine(own[i], all.lines[i]); });
  }

  void finishLine(Value line, const Sums &sums) {
    Value inverse = inverseOf(sums.total), number = numberOf(line);
    for (int64_t tile = 0; tile < tiles(); ++tile)
      if (spec.parts > 1 || 8 * tile < spec.valueWidth)
        finish(*epilogue, number, k.add(k.mul(part, spec.partWidth()), columnOf(tile)),
               {sums.values[2 * tile], sums.values[2 * tile + 1]}, inverse);
    k.when(isFirst(), [&] { storeLogSum(number, sums, layouts.back().rowStride); });
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
        const Sums &line = state.lines[i];
        Value to = recordOf(own[i], chunk);
        Value columns = k.address(to, k.mul(part, 4 * spec.partWidth()));
        for (int64_t tile = 0; tile < tiles(); ++tile) {
          Value two = vector::FromElementsOp::create(
              ops, k.vector(k.f32()), ValueRange{line.values[2 * tile], line.values[2 * tile + 1]});
          k.store(two, k.address(columns, k.mul(columnOf(tile), 4)), 0, 8);
        }
        k.when(isFirst(), [&] {
          Value two = vector::FromElementsOp::create(ops, k.vector(k.f32()),
                                                     ValueRange{line.largest, line.total});
          k.store(two, to, spec.records().largestOffset(), 8);
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

TensorKernel addTensorAttention(DispatchOp dispatch, const AttentionSpec &spec,
                                llvm::ArrayRef<cpu::Layout> layouts,
                                const KernelParameters &parameters, StringRef name, ModuleOp module,
                                bool isApart) {
  cpu::DispatchBuffers buffers(dispatch);
  int64_t warps = isApart ? 1 : kManyWarps;
  addFlatKernel(module, name, warps * kWarp, parameters, [&](KernelBuilder &k) {
    cpu::RowTerms terms(k, dispatch, layouts, name, module);
    cpu::EpilogueWriter epilogue(dispatch, spec.op.getResult(), layouts, name, module);
    ChunkWriter(terms, spec, buffers, layouts, isApart ? nullptr : &epilogue).write();
  });
  // If it is left to choose, ptxas keeps in memory what has no register.
  auto function = module.lookupSymbol<func::FuncOp>(name);
  function->setAttr(kLeastBlocks, Builder(function).getI32IntegerAttr(isApart ? 8 : 2));
  return {warps * kWarp, isApart ? 1 : kBlockLines, 0, AttentionUnit::sharedBytes(spec, warps)};
}

} // namespace tern::nvptx
