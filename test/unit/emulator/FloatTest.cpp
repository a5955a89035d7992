// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <algorithm>
#include <bit>
#include <cmath>

/// f32 and f64 against exact sums: of f32 in 128 bits of binary places, of f64 in long double where
/// that is exact.
using namespace tern::test;

namespace {

constexpr unsigned count = 4096;

/// Finite numbers within 2^-20 and 2^20, so that sums and products of three have 113 bits at most.
std::vector<float> someNumbers(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> out(count);
  for (float &value : out)
    value = std::ldexp(static_cast<float>(random() % (1 << 24)) - 0x1p23f,
                       static_cast<int>(random() % 32) - 36);
  return out;
}

/// A number as a whole number of 2^-60.
using Exact = __int128;
Exact exactly(float value) {
  int exponent;
  float fraction = std::frexp(value, &exponent);
  return static_cast<Exact>(static_cast<int64_t>(std::ldexp(fraction, 24))) *
         (Exact{1} << (exponent - 24 + 60));
}

/// The number of f32 that mode n, z, m or p makes of a whole number of 2^-60.
float rounded(Exact value, char mode) {
  bool isNegative = value < 0;
  unsigned __int128 size =
      isNegative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  if (size == 0)
    return 0;
  int width = 0;
  while (size >> width)
    ++width;
  int drop = std::max(width - 24, 0);
  auto kept = static_cast<uint64_t>(size >> drop);
  unsigned __int128 rest = size - (static_cast<unsigned __int128>(kept) << drop);
  unsigned __int128 half = drop ? static_cast<unsigned __int128>(1) << (drop - 1) : 0;
  bool isUp = mode == 'n'   ? rest > half || (drop && rest == half && kept % 2)
              : mode == 'z' ? false
              : mode == 'm' ? isNegative && rest
                            : !isNegative && rest;
  double result = std::ldexp(static_cast<double>(kept + isUp), drop - 60);
  return static_cast<float>(isNegative ? -result : result);
}

const char *const modes[] = {"rn", "rz", "rm", "rp"};

void expectSame(float out, float wanted, const std::string &what, unsigned i) {
  ASSERT_EQ(out, wanted) << what << " " << i;
}

} // namespace

TEST(Float, SumsInEachMode) {
  std::vector<float> a = someNumbers(1), b = someNumbers(2);
  for (std::string mode : modes) {
    std::vector<float> sum = apply<float>("add." + mode + ".f32 $0, $1, $2;", a, b),
                       difference = apply<float>("sub." + mode + ".f32 $0, $1, $2;", a, b);
    for (unsigned i = 0; i < count; ++i) {
      expectSame(sum[i], rounded(exactly(a[i]) + exactly(b[i]), mode[1]), "add." + mode, i);
      expectSame(difference[i], rounded(exactly(a[i]) - exactly(b[i]), mode[1]), "sub." + mode, i);
    }
  }
}

TEST(Float, ProductsInEachMode) {
  // Of 24 bits each, so the product is exact in f64.
  std::vector<float> a = someNumbers(3), b = someNumbers(4), c = someNumbers(5);
  for (std::string mode : modes) {
    std::vector<float> product = apply<float>("mul." + mode + ".f32 $0, $1, $2;", a, b),
                       fused = apply<float>("fma." + mode + ".f32 $0, $1, $2, $3;", a, b, c);
    for (unsigned i = 0; i < count; ++i) {
      double whole = std::ldexp(double{a[i]} * double{b[i]}, 60);
      if (whole != std::floor(whole)) // below 2^-60
        continue;
      auto exact = static_cast<Exact>(whole);
      expectSame(product[i], rounded(exact, mode[1]), "mul." + mode, i);
      expectSame(fused[i], rounded(exact + exactly(c[i]), mode[1]), "fma." + mode, i);
    }
  }
}

