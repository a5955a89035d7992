// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `scalars`: a program of single numbers in f32 and f64, written one after the other in the
// order of the dispatch. Elements of small tensors are read where views lead to them, and vectors
// concatenated from numbers are written number by number. There is one tile.
#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/Elementwise.h"
#include "passes/CPU/KernelSizes.h"
#include "passes/CPU/Schema.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static InFlightDiagnostic refuse(Operation *op) {
  return op->emitOpError("has no kernel for the CPU: ");
}

static bool isNumber(Value value) {
  RankedTensorType type = tensorOf(value);
  return type.getRank() == 0 && (type.getElementType().isF32() || type.getElementType().isF64());
}

static LogicalResult checkTerm(Operation *op) {
  if (!llvm::all_of(op->getOperands(), isNumber) || !isNumber(op->getResult(0)))
    return refuse(op) << "expected numbers of f32 or f64 in a program of scalars";
  Type element = tensorOf(op->getOperand(0)).getElementType();
  if (!isRealFunction(op) && !isOperator(op))
    return refuse(op) << "expected arithmetic in a program of scalars";
  if (element.isF64() && isRealFunction(op) && !isExactInDouble(op))
    return refuse(op) << "expected f32, found f64, which has arithmetic alone";
  return success();
}

namespace {

class ScalarsWriter {
public:
  ScalarsWriter(KernelBuilder &kernel, const KernelSizes &sizes, DispatchOp dispatch,
                ArrayRef<Layout> layouts)
      : k(kernel), sizes(sizes), dispatch(dispatch), layouts(layouts), buffers(dispatch) {}

  void write() {
    Operation *end = dispatch.getBody().front().getTerminator();
    for (auto [i, value] : llvm::enumerate(end->getOperands()))
      resultOf[value].push_back(static_cast<unsigned>(i));
    for (Operation &op : dispatch.getBody().front().without_terminator()) {
      if (auto concat = dyn_cast<ConcatOp>(op)) {
        for (auto [i, operand] : llvm::enumerate(concat.getOperands()))
          store(concat.getResult(), static_cast<int64_t>(i), read(operand));
      } else if (!isa<SliceOp, ReshapeOp, ConstantOp>(op)) {
        numberOf[op.getResult(0)] = compute(&op);
        store(op.getResult(0), 0, numberOf[op.getResult(0)]);
      }
    }
    // Numbers that are returned as they came.
    for (Value value : end->getOperands())
      if (Operation *op = value.getDefiningOp(); !op || isa<SliceOp, ReshapeOp, ConstantOp>(op))
        for (int64_t i = 0; i < tensorOf(value).getNumElements(); ++i)
          store(value, i, read(value, i));
  }

private:
  Value compute(Operation *op) {
    if (auto size = dyn_cast<SizeOp>(op))
      return sizes.of(k, size);
    Value x = read(op->getOperand(0));
    if (auto cast = dyn_cast<CastOp>(op))
      return convert(k, x, tensorOf(cast.getResult()).getElementType());
    if (isa<WhereOp>(op))
      return k.select(truth(k, x), read(op->getOperand(1)), read(op->getOperand(2)));
    return op->getNumOperands() == 1 ? applyUnary(k, op, x)
                                     : applyBinary(k, op, x, read(op->getOperand(1)));
  }

  /// Element `at` of a tensor, in row-major order.
  Value read(Value value, int64_t at = 0) {
    if (Value number = numberOf.lookup(value))
      return number;
    if (auto argument = dyn_cast<BlockArgument>(value))
      return load(argument, at);
    return llvm::TypeSwitch<Operation *, Value>(value.getDefiningOp())
        .Case([&](ReshapeOp op) { return read(op.getX(), at); })
        .Case([&](SliceOp op) { return read(op.getX(), sourceOf(op, at)); })
        .Case([&](ConcatOp op) { return read(op.getOperands()[at]); })
        .Case([&](ConstantOp op) {
          auto numbers = cast<DenseElementsAttr>(op.getValue()).getValues<llvm::APFloat>();
          return Value(arith::ConstantOp::create(
              k.builder(), FloatAttr::get(tensorOf(value).getElementType(), numbers[at])));
        });
  }

  static int64_t sourceOf(SliceOp op, int64_t at) {
    int64_t inner = 1;
    for (int64_t extent : tensorOf(op.getX()).getShape().drop_front(op.getAxis() + 1))
      inner *= extent;
    int64_t size = op.getSize(), whole = tensorOf(op.getX()).getDimSize(op.getAxis());
    int64_t outer = at / (size * inner), along = at / inner % size + op.getOffset();
    return (outer * whole + along) * inner + at % inner;
  }

  /// Where element `at` of a tensor of this layout lies, in bytes.
  static int64_t placeOf(RankedTensorType type, Layout layout, int64_t at) {
    if (type.getRank() > 1 && !ShapedType::isDynamic(layout.rowStride)) {
      int64_t row = type.getNumElements() / type.getDimSize(0);
      at = at / row * layout.rowStride + at % row;
    }
    return at * bytesOf(type);
  }

  static int64_t bytesOf(RankedTensorType type) { return type.getElementTypeBitWidth() / 8; }

  Value load(BlockArgument argument, int64_t at) {
    Value &number = loaded[{argument.getArgNumber(), at}];
    if (!number) {
      RankedTensorType type = tensorOf(argument);
      int64_t place = placeOf(type, layouts[argument.getArgNumber()], at);
      number = k.load(type.getElementType(), k.buffer(buffers.ofInput(argument)), place,
                      static_cast<unsigned>(bytesOf(type)));
    }
    return number;
  }

  void store(Value value, int64_t at, Value number) {
    for (unsigned result : resultOf.lookup(value)) {
      RankedTensorType type = tensorOf(value);
      int64_t place = placeOf(type, layouts[dispatch.getNumOperands() + result], at);
      k.store(number, k.buffer(buffers.ofResult(result)), place,
              static_cast<unsigned>(bytesOf(type)));
    }
  }

  KernelBuilder &k;
  const KernelSizes &sizes;
  DispatchOp dispatch;
  ArrayRef<Layout> layouts;
  DispatchBuffers buffers;
  llvm::DenseMap<Value, Value> numberOf;
  llvm::DenseMap<std::pair<unsigned, int64_t>, Value> loaded;
  llvm::DenseMap<Value, SmallVector<unsigned, 1>> resultOf;
};

} // namespace

FailureOr<KernelInfo> emitScalars(DispatchOp dispatch, ArrayRef<Layout> layouts, StringRef name,
                                  ModuleOp module, const Target &target) {
  for (Operation &op : dispatch.getBody().front().without_terminator())
    if (!isa<SliceOp, ReshapeOp, ConcatOp, ConstantOp, SizeOp>(op) && failed(checkTerm(&op)))
      return failure();
  KernelSizes sizes(dispatch);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    k.when(k.compare(arith::CmpIPredicate::eq, k.begin(), 0),
           [&] { ScalarsWriter(k, sizes, dispatch, layouts).write(); });
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = ExtentAttr::getConstant(dispatch.getContext(), 1);
  return info;
}

} // namespace tern::cpu
