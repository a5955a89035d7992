// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <algorithm>
#include <bit>
#include <cmath>

using namespace tern::test;

namespace {

constexpr unsigned count = 2048;
using Wide = __int128;

struct Whole {
  std::string name;
  int bits;
  bool isSigned;

  Wide least() const { return isSigned ? -(Wide{1} << (bits - 1)) : 0; }
  Wide most() const { return (Wide{1} << (bits - isSigned)) - 1; }
  /// The low bits of a number.
  Wide cut(Wide value) const {
    Wide low = value & ((Wide{1} << bits) - 1);
    return isSigned && low >> (bits - 1) ? low - (Wide{1} << bits) : low;
  }
};

const Whole wholes[] = {{"u8", 8, false},   {"s8", 8, true},    {"u16", 16, false},
                        {"s16", 16, true},  {"u32", 32, false}, {"s32", 32, true},
                        {"u64", 64, false}, {"s64", 64, true}};

/// Runs with sources in registers of 64 bits or as wide as the type, and results in 64 bits.
std::vector<uint64_t> convert(const std::string &name, int bits, const std::vector<uint64_t> &a) {
  if (bits == 64)
    return apply<uint64_t>(name + " $0, $1;", a);
  if (bits == 32)
    return apply<uint64_t>("cvt.u32.u64 %r50, $1; " + name + " $0, %r50;", a);
  return apply<uint64_t>("cvt.u16.u64 %h50, $1; " + name + " $0, %h50;", a);
}

} // namespace

TEST(Convert, WholeToWhole) {
  std::vector<uint64_t> a = someBits<uint64_t>(count, 1);
  for (unsigned i = 0; i < count; i += 2)
    a[i] >>= i % 64;
  for (const Whole &to : wholes)
    for (const Whole &from : wholes)
      for (bool saturates : {false, true}) {
        // Where every number has its place, PTX has no .sat.
        if (saturates && from.least() >= to.least() && from.most() <= to.most())
          continue;
        std::string name =
            std::string("cvt") + (saturates ? ".sat." : ".") + to.name + "." + from.name;
        std::vector<uint64_t> out = convert(name, from.bits, a);
        for (unsigned i = 0; i < count; ++i) {
          Wide value = from.cut(Wide{a[i]});
          Wide wanted = saturates ? std::clamp(value, to.least(), to.most()) : to.cut(value);
          ASSERT_EQ(out[i], static_cast<uint64_t>(wanted)) << name << " " << i;
        }
      }
}

TEST(Convert, ResultsFillWiderRegisters) {
  // Of types with sign by it, of others by zeros; the register is as wide as it is declared.
  std::vector<uint32_t> a{0x1ff, 0x180};
  EXPECT_EQ(apply<uint16_t>("cvt.s8.s32 $0, $1;", a), (std::vector<uint16_t>{0xffff, 0xff80}));
  EXPECT_EQ(apply<uint32_t>("cvt.u8.u32 $0, $1;", a), (std::vector<uint32_t>{0xff, 0x80}));
}

TEST(Convert, WholeToReal) {
  std::vector<uint64_t> a = someBits<uint64_t>(count, 2);
  for (unsigned i = 0; i < count; i += 2)
    a[i] >>= i % 60;
  for (const Whole &from : wholes)
    for (std::string mode : {"rn", "rz", "rm", "rp"}) {
      std::string name = "cvt." + mode + ".f32." + from.name;
      std::vector<uint64_t> out;
      std::string body = name + " %r51, " +
                         (from.bits == 64   ? "$1"
                          : from.bits == 32 ? "%r50"
                                            : "%h50") +
                         "; cvt.u64.u32 $0, %r51;";
      out = apply<uint64_t>((from.bits == 64   ? ""
                             : from.bits == 32 ? "cvt.u32.u64 %r50, $1; "
                                               : "cvt.u16.u64 %h50, $1; ") +
                                body,
                            a);
      for (unsigned i = 0; i < count; ++i) {
        long double value = static_cast<long double>(from.cut(Wide{a[i]}));
        float result = std::bit_cast<float>(static_cast<uint32_t>(out[i]));
        float next = std::nextafter(result, HUGE_VALF), last = std::nextafter(result, -HUGE_VALF);
        if (mode == "rn") {
          ASSERT_EQ(result, static_cast<float>(value)) << name << " " << i;
        } else if (mode == "rm" || (mode == "rz" && value >= 0)) {
          ASSERT_TRUE(result <= value && next > value) << name << " " << i;
        } else {
          ASSERT_TRUE(result >= value && last < value) << name << " " << i;
        }
      }
    }
}

