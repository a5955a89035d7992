// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/CacheKernel.h"

using namespace mlir;

namespace tern::cpu {

static constexpr int64_t slots = kv::CacheType::blockSlots;

BlockLayout::BlockLayout(kv::CacheType type)
    : elementBytes(type.getElementType().getWidth() / 8),
      paddedValue(llvm::alignTo(type.getValueWidth(), 16)),
      valueOffset(type.getKeyWidth() * slots * elementBytes),
      positionOffset(valueOffset + slots * paddedValue * elementBytes),
      bytes(llvm::alignTo(positionOffset + slots * 4, 64)) {}

CacheKernel::CacheKernel(KernelBuilder &kernel, const DispatchBuffers &buffers, Value cache,
                         Value batch, Value layerIndex, int64_t maxBlocks, unsigned sums)
    : type(cast<kv::CacheType>(cache.getType())), layout(type), k(kernel), maxBlocks(maxBlocks) {
  unsigned first = buffers.ofInput(cache), rows = buffers.ofInput(batch);
  pool = k.buffer(first);
  table = k.buffer(first + 1);
  lengths = k.buffer(first + 2);
  rowStart = k.buffer(rows + 1);
  slot = k.buffer(rows + 2);
  layer = k.size(sums + buffers.indexNumber(layerIndex));
}

Value CacheKernel::number(Value base, Value index) {
  return k.extendSigned(k.load(k.i32(), k.address(base, k.mul(index, 4))), k.i64());
}

CacheTile CacheKernel::tile(Value tileNumber) {
  CacheTile tile;
  Value entry = k.div(tileNumber, type.getHeads());
  tile.head = k.rem(tileNumber, type.getHeads());
  tile.firstRow = number(rowStart, entry);
  tile.rowLimit = number(rowStart, k.add(entry, 1));
  Value row = k.add(k.mul(number(slot, entry), type.getLayers()), layer);
  Value place = k.add(k.mul(row, type.getHeads()), tile.head);
  tile.lengthAddress = k.address(lengths, k.mul(place, 4));
  tile.tableAddress = k.address(table, k.mul(place, 4 * maxBlocks));
  return tile;
}

Value CacheKernel::block(const CacheTile &tile, Value index) {
  return k.address(pool, k.mul(number(tile.tableAddress, index), layout.bytes));
}

Value CacheKernel::firstAfter(const CacheTile &tile, Value blocks, Value oldest) {
  Value found = k.index(0);
  for (auto step = static_cast<int64_t>(llvm::bit_floor(static_cast<uint64_t>(maxBlocks)));
       step != 0; step /= 2) {
    Value next = k.add(found, step);
    Value before = block(tile, k.sub(k.min(next, blocks), 1));
    Value newest = k.load(k.i32(), before, layout.positionOffset + 4 * (slots - 1));
    Value isBefore = k.bitAnd(k.compare(arith::CmpIPredicate::slt, next, blocks),
                              k.compare(arith::CmpIPredicate::sle, newest, oldest));
    found = k.select(isBefore, next, found);
  }
  return found;
}

FailureOr<int64_t> maxBlocksOf(DispatchOp dispatch) {
  auto module = dispatch->getParentOfType<ModuleOp>();
  auto model = module ? module->getAttrOfType<DictionaryAttr>("tern.model") : DictionaryAttr();
  auto context = model ? model.getAs<IntegerAttr>("context") : IntegerAttr();
  if (!context)
    return dispatch.emitOpError("uses a cache in a module without tern.model = {context = ...}");
  return llvm::divideCeil(context.getInt(), slots);
}

} // namespace tern::cpu
