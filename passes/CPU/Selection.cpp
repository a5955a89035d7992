// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `selection`: tern.top_k. A tile is an index of the axes before the last. The j-th number
// is the largest of those that come after the one before it, in the order by falling number, then
// by rising index: k passes over the axis, and no memory.
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

#include <limits>

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

/// A number and its index, in each lane or once.
struct Candidate {
  Value number, index;
};

class SelectionWriter {
public:
  SelectionWriter(LoopTerms &terms, const KernelSizes &sizes, TopKOp op)
      : k(terms.kernel()), terms(terms), op(op), axis(tensorOf(op.getX()).getRank() - 1),
        extent(sizes.of(k, tensorOf(op.getX()))[axis]) {}

  void write(Point point) {
    Values none{k.constant(k.f32(), infinity), k.integer(k.i32(), -1)};
    auto k64 = static_cast<int64_t>(op.getK());
    k.loop(k.index(0), k.index(k64), 1, none, [&](Value turn, ValueRange before) -> Values {
      Candidate next = largestAfter({before[0], before[1]}, point);
      point.at[axis] = turn;
      Point one{point.at, -1, {}};
      terms.forget();
      terms.write(k.broadcast(next.number), 0, one);
      terms.write(k.broadcast(next.index), 1, one);
      return {next.number, next.index};
    });
  }

private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  using F = KernelBuilder::FloatPredicate;
  using I = KernelBuilder::IntPredicate;

  /// True where `a` comes before `b`.
  Value precedes(const Candidate &a, const Candidate &b) {
    Value isEqual = k.compare(F::OEQ, a.number, b.number);
    return k.bitOr(k.compare(F::OGT, a.number, b.number),
                   k.bitAnd(isEqual, k.compare(I::slt, a.index, b.index)));
  }

  Candidate first(const Candidate &a, const Candidate &b) {
    Value isFirst = precedes(a, b);
    return {k.select(isFirst, a.number, b.number), k.select(isFirst, a.index, b.index)};
  }

  /// The best of what the lanes hold and a vector's numbers that come after `limit`.
  Candidate step(const Candidate &best, const Candidate &limit, const Point &point) {
    terms.forget();
    Candidate here{terms.read(op.getX(), point),
                   k.add(k.broadcast(k.truncate(point.at[axis], k.i32())), k.iota(k.lanes()))};
    Value isBetter = k.bitAnd(precedes(limit, here), precedes(here, best));
    if (point.live)
      isBetter = k.bitAnd(isBetter, point.live);
    return {k.select(isBetter, here.number, best.number),
            k.select(isBetter, here.index, best.index)};
  }

  Candidate largestAfter(const Candidate &limit, Point point) {
    point.axis = axis;
    Candidate limits{k.broadcast(limit.number), k.broadcast(limit.index)};
    Value whole = k.mul(k.div(extent, k.lanes()), k.lanes());
    Values start{k.constant(k.vector(k.f32()), -infinity),
                 k.integer(k.vector(k.i32()), std::numeric_limits<int32_t>::max())};
    auto turn = [&](Value at, Value live, ValueRange best) -> Values {
      point.at[axis] = at;
      point.live = live;
      Candidate found = step({best[0], best[1]}, limits, point);
      return {found.number, found.index};
    };
    Values best = k.loop(k.index(0), whole, k.lanes(), start,
                         [&](Value at, ValueRange carried) { return turn(at, {}, carried); });
    Value left = k.broadcast(k.truncate(k.sub(extent, whole), k.i32()));
    Value live = k.compare(I::slt, k.iota(k.lanes()), left);
    best = k.choose(
        k.compare(I::slt, whole, extent), ValueRange(start).getTypes(),
        [&] { return turn(whole, live, best); }, [&] { return best; });
    return acrossLanes({best[0], best[1]});
  }

  Candidate acrossLanes(Candidate best) {
    for (int64_t half = k.lanes() / 2; half > 0; half /= 2) {
      llvm::SmallVector<int64_t> other;
      for (int64_t lane = 0; lane < k.lanes(); ++lane)
        other.push_back(lane ^ half);
      best = first(best, {k.shuffle(best.number, best.number, other),
                          k.shuffle(best.index, best.index, other)});
    }
    return {k.extract(best.number, 0), k.extract(best.index, 0)};
  }

  KernelBuilder &k;
  LoopTerms &terms;
  TopKOp op;
  int64_t axis;
  Value extent;
};

} // namespace

FailureOr<KernelInfo> emitSelection(DispatchOp dispatch, ArrayRef<Layout> layouts, StringRef name,
                                    ModuleOp module, const Target &target) {
  auto ops = dispatch.getBody().getOps<TopKOp>();
  if (ops.empty() || dispatch.getNumResults() != 2)
    return dispatch.emitOpError("of schema selection holds a tern.top_k and yields its results");
  TopKOp op = *ops.begin();
  RankedTensorType type = tensorOf(op.getX());
  Type element = type.getElementType();
  if (!element.isF32() && !element.isF16() && !element.isBF16())
    return op.emitOpError("has no kernel for the CPU: expected f32, f16 or bf16, found ") << type;
  if (failed(checkLoopTerms(dispatch, op)))
    return failure();
  KernelSizes sizes(dispatch);
  TileNest nest(sizes, dispatch.getContext());
  for (ExtentAttr extent : ArrayRef(getExtents(type)).drop_back())
    nest.add(extent);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    k.forEachTile([&](Value tile) {
      nest.run(k, tile, [&](const Values &starts) {
        Point point{starts, -1, {}};
        point.at.push_back(k.index(0));
        SelectionWriter(terms, sizes, op).write(point);
      });
    });
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = nest.tiles();
  return info;
}

} // namespace tern::cpu