TEST(Convert, RealToWhole) {
  std::vector<float> a;
  std::mt19937 random(5);
  for (unsigned i = 0; i < count; ++i)
    a.push_back(
        std::ldexp(static_cast<float>(random()) - 0x1p31f, static_cast<int>(random() % 80) - 50));
  for (float value : {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, HUGE_VALF, -HUGE_VALF, NAN, 0x1p31f, -0x1p31f,
                      0x1p63f, 0x1p64f, 255.5f, -128.5f})
    a.push_back(value);
  auto wholeOf = [](long double value, char mode) {
    return mode == 'n'   ? std::nearbyint(value)
           : mode == 'z' ? std::trunc(value)
           : mode == 'm' ? std::floor(value)
                         : std::ceil(value);
  };
  for (const Whole &to : wholes)
    for (std::string mode : {"rni", "rzi", "rmi", "rpi"}) {
      std::string name = "cvt." + mode + "." + to.name;
      std::vector<uint64_t> out = apply<uint64_t>(name + ".f32 $0, $1;", a);
      std::vector<double> wide(a.begin(), a.end());
      std::vector<uint64_t> fromDouble = apply<uint64_t>(name + ".f64 $0, $1;", wide);
      for (unsigned i = 0; i < a.size(); ++i) {
        long double whole = wholeOf(a[i], mode[1]);
        Wide wanted = a[i] != a[i]                                    ? 0
                      : whole <= static_cast<long double>(to.least()) ? to.least()
                      : whole >= static_cast<long double>(to.most())  ? to.most()
                                                                      : static_cast<Wide>(whole);
        ASSERT_EQ(out[i], static_cast<uint64_t>(wanted)) << name << " " << a[i];
        ASSERT_EQ(fromDouble[i], static_cast<uint64_t>(wanted)) << name << " " << a[i];
      }
    }
}

TEST(Convert, RealToReal) {
  std::vector<double> a;
  std::mt19937_64 random(6);
  for (unsigned i = 0; i < count; ++i)
    a.push_back(
        std::ldexp(static_cast<double>(random()) - 0x1p63, static_cast<int>(random() % 300) - 200));
  for (std::string mode : {"rn", "rz", "rm", "rp"}) {
    std::vector<float> out = apply<float>("cvt." + mode + ".f32.f64 $0, $1;", a);
    for (unsigned i = 0; i < count; ++i) {
      float next = std::nextafter(out[i], HUGE_VALF), last = std::nextafter(out[i], -HUGE_VALF);
      if (mode == "rn") {
        ASSERT_EQ(out[i], static_cast<float>(a[i])) << i;
      } else if (mode == "rm" || (mode == "rz" && a[i] >= 0)) {
        ASSERT_TRUE(out[i] <= a[i] && next > a[i]) << mode << " " << a[i];
      } else {
        ASSERT_TRUE(out[i] >= a[i] && last < a[i]) << mode << " " << a[i];
      }
    }
  }
  std::vector<float> b{2.5f, -2.5f, 3.5f, -0.3f, 7};
  EXPECT_EQ(apply<float>("cvt.rni.f32.f32 $0, $1;", b), (std::vector<float>{2, -2, 4, 0, 7}));
  EXPECT_EQ(apply<float>("cvt.rzi.f32.f32 $0, $1;", b), (std::vector<float>{2, -2, 3, 0, 7}));
  EXPECT_EQ(apply<float>("cvt.rmi.f32.f32 $0, $1;", b), (std::vector<float>{2, -3, 3, -1, 7}));
  EXPECT_EQ(apply<float>("cvt.rpi.f32.f32 $0, $1;", b), (std::vector<float>{3, -2, 4, 0, 7}));
  EXPECT_EQ(apply<float>("cvt.sat.f32.f32 $0, $1;", b), (std::vector<float>{1, 0, 1, 0, 1}));
  EXPECT_EQ(apply<double>("cvt.f64.f32 $0, $1;", b),
            (std::vector<double>{2.5, -2.5, 3.5, double{-0.3f}, 7}));
  EXPECT_EQ(apply<float>("cvt.ftz.f32.f32 $0, $1;", std::vector<float>{0x1p-130f})[0], 0);
}

