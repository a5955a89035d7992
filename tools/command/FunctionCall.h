// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_FUNCTIONCALL_H
#define TERN_TOOLS_COMMAND_FUNCTIONCALL_H

#include "tools/command/FunctionOptions.h"
#include "tools/command/Tensor.h"

/// What a call of a function has in common, whoever runs it. All throw UserError.
namespace tern::command {

std::vector<Tensor> readInputs(const FunctionOptions &options);

void checkInputCount(const FunctionOptions &options, size_t expected);
/// `expected` is none for an argument that is no tensor of numbers.
void checkInputType(size_t number, const Tensor &input, std::optional<NumberType> expected);

/// Compares the outputs with those that are expected, or prints them if none are.
void showOutputs(const FunctionOptions &options, const std::vector<Tensor> &outputs);

} // namespace tern::command

#endif
