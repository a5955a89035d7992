// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Apply.h"

#include <algorithm>

/// Bits one by one.
using namespace tern::test;

namespace {

constexpr unsigned count = 2048;

template <class T> bool bitOf(T value, unsigned i) {
  return i < 8 * sizeof(T) && (static_cast<uint64_t>(value) >> i & 1);
}

/// A number whose bit i is `bit(i)`.
template <class T, class F> T build(F &&bit) {
  uint64_t out = 0;
  for (unsigned i = 0; i < 8 * sizeof(T); ++i)
    out |= uint64_t{bit(i)} << i;
  return static_cast<T>(out);
}

/// Amounts from 0 to 299, small ones more often.
std::vector<uint32_t> amounts(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint32_t> out(count);
  for (uint32_t &amount : out)
    amount = random() % (random() % 4 ? 70 : 300);
  return out;
}

template <class T> void checkLogic(const std::string &type) {
  std::vector<T> a = someBits<T>(count, 1), b = someBits<T>(count, 2);
  std::vector<T> both = apply<T>("and." + type + " $0, $1, $2;", a, b),
                 any = apply<T>("or." + type + " $0, $1, $2;", a, b),
                 one = apply<T>("xor." + type + " $0, $1, $2;", a, b),
                 none = apply<T>("not." + type + " $0, $1;", a),
                 zero = apply<T>("cnot." + type + " $0, $1;", a);
  for (unsigned i = 0; i < count; ++i) {
    auto left = [&](unsigned j) { return bitOf(a[i], j); };
    auto right = [&](unsigned j) { return bitOf(b[i], j); };
    ASSERT_EQ(both[i], build<T>([&](unsigned j) { return left(j) && right(j); }));
    ASSERT_EQ(any[i], build<T>([&](unsigned j) { return left(j) || right(j); }));
    ASSERT_EQ(one[i], build<T>([&](unsigned j) { return left(j) != right(j); }));
    ASSERT_EQ(none[i], build<T>([&](unsigned j) { return !left(j); }));
    ASSERT_EQ(zero[i], a[i] == 0 ? 1 : 0);
  }
}

template <class T> void checkShifts(const std::string &number) {
  constexpr unsigned width = 8 * sizeof(T);
  std::vector<T> a = someBits<T>(count, 3);
  std::vector<uint32_t> by = amounts(4);
  std::vector<T> left = apply<T>("shl.b" + number + " $0, $1, $2;", a, by),
                 right = apply<T>("shr.u" + number + " $0, $1, $2;", a, by),
                 copies = apply<T>("shr.s" + number + " $0, $1, $2;", a, by);
  for (unsigned i = 0; i < count; ++i) {
    ASSERT_EQ(left[i], build<T>([&](unsigned j) { return j >= by[i] && bitOf(a[i], j - by[i]); }));
    ASSERT_EQ(right[i], build<T>([&](unsigned j) { return bitOf(a[i], j + by[i]); }));
    ASSERT_EQ(copies[i],
              build<T>([&](unsigned j) { return bitOf(a[i], std::min(j + by[i], width - 1)); }));
  }
}

template <class T> void checkFields(const std::string &number) {
  constexpr unsigned width = 8 * sizeof(T);
  std::vector<T> a = someBits<T>(count, 5), b = someBits<T>(count, 6);
  std::vector<uint32_t> position = amounts(7), length = amounts(8);
  std::vector<T> field = apply<T>("bfe.u" + number + " $0, $1, $2, $3;", a, position, length),
                 withSign = apply<T>("bfe.s" + number + " $0, $1, $2, $3;", a, position, length),
                 inserted =
                     apply<T>("bfi.b" + number + " $0, $1, $2, $3, $4;", a, b, position, length);
  for (unsigned i = 0; i < count; ++i) {
    unsigned first = position[i] & 255, many = length[i] & 255;
    bool sign = many > 0 && bitOf(a[i], std::min(first + many - 1, width - 1));
    ASSERT_EQ(field[i], build<T>([&](unsigned j) { return j < many && bitOf(a[i], first + j); }))
        << first << " " << many;
    ASSERT_EQ(withSign[i], build<T>([&](unsigned j) {
                return j < many && first + j < width ? bitOf(a[i], first + j) : sign;
              }))
        << first << " " << many;
    ASSERT_EQ(inserted[i], build<T>([&](unsigned j) {
                return j >= first && j - first < many ? bitOf(a[i], j - first) : bitOf(b[i], j);
              }))
        << first << " " << many;
  }
}

template <class T> void checkCounts(const std::string &number) {
  constexpr unsigned width = 8 * sizeof(T);
  std::vector<T> a = someBits<T>(count, 9);
  for (unsigned i = 0; i < width; ++i)
    a[i] = static_cast<T>(a[i] >> i);
  std::vector<uint32_t> ones = apply<uint32_t>("popc.b" + number + " $0, $1;", a),
                        zeros = apply<uint32_t>("clz.b" + number + " $0, $1;", a),
                        place = apply<uint32_t>("bfind.u" + number + " $0, $1;", a),
                        withSign = apply<uint32_t>("bfind.s" + number + " $0, $1;", a),
                        shift = apply<uint32_t>("bfind.shiftamt.u" + number + " $0, $1;", a);
  std::vector<T> reversed = apply<T>("brev.b" + number + " $0, $1;", a);
  for (unsigned i = 0; i < count; ++i) {
    uint32_t all = 0, highest = ~0u, highestOther = ~0u;
    for (unsigned j = 0; j < width; ++j) {
      all += bitOf(a[i], j);
      highest = bitOf(a[i], j) ? j : highest;
      highestOther = bitOf(a[i], j) != bitOf(a[i], width - 1) ? j : highestOther;
    }
    ASSERT_EQ(ones[i], all);
    ASSERT_EQ(zeros[i], width - 1 - highest);
    ASSERT_EQ(place[i], highest);
    ASSERT_EQ(withSign[i], highestOther);
    ASSERT_EQ(shift[i], highest == ~0u ? ~0u : width - 1 - highest);
    ASSERT_EQ(reversed[i], build<T>([&](unsigned j) { return bitOf(a[i], width - 1 - j); }));
  }
}

} // namespace

