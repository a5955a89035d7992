// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `loops`: results of one shape whose elements are terms of single elements of the inputs,
// or a concatenation or padding. The lanes are neighbours along the last axis of the result. A tile
// is an index of the axes before it (TileNest.h), or a part of a vector. Where neighbours along the
// last axis are not neighbours in memory but those along another one are, as in a transpose,
// squares of both axes are read along that one and turned in registers.
//
// The buffer of a result must not overlap that of an input.
#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/Elementwise.h"
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

/// Elements of a tile along the lanes' axis, where that is cut.
static constexpr int64_t kPart = 4096;

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// True for what stands along one axis part after part.
static bool isJoined(Operation *op) { return isa_and_present<ConcatOp, PadOp>(op); }

static Reach reachOf(ValueRange values, int64_t axis, ArrayRef<Layout> layouts) {
  Reach all = Reach::Splat;
  for (Value value : values) {
    Reach reach = LoopTerms::reachOf(value, tensorOf(value).getRank() ? axis : -1, layouts);
    if (reach == Reach::Strided || all == Reach::Splat)
      all = reach;
    if (all == Reach::Strided)
      break;
  }
  return all;
}

/// The axis along which results are read that are read element by element along `axis`; -1 if they
/// are not, or along every other one too.
static int64_t turnedAxisOf(ValueRange results, int64_t axis, ArrayRef<Layout> layouts) {
  if (isJoined(results.front().getDefiningOp()) ||
      reachOf(results, axis, layouts) != Reach::Strided)
    return -1;
  RankedTensorType shape = tensorOf(results.front());
  for (Reach wanted : {Reach::Contiguous, Reach::Splat})
    for (int64_t other = shape.getRank() - 1; other >= 0; --other)
      if (other != axis && shape.getDimSize(other) != 1 &&
          reachOf(results, other, layouts) == wanted)
        return other;
  return -1;
}

namespace {

class LoopsWriter {
public:
  LoopsWriter(DispatchOp dispatch, RankedTensorType shape, const KernelSizes &sizes,
              ArrayRef<Layout> layouts, const Target &target)
      : dispatch(dispatch), shape(shape), sizes(sizes), axis(vectorAxisOf(shape)),
        nest(sizes, dispatch.getContext()),
        yielded(dispatch.getBody().front().getTerminator()->getOperands()),
        turned(target.warp ? -1 : turnedAxisOf(yielded, axis, layouts)) {
    SmallVector<ExtentAttr> extents = getExtents(shape);
    for (auto [i, extent] : llvm::enumerate(extents))
      if (static_cast<int64_t>(i) != axis)
        nest.add(extent, static_cast<int64_t>(i) == turned ? target.lanes : 1);
    bool isCut = axis >= 0 && extents[axis].isConstant();
    isJoin = isJoined(yielded.front().getDefiningOp());
    part = isCut && !isJoin ? kPart : 0;
    if (part)
      nest.add(extents[axis], part);
  }

  ExtentAttr tiles() const { return nest.tiles(); }
  bool turns() const { return turned >= 0; }

