// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-run/SessionModel.h"

#include "tools/generate/Interrupt.h"

#include <algorithm>
#include <numeric>

namespace tern {

static bool showLoading(uint64_t done, uint64_t total) {
  if (total)
    command::showProgress(
        done == total ? "" : "packing weights: " + std::to_string(100 * done / total) + " %");
  return !generate::interrupted();
}

Model loadModel(const Artefact &artefact, const RunOptions &options) {
  Device device(options.device, options.threads);
  std::optional<LoadCache> cache;
  if (std::string folder = options.loadFolder(); !folder.empty())
    cache.emplace(folder);
  LoadOptions load;
  load.weightsPath = options.weights;
  load.cache = cache ? &*cache : nullptr;
  load.verify = options.verify;
  load.progress = showLoading;
  return Model(artefact, device, load);
}

static tern_session_options_t sessionOptions(const RunOptions &options, int32_t sequences) {
  tern_session_options_t session{};
  session.max_sequences = sequences;
  session.chunk_rows = options.prefillChunk;
  return session;
}

SessionModel::SessionModel(const Artefact &artefact, tern::Model given, const RunOptions &options,
                           int32_t sequences)
    : facts(artefact.facts()), model(std::move(given)),
      session(model, sessionOptions(options, sequences)),
      hasLogitsElsewhere(options.device.starts_with("cuda:")) {
  // A session numbers its sequences from 0, as generation does.
  for (int32_t i = 0; i < sequences; ++i)
    session.begin();
}

generate::Model::Failure SessionModel::feed(std::span<const generate::Entry> entries,
                                            const OnLogits &onLogits) {
  std::vector<tern_feed_t> feeds;
  for (const generate::Entry &entry : entries)
    feeds.push_back({entry.sequence, entry.tokens.data(), static_cast<int64_t>(entry.tokens.size()),
                     entry.wantsAllLogits ? TERN_LOGITS_ALL : TERN_LOGITS_LAST});
  auto width = static_cast<size_t>(facts.vocabulary);
  Session::OnLogits report;
  if (onLogits)
    report = [&](int32_t sequence, int64_t, const float *logits) {
      onLogits(sequence, {logits, width});
    };
  try {
    session.feed(feeds, report);
  } catch (const Error &error) {
    return error.what();
  }
  return std::nullopt;
}

generate::Model::Failure SessionModel::sample(std::span<const int32_t> numbers,
                                              const generate::Sampling &sampling,
                                              std::span<int32_t> tokens) {
  try {
    if (!hasLogitsElsewhere && sampling.temperature == 0 && sampling.repetitionPenalty == 1) {
      // The likeliest token needs no program where the logits are the host's.
      for (size_t i = 0; i < numbers.size(); ++i) {
        std::span logits(session.logits(numbers[i]), static_cast<size_t>(facts.vocabulary));
        tokens[i] = static_cast<int32_t>(std::ranges::max_element(logits) - logits.begin());
      }
      return std::nullopt;
    }
    std::vector<tern_sampler_t> samplers;
    for (int32_t number : numbers)
      samplers.push_back({sampling.temperature, sampling.topK, sampling.topP, sampling.minP,
                          sampling.typicalP, sampling.repetitionPenalty, sampling.seed,
                          static_cast<uint64_t>(number)});
    check(tern_session_sample(session.get(), numbers.data(), samplers.data(),
                              static_cast<int64_t>(numbers.size()), tokens.data(), nullptr));
  } catch (const Error &error) {
    return error.what();
  }
  return std::nullopt;
}

} // namespace tern
