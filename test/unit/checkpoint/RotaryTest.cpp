// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Rotary.h"

#include <cmath>
#include <gtest/gtest.h>

namespace tern::checkpoint {
namespace {

RotaryConfig heads8() {
  RotaryConfig config;
  config.dimensions = 8;
  return config;
}

void expectNear(const std::vector<double> &found, const std::vector<double> &expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-12 * expected[i]) << i;
}

TEST(Rotary, DefaultFallsByPowersOfTheBase) {
  Rotary rotary = computeRotary(heads8());
  expectNear(rotary.inverseFrequencies, {1, 0.1, 0.01, 0.001});
  EXPECT_EQ(rotary.scale, 1);
}

TEST(Rotary, LinearDividesAll) {
  RotaryConfig config = heads8();
  config.kind = RotaryKind::Linear;
  config.factor = 2.5;
  expectNear(computeRotary(config).inverseFrequencies, {0.4, 0.04, 0.004, 0.0004});
}

TEST(Rotary, DynamicGrowsBeyondItsContext) {
  RotaryConfig config = heads8();
  config.kind = RotaryKind::Dynamic;
  config.factor = 2;
  config.originalContext = 32;
  expectNear(computeRotary(config).inverseFrequencies, {1, 0.1, 0.01, 0.001});
  EXPECT_EQ(dynamicBase(config, 1), 10000);
  EXPECT_EQ(dynamicBase(config, 32), 10000);
  // 2 * 64 / 32 - 1 = 3, to the power 8 / 6.
  EXPECT_NEAR(dynamicBase(config, 64), 10000 * std::pow(3.0, 4.0 / 3), 1e-9);
}

// Waves of 6.3, 63, 628, 6283: with a context of 1000, factors 1 and 4, the first two are shorter
// than 250, the last longer than 1000, and the third is mixed.
TEST(Rotary, Llama3KeepsShortWavesAndSlowsLongOnes) {
  RotaryConfig config = heads8();
  config.kind = RotaryKind::Llama3;
  config.factor = 8;
  config.originalContext = 1000;
  config.lowFrequencyFactor = 1;
  config.highFrequencyFactor = 4;
  double wave = 200 * M_PI;
  double share = (1000 / wave - 1) / 3;
  expectNear(computeRotary(config).inverseFrequencies,
             {1, 0.1, (1 - share) * 0.01 / 8 + share * 0.01, 0.001 / 8});
  EXPECT_EQ(computeRotary(config).scale, 1);
}

// By hand for a context of 32: c(32) = 8 ln(32 / 64 pi) / (2 ln 10000) = -0.80, so low is 0;
// c(1) = 8 ln(32 / 2 pi) / (2 ln 10000) = 0.71, so high is 1.
TEST(Rotary, YarnRampsBetweenItsBounds) {
  RotaryConfig config = heads8();
  config.kind = RotaryKind::Yarn;
  config.factor = 4;
  config.originalContext = 32;
  Rotary rotary = computeRotary(config);
  expectNear(rotary.inverseFrequencies, {1, 0.025, 0.0025, 0.00025});
  EXPECT_NEAR(rotary.scale, 0.1 * std::log(4.0) + 1, 1e-15);

  config.truncate = false;
  double high = 8 * std::log(32 / (2 * M_PI)) / (2 * std::log(10000.0));
  EXPECT_LT(high, 1);
  expectNear(computeRotary(config).inverseFrequencies, {1, 0.025, 0.0025, 0.00025});

  config.truncate = true;
  config.originalContext = 4096; // low = floor(1.31) = 1, high = ceil(2.81) = 3
  expectNear(computeRotary(config).inverseFrequencies,
             {1, 0.1, 0.01 / 4 * 0.5 + 0.01 * 0.5, 0.001 / 4});
}

TEST(Rotary, YarnScalesAttentionAsItsSettingsSay) {
  RotaryConfig config = heads8();
  config.kind = RotaryKind::Yarn;
  config.factor = 4;
  config.originalContext = 32;
  config.mscale = 2;
  EXPECT_NEAR(computeRotary(config).scale, 0.1 * std::log(4.0) + 1, 1e-15);
  config.mscaleAllDimensions = 0.5;
  EXPECT_NEAR(computeRotary(config).scale, (0.2 * std::log(4.0) + 1) / (0.05 * std::log(4.0) + 1),
              1e-15);
  config.attentionFactor = 1.25;
  EXPECT_EQ(computeRotary(config).scale, 1.25);
  config.attentionFactor.reset();
  config.mscale.reset();
  config.factor = 0.5;
  EXPECT_EQ(computeRotary(config).scale, 1);
}

TEST(Rotary, FactorsDivide) {
  std::vector<float> factors = {1, 2, 4, 8};
  expectNear(computeRotary(heads8(), {factors, {}}).inverseFrequencies,
             {1, 0.05, 0.0025, 0.000125});
}

} // namespace
} // namespace tern::checkpoint
