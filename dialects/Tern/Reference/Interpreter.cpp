// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/Reference/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::reference {

Tensor Tensor::make(ArrayRef<int64_t> shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  return {SmallVector<int64_t>(shape), std::make_shared<std::vector<double>>(size)};
}

double Ties::nearest(double x, double error) {
  double rounded = std::nearbyint(x);
  bool isTie = 0.5 - std::abs(x - rounded) < error;
  if (!isTie || !(turned >> std::min(found++, 63) & 1))
    return rounded;
  return x > rounded ? rounded + 1 : rounded - 1;
}

double roundTo(double x, Type type, Ties *ties, double largest) {
  if (isa<IntegerType, IndexType>(type))
    return std::trunc(x);
  auto floatType = dyn_cast<FloatType>(type);
  if (!floatType || floatType.isF64() || x == 0 || !std::isfinite(x))
    return x;
  const llvm::fltSemantics &format = floatType.getFloatSemantics();
  int precision = llvm::APFloat::semanticsPrecision(format);
  int exponent = std::max(std::ilogb(x), int(llvm::APFloat::semanticsMinExponent(format)));
  auto inUnits = [&](double value) { return std::ldexp(value, precision - 1 - exponent); };
  double units =
      ties ? ties->nearest(inUnits(x), inUnits(ties->reach * largest)) : std::nearbyint(inUnits(x));
  double rounded = std::ldexp(units, exponent - precision + 1);
  double greatest = llvm::APFloat::getLargest(format).convertToDouble();
  return std::abs(rounded) > greatest ? std::copysign(INFINITY, x) : rounded;
}

Interpreter::Interpreter(ModuleOp module, Weights weights)
    : module(module), weights(std::move(weights)) {}

LogicalResult Interpreter::bindDim(Operation *op, StringAttr name, int64_t value) {
  auto [at, inserted] = dims.try_emplace(name, value);
  if (!inserted && at->second != value)
    return op->emitError("dimension ")
           << name.getValue() << " is " << at->second << " and " << value << " in one call";
  if (auto dim = module.lookupSymbol<DimOp>(name))
    if (value < static_cast<int64_t>(dim.getMin()) || value > static_cast<int64_t>(dim.getMax()))
      return op->emitError("dimension ") << name.getValue() << " ranges from " << dim.getMin()
                                         << " to " << dim.getMax() << ", found " << value;
  return success();
}

LogicalResult Interpreter::bindArgument(func::FuncOp function, Type type, const Datum &value) {
  auto tensorType = dyn_cast<RankedTensorType>(type);
  const Tensor *tensor = std::get_if<Tensor>(&value);
  if (!tensorType || !tensor)
    return success();
  if (tensorType.getRank() != static_cast<int64_t>(tensor->shape.size()))
    return function.emitError("an argument of type ")
           << type << " got a tensor of rank " << tensor->shape.size();
  for (auto [extent, size] : llvm::zip_equal(getExtents(tensorType), tensor->shape)) {
    if (!extent)
      continue;
    if (extent.isConstant() && extent.getConstant() != size)
      return function.emitError("an argument of type ") << type << " got an extent of " << size;
    bool isName =
        extent.getNames().size() == 1 && extent.getFactors()[0] == 1 && extent.getConstant() == 0;
    if (isName && failed(bindDim(function, extent.getNames()[0], size)))
      return failure();
  }
  return success();
}

FailureOr<SmallVector<int64_t>> Interpreter::shapeOf(Operation *op, RankedTensorType type) const {
  SmallVector<int64_t> shape;
  for (ExtentAttr extent : getExtents(type)) {
    int64_t size = extent ? extent.getConstant() : 0;
    bool known = bool(extent);
    for (size_t i = 0; known && i < extent.getNames().size(); ++i) {
      auto at = dims.find(extent.getNames()[i]);
      known = at != dims.end();
      size += known ? extent.getFactors()[i] * at->second : 0;
    }
    if (!known)
      return op->emitError("an extent of ") << type << " is not known in this call";
    shape.push_back(size);
  }
  return shape;
}

FailureOr<Interpreter::Values> Interpreter::call(StringRef name, ArrayRef<Datum> arguments) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function || function.isExternal())
    return module.emitError("the module defines no function @") << name;
  if (function.getNumArguments() != arguments.size())
    return function.emitError("takes ")
           << function.getNumArguments() << " arguments, found " << arguments.size();
  dims.clear();
  active.clear();
  for (auto [type, value] : llvm::zip_equal(function.getArgumentTypes(), arguments))
    if (failed(bindArgument(function, type, value)))
      return failure();
  for (Binder &binder : binders)
    if (failed(binder(function, arguments, *this)))
      return failure();
  return callFunction(function, arguments);
}

