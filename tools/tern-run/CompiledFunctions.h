// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_RUN_COMPILEDFUNCTIONS_H
#define TERN_TOOLS_TERN_RUN_COMPILEDFUNCTIONS_H

#include "tern/tern.hpp"
#include "tools/command/Tensor.h"

#include <map>

namespace tern {

/// The functions of a model that use no KV cache, by name. Throws tern::Error.
class CompiledFunctions {
public:
  explicit CompiledFunctions(tern::Model model) : model(std::move(model)) {}

  /// Inputs and outputs in the function's order.
  std::vector<command::Tensor> operator()(const std::string &name,
                                          const std::vector<command::Tensor> &inputs);

private:
  struct Function {
    explicit Function(const tern::Model &model, const std::string &name)
        : call(model, name), arguments(call.arguments()) {}
    Call call;
    std::vector<tern_argument_t> arguments;
  };

  tern::Model model;
  std::map<std::string, Function> functions;
};

/// True if the model has a function of that name that uses no KV cache.
bool hasFunction(const tern::Model &model, const std::string &name);

} // namespace tern

#endif
