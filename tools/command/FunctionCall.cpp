// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/FunctionCall.h"

#include <iostream>

namespace tern::command {

std::vector<Tensor> readInputs(const FunctionOptions &options) {
  std::vector<Tensor> inputs;
  for (const std::string &text : options.inputs)
    inputs.push_back(readTensor(text));
  return inputs;
}

void checkInputCount(const FunctionOptions &options, size_t expected) {
  if (options.inputs.size() != expected)
    throw UserError("@" + options.function + " takes " + std::to_string(expected) +
                    " arguments, but --input was given " + std::to_string(options.inputs.size()) +
                    " times");
}

void checkInputType(size_t number, const Tensor &input, std::optional<NumberType> expected) {
  std::string subject = "argument " + std::to_string(number) + ": expected ";
  if (!expected)
    throw UserError(subject + "what --input can't say, for it is no tensor of numbers");
  if (input.type != *expected)
    throw UserError(subject + "numbers of type " + std::string(nameOf(*expected)) + ", found " +
                    std::string(nameOf(input.type)));
}

void showOutputs(const FunctionOptions &options, const std::vector<Tensor> &outputs) {
  if (options.expectedOutputs.empty()) {
    for (const Tensor &output : outputs)
      std::cout << printTensor(output) << "\n";
    return;
  }
  if (options.expectedOutputs.size() != outputs.size())
    throw UserError("@" + options.function + " gives " + std::to_string(outputs.size()) +
                    " results, but --expected-output was given " +
                    std::to_string(options.expectedOutputs.size()) + " times");
  for (size_t i = 0; i < outputs.size(); ++i)
    compareTensors("result " + std::to_string(i), outputs[i],
                   readTensor(options.expectedOutputs[i]), options.tolerance);
}

} // namespace tern::command
