// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/AttentionMerge.h"

#include "passes/NVPTX/Lanes.h"
#include "passes/NVPTX/LastArrival.h"
#include "passes/NVPTX/MatrixUnit.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using tern::cpu::Values;

namespace tern::nvptx {

static constexpr int64_t slots = kv::CacheType::blockSlots;
/// Columns of a warp whose threads have two each: a strip.
static constexpr int64_t kStrip = kWarp * kOwnColumns;
/// Strips that one warp merges of a row.
static constexpr int64_t kMostStrips = 16;
/// Strips and chunks whose loads go together.
static constexpr int64_t kStripsAtOnce = 8, kChunksAtOnce = 4;

int64_t AttentionMerge::threads(const AttentionSpec &spec) {
  return llvm::alignTo(llvm::divideCeil(spec.valueWidth, kOwnColumns), kWarp);
}

int64_t AttentionMerge::strips(const AttentionSpec &spec) {
  return static_cast<int64_t>(llvm::divideCeil(spec.valueWidth, kStrip));
}

bool AttentionMerge::isForOneWarp(const AttentionSpec &spec) {
  return spec.group * strips(spec) <= kMostStrips;
}

void AttentionMerge::writeLine() {
  Value own = k.extendUnsigned(NVVM::BlockIdXOp::create(ops, k.i32()), k.i64());
  Value thread = k.extendUnsigned(NVVM::ThreadIdXOp::create(ops, k.i32()), k.i64());
  Value row = k.div(own, spec.heads()), head = k.rem(own, spec.heads());
  Value entry = cache.number(k.buffer(buffers.ofInput(spec.op.getBatch())), row);
  beginTile(k.add(k.mul(entry, spec.keyHeads), k.div(head, spec.group)));
  Value line = k.add(k.mul(k.sub(row, tile.firstRow), spec.group), k.rem(head, spec.group));
  auto [begin, end] = blocksOf(row, row);
  Value column = k.mul(thread, kOwnColumns);
  Sums sums = mergeAll(line, column, begin, end).front();
  store(own, column, sums);
  k.when(k.compare(IntPredicate::eq, thread, 0), [&] { storeLogSum(own, sums, logSumStride); });
}

void AttentionMerge::writeLast(Value counts) {
  Value number = k.extendUnsigned(NVVM::BlockIdXOp::create(ops, k.i32()), k.i64());
  int64_t count = spec.records().count, parts = spec.isTensor ? spec.parts : 1;
  Value chunk = k.rem(number, count), left = k.div(number, count);
  Value entry = k.div(left, spec.keyHeads * parts), head = k.rem(left, spec.keyHeads);
  beginTile(k.add(k.mul(entry, spec.keyHeads), head));
  // Blocks beyond the sequence leave nothing; one of them merges a sequence without slots.
  int64_t chunkSlots = spec.chunkBlocks * slots;
  Value chunks = k.max(k.div(k.add(length, chunkSlots - 1), chunkSlots), k.index(1));
  Value isOne = k.bitAnd(k.compare(IntPredicate::slt, chunk, chunks),
                         k.compare(IntPredicate::slt, tile.firstRow, tile.rowLimit));
  k.when(isOne, [&] {
    Value place = k.add(k.mul(tile.firstRow, spec.keyHeads), head);
    Value own = LLVM::GEPOp::create(ops, counts.getType(), k.i32(), counts, ValueRange{place});
    Value others = k.truncate(k.sub(k.mul(chunks, parts), 1), k.i32());
    whenLast(ops, own, others, [&] {
      Value lane = k.extendUnsigned(NVVM::ThreadIdXOp::create(ops, k.i32()), k.i64());
      k.loop(tile.firstRow, tile.rowLimit, 1, [&](Value row) { mergeRow(row, lane); });
    });
  });
}

/// Some lines at a time, so that their loads go together; the last one stands for those missing.
void AttentionMerge::mergeRow(Value row, Value lane) {
  auto [begin, end] = blocksOf(row, row);
  int64_t most = std::max<int64_t>(kStripsAtOnce / strips(spec), 1);
  auto together =
      static_cast<int64_t>(llvm::divideCeil(spec.group, llvm::divideCeil(spec.group, most)));
  Values columns;
  for (int64_t strip = 0; strip < strips(spec); ++strip)
    columns.push_back(k.add(k.mul(lane, kOwnColumns), kStrip * strip));
  Value first = k.mul(k.sub(row, tile.firstRow), spec.group);
  k.loop(k.index(0), k.index(spec.group), together, [&](Value some) {
    Values lines;
    for (int64_t i = 0; i < together; ++i)
      lines.push_back(k.add(first, k.min(k.add(some, i), k.index(spec.group - 1))));
    llvm::SmallVector<Sums> all = mergeAll(lines, columns, begin, end);
    for (auto [i, line] : llvm::enumerate(lines)) {
      Value isLine = k.compare(IntPredicate::slt, k.add(some, static_cast<int64_t>(i)), spec.group);
      k.when(isLine, [&] {
        Value own = numberOf(line);
        store(own, columns, all[i]);
        k.when(k.compare(IntPredicate::eq, lane, 0),
               [&] { storeLogSum(own, all[i], logSumStride); });
      });
    }
  });
}

/// Threads beyond the last column merge that one; loads beyond the last chunk are of that one.
llvm::SmallVector<AttentionLine::Sums>
AttentionMerge::mergeAll(ValueRange lines, ValueRange columns, Value begin, Value end) {
  auto [first, last] = chunksOf(begin, end);
  Values places;
  for (Value column : columns)
    places.push_back(k.mul(k.min(column, k.index(spec.layout.paddedValue - kOwnColumns)), 4));
  size_t values = kOwnColumns * columns.size();
  auto unflatten = [&](ValueRange all) {
    llvm::SmallVector<Sums> sums;
    for (; !all.empty(); all = all.drop_front(2 + values))
      sums.push_back({all[0], all[1], Values(all.slice(2, values))});
    return sums;
  };
  Values none;
  for (size_t i = 0; i < lines.size(); ++i) {
    none.append({number(kLeast), number(0)});
    none.append(values, number(0));
  }
  auto load = [&](Value chunk) {
    llvm::SmallVector<Sums> fresh;
    for (Value line : lines) {
      Value record = recordOf(line, chunk);
      Values state = two(record, spec.records().largestOffset());
      fresh.push_back({state[0], state[1], {}});
      for (Value place : places)
        fresh.back().values.append(two(k.address(record, place), 0));
    }
    return fresh;
  };
  auto add = [&](ValueRange so, ArrayRef<Sums> fresh) {
    Values all;
    for (auto [before, added] : llvm::zip_equal(unflatten(so), fresh)) {
      Sums merged = merge(before, added);
      all.append({merged.largest, merged.total});
      all.append(merged.values);
    }
    return all;
  };
  return unflatten(
      k.loop(first, last, kChunksAtOnce, none, [&](Value some, ValueRange so) -> Values {
        llvm::SmallVector<llvm::SmallVector<Sums>> fresh;
        for (int64_t i = 0; i < kChunksAtOnce; ++i)
          fresh.push_back(load(k.min(k.add(some, i), k.sub(last, 1))));
        Values all = add(so, fresh.front());
        for (int64_t i = 1; i < kChunksAtOnce; ++i) {
          // In a branch its loads would not go with the others.
          Value isChunk = k.compare(IntPredicate::slt, k.add(some, i), last);
          Values merged = add(all, fresh[static_cast<size_t>(i)]);
          for (auto [before, after] : llvm::zip_equal(all, merged))
            before = k.select(isChunk, after, before);
        }
        return all;
      }));
}

void AttentionMerge::store(Value own, ValueRange columns, const Sums &sums) {
  Value inverse = inverseOf(sums.total);
  int64_t rest = spec.valueWidth % kOwnColumns;
  Value whole = k.index(spec.valueWidth - rest);
  for (auto [i, column] : llvm::enumerate(columns)) {
    ValueRange values = ValueRange(sums.values).slice(kOwnColumns * i, kOwnColumns);
    k.when(k.compare(IntPredicate::slt, column, whole),
           [&] { finish(epilogue, own, column, values, inverse); });
    if (rest)
      k.when(k.compare(IntPredicate::eq, column, whole),
             [&] { finish(epilogue, own, column, values.front(), inverse); });
  }
}

Values AttentionMerge::two(Value address, int64_t offset) {
  Value numbers = k.load(k.vector(k.f32()), address, offset, 8);
  return {k.extract(numbers, 0), k.extract(numbers, 1)};
}

} // namespace tern::nvptx
