// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/quantise/Binary.h"
#include "test/unit/quantise/Goldens.h"

namespace tern::quantise {
namespace {

class Binary : public testing::TestWithParam<int> {
protected:
  Goldens golden{"gptq-4-g32"};
  Matrix weight = golden.matrix("weight");
  Matrix moment = secondMoment(golden.matrix("inputs"));

  static Matrix numbersOf(const checkpoint::BinaryWeight &weight) {
    Matrix numbers(weight.out, weight.in);
    for (int64_t n = 0; n < weight.out; ++n)
      for (int64_t k = 0; k < weight.in; ++k)
        numbers(n, k) = double(weight.number(n, k));
    return numbers;
  }

  /// Without feedback.
  Matrix nearest() const {
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> values =
        weight.cast<float>();
    auto encoded = checkpoint::encodeBinary(
        {"m", weight.rows(), weight.cols(), {values.data(), size_t(values.size())}}, GetParam());
    return Eigen::Map<decltype(values)>(encoded.values.data(), weight.rows(), weight.cols())
        .cast<double>();
  }
};

TEST_P(Binary, IsTheNearestWhereInputsHaveNothingInCommon) {
  auto factor = InputFactor::of(Matrix::Identity(160, 160), false);
  EXPECT_EQ(numbersOf(feedBackBinary(weight, *factor, GetParam()).weight), nearest());
}

TEST_P(Binary, LosesLessThanTheNearestNumbers) {
  auto factor = InputFactor::of(moment, false);
  Matrix found = numbersOf(feedBackBinary(weight, *factor, GetParam()).weight);
  EXPECT_LT(outputError(found - weight, moment), 0.5 * outputError(nearest() - weight, moment));
}

TEST_P(Binary, KnowsWhatItLoses) {
  auto factor = InputFactor::of(moment, false);
  BinaryResult found = feedBackBinary(weight, *factor, GetParam());
  Matrix damped = moment;
  for (int64_t k = 0; k < weight.cols(); ++k)
    damped(k, k) = factor->isDead[size_t(k)] ? 1 : damped(k, k);
  damped.diagonal().array() += 0.01 * damped.diagonal().mean();
  double lost = outputError(numbersOf(found.weight) - factor->lively(weight), damped);
  EXPECT_NEAR(found.error, lost, 1e-9 * lost);
}

INSTANTIATE_TEST_SUITE_P(Bits, Binary, testing::Values(2, 3, 4));

} // namespace
} // namespace tern::quantise
