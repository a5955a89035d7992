// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-run/CompiledEncoder.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tern {

CompiledEncoder::CompiledEncoder(tern::Model given)
    : model(std::move(given)), call(model, "encode"), arguments(call.arguments()) {}

const tern_argument_t *CompiledEncoder::find(std::string_view output) const {
  auto found = std::ranges::find_if(arguments, [&](const tern_argument_t &argument) {
    return argument.output && argument.name == output;
  });
  return found == arguments.end() ? nullptr : &*found;
}

command::Tensor CompiledEncoder::read(std::string_view name) const {
  Call::Output output = call.output(*find(name));
  command::Tensor tensor = command::Tensor::make(command::NumberType::F32, output.shape);
  std::memcpy(tensor.bytes.data(), output.data, tensor.bytes.size());
  return tensor;
}

generate::Encoding CompiledEncoder::encode(std::span<const int32_t> tokens,
                                           std::span<const int32_t> types, bool wantsLogits) {
  std::vector<int32_t> positions(tokens.size()), parts(tokens.size());
  std::iota(positions.begin(), positions.end(), 0);
  std::ranges::copy(types, parts.begin());
  auto set = [&](const char *name, std::span<const int32_t> values) {
    const int64_t shape[] = {static_cast<int64_t>(values.size())};
    call.setInput(name, TERN_I32, shape, values.data());
  };
  set("tokens", tokens);
  set("positions", positions);
  set("types", parts);
  if (hasLogits())
    set("logitRows", std::span(positions).first(wantsLogits ? positions.size() : 0));
  call.run();
  generate::Encoding encoding{read("embedding"), read("hidden"), {}};
  if (wantsLogits)
    encoding.logits = read("logits");
  return encoding;
}

} // namespace tern
