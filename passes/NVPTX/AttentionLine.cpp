// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/AttentionLine.h"

#include "passes/CPU/Functions.h"
#include "passes/NVPTX/MatrixUnit.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cmath>

using namespace mlir;
using tern::cpu::KernelBuilder;
using tern::cpu::Values;

namespace tern::nvptx {

static constexpr int64_t slots = kv::CacheType::blockSlots;

AttentionLine::AttentionLine(KernelBuilder &kernel, const AttentionSpec &spec,
                             const cpu::DispatchBuffers &buffers, unsigned sums)
    : k(kernel), ops(kernel.builder()), spec(spec), buffers(buffers),
      cache(kernel, buffers, spec.op.getCache(), spec.op.getBatch(), spec.op.getLayer(),
            spec.maxBlocks, sums) {}

void AttentionLine::beginTile(Value number) {
  tile = cache.tile(number);
  length = k.extendSigned(k.load(k.i32(), tile.lengthAddress), k.i64());
}

//===- Slots ----------------------------------------------------------------===//

Value AttentionLine::oldestOf(Value row) {
  Value positions = k.buffer(buffers.ofInput(spec.op.getPositions()));
  Value own = k.load(k.i32(), k.address(positions, k.mul(row, 4)));
  return k.sub(own, k.integer(k.i32(), static_cast<int64_t>(spec.op.getWindow())));
}

std::pair<Value, Value> AttentionLine::blocksOf(Value first, Value last) {
  Value seen = k.max(limitOf(last), k.index(0));
  Value end = k.div(k.add(seen, slots - 1), slots), none = k.index(0);
  if (spec.op.getWindow() == 0)
    return {none, end};
  auto find = [&]() -> Values { return {cache.firstAfter(tile, end, oldestOf(first))}; };
  Value begin = k.choose(k.compare(IntPredicate::sgt, end, 0), k.i64(), find,
                         [&]() -> Values { return {none}; })[0];
  return {begin, end};
}

std::pair<Value, Value> AttentionLine::chunksOf(Value begin, Value end) {
  return {k.div(begin, spec.chunkBlocks),
          k.div(k.add(end, spec.chunkBlocks - 1), spec.chunkBlocks)};
}

Value AttentionLine::recordOf(Value line, Value chunk) {
  return spec.records().at(k, k.buffer(buffers.buffers()), numberOf(line), chunk);
}

//===- Sums -----------------------------------------------------------------===//

Value AttentionLine::exp2(Value x) {
  return spec.isTensor ? k.intrinsic("llvm.nvvm.ex2.approx.ftz.f32", k.f32(), x)
                       : cpu::functions::exp2(k, x);
}

AttentionLine::Sums AttentionLine::merge(const Sums &before, const Sums &chunk) {
  Sums merged;
  merged.largest = k.max(before.largest, chunk.largest);
  Value kept = exp2(k.sub(before.largest, merged.largest));
  Value added = exp2(k.sub(chunk.largest, merged.largest));
  merged.total = k.fma(before.total, kept, k.mul(chunk.total, added));
  for (auto [old, fresh] : llvm::zip_equal(before.values, chunk.values))
    merged.values.push_back(k.fma(fresh, added, k.mul(old, kept)));
  return merged;
}

Value AttentionLine::inverseOf(Value total) {
  Value isEmpty = k.compare(KernelBuilder::FloatPredicate::OEQ, total, number(0));
  return k.select(isEmpty, number(0), k.div(number(1), total));
}

void AttentionLine::finish(cpu::EpilogueWriter &epilogue, Value line, Value column,
                           ValueRange values, Value inverse) {
  Values results; // the sum with 0 makes -0 of hidden slots 0
  for (Value value : values)
    results.push_back(k.add(k.mul(value, inverse), number(0)));
  auto live = static_cast<int64_t>(results.size());
  results.resize(kOwnColumns, results.front());
  Value two = vector::FromElementsOp::create(ops, k.vector(k.f32()), results);
  epilogue(k, {line, column, two, live, {}});
}

void AttentionLine::storeLogSum(Value line, const Sums &sums, int64_t stride) {
  if (!spec.op.getScores())
    return;
  Value sum = k.fma(sums.largest, number(M_LN2), cpu::functions::log(k, sums.total));
  Value element = k.add(k.mul(k.div(line, spec.heads()), stride), k.rem(line, spec.heads()));
  k.store(sum, k.address(k.buffer(buffers.ofResult(1)), k.mul(element, 4)));
}

} // namespace tern::nvptx
