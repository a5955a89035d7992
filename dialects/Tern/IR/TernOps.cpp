// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Tern.h"

#include "dialects/Tern/IR/Inference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

#include "dialects/Tern/IR/TermInterface.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Tern/IR/TernOps.cpp.inc"

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static bool sameShape(RankedTensorType a, RankedTensorType b) {
  if (a.getRank() != b.getRank())
    return false;
  for (auto [x, y] : llvm::zip_equal(getExtents(a), getExtents(b)))
    if (!mayBeEqual(x, y))
      return false;
  return true;
}

/// The elements that arithmetic on `type` yields: those of a storage type count as f32.
static Type computedType(Type elementType) {
  return isa<BlockType>(elementType) ? Float32Type::get(elementType.getContext()) : elementType;
}

Value makeScalar(OpBuilder &builder, Location location, double value, FloatType element) {
  auto type = RankedTensorType::get({}, element);
  auto exact = builder.getF64FloatAttr(value);
  auto rounded = FloatAttr::get(element, value);
  if (rounded.getValueAsDouble() == value)
    return ConstantOp::create(builder, location, type, DenseElementsAttr::get(type, rounded));
  auto wide = RankedTensorType::get({}, builder.getF64Type());
  Value held = ConstantOp::create(builder, location, wide, DenseElementsAttr::get(wide, exact));
  return CastOp::create(builder, location, type, held);
}

//===- DimOp --------------------------------------------------------------===//

LogicalResult DimOp::verify() {
  if (static_cast<int64_t>(getMin()) < 0 || getMin() > getMax() || getMax() >> 31 != 0) // D1
    return emitOpError("ranges from ")
           << static_cast<int64_t>(getMin()) << " to " << static_cast<int64_t>(getMax())
           << ", expected 0 <= min <= max < 2^31";
  return success();
}

//===- WeightOp -----------------------------------------------------------===//

LogicalResult WeightOp::verify() {
  size_t holes = getName().count("{}");
  if (holes != (getLayer() ? 1 : 0)) // W1
    return emitOpError("names '") << getName() << "' with " << holes << " '{}', expected "
                                  << (getLayer() ? "one for the layer" : "none without a layer");
  if (!tensorOf(getResult()).hasStaticShape()) // W2
    return emitOpError("has the dynamic type ") << getType() << ", expected a static shape";
  return success();
}

//===- ConstantOp ---------------------------------------------------------===//

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

//===- CastOp -------------------------------------------------------------===//

bool CastOp::isLossy() {
  auto from = dyn_cast<FloatType>(tensorOf(getX()).getElementType());
  auto to = dyn_cast<FloatType>(tensorOf(getResult()).getElementType());
  if (!from || !to)
    return from && !to;
  const llvm::fltSemantics &a = from.getFloatSemantics(), &b = to.getFloatSemantics();
  return !llvm::APFloat::isRepresentableBy(a, b);
}

LogicalResult CastOp::verify() {
  if (!sameShape(tensorOf(getX()), tensorOf(getResult()))) // C1
    return emitOpError("changes the shape from ") << getX().getType() << " to " << getType();
  return success();
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  auto numbers = dyn_cast_if_present<DenseFPElementsAttr>(adaptor.getX());
  auto to = dyn_cast<FloatType>(tensorOf(getResult()).getElementType());
  if (!numbers || !to)
    return {};
  return numbers.mapValues(to, [&](const APFloat &number) {
    APFloat rounded = number;
    bool losesInfo;
    rounded.convert(to.getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
    return rounded.bitcastToAPInt();
  });
}

//===- ContractOp ---------------------------------------------------------===//

LogicalResult ContractOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  FailureOr<Axes> axes = parseAxes(location, adaptor.getAxes(), 2); // M1
  if (failed(axes))
    return failure();
  auto lhs = cast<RankedTensorType>(adaptor.getLhs().getType());
  auto rhs = cast<RankedTensorType>(adaptor.getRhs().getType());
  ExtentTable table;
  if (failed(table.bind(location, axes->operands[0], lhs))) // M2, M3
    return failure();
  if (adaptor.getGroups()) {
    if (rhs.getRank() == 0)
      return emitOptionalError(location, "a grouped right operand has an axis of groups, found ",
                               rhs);
    auto groups = cast<RankedTensorType>(adaptor.getGroups().getType());
    bool numbersRows = groups.getRank() > 0 && groups.getRank() <= lhs.getRank();
    for (auto [own, row] : llvm::zip(getExtents(groups), getExtents(lhs)))
      numbersRows = numbersRows && mayBeEqual(own, row);
    if (!numbersRows) // M4
      return emitOptionalError(location, "groups ", groups, " do not number the rows of ", lhs);
    SmallVector<ExtentAttr> inner = getExtents(rhs);
    rhs = getTensor(ArrayRef(inner).drop_front(), rhs.getElementType());
  }
  if (failed(table.bind(location, axes->operands[1], rhs)))
    return failure();
  bool wide = lhs.getElementType().isF64() && rhs.getElementType().isF64();
  Type element = wide ? Type(Float64Type::get(context)) : Type(Float32Type::get(context));
  FailureOr<RankedTensorType> result = table.get(location, axes->result, element);
  if (failed(result))
    return failure();
  types.push_back(*result);
  return success();
}

