// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/AttentionUnit.h"

#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using tern::cpu::KernelBuilder;
using tern::cpu::Values;

namespace tern::nvptx {

static constexpr int64_t slots = kv::CacheType::blockSlots;
/// Numbers in 16 bytes.
static constexpr int64_t kPart = 8;

AttentionSpec::AttentionSpec(kv::AttendOp op, int64_t maxBlocks, bool isTensor)
    : op(op), rotary(op.getQuery().getDefiningOp<RotaryOp>()), layout(op.getCache().getType()),
      keyHeads(op.getCache().getType().getHeads()),
      group(cast<RankedTensorType>(op.getQuery().getType()).getDimSize(1) / keyHeads),
      width(op.getCache().getType().getKeyWidth()),
      valueWidth(op.getCache().getType().getValueWidth()), maxBlocks(maxBlocks), isTensor(isTensor),
      chunkBlocks(isTensor ? 4 : 1), parts(llvm::divideCeil(layout.paddedValue, 128)) {}

bool AttentionSpec::isBF16() const { return op.getCache().getType().getElementType().isBF16(); }

SwizzledTile::SwizzledTile(int64_t offset, int64_t rows, int64_t columns)
    : offset(offset), rows(rows),
      parts(static_cast<int64_t>(llvm::PowerOf2Ceil(static_cast<uint64_t>(columns / kPart)))) {}

Value SwizzledTile::turnOf(KernelBuilder &k, Value row) const {
  return k.bitAnd(k.shiftRight(row, shift()), turned() - 1);
}

static SwizzledTile valuesOf(const AttentionSpec &spec) {
  return {2 * slots * spec.width, slots, spec.partWidth()};
}

int64_t AttentionUnit::sharedBytes(const AttentionSpec &spec, int64_t warps) {
  SwizzledTile values = valuesOf(spec);
  return values.offset + values.bytes() + warps * kWarpLines * (2 * spec.width + 16);
}

AttentionUnit::AttentionUnit(KernelBuilder &kernel, const AttentionSpec &spec, int64_t warps)
    : k(kernel), ops(kernel.builder()), spec(spec), threads(warps * kWarp),
      keys(0, spec.width, slots), values(valuesOf(spec)), unit(kernel, types) {
  types.activations = spec.isBF16() ? cpu::ActivationForm::BF16 : cpu::ActivationForm::F16;
  thread = NVVM::ThreadIdXOp::create(ops, k.i32());
  lane = unit.wide(k.bitAnd(thread, kWarp - 1));
  warp = unit.wide(k.shiftRight(thread, 5));
  shared = sharedMemory(ops);
  Value own = k.bitAnd(thread, kWarp - 1), row = k.bitAnd(own, 15), half = k.shiftRight(own, 4);
  Value line = k.add(k.mul(k.shiftRight(thread, 5), kWarpLines), row);
  queriesFrom = unit.displaced(shared, k.add(k.add(k.mul(line, queryBytes()), k.mul(half, 16)),
                                             values.offset + values.bytes()));
  keysFrom = basesOf(keys);
  valuesFrom = basesOf(values);
}

//===- Copies to shared memory ----------------------------------------------===//

/// Rows of `parts` parts, `stride` bytes apart.
void AttentionUnit::copy(const SwizzledTile &tile, int64_t parts, Value from, int64_t stride) {
  Value row = k.div(thread, tile.parts), part = k.rem(thread, tile.parts);
  Value turned = arith::XOrIOp::create(ops, part, tile.turnOf(k, row));
  Value to = k.add(k.mul(row, tile.rowBytes()), k.mul(turned, 16));
  Value source = unit.displaced(from, unit.wide(k.add(k.mul(row, stride), k.mul(part, 16))));
  int64_t step = threads / tile.parts;
  auto copyOwn = [&] {
    for (int64_t first = 0; first < tile.rows; first += step) {
      // A thread's rows have the bits below `step` in common.
      Value own = unit.displaced(shared, k.bitXor(to, 16 * tile.turnOf(first)));
      NVVM::CpAsyncOp::create(ops, unit.displaced(own, tile.offset + first * tile.rowBytes()),
                              unit.displaced(source, first * stride), 16,
                              NVVM::LoadCacheModifierKind::CG, Value());
    }
  };
  if (parts == tile.parts)
    copyOwn();
  else
    k.when(k.compare(KernelBuilder::IntPredicate::slt, part, word(parts)), copyOwn);
}

static Value globalOf(KernelBuilder &k, Value address) {
  auto type = LLVM::LLVMPointerType::get(k.builder().getContext(),
                                         static_cast<unsigned>(NVVM::NVVMMemorySpace::Global));
  return LLVM::AddrSpaceCastOp::create(k.builder(), type, address);
}

void AttentionUnit::copyKeys(Value block) {
  copy(keys, keys.parts, globalOf(k, block), keys.rowBytes());
}

void AttentionUnit::copyValues(Value block, Value part) {
  Value first = k.address(block, k.add(k.mul(part, 2 * spec.partWidth()), spec.layout.valueOffset));
  copy(values, spec.partWidth() / kPart, globalOf(k, first), 2 * spec.layout.paddedValue);
}

void AttentionUnit::commit() { NVVM::CpAsyncCommitGroupOp::create(ops); }

void AttentionUnit::await(int64_t pending) {
  NVVM::CpAsyncWaitGroupOp::create(ops, static_cast<uint32_t>(pending));
  meet();
}

void AttentionUnit::meet() { NVVM::Barrier0Op::create(ops); }

Value AttentionUnit::queryOf(Value line) {
  Value all = LLVM::AddrSpaceCastOp::create(ops, k.pointer(), shared);
  return k.address(all, k.add(k.mul(line, queryBytes()), values.offset + values.bytes()));
}

//===- Shared memory to registers -------------------------------------------===//

/// Where the thread's row of 16 begins, for each two parts that change places.
Values AttentionUnit::basesOf(const SwizzledTile &tile) {
  Value own = k.bitAnd(thread, kWarp - 1), row = k.bitAnd(own, 15), half = k.shiftRight(own, 4);
  Value part = arith::XOrIOp::create(ops, half, tile.turnOf(k, row));
  Value first = k.add(k.mul(row, tile.rowBytes()), k.mul(part, 16));
  Values bases;
  for (int64_t even = 0; even < tile.turned(); even += 2)
    bases.push_back(unit.displaced(shared, k.add(k.bitXor(first, 16 * even), tile.offset)));
  return bases;
}

Values AttentionUnit::loadMatrices(Value address, bool isTurned) {
  auto shape = NVVM::LdStMatrixShapeAttr::get(ops.getContext(), 8, 8);
  auto type = LLVM::LLVMStructType::getLiteral(ops.getContext(), SmallVector<Type>(4, k.i32()));
  Value four = NVVM::LdMatrixOp::create(ops, type, address, 4,
                                        isTurned ? NVVM::MMALayout::col : NVVM::MMALayout::row,
                                        shape, NVVM::LdStMatrixEltType::B16);
  Values words;
  for (int64_t i = 0; i < 4; ++i)
    words.push_back(LLVM::ExtractValueOp::create(ops, four, i));
  return words;
}

/// Of 16 rows parts `part`, which is even, and the next: two words of each, down the rows.
Values AttentionUnit::loadPart(const SwizzledTile &tile, const Values &bases, int64_t row,
                               int64_t part) {
  int64_t among = part % tile.turned();
  return loadMatrices(unit.displaced(bases[static_cast<size_t>(among / 2)],
                                     row * tile.rowBytes() + (part - among) * 16),
                      /*isTurned=*/true);
}

//===- Products -------------------------------------------------------------===//

/// sums += left . two parts of 16 rows.
static void addProducts(MatrixUnit &unit, const Values &left, const Values &parts, Values &sums,
                        int64_t part) {
  for (int64_t i = 0; i < 2; ++i) {
    auto at = static_cast<size_t>(4 * (part + i)), from = static_cast<size_t>(2 * i);
    Values tile(ArrayRef(sums).slice(at, 4)), words(ArrayRef(parts).slice(from, 2));
    llvm::copy(unit.multiplyAdd(left, words, tile), sums.begin() + static_cast<ptrdiff_t>(at));
  }
}

Values AttentionUnit::score() {
  Values sums(4 * slots / kPart, k.constant(k.f32(), 0));
  for (int64_t row = 0; row < spec.width; row += kTileDepth) {
    Values queries = loadMatrices(unit.displaced(queriesFrom, 2 * row), /*isTurned=*/false);
    for (int64_t part = 0; part < slots / kPart; part += 2)
      addProducts(unit, queries, loadPart(keys, keysFrom, row, part), sums, part);
  }
  return sums;
}

Values AttentionUnit::addValues(const Values &weights, const Values &before) {
  Values sums = before;
  for (int64_t row = 0; row < slots; row += kTileDepth) {
    Values own(ArrayRef(weights).slice(static_cast<size_t>(row / 4), 4));
    for (int64_t part = 0; part < spec.partWidth() / kPart; part += 2)
      addProducts(unit, own, loadPart(values, valuesFrom, row, part), sums, part);
  }
  return sums;
}

Value AttentionUnit::pack(Value first, Value second) {
  Value two = vector::FromElementsOp::create(ops, k.vector(k.f32(), 2), ValueRange{first, second});
  Value narrow = k.convertFloat(two, spec.isBF16() ? k.bf16() : k.f16());
  return LLVM::BitcastOp::create(ops, k.i32(), narrow);
}

Value AttentionUnit::exchange(Value number, int64_t bits) {
  return NVVM::ShflOp::create(ops, number.getType(), word(-1), number, word(bits), word(kWarp - 1),
                              NVVM::ShflKind::bfly, UnitAttr());
}

} // namespace tern::nvptx
