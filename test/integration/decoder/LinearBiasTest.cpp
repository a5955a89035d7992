// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Falcon's linear bias (ALiBi) in eager attention of transformers 5.23, which adds it twice: to the
// scores, and as a part of the mask (docs/decisions/linear-bias.md).
#include "test/integration/decoder/Golden.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tern::test {
namespace {

constexpr const char *kSlopes = "dense<[2.500000e-01, 6.250000e-02, 1.562500e-02, 3.906250e-03]>",
                     *kTwice = "dense<[5.000000e-01, 1.250000e-01, 3.125000e-02, 7.812500e-03]>";

/// The model's graph with all slopes doubled, as text; how many there were.
std::pair<std::string, int> withDoubledSlopes(const std::string &model) {
  std::ifstream file(compile(model, "--numerics=exact --compile-to=import"));
  std::stringstream text;
  text << file.rdbuf();
  std::string module = text.str();
  int count = 0;
  for (size_t at; (at = module.find(kSlopes)) != std::string::npos; ++count)
    module.replace(at, std::string(kSlopes).size(), kTwice);
  return {module, count};
}

TEST(LinearBias, IsTwiceThatOfTheModelInEagerAttention) {
  Golden once("falcon-alibi"), eager("falcon-alibi-eager");
  auto [module, count] = withDoubledSlopes(once.model());
  ASSERT_GT(count, 0);
  std::string path = testing::TempDir() + "falcon-alibi-eager.mlir";
  std::ofstream(path) << module;
  CompiledModel model(path, "--numerics=exact --weights='" + once.model() + "'", 1, once.model());
  for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
    Logits found = model.logits(eager.prompt(prompt));
    EXPECT_LE(distance(found, eager.logits(prompt)).relative(), 2e-4) << "prompt " << prompt;
    std::vector<int32_t> expected = eager.greedy(prompt);
    EXPECT_EQ(model.greedy(eager.prompt(prompt), expected.size()), expected) << "prompt " << prompt;
  }
  // With one token there is no distance that a bias could grow with.
  EXPECT_GT(distance(once.logits(2), eager.logits(2)).relative(), 0.1);
}

} // namespace
} // namespace tern::test
