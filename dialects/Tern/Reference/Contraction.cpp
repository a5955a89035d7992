// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/Inference.h"
#include "dialects/Tern/Reference/Interpreter.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::reference {

using Values = Interpreter::Values;

/// Row-major strides of `tensor`'s axes for each letter of `order`, 0 for those it lacks.
static SmallVector<int64_t> stridesFor(StringRef letters, const Tensor &tensor, StringRef order) {
  SmallVector<int64_t> strides(order.size(), 0);
  int64_t stride = 1;
  for (int64_t axis = letters.size() - 1; axis >= 0; --axis) {
    size_t at = order.find(letters[axis]);
    if (at != StringRef::npos)
      strides[at] = stride;
    stride *= tensor.shape[axis];
  }
  return strides;
}

namespace {
/// A nest of loops over letters: those of the result outside, the summed ones inside, ascending.
struct Nest {
  SmallVector<int64_t> extents, lhsStrides, rhsStrides;
  size_t outer; // how many of the letters are the result's
  const double *lhs, *rhs;
  double *result;
  int64_t next = 0;

  /// Adds to one total, in the order of the letters.
  void sum(size_t depth, const double *a, const double *b, double &total) const {
    if (depth == extents.size()) {
      total += *a * *b;
      return;
    }
    if (depth + 1 == extents.size()) {
      for (int64_t i = 0; i < extents[depth]; ++i)
        total += a[i * lhsStrides[depth]] * b[i * rhsStrides[depth]];
      return;
    }
    for (int64_t i = 0; i < extents[depth]; ++i)
      sum(depth + 1, a + i * lhsStrides[depth], b + i * rhsStrides[depth], total);
  }

  void run(size_t depth, const double *a, const double *b) {
    if (depth == outer) {
      sum(depth, a, b, result[next++] = 0);
      return;
    }
    for (int64_t i = 0; i < extents[depth]; ++i)
      run(depth + 1, a + i * lhsStrides[depth], b + i * rhsStrides[depth]);
  }
};
} // namespace

static Tensor contractOnce(const Axes &axes, const Tensor &lhs, const Tensor &rhs,
                           const double *rhsData, ArrayRef<int64_t> shape) {
  std::string order = axes.result + axes.summed();
  Nest nest;
  for (char letter : order) {
    size_t at = axes.operands[0].find(letter);
    nest.extents.push_back(at != std::string::npos ? lhs.shape[at]
                                                   : rhs.shape[axes.operands[1].find(letter)]);
  }
  nest.lhsStrides = stridesFor(axes.operands[0], lhs, order);
  nest.rhsStrides = stridesFor(axes.operands[1], rhs, order);
  nest.outer = axes.result.size();
  Tensor result = Tensor::make(shape);
  nest.result = result.data->data();
  nest.run(0, lhs.data->data(), rhsData);
  return result;
}

/// Each row of the left operand (an index of its first axes) with the matrix that its group names,
/// one row after the other.
static LogicalResult contractGroups(ContractOp op, const Axes &axes, const Tensor &lhs,
                                    const Tensor &rhs, const Tensor &groups, Tensor &result) {
  Tensor matrix{SmallVector<int64_t>(ArrayRef(rhs.shape).drop_front()), nullptr};
  Tensor row{lhs.shape, std::make_shared<std::vector<double>>()};
  size_t rank = groups.shape.size();
  int64_t rows = groups.size(), matrixSize = rhs.shape[0] ? rhs.size() / rhs.shape[0] : 0;
  if (StringRef(axes.result).take_front(rank) != StringRef(axes.operands[0]).take_front(rank))
    return op.emitOpError("has groups, but its result does not start with the rows");
  SmallVector<int64_t> rowShape(result.shape);
  std::fill_n(row.shape.begin(), rank, 1);
  std::fill_n(rowShape.begin(), rank, 1);
  for (int64_t t = 0; t < rows; ++t) {
    int64_t group = static_cast<int64_t>(groups[t]);
    if (group < 0 || group >= rhs.shape[0])
      return op.emitOpError("has ")
             << rhs.shape[0] << " groups, row " << t << " asks for " << group;
    int64_t size = lhs.size() / rows;
    row.data->assign(lhs.data->begin() + t * size, lhs.data->begin() + (t + 1) * size);
    Tensor part = contractOnce(axes, row, matrix, rhs.data->data() + group * matrixSize, rowShape);
    std::copy(part.data->begin(), part.data->end(), result.data->begin() + t * part.size());
  }
  return success();
}

