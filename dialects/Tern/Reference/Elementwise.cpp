// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/Reference/Interpreter.h"

#include <cmath>

using namespace mlir;
using llvm::ArrayRef;

namespace tern::reference {

using Values = Interpreter::Values;

/// Element i of an operand; one of rank 0 is a splat.
static double at(const Tensor &tensor, int64_t i) { return tensor[tensor.shape.empty() ? 0 : i]; }

static const Tensor &widest(ArrayRef<Datum> operands) {
  for (const Datum &operand : operands)
    if (!std::get<Tensor>(operand).shape.empty())
      return std::get<Tensor>(operand);
  return std::get<Tensor>(operands[0]);
}

static void defineUnary(Interpreter &interpreter, llvm::StringRef name, double (*f)(double)) {
  interpreter.define(name,
                     [f](Operation *, ArrayRef<Datum> operands, Values &results, Interpreter &) {
                       const Tensor &x = std::get<Tensor>(operands[0]);
                       Tensor result = Tensor::make(x.shape);
                       for (int64_t i = 0; i < x.size(); ++i)
                         result[i] = f(x[i]);
                       results.push_back(result);
                       return success();
                     });
}

static void defineBinary(Interpreter &interpreter, llvm::StringRef name,
                         double (*f)(double, double)) {
  interpreter.define(
      name, [f](Operation *, ArrayRef<Datum> operands, Values &results, Interpreter &) {
        const Tensor &x = std::get<Tensor>(operands[0]), &y = std::get<Tensor>(operands[1]);
        Tensor result = Tensor::make(widest(operands).shape);
        for (int64_t i = 0; i < result.size(); ++i)
          result[i] = f(at(x, i), at(y, i));
        results.push_back(result);
        return success();
      });
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

static void defineFunctions(Interpreter &interpreter) {
  defineUnary(interpreter, "tern.neg", [](double x) { return -x; });
  defineUnary(interpreter, "tern.abs", [](double x) { return std::abs(x); });
  defineUnary(interpreter, "tern.square", [](double x) { return x * x; });
  defineUnary(interpreter, "tern.sqrt", [](double x) { return std::sqrt(x); });
  defineUnary(interpreter, "tern.rsqrt", [](double x) { return 1 / std::sqrt(x); });
  defineUnary(interpreter, "tern.recip", [](double x) { return 1 / x; });
  defineUnary(interpreter, "tern.exp", [](double x) { return std::exp(x); });
  defineUnary(interpreter, "tern.log", [](double x) { return std::log(x); });
  defineUnary(interpreter, "tern.log1p", [](double x) { return std::log1p(x); });
  defineUnary(interpreter, "tern.sin", [](double x) { return std::sin(x); });
  defineUnary(interpreter, "tern.cos", [](double x) { return std::cos(x); });
  defineUnary(interpreter, "tern.tan", [](double x) { return std::tan(x); });
  defineUnary(interpreter, "tern.cot", [](double x) { return 1 / std::tan(x); });
  defineUnary(interpreter, "tern.tanh", [](double x) { return std::tanh(x); });
  defineUnary(interpreter, "tern.erf", [](double x) { return std::erf(x); });
  defineUnary(interpreter, "tern.sigmoid", sigmoid);
  defineUnary(interpreter, "tern.softplus",
              [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); });
  defineUnary(interpreter, "tern.relu", [](double x) { return std::max(x, 0.0); });
  defineUnary(interpreter, "tern.silu", [](double x) { return x * sigmoid(x); });
  defineUnary(interpreter, "tern.gelu",
              [](double x) { return x * (1 + std::erf(x / std::sqrt(2.0))) / 2; });
  defineUnary(interpreter, "tern.gelu_tanh", [](double x) {
    return x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))) / 2;
  });
  defineUnary(interpreter, "tern.quick_gelu", [](double x) { return x * sigmoid(1.702 * x); });
  defineUnary(interpreter, "tern.rint", [](double x) { return std::nearbyint(x); });
  defineUnary(interpreter, "tern.not", [](double x) { return x == 0 ? 1.0 : 0.0; });
}

static void defineOperators(Interpreter &interpreter) {
  defineBinary(interpreter, "tern.add", [](double x, double y) { return x + y; });
  defineBinary(interpreter, "tern.sub", [](double x, double y) { return x - y; });
  defineBinary(interpreter, "tern.mul", [](double x, double y) { return x * y; });
  defineBinary(interpreter, "tern.div", [](double x, double y) { return x / y; });
  defineBinary(interpreter, "tern.pow", [](double x, double y) { return std::pow(x, y); });
  defineBinary(interpreter, "tern.maximum", [](double x, double y) { return std::fmax(x, y); });
  defineBinary(interpreter, "tern.minimum", [](double x, double y) { return std::fmin(x, y); });
  defineBinary(interpreter, "tern.lt", [](double x, double y) { return x < y ? 1.0 : 0.0; });
  defineBinary(interpreter, "tern.le", [](double x, double y) { return x <= y ? 1.0 : 0.0; });
  defineBinary(interpreter, "tern.eq", [](double x, double y) { return x == y ? 1.0 : 0.0; });
  defineBinary(interpreter, "tern.and",
               [](double x, double y) { return x != 0 && y != 0 ? 1.0 : 0.0; });
  defineBinary(interpreter, "tern.or",
               [](double x, double y) { return x != 0 || y != 0 ? 1.0 : 0.0; });
}