TEST(Convert, TensorFloats) {
  std::vector<float> a;
  std::mt19937 random(7);
  for (unsigned i = 0; i < count; ++i)
    a.push_back(std::bit_cast<float>(static_cast<uint32_t>(i % 2 ? random() & ~0xfffu : random())));
  auto step = [](float value) { return std::ldexp(1.0, std::max(std::ilogb(value), -126) - 10); };
  for (std::string mode : {"rna", "rn", "rz"}) {
    std::vector<float> out = apply<float>("cvt." + mode + ".tf32.f32 $0, $1;", a);
    for (unsigned i = 0; i < count; ++i) {
      if (a[i] != a[i]) {
        ASSERT_TRUE(out[i] != out[i]);
        continue;
      }
      double places = std::fabs(double{a[i]}) / (a[i] == 0 ? 1 : step(a[i]));
      double whole = mode == "rna"  ? std::floor(places + 0.5)
                     : mode == "rz" ? std::floor(places)
                                    : std::nearbyint(places);
      double wanted = std::copysign(whole * (a[i] == 0 ? 1 : step(a[i])), a[i]);
      ASSERT_EQ(out[i], static_cast<float>(wanted)) << mode << " " << a[i];
    }
  }
}

TEST(Convert, EightBits) {
  // Each encoding's number, by the definition of the formats.
  for (bool isE4m3 : {true, false}) {
    std::string type = isE4m3 ? "e4m3x2" : "e5m2x2";
    int digits = isE4m3 ? 3 : 2, bias = isE4m3 ? 7 : 15;
    auto valueOf = [&](unsigned bits) {
      int exponent = static_cast<int>(bits & 0x7f) >> digits,
          rest = static_cast<int>(bits) & ((1 << digits) - 1);
      double size = exponent ? std::ldexp((1 << digits) + rest, exponent - bias - digits)
                             : std::ldexp(rest, 1 - bias - digits);
      bool isLast = exponent == (1 << (7 - digits)) - 1;
      if (isE4m3 ? (bits & 0x7f) == 0x7f : isLast && rest)
        return static_cast<double>(NAN);
      if (!isE4m3 && isLast)
        size = HUGE_VAL;
      return bits & 0x80 ? -size : size;
    };
    std::vector<uint16_t> all;
    for (unsigned i = 0; i < 256; ++i)
      all.push_back(static_cast<uint16_t>(i << 8 | (255 - i)));
    std::vector<uint32_t> halves = apply<uint32_t>("cvt.rn.f16x2." + type + " $0, $1;", all);
    for (unsigned i = 0; i < 256; ++i)
      for (unsigned by : {0u, 16u}) {
        double out =
            static_cast<double>(std::bit_cast<_Float16>(static_cast<uint16_t>(halves[i] >> by)));
        double wanted = valueOf(by ? i : 255 - i);
        ASSERT_TRUE(out == wanted || (out != out && wanted != wanted)) << type << " " << i;
      }
    std::vector<float> a;
    std::mt19937 random(8);
    for (unsigned i = 0; i < count; ++i)
      a.push_back(std::ldexp(static_cast<float>(random() % 513) - 256,
                             static_cast<int>(random() % 30) - 24));
    a.insert(a.end(), {HUGE_VALF, -HUGE_VALF, NAN, 448, 464, 465, 57344, 61440});
    std::vector<float> b(a.rbegin(), a.rend());
    std::vector<uint16_t> out =
        apply<uint16_t>("cvt.rn.satfinite." + type + ".f32 $0, $1, $2;", a, b);
    unsigned largest = isE4m3 ? 0x7e : 0x7b;
    for (unsigned i = 0; i < a.size(); ++i) {
      unsigned bits = out[i] >> 8;
      if (a[i] != a[i]) {
        ASSERT_EQ(bits, 0x7fu);
        continue;
      }
      double size = std::fabs(a[i]), at = valueOf(bits & 0x7f);
      ASSERT_EQ(bits >> 7, std::signbit(a[i]) ? 1u : 0u);
      if (size >= valueOf(largest)) {
        ASSERT_EQ(bits & 0x7f, largest) << type << " " << a[i];
        continue;
      }
      double down = bits & 0x7f ? std::fabs(size - valueOf((bits & 0x7f) - 1)) : HUGE_VAL;
      double up = std::fabs(valueOf((bits & 0x7f) + 1) - size), here = std::fabs(size - at);
      bool isEven = bits % 2 == 0;
      ASSERT_TRUE(here < std::min(down, up) || (isEven && here <= std::min(down, up)))
          << type << " " << a[i];
      ASSERT_EQ(out[i] & 0xff, out[a.size() - 1 - i] >> 8);
    }
  }
}

