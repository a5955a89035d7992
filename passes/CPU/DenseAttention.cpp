// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention over keys and values at hand. A tile is a key head and a chunk of rows; a segment of 64
// keys, turned, and of values, both as f32, is copied to scratch for all lines of the tile. Slots
// after the last one are zeros that no line sees, so the bits are those of a cache of these keys.
#include "passes/CPU/DenseAttention.h"

#include "passes/CPU/AttentionLines.h"
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

#include <cmath>

using namespace mlir;

namespace tern::cpu {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static AttentionLines::Shape shapeOf(AttentionOp op, const Target &target) {
  RankedTensorType key = tensorOf(op.getKey());
  AttentionLines::Shape shape(tensorOf(op.getQuery()).getDimSize(1), key.getDimSize(1),
                              key.getDimSize(2), tensorOf(op.getValue()).getDimSize(2), target,
                              /*widens=*/true);
  shape.scale = op.getScale().convertToDouble();
  shape.softCap = op.getSoftCap().convertToDouble();
  shape.window = static_cast<int64_t>(op.getWindow());
  return shape;
}

/// Rows of a tile: as many as have all their lines in scratch.
static int64_t rowsAtOnce(const AttentionLines::Shape &shape) {
  return std::max<int64_t>(shape.linesAtOnce / shape.group, 1);
}

namespace {

class DenseAttention : public AttentionLines {
public:
  DenseAttention(LoopTerms &terms, AttentionOp op, const KernelSizes &sizes, const TileNest &nest,
                 const DispatchBuffers &buffers, llvm::ArrayRef<Layout> layouts,
                 EpilogueWriter epilogue)
      : AttentionLines(terms.kernel(), shapeOf(op, terms.kernel().target()), std::move(epilogue)),
        terms(terms), op(op), nest(nest), rows(sizes.of(k, tensorOf(op.getQuery()))[0]),
        slotCount(sizes.of(k, tensorOf(op.getKey()))[0]) {
    unsigned number = cast<BlockArgument>(op.getQuery()).getArgNumber();
    query = {k.buffer(buffers.ofInput(number)), layouts[number].rowStride,
             tensorOf(op.getQuery()).getElementType()};
  }

  void write() {
    k.forEachTile([&](Value number) {
      nest.run(k, number, [&](const Values &starts) {
        head = starts[0];
        firstRow = starts[1];
        Value count = k.min(k.sub(rows, firstRow), k.index(rowsAtOnce(shape)));
        Value lines = k.mul(count, shape.group);
        // A group of more heads than there are lines at once takes several turns.
        k.loop(k.index(0), lines, shape.linesAtOnce, [&](Value first) {
          Value some = k.min(k.sub(lines, first), k.index(shape.linesAtOnce));
          clearSums(some);
          passSegments(first, some);
          finish(first, some);
        });
      });
    });
  }

private:
  /// The slot that stands where a row does: the last one that it sees if it is causal.
  Value placeOf(Value row) { return k.add(k.sub(slotCount, rows), row); }

  Value limitOf(Value line) override {
    return op.getCausal() ? k.add(placeOf(rowOf(line)), 1) : slotCount;
  }

  Value positionOf(Value row) override { return k.truncate(placeOf(row), k.i32()); }

  Value biased(Value scores, Value line, Value start, int64_t at) override {
    if (!op.getMask())
      return scores;
    terms.forget();
    Value slot = k.add(start, at);
    // At most one number of the slots that are there is left out by a row of fewer.
    Value left = k.broadcast(k.truncate(k.sub(slotCount, slot), k.i32()));
    Value live = k.compare(arith::CmpIPredicate::slt, k.iota(k.lanes()), left);
    Values place{rowOf(line), slot};
    if (tensorOf(op.getMask()).getRank() == 3)
      place.insert(place.begin(), headOf(line));
    auto last = static_cast<unsigned>(place.size() - 1);
    Value mask = terms.read(op.getMask(), {place, last, live});
    terms.forget();
    // -infinity hides a slot too.
    return k.max(k.add(scores, k.mul(mask, splat(M_LOG2E))), splat(-1e30));
  }

  //===- Segments ---------------------------------------------------------===//

  void passSegments(Value first, Value count) {
    Value seen = limitOf(k.sub(k.add(first, count), 1));
    Value segments = k.div(k.add(k.max(seen, k.index(0)), slots - 1), slots);
    k.loop(firstSegment(first), segments, 1, [&](Value number) {
      Value start = k.mul(number, slots);
      copyKeys(start);
      copyValues(start);
      passLines({wideKey, wideValue, {}, k.f32(), rowWidth}, number, first, count);
    });
  }

  /// No line of the tile sees a slot before the window of its first row.
  Value firstSegment(Value first) {
    if (!shape.window)
      return k.index(0);
    Value oldest = k.sub(placeOf(rowOf(first)), shape.window - 1);
    return k.div(k.max(oldest, k.index(0)), slots);
  }

