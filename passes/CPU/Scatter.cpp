// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `scatter`: tern.scatter_add. A tile is an index of the result's axes but the one that is
// written at an index, and a vector of the last axis. It begins as zeros; then what the operand has
// at the tile's other axes is added, one element after the other. So no two tiles write one
// element, and the bits depend on the order of the operand's elements alone.
#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

/// What each letter is for.
struct ScatterAxes {
  std::string x, indices, result;
  size_t written = 0;     ///< the result's axis that the operand lacks
  int64_t lanesAxis = -1; ///< of the result; -1 where an element is written at a time

  explicit ScatterAxes(ScatterAddOp op) {
    std::string why;
    Axes axes = *Axes::parse(op.getAxes(), why);
    x = axes.operands[0];
    indices = axes.operands[1];
    result = axes.result;
    written = StringRef(result).find_if([&](char c) { return !StringRef(x).contains(c); });
    int64_t last = vectorAxisOf(tensorOf(op.getResult()));
    bool isChosen = last == static_cast<int64_t>(written) ||
                    StringRef(indices).contains(result[static_cast<size_t>(last)]);
    lanesAxis = isChosen ? -1 : last;
  }
};

class ScatterWriter {
public:
  ScatterWriter(LoopTerms &terms, const KernelSizes &sizes, ScatterAddOp op)
      : k(terms.kernel()), terms(terms), op(op), axes(op),
        rows(sizes.of(k, tensorOf(op.getResult()))[axes.written]),
        extents(sizes.of(k, tensorOf(op.getX()))) {}

  /// At an index of the result's other axes.
  void write(Point point) {
    Type element = tensorOf(op.getResult()).getElementType();
    k.loop(k.index(0), rows, 1, [&](Value row) {
      point.at[axes.written] = row;
      terms.write(k.zero(k.vector(element)), 0, point);
    });
    addFrom(0, point, Values(axes.x.size()));
  }

private:
  /// Visits the operand's axes from `number` on that the result lacks.
  void addFrom(size_t number, const Point &point, Values at) {
    if (number == axes.x.size())
      return addOne(point, at);
    size_t own = axes.result.find(axes.x[number]);
    if (own != std::string::npos) {
      at[number] = point.at[own];
      return addFrom(number + 1, point, at);
    }
    k.loop(k.index(0), extents[number], 1, [&](Value index) {
      at[number] = index;
      addFrom(number + 1, point, at);
    });
  }

  void addOne(Point point, const Values &at) {
    terms.forget();
    Point place{{}, -1, {}}, from{at, -1, point.live};
    for (char letter : axes.indices)
      place.at.push_back(at[axes.x.find(letter)]);
    if (axes.lanesAxis >= 0)
      from.axis = static_cast<int64_t>(axes.x.find(axes.result[axes.lanesAxis]));
    Value row = k.same(terms.read(op.getIndices(), place));
    if (row.getType() != k.i64())
      row = k.extendSigned(row, k.i64());
    // Below 0 is a large unsigned number.
    k.when(k.compare(arith::CmpIPredicate::ult, row, rows), [&] {
      point.at[axes.written] = row;
      terms.write(k.add(terms.readResult(0, point), terms.read(op.getX(), from)), 0, point);
      terms.forget();
    });
  }

  KernelBuilder &k;
  LoopTerms &terms;
  ScatterAddOp op;
  ScatterAxes axes;
  Value rows;
  Values extents;
};

} // namespace

/// The loops over the result's axes that are not written at an index.
static void addTiles(TileNest &nest, ScatterAddOp op, const ScatterAxes &axes, int64_t lanes) {
  llvm::SmallVector<ExtentAttr> extents = getExtents(tensorOf(op.getResult()));
  for (auto [axis, extent] : llvm::enumerate(extents))
    if (axis != axes.written && static_cast<int64_t>(axis) != axes.lanesAxis)
      nest.add(extent);
  if (axes.lanesAxis >= 0)
    nest.addLanes(extents[axes.lanesAxis], lanes);
}

static void writeTile(LoopTerms &terms, const KernelSizes &sizes, const TileNest &nest,
                      ScatterAddOp op, const Values &starts) {
  KernelBuilder &k = terms.kernel();
  ScatterAxes axes(op);
  int64_t rank = tensorOf(op.getResult()).getRank();
  Point point{Values(rank, k.index(0)), axes.lanesAxis, {}};
  size_t next = 0;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis != static_cast<int64_t>(axes.written) && axis != axes.lanesAxis)
      point.at[axis] = starts[next++];
  ScatterWriter writer(terms, sizes, op);
  if (axes.lanesAxis < 0)
    return writer.write(point);
  nest.forEachVector(k, starts.back(), [&](Value at, Value live) {
    point.at[axes.lanesAxis] = at;
    point.live = live;
    writer.write(point);
  });
}

FailureOr<KernelInfo> emitScatter(DispatchOp dispatch, ArrayRef<Layout> layouts, StringRef name,
                                  ModuleOp module, const Target &target) {
  auto op = dispatch.getBody().front().getTerminator()->getOperand(0).getDefiningOp<ScatterAddOp>();
  if (!op || dispatch.getNumResults() != 1)
    return dispatch.emitOpError("of schema scatter yields one tern.scatter_add");
  Type element = tensorOf(op.getX()).getElementType();
  if (!element.isF32() && !element.isF64())
    return op.emitOpError("has no kernel for the CPU: expected f32 or f64, in which sums are kept, "
                          "found ")
           << op.getX().getType();
  if (failed(checkLoopTerms(dispatch, op)))
    return failure();
  ScatterAxes axes(op);
  KernelSizes sizes(dispatch);
  TileNest nest(sizes, dispatch.getContext());
  addTiles(nest, op, axes, target.lanes);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    k.forEachTile([&](Value tile) {
      nest.run(k, tile, [&](const Values &starts) { writeTile(terms, sizes, nest, op, starts); });
    });
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = nest.tiles();
  if (axes.lanesAxis >= 0)
    info.remark = remarkOnReads(
        op, op.getX(), static_cast<int64_t>(axes.x.find(axes.result[axes.lanesAxis])), layouts);
  return info;
}

} // namespace tern::cpu
