// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled models against the results of transformers in f64.
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/Names.h"

namespace tern::test {
namespace {

/// Of the largest reference logit; f32 arithmetic is within 1e-6.
constexpr double tolerance = 2e-4;

class DecoderGolden : public testing::TestWithParam<const char *> {
protected:
  Golden golden{GetParam()};
  // The greedy continuation of llama-dynamic's third prompt is longer than the model's own length.
  static constexpr const char *flags = "--numerics=exact --max-context=128";
  const CompiledModel &model = CompiledModel::get(golden.model(), flags);
};

TEST_P(DecoderGolden, GivesTheLogitsOfEveryPosition) {
  for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
    Distance found = distance(model.logits(golden.prompt(prompt)), golden.logits(prompt));
    EXPECT_LE(found.relative(), tolerance) << "prompt " << prompt;
  }
}

TEST_P(DecoderGolden, ContinuesGreedily) {
  for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
    std::vector<int32_t> expected = golden.greedy(prompt);
    EXPECT_EQ(model.greedy(golden.prompt(prompt), expected.size()), expected)
        << "prompt " << prompt;
  }
}

TEST_P(DecoderGolden, RunsRaggedBatches) {
  std::vector<Logits> found =
      model.logitsOfBatches(2, {{{0, golden.prompt(1)}, {1, golden.prompt(2)}}});
  EXPECT_LE(distance(found[1], golden.logits(2)).relative(), tolerance);
  // There the frequencies follow the batch's longest row (LongestRowTest.cpp), here each row's own
  // length.
  bool followsLength =
      GetParam() == std::string("llama-dynamic") || GetParam() == std::string("phi3-longrope");
  Logits expected = followsLength ? golden.logits(1) : golden.batchLogits();
  EXPECT_LE(distance(found[0], expected).relative(), tolerance);
}

class DecoderKernels : public DecoderGolden {};

TEST_P(DecoderKernels, ComeFromTheBestSchemasAlone) {
  EXPECT_EQ(remarksOf(golden.model(), flags), "");
}

using names::nameOf;
const auto families = testing::ValuesIn(names::families);
INSTANTIATE_TEST_SUITE_P(Models, DecoderGolden, families, nameOf);
INSTANTIATE_TEST_SUITE_P(Models, DecoderKernels, families, nameOf);
const auto quantised = testing::ValuesIn(names::quantised);
INSTANTIATE_TEST_SUITE_P(Quantised, DecoderGolden, quantised, nameOf);
INSTANTIATE_TEST_SUITE_P(Quantised, DecoderKernels, quantised, nameOf);
const auto papers = testing::ValuesIn(names::papers);
INSTANTIATE_TEST_SUITE_P(Papers, DecoderGolden, papers, nameOf);
INSTANTIATE_TEST_SUITE_P(Papers, DecoderKernels, papers, nameOf);

} // namespace
} // namespace tern::test
