// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/LoopTerms.h"

#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/BlockReader.h"
#include "passes/CPU/Elementwise.h"
#include "passes/CPU/Record.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

static std::optional<int64_t> constantOf(Value value) {
  llvm::APInt number;
  if (value && matchPattern(value, m_ConstantInt(&number)))
    return number.getSExtValue();
  return std::nullopt;
}

void forEachVector(KernelBuilder &k, Value from, Value to,
                   llvm::function_ref<void(Value at, Value live)> body) {
  int64_t lanes = k.lanes();
  Value count = k.sub(to, from);
  std::optional<int64_t> known = constantOf(count);
  Value whole = k.add(from, k.mul(k.div(count, lanes), lanes));
  if (!known || *known >= lanes)
    k.loop(from, whole, lanes, [&](Value at) { body(at, {}); });
  if (known && *known % lanes == 0)
    return;
  auto rest = [&] {
    Value count = k.truncate(k.sub(to, whole), k.i32());
    // LLVM 22 makes of a truncation and a masked store of one lane a store of the untruncated lane.
    Value left = k.broadcast(known && *known % lanes == 1 ? k.hide(count) : count);
    body(whole, k.compare(arith::CmpIPredicate::slt, k.iota(lanes), left));
  };
  known ? rest() : k.when(k.compare(arith::CmpIPredicate::slt, whole, to), rest);
}

static Axes axesOf(StringRef text) {
  std::string why;
  return *Axes::parse(text, why);
}

LoopTerms::LoopTerms(KernelBuilder &kernel, const KernelSizes &sizes, DispatchOp dispatch,
                     ArrayRef<Layout> layouts, StringRef name, ModuleOp module)
    : k(kernel), sizes(sizes), dispatch(dispatch), layouts(layouts),
      constants(kernel, name, module, /*keepsDouble=*/true), buffers(dispatch) {}

//===- Memory -------------------------------------------------------------===//

static int64_t bytesOf(Type element) { return element.getIntOrFloatBitWidth() / 8; }

LoopTerms::Memory LoopTerms::memoryOf(BlockArgument input) {
  unsigned number = input.getArgNumber();
  RankedTensorType type = typeOf(input);
  return {k.buffer(buffers.ofInput(number)), type, stridesOf(k, sizes, type, layouts[number])};
}

LoopTerms::Memory LoopTerms::resultMemory(unsigned result) {
  auto type = cast<RankedTensorType>(dispatch.getResult(result).getType());
  return {k.buffer(buffers.ofResult(result)), type,
          stridesOf(k, sizes, type, layouts[dispatch.getNumOperands() + result])};
}

Value LoopTerms::addressOf(const Memory &memory, const Values &at) {
  Value element = k.index(0);
  for (auto [index, stride] : llvm::zip_equal(at, memory.strides))
    element = k.add(element, k.mul(index, stride.value));
  return k.address(memory.base, k.mul(element, bytesOf(memory.type.getElementType())));
}

/// What lies in memory as the type that it is computed as.
static Value widen(KernelBuilder &k, Value stored, Type element) {
  Type wide = computedType(k, element);
  if (isa<FloatType>(element))
    return k.convertFloat(stored, wide);
  return wide == element ? stored : k.extendSigned(stored, wide);
}

Value LoopTerms::load(const Memory &memory, Value address, const Point &point) {
  Type element = memory.type.getElementType();
  auto alignment = static_cast<unsigned>(bytesOf(element));
  if (point.axis < 0)
    return k.broadcast(widen(k, k.load(element, address, 0, alignment), element));
  VectorType type = k.vector(element);
  Value loaded = point.live ? k.loadWhere(type, point.live, address, alignment)
                            : k.load(type, address, 0, alignment);
  return widen(k, loaded, element);
}

Point LoopTerms::lane(const Point &point, Value number, Value extent) {
  Point one = point;
  one.axis = -1;
  one.live = {};
  Value index = k.add(point.at[point.axis], number);
  // A lane that is not live reads an element that is there.
  one.at[point.axis] = point.live ? k.min(index, k.sub(extent, 1)) : index;
  return one;
}

Value LoopTerms::readLanes(RankedTensorType type, const Point &point,
                           llvm::function_ref<Value(const Point &)> one) {
  Value extent = sizes.of(k, type)[point.axis], result;
  if (k.target().warp)
    return one(lane(point, k.lane(), extent));
  for (int64_t i = 0; i < k.lanes(); ++i) {
    Value number = k.extract(one(lane(point, k.index(i), extent)), 0);
    if (!result)
      result = k.zero(k.vector(number.getType()));
    result = k.insert(number, result, i);
  }
  return result;
}