TEST(Convert, PacksWholeNumbers) {
  std::vector<int32_t> a{300, -5, 127, -200}, b{1, 2, 400, -400}, c{0x1234abcd, 1, 2, 3};
  EXPECT_EQ(apply<uint32_t>("cvt.pack.sat.u8.s32.b32 $0, $1, $2, $3;", a, b, c),
            (std::vector<uint32_t>{0xabcdff01, 0x00010002, 0x00027fff, 0x00030000}));
  EXPECT_EQ(apply<uint32_t>("cvt.pack.sat.s8.s32.b32 $0, $1, $2, $3;", a, b, c),
            (std::vector<uint32_t>{0xabcd7f01, 0x0001fb02, 0x00027f7f, 0x00038080}));
  std::vector<int32_t> large{40000, -40000}, small{-1, 7};
  EXPECT_EQ(apply<uint32_t>("cvt.pack.sat.s16.s32 $0, $1, $2;", large, small),
            (std::vector<uint32_t>{0x7fffffff, 0x80000007}));
  EXPECT_EQ(apply<uint32_t>("cvt.pack.sat.u16.s32 $0, $1, $2;", large, small),
            (std::vector<uint32_t>{0x9c400000, 0x00000007}));
}

//===----------------------------------------------------------------------===//
// Comparisons and choices
//===----------------------------------------------------------------------===//

namespace {

template <class T>
void checkComparisons(const std::string &type, const std::vector<T> &a, const std::vector<T> &b,
                      bool isReal) {
  struct Case {
    const char *name;
    bool (*of)(T, T);
  };
  const Case ordered[] = {
      {"eq", [](T x, T y) { return x == y; }}, {"ne", [](T x, T y) { return x < y || x > y; }},
      {"lt", [](T x, T y) { return x < y; }},  {"le", [](T x, T y) { return x <= y; }},
      {"gt", [](T x, T y) { return x > y; }},  {"ge", [](T x, T y) { return x >= y; }}};
  const Case unordered[] = {{"equ", [](T x, T y) { return !(x < y || x > y); }},
                            {"neu", [](T x, T y) { return !(x == y); }},
                            {"ltu", [](T x, T y) { return !(x >= y); }},
                            {"leu", [](T x, T y) { return !(x > y); }},
                            {"gtu", [](T x, T y) { return !(x <= y); }},
                            {"geu", [](T x, T y) { return !(x < y); }},
                            {"num", [](T x, T y) { return x == x && y == y; }},
                            {"nan", [](T x, T y) { return x != x || y != y; }}};
  auto check = [&](const Case &one) {
    std::string name = std::string(one.name);
    std::vector<uint32_t> plain = apply<uint32_t>("setp." + name + "." + type +
                                                      " %p0|%p1, $1, $2; selp.b32 $0, 1, 0, %p0;"
                                                      "@%p1 or.b32 $0, $0, 2;",
                                                  a, b);
    std::vector<uint32_t> combined =
        apply<uint32_t>("setp." + name + "." + type + " %p0, $1, $2; setp.ge." + type +
                            " %p1, $1, $2;"
                            "setp." +
                            name + ".and." + type +
                            " %p2, $1, $2, !%p1; selp.b32 $0, 1, 0, %p2;"
                            "setp." +
                            name + ".xor." + type +
                            " %p3, $1, $2, %p1; @%p3 or.b32 $0, $0, 2;"
                            "set." +
                            name + ".or.u32." + type +
                            " %r50, $1, $2, %p1; and.b32 %r50, %r50, 4;"
                            "or.b32 $0, $0, %r50; set." +
                            name + ".f32." + type +
                            " %r51, $1, $2;"
                            "setp.eq.f32 %p4, %r51, 0f3f800000; @%p4 or.b32 $0, $0, 8;",
                        a, b);
    for (unsigned i = 0; i < a.size(); ++i) {
      uint32_t is = one.of(a[i], b[i]), other = a[i] >= b[i];
      ASSERT_EQ(plain[i], is ? 1u : 2u) << name << type << i;
      ASSERT_EQ(combined[i], (is & (1 - other)) | (is ^ other) << 1 | (is | other) << 2 | is << 3)
          << name << type << i;
    }
  };
  for (const Case &one : ordered)
    check(one);
  if (isReal)
    for (const Case &one : unordered)
      check(one);
}

template <class T> void checkWhole(const std::string &type) {
  std::vector<T> a = someBits<T>(512, 1), b = someBits<T>(512, 2);
  checkComparisons<T>(type, a, b, false);
}

} // namespace

