// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/Awq.h"
#include "frontend/quantise/Gptq.h"
#include "test/unit/quantise/Goldens.h"

namespace tern::quantise {
namespace {

constexpr GroupForm kForm{4, 32, false};

class Awq : public testing::Test {
protected:
  Goldens golden{"awq-g32"};
  std::vector<Matrix> weights{golden.matrix("weight.0"), golden.matrix("weight.1")};
  Matrix inputs = golden.matrix("inputs");
  Matrix moment = secondMoment(inputs);
  InputScales found = findScales(weights, moment, meanMagnitude(inputs), kForm);
};

TEST_F(Awq, HasThePapersScales) {
  Matrix expected = golden.matrix("scales");
  ASSERT_EQ(int64_t(found.scales.size()), expected.size());
  for (size_t k = 0; k < found.scales.size(); ++k)
    EXPECT_NEAR(found.scales[k], expected.data()[k], 1e-6 * expected.data()[k]) << k;
}

TEST_F(Awq, KnowsWhatItLoses) {
  Row scales = Eigen::Map<Row>(found.scales.data(), 160);
  double lost = 0, plain = 0;
  for (const Matrix &weight : weights) {
    Matrix scaled = weight * scales.asDiagonal();
    Matrix rounded = roundToNearest(scaled, kForm).numbers() * scales.cwiseInverse().asDiagonal();
    lost += outputError(rounded - weight, moment);
    plain += outputError(roundToNearest(weight, kForm).numbers() - weight, moment);
  }
  EXPECT_NEAR(found.error, lost, 1e-5 * lost);
  EXPECT_NEAR(found.plainError, plain, 1e-5 * plain);
  EXPECT_LT(found.error, found.plainError);
}

TEST_F(Awq, HasThePapersClips) {
  Matrix scales = golden.matrix("scales");
  Row row = Eigen::Map<Row>(scales.data(), scales.size());
  Row inverse = row.cwiseInverse();
  Matrix scaled = inverse.asDiagonal() * moment * inverse.asDiagonal();
  Clips clips = findClips(weights[0] * row.asDiagonal(), scaled, kForm);
  EXPECT_EQ(clips, golden.integers<uint8_t>("clips"));
}

TEST_F(Awq, ClipsEachGroupToItsOwnLimit) {
  Matrix weight(1, 4);
  weight << 1, -10, 20, 4;
  Matrix expected(1, 4);
  expected << 1, -9, 14, 4;
  EXPECT_EQ(clipped(weight, {2, 6}, 2), expected);
}

TEST_F(Awq, ScalesNothingThatTheGridHolds) {
  for (Matrix &weight : weights)
    weight = roundToNearest(weight, kForm).numbers();
  InputScales exact = findScales(weights, moment, meanMagnitude(inputs), kForm);
  EXPECT_EQ(exact.error, 0);
  EXPECT_EQ(exact.scales, std::vector<double>(160, 1.0));
}

} // namespace
} // namespace tern::quantise
