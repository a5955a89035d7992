// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-run/SessionModel.h"

#include <algorithm>

namespace tern {

static tern_session_options_t optionsOf(int32_t sequences, int64_t chunkRows) {
  tern_session_options_t options{};
  options.max_sequences = sequences;
  options.chunk_rows = chunkRows;
  return options;
}

SessionModel::SessionModel(const Artefact &artefact, const tern::Model &model, int32_t count,
                           int64_t chunkRows)
    : facts(artefact.facts()), session(model, optionsOf(count, chunkRows)) {
  for (int32_t i = 0; i < count; ++i)
    sequences.push_back(session.begin());
}

generate::Model::Failure SessionModel::feed(std::span<const generate::Entry> entries,
                                            std::vector<float> &logits) {
  std::vector<tern_feed_t> feeds;
  // Where each entry's rows go, and how many are there.
  std::vector<size_t> start, filled(entries.size(), 0);
  size_t rows = 0, width = static_cast<size_t>(facts.vocabulary);
  for (const generate::Entry &entry : entries) {
    feeds.push_back({sequences[static_cast<size_t>(entry.sequence)], entry.tokens.data(),
                     static_cast<int64_t>(entry.tokens.size()),
                     entry.wantsAllLogits ? TERN_LOGITS_ALL : TERN_LOGITS_LAST});
    start.push_back(rows);
    rows += entry.wantsAllLogits ? entry.tokens.size() : 1;
  }
  logits.resize(rows * width);
  try {
    session.feed(feeds, [&](int32_t sequence, int64_t, const float *row) {
      size_t i = static_cast<size_t>(std::ranges::find(feeds, sequence, &tern_feed_t::sequence) -
                                     feeds.begin());
      std::copy_n(row, width,
                  logits.begin() + static_cast<ptrdiff_t>((start[i] + filled[i]++) * width));
    });
  } catch (const Error &error) {
    return error.what();
  }
  return std::nullopt;
}

generate::Model::Failure SessionModel::sample(std::span<const float> logits,
                                              std::span<const int32_t>,
                                              const generate::Sampling &sampling, int32_t sequence,
                                              int64_t, int32_t &token) {
  if (sampling.temperature == 0 && sampling.repetitionPenalty == 1) {
    token = static_cast<int32_t>(std::ranges::max_element(logits) - logits.begin());
    return std::nullopt;
  }
  tern_sampler_t sampler;
  tern_sampler_init(&sampler);
  sampler.temperature = sampling.temperature;
  sampler.top_k = sampling.topK;
  sampler.top_p = sampling.topP;
  sampler.min_p = sampling.minP;
  sampler.typical_p = sampling.typicalP;
  sampler.repetition_penalty = sampling.repetitionPenalty;
  sampler.seed = sampling.seed;
  sampler.request = static_cast<uint64_t>(sequence);
  try {
    token = session.sample(sequences[static_cast<size_t>(sequence)], sampler);
  } catch (const Error &error) {
    return error.what();
  }
  return std::nullopt;
}

} // namespace tern
