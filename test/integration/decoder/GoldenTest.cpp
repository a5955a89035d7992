// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled models against the results of transformers in f64.
#include "test/integration/decoder/Golden.h"

#include <gtest/gtest.h>

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

std::string nameOf(const testing::TestParamInfo<const char *> &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

const auto families = testing::Values(
    "llama", "llama-bf16", "llama-linear", "llama-dynamic", "llama-llama3", "llama-yarn", "cohere",
    "deepseek_v2", "deepseek_v3", "falcon", "falcon-alibi", "falcon-new", "gemma", "gemma2",
    "gemma3_text", "gpt2", "gpt2-bf16", "gpt_neox", "granite", "mistral", "mixtral", "olmo2", "opt",
    "opt-post", "phi", "phi3-longrope", "qwen2", "qwen2-bf16", "qwen2_moe", "qwen3", "qwen3_moe",
    "extra-mamba", "falcon_mamba");
INSTANTIATE_TEST_SUITE_P(Models, DecoderGolden, families, nameOf);
INSTANTIATE_TEST_SUITE_P(Models, DecoderKernels, families, nameOf);

// Weights in parts, by their methods' formulas (make_quantised.py).
const auto quantised =
    testing::Values("llama-fp8-block", "llama-fp8-row", "llama-fp8-e5m2", "llama-int8", "llama-nf4",
                    "llama-nf4-double", "llama-fp4", "llama-fp4-double", "llama-gptq",
                    "llama-gptq-sym", "llama-gptq-order", "llama-gptq-8bit", "llama-awq");
INSTANTIATE_TEST_SUITE_P(Quantised, DecoderGolden, quantised, nameOf);
INSTANTIATE_TEST_SUITE_P(Quantised, DecoderKernels, quantised, nameOf);

// Layers of papers, by their own formulas in f64 (make_papers.py).
const auto papers = testing::Values(
    "tokenformer", "tokenformer-grown", "tokenformer-softmax", "tokenformer-gelu", "pela",
    "widenet", "parscale", "parscale-single", "versatileffn", "versatileffn-deep", "roast",
    "roast-tiles", "shiftaddllm", "shiftaddllm-lut", "high_impact", "moe_redundancy");
INSTANTIATE_TEST_SUITE_P(Papers, DecoderGolden, papers, nameOf);
INSTANTIATE_TEST_SUITE_P(Papers, DecoderKernels, papers, nameOf);

} // namespace
} // namespace tern::test