Value LoopTerms::readMemory(const Memory &memory, const Point &point) {
  bool isBlocks = isa<BlockType>(memory.type.getElementType());
  auto here = [&](const Point &one) {
    return isBlocks ? readBlocks(memory, one) : load(memory, addressOf(memory, one.at), one);
  };
  // A warp has more lanes than some groups have elements.
  bool isApart =
      point.axis >= 0 && (memory.strides[point.axis].known != 1 || (isBlocks && k.target().warp));
  return isApart ? readLanes(memory.type, point, here) : here(point);
}

/// One element, or neighbours inside of one group (LoopAnalysis.cpp sees to it): of GGUF's blocks,
/// or of records of activations.
Value LoopTerms::readBlocks(const Memory &memory, const Point &point) {
  auto block = cast<BlockType>(memory.type.getElementType());
  Value element = k.index(0);
  for (auto [index, stride] : llvm::zip_equal(point.at, memory.strides))
    element = k.add(element, k.mul(index, stride.value));
  const BlockFormat *format = block.getFormat();
  int64_t bytes = format ? format->bytes : kRecordBytes;
  Value inner = k.rem(element, block.getElements());
  Value base = k.address(memory.base, k.mul(k.div(element, block.getElements()), bytes));
  bool isVector = point.axis >= 0;
  if (format)
    return BlockReader(k, *format, base).read(inner, isVector);
  Value at = k.address(base, inner);
  Value codes =
      isVector ? k.load(k.vector(k.i8()), at, 0, 1) : k.broadcast(k.load(k.i8(), at, 0, 1));
  Value scale = k.broadcast(k.load(k.f32(), base, kRecordScale));
  return k.mul(k.toFloat(k.extendSigned(codes, k.i32())), scale);
}

void LoopTerms::write(Value vector, unsigned result, const Point &point) {
  Memory memory = resultMemory(result);
  Type element = memory.type.getElementType();
  auto alignment = static_cast<unsigned>(bytesOf(element));
  if (isa<FloatType>(element))
    vector = k.convertFloat(vector, element);
  else if (getElementTypeOrSelf(vector.getType()) != element)
    vector = k.truncate(vector, element);
  if (point.axis < 0)
    return k.store(k.same(vector), addressOf(memory, point.at), 0, alignment);
  if (memory.strides[point.axis].known == 1) {
    Value address = addressOf(memory, point.at);
    return point.live ? k.storeWhere(vector, point.live, address, alignment)
                      : k.store(vector, address, 0, alignment);
  }
  if (k.target().warp) {
    Point one = point;
    one.at[point.axis] = k.add(point.at[point.axis], k.lane());
    Value all = k.integer(k.vector(k.i1()), -1);
    return k.storeApart(vector, point.live ? point.live : all, addressOf(memory, one.at),
                        alignment);
  }
  for (int64_t i = 0; i < k.lanes(); ++i) {
    Point one = point;
    one.at[point.axis] = k.add(point.at[point.axis], i);
    auto put = [&] { k.store(k.extract(vector, i), addressOf(memory, one.at), 0, alignment); };
    point.live ? k.when(k.extract(point.live, i), put) : put();
  }
}

Value LoopTerms::readResult(unsigned result, const Point &point) {
  return readMemory(resultMemory(result), point);
}

//===- Movement -----------------------------------------------------------===//

Value LoopTerms::readConstant(ConstantOp op, const Point &point) {
  if (Value splat = constants.splat(op))
    return splat;
  Place place = constants.place(op);
  RankedTensorType type = typeOf(op.getResult()).clone(place.element);
  return readMemory({place.base, type, stridesOf(k, sizes, type, {ShapedType::kDynamic})}, point);
}

/// The point of an operand with `letters` at a point of a term with `all`.
static Point pointOf(StringRef letters, StringRef all, const Point &point) {
  Point part;
  for (auto [axis, letter] : llvm::enumerate(letters)) {
    size_t at = all.find(letter);
    part.at.push_back(at == StringRef::npos ? Value() : point.at[at]);
    if (at != StringRef::npos && static_cast<int64_t>(at) == point.axis) {
      part.axis = static_cast<int64_t>(axis);
      part.live = point.live;
    }
  }
  return part;
}

