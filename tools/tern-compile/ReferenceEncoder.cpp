// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceEncoder.h"

#include "dialects/KV/Reference/KVReference.h"
#include "tools/command/CommandLine.h"

#include <numeric>

using namespace mlir;
using tern::command::UserError;
using tern::reference::Tensor;

namespace tern {

ReferenceEncoder::ReferenceEncoder(ModuleOp module, const checkpoint::Checkpoint *checkpoint,
                                   Diagnostics &diagnostics)
    : diagnostics(diagnostics), weights(checkpoint),
      interpreter(module, [this](StringRef name, RankedTensorType type) {
        return weights.find(name, type);
      }) {
  reference::defineTern(interpreter);
  kv::defineKV(interpreter);
  auto function = module.lookupSymbol<func::FuncOp>("encode");
  if (!function)
    throw UserError("the module has no function 'encode', so --embed can't run it");
  isHeaded = function.getNumResults() == 3;
}

static Tensor column(ArrayRef<int32_t> values) {
  Tensor tensor = Tensor::make({static_cast<int64_t>(values.size())});
  tensor.data->assign(values.begin(), values.end());
  return tensor;
}

static command::Tensor rounded(const reference::Datum &datum) {
  const auto &tensor = std::get<Tensor>(datum);
  command::Tensor result =
      command::Tensor::make(command::NumberType::F32, {tensor.shape.begin(), tensor.shape.end()});
  for (int64_t i = 0; i < result.size(); ++i)
    result.set(i, tensor[i]);
  return result;
}

generate::Encoding ReferenceEncoder::encode(std::span<const int32_t> tokens,
                                            std::span<const int32_t> types, bool wantsLogits) {
  std::vector<int32_t> positions(tokens.size()), parts(tokens.size());
  std::iota(positions.begin(), positions.end(), 0);
  llvm::copy(types, parts.begin());
  SmallVector<reference::Datum> arguments{column(tokens), column(positions), column(parts)};
  if (isHeaded)
    arguments.push_back(column(ArrayRef(positions).take_front(wantsLogits ? tokens.size() : 0)));
  FailureOr<reference::Interpreter::Values> results = interpreter.call("encode", arguments);
  if (failed(results))
    throw UserError(diagnostics.take("the reference of @encode failed"));
  generate::Encoding encoding{rounded((*results)[0]), rounded((*results)[1]), {}};
  if (wantsLogits)
    encoding.logits = rounded((*results)[2]);
  return encoding;
}

} // namespace tern
