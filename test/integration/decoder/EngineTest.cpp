// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models compiled by each engine and tier of laws.
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/Names.h"

namespace tern::test {
namespace {

class Engines : public testing::TestWithParam<const char *> {
protected:
  std::vector<Logits> logits(const std::string &laws) const {
    CompiledModel model(golden.model(), "--numerics=exact --max-context=128 " + laws);
    std::vector<Logits> all;
    for (int prompt = 0; prompt < Golden::prompts; ++prompt)
      all.push_back(model.logits(golden.prompt(prompt)));
    return all;
  }

  Golden golden{GetParam()};
};

TEST_P(Engines, KeepEveryBitByLawsOfBits) {
  std::vector<Logits> expected = logits("--rules=none");
  for (const char *engine : {"egraph", "classic"}) {
    std::vector<Logits> found = logits(std::string("--rules=bit --engine=") + engine);
    for (int prompt = 0; prompt < Golden::prompts; ++prompt)
      EXPECT_TRUE(isSame(found[prompt], expected[prompt])) << engine << ", prompt " << prompt;
  }
}

// The e-graph's are those of DecoderGolden, which allows as much.
TEST_P(Engines, GiveTheLogitsByLawsOfTheReals) {
  std::vector<Logits> found = logits("--engine=classic");
  for (int prompt = 0; prompt < Golden::prompts; ++prompt)
    EXPECT_LE(distance(found[prompt], golden.logits(prompt)).relative(), 2e-4)
        << "prompt " << prompt;
}

INSTANTIATE_TEST_SUITE_P(Models, Engines, testing::ValuesIn(names::families), names::nameOf);
INSTANTIATE_TEST_SUITE_P(Quantised, Engines, testing::ValuesIn(names::quantised), names::nameOf);
INSTANTIATE_TEST_SUITE_P(Papers, Engines, testing::ValuesIn(names::papers), names::nameOf);

} // namespace
} // namespace tern::test
