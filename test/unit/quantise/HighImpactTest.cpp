// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/HighImpact.h"
#include "test/unit/quantise/Goldens.h"

namespace tern::quantise {
namespace {

class HighImpact : public testing::Test {
protected:
  Goldens golden{"high_impact"};
  Matrix weight = golden.matrix("weight");
  Matrix moment = secondMoment(golden.matrix("inputs"));
  std::vector<uint8_t> mask = golden.integers<uint8_t>("mask");

  /// Of the weights that are not below a threshold.
  std::vector<uint8_t> masked(float threshold) const {
    Matrix saliences = salience(weight, InputFactor::of(moment, true)->inverseDiagonal());
    std::vector<uint8_t> found;
    for (double salience : saliences.reshaped<Eigen::RowMajor>())
      found.push_back(float(salience) >= threshold);
    return found;
  }
};

TEST_F(HighImpact, HasTheBudgetsWeights) {
  float threshold = thresholdOf(weight.size() / 10,
                                [&](float least) { return std::ranges::count(masked(least), 1); });
  EXPECT_EQ(masked(threshold), mask);
  EXPECT_EQ(std::ranges::count(mask, 1), weight.size() / 10);
}

TEST_F(HighImpact, HasTheNearestCodesOfEachKind) {
  SplitWeight found = roundSplit(weight, mask, 32, 2, 4);
  EXPECT_EQ(found.codes, golden.integers<uint8_t>("codes"));
  EXPECT_EQ(found.scales, golden.integers<float>("scales"));
  EXPECT_EQ(found.minima, golden.integers<float>("minima"));
}

TEST_F(HighImpact, LosesLessThanAsManyWeightsChosenByPlace) {
  auto errorOf = [&](std::vector<uint8_t> isHigh) {
    return outputError(roundSplit(weight, std::move(isHigh), 32, 2, 4).numbers() - weight, moment);
  };
  std::vector<uint8_t> byPlace(mask.size());
  for (size_t i = 0; i < byPlace.size(); i += 10)
    byPlace[i] = 1;
  EXPECT_LT(errorOf(mask), errorOf(byPlace));
}

TEST(HighImpactThreshold, LeavesOutTiesThatGoBeyondTheBudget) {
  std::vector<float> numbers{3, 2, 2, 1};
  auto countFrom = [&](float least) {
    return std::ranges::count_if(numbers, [&](float number) { return number >= least; });
  };
  EXPECT_EQ(countFrom(thresholdOf(2, countFrom)), 1);
  EXPECT_EQ(countFrom(thresholdOf(3, countFrom)), 3);
  EXPECT_EQ(countFrom(thresholdOf(0, countFrom)), 0);
  EXPECT_EQ(countFrom(thresholdOf(4, countFrom)), 4);
}

} // namespace
} // namespace tern::quantise
