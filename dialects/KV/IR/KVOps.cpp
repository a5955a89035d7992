// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/IR/KV.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/KV/IR/KVDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/KV/IR/KVTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/KV/IR/KVOps.cpp.inc"

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::kv {

void KVDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/KV/IR/KVTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/KV/IR/KVOps.cpp.inc"
      >();
}

bool isLinear(Type type) { return isa<CacheType, StateType>(type); }

//===- CacheType ----------------------------------------------------------===//

LogicalResult CacheType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t layers,
                                int64_t heads, int64_t keyWidth, int64_t valueWidth,
                                FloatType elementType) {
  if (layers <= 0 || heads <= 0 || keyWidth <= 0 || valueWidth <= 0 ||
      !(elementType.isF32() || elementType.isF16() || elementType.isBF16())) // C1
    return emitError() << "a cache has positive sizes and elements of f32, f16 or bf16, found "
                       << layers << " x " << heads << ", " << keyWidth << ", " << valueWidth << ", "
                       << elementType;
  return success();
}

void CacheType::print(AsmPrinter &printer) const {
  printer << "<" << getLayers() << " x " << getHeads() << ", " << getKeyWidth() << ", "
          << getValueWidth() << ", " << getElementType() << ">";
}

Type CacheType::parse(AsmParser &parser) {
  int64_t layers, heads, keyWidth, valueWidth;
  Type element;
  llvm::SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseInteger(layers) || parser.parseKeyword("x") ||
      parser.parseInteger(heads) || parser.parseComma() || parser.parseInteger(keyWidth) ||
      parser.parseComma() || parser.parseInteger(valueWidth) || parser.parseComma() ||
      parser.parseType(element) || parser.parseGreater())
    return {};
  auto elementType = dyn_cast<FloatType>(element);
  if (!elementType) {
    parser.emitError(location, "expected a float type, found ") << element;
    return {};
  }
  return getChecked([&] { return parser.emitError(location); }, parser.getContext(), layers, heads,
                    keyWidth, valueWidth, elementType);
}

//===- StateType ----------------------------------------------------------===//

LogicalResult StateType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t layers,
                                int64_t rows, int64_t width) {
  if (layers <= 0 || rows <= 0 || width <= 0) // S1
    return emitError() << "a state has positive sizes, found " << layers << ", " << rows << " x "
                       << width;
  return success();
}

//===- BatchType ----------------------------------------------------------===//

void BatchType::print(AsmPrinter &printer) const {
  printer << "<" << getRows().getValue() << ", " << getEntries().getValue() << ">";
}

Type BatchType::parse(AsmParser &parser) {
  StringRef rows, entries;
  if (parser.parseLess() || parser.parseKeyword(&rows) || parser.parseComma() ||
      parser.parseKeyword(&entries) || parser.parseGreater())
    return {};
  MLIRContext *context = parser.getContext();
  return get(context, StringAttr::get(context, rows), StringAttr::get(context, entries));
}

/// True if `type` may have these extents; -1 stands for the batch's rows.
static bool hasExtents(Type type, BatchType batch, ArrayRef<int64_t> expected) {
  auto tensor = cast<RankedTensorType>(type);
  if (tensor.getRank() != static_cast<int64_t>(expected.size()))
    return false;
  MLIRContext *context = type.getContext();
  for (auto [extent, size] : llvm::zip_equal(getExtents(tensor), expected)) {
    ExtentAttr wanted = size < 0 ? ExtentAttr::getName(context, batch.getRows().getValue())
                                 : ExtentAttr::getConstant(context, size);
    if (!mayBeEqual(extent, wanted))
      return false;
  }
  return true;
}

/// True for a tensor of f32 that may have these extents.
static bool isF32(Type type, BatchType batch, ArrayRef<int64_t> expected) {
  return cast<RankedTensorType>(type).getElementType().isF32() && hasExtents(type, batch, expected);
}

