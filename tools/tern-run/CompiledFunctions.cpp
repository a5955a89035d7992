// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-run/CompiledFunctions.h"

#include <cstring>

namespace tern {

using command::NumberType;

std::vector<command::Tensor>
CompiledFunctions::operator()(const std::string &name, const std::vector<command::Tensor> &inputs) {
  Function &function = functions.try_emplace(name, model, name).first->second;
  auto input = inputs.begin();
  for (const tern_argument_t &argument : function.arguments)
    if (!argument.output) {
      function.call.setInput(argument.name, static_cast<tern_type_t>(input->type), input->shape,
                             input->bytes.data());
      ++input;
    }
  function.call.run();
  std::vector<command::Tensor> outputs;
  for (const tern_argument_t &argument : function.arguments)
    if (argument.output) {
      Call::Output output = function.call.output(argument);
      outputs.push_back(
          command::Tensor::make(static_cast<NumberType>(argument.type), output.shape));
      std::memcpy(outputs.back().bytes.data(), output.data, outputs.back().bytes.size());
    }
  return outputs;
}

bool hasFunction(const tern::Model &model, const std::string &name) {
  tern_call_t *call = nullptr;
  tern_error_t *error = tern_call_create(model.get(), name.c_str(), &call);
  tern_call_free(call);
  tern_error_free(error);
  return !error;
}

} // namespace tern
