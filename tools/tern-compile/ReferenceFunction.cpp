// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceFunction.h"

#include "dialects/KV/Reference/KVReference.h"
#include "tools/command/FunctionCall.h"
#include "tools/tern-compile/ReferenceWeights.h"

using namespace mlir;

namespace tern {

using command::NumberType;
using command::UserError;

static std::optional<NumberType> numberTypeOf(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return name == "index" ? NumberType::I64 : command::numberType(name);
}

static Type elementTypeOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getElementType() : type;
}

/// The argument as the interpreter wants it.
static reference::Datum toDatum(const command::Tensor &tensor, Type type) {
  if (isa<IndexType>(type) && tensor.size() == 1)
    return static_cast<int64_t>(tensor.get(0));
  reference::Tensor datum = reference::Tensor::make(tensor.shape);
  for (int64_t i = 0; i < tensor.size(); ++i)
    datum[i] = tensor.get(i);
  return datum;
}

static command::Tensor fromDatum(const reference::Datum &datum, Type type,
                                 const std::string &what) {
  std::optional<NumberType> number = numberTypeOf(elementTypeOf(type));
  if (const auto *scalar = std::get_if<int64_t>(&datum)) {
    command::Tensor tensor = command::Tensor::make(NumberType::I64, {});
    tensor.set(0, static_cast<double>(*scalar));
    return tensor;
  }
  const auto *values = std::get_if<reference::Tensor>(&datum);
  if (!values || !number)
    throw UserError(what + ": is no tensor of numbers");
  command::Tensor tensor =
      command::Tensor::make(*number, {values->shape.begin(), values->shape.end()});
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.set(i, (*values)[i]);
  return tensor;
}

std::vector<command::Tensor> callByReference(ModuleOp module,
                                             const checkpoint::Checkpoint *checkpoint,
                                             const command::FunctionOptions &options,
                                             Diagnostics &diagnostics) {
  auto function = module.lookupSymbol<func::FuncOp>(options.function);
  if (!function)
    throw UserError("the module has no function '" + options.function + "'");
  std::vector<command::Tensor> inputs = command::readInputs(options);
  FunctionType type = function.getFunctionType();
  command::checkInputCount(options, type.getNumInputs());
  SmallVector<reference::Datum> arguments;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    command::checkInputType(i, input, numberTypeOf(elementTypeOf(type.getInput(i))));
    arguments.push_back(toDatum(input, type.getInput(i)));
  }
  ReferenceWeights weights(checkpoint);
  reference::Interpreter interpreter(
      module, [&](StringRef name, RankedTensorType tensor) { return weights.find(name, tensor); });
  reference::defineTern(interpreter);
  kv::defineKV(interpreter);
  FailureOr<reference::Interpreter::Values> results = interpreter.call(options.function, arguments);
  if (failed(results))
    throw UserError(diagnostics.take("the reference of @" + options.function + " failed"));
  std::vector<command::Tensor> outputs;
  for (auto [i, result] : llvm::enumerate(*results))
    outputs.push_back(fromDatum(result, type.getResult(i), "result " + std::to_string(i)));
  return outputs;
}

} // namespace tern
