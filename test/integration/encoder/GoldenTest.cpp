// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Encoders against the results of transformers in f64.
#include "test/integration/encoder/Encoders.h"

#include <cmath>
#include <gtest/gtest.h>

namespace tern::test {
namespace {

using generate::Encoding;

/// Of the largest reference number, as for decoders.
constexpr double kCompiled = 2e-4;
/// The goldens are in f32, which loses 7e-7 of the largest logit at most (f32_error beside them).
constexpr double kReference = 1e-6;

class EncoderGolden : public testing::TestWithParam<const char *> {
protected:
  Golden golden{GetParam()};
  CompiledEncoder model = compiledEncoder(golden.model(), "--numerics=exact");

  Encoding encode(const std::vector<int32_t> &tokens, const std::vector<int32_t> &types = {}) {
    return model.encode(tokens, types, /*wantsLogits=*/true);
  }

  void expectGolden(const Encoding &found, int prompt, double tolerance) const {
    EXPECT_LE(distance(rowsOf(found.logits), golden.logits(prompt)).relative(), tolerance);
    Logits hidden = golden.hidden(prompt);
    EXPECT_LE(distance(rowsOf(found.hidden), hidden).relative(), tolerance);
    EXPECT_LE(distance(rowsOf(found.embedding), {meanOfLast(hidden, prompt)}).relative(),
              tolerance);
  }

  /// The mean of the last layer's rows, which is a text's vector if no file says otherwise.
  std::vector<float> meanOfLast(const Logits &hidden, int prompt) const {
    size_t count = golden.prompt(prompt).size();
    std::vector<float> mean(hidden[0].size());
    for (size_t i = 0; i < mean.size(); ++i) {
      double sum = 0;
      for (size_t row = hidden.size() - count; row < hidden.size(); ++row)
        sum += double(hidden[row][i]);
      mean[i] = float(sum / double(count));
    }
    return mean;
  }
};

TEST_P(EncoderGolden, ReferencesComputeWhatTransformersDoes) {
  for (int prompt = 0; prompt < Golden::prompts; ++prompt)
    expectGolden(referenceEncoding(golden.model(), golden.prompt(prompt)), prompt, kReference);
}

TEST_P(EncoderGolden, PrimitivesComputeWhatTransformersDoes) {
  for (int prompt = 0; prompt < Golden::prompts; ++prompt)
    expectGolden(referenceEncoding(golden.model(), golden.prompt(prompt), {}, Spelling::Primitive),
                 prompt, kReference);
}

TEST_P(EncoderGolden, CompiledCodeComputesWhatTransformersDoes) {
  for (int prompt = 0; prompt < Golden::prompts; ++prompt)
    expectGolden(encode(golden.prompt(prompt)), prompt, kCompiled);
}

TEST_P(EncoderGolden, ReadsRowsOfPaddedBatches) {
  EXPECT_LE(distance(rowsOf(encode(golden.batchPrompt(0)).logits), golden.batchLogits()).relative(),
            kCompiled);
  EXPECT_LE(distance(rowsOf(encode(golden.batchPrompt(1)).logits), golden.logits(2)).relative(),
            kCompiled);
}

TEST_P(EncoderGolden, GivesTheSameBitsAgain) {
  Encoding first = encode(golden.prompt(2));
  encode(golden.prompt(1));
  EXPECT_TRUE(isSame(rowsOf(first.hidden), rowsOf(encode(golden.prompt(2)).hidden)));
}

TEST_P(EncoderGolden, HasKernelsOfTheBestSchemasAlone) {
  EXPECT_EQ(remarksOf(golden.model(), "--numerics=exact"), "");
}

/// The file has the first 64 tokens, and says how to pool: the vector of a text is
/// its first row with length 1.
TEST_P(EncoderGolden, IsTheSameModelInGguf) {
  std::string file = std::string(TERN_TEST_DATA "/gguf/") + GetParam() + ".gguf";
  std::vector<int32_t> tokens{3, 63, 7, 21, 7, 40, 5};
  Logits expected = rowsOf(referenceEncoding(golden.model(), tokens).hidden);
  Encoding found = referenceEncoding(file, tokens);
  EXPECT_LE(distance(rowsOf(found.hidden), expected).relative(), kReference);
  std::vector<float> first = expected[expected.size() - tokens.size()];
  double squares = 0;
  for (float number : first)
    squares += double(number) * double(number);
  for (float &number : first)
    number = float(double(number) / std::sqrt(squares));
  EXPECT_LE(distance(rowsOf(found.embedding), {first}).relative(), kReference);
  CompiledEncoder compiled = compiledEncoder(file, "--numerics=exact");
  EXPECT_LE(distance(rowsOf(compiled.encode(tokens, {}, false).embedding), {first}).relative(),
            kCompiled);
}

INSTANTIATE_TEST_SUITE_P(Models, EncoderGolden, testing::Values("bert", "roberta"));

TEST(EncoderTypes, AreAdded) {
  Golden golden("bert");
  std::vector<int32_t> tokens = golden.prompt(2), types = golden.types();
  EXPECT_LE(distance(rowsOf(referenceEncoding(golden.model(), tokens, types).logits),
                     golden.typesLogits())
                .relative(),
            kReference);
  CompiledEncoder model = compiledEncoder(golden.model(), "--numerics=exact");
  EXPECT_LE(
      distance(rowsOf(model.encode(tokens, types, true).logits), golden.typesLogits()).relative(),
      kCompiled);
}

} // namespace
} // namespace tern::test
