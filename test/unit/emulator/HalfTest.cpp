// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <algorithm>
#include <bit>
#include <cmath>

/// f16 and bf16 against a list of their numbers in f64, where the nearest is looked up.
using namespace tern::test;

namespace {

/// A format of 16 bits: what each encoding stands for.
struct Format {
  std::string name;
  int digits, bias; ///< of the fraction
  uint16_t infinity;

  double valueOf(uint16_t bits) const {
    int exponent = (bits & 0x7fff) >> digits, fraction = bits & ((1 << digits) - 1);
    double size = exponent ? std::ldexp((1 << digits) + fraction, exponent - bias - digits)
                           : std::ldexp(fraction, 1 - bias - digits);
    if ((bits & 0x7fff) >= infinity)
      size = (bits & 0x7fff) == infinity ? HUGE_VAL : NAN;
    return bits & 0x8000 ? -size : size;
  }
  bool isNan(uint16_t bits) const { return (bits & 0x7fff) > infinity; }

  /// 'n' nearest, 'z' to zero; `rest` is what `value` lacks of the exact number.
  uint16_t round(long double value, char mode = 'n', long double rest = 0) const {
    if (std::isnan(value))
      return 0x7fff;
    long double size = std::fabs(value);
    uint16_t low = 0, high = static_cast<uint16_t>(infinity - 1);
    while (low < high) {
      uint16_t middle = static_cast<uint16_t>((low + high + 1) / 2);
      if (valueOf(middle) <= size)
        low = middle;
      else
        high = static_cast<uint16_t>(middle - 1);
    }
    // Beyond the largest number, the next one would be infinity's place.
    long double down = size - valueOf(low);
    long double next = low + 1 == infinity ? std::ldexp(1.0L, (infinity >> digits) - bias)
                                           : valueOf(static_cast<uint16_t>(low + 1));
    long double up = next - size;
    bool isTie = up == down && rest == 0;
    bool isBeyond = up == down && (rest > 0) == (value > 0) && rest != 0;
    bool isUp = mode == 'n' && (up < down || isBeyond || (isTie && low % 2));
    if (std::isinf(value))
      low = infinity, isUp = false;
    return static_cast<uint16_t>((low + isUp) | (std::signbit(value) ? 0x8000 : 0));
  }
};

const Format f16{"f16", 10, 15, 0x7c00}, bf16{"bf16", 7, 127, 0x7f80};

std::vector<uint16_t> all() {
  std::vector<uint16_t> values(65536);
  for (unsigned i = 0; i < 65536; ++i)
    values[i] = static_cast<uint16_t>(i);
  return values;
}

std::vector<uint16_t> shuffled(unsigned seed) {
  std::vector<uint16_t> values = all();
  std::shuffle(values.begin(), values.end(), std::mt19937(seed));
  return values;
}

/// Neighbours in size, so that sums are neither one of the two nor the other.
std::vector<uint16_t> near(const std::vector<uint16_t> &values, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint16_t> out;
  for (uint16_t value : values)
    out.push_back(static_cast<uint16_t>(value ^ (random() & 0x8fff)));
  return out;
}

template <class F> void checkEach(const std::vector<uint16_t> &out, F &&wanted, const char *what) {
  for (unsigned i = 0; i < out.size(); ++i)
    ASSERT_EQ(out[i], wanted(i)) << what << " " << i;
}

void checkArithmetic(const Format &format) {
  std::string type = "." + format.name;
  std::vector<uint16_t> a = all(), b = near(a, 1), c = shuffled(2);
  auto x = [&](unsigned i) -> long double { return format.valueOf(a[i]); };
  auto y = [&](unsigned i) -> long double { return format.valueOf(b[i]); };
  auto z = [&](unsigned i) -> long double { return format.valueOf(c[i]); };
  checkEach(
      apply<uint16_t>("add" + type + " $0, $1, $2;", a, b),
      [&](unsigned i) { return format.round(x(i) + y(i)); }, "add");
  checkEach(
      apply<uint16_t>("sub" + type + " $0, $1, $2;", a, b),
      [&](unsigned i) { return format.round(x(i) - y(i)); }, "sub");
  checkEach(
      apply<uint16_t>("mul" + type + " $0, $1, $2;", a, c),
      [&](unsigned i) { return format.round(x(i) * z(i)); }, "mul");
  // What 64 bits lose of a sum decides where they are half-way.
  std::vector<uint16_t> fused = apply<uint16_t>("fma.rn" + type + " $0, $1, $2, $3;", a, c, b);
  for (unsigned i = 0; i < 65536; ++i) {
    long double product = x(i) * z(i), sum = product + y(i);
    long double lost = (product - (sum - (sum - product))) + (y(i) - (sum - product));
    ASSERT_EQ(fused[i], format.round(sum, 'n', std::isfinite(sum) ? lost : 0)) << "fma " << i;
  }
}

} // namespace