/// Fails if another operation changes what `op` does.
static LogicalResult verifyOnlyChange(Operation *op, Value changed) {
  for (Operation *user : changed.getUsers()) // A2
    if (user != op && llvm::any_of(user->getResultTypes(), isLinear))
      return op->emitOpError("changes a cache that another operation changes too")
                 .attachNote(user->getLoc())
             << "the other one is here";
  return success();
}

//===- AppendOp -----------------------------------------------------------===//

LogicalResult AppendOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getCache().getType());
  return success();
}

LogicalResult AppendOp::verify() {
  CacheType cache = getCache().getType();
  BatchType batch = getBatch().getType();
  if (!hasExtents(getKey().getType(), batch, {-1, cache.getHeads(), cache.getKeyWidth()}) ||
      !hasExtents(getValue().getType(), batch, {-1, cache.getHeads(), cache.getValueWidth()}) ||
      !hasExtents(getPositions().getType(), batch, {-1})) // A1
    return emitOpError("stores keys ")
           << getKey().getType() << ", values " << getValue().getType() << " and positions "
           << getPositions().getType() << ", which do not fit " << cache << " and " << batch;
  return verifyOnlyChange(getOperation(), getCache());
}

//===- AttendOp -----------------------------------------------------------===//

LogicalResult AttendOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto query = cast<RankedTensorType>(adaptor.getQuery().getType());
  auto cache = cast<CacheType>(adaptor.getCache().getType());
  auto batch = cast<BatchType>(adaptor.getBatch().getType());
  int64_t heads = query.getRank() == 3 ? query.getDimSize(1) : 0;
  if (heads <= 0 || heads % cache.getHeads() != 0 ||
      !hasExtents(query, batch, {-1, heads, cache.getKeyWidth()}) ||
      !hasExtents(adaptor.getPositions().getType(), batch, {-1})) // T1
    return emitOptionalError(location, "queries ", query, " and positions ",
                             adaptor.getPositions().getType(), " do not fit ", cache, " and ",
                             batch);
  SmallVector<ExtentAttr> extents = getExtents(query);
  extents[2] = ExtentAttr::getConstant(query.getContext(), cache.getValueWidth());
  types.push_back(getTensor(extents, query.getElementType()));
  if (adaptor.getScores())
    types.push_back(getTensor(ArrayRef(extents).take_front(2), query.getElementType()));
  return success();
}

LogicalResult AttendOp::verify() {
  if (static_cast<int64_t>(getWindow()) < 0 || getSoftCap().convertToDouble() < 0) // T2
    return emitOpError("has the window ")
           << static_cast<int64_t>(getWindow()) << " and soft_cap "
           << getSoftCap().convertToDouble() << ", expected 0 or more";
  if (!getSlopes()) {
    if (getBiasType()) // T3
      return emitOpError("rounds a bias to ") << *getBiasType() << " but has no slopes";
    return success();
  }
  auto slopes = RankedTensorType::get({cast<RankedTensorType>(getQuery().getType()).getDimSize(1)},
                                      Float32Type::get(getContext()));
  if (getSlopes().getType() != slopes) // T3
    return emitOpError("has slopes ") << getSlopes().getType() << ", expected " << slopes;
  if (getBiasType() && !getBiasType()->isF16() && !getBiasType()->isBF16()) // T3
    return emitOpError("rounds its bias to ") << *getBiasType() << ", expected f16 or bf16";
  return success();
}

//===- KeysOp, ValuesOp, PositionsOp, VisibleOp ---------------------------===//

