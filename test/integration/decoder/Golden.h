// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_INTEGRATION_DECODER_GOLDEN_H
#define TERN_TEST_INTEGRATION_DECODER_GOLDEN_H

#include "frontend/checkpoint/Checkpoint.h"
#include "test/integration/decoder/CompiledModel.h"

namespace tern::test {

/// How layers are spelt (--import).
enum class Spelling { Composite, Primitive };

/// The reference results of a tiny model: case.safetensors beside it.
class Golden {
public:
  static constexpr int prompts = 3;

  /// `name` as in test/data/models.
  explicit Golden(const std::string &name);

  /// The model's folder.
  const std::string &model() const { return folder; }
  std::vector<int32_t> prompt(int number) const;
  /// Logits after each token of the prompt.
  Logits logits(int number) const;
  /// The same as they are stored, one row after the other; f64 where our own script made them.
  std::vector<double> exactLogits(int number) const;
  std::vector<int32_t> greedy(int number) const;
  /// Of the batch's first row, which is prompt 1: its valid positions. Where transformers computes
  /// no padded batches they are those of the prompt alone.
  Logits batchLogits() const;

  // Of encoders.

  /// Row `row` of the batch, without its padding.
  std::vector<int32_t> batchPrompt(int row) const;
  /// [(L + 1) * T] rows: the embedded prompt, then what each layer makes of it.
  Logits hidden(int number) const;
  /// Of which part each token of the last prompt is, and the logits with these types.
  std::vector<int32_t> types() const { return integers("types.token_type_ids"); }
  Logits typesLogits() const { return rows("types.logits"); }

  // Of an encoder and a decoder.

  /// What the decoder was fed, its start first; logits() are after each of these.
  std::vector<int32_t> decoded(int number) const;
  Logits encoderHidden(int number) const;

private:
  const checkpoint::Tensor &find(const std::string &name) const;
  std::vector<int32_t> integers(const std::string &name) const;
  std::vector<double> numbers(const std::string &name) const;
  Logits rows(const std::string &name) const;

  std::string folder;
  checkpoint::Checkpoint tensors;
};

/// How far two results lie apart.
struct Distance {
  double largest = 0; ///< difference
  double rms = 0;     ///< of all differences
  double scale = 0;   ///< the largest magnitude in `expected`

  double relative() const { return largest / scale; }
};

/// Throws if the shapes differ. A NaN makes every figure NaN.
Distance distance(const Logits &found, const Logits &expected);

/// True if every bit is equal.
bool isSame(const Logits &left, const Logits &right);

} // namespace tern::test

#endif
