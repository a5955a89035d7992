// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/LoopAnalysis.h"

#include "passes/CPU/Elementwise.h"

using namespace mlir;
using llvm::ArrayRef;

namespace tern::cpu {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static InFlightDiagnostic refuse(Operation *op) {
  return op->emitOpError("has no kernel for the CPU: ");
}

static bool isKnownElement(Type element) {
  if (auto block = dyn_cast<BlockType>(element)) {
    bool isRecord = block.getBits() == 8 && block.getScale().isF32() && block.getGroup() == 32;
    return isRecord || block.getFormat();
  }
  if (isa<IntegerType>(element))
    return element.isInteger(8) || element.isInteger(16) || element.isInteger(32) ||
           element.isInteger(64);
  return element.isF16() || element.isBF16() || element.isF32() || element.isF64();
}

LogicalResult checkLoopOperand(Operation *op, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return refuse(op) << "expected tensors, found " << value.getType();
  if (type.getEncoding() && !isa<DimsAttr>(type.getEncoding()))
    return refuse(op) << "expected plain tensors, found the packed " << type;
  if (!isKnownElement(type.getElementType()))
    return refuse(op) << "expected elements of f16, bf16, f32, f64, i8 to i64, records or GGUF's "
                         "blocks, found "
                      << type;
  for (ExtentAttr extent : getExtents(type))
    if (!extent)
      return refuse(op) << "expected axes with names, found " << type;
  return success();
}

/// Vectors of lanes lie inside of one block, for they begin at multiples of the lanes.
static LogicalResult checkSlice(SliceOp op) {
  RankedTensorType type = tensorOf(op.getX());
  auto block = dyn_cast<BlockType>(type.getElementType());
  bool cutsBlocks = block && static_cast<int64_t>(op.getAxis()) == type.getRank() - 1 &&
                    op.getOffset() % block.getGroup() != 0;
  if (cutsBlocks)
    return refuse(op) << "expected an offset of whole blocks of " << block.getGroup() << ", found "
                      << op.getOffset();
  return success();
}

static LogicalResult checkTerm(Operation *op) {
  Type element = tensorOf(op->getOperand(0)).getElementType();
  if (auto slice = dyn_cast<SliceOp>(op))
    return checkSlice(slice);
  if (isa<BroadcastOp, TransposeOp, GatherOp, ReshapeOp, DequantiseOp, OneHotOp>(op))
    return success();
  if (isa<BlockType>(element) && !isa<CastOp>(op))
    return refuse(op) << "expected numbers, found the storage type " << element
                      << ", which tern.dequantise reads";
  if (!isRealFunction(op) && !isOperator(op))
    return refuse(op)
           << "expected axes of known size after the first one, in f32, f16 or bf16, found "
           << op->getOperand(0).getType();
  if (isRealFunction(op) && !isa<FloatType>(element))
    return refuse(op) << "integers have sums, products and comparisons alone, found " << element;
  if (element.isF64() && isRealFunction(op) && !isExactInDouble(op))
    return refuse(op) << "expected f32, f16 or bf16, found f64, which has arithmetic alone";
  return success();
}

LogicalResult checkLoopTerms(DispatchOp dispatch, Operation *root) {
  for (Operation &op : dispatch.getBody().front()) {
    if (isa<YieldOp>(op))
      continue;
    for (ValueRange values : {ValueRange(op.getOperands()), ValueRange(op.getResults())})
      for (Value value : values)
        if (failed(checkLoopOperand(&op, value)))
          return failure();
    if (&op != root && !isa<ConstantOp, IotaOp, SizeOp>(op) && failed(checkTerm(&op)))
      return failure();
  }
  return success();
}

int64_t vectorAxisOf(RankedTensorType type) {
  for (int64_t axis = type.getRank() - 1; axis >= 0; --axis)
    if (type.getDimSize(axis) != 1)
      return axis;
  return type.getRank() - 1;
}

/// The elements of one axis: if they lie apart, they do so for every schema.
static bool isColumn(RankedTensorType type) {
  return llvm::count_if(type.getShape(), [](int64_t size) { return size != 1; }) <= 1;
}

std::string remarkOnReads(Operation *op, ValueRange operands, int64_t axis,
                          ArrayRef<Layout> layouts) {
  for (auto [i, operand] : llvm::enumerate(operands))
    if (!isColumn(tensorOf(operand)) &&
        LoopTerms::reachOf(operand, tensorOf(operand).getRank() ? axis : -1, layouts) ==
            Reach::Strided)
      return op->getName().getStringRef().str() + " reads operand " + std::to_string(i) +
             " element by element: its neighbours along the result's last axis are not neighbours "
             "in memory";
  return {};
}

} // namespace tern::cpu
