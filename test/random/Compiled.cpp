// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/random/Compiled.h"
#include "test/random/RandomGraph.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <numeric>

using namespace mlir;

namespace tern::test {

bool compile(ModuleOp module, StringRef compiler, ArrayRef<StringRef> options, StringRef source,
             StringRef path) {
  std::error_code error;
  llvm::raw_fd_ostream file(source, error);
  file << module;
  file.close();
  SmallVector<StringRef> words{compiler, source, "-o", path};
  words.append(options.begin(), options.end());
  return llvm::sys::ExecuteAndWait(compiler, words) == 0;
}

static size_t widthOf(tern_type_t type) {
  switch (type) {
  case TERN_I8:
  case TERN_U8:
    return 1;
  case TERN_F16:
  case TERN_BF16:
  case TERN_I16:
    return 2;
  case TERN_F32:
  case TERN_I32:
    return 4;
  case TERN_F64:
  case TERN_I64:
    return 8;
  }
  llvm_unreachable("a type of results");
}

static CompiledResult resultOf(const Call &call, const tern_argument_t &argument) {
  Call::Output output = call.output(argument);
  int64_t size = std::accumulate(output.shape.begin(), output.shape.end(), int64_t{1},
                                 std::multiplies<int64_t>());
  return {argument.type, output.shape,
          std::string(static_cast<const char *>(output.data), size * widthOf(argument.type))};
}

std::vector<CompiledResult> runCompiled(const Model &model, func::FuncOp function, uint64_t seed) {
  Call call(model, function.getName().str());
  SmallVector<reference::Datum> inputs = randomArguments(function, seed);
  // Inputs are read when the function runs.
  std::vector<std::vector<float>> reals;
  std::vector<std::vector<int32_t>> indices;
  reals.reserve(inputs.size());
  indices.reserve(inputs.size());
  size_t number = 0;
  std::vector<tern_argument_t> arguments = call.arguments();
  for (const tern_argument_t &argument : arguments)
    if (!argument.output) {
      const auto &tensor = std::get<reference::Tensor>(inputs[number++]);
      bool isReal = argument.type == TERN_F32;
      const void *data =
          isReal ? static_cast<const void *>(
                       reals.emplace_back(tensor.data->begin(), tensor.data->end()).data())
                 : indices.emplace_back(tensor.data->begin(), tensor.data->end()).data();
      call.setInput(argument.name, argument.type, tensor.shape, data);
    }
  call.run();
  std::vector<CompiledResult> results;
  for (const tern_argument_t &argument : arguments)
    if (argument.output)
      results.push_back(resultOf(call, argument));
  return results;
}

} // namespace tern::test
