// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/EncoderDecoder.h"

#include "runtime/src/Philox.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tern::generate {

using command::NumberType;
using command::Tensor;

static Tensor column(std::span<const int32_t> values) {
  Tensor tensor = Tensor::make(NumberType::I32, {static_cast<int64_t>(values.size())});
  std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
  return tensor;
}

/// first, first + 1, ... below last.
static Tensor range(int64_t first, int64_t last) {
  std::vector<int32_t> values(static_cast<size_t>(last - first));
  std::iota(values.begin(), values.end(), static_cast<int32_t>(first));
  return column(values);
}

static void append(Tensor &rows, const Tensor &more) {
  rows.shape[0] += more.shape[0];
  rows.bytes.insert(rows.bytes.end(), more.bytes.begin(), more.bytes.end());
}

void EncoderDecoder::encode(Sequence &sequence, std::span<const int32_t> tokens) const {
  auto count = static_cast<int64_t>(tokens.size());
  sequence.cross = std::move(run("encode", {column(tokens), range(0, count)}).at(1));
  sequence.past = Tensor::make(sequence.cross.type, {0, sequence.cross.shape[1]});
}

void EncoderDecoder::decode(Sequence &sequence, const Entry &entry, std::span<const int32_t> tokens,
                            const OnLogits &onLogits) const {
  auto count = static_cast<int64_t>(tokens.size());
  int64_t before = sequence.past.shape[0], after = before + count;
  std::vector<Tensor> outputs =
      run("decode",
          {column(tokens), range(before, after), range(0, after),
           range(entry.wantsAllLogits ? 0 : count - 1, count), sequence.past, sequence.cross});
  append(sequence.past, outputs.at(1));
  sequence.tokens.insert(sequence.tokens.end(), tokens.begin(), tokens.end());
  const Tensor &logits = outputs[0];
  std::vector<float> &row = sequence.logits;
  row.resize(static_cast<size_t>(logits.shape[1]));
  for (int64_t i = 0; i < logits.size();) {
    for (float &number : row)
      number = static_cast<float>(logits.get(i++));
    if (onLogits)
      onLogits(entry.sequence, row);
  }
}

Model::Failure EncoderDecoder::feed(std::span<const Entry> entries, const OnLogits &onLogits) {
  for (const Entry &entry : entries) {
    auto number = static_cast<size_t>(entry.sequence);
    sequences.resize(std::max(sequences.size(), number + 1));
    Sequence &sequence = sequences[number];
    bool isNew = sequence.cross.shape.empty();
    if (isNew)
      encode(sequence, entry.tokens);
    decode(sequence, entry, isNew ? std::span(&start, 1) : entry.tokens, onLogits);
  }
  return std::nullopt;
}

/// By the model's own function, which sessions use too.
int32_t EncoderDecoder::draw(const Sequence &sequence, int32_t number,
                             const Sampling &sampling) const {
  float uniform = runtime::uniform(sampling.seed, static_cast<uint64_t>(number), sequence.drawn);
  const float settings[] = {
      sampling.temperature, static_cast<float>(sampling.topK), sampling.topP, sampling.minP,
      sampling.typicalP,    sampling.repetitionPenalty,        uniform,       0};
  auto rowOf = [&](std::span<const float> values) {
    Tensor tensor = Tensor::make(NumberType::F32, {1, static_cast<int64_t>(values.size())});
    std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
    return tensor;
  };
  const int32_t bounds[] = {0, static_cast<int32_t>(sequence.tokens.size())};
  std::vector<Tensor> outputs = run(
      "sample", {rowOf(sequence.logits), column(sequence.tokens), column(bounds), rowOf(settings)});
  return static_cast<int32_t>(outputs[0].get(0));
}

Model::Failure EncoderDecoder::sample(std::span<const int32_t> numbers, const Sampling &sampling,
                                      std::span<int32_t> tokens) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    Sequence &sequence = sequences[static_cast<size_t>(numbers[i])];
    bool isGreedy = sampling.temperature == 0 && sampling.repetitionPenalty == 1;
    tokens[i] = isGreedy ? static_cast<int32_t>(std::ranges::max_element(sequence.logits) -
                                                sequence.logits.begin())
                         : draw(sequence, numbers[i], sampling);
    ++sequence.drawn;
  }
  return std::nullopt;
}

} // namespace tern::generate