Value LoopTerms::readGather(GatherOp op, const Point &point) {
  Axes axes = axesOf(op.getAxes());
  Point place = pointOf(axes.operands[1], axes.result, point);
  if (place.axis >= 0)
    return readLanes(typeOf(op.getResult()), point,
                     [&](const Point &one) { return readGather(op, one); });
  Value index = k.same(read(op.getIndices(), place));
  if (index.getType() != k.i64())
    index = k.extendSigned(index, k.i64());
  Point row = pointOf(axes.operands[0], axes.result, point);
  for (auto [axis, letter] : llvm::enumerate(axes.operands[0]))
    if (!row.at[axis]) {
      Value last = k.sub(extentsOf(op.getTable())[axis], 1);
      row.at[axis] = k.max(k.min(index, last), k.index(0));
    }
  return read(op.getTable(), row);
}

Value LoopTerms::readReshape(ReshapeOp op, const Point &point) {
  RankedTensorType from = typeOf(op.getX()), to = typeOf(op.getResult());
  if (from.getRank() == 0 || to.getRank() == 0) // one element
    return read(op.getX(), {Values(from.getRank(), k.index(0)), -1, {}});
  int64_t last = to.getRank() - 1, run = to.getShape().back(), whole = from.getShape().back();
  bool isRow = point.axis == last && !ShapedType::isDynamic(run) && !ShapedType::isDynamic(whole) &&
               whole != 0 && whole % run == 0;
  if (point.axis >= 0 && !isRow)
    return readLanes(to, point, [&](const Point &one) { return readReshape(op, one); });
  Value flat = k.index(0);
  for (auto [index, extent] : llvm::zip_equal(point.at, extentsOf(op.getResult())))
    flat = k.add(k.mul(flat, extent), index);
  Point inner{Values(from.getRank()), -1, point.live};
  Values extents = extentsOf(op.getX());
  for (int64_t axis = from.getRank() - 1; axis > 0; --axis) {
    inner.at[axis] = k.rem(flat, extents[axis]);
    flat = k.div(flat, extents[axis]);
  }
  inner.at[0] = flat;
  inner.axis = point.axis >= 0 ? from.getRank() - 1 : -1;
  return read(op.getX(), inner);
}

//===- Indices ------------------------------------------------------------===//

Value LoopTerms::indexAt(const Point &point, int64_t axis) {
  Value first = k.broadcast(k.truncate(point.at[axis], k.i32()));
  return axis == point.axis ? k.add(first, k.iota(k.lanes())) : first;
}

Value LoopTerms::readIota(IotaOp op, const Point &point) {
  Axes axes = axesOf(op.getAxes());
  auto axis = static_cast<int64_t>(axes.result.find(axes.operands[0]));
  return convert(k, indexAt(point, axis), typeOf(op.getResult()).getElementType());
}

Value LoopTerms::readOneHot(OneHotOp op, const Point &point) {
  Axes axes = axesOf(op.getAxes());
  StringRef letters = axes.operands[0], all = axes.result;
  size_t compared = all.find_if([&](char letter) { return !letters.contains(letter); });
  Value chosen = read(op.getIndices(), pointOf(letters, all, point));
  Value index = indexAt(point, static_cast<int64_t>(compared));
  if (index.getType() != chosen.getType())
    index = k.extendSigned(index, k.i64());
  Type element = computedType(k, typeOf(op.getResult()).getElementType());
  return indicator(k, k.compare(arith::CmpIPredicate::eq, chosen, index), k.vector(element));
}

//===- Terms --------------------------------------------------------------===//

static bool isSame(const Point &a, const Point &b) {
  return a.at == b.at && a.axis == b.axis && a.live == b.live;
}

Value LoopTerms::read(Value term, const Point &point) {
  if (Value vector = known.lookup(term))
    return vector;
  for (const Computed &before : computed)
    if (before.term == term && isSame(before.point, point))
      return before.value;
  Value value = compute(term, point);
  computed.push_back({term, point, value});
  return value;
}