  void write(LoopTerms &terms) {
    KernelBuilder &k = terms.kernel();
    k.forEachTile([&](Value tile) {
      nest.run(k, tile, [&](const Values &starts) {
        Point point{
            Values(starts.begin(), starts.begin() + (shape.getRank() - (axis >= 0))), axis, {}};
        if (axis >= 0)
          point.at.insert(point.at.begin() + axis, part ? starts.back() : k.index(0));
        isJoin ? writeParts(terms, point) : writeTerms(terms, point);
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
    if (turns())
      return writeTurned(terms, point, from, to);
    forEachVector(k, from, to, [&](Value at, Value live) {
      point.at[axis] = at;
      point.live = live;
      chunk(point);
    });
  }

  /// The chunk of the turned axis at a point, from `from` to `to` along the lanes' axis.
  void writeTurned(LoopTerms &terms, Point point, Value from, Value to) {
    KernelBuilder &k = terms.kernel();
    Value begin = point.at[turned], extent = sizes.of(k, shape)[turned];
    forEachVector(k, begin, k.min(k.add(begin, k.lanes()), extent), [&](Value first, Value there) {
      forEachVector(k, from, to, [&](Value at, Value live) {
        SmallVector<Values> squares;
        for (Value value : yielded)
          squares.push_back(readSquare(terms, value, point, {first, there}, {at, live}));
        for (int64_t i = 0; i < k.lanes(); ++i) {
          Point row = point;
          row.at[turned] = k.add(first, i);
          row.at[axis] = at;
          row.live = live;
          auto put = [&] {
            for (auto [number, square] : llvm::enumerate(squares))
              terms.write(square[i], number, row);
          };
          there ? k.when(k.extract(there, i), put) : put();
        }
      });
    });
  }

  /// Where a side of a square begins, and which of its lanes are inside.
  struct Side {
    Value first, live;
  };

  /// Vectors along the lanes' axis, one for each index of the turned one.
  Values readSquare(LoopTerms &terms, Value value, Point point, Side turnedSide, Side side) {
    KernelBuilder &k = terms.kernel();
    Value last = k.sub(sizes.of(k, shape)[axis], 1);
    point.axis = turned;
    point.at[turned] = turnedSide.first;
    point.live = turnedSide.live;
    Values rows;
    for (int64_t i = 0; i < k.lanes(); ++i) {
      terms.forget();
      Value index = k.add(side.first, i);
      point.at[axis] = side.live ? k.min(index, last) : index;
      rows.push_back(terms.read(value, tensorOf(value).getRank() ? point : Point()));
    }
    terms.forget();
    return k.transpose(rows);
  }

  /// What stands along the joined axis: an operand, or zeros (null).
  struct Part {
    Value operand, extent;
  };

  llvm::SmallVector<Part> partsOf(KernelBuilder &k, Operation *op, int64_t along) {
    llvm::SmallVector<Part> parts;
    for (Value operand : op->getOperands())
      parts.push_back({operand, sizes.of(k, tensorOf(operand))[along]});
    if (auto pad = dyn_cast<PadOp>(op)) {
      parts.insert(parts.begin(), {{}, k.index(static_cast<int64_t>(pad.getLow()))});
      parts.push_back({{}, k.index(static_cast<int64_t>(pad.getHigh()))});
    }
    return parts;
  }

  void writeParts(LoopTerms &terms, Point point) {
    KernelBuilder &k = terms.kernel();
    Operation *op = yielded.front().getDefiningOp();
    int64_t along = op->getAttrOfType<IntegerAttr>("axis").getInt();
    Value offset = k.index(0);
    for (auto [operand, extent] : partsOf(k, op, along)) {
      if (along == axis) {
        copy(terms, operand, point, extent, offset);
      } else {
        Point inner = point;
        inner.at[along] = k.sub(point.at[along], offset);
        // Below the offset the difference is a large unsigned number.
        Value isThere = k.compare(arith::CmpIPredicate::ult, inner.at[along], extent);
        k.when(isThere, [&, part = operand] {
          copy(terms, part, inner, sizes.of(k, shape)[axis], k.index(0), along, offset);
        });
      }
      offset = k.add(offset, extent);
    }
  }

  /// Copies `extent` elements of a part along the lanes' axis, to `shift` further on; `along` is
  /// what else is shifted, by `offset`.
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
      Type element = computedType(k, shape.getElementType());
      terms.write(operand ? terms.read(operand, from) : k.zero(k.vector(element)), 0, to);
    });
    terms.forget();
  }

  DispatchOp dispatch;
  RankedTensorType shape;
  const KernelSizes &sizes;
  int64_t axis;
  TileNest nest;
  ValueRange yielded;
  int64_t turned; ///< the axis that vectors are read along in place of the lanes'; -1: none
  bool isJoin;
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
    std::string remark =
        remarkOnReads(op, isJoined(op) ? op->getOperands() : ValueRange(value), axis, layouts);
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
  if (failed(checkLoopTerms(dispatch, isJoined(root) ? root : nullptr)))
    return failure();
  KernelSizes sizes(dispatch);
  LoopsWriter writer(dispatch, shape, sizes, layouts, target);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    writer.write(terms);
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = writer.tiles();
  if (!writer.turns())
    info.remark = remarkOf(yield, vectorAxisOf(shape), layouts);
  return info;
}

} // namespace tern::cpu
