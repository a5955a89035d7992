// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceFunctions.h"

#include "dialects/KV/Reference/KVReference.h"
#include "tools/command/CommandLine.h"

using namespace mlir;

namespace tern {

ReferenceFunctions::ReferenceFunctions(ModuleOp module, const checkpoint::Checkpoint *checkpoint,
                                       Diagnostics &diagnostics)
    : diagnostics(diagnostics), weights(checkpoint),
      interpreter(module, [this](StringRef name, RankedTensorType type) {
        return weights.find(name, type);
      }) {
  reference::defineTern(interpreter);
  kv::defineKV(interpreter);
}

std::vector<command::Tensor>
ReferenceFunctions::operator()(const std::string &name,
                               const std::vector<command::Tensor> &inputs) {
  SmallVector<reference::Datum> arguments;
  for (const command::Tensor &input : inputs) {
    reference::Tensor tensor = reference::Tensor::make(input.shape);
    for (int64_t i = 0; i < input.size(); ++i)
      tensor[i] = input.get(i);
    arguments.push_back(tensor);
  }
  FailureOr<reference::Interpreter::Values> results = interpreter.call(name, arguments);
  if (failed(results))
    throw command::UserError(diagnostics.take("the reference of @" + name + " failed"));
  std::vector<command::Tensor> outputs;
  for (const reference::Datum &result : *results) {
    const auto &values = std::get<reference::Tensor>(result);
    outputs.push_back(command::Tensor::make(command::NumberType::F64,
                                            {values.shape.begin(), values.shape.end()}));
    for (int64_t i = 0; i < outputs.back().size(); ++i)
      outputs.back().set(i, values[i]);
  }
  return outputs;
}

} // namespace tern
