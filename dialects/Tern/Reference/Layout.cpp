// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Inference.h"
#include "dialects/Tern/Reference/Interpreter.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::reference {

using Values = Interpreter::Values;

/// result[index of `to`] = x[the same letters in the order of `from`].
static Tensor rearrange(StringRef from, StringRef to, const Tensor &x, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(to.size(), 0), index(to.size(), 0);
  int64_t stride = 1;
  for (int64_t axis = from.size() - 1; axis >= 0; --axis) {
    strides[to.find(from[axis])] = stride;
    stride *= x.shape[axis];
  }
  Tensor result = Tensor::make(shape);
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t source = 0;
    for (size_t axis = 0; axis < to.size(); ++axis)
      source += index[axis] * strides[axis];
    result[i] = x[source];
    for (int64_t axis = to.size() - 1; axis >= 0 && ++index[axis] == shape[axis]; --axis)
      index[axis] = 0;
  }
  return result;
}

static LogicalResult moveAxes(Operation *op, ArrayRef<Datum> operands, Values &results,
                              Interpreter &interpreter) {
  const Tensor &x = std::get<Tensor>(operands[0]);
  FailureOr<Axes> axes =
      parseAxes(op->getLoc(), op->getAttrOfType<StringAttr>("axes").getValue(), 1);
  if (failed(axes))
    return failure();
  FailureOr<SmallVector<int64_t>> shape =
      interpreter.shapeOf(op, cast<RankedTensorType>(op->getResult(0).getType()));
  if (failed(shape))
    return failure();
  results.push_back(rearrange(axes->operands[0], axes->result, x, *shape));
  return success();
}

static LogicalResult reshape(Operation *op, ArrayRef<Datum> operands, Values &results,
                             Interpreter &interpreter) {
  FailureOr<SmallVector<int64_t>> shape =
      interpreter.shapeOf(op, cast<RankedTensorType>(op->getResult(0).getType()));
  if (failed(shape))
    return failure();
  results.push_back(Tensor{*shape, std::get<Tensor>(operands[0]).data});
  return success();
}

/// Copies `count` runs of `length` numbers that lie `fromStride` and `toStride` apart.
static void copyRuns(const double *from, int64_t fromStride, double *to, int64_t toStride,
                     int64_t length, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    std::copy(from + i * fromStride, from + i * fromStride + length, to + i * toStride);
}

static int64_t product(ArrayRef<int64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t(1), std::multiplies<>());
}

static LogicalResult slice(Operation *op, ArrayRef<Datum> operands, Values &results,
                           Interpreter &) {
  auto sliceOp = cast<SliceOp>(op);
  const Tensor &x = std::get<Tensor>(operands[0]);
  int64_t axis = sliceOp.getAxis(), offset = sliceOp.getOffset(), size = sliceOp.getSize();
  if (offset + size > x.shape[axis])
    return sliceOp.emitOpError("reads to ") << offset + size << " of an axis of " << x.shape[axis];
  SmallVector<int64_t> shape(x.shape);
  shape[axis] = size;
  Tensor result = Tensor::make(shape);
  int64_t inner = product(ArrayRef(shape).drop_front(axis + 1));
  copyRuns(x.data->data() + offset * inner, x.shape[axis] * inner, result.data->data(),
           size * inner, size * inner, product(ArrayRef(shape).take_front(axis)));
  results.push_back(result);
  return success();
}

static LogicalResult pad(Operation *op, ArrayRef<Datum> operands, Values &results, Interpreter &) {
  auto padOp = cast<PadOp>(op);
  const Tensor &x = std::get<Tensor>(operands[0]);
  int64_t axis = padOp.getAxis(), low = padOp.getLow();
  SmallVector<int64_t> shape(x.shape);
  shape[axis] += low + static_cast<int64_t>(padOp.getHigh());
  Tensor result = Tensor::make(shape);
  int64_t inner = product(ArrayRef(shape).drop_front(axis + 1)), length = x.shape[axis] * inner;
  copyRuns(x.data->data(), length, result.data->data() + low * inner, shape[axis] * inner, length,
           product(ArrayRef(shape).take_front(axis)));
  results.push_back(result);
  return success();
}

static Tensor turned(const Tensor &matrix) {
  int64_t rows = matrix.shape[0], columns = matrix.shape[1];
  Tensor result = Tensor::make({columns, rows});
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      result[column * rows + row] = matrix[row * columns + column];
  return result;
}

static Tensor join(ArrayRef<Datum> operands, int64_t axis) {
  SmallVector<int64_t> shape(std::get<Tensor>(operands[0]).shape);
  shape[axis] = 0;
  for (const Datum &operand : operands)
    shape[axis] += std::get<Tensor>(operand).shape[axis];
  Tensor result = Tensor::make(shape);
  int64_t inner = product(ArrayRef(shape).drop_front(axis + 1)), offset = 0;
  for (const Datum &operand : operands) {
    const Tensor &x = std::get<Tensor>(operand);
    copyRuns(x.data->data(), x.shape[axis] * inner, result.data->data() + offset * inner,
             shape[axis] * inner, x.shape[axis] * inner, product(ArrayRef(shape).take_front(axis)));
    offset += x.shape[axis];
  }
  return result;
}