  /// Keys of a segment as [width][64].
  void copyKeys(Value start) {
    if (k.target().warp)
      return gatherKeys(start);
    Value last = k.sub(slotCount, 1);
    k.loop(k.index(0), k.index(slots), k.lanes(), [&](Value slot) {
      forEachVector(k, k.index(0), k.index(shape.width), [&](Value d, Value live) {
        Values keys;
        for (int64_t i = 0; i < k.lanes(); ++i) {
          terms.forget();
          Value at = k.min(k.add(k.add(start, slot), i), last);
          keys.push_back(terms.read(op.getKey(), {{at, head, d}, 2, live}));
        }
        storeTurned(k.transpose(keys), d, slot);
        terms.forget();
      });
    });
  }

  /// Each lane reads its own slot, the last one where there is none.
  void gatherKeys(Value start) {
    k.loop(k.index(0), k.index(slots), k.lanes(), [&](Value at) {
      Value slot = k.add(start, at);
      Value left = k.broadcast(k.truncate(k.sub(slotCount, slot), k.i32()));
      Value live = k.compare(arith::CmpIPredicate::slt, k.iota(k.lanes()), left);
      k.loop(k.index(0), k.index(shape.width), 1, [&](Value d) {
        terms.forget();
        Value keys = terms.read(op.getKey(), {{slot, head, d}, 0, live});
        k.store(keys, k.address(wideKey, k.add(k.mul(d, 4 * slots), k.mul(at, 4))));
      });
      terms.forget();
    });
  }

  /// Vector i is of element d + i; those from the width on are nobody's.
  void storeTurned(const Values &vectors, Value d, Value slot) {
    for (auto [i, vector] : llvm::enumerate(vectors)) {
      Value row = k.add(d, static_cast<int64_t>(i));
      Value to = k.address(wideKey, k.add(k.mul(row, 4 * slots), k.mul(slot, 4)));
      if (shape.width % k.lanes() == 0)
        k.store(vector, to);
      else
        k.when(k.compare(arith::CmpIPredicate::slt, row, shape.width),
               [&] { k.store(vector, to); });
    }
  }

  /// Values of a segment as [64][rowWidth], zeros for slots that are not there: these have weight
  /// 0.
  void copyValues(Value start) {
    Value last = k.sub(slotCount, 1);
    k.loop(k.index(0), k.index(slots), 1, [&](Value slot) {
      Value number = k.add(start, slot);
      Value isThere = k.broadcast(k.compare(arith::CmpIPredicate::sle, number, last));
      Value at = k.min(number, last);
      Value to = k.address(wideValue, k.mul(slot, 4 * rowWidth));
      for (int64_t d = 0; d < rowWidth; d += k.lanes()) {
        int64_t count = std::min(k.lanes(), shape.valueWidth - d);
        Value values = splat(0);
        if (count > 0) {
          Value live = count == k.lanes() ? Value()
                                          : k.compare(arith::CmpIPredicate::slt, k.iota(k.lanes()),
                                                      k.integer(k.vector(k.i32()), count));
          terms.forget();
          values = terms.read(op.getValue(), {{at, head, k.index(d)}, 2, live});
          values = k.select(live ? k.bitAnd(live, isThere) : isThere, values, splat(0));
        }
        k.store(values, to, 4 * d);
      }
    });
    terms.forget();
  }

  LoopTerms &terms;
  AttentionOp op;
  const TileNest &nest;
  Value rows, slotCount;
};

} // namespace

static LogicalResult checkAttention(AttentionOp op) {
  for (Value operand : op->getOperands()) {
    if (failed(checkLoopOperand(op, operand)))
      return failure();
    RankedTensorType type = tensorOf(operand);
    bool isMask = operand == op.getMask();
    Type element = type.getElementType();
    bool isStatic = isMask || (!type.isDynamicDim(1) && !type.isDynamicDim(2));
    if (!isa<BlockArgument>(operand) || !isStatic || element.isF64())
      return op.emitOpError("has no kernel for the CPU: expected heads and widths of known size in "
                            "f32, f16 or bf16, found ")
             << type;
  }
  return success();
}

FailureOr<KernelInfo> emitDenseAttention(DispatchOp dispatch, AttentionOp op,
                                         llvm::ArrayRef<Layout> layouts, llvm::StringRef name,
                                         ModuleOp module, const Target &target) {
  if (failed(checkAttention(op)))
    return failure();
  AttentionLines::Shape shape = shapeOf(op, target);
  KernelSizes sizes(dispatch);
  TileNest nest(sizes, dispatch.getContext());
  nest.add(getExtents(tensorOf(op.getKey()))[1]);
  nest.add(getExtents(tensorOf(op.getQuery()))[0], rowsAtOnce(shape));
  DispatchBuffers buffers(dispatch);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    EpilogueWriter epilogue(dispatch, op.getResult(), layouts, name, module);
    DenseAttention(terms, op, sizes, nest, buffers, layouts, std::move(epilogue)).write();
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = buffers.indexInputs();
  info.tiles = nest.tiles();
  info.scratchBytes = shape.scratchBytes();
  return info;
}

} // namespace tern::cpu
