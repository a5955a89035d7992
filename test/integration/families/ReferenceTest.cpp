// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The graph of each family against what transformers computes.
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/ReferenceLogits.h"

#include <gtest/gtest.h>

namespace tern::test {
namespace {

class FamilyReference : public testing::TestWithParam<std::tuple<const char *, Spelling>> {};

// The goldens are in f32, which loses 4e-7 of the largest logit at most (f32_error beside them).
TEST_P(FamilyReference, ComputesWhatTransformersDoes) {
  auto [name, spelling] = GetParam();
  Golden golden(name);
  for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
    Logits found = referenceLogits(golden.model(), false, "f32", golden.prompt(prompt), spelling);
    EXPECT_LE(distance(found, golden.logits(prompt)).relative(), 1e-6) << "prompt " << prompt;
  }
}

const auto models = testing::Values(
    "llama", "llama-bf16", "llama-linear", "llama-dynamic", "llama-llama3", "llama-yarn", "mistral",
    "mixtral", "qwen2", "qwen2-bf16", "qwen2_moe", "qwen3", "qwen3_moe", "gemma", "gemma2",
    "gemma3_text", "phi", "phi3-longrope", "gpt2", "gpt2-bf16", "opt", "opt-post", "gpt_neox",
    "falcon", "falcon-alibi", "falcon-new", "granite", "olmo2", "cohere", "deepseek_v2",
    "deepseek_v3", "extra-mamba", "falcon_mamba");

INSTANTIATE_TEST_SUITE_P(Models, FamilyReference,
                         testing::Combine(models, testing::Values(Spelling::Composite)));
INSTANTIATE_TEST_SUITE_P(Primitives, FamilyReference,
                         testing::Combine(models, testing::Values(Spelling::Primitive)));

} // namespace
} // namespace tern::test
