// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/CacheKernel.h"
#include "passes/CPU/Rotation.h"

using namespace mlir;

namespace tern::cpu {

static constexpr int64_t slots = kv::CacheType::blockSlots;

namespace {

/// Stores the rows of an entry behind those that the head holds.
class AppendWriter {
public:
  /// `terms` are those of the dispatch.
  AppendWriter(RowTerms &terms, kv::AppendOp op, const DispatchBuffers &buffers,
               llvm::ArrayRef<Layout> layouts, int64_t maxBlocks)
      : k(terms.kernel()), terms(terms),
        cache(k, buffers, op.getCache(), op.getBatch(), op.getLayer(), maxBlocks),
        rotary(op.getKey().getDefiningOp<RotaryOp>()) {
    auto operand = [&](Value value) {
      return Rows{k.buffer(buffers.ofInput(value)),
                  layouts[cast<BlockArgument>(value).getArgNumber()].rowStride};
    };
    if (!rotary)
      key = operand(op.getKey());
    value = operand(op.getValue());
    positions = k.buffer(buffers.ofInput(op.getPositions()));
  }

  void write() {
    k.forEachTile([&](Value number) {
      CacheTile tile = cache.tile(number);
      Value length = k.extendSigned(k.load(k.i32(), tile.lengthAddress), k.i64());
      k.loop(tile.firstRow, tile.rowLimit, 1,
             [&](Value row) { storeRow(tile, row, k.add(length, k.sub(row, tile.firstRow))); });
      Value grown = k.add(length, k.sub(tile.rowLimit, tile.firstRow));
      k.store(k.truncate(grown, k.i32()), tile.lengthAddress);
    });
  }

private:
  struct Rows {
    Value base;
    int64_t stride; // elements
  };

  void storeRow(const CacheTile &tile, Value row, Value place) {
    const BlockLayout &layout = cache.layout;
    int64_t keyWidth = cache.type.getKeyWidth(), valueWidth = cache.type.getValueWidth();
    Value block = cache.block(tile, k.div(place, slots)), slot = k.rem(place, slots);
    Value keyAt = k.address(block, k.mul(slot, layout.elementBytes));
    Value valueAt = k.address(k.address(block, layout.valueOffset),
                              k.mul(slot, layout.paddedValue * layout.elementBytes));
    scatter(rotary ? turned(row, tile.head) : rowOf(key, row, tile.head, keyWidth), keyAt,
            keyWidth);
    copy(rowOf(value, row, tile.head, valueWidth), valueAt, valueWidth);
    Value position = k.load(k.i32(), k.address(positions, k.mul(row, 4)));
    k.store(position, k.address(k.address(block, layout.positionOffset), k.mul(slot, 4)));
  }

  Value rowOf(const Rows &rows, Value row, Value head, int64_t width) {
    return k.address(rows.base, k.mul(k.add(k.mul(row, rows.stride), k.mul(head, width)), 4));
  }

  /// The key of a row and head, turned, in scratch.
  Value turned(Value row, Value head) {
    terms.beginTile(row);
    Rotation(terms, rotary).turn(head, {k.scratch(), k.f32()});
    return k.scratch();
  }

  /// Rounds `width` neighbours to the cache's type and puts them a row of slots apart.
  void scatter(Value from, Value to, int64_t width) {
    int64_t bytes = cache.layout.elementBytes;
    k.loop(k.index(0), k.index(width), 1, [&](Value i) {
      Value number = k.load(k.f32(), k.address(from, k.mul(i, 4)));
      number = k.convertFloat(number, cache.type.getElementType());
      k.store(number, k.address(to, k.mul(i, slots * bytes)), 0, bytes);
    });
  }

  /// Rounds `width` neighbours to the cache's type.
  void copy(Value from, Value to, int64_t width) {
    int64_t bytes = cache.layout.elementBytes;
    for (int64_t at = 0; at < width; at += k.lanes()) {
      int64_t live = std::min(k.lanes(), width - at);
      Value numbers = k.loadFirst(k.vector(k.f32()), live, from, 4 * at);
      numbers = k.convertFloat(numbers, cache.type.getElementType());
      k.storeFirst(numbers, live, to, bytes * at, bytes);
    }
  }

  KernelBuilder &k;
  RowTerms &terms;
  CacheKernel cache;
  RotaryOp rotary; ///< of the key; null for none
  Rows key, value;
  Value positions;
};

} // namespace

FailureOr<KernelInfo> emitAppend(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                 StringRef name, ModuleOp module, const Target &target) {
  auto op = *dispatch.getBody().getOps<kv::AppendOp>().begin();
  FailureOr<int64_t> maxBlocks = maxBlocksOf(dispatch);
  if (failed(maxBlocks))
    return failure();
  DispatchBuffers buffers(dispatch);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    RowTerms terms(kernel, dispatch, layouts, name, module);
    AppendWriter(terms, op, buffers, layouts, *maxBlocks).write();
  });
  ExtentAttr entries =
      ExtentAttr::getName(op.getContext(), op.getBatch().getType().getEntries().getValue());
  kv::CacheType cache = op.getCache().getType();
  bool isTurned = op.getKey().getDefiningOp<RotaryOp>() != nullptr;
  return KernelInfo{{},
                    buffers.indexInputs(),
                    entries.times(cache.getHeads()),
                    isTurned ? 4 * cache.getKeyWidth() : 0};
}

} // namespace tern::cpu