//===- RmsNormOp, LayerNormOp ---------------------------------------------===//

template <typename NormOp> static LogicalResult verifyEpsilon(NormOp op) {
  if (op.getEpsilon().convertToDouble() < 0) // N1
    return op.emitOpError("has the epsilon ")
           << op.getEpsilon().convertToDouble() << ", expected 0 or more";
  return success();
}

LogicalResult RmsNormOp::verify() { return verifyEpsilon(*this); }
LogicalResult LayerNormOp::verify() { return verifyEpsilon(*this); }

//===- TopKOp -------------------------------------------------------------===//

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                       Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t k = adaptor.getK();
  SmallVector<ExtentAttr> extents = getExtents(type);
  bool known = !extents.empty() && extents.back() && extents.back().isConstant();
  if (extents.empty() || k <= 0 || (known && k > extents.back().getConstant())) // K1
    return emitOptionalError(location, "k = ", k, " is no number of elements of the last axis of ",
                             type);
  extents.back() = ExtentAttr::getConstant(context, k);
  types.push_back(getTensor(extents, type.getElementType()));
  types.push_back(getTensor(extents, IntegerType::get(context, 32)));
  return success();
}

//===- BroadcastOp --------------------------------------------------------===//

LogicalResult BroadcastOp::verify() {
  FailureOr<Axes> axes = parseAxes(getLoc(), getAxes(), 1); // L1
  if (failed(axes))
    return failure();
  ExtentTable table;
  if (failed(table.bind(getLoc(), axes->result, tensorOf(getResult()))) ||
      failed(table.bind(getLoc(), axes->operands[0], tensorOf(getX())))) // L2
    return failure();
  for (char letter : axes->operands[0])
    if (!StringRef(axes->result).contains(letter))
      return emitOpError("loses the axis '") << StringRef(&letter, 1) << "' of its operand";
  if (tensorOf(getX()).getElementType() != tensorOf(getResult()).getElementType()) // L3
    return emitOpError("changes the element type from ") << getX().getType() << " to " << getType();
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  auto [from, to] = getAxes().split("->");
  return from == to && getX().getType() == getType() ? OpFoldResult(getX()) : OpFoldResult();
}

//===- TransposeOp --------------------------------------------------------===//

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  auto [from, to] = getAxes().split("->");
  return from == to ? OpFoldResult(getX()) : OpFoldResult();
}

//===- ReshapeOp ----------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = tensorOf(getX()), to = tensorOf(getResult());
  if (from.getElementType() != to.getElementType()) // L3
    return emitOpError("changes the element type from ") << from << " to " << to;
  SmallVector<ExtentAttr> dynamic[2];
  int64_t product[2] = {1, 1};
  for (int side : {0, 1})
    for (ExtentAttr extent : getExtents(side == 0 ? from : to)) {
      if (extent && extent.isConstant())
        product[side] *= extent.getConstant();
      else
        dynamic[side].push_back(extent);
    }
  bool fits = product[0] == product[1] && dynamic[0].size() == dynamic[1].size();
  for (auto [a, b] : llvm::zip(dynamic[0], dynamic[1]))
    fits = fits && mayBeEqual(a, b);
  if (!fits) // L5
    return emitOpError("regroups ") << from << " as " << to << ", which has other elements";
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getX().getType() == getType())
    return getX();
  if (auto inner = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(inner.getX());
    return getResult();
  }
  return {};
}