TEST(Half, ArithmeticOfAllNumbers) {
  checkArithmetic(f16);
  checkArithmetic(bf16);
}

TEST(Half, Signs) {
  std::vector<uint16_t> a = all();
  for (std::string type : {"f16", "bf16"}) {
    checkEach(
        apply<uint16_t>("neg." + type + " $0, $1;", a), [](unsigned i) { return i ^ 0x8000; },
        "neg");
    checkEach(
        apply<uint16_t>("abs." + type + " $0, $1;", a), [](unsigned i) { return i & 0x7fff; },
        "abs");
  }
}

TEST(Half, Extremes) {
  for (const Format &format : {f16, bf16}) {
    std::vector<uint16_t> a = all(), b = shuffled(5);
    b[0x8000] = 0, b[0] = 0x8000;
    std::vector<uint16_t> least = apply<uint16_t>("min." + format.name + " $0, $1, $2;", a, b),
                          most = apply<uint16_t>("max." + format.name + " $0, $1, $2;", a, b),
                          strict = apply<uint16_t>("max.NaN." + format.name + " $0, $1, $2;", a, b);
    for (unsigned i = 0; i < 65536; ++i) {
      bool nanA = format.isNan(a[i]), nanB = format.isNan(b[i]);
      double x = format.valueOf(a[i]), y = format.valueOf(b[i]);
      bool isLess = x < y || (x == y && a[i] >> 15 > b[i] >> 15);
      uint16_t low = nanA && nanB ? 0x7fff : nanA ? b[i] : nanB ? a[i] : isLess ? a[i] : b[i];
      uint16_t high = nanA && nanB ? 0x7fff : nanA ? b[i] : nanB ? a[i] : isLess ? b[i] : a[i];
      ASSERT_EQ(least[i], low) << i;
      ASSERT_EQ(most[i], high) << i;
      ASSERT_EQ(strict[i], nanA || nanB ? 0x7fff : high) << i;
    }
  }
}

TEST(Half, FlushesSaturatesAndRectifies) {
  std::vector<uint16_t> a = all(), b = near(a, 3), one(65536, 0x3c00);
  auto flushed = [](uint16_t bits) { return f16.valueOf(bits & 0x7c00 ? bits : bits & 0x8000); };
  auto zero = [](uint16_t bits) { return bits & 0x7c00 ? bits : bits & 0x8000; };
  checkEach(
      apply<uint16_t>("add.ftz.f16 $0, $1, $2;", a, b),
      [&](unsigned i) { return zero(f16.round(flushed(a[i]) + flushed(b[i]))); }, "add.ftz");
  checkEach(
      apply<uint16_t>("add.sat.f16 $0, $1, $2;", a, b),
      [&](unsigned i) -> int {
        uint16_t sum = f16.round(f16.valueOf(a[i]) + f16.valueOf(b[i]));
        return f16.isNan(sum) || sum & 0x8000 ? 0 : std::min<uint16_t>(sum, 0x3c00);
      },
      "add.sat");
  checkEach(
      apply<uint16_t>("fma.rn.relu.f16 $0, $1, $2, $3;", a, one, b),
      [&](unsigned i) -> int {
        uint16_t sum = f16.round(f16.valueOf(a[i]) + f16.valueOf(b[i]));
        return !f16.isNan(sum) && sum & 0x8000 ? 0 : sum;
      },
      "fma.relu");
}