/// Tensors over the rows of a batch, the heads of a cache and the slots of that name.
static LogicalResult inferSlots(std::optional<Location> location, Value cache, Value batchValue,
                                StringRef slots, int64_t width, Type element,
                                SmallVectorImpl<Type> &types) {
  auto batch = cast<BatchType>(batchValue.getType());
  if (slots == batch.getRows().getValue() || slots == batch.getEntries().getValue()) // O1
    return emitOptionalError(location, "slots are called '", slots, "' as the ",
                             slots == batch.getRows().getValue() ? "rows" : "entries", " of ",
                             batch);
  MLIRContext *context = cache.getContext();
  SmallVector<ExtentAttr> extents{
      ExtentAttr::getName(context, batch.getRows().getValue()),
      ExtentAttr::getConstant(context, cast<CacheType>(cache.getType()).getHeads()),
      ExtentAttr::getName(context, slots)};
  if (width > 0)
    extents.push_back(ExtentAttr::getConstant(context, width));
  types.push_back(getTensor(extents, element));
  return success();
}

LogicalResult KeysOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                       Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferSlots(location, adaptor.getCache(), adaptor.getBatch(), adaptor.getSlots(),
                    cast<CacheType>(adaptor.getCache().getType()).getKeyWidth(),
                    Float32Type::get(context), types);
}

LogicalResult ValuesOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferSlots(location, adaptor.getCache(), adaptor.getBatch(), adaptor.getSlots(),
                    cast<CacheType>(adaptor.getCache().getType()).getValueWidth(),
                    Float32Type::get(context), types);
}

LogicalResult PositionsOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferSlots(location, adaptor.getCache(), adaptor.getBatch(), adaptor.getSlots(),
                    /*width=*/0, IntegerType::get(context, 32), types);
}

LogicalResult VisibleOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  if (!hasExtents(adaptor.getPositions().getType(), cast<BatchType>(adaptor.getBatch().getType()),
                  {-1})) // O2
    return emitOptionalError(location, "positions ", adaptor.getPositions().getType(),
                             " are not those of the rows of ", adaptor.getBatch().getType());
  return inferSlots(location, adaptor.getCache(), adaptor.getBatch(), adaptor.getSlots(),
                    /*width=*/0, Float32Type::get(context), types);
}

LogicalResult VisibleOp::verify() {
  if (static_cast<int64_t>(getWindow()) < 0) // O2
    return emitOpError("has the window ")
           << static_cast<int64_t>(getWindow()) << ", expected 0 or more";
  return success();
}

//===- ConvolveOp ---------------------------------------------------------===//

LogicalResult ConvolveOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  types.append({adaptor.getX().getType(), adaptor.getState().getType()});
  return success();
}

LogicalResult ConvolveOp::verify() {
  StateType state = getState().getType();
  BatchType batch = getBatch().getType();
  if (!isF32(getX().getType(), batch, {-1, state.getWidth()}) ||
      !isF32(getWeight().getType(), batch, {state.getWidth(), state.getRows() + 1})) // V1
    return emitOpError("convolves ") << getX().getType() << " with " << getWeight().getType()
                                     << ", which do not fit " << state << " and " << batch;
  return verifyOnlyChange(getOperation(), getState());
}

//===- ScanOp -------------------------------------------------------------===//

LogicalResult ScanOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  types.append({adaptor.getX().getType(), adaptor.getState().getType()});
  return success();
}

LogicalResult ScanOp::verify() {
  StateType state = getState().getType();
  BatchType batch = getBatch().getType();
  auto fits = [&](ArrayRef<int64_t> extents) {
    return [batch, extents](Value value) { return isF32(value.getType(), batch, extents); };
  };
  if (!llvm::all_of(ValueRange{getX(), getStep()}, fits({-1, state.getWidth()})) ||
      !llvm::all_of(ValueRange{getIn(), getOut()}, fits({-1, state.getRows()})) ||
      !fits({state.getWidth(), state.getRows()})(getRate())) // N1
    return emitOpError("scans ") << getX().getType() << " by steps " << getStep().getType()
                                 << ", rates " << getRate().getType() << ", in "
                                 << getIn().getType() << " and out " << getOut().getType()
                                 << ", which do not fit " << state << " and " << batch;
  return verifyOnlyChange(getOperation(), getState());
}

} // namespace tern::kv