//===- SliceOp ------------------------------------------------------------===//

LogicalResult SliceOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t axis = adaptor.getAxis(), offset = adaptor.getOffset(), size = adaptor.getSize();
  if (axis < 0 || axis >= type.getRank() || offset < 0 || size < 0) // S1
    return emitOptionalError(location, "axis ", axis, " from ", offset, " size ", size,
                             " is no range of ", type);
  SmallVector<ExtentAttr> extents = getExtents(type);
  if (!type.isDynamicDim(axis) && offset > type.getDimSize(axis) - size) // S2
    return emitOptionalError(location, "the range from ", offset, " size ", size, " leaves axis ",
                             axis, " of ", type);
  extents[axis] = ExtentAttr::getConstant(context, size);
  types.push_back(getTensor(extents, type.getElementType()));
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  return getX().getType() == getType() && !tensorOf(getX()).isDynamicDim(getAxis())
             ? OpFoldResult(getX())
             : OpFoldResult();
}

//===- PadOp --------------------------------------------------------------===//

LogicalResult PadOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t axis = adaptor.getAxis(), low = adaptor.getLow(), high = adaptor.getHigh();
  if (axis < 0 || axis >= type.getRank() || low < 0 || high < 0) // S3
    return emitOptionalError(location, "cannot put ", low, " zeros before and ", high,
                             " after axis ", axis, " of ", type);
  SmallVector<ExtentAttr> extents = getExtents(type);
  if (extents[axis])
    extents[axis] = extents[axis].plus(ExtentAttr::getConstant(context, low + high));
  types.push_back(getTensor(extents, type.getElementType()));
  return success();
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  return getLow() == 0 && getHigh() == 0 ? OpFoldResult(getX()) : OpFoldResult();
}

//===- ConcatOp -----------------------------------------------------------===//

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  if (adaptor.getOperands().empty()) // J1
    return emitOptionalError(location, "expected an operand, found none");
  auto first = cast<RankedTensorType>(adaptor.getOperands()[0].getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= first.getRank())
    return emitOptionalError(location, "axis ", axis, " is no axis of ", first);
  SmallVector<ExtentAttr> extents = getExtents(first);
  for (Value operand : adaptor.getOperands().drop_front()) {
    auto type = cast<RankedTensorType>(operand.getType());
    bool fits =
        type.getRank() == first.getRank() && type.getElementType() == first.getElementType();
    for (auto [i, extent] : llvm::enumerate(getExtents(type))) {
      if (!fits)
        break;
      if (static_cast<int64_t>(i) == axis)
        extents[i] = extents[i] && extent ? extents[i].plus(extent) : ExtentAttr();
      else
        fits = mayBeEqual(extents[i], extent);
    }
    if (!fits) // J2
      return emitOptionalError(location, "operands agree but for axis ", axis, ", found ", first,
                               " and ", type);
  }
  types.push_back(getTensor(extents, first.getElementType()));
  return success();
}

//===- GatherOp -----------------------------------------------------------===//

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  FailureOr<Axes> axes = parseAxes(location, adaptor.getAxes(), 2);
  if (failed(axes))
    return failure();
  std::string read;
  for (char letter : axes->operands[0])
    if (!StringRef(axes->result).contains(letter))
      read += letter;
  for (char letter : axes->operands[1])
    if (!StringRef(axes->result).contains(letter))
      read += "?";
  if (read.size() != 1 || read == "?") // G1
    return emitOptionalError(location, "the result of \"", adaptor.getAxes(),
                             "\" must lack one letter of the table and none of the indices");
  auto type = cast<RankedTensorType>(adaptor.getTable().getType());
  ExtentTable table;
  if (failed(table.bind(location, axes->operands[0], type)) ||
      failed(table.bind(location, axes->operands[1],
                        cast<RankedTensorType>(adaptor.getIndices().getType())))) // G2
    return failure();
  FailureOr<RankedTensorType> result =
      table.get(location, axes->result, computedType(type.getElementType()));
  if (failed(result))
    return failure();
  types.push_back(*result);
  return success();
}

