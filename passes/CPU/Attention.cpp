// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention over a cache. A tile is an entry and a key-value head; blocks of the cache are the
// segments. Where there are many lines, a block is widened to f32 once for all of them.
#include "passes/CPU/AttentionLines.h"
#include "passes/CPU/AttentionRecords.h"
#include "passes/CPU/CacheKernel.h"
#include "passes/CPU/DenseAttention.h"
#include "passes/CPU/Rotation.h"

using namespace mlir;

namespace tern::cpu {

static AttentionLines::Shape shapeOf(kv::AttendOp op, const Target &target) {
  kv::CacheType cache = op.getCache().getType();
  int64_t heads = cast<RankedTensorType>(op.getQuery().getType()).getDimSize(1);
  AttentionLines::Shape shape(heads, cache.getHeads(), cache.getKeyWidth(), cache.getValueWidth(),
                              target, /*widens=*/!target.warp);
  shape.scale = op.getScale().convertToDouble();
  shape.softCap = op.getSoftCap().convertToDouble();
  shape.window = static_cast<int64_t>(op.getWindow());
  return shape;
}

namespace {

class CacheAttention : public AttentionLines {
public:
  /// `terms` are those of the dispatch.
  CacheAttention(RowTerms &terms, kv::AttendOp op, const DispatchBuffers &buffers,
                 llvm::ArrayRef<Layout> layouts, EpilogueWriter epilogue, int64_t maxBlocks)
      : AttentionLines(terms.kernel(), shapeOf(op, terms.kernel().target()), std::move(epilogue)),
        terms(terms), buffers(buffers), rotary(op.getQuery().getDefiningOp<RotaryOp>()),
        cache(k, buffers, op.getCache(), op.getBatch(), op.getLayer(), maxBlocks),
        biasType(op.getBiasType().value_or(k.f32())) {
    if (rotary)
      query = {k.address(k.scratch(), shape.scratchBytes()), 0, k.f32()};
    else
      query = {k.buffer(buffers.ofInput(op.getQuery())),
               layouts[cast<BlockArgument>(op.getQuery()).getArgNumber()].rowStride, k.f32()};
    positions = k.buffer(buffers.ofInput(op.getPositions()));
    if (op.getSlopes())
      slopes = k.buffer(buffers.ofInput(op.getSlopes()));
    if (op.getScores()) {
      logSum = k.buffer(buffers.ofResult(1));
      logSumStride = layouts.back().rowStride;
    }
  }

  void write() {
    k.forEachTile([&](Value number) {
      beginTile(number);
      forSomeLines([&](Value first, Value count) {
        begin(first, count);
        passBlocks(first, count);
        finish(first, count);
      });
    });
  }

  void writeSegments(const AttentionRecords &records) {
    Value buffer = k.buffer(buffers.buffers());
    k.forEachTile([&](Value number) {
      beginTile(k.div(number, records.count));
      Value segment = k.rem(number, records.count);
      forSomeLines([&](Value first, Value count) {
        Value end = blocksOf(first, count);
        k.when(k.compare(arith::CmpIPredicate::slt, segment, end), [&] {
          Value begins = firstBlock(first, end);
          k.when(k.compare(arith::CmpIPredicate::sge, segment, begins), [&] {
            begin(first, count);
            passBlock(segment, first, count);
            keep(first, count, records.largestOffset(), [&](Value line) {
              Value own = k.add(k.mul(rowOf(line), shape.heads), headOf(line));
              return records.at(k, buffer, own, segment);
            });
          });
        });
      });
    });
  }

  /// What the queries of a turn take in scratch, if they are turned.
  static int64_t turnedBytes(kv::AttendOp op, const Shape &shape) {
    bool isTurned = op.getQuery().getDefiningOp<RotaryOp>() != nullptr;
    return isTurned ? 4 * shape.linesAtOnce * shape.width : 0;
  }

private:
  void beginTile(Value number) {
    tile = cache.tile(number);
    firstRow = tile.firstRow;
    head = tile.head;
    length = k.extendSigned(k.load(k.i32(), tile.lengthAddress), k.i64());
  }

  void forSomeLines(llvm::function_ref<void(Value first, Value count)> turn) {
    Value lines = k.mul(k.sub(tile.rowLimit, tile.firstRow), shape.group);
    k.loop(k.index(0), lines, shape.linesAtOnce, [&](Value first) {
      turn(first, k.min(k.sub(lines, first), k.index(shape.linesAtOnce)));
    });
  }

  void begin(Value first, Value count) {
    clearSums(count);
    if (rotary)
      turnQueries(first, count);
  }

  void turnQueries(Value first, Value count) {
    Rotation rotation(terms, rotary);
    k.loop(k.index(0), count, 1, [&](Value place) {
      Value line = k.add(first, place);
      terms.beginTile(rowOf(line));
      rotation.turn(headOf(line), {queryOf(first, place), k.f32()});
    });
  }

  Value queryOf(Value first, Value place) override {
    if (!rotary)
      return AttentionLines::queryOf(first, place);
    return k.address(query.base, k.mul(place, 4 * shape.width));
  }

  /// The slots of a line's own row and before.
  Value limitOf(Value line) override {
    return k.sub(length, k.sub(k.sub(tile.rowLimit, 1), rowOf(line)));
  }
  Value positionOf(Value row) override {
    return k.load(k.i32(), k.address(positions, k.mul(row, 4)));
  }