static LogicalResult where(Operation *, ArrayRef<Datum> operands, Values &results, Interpreter &) {
  const Tensor &condition = std::get<Tensor>(operands[0]);
  Tensor result = Tensor::make(widest(operands).shape);
  for (int64_t i = 0; i < result.size(); ++i)
    result[i] = at(std::get<Tensor>(operands[at(condition, i) != 0 ? 1 : 2]), i);
  results.push_back(result);
  return success();
}

static double largestOf(const Tensor &x, int64_t start, int64_t count) {
  double largest = 0;
  for (int64_t i = start; i < start + count; ++i)
    largest = std::max(largest, std::abs(x[i]));
  return largest;
}

static LogicalResult cast(Operation *op, ArrayRef<Datum> operands, Values &results,
                          Interpreter &interpreter) {
  const Tensor &x = std::get<Tensor>(operands[0]);
  Type element = mlir::cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
  // f32 is the reference's own precision: it stands for the reals, as f64 does.
  bool isExact = element.isF32();
  Tensor result = Tensor::make(x.shape);
  int64_t row = x.shape.empty() ? 1 : x.shape.back();
  double largest = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    if (i % row == 0)
      largest = largestOf(x, i, row);
    result[i] = isExact ? x[i] : roundTo(x[i], element, &interpreter.ties, largest);
  }
  results.push_back(result);
  return success();
}

static LogicalResult quantise(Operation *op, ArrayRef<Datum> operands, Values &results,
                              Interpreter &interpreter) {
  const Tensor &x = std::get<Tensor>(operands[0]);
  auto type = mlir::cast<RankedTensorType>(op->getResult(0).getType());
  auto block = mlir::cast<BlockType>(type.getElementType());
  if (x.size() > 0 && x.shape.back() % block.getGroup() != 0)
    return op->emitOpError("needs a last axis in groups of ")
           << block.getGroup() << ", found " << x.shape.back() << " elements";
  double largestCode = (1 << (block.getBits() - 1)) - 1;
  Tensor result = Tensor::make(x.shape);
  for (int64_t start = 0; start < x.size(); start += block.getGroup()) {
    double largest = largestOf(x, start, block.getGroup());
    double scale = roundTo(largest / largestCode, block.getScale());
    double error = interpreter.ties.reach * largestCode;
    for (int64_t i = start; i < start + block.getGroup(); ++i)
      result[i] = scale == 0 ? 0 : interpreter.ties.nearest(x[i] / scale, error) * scale;
  }
  results.push_back(result);
  return success();
}

/// What each code of a type stands for, less its zero point.
static double numberOf(BlockType block, int64_t code) {
  if (!block.getNumbers().empty())
    return namedNumbers(std::string_view(block.getNumbers()))[code];
  if (!block.getTable().empty())
    return block.getTable()[code];
  bool isSigned = block.getBits() == 8 && !block.getMinimum();
  return static_cast<double>(isSigned ? int64_t(int8_t(code)) : code - block.getZero());
}

static LogicalResult blocks(Operation *op, ArrayRef<Datum> operands, Values &results,
                            Interpreter &) {
  auto block = mlir::cast<BlockType>(
      mlir::cast<RankedTensorType>(op->getResult(0).getType()).getElementType());
  const Tensor &codes = std::get<Tensor>(operands[0]), &scales = std::get<Tensor>(operands[1]);
  Tensor result = Tensor::make(codes.shape);
  int64_t mask = (int64_t(1) << block.getBits()) - 1;
  double factor = namedFactor(std::string_view(block.getNumbers()));
  for (int64_t i = 0; i < codes.size(); ++i) {
    int64_t place = i / block.getElements();
    double zero = operands.size() > 2 ? std::get<Tensor>(operands[2])[place] : 0;
    double number = numberOf(block, static_cast<int64_t>(codes[i]) & mask) - zero;
    result[i] = number * scales[place] * factor;
  }
  results.push_back(result);
  return success();
}

void defineElementwise(Interpreter &interpreter) {
  defineFunctions(interpreter);
  defineOperators(interpreter);
  interpreter.define("tern.where", where);
  interpreter.define("tern.cast", cast);
  interpreter.define("tern.quantise", quantise);
  interpreter.define("tern.blocks", blocks);
  // Storage is a matter of bytes: the numbers are at hand already.
  auto same = [](Operation *, ArrayRef<Datum> operands, Values &results, Interpreter &) {
    results.push_back(operands[0]);
    return success();
  };
  interpreter.define("tern.dequantise", same);
}

} // namespace tern::reference
