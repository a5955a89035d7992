// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <algorithm>
#include <limits>

/// Whole numbers against sums in 128 bits.
using namespace tern::test;

using Wide = __int128;

namespace {

constexpr unsigned count = 1024;

/// The low bits of a number as one of the type.
template <class T> T cut(Wide value) {
  return static_cast<T>(static_cast<unsigned __int128>(value));
}

template <class T, class D, class F> void check1(const std::string &instruction, F &&wanted) {
  std::vector<T> a = someBits<T>(count, 1);
  std::vector<D> out = apply<D>(instruction + " $0, $1;", a);
  for (unsigned i = 0; i < count; ++i)
    ASSERT_EQ(out[i], cut<D>(wanted(Wide{a[i]}))) << instruction << " " << i;
}
template <class T, class D, class F> void check2(const std::string &instruction, F &&wanted) {
  std::vector<T> a = someBits<T>(count, 1), b = someBits<T>(count, 2);
  std::vector<D> out = apply<D>(instruction + " $0, $1, $2;", a, b);
  for (unsigned i = 0; i < count; ++i)
    ASSERT_EQ(out[i], cut<D>(wanted(Wide{a[i]}, Wide{b[i]}))) << instruction << " " << i;
}
template <class T, class D, class F> void check3(const std::string &instruction, F &&wanted) {
  std::vector<T> a = someBits<T>(count, 1), b = someBits<T>(count, 2);
  std::vector<D> c = someBits<D>(count, 3);
  std::vector<D> out = apply<D>(instruction + " $0, $1, $2, $3;", a, b, c);
  for (unsigned i = 0; i < count; ++i)
    ASSERT_EQ(out[i], cut<D>(wanted(Wide{a[i]}, Wide{b[i]}, Wide{c[i]})))
        << instruction << " " << i;
}

template <class T> void checkType(const std::string &type) {
  constexpr int bits = 8 * sizeof(T);
  constexpr Wide least = std::numeric_limits<T>::min();
  check2<T, T>("add." + type, [](Wide a, Wide b) { return a + b; });
  check2<T, T>("sub." + type, [](Wide a, Wide b) { return a - b; });
  check2<T, T>("mul.lo." + type, [](Wide a, Wide b) {
    return static_cast<Wide>(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b));
  });
  check2<T, T>("mul.hi." + type, [](Wide a, Wide b) {
    if constexpr (bits == 64 && std::is_unsigned_v<T>)
      return static_cast<Wide>(
          static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b) >> 64);
    else
      return a * b >> bits;
  });
  check2<T, T>("min." + type, [](Wide a, Wide b) { return std::min(a, b); });
  check2<T, T>("max." + type, [](Wide a, Wide b) { return std::max(a, b); });
  check2<T, T>("div." + type, [](Wide a, Wide b) { return b == 0 ? Wide{-1} : a / b; });
  check2<T, T>("rem." + type, [](Wide a, Wide b) { return b == 0 ? a : a % b; });
  check3<T, T>("sad." + type, [](Wide a, Wide b, Wide c) { return c + (a < b ? b - a : a - b); });
  check3<T, T>("mad.lo." + type, [](Wide a, Wide b, Wide c) {
    return static_cast<Wide>(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b) +
                             static_cast<unsigned __int128>(c));
  });
  if (least < 0) {
    check1<T, T>("abs." + type, [](Wide a) { return a < 0 ? -a : a; });
    check1<T, T>("neg." + type, [](Wide a) { return -a; });
  }
}

template <class T, class D> void checkWide(const std::string &type) {
  check2<T, D>("mul.wide." + type, [](Wide a, Wide b) { return a * b; });
  check3<T, D>("mad.wide." + type, [](Wide a, Wide b, Wide c) { return a * b + c; });
}

} // namespace

TEST(Integer, Arithmetic) {
  checkType<uint16_t>("u16");
  checkType<int16_t>("s16");
  checkType<uint32_t>("u32");
  checkType<int32_t>("s32");
  checkType<uint64_t>("u64");
  checkType<int64_t>("s64");
}

TEST(Integer, WideProducts) {
  checkWide<uint16_t, uint32_t>("u16");
  checkWide<int16_t, int32_t>("s16");
  checkWide<uint32_t, uint64_t>("u32");
  checkWide<int32_t, int64_t>("s32");
}

TEST(Integer, Saturates) {
  auto bounded = [](Wide value) { return std::clamp<Wide>(value, INT32_MIN, INT32_MAX); };
  check2<int32_t, int32_t>("add.sat.s32", [&](Wide a, Wide b) { return bounded(a + b); });
  check2<int32_t, int32_t>("sub.sat.s32", [&](Wide a, Wide b) { return bounded(a - b); });
  check3<int32_t, int32_t>("mad.hi.sat.s32",
                           [&](Wide a, Wide b, Wide c) { return bounded((a * b >> 32) + c); });
}