FailureOr<Interpreter::Values> Interpreter::callFunction(func::FuncOp function,
                                                         ArrayRef<Datum> arguments) {
  if (function.isExternal())
    return function.emitError("@") << function.getName() << ": expected a body to run, found none";
  if (!function.getBody().hasOneBlock())
    return function.emitError("@")
           << function.getName() << ": expected terms in one block, found branches";
  if (!active.insert(function).second)
    return function.emitError("@") << function.getName() << " calls itself";
  FailureOr<Values> results = runBlock(function.getBody().front(), arguments);
  active.erase(function);
  return results;
}

FailureOr<Interpreter::Values> Interpreter::runBlock(Block &block, ArrayRef<Datum> arguments) {
  llvm::DenseMap<mlir::Value, Datum> values;
  for (auto [argument, value] : llvm::zip_equal(block.getArguments(), arguments))
    values.try_emplace(argument, value);
  for (Operation &op : block) {
    Values operands;
    for (mlir::Value operand : op.getOperands())
      operands.push_back(values.at(operand));
    if (op.hasTrait<OpTrait::IsTerminator>())
      return operands;
    Values results;
    if (failed(run(op, operands, results)))
      return failure();
    for (auto [result, value] : llvm::zip_equal(op.getResults(), results))
      values.try_emplace(result, value);
    // A value dies with its last use, so that memory holds what is still needed.
    for (mlir::Value operand : op.getOperands())
      if (operand.hasOneUse() && operand.getParentBlock() == &block)
        values.erase(operand);
  }
  return Values();
}

LogicalResult Interpreter::run(Operation &op, ArrayRef<Datum> operands, Values &results) {
  auto take = [&](FailureOr<Values> values) {
    if (succeeded(values))
      results = std::move(*values);
    return LogicalResult(values);
  };
  if (auto call = dyn_cast<func::CallOp>(op))
    return take(callFunction(module.lookupSymbol<func::FuncOp>(call.getCallee()), operands));
  if (auto dispatch = dyn_cast<DispatchOp>(op))
    return take(runBlock(dispatch.getBody().front(), operands));
  if (auto op_ = dyn_cast<RepeatOp>(op))
    return repeat(op_, operands, results);
  if (auto op_ = dyn_cast<LoadedOp>(op))
    return loaded(op_, operands, results);
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    if (auto value = dyn_cast<IntegerAttr>(constant.getValue())) {
      results.push_back(value.getInt());
      return success();
    }
  auto definition = definitions.find(op.getName().getStringRef());
  if (definition == definitions.end())
    return op.emitError("has no reference");
  return definition->second(&op, operands, results, *this);
}

LogicalResult Interpreter::repeat(RepeatOp op, ArrayRef<Datum> operands, Values &results) {
  auto callee = module.lookupSymbol<func::FuncOp>(op.getCallee());
  size_t carried = op.getCarried().size();
  results.assign(operands.begin(), operands.begin() + carried);
  for (int64_t layer : op.getLayers()) {
    Values arguments{layer};
    arguments.append(results);
    arguments.append(operands.begin() + carried, operands.end());
    FailureOr<Values> next = callFunction(callee, arguments);
    if (failed(next))
      return failure();
    results = std::move(*next);
  }
  return success();
}

LogicalResult Interpreter::loaded(LoadedOp op, ArrayRef<Datum> operands, Values &results) {
  int64_t layer = operands.empty() ? -1 : std::get<int64_t>(operands[0]);
  std::pair key(op.getCalleeAttr().getAttr(), layer);
  if (!loads.contains(key)) {
    FailureOr<Values> values =
        callFunction(module.lookupSymbol<func::FuncOp>(op.getCallee()), operands);
    if (failed(values))
      return failure();
    loads[key] = std::move(*values);
  }
  results.push_back(loads.at(key)[op.getIndex()]);
  return success();
}

void defineTern(Interpreter &interpreter) {
  defineElementwise(interpreter);
  defineContraction(interpreter);
  defineLayout(interpreter);
  defineIndices(interpreter);
  defineTransformer(interpreter);
  defineSampling(interpreter);
}

} // namespace tern::reference