//===- RotaryOp -----------------------------------------------------------===//

LogicalResult RotaryOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto cos = cast<RankedTensorType>(adaptor.getCos().getType());
  auto sin = cast<RankedTensorType>(adaptor.getSin().getType());
  if (x.getRank() < 2 || cos.getRank() != 2 || cos != sin ||
      !mayBeEqual(getExtents(x)[0], getExtents(cos)[0])) // Q1
    return emitOptionalError(location, "cosines ", cos, " and sines ", sin,
                             " do not fit the rows of ", x);
  int64_t width = x.getShape().back(), planes = cos.getDimSize(1);
  bool isKnown = !ShapedType::isDynamic(width) && !ShapedType::isDynamic(planes);
  if (isKnown && 2 * planes > width) // Q2
    return emitOptionalError(location, "turns ", 2 * planes, " of only ", width, " elements");
  types.push_back(x);
  return success();
}

//===- AttentionOp --------------------------------------------------------===//

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto query = cast<RankedTensorType>(adaptor.getQuery().getType());
  auto key = cast<RankedTensorType>(adaptor.getKey().getType());
  auto value = cast<RankedTensorType>(adaptor.getValue().getType());
  auto wrong = [&](Type found) {
    return emitOptionalError(location,
                             "expected query TxHxD, key SxGxD, value SxGxE, mask TxS or HxTxS; ",
                             found, " does not fit ", query);
  };
  if (query.getRank() != 3 || key.getRank() != 3 || value.getRank() != 3) // T1
    return wrong(query.getRank() != 3 ? query : key.getRank() != 3 ? key : value);
  SmallVector<ExtentAttr> q = getExtents(query), k = getExtents(key), v = getExtents(value);
  if (!mayBeEqual(q[2], k[2]))
    return wrong(key);
  if (!mayBeEqual(k[0], v[0]) || !mayBeEqual(k[1], v[1]))
    return wrong(value);
  if (adaptor.getMask()) {
    auto mask = cast<RankedTensorType>(adaptor.getMask().getType());
    SmallVector<ExtentAttr> m = getExtents(mask), expected{q[0], k[0]};
    if (mask.getRank() == 3)
      expected.insert(expected.begin(), q[1]);
    if (m.size() != expected.size() || !llvm::all_of_zip(m, expected, mayBeEqual))
      return wrong(mask);
  }
  if (query.isDynamicDim(1) || key.isDynamicDim(1) || key.getDimSize(1) == 0 ||
      query.getDimSize(1) % key.getDimSize(1) != 0) // T2
    return emitOptionalError(location, "the heads of ", key, " do not divide those of ", query);
  types.push_back(getTensor({q[0], q[1], v[2]}, query.getElementType()));
  return success();
}

LogicalResult AttentionOp::verify() {
  if (static_cast<int64_t>(getWindow()) < 0 || getSoftCap().convertToDouble() < 0) // T3
    return emitOpError("has the window ")
           << static_cast<int64_t>(getWindow()) << " and soft_cap "
           << getSoftCap().convertToDouble() << ", expected 0 or more";
  return success();
}

//===- SampleOp -----------------------------------------------------------===//