Value LoopTerms::compute(Value term, const Point &point) {
  if (auto argument = dyn_cast<BlockArgument>(term))
    return readMemory(memoryOf(argument), point);
  Operation *op = term.getDefiningOp();
  auto operand = [&](unsigned i) {
    Value x = op->getOperand(i);
    return read(x, typeOf(x).getRank() == 0 ? Point() : point);
  };
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ConstantOp constant) { return readConstant(constant, point); })
      .Case<BroadcastOp, TransposeOp>([&](auto move) {
        Axes axes = axesOf(move.getAxes());
        return read(move.getX(), pointOf(axes.operands[0], axes.result, point));
      })
      .Case([&](SliceOp slice) {
        Point part = point;
        auto axis = static_cast<size_t>(slice.getAxis());
        part.at[axis] = k.add(part.at[axis], static_cast<int64_t>(slice.getOffset()));
        return read(slice.getX(), part);
      })
      .Case([&](GatherOp gather) { return readGather(gather, point); })
      .Case([&](ReshapeOp reshape) { return readReshape(reshape, point); })
      .Case([&](IotaOp iota) { return readIota(iota, point); })
      .Case([&](SizeOp size) { return k.broadcast(sizes.of(k, size)); })
      .Case([&](OneHotOp oneHot) { return readOneHot(oneHot, point); })
      .Case([&](DequantiseOp dequantise) { return read(dequantise.getX(), point); })
      .Case([&](CastOp cast) {
        return convert(k, operand(0), typeOf(cast.getResult()).getElementType());
      })
      .Case([&](WhereOp) {
        Value condition = truth(k, operand(0)), yes = operand(1);
        return k.select(condition, yes, operand(2));
      })
      .Default([&](Operation *) {
        Value x = operand(0);
        return op->getNumOperands() == 1 ? applyUnary(k, op, x) : applyBinary(k, op, x, operand(1));
      });
}

//===- Facts --------------------------------------------------------------===//

static Reach worse(Reach a, Reach b) {
  if (a == Reach::Strided || b == Reach::Strided)
    return Reach::Strided;
  return a == Reach::Contiguous ? a : b;
}

/// The axis of an operand with `letters` that `axis` of a term with `all` is; -1 for none.
static int64_t axisOf(StringRef letters, StringRef all, int64_t axis) {
  size_t at = letters.find(all[axis]);
  return at == StringRef::npos ? -1 : static_cast<int64_t>(at);
}

namespace {

/// How terms are read along an axis; each is looked at once, however many read it.
class ReachAnalysis {
public:
  explicit ReachAnalysis(ArrayRef<Layout> layouts) : layouts(layouts) {}

  Reach of(Value term, int64_t axis) {
    if (auto found = known.find({term, axis}); found != known.end())
      return found->second;
    Reach reach = compute(term, axis);
    known[{term, axis}] = reach;
    return reach;
  }

private:
  Reach compute(Value term, int64_t axis);

  ArrayRef<Layout> layouts;
  llvm::DenseMap<std::pair<Value, int64_t>, Reach> known;
};

} // namespace

Reach ReachAnalysis::compute(Value term, int64_t axis) {
  auto type = cast<RankedTensorType>(term.getType());
  if (axis < 0 || type.getRank() == 0)
    return Reach::Splat;
  Operation *op = term.getDefiningOp();
  if (!op || isa<ConstantOp>(op)) {
    bool isUnit = llvm::all_of(type.getShape().drop_front(axis + 1),
                               [](int64_t extent) { return extent == 1; });
    if (!op && axis == 0 && type.getRank() > 1)
      isUnit = layouts[cast<BlockArgument>(term).getArgNumber()].rowStride == 1;
    return isUnit ? Reach::Contiguous : Reach::Strided;
  }
  if (isa<BroadcastOp, TransposeOp>(op)) {
    Axes axes = axesOf(op->getAttrOfType<StringAttr>("axes").getValue());
    return of(op->getOperand(0), axisOf(axes.operands[0], axes.result, axis));
  }
  if (isa<IotaOp, OneHotOp>(op)) {
    Axes axes = axesOf(op->getAttrOfType<StringAttr>("axes").getValue());
    int64_t own = axisOf(axes.operands[0], axes.result, axis);
    if (isa<IotaOp>(op))
      return own >= 0 ? Reach::Contiguous : Reach::Splat;
    return own >= 0 ? of(op->getOperand(0), own) : Reach::Contiguous;
  }
  if (auto gather = dyn_cast<GatherOp>(op)) {
    Axes axes = axesOf(gather.getAxes());
    if (axisOf(axes.operands[1], axes.result, axis) >= 0)
      return Reach::Strided;
    return of(gather.getTable(), axisOf(axes.operands[0], axes.result, axis));
  }
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    RankedTensorType from = reshape.getX().getType();
    bool isRow = axis == type.getRank() - 1 && from.getRank() > 0 && type.getShape().back() > 0 &&
                 from.getShape().back() > 0 && from.getShape().back() % type.getShape().back() == 0;
    return isRow ? of(reshape.getX(), from.getRank() - 1) : Reach::Strided;
  }
  Reach reach = Reach::Splat;
  for (Value operand : op->getOperands())
    reach = worse(reach, of(operand, axis));
  return reach;
}

Reach LoopTerms::reachOf(Value term, int64_t axis, ArrayRef<Layout> layouts) {
  return ReachAnalysis(layouts).of(term, axis);
}

} // namespace tern::cpu
