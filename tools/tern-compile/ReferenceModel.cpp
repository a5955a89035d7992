// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceModel.h"

#include "frontend/checkpoint/Dequantise.h"

using namespace mlir;
using tern::reference::Datum;
using tern::reference::Tensor;

namespace tern {

ReferenceModel::ReferenceModel(ModuleOp module, const checkpoint::Checkpoint &checkpoint,
                               const checkpoint::ModelConfig &config, int64_t maxContext)
    : checkpoint(checkpoint), config(config), context(maxContext),
      interpreter(module,
                  [this](StringRef name, RankedTensorType type) { return weight(name, type); }) {
  reference::defineTern(interpreter);
  kv::defineKV(interpreter);
}

FailureOr<Tensor> ReferenceModel::weight(StringRef name, RankedTensorType type) {
  auto [at, inserted] = weights.try_emplace(name);
  if (!inserted)
    return at->second;
  const checkpoint::Tensor *stored = checkpoint.find(std::string_view(name.data(), name.size()));
  if (!stored)
    return failure();
  Tensor tensor = Tensor::make(type.getShape());
  if (stored->rows() * stored->columns() != tensor.size())
    return failure();
  checkpoint::dequantise(*stored, 0, stored->rows(), tensor.data->data());
  at->second = tensor;
  return tensor;
}

namespace {
/// The arguments of `step` but the cache.
struct StepInput {
  std::vector<double> tokens, positions, fullLengths, logitRows;
  std::shared_ptr<kv::BatchState> batch = std::make_shared<kv::BatchState>();

  void add(const generate::Entry &entry, int64_t length) {
    batch->starts.push_back(tokens.size());
    batch->sequences.push_back(entry.sequence);
    for (size_t i = 0; i < entry.tokens.size(); ++i) {
      if (entry.wantsAllLogits || i + 1 == entry.tokens.size())
        logitRows.push_back(tokens.size());
      tokens.push_back(entry.tokens[i]);
      positions.push_back(length + i);
      fullLengths.push_back(entry.fullLength);
    }
  }
};
} // namespace

static Datum column(const std::vector<double> &values) {
  Tensor tensor = Tensor::make({static_cast<int64_t>(values.size())});
  *tensor.data = values;
  return tensor;
}

generate::Model::Failure ReferenceModel::feed(std::span<const generate::Entry> entries,
                                              std::vector<float> &logits) {
  StepInput input;
  for (const generate::Entry &entry : entries) {
    lengths.resize(std::max<size_t>(lengths.size(), entry.sequence + 1), 0);
    input.add(entry, lengths[entry.sequence]);
    lengths[entry.sequence] += entry.tokens.size();
  }
  input.batch->starts.push_back(input.tokens.size());
  std::shared_ptr<reference::State> batch = input.batch, caches = cache;
  FailureOr<reference::Interpreter::Values> results =
      interpreter.call("step", {column(input.tokens), column(input.positions),
                                column(input.fullLengths), batch, column(input.logitRows), caches});
  if (failed(results))
    return "the reference of @step failed";
  const Tensor &tensor = std::get<Tensor>((*results)[0]);
  logits.assign(tensor.data->begin(), tensor.data->end());
  return std::nullopt;
}

generate::Model::Failure ReferenceModel::sample(std::span<const float> logits,
                                                std::span<const int32_t>,
                                                const generate::Sampling &, int32_t, int64_t,
                                                int32_t &token) {
  token = std::max_element(logits.begin(), logits.end()) - logits.begin();
  return std::nullopt;
}

} // namespace tern