  /// Unrounded, the bias is that of the distance: exact however far both are.
  Value sloped(Value products, const Segment &segment, Value line, int64_t at) override {
    if (!slopes)
      return products;
    Value slope = k.load(k.f32(), k.address(slopes, k.mul(headOf(line), 4)));
    Value own = positionOf(rowOf(line)),
          slot = k.load(vectorOf(k.i32()), segment.positions, 4 * at);
    if (biasType.isF32()) {
      Value distance = k.toFloat(k.sub(slot, k.broadcast(own)));
      return k.fma(k.broadcast(slope), distance, products);
    }
    slope = k.broadcast(rounded(slope));
    auto bias = [&](Value position) { return rounded(k.mul(slope, rounded(k.toFloat(position)))); };
    return k.add(products, k.sub(bias(slot), bias(k.broadcast(own))));
  }

  Value rounded(Value x) { return k.convertFloat(k.convertFloat(x, biasType), k.f32()); }

  /// Blocks that the last of some lines sees a slot of.
  Value blocksOf(Value first, Value count) {
    Value seen = k.max(limitOf(k.sub(k.add(first, count), 1)), k.index(0));
    return k.div(k.add(seen, slots - 1), slots);
  }

  void passBlocks(Value first, Value count) {
    Value blocks = blocksOf(first, count);
    k.when(k.compare(arith::CmpIPredicate::sgt, blocks, 0), [&] {
      k.loop(firstBlock(first, blocks), blocks, 1,
             [&](Value number) { passBlock(number, first, count); });
    });
  }

  /// No slot before the window of the first row is seen.
  Value firstBlock(Value first, Value blocks) {
    if (!shape.window)
      return k.index(0);
    Value oldest = k.sub(positionOf(rowOf(first)), k.integer(k.i32(), shape.window));
    return cache.firstAfter(tile, blocks, oldest);
  }

  void passBlock(Value number, Value first, Value count) {
    Value block = cache.block(tile, number);
    Segment stored{block, k.address(block, cache.layout.valueOffset),
                   k.address(block, cache.layout.positionOffset), cache.type.getElementType(),
                   shape.padded()};
    if (stored.element.isF32() || !shape.widens) {
      passLines(stored, number, first, count);
      return;
    }
    Segment wide{wideKey, wideValue, stored.positions, k.f32(), shape.padded()};
    k.when(
        k.compare(arith::CmpIPredicate::sgt, count, 2 * maxLines), // else it costs more
        [&] {
          widen(stored.key, wideKey, slots * shape.width);
          widen(stored.value, wideValue, slots * shape.padded());
          passLines(wide, number, first, count);
        },
        [&] { passLines(stored, number, first, count); });
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

  RowTerms &terms;
  const DispatchBuffers &buffers;
  RotaryOp rotary; ///< of the query; null for none
  CacheKernel cache;
  Value positions, slopes; ///< slopes: null for none
  Type biasType;           ///< f32: not rounded
  CacheTile tile;
  Value length;
};

} // namespace

/// A kernel of kv.attend, of so many tiles for an entry and key head.
static FailureOr<KernelInfo> emitOnCache(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                         StringRef name, ModuleOp module, const Target &target,
                                         int64_t tiles,
                                         llvm::function_ref<void(CacheAttention &)> write) {
  kv::AttendOp op = *dispatch.getBody().getOps<kv::AttendOp>().begin();
  FailureOr<int64_t> maxBlocks = maxBlocksOf(dispatch);
  if (failed(maxBlocks))
    return failure();
  DispatchBuffers buffers(dispatch);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    RowTerms terms(kernel, dispatch, layouts, name, module);
    EpilogueWriter epilogue(dispatch, op.getResult(), layouts, name, module);
    CacheAttention attention(terms, op, buffers, layouts, std::move(epilogue), *maxBlocks);
    write(attention);
  });
  ExtentAttr entries =
      ExtentAttr::getName(op.getContext(), op.getBatch().getType().getEntries().getValue());
  AttentionLines::Shape shape = shapeOf(op, target);
  return KernelInfo{{},
                    buffers.indexInputs(),
                    entries.times(op.getCache().getType().getHeads() * tiles),
                    shape.scratchBytes() + CacheAttention::turnedBytes(op, shape)};
}

FailureOr<KernelInfo> emitAttention(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                    StringRef name, ModuleOp module, const Target &target) {
  auto dense = dispatch.getBody().getOps<AttentionOp>();
  if (!dense.empty())
    return emitDenseAttention(dispatch, *dense.begin(), layouts, name, module, target);
  if (dispatch.getBody().getOps<kv::AttendOp>().empty())
    return dispatch.emitOpError("of schema attention holds neither tern.attention nor kv.attend");
  return emitOnCache(dispatch, layouts, name, module, target, 1,
                     [](CacheAttention &attention) { attention.write(); });
}

FailureOr<KernelInfo> emitSegments(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                   StringRef name, ModuleOp module, const Target &target,
                                   const AttentionRecords &records) {
  return emitOnCache(dispatch, layouts, name, module, target, records.count,
                     [&](CacheAttention &attention) { attention.writeSegments(records); });
}

} // namespace tern::cpu
