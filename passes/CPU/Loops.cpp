// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `loops`: results of one shape whose elements are terms of single elements of the inputs,
// or a concatenation. The lanes are neighbours along the last axis of the result. A tile is an
// index of the axes before it (TileNest.h), or a part of a vector.
//
// The buffer of a result must not overlap that of an input.
#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

/// Elements of a tile along the lanes' axis, where that is cut.
static constexpr int64_t kPart = 4096;

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

class LoopsWriter {
public:
  LoopsWriter(DispatchOp dispatch, RankedTensorType shape, const KernelSizes &sizes)
      : dispatch(dispatch), shape(shape), sizes(sizes), axis(vectorAxisOf(shape)),
        nest(sizes, dispatch.getContext()),
        yielded(dispatch.getBody().front().getTerminator()->getOperands()) {
    SmallVector<ExtentAttr> extents = getExtents(shape);
    for (auto [i, extent] : llvm::enumerate(extents))
      if (static_cast<int64_t>(i) != axis)
        nest.add(extent);
    bool isCut = axis >= 0 && extents[axis].isConstant();
    isConcat = yielded.front().getDefiningOp<ConcatOp>() != nullptr;
    part = isCut && !isConcat ? kPart : 0;
    if (part)
      nest.add(extents[axis], part);
  }

  ExtentAttr tiles() const { return nest.tiles(); }

  void write(LoopTerms &terms) {
    KernelBuilder &k = terms.kernel();
    k.forEachTile([&](Value tile) {
      nest.run(k, tile, [&](const Values &starts) {
        Point point{
            Values(starts.begin(), starts.begin() + (shape.getRank() - (axis >= 0))), axis, {}};
        if (axis >= 0)
          point.at.insert(point.at.begin() + axis, part ? starts.back() : k.index(0));
        isConcat ? writeConcat(terms, point) : writeTerms(terms, point);
      });
    });
  }

private:
  void writeTerms(LoopTerms &terms, Point point) {
    KernelBuilder &k = terms.kernel();
    auto chunk = [&](const Point &here) {
      terms.forget();
      Values vectors;
      for (Value value : yielded)
        vectors.push_back(terms.read(value, tensorOf(value).getRank() ? here : Point()));
      for (auto [i, vector] : llvm::enumerate(vectors))
        terms.write(vector, i, here);
      terms.forget();
    };
    if (axis < 0)
      return chunk(point);
    Value from = point.at[axis], to = sizes.of(k, shape)[axis];
    if (part && shape.getDimSize(axis) > kPart)
      to = k.min(to, k.add(from, part));
    forEachVector(k, from, to, [&](Value at, Value live) {
      point.at[axis] = at;
      point.live = live;
      chunk(point);
    });
  }

  void writeConcat(LoopTerms &terms, Point point) {
    KernelBuilder &k = terms.kernel();
    auto op = yielded.front().getDefiningOp<ConcatOp>();
    auto along = static_cast<int64_t>(op.getAxis());
    Value offset = k.index(0);
    for (Value operand : op.getOperands()) {
      Value extent = sizes.of(k, tensorOf(operand))[along];
      if (along == axis) {
        copy(terms, operand, point, extent, offset);
      } else {
        Point inner = point;
        inner.at[along] = k.sub(point.at[along], offset);
        // Below the offset the difference is a large unsigned number.
        Value isThere = k.compare(arith::CmpIPredicate::ult, inner.at[along], extent);
        k.when(isThere, [&] {
          copy(terms, operand, inner, sizes.of(k, shape)[axis], k.index(0), along, offset);
        });
      }
      offset = k.add(offset, extent);
    }
  }

  /// Copies `extent` elements along the lanes' axis, to `shift` further on; `along` is what else is
  /// shifted, by `offset`.
  void copy(LoopTerms &terms, Value operand, Point from, Value extent, Value shift,
            int64_t along = -1, Value offset = {}) {
    KernelBuilder &k = terms.kernel();
    forEachVector(k, k.index(0), extent, [&](Value at, Value live) {
      terms.forget();
      from.at[axis] = at;
      from.live = live;
      Point to = from;
      to.at[axis] = k.add(at, shift);
      if (along >= 0)
        to.at[along] = k.add(from.at[along], offset);
      terms.write(terms.read(operand, from), 0, to);
    });
    terms.forget();
  }

  DispatchOp dispatch;
  RankedTensorType shape;
  const KernelSizes &sizes;
  int64_t axis;
  TileNest nest;
  ValueRange yielded;
  bool isConcat;
  int64_t part;
};

} // namespace

/// True for a look-up whose indices run along the lanes: what they choose has no neighbours in any
/// kernel.
static bool choosesLanes(Operation *op, int64_t axis) {
  auto gather = dyn_cast<GatherOp>(op);
  if (!gather || axis < 0)
    return false;
  std::string why;
  FailureOr<Axes> axes = Axes::parse(gather.getAxes(), why);
  return StringRef(axes->operands[1]).contains(axes->result[axis]);
}

static std::string remarkOf(Operation *yield, int64_t axis, ArrayRef<Layout> layouts) {
  for (Value value : yield->getOperands()) {
    Operation *op = value.getDefiningOp();
    if (choosesLanes(op, axis))
      continue;
    auto concat = dyn_cast<ConcatOp>(op);
    std::string remark = concat ? remarkOnReads(op, concat.getOperands(), axis, layouts)
                                : remarkOnReads(op, value, axis, layouts);
    if (!remark.empty())
      return remark;
  }
  return {};
}

FailureOr<KernelInfo> emitLoops(DispatchOp dispatch, ArrayRef<Layout> layouts, StringRef name,
                                ModuleOp module, const Target &target) {
  Operation *yield = dispatch.getBody().front().getTerminator();
  auto shape = cast<RankedTensorType>(dispatch.getResult(0).getType());
  for (Type type : dispatch.getResultTypes())
    if (getExtents(cast<RankedTensorType>(type)) != getExtents(shape))
      return dispatch.emitOpError("of schema loops has results of one shape, found ")
             << dispatch.getResultTypes();
  Operation *root = yield->getOperand(0).getDefiningOp();
  if (failed(checkLoopTerms(dispatch, isa_and_present<ConcatOp>(root) ? root : nullptr)))
    return failure();
  KernelSizes sizes(dispatch);
  LoopsWriter writer(dispatch, shape, sizes);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    writer.write(terms);
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = writer.tiles();
  info.remark = remarkOf(yield, vectorAxisOf(shape), layouts);
  return info;
}

} // namespace tern::cpu
