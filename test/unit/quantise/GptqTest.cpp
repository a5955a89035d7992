// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/Gptq.h"
#include "test/unit/quantise/Goldens.h"

#include <limits>

namespace tern::quantise {
namespace {

struct Case {
  const char *name;
  GroupForm form;
  bool hasActOrder;
};

void PrintTo(const Case &c, std::ostream *out) { *out << c.name; }

class GptqGolden : public testing::TestWithParam<Case> {
protected:
  Goldens golden{GetParam().name};
  Matrix weight = golden.matrix("weight");
  Matrix moment = secondMoment(golden.matrix("inputs"));
  std::optional<InputFactor> factor = InputFactor::of(moment, GetParam().hasActOrder);

  void SetUp() override { ASSERT_TRUE(factor); }
};

TEST_P(GptqGolden, HasThePapersCodes) {
  GroupedWeight found = gptq(weight, *factor, GetParam().form).weight;
  EXPECT_EQ(found.codes, golden.integers<uint8_t>("codes"));
  Matrix scales = golden.matrix("scales");
  auto zeros = golden.integers<uint8_t>("zeros");
  ASSERT_EQ(found.grids.size(), zeros.size());
  for (size_t i = 0; i < zeros.size(); ++i) {
    EXPECT_EQ(found.grids[i].scale, scales.data()[i]) << i;
    EXPECT_EQ(found.grids[i].zero, zeros[i]) << i;
  }
}

TEST_P(GptqGolden, LosesLessThanTheNearestNumbers) {
  GptqResult found = gptq(weight, *factor, GetParam().form);
  double lost = outputError(found.weight.numbers() - weight, moment);
  double nearest = outputError(roundToNearest(weight, GetParam().form).numbers() - weight, moment);
  EXPECT_LT(lost, nearest);
}

TEST_P(GptqGolden, KnowsWhatItLoses) {
  GptqResult found = gptq(weight, *factor, GetParam().form);
  Matrix lively = weight;
  for (int64_t k = 0; k < weight.cols(); ++k)
    if (factor->isDead[size_t(k)])
      lively.col(k).setZero();
  Matrix damped = moment;
  for (int64_t k = 0; k < weight.cols(); ++k)
    damped(k, k) = factor->isDead[size_t(k)] ? 1 : damped(k, k);
  damped.diagonal().array() += 0.01 * damped.diagonal().mean();
  double lost = outputError(found.weight.numbers() - lively, damped);
  EXPECT_NEAR(found.error, lost, 1e-9 * lost);
}

INSTANTIATE_TEST_SUITE_P(Cases, GptqGolden,
                         testing::Values(Case{"gptq-4-g32", {4, 32, false}, false},
                                         Case{"gptq-4-g32-sym", {4, 32, true}, false},
                                         Case{"gptq-2-act", {2, 40, false}, true},
                                         Case{"gptq-8-sym", {8, 160, true}, false}),
                         [](const auto &info) {
                           std::string name = info.param.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Gptq, WeightsOfDeadInputsBecomeZero) {
  Goldens golden("gptq-4-g32");
  auto factor = InputFactor::of(secondMoment(golden.matrix("inputs")), false);
  ASSERT_TRUE(factor);
  EXPECT_TRUE(factor->isDead[7]);
  GroupedWeight found = gptq(golden.matrix("weight"), *factor, {4, 32, false}).weight;
  EXPECT_TRUE(found.numbers().col(7).isZero(0));
}

TEST(Gptq, RoundsToTheNearestWhereInputsHaveNothingInCommon) {
  Matrix weight = Goldens("gptq-4-g32").matrix("weight");
  auto factor = InputFactor::of(Matrix::Identity(160, 160), false);
  ASSERT_TRUE(factor);
  GroupForm form{4, 32, false};
  EXPECT_EQ(gptq(weight, *factor, form).weight.codes, roundToNearest(weight, form).codes);
}

TEST(Gptq, RefusesWhatIsNotFinite) {
  Matrix moment = Matrix::Identity(4, 4);
  moment(1, 2) = moment(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(InputFactor::of(moment, false));
  moment(1, 2) = moment(2, 1) = 0;
  moment(3, 3) = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(InputFactor::of(moment, true));
}

} // namespace
} // namespace tern::quantise