LogicalResult SampleOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  ExtentTable table;
  Type f32 = Float32Type::get(context), i32 = IntegerType::get(context, 32);
  std::pair<Value, StringRef> operands[] = {{adaptor.getLogits(), "rv"},
                                            {adaptor.getHistory(), "h"},
                                            {adaptor.getHistoryStart(), "s"},
                                            {adaptor.getParameters(), "rp"}};
  for (auto [operand, letters] : operands)
    if (failed(table.bind(location, letters, tensorOf(operand)))) // U1
      return failure();
  ExtentAttr one = ExtentAttr::getConstant(context, 1);
  ExtentAttr rows = getExtents(tensorOf(adaptor.getLogits()))[0];
  ExtentAttr starts = getExtents(tensorOf(adaptor.getHistoryStart()))[0];
  ExtentAttr width = getExtents(tensorOf(adaptor.getParameters()))[1];
  bool hasTypes = tensorOf(adaptor.getLogits()).getElementType() == f32 &&
                  tensorOf(adaptor.getParameters()).getElementType() == f32 &&
                  tensorOf(adaptor.getHistory()).getElementType() == i32 &&
                  tensorOf(adaptor.getHistoryStart()).getElementType() == i32;
  bool startsFit = !rows || !starts || mayBeEqual(starts, rows.plus(one));
  if (!hasTypes || !startsFit || !mayBeEqual(width, ExtentAttr::getConstant(context, 8))) // U1
    return emitOptionalError(location,
                             "samples R rows by f32 logits, an i32 history and its R + 1 "
                             "starts, and 8 f32 parameters a row, found ",
                             adaptor.getLogits().getType(), ", ", adaptor.getHistory().getType(),
                             ", ", adaptor.getHistoryStart().getType(), " and ",
                             adaptor.getParameters().getType());
  FailureOr<RankedTensorType> token = table.get(location, "r", i32);
  FailureOr<RankedTensorType> probabilities = table.get(location, "rv", f32);
  types.assign({*token, *probabilities});
  return success();
}

//===- QuantiseOp, DequantiseOp -------------------------------------------===//

LogicalResult QuantiseOp::verify() {
  RankedTensorType from = tensorOf(getX()), to = tensorOf(getResult());
  if (!sameShape(from, to)) // C1
    return emitOpError("changes the shape from ") << from << " to " << to;
  auto block = dyn_cast<BlockType>(to.getElementType());
  bool isSigned = block && !block.getMinimum() && block.getZero() == 0 && block.getTable().empty();
  if (!isSigned || block.getScaleBits() != 0) // Z1
    return emitOpError("needs signed blocks with one scale each and no minimum, found ") << to;
  if (to.getRank() == 0 || (!to.isDynamicDim(to.getRank() - 1) &&
                            to.getDimSize(to.getRank() - 1) % block.getGroup() != 0)) // Z2
    return emitOpError("needs a last axis in groups of ") << block.getGroup() << ", found " << to;
  if (!llvm::is_contained({"none", "-8", "-128", "scaled", "halves"}, getCorrection())) // Z4
    return emitOpError("has the correction '")
           << getCorrection() << "', expected 'none', '-8', '-128', 'scaled' or 'halves'";
  return success();
}

LogicalResult DequantiseOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  if (!isa<BlockType>(type.getElementType())) // Z3
    return emitOptionalError(location, "needs elements of a block type, found ", type);
  types.push_back(getTensor(getExtents(type), computedType(type.getElementType())));
  return success();
}

//===- BlocksOp -----------------------------------------------------------===//

LogicalResult BlocksOp::verify() {
  RankedTensorType codes = tensorOf(getCodes()), to = tensorOf(getResult());
  if (codes.getRank() != 2 || !codes.hasStaticShape() || !codes.getElementType().isInteger(8) ||
      codes.getShape() != to.getShape()) // O1
    return emitOpError("needs codes of i8 of the shape of ") << to << ", found " << codes;
  auto block = dyn_cast<BlockType>(to.getElementType());
  bool hasZeros = static_cast<bool>(getZeros());
  bool isMade = block && block.getFormat() && !isa<Float8E8M0FNUType>(block.getScale()) &&
                (block.getBits() == 4 || block.getBits() == 8) && block.getMinimum() == hasZeros &&
                (block.getScaleBits() != 0) == hasZeros && block.getGroup() == 32 &&
                block.getElements() <= 128;
  if (!isMade) // O2
    return emitOpError("makes blocks of codes of 4 or 8 bits with one scale, found ") << to;
  int64_t elements = block.getElements();
  SmallVector<int64_t> shape{to.getDimSize(0), to.getDimSize(1) / elements};
  auto *context = getContext();
  auto zeros = RankedTensorType::get(shape, IntegerType::get(context, 8));
  auto scales = RankedTensorType::get(shape, block.getScale());
  if (to.getDimSize(1) % elements != 0 || tensorOf(getScales()) != scales ||
      (hasZeros && tensorOf(getZeros()) != zeros)) // O3
    return emitOpError("needs a scale for each ")
           << elements << " elements of " << to << ", found " << tensorOf(getScales());
  return success();
}

//===- PackOp -------------------------------------------------------------===//

