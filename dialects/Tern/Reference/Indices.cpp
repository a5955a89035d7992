// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Inference.h"
#include "dialects/Tern/Reference/Interpreter.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::reference {

using Values = Interpreter::Values;

/// Calls `visit(index, number)` for each index of `shape`, in row-major order.
template <typename Visit> static void forEachIndex(ArrayRef<int64_t> shape, Visit visit) {
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  for (int64_t i = 0; i < count; ++i) {
    visit(index, i);
    for (int64_t axis = shape.size() - 1; axis >= 0 && ++index[axis] == shape[axis]; --axis)
      index[axis] = 0;
  }
}

/// The number of the element of `part`, which has the letters `letters`, at an index of `all`.
static int64_t placeIn(const Tensor &part, StringRef letters, StringRef all,
                       ArrayRef<int64_t> index) {
  int64_t place = 0;
  for (auto [axis, letter] : llvm::enumerate(letters))
    place = place * part.shape[axis] + index[all.find(letter)];
  return place;
}

/// f32 is the reference's own precision (Elementwise.cpp).
static double rounded(int64_t number, Type element) {
  auto exact = static_cast<double>(number);
  return element.isF32() ? exact : roundTo(exact, element);
}

static LogicalResult iota(Operation *op, ArrayRef<Datum>, Values &results,
                          Interpreter &interpreter) {
  auto iotaOp = cast<IotaOp>(op);
  auto type = cast<RankedTensorType>(iotaOp.getType());
  FailureOr<Axes> axes = parseAxes(op->getLoc(), iotaOp.getAxes(), 1);
  FailureOr<SmallVector<int64_t>> shape = interpreter.shapeOf(op, type);
  if (failed(axes) || failed(shape))
    return failure();
  size_t axis = axes->result.find(axes->operands[0]);
  Tensor result = Tensor::make(*shape);
  forEachIndex(*shape, [&](ArrayRef<int64_t> index, int64_t i) {
    result[i] = rounded(index[axis], type.getElementType());
  });
  results.push_back(result);
  return success();
}

static LogicalResult size(Operation *op, ArrayRef<Datum>, Values &results,
                          Interpreter &interpreter) {
  auto sizeOp = cast<SizeOp>(op);
  Type element = cast<RankedTensorType>(sizeOp.getType()).getElementType();
  FailureOr<SmallVector<int64_t>> shape =
      interpreter.shapeOf(op, getTensor(sizeOp.getExtents().getExtents(), element));
  if (failed(shape))
    return failure();
  int64_t product = 1;
  for (int64_t extent : *shape)
    product *= extent;
  Tensor result = Tensor::make({});
  result[0] = rounded(product, element);
  results.push_back(result);
  return success();
}

static LogicalResult oneHot(Operation *op, ArrayRef<Datum> operands, Values &results,
                            Interpreter &interpreter) {
  auto oneHotOp = cast<OneHotOp>(op);
  const Tensor &indices = std::get<Tensor>(operands[0]);
  FailureOr<Axes> axes = parseAxes(op->getLoc(), oneHotOp.getAxes(), 1);
  FailureOr<SmallVector<int64_t>> shape =
      interpreter.shapeOf(op, cast<RankedTensorType>(oneHotOp.getType()));
  if (failed(axes) || failed(shape))
    return failure();
  StringRef letters = axes->operands[0], all = axes->result;
  size_t compared = all.find_if([&](char letter) { return !letters.contains(letter); });
  Tensor result = Tensor::make(*shape);
  forEachIndex(*shape, [&](ArrayRef<int64_t> index, int64_t i) {
    double chosen = indices[placeIn(indices, letters, all, index)];
    result[i] = chosen == static_cast<double>(index[compared]) ? 1 : 0;
  });
  results.push_back(result);
  return success();
}

static LogicalResult scatterAdd(Operation *op, ArrayRef<Datum> operands, Values &results,
                                Interpreter &interpreter) {
  auto scatter = cast<ScatterAddOp>(op);
  const Tensor &x = std::get<Tensor>(operands[0]), &indices = std::get<Tensor>(operands[1]);
  FailureOr<Axes> axes = parseAxes(op->getLoc(), scatter.getAxes(), 2);
  FailureOr<SmallVector<int64_t>> shape =
      interpreter.shapeOf(op, cast<RankedTensorType>(scatter.getType()));
  if (failed(axes) || failed(shape))
    return failure();
  StringRef of = axes->operands[0], at = axes->operands[1];
  Tensor result = Tensor::make(*shape);
  forEachIndex(x.shape, [&](ArrayRef<int64_t> index, int64_t i) {
    auto row = static_cast<int64_t>(indices[placeIn(indices, at, of, index)]);
    int64_t place = 0;
    bool isInside = true;
    for (auto [axis, letter] : llvm::enumerate(axes->result)) {
      size_t own = of.find(letter);
      int64_t step = own == StringRef::npos ? row : index[own];
      isInside = isInside && step >= 0 && step < (*shape)[axis];
      place = place * (*shape)[axis] + step;
    }
    if (isInside)
      result[place] += x[i];
  });
  results.push_back(result);
  return success();
}

void defineIndices(Interpreter &interpreter) {
  interpreter.define("tern.iota", iota);
  interpreter.define("tern.size", size);
  interpreter.define("tern.one_hot", oneHot);
  interpreter.define("tern.scatter_add", scatterAdd);
}

} // namespace tern::reference
