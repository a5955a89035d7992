// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Functions.h"
#include "test/conformance/CPU/MappedImage.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

using namespace tern;
using cpu::KernelBuilder;
using cpu::Value;
namespace functions = cpu::functions;

namespace {

using Unary = Value (*)(KernelBuilder &, Value);

std::vector<float> apply(const cpu::Target &target, Unary function, std::vector<float> x) {
  while (x.size() % 16)
    x.push_back(x.back());
  auto image = test::build(target, [&](mlir::ModuleOp module) {
    KernelBuilder::define(module, target, "k", [&](KernelBuilder &k) {
      Value from = k.buffer(0), to = k.buffer(1);
      k.forEachTile([&](Value tile) {
        Value bytes = k.mul(tile, 4 * k.lanes());
        Value values = k.load(k.vector(k.f32()), k.address(from, bytes));
        k.store(function(k, values), k.address(to, bytes));
      });
    });
  });
  std::vector<float> y(x.size());
  void *buffers[] = {x.data(), y.data()};
  image->kernel("k")(buffers, nullptr, nullptr, 0, static_cast<int64_t>(x.size()) / target.lanes);
  return y;
}

/// Evenly spread numbers, and numbers of every size, between `from` and `to`.
std::vector<float> samples(double from, double to) {
  std::mt19937 random(7);
  std::vector<float> x;
  std::uniform_real_distribution<double> even(from, to), exponent(-126, 127);
  while (x.size() < 200000)
    x.push_back(static_cast<float>(even(random)));
  while (x.size() < 400000) {
    float value = static_cast<float>(std::exp2(exponent(random)) * (random() % 2 ? 1 : -1));
    if (value >= from && value <= to)
      x.push_back(value);
  }
  return x;
}

struct Law {
  const char *name;
  Unary function;
  double (*exact)(double);
  double from, to;
  /// The error that is allowed at x, whose exact result is y.
  double (*bound)(double x, double y);
};

double ulpOf(double y) {
  int exponent = std::max(std::ilogb(y), -126);
  return std::ldexp(1.0, exponent - 23);
}
template <int count> double ulps(double, double y) { return count * ulpOf(y) + 0x1p-126; }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double geluTanhArgument(double x) { return std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x); }

const Law kLaws[] = {
    {"exp2", functions::exp2, [](double x) { return std::exp2(x); }, -150, 127, ulps<2>},
    {"exp", functions::exp, [](double x) { return std::exp(x); }, -100, 88.72, ulps<2>},
    {"log", functions::log, [](double x) { return std::log(x); }, 1e-45, 3e38, ulps<2>},
    {"log near 1", functions::log, [](double x) { return std::log(x); }, 0.5, 2, ulps<2>},
    {"log1p", functions::log1p, [](double x) { return std::log1p(x); }, -0.9999999, 3e38, ulps<3>},
    {"log1p near 0", functions::log1p, [](double x) { return std::log1p(x); }, -0.5, 1, ulps<3>},
    {"sin", functions::sin, [](double x) { return std::sin(x); }, -10, 10, ulps<2>},
    {"cos", functions::cos, [](double x) { return std::cos(x); }, -10, 10, ulps<2>},
    {"sin of large angles", functions::sin, [](double x) { return std::sin(x); }, -1e6, 1e6,
     ulps<2>},
    {"cos of large angles", functions::cos, [](double x) { return std::cos(x); }, -1e6, 1e6,
     ulps<2>},
    {"tan", functions::tan, [](double x) { return std::tan(x); }, -10, 10, ulps<4>},
    {"cot", functions::cot, [](double x) { return 1 / std::tan(x); }, -10, 10, ulps<4>},
    {"tan of large angles", functions::tan, [](double x) { return std::tan(x); }, -1e6, 1e6,
     ulps<4>},
    {"cot of large angles", functions::cot, [](double x) { return 1 / std::tan(x); }, -1e6, 1e6,
     ulps<4>},
    {"tanh", functions::tanh, [](double x) { return std::tanh(x); }, -20, 20, ulps<3>},
    {"erf", functions::erf, [](double x) { return std::erf(x); }, -6, 6, ulps<3>},
    {"sigmoid", functions::sigmoid, sigmoid, -87, 100, ulps<4>},
    {"softplus", functions::softplus,
     [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, -87, 100,
     ulps<6>},
    {"silu", functions::silu, [](double x) { return x * sigmoid(x); }, -87, 100, ulps<5>},
    {"gelu", functions::gelu, [](double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }, -20,
     20, [](double x, double) { return 3e-7 * std::abs(x) + 0x1p-126; }},
    {"gelu_tanh", functions::geluTanh,
     [](double x) { return x * sigmoid(2 * geluTanhArgument(x)); }, -8, 20,
     [](double x, double y) {
       return (5 + 4 * std::abs(geluTanhArgument(x))) * ulpOf(y) + 0x1p-126;
     }},
    {"quick_gelu", functions::quickGelu, [](double x) { return x * sigmoid(1.702 * x); }, -50, 20,
     [](double x, double y) { return (5 + 2 * std::abs(x)) * ulpOf(y) + 0x1p-126; }},
};

struct FunctionsTest : testing::TestWithParam<cpu::Target> {};

TEST_P(FunctionsTest, keepTheirBounds) {
  for (const Law &law : kLaws) {
    std::vector<float> x = samples(law.from, law.to);
    std::vector<float> y = apply(GetParam(), law.function, x);
    double worst = 0, worstAt = 0, worstUlps = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      double exact = law.exact(x[i]), error = std::abs(y[i] - exact);
      double share = error / law.bound(x[i], exact);
      if (!(share <= worst)) {
        worst = share;
        worstAt = x[i];
        worstUlps = error / ulpOf(exact);
      }
    }
    EXPECT_LE(worst, 1) << law.name << " at " << worstAt << " errs by " << worstUlps << " ulp";
    RecordProperty(law.name, std::to_string(worstUlps));
  }
}

TEST_P(FunctionsTest, areExactAtTheirEdges) {
  const float infinity = INFINITY, nan = std::numeric_limits<float>::quiet_NaN();
  auto at = [&](Unary function, float x) { return apply(GetParam(), function, {x})[0]; };
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
  for (Unary function : {functions::exp2, functions::exp, functions::log, functions::sin,
                         functions::tanh, functions::erf, functions::silu, functions::gelu})
    EXPECT_TRUE(std::isnan(at(function, nan)));
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

INSTANTIATE_TEST_SUITE_P(targets, FunctionsTest, testing::ValuesIn(test::runnableTargets()),
                         [](const auto &info) {
                           std::string name = info.param.cpu;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