TEST(Float, QuotientsInEachMode) {
  std::vector<float> a = someNumbers(6), b = someNumbers(7);
  for (std::string mode : modes) {
    std::vector<float> quotient = apply<float>("div." + mode + ".f32 $0, $1, $2;", a, b),
                       root = apply<float>("abs.f32 $0, $1; sqrt." + mode + ".f32 $0, $0;", a),
                       inverse = apply<float>("rcp." + mode + ".f32 $0, $1;", b);
    // What is off by one step is told by the remainder, which is exact in f64.
    auto check = [&](float out, auto &&remainder, bool isNegative, const std::string &what) {
      float next = std::nextafter(out, HUGE_VALF), last = std::nextafter(out, -HUGE_VALF);
      long double at = remainder(out), above = remainder(next), below = remainder(last);
      // The remainder falls as the result grows.
      if (mode == "rn")
        ASSERT_TRUE(std::fabs(at) <= std::fabs(above) && std::fabs(at) <= std::fabs(below)) << what;
      else if (mode == "rm" || (mode == "rz" && !isNegative))
        ASSERT_TRUE(at >= 0 && above < 0) << what;
      else
        ASSERT_TRUE(at <= 0 && below > 0) << what;
    };
    for (unsigned i = 0; i < count; ++i) {
      if (b[i] == 0 || a[i] == 0)
        continue;
      long double sign = b[i] < 0 ? -1 : 1;
      check(
          quotient[i], [&](float q) { return sign * (a[i] - static_cast<long double>(q) * b[i]); },
          (a[i] < 0) != (b[i] < 0), "div");
      check(
          inverse[i], [&](float q) { return sign * (1 - static_cast<long double>(q) * b[i]); },
          b[i] < 0, "rcp");
      check(
          root[i],
          [&](float q) {
            return std::fabs(static_cast<long double>(a[i])) - static_cast<long double>(q) * q;
          },
          false, "sqrt");
    }
  }
}

TEST(Float, Doubles) {
  std::vector<uint64_t> bits = someBits<uint64_t>(count, 8), others = someBits<uint64_t>(count, 9);
  std::vector<double> a, b;
  for (unsigned i = 0; i < count; ++i) {
    a.push_back(std::ldexp(static_cast<double>(bits[i] >> 12), -40));
    b.push_back(std::ldexp(static_cast<double>(others[i] >> 12), -50));
  }
  std::vector<double> sum = apply<double>("add.rn.f64 $0, $1, $2;", a, b),
                      low = apply<double>("add.rz.f64 $0, $1, $2;", a, b),
                      high = apply<double>("add.rp.f64 $0, $1, $2;", a, b),
                      fused = apply<double>("fma.rn.f64 $0, $1, $2, $1;", a, b),
                      quotient = apply<double>("div.rn.f64 $0, $1, $2;", a, b);
  for (unsigned i = 0; i < count; ++i) {
    long double exact = static_cast<long double>(a[i]) + b[i];
    ASSERT_EQ(sum[i], static_cast<double>(exact)) << i;
    ASSERT_TRUE(low[i] <= exact && std::nextafter(low[i], HUGE_VAL) > exact) << i;
    ASSERT_TRUE(high[i] >= exact && std::nextafter(high[i], -HUGE_VAL) < exact) << i;
    ASSERT_EQ(fused[i], std::fma(a[i], b[i], a[i])) << i;
    if (b[i] != 0) {
      ASSERT_EQ(quotient[i], a[i] / b[i]) << i;
    }
  }
}

TEST(Float, FlushesSubnormalNumbers) {
  float tiny = 0x1p-140f, least = 0x1p-126f;
  std::vector<float> a{tiny, -tiny, least, least, 1}, b{1, 1, 0.5f, -least * 1.5f, tiny};
  std::vector<float> product = apply<float>("mul.rn.ftz.f32 $0, $1, $2;", a, b),
                     plain = apply<float>("mul.rn.f32 $0, $1, $2;", a, b),
                     sum = apply<float>("add.rn.ftz.f32 $0, $1, $2;", a, b);
  EXPECT_EQ(product, (std::vector<float>{0, 0, 0, 0, 0}));
  EXPECT_TRUE(std::signbit(product[1]));
  EXPECT_EQ(plain, (std::vector<float>{tiny, -tiny, least / 2, 0, tiny}));
  EXPECT_EQ(sum, (std::vector<float>{1, 1, 0.5f + least, 0, 1}));
}

TEST(Float, Saturates) {
  std::vector<float> a{-3, -0.0f, 0.25f, 1, 7, HUGE_VALF, -HUGE_VALF, NAN};
  EXPECT_EQ(apply<float>("add.sat.f32 $0, $1, 0f00000000;", a),
            (std::vector<float>{0, 0, 0.25f, 1, 1, 1, 0, 0}));
}