static LogicalResult contract(Operation *op, ArrayRef<Datum> operands, Values &results,
                              Interpreter &) {
  auto contractOp = mlir::cast<ContractOp>(op);
  FailureOr<Axes> axes = parseAxes(op->getLoc(), contractOp.getAxes(), 2);
  if (failed(axes))
    return failure();
  const Tensor &lhs = std::get<Tensor>(operands[0]), &rhs = std::get<Tensor>(operands[1]);
  bool grouped = operands.size() == 3;
  SmallVector<int64_t> shape;
  for (char letter : axes->result) {
    size_t at = axes->operands[0].find(letter);
    shape.push_back(at != std::string::npos
                        ? lhs.shape[at]
                        : rhs.shape[axes->operands[1].find(letter) + (grouped ? 1 : 0)]);
  }
  if (!grouped) {
    results.push_back(contractOnce(*axes, lhs, rhs, rhs.data->data(), shape));
    return success();
  }
  Tensor result = Tensor::make(shape);
  if (failed(contractGroups(contractOp, *axes, lhs, rhs, std::get<Tensor>(operands[2]), result)))
    return failure();
  results.push_back(result);
  return success();
}

/// Calls `visit(index of the group, element)` for each element in row-major order; elements of
/// equal indices along the letters of `kept` form a group.
template <typename Visit>
static void visitGroups(StringRef letters, StringRef kept, const Tensor &x, Visit visit) {
  SmallVector<int64_t> groupStride(letters.size(), 0), index(letters.size(), 0);
  int64_t stride = 1;
  for (int64_t i = kept.size() - 1; i >= 0; --i) {
    size_t axis = letters.find(kept[i]);
    groupStride[axis] = stride;
    stride *= x.shape[axis];
  }
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t group = 0;
    for (size_t axis = 0; axis < letters.size(); ++axis)
      group += index[axis] * groupStride[axis];
    visit(group, i);
    for (int64_t axis = letters.size() - 1; axis >= 0 && ++index[axis] == x.shape[axis]; --axis)
      index[axis] = 0;
  }
}

static FailureOr<Axes> axesOf(Operation *op) {
  return parseAxes(op->getLoc(), op->getAttrOfType<StringAttr>("axes").getValue(), 1);
}

/// Each group of elements that `axes` folds into one, by `step` from `start`, ascending.
static Tensor reduce(const Axes &axes, const Tensor &x, double start,
                     llvm::function_ref<double(double, double)> step) {
  SmallVector<int64_t> shape;
  for (char letter : axes.result)
    shape.push_back(x.shape[axes.operands[0].find(letter)]);
  Tensor result = Tensor::make(shape);
  std::fill(result.data->begin(), result.data->end(), start);
  visitGroups(axes.operands[0], axes.result, x,
              [&](int64_t group, int64_t i) { result[group] = step(result[group], x[i]); });
  return result;
}

static double largerOf(double a, double b) { return std::fmax(a, b); }

static void defineReduction(Interpreter &interpreter, StringRef name, double start,
                            double (*step)(double, double), bool isMean) {
  interpreter.define(name,
                     [=](Operation *op, ArrayRef<Datum> operands, Values &results,
                         Interpreter &) -> LogicalResult {
                       const Tensor &x = std::get<Tensor>(operands[0]);
                       FailureOr<Axes> axes = axesOf(op);
                       if (failed(axes))
                         return failure();
                       Tensor result = reduce(*axes, x, start, step);
                       double count = result.size() ? double(x.size()) / result.size() : 1;
                       for (double &value : *result.data)
                         value /= isMean ? count : 1;
                       results.push_back(result);
                       return success();
                     });
}

/// The largest, plus the logarithm of the sum of what the others are beside it.
static LogicalResult logSumExp(Operation *op, ArrayRef<Datum> operands, Values &results,
                               Interpreter &) {
  const Tensor &x = std::get<Tensor>(operands[0]);
  FailureOr<Axes> axes = axesOf(op);
  if (failed(axes))
    return failure();
  Tensor result = reduce(*axes, x, -INFINITY, largerOf), totals = Tensor::make(result.shape);
  visitGroups(axes->operands[0], axes->result, x,
              [&](int64_t group, int64_t i) { totals[group] += std::exp(x[i] - result[group]); });
  for (int64_t i = 0; i < result.size(); ++i)
    if (!std::isinf(result[i]))
      result[i] += std::log(totals[i]);
  results.push_back(result);
  return success();
}

using Transform = std::function<void(Operation *, std::vector<double> &)>;

