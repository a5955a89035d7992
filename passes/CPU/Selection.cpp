// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `selection`: tern.top_k and tern.top_k_mask. A tile is an index of the other axes. The
// j-th number is the largest of those that come after the one before it, in the order by falling
// number, then by rising index: k passes over the axis, and no memory. The mask is 1 at what does
// not come after the last of them.
#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/Elementwise.h"
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

#include <limits>

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

/// A number and its index, in each lane.
struct Candidate {
  Value number, index;
};

class SelectionWriter {
public:
  SelectionWriter(LoopTerms &terms, const KernelSizes &sizes, Value x, int64_t axis,
                  int64_t lanesAxis)
      : k(terms.kernel()), terms(terms), x(x), axis(axis), searchesLanes(axis == lanesAxis),
        extent(sizes.of(k, tensorOf(x))[axis]) {}

  void writeLargest(Point point, int64_t count) {
    select(point, k.index(count), [&](Value turn, const Candidate &next) {
      Point one{point.at, -1, {}};
      one.at[axis] = turn;
      terms.forget();
      terms.write(next.number, 0, one);
      terms.write(next.index, 1, one);
    });
  }

  void writeMask(const Point &point, int64_t count) {
    Candidate last = select(point, k.min(k.index(count), extent), [](Value, const Candidate &) {});
    visit(point, {}, [&](const Point &at, ValueRange) -> Values {
      Value isChosen = k.bitXor(precedes(last, candidatesAt(at)), 1);
      terms.write(indicator(k, isChosen, k.vector(k.f32())), 0, at);
      return {};
    });
  }

private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  using F = KernelBuilder::FloatPredicate;
  using I = KernelBuilder::IntPredicate;

  /// Calls `found` with the `count` largest, in order. The last of them; what comes before all if
  /// there is none.
  Candidate select(const Point &point, Value count,
                   llvm::function_ref<void(Value turn, const Candidate &next)> found) {
    Values none{k.constant(k.vector(k.f32()), infinity), k.integer(k.vector(k.i32()), -1)};
    Values last = k.loop(k.index(0), count, 1, none, [&](Value turn, ValueRange before) -> Values {
      Candidate next = largestAfter({before[0], before[1]}, point);
      found(turn, next);
      return {next.number, next.index};
    });
    return {last[0], last[1]};
  }

  Candidate candidatesAt(const Point &point) {
    terms.forget();
    Value index = k.broadcast(k.truncate(point.at[axis], k.i32()));
    return {terms.read(x, point), searchesLanes ? k.add(index, k.iota(k.lanes())) : index};
  }

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

  /// Visits the searched axis, a vector at a time or, where each lane has its own, an index.
  Values visit(Point point, const Values &start,
               llvm::function_ref<Values(const Point &, ValueRange)> body) {
    auto turn = [&](Value at, Value live, ValueRange carried) {
      point.at[axis] = at;
      point.live = live;
      return body(point, carried);
    };
    if (!searchesLanes)
      return k.loop(k.index(0), extent, 1, start,
                    [&](Value at, ValueRange carried) { return turn(at, point.live, carried); });
    Value whole = k.mul(k.div(extent, k.lanes()), k.lanes());
    Values all = k.loop(k.index(0), whole, k.lanes(), start,
                        [&](Value at, ValueRange carried) { return turn(at, {}, carried); });
    Value left = k.broadcast(k.truncate(k.sub(extent, whole), k.i32()));
    Value live = k.compare(I::slt, k.iota(k.lanes()), left);
    return k.choose(
        k.compare(I::slt, whole, extent), ValueRange(start).getTypes(),
        [&] { return turn(whole, live, all); }, [&] { return all; });
  }

  /// In each lane the best of those that come after `limit`.
  Candidate largestAfter(const Candidate &limit, const Point &point) {
    Values start{k.constant(k.vector(k.f32()), -infinity),
                 k.integer(k.vector(k.i32()), std::numeric_limits<int32_t>::max())};
    Values best = visit(point, start, [&](const Point &at, ValueRange carried) -> Values {
      Candidate here = candidatesAt(at), before{carried[0], carried[1]};
      Value isBetter = k.bitAnd(precedes(limit, here), precedes(here, before));
      if (searchesLanes && at.live)
        isBetter = k.bitAnd(isBetter, at.live);
      return {k.select(isBetter, here.number, before.number),
              k.select(isBetter, here.index, before.index)};
    });
    Candidate all{best[0], best[1]};
    return searchesLanes ? acrossLanes(all) : all;
  }