TEST(Bits, Logic) {
  checkLogic<uint16_t>("b16");
  checkLogic<uint32_t>("b32");
  checkLogic<uint64_t>("b64");
}

TEST(Bits, Shifts) {
  checkShifts<uint16_t>("16");
  checkShifts<uint32_t>("32");
  checkShifts<uint64_t>("64");
}

TEST(Bits, Funnels) {
  std::vector<uint32_t> a = someBits<uint32_t>(count, 1), b = someBits<uint32_t>(count, 2),
                        by = amounts(3);
  for (bool isLeft : {false, true})
    for (bool clamps : {false, true}) {
      std::vector<uint32_t> out =
          apply<uint32_t>(std::string("shf.") + (isLeft ? "l" : "r") +
                              (clamps ? ".clamp" : ".wrap") + ".b32 $0, $1, $2, $3;",
                          a, b, by);
      for (unsigned i = 0; i < count; ++i) {
        unsigned shift = clamps ? std::min(by[i], 32u) : by[i] % 32;
        unsigned first = isLeft ? 32 - shift : shift; // of the 32 bits that are kept
        uint64_t both = uint64_t{b[i]} << 32 | a[i];
        ASSERT_EQ(out[i], build<uint32_t>([&](unsigned j) { return bitOf(both, first + j); }));
      }
    }
}

TEST(Bits, Lop3HasEachTable) {
  std::vector<uint32_t> a = someBits<uint32_t>(64, 1), b = someBits<uint32_t>(64, 2),
                        c = someBits<uint32_t>(64, 3);
  for (unsigned table = 0; table < 256; ++table) {
    std::vector<uint32_t> out =
        apply<uint32_t>("lop3.b32 $0, $1, $2, $3, " + std::to_string(table) + ";", a, b, c);
    for (unsigned i = 0; i < 64; ++i)
      ASSERT_EQ(out[i], build<uint32_t>([&](unsigned j) {
                  return table >> (4 * bitOf(a[i], j) + 2 * bitOf(b[i], j) + bitOf(c[i], j)) & 1;
                }))
          << table;
  }
}

TEST(Bits, Fields) {
  checkFields<uint32_t>("32");
  checkFields<uint64_t>("64");
}

TEST(Bits, Counts) {
  checkCounts<uint32_t>("32");
  checkCounts<uint64_t>("64");
}

TEST(Bits, PermutesByEachSelector) {
  std::vector<uint32_t> selectors(65536), a = someBits<uint32_t>(65536, 1),
                                          b = someBits<uint32_t>(65536, 2);
  for (unsigned i = 0; i < 65536; ++i)
    selectors[i] = i | 0xabcd0000;
  std::vector<uint32_t> out = apply<uint32_t>("prmt.b32 $0, $1, $2, $3;", a, b, selectors);
  for (unsigned i = 0; i < 65536; ++i) {
    uint64_t both = uint64_t{b[i]} << 32 | a[i];
    ASSERT_EQ(out[i], build<uint32_t>([&](unsigned j) {
                unsigned choice = i >> (j / 8 * 4) & 15;
                return bitOf(both, 8 * (choice & 7) + (choice & 8 ? 7 : j % 8));
              }))
        << i;
  }
}