TEST(Half, Pairs) {
  std::vector<uint32_t> a = someBits<uint32_t>(65536, 1), b = someBits<uint32_t>(65536, 2),
                        c = someBits<uint32_t>(65536, 3);
  for (const Format &format : {f16, bf16})
    for (std::string name : {"add", "sub", "mul", "min", "max", "fma.rn"}) {
      bool isFma = name == "fma.rn";
      std::string operands = isFma ? " $0, $1, $2, $3;" : " $0, $1, $2;";
      auto half = [](const std::vector<uint32_t> &from, unsigned by) {
        std::vector<uint16_t> out;
        for (uint32_t word : from)
          out.push_back(static_cast<uint16_t>(word >> by));
        return out;
      };
      std::string pairs = name + "." + format.name + "x2" + operands;
      std::vector<uint32_t> out =
          isFma ? apply<uint32_t>(pairs, a, b, c) : apply<uint32_t>(pairs, a, b);
      for (unsigned by : {0u, 16u}) {
        std::string single = name + "." + format.name + operands;
        std::vector<uint16_t> wanted =
            isFma ? apply<uint16_t>(single, half(a, by), half(b, by), half(c, by))
                  : apply<uint16_t>(single, half(a, by), half(b, by));
        ASSERT_EQ(half(out, by), wanted) << name;
      }
    }
}

TEST(Half, ConversionsOfAllNumbers) {
  std::vector<uint16_t> a = all();
  for (const Format &format : {f16, bf16}) {
    std::vector<float> wide = apply<float>("cvt.f32." + format.name + " $0, $1;", a);
    std::vector<double> wider = apply<double>("cvt.f64." + format.name + " $0, $1;", a);
    std::vector<uint16_t> back = apply<uint16_t>("cvt.rn." + format.name + ".f32 $0, $1;", wide);
    for (unsigned i = 0; i < 65536; ++i) {
      double value = format.valueOf(a[i]);
      if (std::isnan(value)) {
        ASSERT_TRUE(std::isnan(wide[i]) && std::isnan(wider[i])) << i;
        ASSERT_EQ(back[i], 0x7fff);
        continue;
      }
      ASSERT_EQ(wide[i], value) << i;
      ASSERT_EQ(wider[i], value) << i;
      ASSERT_EQ(back[i], a[i]) << i;
    }
  }
}

TEST(Half, NarrowingBetweenAllNumbers) {
  for (const Format &format : {f16, bf16}) {
    // Each number, the middle to the next, and a hair to both sides of the middle.
    std::vector<float> values;
    for (unsigned bits = 0; bits <= format.infinity - 1u; ++bits) {
      auto middle = static_cast<float>(
          (format.valueOf(static_cast<uint16_t>(bits)) +
           (bits + 1 == format.infinity
                ? std::ldexp(1.0, (format.infinity >> format.digits) - format.bias)
                : format.valueOf(static_cast<uint16_t>(bits + 1)))) /
          2);
      if (std::isinf(middle))
        continue;
      for (float value : {middle, std::nextafter(middle, 0.0f), std::nextafter(middle, HUGE_VALF)})
        values.insert(values.end(), {value, -value});
    }
    for (float value : {HUGE_VALF, -HUGE_VALF, NAN, 1e30f, -1e30f, 3e38f, 1e-44f, 0.0f, -0.0f})
      values.push_back(value);
    for (char mode : {'n', 'z'}) {
      std::string name = std::string("cvt.r") + mode + "." + format.name;
      std::vector<uint16_t> out = apply<uint16_t>(name + ".f32 $0, $1;", values);
      std::vector<float> turned(values.rbegin(), values.rend());
      std::vector<uint32_t> pairs = apply<uint32_t>(name + "x2.f32 $0, $1, $2;", values, turned);
      for (unsigned i = 0; i < values.size(); ++i) {
        uint16_t wanted = format.round(values[i], mode);
        ASSERT_EQ(out[i], wanted) << name << " " << values[i];
        // The first source is the upper half.
        uint16_t other = format.round(turned[i], mode);
        ASSERT_EQ(pairs[i], uint32_t{wanted} << 16 | other) << name << " " << values[i];
      }
    }
  }
}

TEST(Half, WholeNumbers) {
  std::vector<uint16_t> a = all();
  std::vector<int32_t> near = apply<int32_t>("cvt.rni.s32.f16 $0, $1;", a),
                       zero = apply<int32_t>("cvt.rzi.s32.f16 $0, $1;", a);
  std::vector<uint16_t> bytes = apply<uint16_t>("cvt.rmi.u8.f16 $0, $1;", a),
                        shorts = apply<uint16_t>("cvt.rn.f16.s16 $0, $1;", a),
                        rounded = apply<uint16_t>("cvt.rpi.f16.f16 $0, $1;", a);
  for (unsigned i = 0; i < 65536; ++i) {
    double value = f16.valueOf(a[i]);
    double bounded = std::isnan(value) ? 0 : std::clamp<double>(value, INT32_MIN, INT32_MAX);
    ASSERT_EQ(near[i], static_cast<int32_t>(std::nearbyint(bounded))) << i;
    ASSERT_EQ(zero[i], static_cast<int32_t>(bounded)) << i;
    ASSERT_EQ(bytes[i], static_cast<int>(std::clamp(std::floor(bounded), 0.0, 255.0))) << i;
    ASSERT_EQ(shorts[i], f16.round(static_cast<int16_t>(a[i]))) << i;
    ASSERT_EQ(rounded[i], std::isnan(value) ? 0x7fff : f16.round(std::ceil(value))) << i;
  }
}

