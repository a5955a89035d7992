// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Sampling.h"

#include "runtime/src/Philox.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace tern::format;

void tern_sampler_init(tern_sampler_t *out_sampler) { *out_sampler = {0, 0, 1, 0, 1, 1, 0, 0}; }

namespace tern::runtime {

Error checkSampler(const tern_sampler_t &sampler) {
  struct Range {
    const char *name;
    float value, above, atMost; ///< above < value <= atMost
    const char *expected;
  };
  // The number just below 0, so that 0 itself is above it.
  const float belowZero = -std::numeric_limits<float>::denorm_min();
  const float most = std::numeric_limits<float>::max();
  const Range ranges[] = {
      {"temperature", sampler.temperature, belowZero, most, "0 or more"},
      {"top-k", static_cast<float>(sampler.top_k), belowZero, most, "0 or more"},
      {"top-p", sampler.top_p, 0, 1, "more than 0 and at most 1"},
      {"min-p", sampler.min_p, belowZero, 1, "0 to 1"},
      {"typical-p", sampler.typical_p, 0, 1, "more than 0 and at most 1"},
      // f32 can't hold a logit times much more.
      {"repetition penalty", sampler.repetition_penalty, std::nextafter(1e-30f, 0.0f), 1e30f,
       "1e-30 to 1e30"},
  };
  for (const Range &range : ranges)
    if (!(range.value > range.above && range.value <= range.atMost))
      return makeError(TERN_INVALID_ARGUMENT, "%s: expected %s, found %g", range.name,
                       range.expected, double(range.value));
  return {};
}

static size_t findDim(const Index &index, std::string_view name) {
  auto found = std::ranges::find_if(index.dims, [&](const Dim &dim) { return dim.name == name; });
  return size_t(found - index.dims.begin());
}

Sampling::Sampling(const Model &model, const Program &program)
    : index(model.index()), device(*model.device),
      interpreter(*model.device, *model.code, model.index(), program, model.spaces()),
      dimR(findDim(index, "R")), dimH(findDim(index, "H")) {}

Error Sampling::run(std::span<const SampleRow> rows, int32_t *tokens, float *probabilities) {
  auto most = static_cast<size_t>(index.dims[dimR].max);
  while (!rows.empty()) {
    size_t count = std::min(rows.size(), most);
    if (Error error = runSome(rows.first(count), tokens, probabilities))
      return error;
    rows = rows.subspan(count);
    tokens += count;
    if (probabilities)
      probabilities += count * size_t(index.model.vocabulary);
  }
  return {};
}

Error Sampling::runSome(std::span<const SampleRow> rows, int32_t *tokens, float *probabilities) {
  const auto vocabulary = static_cast<size_t>(index.model.vocabulary);
  const size_t rowBytes = vocabulary * sizeof(float);
  if (logits.size() < rows.size() * rowBytes)
    if (Error error = device.allocate(rows.size() * rowBytes, "logits", logits))
      return error;
  const size_t tokenBytes = rows.size() * sizeof(int32_t);
  if (drawn.size() < tokenBytes)
    if (Error error = device.allocateOnHost(tokenBytes, "tokens", drawn))
      return error;
  std::vector<float> parameters;
  std::vector<int32_t> history, historyStart{0};
  for (size_t i = 0; i < rows.size(); ++i) {
    const tern_sampler_t &given = rows[i].sampler;
    if (Error error = device.copy(logits.data() + i * rowBytes, rows[i].logits, rowBytes))
      return error;
    if (given.repetition_penalty != 1) // else nobody reads it
      history.insert(history.end(), rows[i].history.begin(), rows[i].history.end());
    historyStart.push_back(static_cast<int32_t>(history.size()));
    for (float parameter : {given.temperature, static_cast<float>(given.top_k), given.top_p,
                            given.min_p, given.typical_p, given.repetition_penalty,
                            uniform(given.seed, given.request, rows[i].step), 0.0f})
      parameters.push_back(parameter);
  }
  std::vector<int64_t> dims(index.dims.size());
  dims[dimR] = static_cast<int64_t>(rows.size());
  dims[dimH] = static_cast<int64_t>(history.size());
  const Given arguments[] = {{logits.data(), true}, {history.data()}, {historyStart.data()},
                             {parameters.data()},   {drawn.data()},   {probabilities}};
  if (Error error = interpreter.run(dims, arguments, {}))
    return error;
  if (Error error = device.wait())
    return error;
  std::memcpy(tokens, drawn.data(), tokenBytes);
  return {};
}

} // namespace tern::runtime