TEST(Bits, PermutesByMode) {
  // The manual's tables: bytes of the result from the highest, for selectors 0 to 3.
  struct Mode {
    const char *name;
    unsigned bytes[4][4];
  };
  constexpr Mode modes[] = {{"f4e", {{3, 2, 1, 0}, {4, 3, 2, 1}, {5, 4, 3, 2}, {6, 5, 4, 3}}},
                            {"b4e", {{5, 6, 7, 0}, {6, 7, 0, 1}, {7, 0, 1, 2}, {0, 1, 2, 3}}},
                            {"rc8", {{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}},
                            {"ecl", {{3, 2, 1, 0}, {3, 2, 1, 1}, {3, 2, 2, 2}, {3, 3, 3, 3}}},
                            {"ecr", {{0, 0, 0, 0}, {1, 1, 1, 0}, {2, 2, 1, 0}, {3, 2, 1, 0}}},
                            {"rc16", {{1, 0, 1, 0}, {3, 2, 3, 2}, {1, 0, 1, 0}, {3, 2, 3, 2}}}};
  std::vector<uint32_t> a(4, 0x33221100), b(4, 0x77665544), c{0, 1, 2, 7};
  for (const Mode &mode : modes) {
    std::vector<uint32_t> out =
        apply<uint32_t>(std::string("prmt.b32.") + mode.name + " $0, $1, $2, $3;", a, b, c);
    for (unsigned i = 0; i < 4; ++i)
      for (unsigned j = 0; j < 4; ++j)
        ASSERT_EQ(out[i] >> (8 * (3 - j)) & 255, mode.bytes[i][j] * 0x11) << mode.name << i << j;
  }
}

TEST(Bits, MasksAndExtensions) {
  std::vector<uint32_t> a = someBits<uint32_t>(count, 1), position = amounts(2),
                        length = amounts(3);
  for (bool clamps : {false, true}) {
    std::string mode = clamps ? ".clamp" : ".wrap";
    std::vector<uint32_t> mask =
                              apply<uint32_t>("bmsk" + mode + ".b32 $0, $1, $2;", position, length),
                          plain = apply<uint32_t>("szext" + mode + ".u32 $0, $1, $2;", a, length),
                          withSign =
                              apply<uint32_t>("szext" + mode + ".s32 $0, $1, $2;", a, length);
    for (unsigned i = 0; i < count; ++i) {
      unsigned first = clamps ? position[i] : position[i] % 32;
      unsigned many = clamps ? length[i] : length[i] % 32;
      ASSERT_EQ(mask[i],
                build<uint32_t>([&](unsigned j) { return j >= first && j - first < many; }));
      ASSERT_EQ(plain[i], build<uint32_t>([&](unsigned j) { return j < many && bitOf(a[i], j); }));
      ASSERT_EQ(withSign[i], build<uint32_t>([&](unsigned j) {
                  return many > 0 && bitOf(a[i], std::min(j, many - 1));
                }));
    }
  }
}

TEST(Bits, FindsTheNthBit) {
  std::vector<uint32_t> mask = someBits<uint32_t>(count, 1), base = amounts(2);
  std::vector<int32_t> offset(count);
  for (unsigned i = 0; i < count; ++i) {
    base[i] %= 34;
    offset[i] = static_cast<int32_t>(i % 41) - 20;
  }
  std::vector<uint32_t> out = apply<uint32_t>("fns.b32 $0, $1, $2, $3;", mask, base, offset);
  for (unsigned i = 0; i < count; ++i) {
    uint32_t wanted = ~0u;
    std::vector<uint32_t> places; // from the base on, in the offset's direction
    for (unsigned j = 0; j < 32; ++j) {
      unsigned at = offset[i] < 0 ? base[i] - j : base[i] + j;
      if (at < 32 && base[i] < 32 && bitOf(mask[i], at))
        places.push_back(at);
    }
    if (offset[i] == 0)
      wanted = base[i] < 32 && bitOf(mask[i], base[i]) ? base[i] : ~0u;
    else if (places.size() >= static_cast<size_t>(std::abs(offset[i])))
      wanted = places[static_cast<size_t>(std::abs(offset[i])) - 1];
    ASSERT_EQ(out[i], wanted) << mask[i] << " " << base[i] << " " << offset[i];
  }
}