TEST(Integer, Products24) {
  auto low = [](Wide value) { return value & 0xffffff; };
  auto withSign = [](Wide value) { return ((value & 0xffffff) ^ 0x800000) - 0x800000; };
  check2<uint32_t, uint32_t>("mul24.lo.u32", [&](Wide a, Wide b) { return low(a) * low(b); });
  check2<uint32_t, uint32_t>("mul24.hi.u32", [&](Wide a, Wide b) { return low(a) * low(b) >> 16; });
  check2<int32_t, int32_t>("mul24.lo.s32",
                           [&](Wide a, Wide b) { return withSign(a) * withSign(b); });
  check3<int32_t, int32_t>("mad24.hi.s32", [&](Wide a, Wide b, Wide c) {
    return (withSign(a) * withSign(b) >> 16) + c;
  });
}

/// The i-th of the parts of a word, of the signs asked for.
static Wide part(Wide word, int bits, int i, bool isSigned) {
  Wide mask = (Wide{1} << bits) - 1, value = word >> (bits * i) & mask;
  return isSigned && value >> (bits - 1) ? value - mask - 1 : value;
}

TEST(Integer, DotProducts) {
  for (bool left : {false, true})
    for (bool right : {false, true}) {
      std::string types = std::string(left ? ".s32" : ".u32") + (right ? ".s32" : ".u32");
      check3<uint32_t, uint32_t>("dp4a" + types, [&](Wide a, Wide b, Wide c) {
        for (int i = 0; i < 4; ++i)
          c += part(a, 8, i, left) * part(b, 8, i, right);
        return c;
      });
      for (int half : {0, 1})
        check3<uint32_t, uint32_t>(std::string("dp2a") + (half ? ".hi" : ".lo") + types,
                                   [&](Wide a, Wide b, Wide c) {
                                     for (int i = 0; i < 2; ++i)
                                       c += part(a, 16, i, left) * part(b, 8, 2 * half + i, right);
                                     return c;
                                   });
    }
}

TEST(Integer, Halves) {
  for (bool isSigned : {false, true}) {
    std::string type = isSigned ? ".s16x2" : ".u16x2";
    auto both = [&](auto &&one) {
      return [=](Wide a, Wide b) {
        Wide low = one(part(a, 16, 0, isSigned), part(b, 16, 0, isSigned)) & 0xffff;
        return (one(part(a, 16, 1, isSigned), part(b, 16, 1, isSigned)) & 0xffff) << 16 | low;
      };
    };
    check2<uint32_t, uint32_t>("add" + type, both([](Wide a, Wide b) { return a + b; }));
    check2<uint32_t, uint32_t>("min" + type, both([](Wide a, Wide b) { return std::min(a, b); }));
    check2<uint32_t, uint32_t>("max" + type, both([](Wide a, Wide b) { return std::max(a, b); }));
  }
}

TEST(Integer, Carries) {
  // Sums, differences and products of 128 bits from pieces of 64 and 32.
  std::vector<uint64_t> a = someBits<uint64_t>(count, 4), b = someBits<uint64_t>(count, 5);
  using Unsigned = unsigned __int128;
  auto whole = [](uint64_t high, uint64_t low) { return Unsigned{high} << 64 | low; };
  std::vector<uint64_t> sum =
      apply<uint64_t>("add.cc.u64 %d30, $1, $2; addc.u64 $0, $2, $1; xor.b64 $0, $0, %d30;", a, b);
  std::vector<uint64_t> difference =
      apply<uint64_t>("sub.cc.u64 %d30, $1, $2; subc.u64 $0, $2, $1; xor.b64 $0, $0, %d30;", a, b);
  std::vector<uint64_t> product =
      apply<uint64_t>("mov.b64 {%r30, %r31}, $1; mov.b64 {%r32, %r33}, $2;"
                      "mul.lo.u32 %r34, %r30, %r32; mul.hi.u32 %r35, %r30, %r32;"
                      "mad.lo.cc.u32 %r35, %r31, %r32, %r35; madc.hi.u32 %r36, %r31, %r32, 0;"
                      "mad.lo.cc.u32 %r35, %r30, %r33, %r35; madc.hi.u32 %r36, %r30, %r33, %r36;"
                      "mov.b64 $0, {%r34, %r35};",
                      a, b);
  for (unsigned i = 0; i < count; ++i) {
    Unsigned both = whole(b[i], a[i]) + whole(a[i], b[i]);
    ASSERT_EQ(sum[i], static_cast<uint64_t>(both >> 64) ^ static_cast<uint64_t>(both)) << i;
    both = whole(b[i], a[i]) - whole(a[i], b[i]);
    ASSERT_EQ(difference[i], static_cast<uint64_t>(both >> 64) ^ static_cast<uint64_t>(both)) << i;
    ASSERT_EQ(product[i], a[i] * b[i]) << i;
  }
}