/// True if matrices or stacks of these types can be packed side by side.
static bool packTogether(RankedTensorType a, RankedTensorType b, bool isTurned) {
  bool isStack = a.getRank() == 3;
  bool hasRank = (isStack || a.getRank() == 2) && a.getRank() == b.getRank();
  if (!hasRank || !a.hasStaticShape() || !b.hasStaticShape() ||
      a.getElementType() != b.getElementType())
    return false;
  auto kept = [&](RankedTensorType type) {
    return isTurned ? type.getShape().take_front() : type.getShape().drop_front();
  };
  return kept(a) == kept(b);
}

LogicalResult PackOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                       Adaptor adaptor, SmallVectorImpl<Type> &types) {
  bool isTurned = adaptor.getTurned();
  if (adaptor.getOperands().empty())
    return emitOptionalError(location, "packs at least one matrix, found none");
  auto first = cast<RankedTensorType>(adaptor.getOperands()[0].getType());
  bool isStack = first.getRank() == 3;
  int64_t rows = 0;
  for (Value operand : adaptor.getOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (!packTogether(first, type, isTurned)) // P1
      return emitOptionalError(location, "packs static matrices of one width, found ", first,
                               " and ", type);
    rows += type.getDimSize(isTurned ? 1 : 0);
  }
  if (isTurned && (isStack || isa<BlockType>(first.getElementType()))) // P2
    return emitOptionalError(location, "packs ", first,
                             ", expected neither stacks nor blocks turned");
  SmallVector<int64_t> shape(first.getShape());
  if (isTurned)
    std::swap(shape[0], shape[1]);
  shape[0] = rows;
  if (adaptor.getAlternating() && (isStack || rows % 64 != 0)) // P3
    return emitOptionalError(location, "alternates pairs of 32 rows of a matrix, found ", rows);
  auto panels = PanelsAttr::get(context, 32, adaptor.getAlternating());
  types.push_back(RankedTensorType::get(shape, first.getElementType(), panels));
  return success();
}

//===- RepeatOp -----------------------------------------------------------===//

LogicalResult RepeatOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  llvm::append_range(types, adaptor.getCarried().getTypes());
  return success();
}

LogicalResult RepeatOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, getCalleeAttr());
  if (!callee)
    return emitOpError("calls @") << getCallee() << ", which is no function of the module";
  SmallVector<Type> inputs{IndexType::get(getContext())};
  llvm::append_range(inputs, getCarried().getTypes());
  llvm::append_range(inputs, getFixed().getTypes());
  if (callee.getFunctionType() !=
      FunctionType::get(getContext(), inputs, getCarried().getTypes())) // F1
    return emitOpError("calls @") << getCallee() << " of type " << callee.getFunctionType()
                                  << ", expected "
                                  << FunctionType::get(getContext(), inputs,
                                                       getCarried().getTypes());
  if (getLayers().empty()) // F2
    return emitOpError("repeats @") << getCallee() << " for no layer";
  return success();
}

//===- ChoiceOp -----------------------------------------------------------===//

LogicalResult ChoiceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type keep = adaptor.getKeep().getType(), fold = adaptor.getFold().getType();
  if (keep != fold) // O1
    return emitOptionalError(location, "chooses between ", keep, " and ", fold,
                             ", expected one type");
  types.push_back(keep);
  return success();
}

//===- LoadedOp -----------------------------------------------------------===//

LogicalResult LoadedOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, getCalleeAttr());
  bool fits = callee && callee.getNumArguments() == (getLayer() ? 1u : 0u) &&
              getIndex() < callee.getNumResults() &&
              callee.getResultTypes()[getIndex()] == getType();
  if (!fits) // F3
    return emitOpError("reads result ") << getIndex() << " of @" << getCallee() << " as "
                                        << getType() << ", which is no such load function";
  return success();
}

//===- DispatchOp ---------------------------------------------------------===//

LogicalResult DispatchOp::verify() {
  Block &body = getBody().front();
  if (body.getArgumentTypes() != getInputs().getTypes()) // H1
    return emitOpError("has a body of other arguments than its inputs");
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getOperandTypes() != getResultTypes()) // H2
    return emitOpError("has a body that does not yield its results");
  return success();
}

} // namespace tern