TEST(Float, NansAreCanonical) {
  std::vector<uint32_t> a{0x7f800001, 0xffc12345, 0x7f800000}, b{0x3f800000, 0, 0xff800000};
  for (std::string name : {"add.rn", "add.rz", "mul.rn", "min", "max.NaN"}) {
    std::vector<uint32_t> out = apply<uint32_t>(name + ".f32 $0, $1, $1;", a);
    EXPECT_EQ(out[0], 0x7fffffffu) << name;
    EXPECT_EQ(out[1], 0x7fffffffu) << name;
  }
  EXPECT_EQ(apply<uint32_t>("add.f32 $0, $1, $2;", a, b)[2], 0x7fffffffu);
}

TEST(Float, ExtremesAndSigns) {
  std::vector<float> a{1, NAN, NAN, -0.0f, 0, 3}, b{2, 5, NAN, 0, -0.0f, NAN};
  std::vector<float> least = apply<float>("min.f32 $0, $1, $2;", a, b),
                     most = apply<float>("max.f32 $0, $1, $2;", a, b);
  EXPECT_EQ(least[0], 1);
  EXPECT_EQ(least[1], 5);
  EXPECT_TRUE(std::isnan(least[2]));
  EXPECT_TRUE(std::signbit(least[3]) && std::signbit(least[4]));
  EXPECT_FALSE(std::signbit(most[3]) || std::signbit(most[4]));
  EXPECT_EQ(most[5], 3);
  EXPECT_TRUE(std::isnan(apply<float>("min.NaN.f32 $0, $1, $2;", a, b)[5]));
  EXPECT_EQ(apply<float>("copysign.f32 $0, $1, $2;", std::vector<float>{-1, 1},
                         std::vector<float>{5, -6}),
            (std::vector<float>{-5, 6}));
  EXPECT_EQ(apply<double>("neg.f64 $0, $1;", std::vector<double>{2, -3}),
            (std::vector<double>{-2, 3}));
  EXPECT_EQ(apply<double>("abs.f64 $0, $1;", std::vector<double>{2, -3}),
            (std::vector<double>{2, 3}));
}

