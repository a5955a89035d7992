// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceModel.h"

#include "runtime/src/Philox.h"
#include "tools/command/CommandLine.h"
#include "tools/tern-compile/ReferenceSampling.h"

using namespace mlir;
using tern::command::UserError;
using tern::reference::Datum;
using tern::reference::Tensor;

namespace tern {

int64_t factOf(ModuleOp module, StringRef name) {
  auto facts = module->getAttrOfType<DictionaryAttr>("tern.model");
  auto fact = facts ? facts.getAs<IntegerAttr>(name) : IntegerAttr();
  if (!fact)
    throw UserError("the module's attribute tern.model has no '" + name.str() +
                    "', so the module is no model; --function=NAME runs one function");
  return fact.getInt();
}

std::vector<int32_t> endsOf(ModuleOp module) {
  auto eos = module->getAttrOfType<DictionaryAttr>("tern.model").getAs<DenseI64ArrayAttr>("eos");
  ArrayRef<int64_t> ids = eos ? eos.asArrayRef() : ArrayRef<int64_t>();
  return {ids.begin(), ids.end()};
}

ReferenceModel::ReferenceModel(ModuleOp module, const checkpoint::Checkpoint *checkpoint,
                               Diagnostics &diagnostics)
    : diagnostics(diagnostics), weights(checkpoint),
      references(module, [this](StringRef name,
                                RankedTensorType type) { return weights.find(name, type); }),
      words(factOf(module, "vocabulary")), context(factOf(module, "context")),
      mostRows(mostOf(module, "T")), mostEntries(mostOf(module, "B")),
      mostLogitRows(mostOf(module, "R")) {
  reference::defineTern(references);
  kv::defineKV(references);
  ends = endsOf(module);
  if (auto step = module.lookupSymbol<func::FuncOp>("step"))
    for (Type type : step.getArgumentTypes()) {
      if (isa<kv::CacheType>(type))
        caches.push_back(std::make_shared<kv::CacheState>());
      else if (isa<kv::StateType>(type))
        caches.push_back(std::make_shared<kv::RecurrentState>());
    }
}

/// The largest value of a dimension, which a step must not exceed.
int64_t ReferenceModel::mostOf(ModuleOp module, StringRef dim) const {
  auto declared = module.lookupSymbol<DimOp>(dim);
  return declared ? static_cast<int64_t>(declared.getMax()) : std::numeric_limits<int64_t>::max();
}

//===- Feeding ------------------------------------------------------------===//

/// The arguments of one call of `step` but the caches.
struct ReferenceModel::Step {
  std::vector<double> tokens, positions, lengths, logitRows;
  std::vector<int32_t> logitSequences; ///< of each wanted row
  std::shared_ptr<kv::BatchState> batch = std::make_shared<kv::BatchState>();
};

/// What comes next of the entries, of whose tokens `done` ran before; no token if all is done.
ReferenceModel::Step ReferenceModel::nextStep(std::span<const generate::Entry> entries,
                                              std::vector<size_t> &done) const {
  Step step;
  auto room = [&] {
    return static_cast<int64_t>(step.tokens.size()) < mostRows &&
           static_cast<int64_t>(step.logitRows.size()) < mostLogitRows;
  };
  for (size_t e = 0; e < entries.size(); ++e) {
    const generate::Entry &entry = entries[e];
    size_t count = entry.tokens.size();
    if (done[e] == count || !room() ||
        static_cast<int64_t>(step.batch->sequences.size()) == mostEntries)
      continue;
    const Sequence &sequence = sequences[static_cast<size_t>(entry.sequence)];
    size_t before = sequence.history.size() - count;
    step.batch->starts.push_back(step.tokens.size());
    step.batch->sequences.push_back(entry.sequence);
    for (; done[e] < count && room(); ++done[e]) {
      if (entry.wantsAllLogits || done[e] + 1 == count) {
        step.logitRows.push_back(step.tokens.size());
        step.logitSequences.push_back(entry.sequence);
      }
      step.tokens.push_back(entry.tokens[done[e]]);
      step.positions.push_back(before + done[e]);
      step.lengths.push_back(sequence.history.size());
    }
  }
  step.batch->starts.push_back(step.tokens.size());
  return step;
}

static Datum column(const std::vector<double> &values) {
  Tensor tensor = Tensor::make({static_cast<int64_t>(values.size())});
  *tensor.data = values;
  return tensor;
}

generate::Model::Failure ReferenceModel::run(const Step &step, const OnLogits &onLogits) {
  std::shared_ptr<reference::State> batch = step.batch;
  SmallVector<Datum> arguments{column(step.tokens), column(step.positions), column(step.lengths),
                               batch, column(step.logitRows)};
  arguments.append(caches.begin(), caches.end());
  FailureOr<reference::Interpreter::Values> results = references.call("step", arguments);
  if (failed(results))
    return diagnostics.take("the reference of @step failed");
  const std::vector<double> &logits = *std::get<Tensor>((*results)[0]).data;
  auto width = static_cast<size_t>(words);
  std::vector<float> row(width);
  for (size_t i = 0; i < step.logitSequences.size(); ++i) {
    std::span<const double> exact(logits.data() + i * width, width);
    Sequence &sequence = sequences[static_cast<size_t>(step.logitSequences[i])];
    sequence.logits.assign(exact.begin(), exact.end());
    row.assign(exact.begin(), exact.end());
    if (onLogits)
      onLogits(step.logitSequences[i], row);
  }
  return std::nullopt;
}

generate::Model::Failure ReferenceModel::feed(std::span<const generate::Entry> entries,
                                              const OnLogits &onLogits) {
  for (const generate::Entry &entry : entries) {
    sequences.resize(std::max<size_t>(sequences.size(), entry.sequence + 1));
    std::vector<int32_t> &history = sequences[static_cast<size_t>(entry.sequence)].history;
    history.insert(history.end(), entry.tokens.begin(), entry.tokens.end());
  }
  std::vector<size_t> done(entries.size());
  for (;;) {
    Step step = nextStep(entries, done);
    if (step.tokens.empty())
      return std::nullopt;
    if (Failure failure = run(step, onLogits))
      return failure;
  }
}

generate::Model::Failure ReferenceModel::sample(std::span<const int32_t> numbers,
                                                const generate::Sampling &sampling,
                                                std::span<int32_t> tokens) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    Sequence &sequence = sequences[static_cast<size_t>(numbers[i])];
    double uniform = runtime::uniform(sampling.seed, static_cast<uint64_t>(numbers[i]),
                                      static_cast<uint64_t>(sequence.drawn++));
    tokens[i] = drawToken(tokenProbabilities(sequence.logits, sequence.history, sampling), uniform);
  }
  return std::nullopt;
}

} // namespace tern