  Candidate acrossLanes(Candidate best) {
    for (int64_t half = k.lanes() / 2; half > 0; half /= 2) {
      llvm::SmallVector<int64_t> other;
      for (int64_t lane = 0; lane < k.lanes(); ++lane)
        other.push_back(lane ^ half);
      best = first(best, {k.shuffle(best.number, best.number, other),
                          k.shuffle(best.index, best.index, other)});
    }
    return best;
  }

  KernelBuilder &k;
  LoopTerms &terms;
  Value x;
  int64_t axis;
  bool searchesLanes; ///< else each lane has its own search
  Value extent;
};

} // namespace

/// The axis of the operand that is searched.
static int64_t searchedAxis(Operation *op) {
  auto mask = dyn_cast<TopKMaskOp>(op);
  if (!mask)
    return tensorOf(op->getOperand(0)).getRank() - 1;
  std::string why;
  FailureOr<Axes> axes = Axes::parse(mask.getAxes(), why);
  return static_cast<int64_t>(axes->result.find(axes->along));
}

/// The lanes run along the last axis, which top_k searches; a mask of another axis has a search in
/// each lane.
static void writeTile(SelectionWriter &writer, Operation *op, const Point &point) {
  if (auto mask = dyn_cast<TopKMaskOp>(op))
    return writer.writeMask(point, static_cast<int64_t>(mask.getK()));
  writer.writeLargest(point, static_cast<int64_t>(cast<TopKOp>(op).getK()));
}

static void writeTiles(LoopTerms &terms, const KernelSizes &sizes, const TileNest &nest,
                       Operation *op, int64_t lanesAxis) {
  KernelBuilder &k = terms.kernel();
  int64_t searched = searchedAxis(op);
  RankedTensorType type = tensorOf(op->getOperand(0));
  k.forEachTile([&](Value tile) {
    nest.run(k, tile, [&](const Values &starts) {
      Point point{Values(type.getRank(), k.index(0)), lanesAxis, {}};
      size_t next = 0;
      for (int64_t axis = 0; axis < type.getRank(); ++axis)
        if (axis != searched && axis != lanesAxis)
          point.at[axis] = starts[next++];
      SelectionWriter writer(terms, sizes, op->getOperand(0), searched, lanesAxis);
      if (searched == lanesAxis)
        return writeTile(writer, op, point);
      nest.forEachVector(k, starts.back(), [&](Value at, Value live) {
        point.at[lanesAxis] = at;
        point.live = live;
        writeTile(writer, op, point);
      });
    });
  });
}

FailureOr<KernelInfo> emitSelection(DispatchOp dispatch, ArrayRef<Layout> layouts, StringRef name,
                                    ModuleOp module, const Target &target) {
  Operation *op = dispatch.getBody().front().getTerminator()->getOperand(0).getDefiningOp();
  if (!isa_and_present<TopKOp, TopKMaskOp>(op) || dispatch.getNumResults() != op->getNumResults())
    return dispatch.emitOpError(
        "of schema selection yields the results of one tern.top_k or tern.top_k_mask");
  RankedTensorType type = tensorOf(op->getOperand(0));
  Type element = type.getElementType();
  if (!element.isF32() && !element.isF16() && !element.isBF16())
    return op->emitOpError("has no kernel for the CPU: expected f32, f16 or bf16, found ") << type;
  if (failed(checkLoopTerms(dispatch, op)))
    return failure();
  int64_t searched = searchedAxis(op);
  int64_t lanesAxis = isa<TopKOp>(op) ? searched : vectorAxisOf(type);
  KernelSizes sizes(dispatch);
  TileNest nest(sizes, dispatch.getContext());
  llvm::SmallVector<ExtentAttr> extents = getExtents(type);
  for (auto [axis, extent] : llvm::enumerate(extents))
    if (static_cast<int64_t>(axis) != searched && static_cast<int64_t>(axis) != lanesAxis)
      nest.add(extent);
  if (searched != lanesAxis)
    nest.addLanes(extents[lanesAxis], target.lanes);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    writeTiles(terms, sizes, nest, op, lanesAxis);
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = nest.tiles();
  return info;
}

} // namespace tern::cpu