/// The elements of each group along the letters after the slash, transformed in place.
static LogicalResult transformAlong(Operation *op, const Tensor &x, const Transform &transform,
                                    Values &results) {
  FailureOr<Axes> axes = axesOf(op);
  if (failed(axes))
    return failure();
  std::string kept;
  for (char letter : axes->result)
    if (!StringRef(axes->along).contains(letter))
      kept += letter;
  std::vector<std::vector<int64_t>> groups;
  visitGroups(axes->result, kept, x, [&](int64_t group, int64_t i) {
    if (group >= static_cast<int64_t>(groups.size()))
      groups.resize(group + 1);
    groups[group].push_back(i);
  });
  Tensor result = Tensor::make(x.shape);
  std::vector<double> values;
  for (const std::vector<int64_t> &group : groups) {
    values.clear();
    for (int64_t i : group)
      values.push_back(x[i]);
    transform(op, values);
    for (auto [i, value] : llvm::zip_equal(group, values))
      result[i] = value;
  }
  results.push_back(result);
  return success();
}

static void defineAlong(Interpreter &interpreter, StringRef name, Transform transform) {
  interpreter.define(name,
                     [=](Operation *op, ArrayRef<Datum> operands, Values &results, Interpreter &) {
                       return transformAlong(op, std::get<Tensor>(operands[0]), transform, results);
                     });
}

static double meanOf(const std::vector<double> &values) {
  double total = 0;
  for (double value : values)
    total += value;
  return total / values.size();
}

static void softmax(Operation *, std::vector<double> &values) {
  double largest = -INFINITY, total = 0;
  for (double value : values)
    largest = std::max(largest, value);
  for (double &value : values)
    total += value = std::exp(value - largest);
  for (double &value : values)
    value /= total;
}

/// What is left out is -infinity; where nothing else is, all are 0.
static void softmaxOrZero(Operation *op, std::vector<double> &values) {
  bool isEmpty = llvm::all_of(values, [](double value) { return value == -INFINITY; });
  isEmpty ? values.assign(values.size(), 0) : softmax(op, values);
}

static LogicalResult maskedSoftmax(Operation *op, ArrayRef<Datum> operands, Values &results,
                                   Interpreter &) {
  const Tensor &x = std::get<Tensor>(operands[0]), &mask = std::get<Tensor>(operands[1]);
  Tensor kept = Tensor::make(x.shape);
  for (int64_t i = 0; i < x.size(); ++i)
    kept[i] = mask[i] != 0 ? x[i] : -INFINITY;
  return transformAlong(op, kept, softmaxOrZero, results);
}

static void cumsum(Operation *, std::vector<double> &values) {
  std::partial_sum(values.begin(), values.end(), values.begin());
}

static void topKMask(Operation *op, std::vector<double> &values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  });
  auto k = std::min<size_t>(mlir::cast<TopKMaskOp>(op).getK(), order.size());
  values.assign(values.size(), 0);
  for (size_t i : ArrayRef(order).take_front(k))
    values[i] = 1;
}

static void rmsNorm(Operation *op, std::vector<double> &values) {
  double total = 0;
  for (double value : values)
    total += value * value;
  double epsilon = mlir::cast<RmsNormOp>(op).getEpsilon().convertToDouble();
  double root = std::sqrt(total / values.size() + epsilon);
  for (double &value : values)
    value /= root;
}

static void layerNorm(Operation *op, std::vector<double> &values) {
  double mean = meanOf(values), total = 0;
  for (double value : values)
    total += (value - mean) * (value - mean);
  double epsilon = mlir::cast<LayerNormOp>(op).getEpsilon().convertToDouble();
  double root = std::sqrt(total / values.size() + epsilon);
  for (double &value : values)
    value = (value - mean) / root;
}

void defineContraction(Interpreter &interpreter) {
  interpreter.define("tern.contract", contract);
  auto add = [](double a, double b) { return a + b; };
  defineReduction(interpreter, "tern.sum", 0, add, false);
  defineReduction(interpreter, "tern.mean", 0, add, true);
  defineReduction(interpreter, "tern.amax", -INFINITY, largerOf, false);
  defineReduction(
      interpreter, "tern.amin", INFINITY, [](double a, double b) { return std::fmin(a, b); },
      false);
  interpreter.define("tern.logsumexp", logSumExp);
  defineAlong(interpreter, "tern.softmax", softmax);
  interpreter.define("tern.masked_softmax", maskedSoftmax);
  defineAlong(interpreter, "tern.cumsum", cumsum);
  defineAlong(interpreter, "tern.top_k_mask", topKMask);
  defineAlong(interpreter, "tern.rms_norm", rmsNorm);
  defineAlong(interpreter, "tern.layer_norm", layerNorm);
}

} // namespace tern::reference