static LogicalResult gather(Operation *op, ArrayRef<Datum> operands, Values &results,
                            Interpreter &interpreter) {
  auto gatherOp = cast<GatherOp>(op);
  const Tensor &table = std::get<Tensor>(operands[0]), &indices = std::get<Tensor>(operands[1]);
  FailureOr<Axes> axes = parseAxes(op->getLoc(), gatherOp.getAxes(), 2);
  FailureOr<SmallVector<int64_t>> shape = interpreter.shapeOf(op, gatherOp.getResult().getType());
  if (failed(axes) || failed(shape))
    return failure();
  StringRef of = axes->operands[0], at = axes->operands[1], to = axes->result;
  Tensor result = Tensor::make(*shape);
  SmallVector<int64_t> index(to.size(), 0);
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t place = 0;
    for (size_t axis = 0; axis < at.size(); ++axis)
      place = place * indices.shape[axis] + index[to.find(at[axis])];
    int64_t source = 0;
    for (size_t axis = 0; axis < of.size(); ++axis) {
      size_t own = to.find(of[axis]);
      int64_t step = own == StringRef::npos ? int64_t(indices[place]) : index[own];
      if (step < 0 || step >= table.shape[axis])
        return gatherOp.emitOpError("reads index ")
               << step << " of an axis of " << table.shape[axis];
      source = source * table.shape[axis] + step;
    }
    result[i] = table[source];
    for (int64_t axis = to.size() - 1; axis >= 0 && ++index[axis] == (*shape)[axis]; --axis)
      index[axis] = 0;
  }
  results.push_back(result);
  return success();
}

static LogicalResult topK(Operation *op, ArrayRef<Datum> operands, Values &results, Interpreter &) {
  const Tensor &x = std::get<Tensor>(operands[0]);
  int64_t k = cast<TopKOp>(op).getK(), length = x.shape.back();
  if (k > length)
    return op->emitOpError("asks for ") << k << " of " << length << " elements";
  SmallVector<int64_t> shape(x.shape);
  shape.back() = k;
  Tensor values = Tensor::make(shape), indices = Tensor::make(shape);
  std::vector<int64_t> order(length);
  for (int64_t row = 0; row < (length ? x.size() / length : 0); ++row) {
    std::iota(order.begin(), order.end(), 0);
    llvm::sort(order, [&](int64_t a, int64_t b) {
      double left = x[row * length + a], right = x[row * length + b];
      return left != right ? left > right : a < b;
    });
    for (int64_t j = 0; j < k; ++j) {
      values[row * k + j] = x[row * length + order[j]];
      indices[row * k + j] = order[j];
    }
  }
  results.push_back(values);
  results.push_back(indices);
  return success();
}

static LogicalResult weight(Operation *op, ArrayRef<Datum> operands, Values &results,
                            Interpreter &interpreter) {
  auto weightOp = cast<WeightOp>(op);
  std::string name = weightOp.getName().str();
  if (!operands.empty())
    name.replace(name.find("{}"), 2, std::to_string(std::get<int64_t>(operands[0])));
  FailureOr<Tensor> tensor = interpreter.getWeights()(name, weightOp.getResult().getType());
  if (failed(tensor))
    return weightOp.emitOpError("finds no tensor '") << name << "' of type " << weightOp.getType();
  results.push_back(*tensor);
  return success();
}

static LogicalResult constant(Operation *op, ArrayRef<Datum>, Values &results, Interpreter &) {
  ElementsAttr value = cast<ConstantOp>(op).getValue();
  Tensor result = Tensor::make(value.getShapedType().getShape());
  int64_t i = 0;
  if (isa<FloatType>(value.getElementType()))
    for (const APFloat &number : value.getValues<APFloat>())
      result[i++] = number.convertToDouble();
  else
    for (const APInt &number : value.getValues<APInt>())
      result[i++] = static_cast<double>(number.getSExtValue());
  results.push_back(result);
  return success();
}

void defineLayout(Interpreter &interpreter) {
  interpreter.define("tern.broadcast", moveAxes);
  interpreter.define("tern.transpose", moveAxes);
  interpreter.define("tern.reshape", reshape);
  interpreter.define("tern.slice", slice);
  interpreter.define("tern.pad", pad);
  interpreter.define("tern.gather", gather);
  interpreter.define("tern.top_k", topK);
  interpreter.define("tern.weight", weight);
  interpreter.define("tern.constant", constant);
  interpreter.define("tern.choice",
                     [](Operation *, ArrayRef<Datum> operands, Values &results, Interpreter &) {
                       results.push_back(operands.front());
                       return success();
                     });
  interpreter.define("tern.concat",
                     [](Operation *op, ArrayRef<Datum> operands, Values &results, Interpreter &) {
                       results.push_back(join(operands, cast<ConcatOp>(op).getAxis()));
                       return success();
                     });
  interpreter.define("tern.pack",
                     [](Operation *op, ArrayRef<Datum> operands, Values &results, Interpreter &) {
                       bool isTurned = cast<PackOp>(op).getTurned();
                       Tensor all = join(operands, isTurned ? 1 : 0);
                       results.push_back(isTurned ? turned(all) : all);
                       return success();
                     });
}

} // namespace tern::reference