TEST(Float, Properties) {
  std::vector<float> a{0, 1, 0x1p-130f, HUGE_VALF, NAN, -2};
  auto test = [&](const std::string &name) {
    return apply<uint32_t>("testp." + name + ".f32 %p0, $1; selp.b32 $0, 1, 0, %p0;", a);
  };
  using Bits = std::vector<uint32_t>;
  EXPECT_EQ(test("finite"), (Bits{1, 1, 1, 0, 0, 1}));
  EXPECT_EQ(test("infinite"), (Bits{0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(test("number"), (Bits{1, 1, 1, 1, 0, 1}));
  EXPECT_EQ(test("notanumber"), (Bits{0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(test("normal"), (Bits{0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(test("subnormal"), (Bits{0, 0, 1, 0, 0, 0}));
}

//===----------------------------------------------------------------------===//
// Approximations
//===----------------------------------------------------------------------===//

namespace {

/// All signs and exponents with some fractions.
std::vector<float> manyFloats() {
  std::vector<float> out;
  std::mt19937 random(3);
  for (uint32_t top = 0; top < 512; ++top)
    for (unsigned i = 0; i < 40; ++i)
      out.push_back(
          std::bit_cast<float>(top << 23 | static_cast<uint32_t>(i ? random() & 0x7fffff : 0)));
  return out;
}

template <class F>
void checkApproximation(const std::string &name, const std::vector<float> &a, double relative,
                        double absolute, F &&exact) {
  std::vector<float> out = apply<float>(name + " $0, $1;", a);
  for (unsigned i = 0; i < a.size(); ++i) {
    double wanted = exact(double{a[i]});
    if (std::isnan(wanted)) {
      ASSERT_TRUE(std::isnan(out[i])) << name << " " << a[i];
      continue;
    }
    if (std::isinf(static_cast<float>(wanted))) {
      ASSERT_EQ(out[i], static_cast<float>(wanted)) << name << " " << a[i];
      continue;
    }
    // Subnormal results have fewer digits.
    double bound = relative * std::fabs(wanted) + absolute + 0x1p-149;
    ASSERT_NEAR(out[i], wanted, bound) << name << " " << a[i];
  }
}

} // namespace

TEST(Float, ApproximationsKeepTheirBounds) {
  std::vector<float> a = manyFloats();
  // The bounds of the manual.
  checkApproximation("ex2.approx.f32", a, 0x1p-22, 0, [](double x) { return std::exp2(x); });
  checkApproximation("lg2.approx.f32", a, 0x1p-22, 0, [](double x) { return std::log2(x); });
  checkApproximation("rcp.approx.f32", a, 0x1p-23, 0, [](double x) { return 1 / x; });
  checkApproximation("sqrt.approx.f32", a, 0x1p-23, 0, [](double x) { return std::sqrt(x); });
  checkApproximation("rsqrt.approx.f32", a, 0x1.1p-23, 0,
                     [](double x) { return 1 / std::sqrt(x); });
  checkApproximation("tanh.approx.f32", a, 0x1p-11, 0, [](double x) { return std::tanh(x); });
  std::vector<float> turns;
  for (float value : a)
    if (std::fabs(value) < 100)
      turns.push_back(value);
  checkApproximation("sin.approx.f32", turns, 0, 0x1p-21, [](double x) { return std::sin(x); });
  checkApproximation("cos.approx.f32", turns, 0, 0x1p-21, [](double x) { return std::cos(x); });
}

TEST(Float, ApproximateQuotients) {
  std::vector<float> a = manyFloats(), b = a;
  std::shuffle(b.begin(), b.end(), std::mt19937(4));
  std::vector<float> quick = apply<float>("div.approx.f32 $0, $1, $2;", a, b),
                     full = apply<float>("div.full.f32 $0, $1, $2;", a, b);
  for (unsigned i = 0; i < a.size(); ++i) {
    double wanted = double{a[i]} / b[i];
    if (!std::isfinite(wanted) || std::fabs(wanted) > 0x1p127 || std::fabs(wanted) < 0x1p-126)
      continue;
    ASSERT_NEAR(full[i], wanted, 0x1p-22 * std::fabs(wanted)) << i;
    if (std::fabs(b[i]) <= 0x1p126) {
      ASSERT_NEAR(quick[i], wanted, 0x1p-22 * std::fabs(wanted)) << i;
    } else {
      ASSERT_EQ(quick[i], 0) << i;
    }
  }
}

TEST(Float, ApproximationsFlush) {
  std::vector<float> a{0x1p-130f, -0x1p-130f, -130, 130};
  EXPECT_EQ(apply<float>("ex2.approx.ftz.f32 $0, $1;", a),
            (std::vector<float>{1, 1, 0, HUGE_VALF}));
  EXPECT_EQ(apply<float>("rcp.approx.ftz.f32 $0, $1;", a)[0], HUGE_VALF);
  EXPECT_EQ(apply<float>("rsqrt.approx.ftz.f32 $0, $1;", a)[1], -HUGE_VALF);
  EXPECT_EQ(apply<float>("lg2.approx.ftz.f32 $0, $1;", a)[0], -HUGE_VALF);
}

TEST(Float, ApproximationsOfHalves) {
  std::vector<uint16_t> a;
  for (unsigned i = 0; i < 65536; ++i)
    a.push_back(static_cast<uint16_t>(i));
  auto wide = [](uint16_t bits) { return static_cast<double>(std::bit_cast<_Float16>(bits)); };
  std::vector<uint16_t> power = apply<uint16_t>("ex2.approx.f16 $0, $1;", a),
                        tanh = apply<uint16_t>("tanh.approx.f16 $0, $1;", a);
  for (unsigned i = 0; i < 65536; ++i) {
    double x = wide(a[i]);
    if (std::isnan(x)) {
      ASSERT_TRUE(std::isnan(wide(power[i])) && std::isnan(wide(tanh[i])));
      continue;
    }
    if (x < 15.99) {
      ASSERT_NEAR(wide(power[i]), std::exp2(x), std::exp2(x - 9.9) + 0x1p-25) << x;
    }
    ASSERT_NEAR(wide(tanh[i]), std::tanh(x), std::exp2(-10.987)) << x;
  }
}

TEST(Float, ApproximationsOfDoubles) {
  std::vector<double> a{3, -7.25, 0x1p-1030, HUGE_VAL, 1e300};
  std::vector<double> inverse = apply<double>("rcp.approx.ftz.f64 $0, $1;", a),
                      root = apply<double>("rsqrt.approx.ftz.f64 $0, $1;", a);
  for (unsigned i : {0u, 1u, 4u})
    EXPECT_NEAR(inverse[i] * a[i], 1, 0x1p-19);
  EXPECT_EQ(inverse[2], HUGE_VAL);
  EXPECT_EQ(inverse[3], 0);
  EXPECT_NEAR(root[0] * std::sqrt(3.0), 1, 0x1p-19);
  EXPECT_TRUE(std::isnan(root[1]));
}