TEST(Half, Comparisons) {
  std::vector<uint16_t> a = all(), b = shuffled(8);
  std::copy_n(a.begin(), 3000, b.begin());
  for (const Format &format : {f16, bf16}) {
    auto test = [&](const std::string &name) {
      return apply<uint32_t>("setp." + name + "." + format.name +
                                 " %p0, $1, $2;"
                                 "selp.b32 $0, 1, 0, %p0;",
                             a, b);
    };
    std::vector<uint32_t> less = test("lt"), unordered = test("geu"), equal = test("eq");
    for (unsigned i = 0; i < 65536; ++i) {
      double x = format.valueOf(a[i]), y = format.valueOf(b[i]);
      ASSERT_EQ(less[i], x < y) << i;
      ASSERT_EQ(unordered[i], !(x < y)) << i;
      ASSERT_EQ(equal[i], x == y) << i;
    }
  }
}

TEST(Half, ComparisonsOfPairs) {
  std::vector<uint32_t> a = someBits<uint32_t>(4096, 1), b = someBits<uint32_t>(4096, 2);
  for (unsigned i = 0; i < 4096; i += 3)
    b[i] = a[i] ^ (i % 2 ? 0x10000 : 1);
  for (const Format &format : {f16, bf16}) {
    std::string type = "." + format.name;
    for (std::string name : {"lt", "geu", "ne", "nan"}) {
      std::vector<uint32_t> both = apply<uint32_t>("setp." + name + type +
                                                       "x2 %p0|%p1, $1, $2; selp.b32 $0, 1, 0, %p0;"
                                                       "@%p1 or.b32 $0, $0, 2;",
                                                   a, b);
      std::vector<uint32_t> ones = apply<uint32_t>(
                                "set." + name + type + "x2" + type + "x2 $0, $1, $2;", a, b),
                            masks = apply<uint32_t>(
                                "set." + name + ".u32" + type + "x2 $0, $1, $2;", a, b);
      for (unsigned i = 0; i < 4096; ++i)
        for (unsigned by : {0u, 16u}) {
          double x = format.valueOf(static_cast<uint16_t>(a[i] >> by));
          double y = format.valueOf(static_cast<uint16_t>(b[i] >> by));
          bool wanted = name == "lt"    ? x < y
                        : name == "geu" ? !(x < y)
                        : name == "ne"  ? x < y || x > y
                                        : x != x || y != y;
          ASSERT_EQ(both[i] >> (by / 16) & 1, wanted) << name << " " << i;
          uint16_t one = static_cast<uint16_t>(format.bias << format.digits);
          ASSERT_EQ(ones[i] >> by & 0xffff, wanted ? one : 0) << name << " " << i;
          ASSERT_EQ(masks[i] >> by & 0xffff, wanted ? 0xffffu : 0) << name << " " << i;
        }
    }
    std::vector<uint16_t> x = all(), y = shuffled(9);
    std::vector<uint16_t> single = apply<uint16_t>("set.le" + type + type + " $0, $1, $2;", x, y);
    for (unsigned i = 0; i < 65536; ++i)
      ASSERT_EQ(single[i],
                format.valueOf(x[i]) <= format.valueOf(y[i]) ? format.bias << format.digits : 0)
          << i;
  }
}

TEST(Half, RectifiedNarrowing) {
  std::vector<float> a{-1, -0.0f, 0, 1.5f, NAN, -HUGE_VALF, HUGE_VALF};
  EXPECT_EQ(apply<uint16_t>("cvt.rn.relu.f16.f32 $0, $1;", a),
            (std::vector<uint16_t>{0, 0, 0, 0x3e00, 0x7fff, 0, 0x7c00}));
  EXPECT_EQ(apply<uint32_t>("cvt.rz.relu.bf16x2.f32 $0, $1, $1;", a),
            (std::vector<uint32_t>{0, 0, 0, 0x3fc03fc0, 0x7fff7fff, 0, 0x7f807f80}));
}