TEST(Compare, EachComparison) {
  checkWhole<uint16_t>("u16");
  checkWhole<int16_t>("s16");
  checkWhole<uint32_t>("u32");
  checkWhole<int32_t>("s32");
  checkWhole<uint64_t>("u64");
  checkWhole<int64_t>("s64");
  std::vector<float> a{1, 2, NAN, 0.0f, -0.0f, HUGE_VALF, 1, NAN, 0x1p-130f},
      b{2, 1, 1, -0.0f, 0, HUGE_VALF, NAN, NAN, 0};
  checkComparisons<float>("f32", a, b, true);
  checkComparisons<double>("f64", std::vector<double>(a.begin(), a.end()),
                           std::vector<double>(b.begin(), b.end()), true);
  EXPECT_EQ(apply<uint32_t>("setp.eq.ftz.f32 %p0, $1, $2; selp.b32 $0, 1, 0, %p0;", a, b)[8], 1u);
}

TEST(Compare, Unsigned) {
  std::vector<uint32_t> a{1, ~0u, 5}, b{~0u, 1, 5};
  auto test = [&](const std::string &name) {
    return apply<uint32_t>("setp." + name + ".u32 %p0, $1, $2; selp.b32 $0, 1, 0, %p0;", a, b);
  };
  EXPECT_EQ(test("lo"), (std::vector<uint32_t>{1, 0, 0}));
  EXPECT_EQ(test("ls"), (std::vector<uint32_t>{1, 0, 1}));
  EXPECT_EQ(test("hi"), (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_EQ(test("hs"), (std::vector<uint32_t>{0, 1, 1}));
}

TEST(Compare, Chooses) {
  std::vector<uint64_t> a{1, 2, 3}, b{10, 20, 30};
  std::vector<int32_t> sign{-1, 0, 1};
  std::vector<float> real{-0.0f, NAN, -1};
  EXPECT_EQ(apply<uint64_t>("slct.u64.s32 $0, $1, $2, $3;", a, b, sign),
            (std::vector<uint64_t>{10, 2, 3}));
  EXPECT_EQ(apply<uint64_t>("slct.b64.f32 $0, $1, $2, $3;", a, b, real),
            (std::vector<uint64_t>{1, 20, 30}));
  EXPECT_EQ(apply<uint64_t>("setp.gt.s32 %p0, $3, 0; selp.u64 $0, $1, $2, %p0;", a, b, sign),
            (std::vector<uint64_t>{10, 20, 3}));
  EXPECT_EQ(apply<uint64_t>("setp.gt.s32 %p0, $3, 0; setp.lt.s32 %p1, $3, 0; or.pred %p2, %p0, %p1;"
                            "not.pred %p3, %p2; xor.pred %p4, %p3, %p0; and.pred %p5, %p4, %p2;"
                            "selp.u64 $0, $1, $2, %p5;",
                            a, b, sign),
            (std::vector<uint64_t>{10, 20, 3}));
}
