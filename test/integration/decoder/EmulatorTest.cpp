// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models compiled for a GPU and run on the emulator, which fails where a kernel leaves its buffers
// or its threads race, against the results of transformers in f64.
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/Names.h"

namespace tern::test {
namespace {

/// Of the largest reference logit, as on the CPU.
constexpr double tolerance = 2e-4;

class DecoderEmulator : public testing::TestWithParam<const char *> {
protected:
  /// The shortest prompt.
  int shortest() const {
    int best = 0;
    for (int prompt = 1; prompt < Golden::prompts; ++prompt)
      if (golden.prompt(prompt).size() < golden.prompt(best).size())
        best = prompt;
    return best;
  }

  Golden golden{GetParam()};
  const CompiledModel &model = CompiledModel::get(
      golden.model(), "--target=sm_80 --numerics=exact --max-context=128", 2, "emulator");
  int number = shortest();
  std::vector<int32_t> prompt = golden.prompt(number);
};

TEST_P(DecoderEmulator, GivesTheLogitsOfAPromptAndFourTokens) {
  EXPECT_LE(distance(model.logits(prompt), golden.logits(number)).relative(), tolerance);
  std::vector<int32_t> expected = golden.greedy(number);
  expected.resize(4);
  EXPECT_EQ(model.greedy(prompt, 4), expected);
}

TEST_P(DecoderEmulator, GivesTheSameBitsBesideANeighbour) {
  std::vector<int32_t> other(prompt.rbegin(), prompt.rend());
  other.push_back(prompt[0]);
  EXPECT_TRUE(
      isSame(model.logitsOfBatches(2, {{{0, other}, {1, prompt}}})[1], model.logits(prompt)));
}

using names::nameOf;
INSTANTIATE_TEST_SUITE_P(Models, DecoderEmulator, testing::ValuesIn(names::families), nameOf);
INSTANTIATE_TEST_SUITE_P(Quantised, DecoderEmulator, testing::ValuesIn(names::quantised), nameOf);
INSTANTIATE_TEST_SUITE_P(Papers, DecoderEmulator, testing::ValuesIn(names::papers), nameOf);

} // namespace
} // namespace tern::test
