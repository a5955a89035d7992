// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled models in every storage type against the interpreter on the same file.
#include "test/integration/llama/Golden.h"
#include "test/integration/llama/ReferenceLogits.h"

#include <gtest/gtest.h>

namespace tern::test {
namespace {

class StorageType : public testing::TestWithParam<const char *> {
protected:
  std::string path = TERN_TINY_GGUF "/" + std::string(GetParam()) + ".gguf";
  std::vector<int32_t> prompt = Golden("llama-llama3").prompt(2);
  Logits exact = referenceLogits(path, false, "f32", prompt);
};

TEST_P(StorageType, ComputesExactlyInF32) {
  // Both compute the same real function of the same weights; f32 sums of up to 128 terms in two
  // layers lose 1e-6 of the largest logit (f32_error of the goldens), 10 times that is a mistake.
  const CompiledModel &model = CompiledModel::get(path, "--numerics=exact");
  EXPECT_LE(distance(model.logits(prompt), exact).relative(), 1e-5);
}

TEST_P(StorageType, RoundsWhereTheReferenceDoes) {
  // The same roundings of almost the same numbers. One that lies by a boundary may round the other
  // way, and all later rows feel it, as a part of what the roundings move them by (up to 0.37). Up
  // to there the rows are as near as f32 sums are, and no number of the first row lies that close.
  for (std::string cacheType : {"f32", "f16", "bf16"}) {
    Logits rounded = referenceLogits(path, true, cacheType, prompt);
    Logits found =
        CompiledModel::get(path, "--numerics=fast --cache-type=" + cacheType).logits(prompt);
    EXPECT_LE(distance({found[0]}, {rounded[0]}).relative(), 1e-5) << "cache in " << cacheType;
    Distance moved = distance(rounded, exact);
    EXPECT_LE(distance(found, rounded).rms, moved.rms / 2 + 1e-6 * moved.scale)
        << "cache in " << cacheType;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, StorageType,
    testing::Values("llama.f32", "llama.f16", "llama.bf16", "llama.q8_0", "llama.q4_0",
                    "llama.q4_1", "llama.q5_0", "llama.q5_1", "llama.q2_k", "llama.q3_k",
                    "llama.q4_k_m", "llama.q5_k", "llama.iq4_nl", "llama.iq4_xs", "llama.mxfp4",
                    "llama-bf16.bf16", "llama-linear.f32", "llama-llama3.f32", "llama-yarn.f32"),
    [](const auto &info) {
      std::string name = info.param;
      for (char &letter : name)
        letter = std::isalnum(static_cast<unsigned char>(letter)) ? letter : '_';
      return name;
    });

} // namespace
} // namespace tern::test
