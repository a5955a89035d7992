// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-run/CompiledFunction.h"

#include "tools/command/FunctionCall.h"
#include "tools/tern-run/SessionModel.h"

#include <cstring>

namespace tern {

using command::NumberType;

/// The runtime numbers its types in the same order.
static_assert(TERN_F32 == static_cast<int>(NumberType::F32) &&
              TERN_I64 == static_cast<int>(NumberType::I64));

static NumberType typeOf(const tern_argument_t &argument) {
  return static_cast<NumberType>(argument.type);
}

static command::Tensor readOutput(const Call &call, const tern_argument_t &argument) {
  Call::Output output = call.output(argument);
  command::Tensor tensor = command::Tensor::make(typeOf(argument), output.shape);
  std::memcpy(tensor.bytes.data(), output.data, tensor.bytes.size());
  return tensor;
}

void runCompiledFunction(const Artefact &artefact, const RunOptions &options) {
  std::vector<command::Tensor> inputs = command::readInputs(options.function);
  Model model = loadModel(artefact, options);
  Call call(model, options.function.function);
  std::vector<tern_argument_t> arguments = call.arguments();
  command::checkInputCount(options.function, static_cast<size_t>(std::ranges::count(
                                                 arguments, false, &tern_argument_t::output)));
  size_t number = 0;
  for (const tern_argument_t &argument : arguments) {
    if (argument.output)
      continue;
    const command::Tensor &input = inputs[number];
    command::checkInputType(number++, input, typeOf(argument));
    call.setInput(argument.name, argument.type, input.shape, input.bytes.data());
  }
  call.run();
  std::vector<command::Tensor> outputs;
  for (const tern_argument_t &argument : arguments)
    if (argument.output)
      outputs.push_back(readOutput(call, argument));
  command::showOutputs(options.function, outputs);
}

} // namespace tern
