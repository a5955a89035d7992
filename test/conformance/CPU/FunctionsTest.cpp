// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchRunner.h"
#include "test/conformance/CPU/FunctionLaws.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace tern;
using cpu::KernelBuilder;
using cpu::Value;
namespace functions = cpu::functions;

namespace {

std::vector<float> apply(const cpu::Target &target, test::UnaryFunction function,
                         const std::vector<float> &x) {
  return test::FunctionKernel(target, function)(x);
}

/// Every how many of the numbers of f32 are tried: a prime for tests, 1 for tools/dev functions.
uint32_t stride() {
  const char *given = std::getenv("TERN_FUNCTIONS_STRIDE");
  return given ? static_cast<uint32_t>(std::stoul(given)) : 8191;
}

struct FunctionErrors : testing::TestWithParam<std::tuple<cpu::Target, test::FunctionLaw>> {};

TEST_P(FunctionErrors, keepTheirBound) {
  const auto &[target, law] = GetParam();
  test::FunctionKernel kernel(target, law.function);
  test::WorstError worst;
  auto flush = [&](std::vector<float> &x) {
    std::vector<float> y = kernel(x);
    for (size_t i = 0; i < x.size(); ++i)
      worst.add(law, x[i], y[i]);
    x.clear();
  };
  std::vector<float> x;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride()) {
    float number = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (number >= law.from && number <= law.to)
      x.push_back(number);
    if (x.size() == 1 << 20)
      flush(x);
  }
  if (!x.empty())
    flush(x);
  EXPECT_LE(worst.share, 1) << "at " << worst.at;
  std::cout << law.name << ": " << worst.ulps << " ulp\n";
}

std::string nameOfErrors(const testing::TestParamInfo<FunctionErrors::ParamType> &info) {
  return test::testName(std::get<0>(info.param)) + "_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(targets, FunctionErrors,
                         testing::Combine(testing::ValuesIn(test::allTargets()),
                                          testing::ValuesIn(test::functionLaws())),
                         nameOfErrors);

struct FunctionsTest : testing::TestWithParam<cpu::Target> {};

TEST_P(FunctionsTest, areExactAtTheirEdges) {
  const float infinity = INFINITY, nan = std::numeric_limits<float>::quiet_NaN();
  auto at = [&](test::UnaryFunction function, float x) {
    return apply(GetParam(), function, {x})[0];
  };
  EXPECT_EQ(at(functions::exp2, 0), 1);
  EXPECT_EQ(at(functions::exp2, -126.5f), 0);
  EXPECT_EQ(at(functions::exp2, -infinity), 0);
  EXPECT_EQ(at(functions::exp, 0), 1);
  EXPECT_EQ(at(functions::exp, -infinity), 0);
  EXPECT_EQ(at(functions::exp, -1e30f), 0);
  EXPECT_EQ(at(functions::exp, 89), infinity);
  EXPECT_EQ(at(functions::exp, infinity), infinity);
  EXPECT_EQ(at(functions::log, 1), 0);
  EXPECT_EQ(at(functions::log, 0), -infinity);
  EXPECT_EQ(at(functions::log, infinity), infinity);
  EXPECT_TRUE(std::isnan(at(functions::log, -1)));
  EXPECT_EQ(at(functions::log1p, 0), 0);
  EXPECT_EQ(at(functions::log1p, -1), -infinity);
  EXPECT_EQ(at(functions::log1p, infinity), infinity);
  EXPECT_TRUE(std::isnan(at(functions::log1p, -2)));
  EXPECT_EQ(at(functions::tan, 0), 0);
  EXPECT_EQ(at(functions::cot, 0), infinity);
  EXPECT_EQ(at(functions::sin, 0), 0);
  EXPECT_EQ(at(functions::cos, 0), 1);
  EXPECT_EQ(at(functions::tanh, 100), 1);
  EXPECT_EQ(at(functions::tanh, -infinity), -1);
  EXPECT_EQ(at(functions::erf, -30), -1);
  EXPECT_EQ(at(functions::sigmoid, -200), 0);
  EXPECT_EQ(at(functions::sigmoid, 200), 1);
  EXPECT_EQ(at(functions::softplus, 200), 200);
  for (const test::FunctionLaw &law : test::functionLaws())
    EXPECT_TRUE(std::isnan(at(law.function, nan))) << law.name;
}

TEST_P(FunctionsTest, powersFollowSignAndParity) {
  auto power = [&](float x, double y) {
    static double exponent;
    exponent = y;
    return apply(GetParam(),
                 [](KernelBuilder &k, Value base) {
                   return functions::pow(k, base, k.constant(base.getType(), exponent));
                 },
                 {x})[0];
  };
  for (auto [x, y] : {std::pair(2.0, 10.0),
                      {3.0, 0.5},
                      {10.0, -3.0},
                      {-2.0, 3.0},
                      {-2.0, 4.0},
                      {0.5, 20.0},
                      {0.0, 2.0},
                      {0.0, 0.0},
                      {-3.0, 0.0},
                      {-1.0, 16777216.0}}) {
    double exact = std::pow(x, y);
    double steps = x == 0 || y == 0 ? 0 : std::abs(y * std::log(std::abs(x)));
    EXPECT_NEAR(power(static_cast<float>(x), y), exact, (5 + 3 * steps) * 6e-8 * std::abs(exact))
        << x << "^" << y;
  }
  EXPECT_TRUE(std::isnan(power(-2, 0.5)));
  EXPECT_EQ(power(0, -1), INFINITY);
}

INSTANTIATE_TEST_SUITE_P(targets, FunctionsTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::testName(info.param); });

} // namespace
