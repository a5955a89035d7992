// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/BlockFormat.h"

#include <algorithm>
#include <array>
#include <limits>

namespace tern {
namespace {

constexpr float kNf4[16] = {-1.0f,
                            -0.6961928009986877f,
                            -0.5250730514526367f,
                            -0.39491748809814453f,
                            -0.28444138169288635f,
                            -0.18477343022823334f,
                            -0.09105003625154495f,
                            0.0f,
                            0.07958029955625534f,
                            0.16093020141124725f,
                            0.24611230194568634f,
                            0.33791524171829224f,
                            0.44070982933044434f,
                            0.5626170039176941f,
                            0.7229568362236023f,
                            1.0f};
constexpr float kFp4[16] = {
    0.0f, 0.0625f / 12,  8.0f / 12,  12.0f / 12,  4.0f / 12,  6.0f / 12,  2.0f / 12,  3.0f / 12,
    0.0f, -0.0625f / 12, -8.0f / 12, -12.0f / 12, -4.0f / 12, -6.0f / 12, -2.0f / 12, -3.0f / 12};

/// A float of 8 bits with a sign, `exponentBits` and a fraction; the greatest exponent is that of
/// infinity and NaN, or, of e4m3, its last fraction that of NaN.
constexpr float floatOf(int byte, int exponentBits) {
  int fractionBits = 7 - exponentBits, bias = (1 << (exponentBits - 1)) - 1;
  int exponent = byte >> fractionBits & ((1 << exponentBits) - 1);
  int fraction = byte & ((1 << fractionBits) - 1), most = (1 << exponentBits) - 1;
  float magnitude = float(exponent == 0 ? fraction : fraction + (1 << fractionBits));
  for (int power = std::max(exponent, 1) - bias - fractionBits; power != 0;
       power += power < 0 ? 1 : -1)
    magnitude *= power < 0 ? 0.5f : 2.0f;
  if (exponentBits == 5 && exponent == most)
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  if (exponentBits == 4 && (byte & 127) == 127)
    magnitude = std::numeric_limits<float>::quiet_NaN();
  return byte & 128 ? -magnitude : magnitude;
}

template <typename Number> constexpr std::array<float, 256> tableOf(Number number) {
  std::array<float, 256> table{};
  for (int byte = 0; byte < 256; ++byte)
    table[size_t(byte)] = number(byte);
  return table;
}
constexpr auto kE4m3 = tableOf([](int byte) { return floatOf(byte, 4); });
constexpr auto kE5m2 = tableOf([](int byte) { return floatOf(byte, 5); });
constexpr auto kI8 = tableOf([](int byte) { return float(int8_t(byte)); });

struct Named {
  std::string_view name;
  std::span<const float> numbers;
  float factor = 1;
};
constexpr Named kNumbers[] = {{"nf4", kNf4},
                              {"fp4", kFp4},
                              {"e4m3", kE4m3},
                              {"e5m2", kE5m2},
                              {"i8", kI8, 7.874015718698502e-3f}};

constexpr int8_t kIq4Table[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113};
// Twice the values of E2M1.
constexpr int8_t kE2m1Table[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

constexpr BitField bytesAt(uint8_t offset, uint8_t run) { return {8, offset, run}; }
/// Nibbles of `run` bytes, all low ones first, then the next `run` bytes.
constexpr BitField nibblesAt(uint8_t offset, uint8_t run) { return {4, offset, run, 2, 4}; }
/// As nibbles, of 2 bits and of 1.
constexpr BitField pairsAt(uint8_t offset, uint8_t run, uint8_t place = 0) {
  return {2, offset, run, 4, 2, 0, 0, place};
}
constexpr BitField bitsAt(uint8_t offset, uint8_t run, uint8_t place) {
  return {1, offset, run, 8, 1, 0, 0, place};
}

// 12 bytes hold 8 scales and 8 minima of 6 bits: the first four of each in the low bits of bytes
// 0 to 3 and 4 to 7, the others' low nibbles in bytes 8 to 11 and their high bits above the first.
constexpr BitFields kScalesOf4{{{4, 4, 4, 2, 0, 8}, {2, 4, 4, 2, 2, 0, 4, 4}}};
constexpr BitFields kMinimaOf4{{{4, 8, 4, 2, 4, 4}, {2, 8, 4, 2, 2, 0, 4, 4}}};

using enum ScaleKind;

constexpr BlockFormat named(std::string_view name, uint8_t bits) {
  return {name,  32, 4 + 4 * bits, bits, 32, 0,
          false, 0,  Single,       0,    0,  {{bits == 4 ? nibblesAt(4, 16) : bytesAt(4, 32)}},
          {},    {}, {},           name};
}

constexpr BlockFormat zeroPoints(std::string_view name, uint8_t elements) {
  auto groups = uint8_t(elements / 32), codes = uint8_t(4 + 2 * groups);
  return {name,
          elements,
          codes + elements / 2,
          4,
          32,
          0,
          true,
          6,
          Half,
          0,
          2,
          {{nibblesAt(codes, 16)}},
          {{{6, 4, groups}}},
          {{{6, uint8_t(4 + groups), groups}}}};
}

// name, elements, bytes, bits, group, zero, minimum, scale bits; then where the parts lie
constexpr BlockFormat kFormats[] = {
    {"q4_0", 32, 18, 4, 32, 8, false, 0, Half, 0, 0, {{nibblesAt(2, 16)}}, {}, {}},
    {"q4_1", 32, 20, 4, 32, 0, true, 0, Half, 0, 2, {{nibblesAt(4, 16)}}, {}, {}},
    {"q5_0",
     32,
     22,
     5,
     32,
     16,
     false,
     0,
     Half,
     0,
     0,
     {{nibblesAt(6, 16), bitsAt(2, 1, 4)}},
     {},
     {}},
    {"q5_1", 32, 24, 5, 32, 0, true, 0, Half, 0, 2, {{nibblesAt(8, 16), bitsAt(4, 1, 4)}}, {}, {}},
    {"q8_0", 32, 34, 8, 32, 0, false, 0, Half, 0, 0, {{bytesAt(2, 32)}}, {}, {}},
    {"q2_k",
     256,
     84,
     2,
     16,
     0,
     true,
     4,
     Half,
     80,
     82,
     {{pairsAt(16, 32)}},
     {{{4, 0, 16}}},
     {{{4, 0, 16, 1, 0, 0, 4}}}},
    {"q3_k",
     256,
     110,
     3,
     16,
     4,
     false,
     6,
     Half,
     108,
     0,
     {{pairsAt(32, 32), bitsAt(0, 32, 2)}},
     {{nibblesAt(96, 8), pairsAt(104, 4, 4)}},
     {}},
    {"q4_k",
     256,
     144,
     4,
     32,
     0,
     true,
     6,
     Half,
     0,
     2,
     {{nibblesAt(16, 32)}},
     kScalesOf4,
     kMinimaOf4},
    {"q5_k",
     256,
     176,
     5,
     32,
     0,
     true,
     6,
     Half,
     0,
     2,
     {{nibblesAt(48, 32), bitsAt(16, 32, 4)}},
     kScalesOf4,
     kMinimaOf4},
    {"q6_k",
     256,
     210,
     6,
     16,
     32,
     false,
     8,
     Half,
     208,
     0,
     {{nibblesAt(0, 64), pairsAt(128, 32, 4)}},
     {{bytesAt(192, 16)}},
     {}},
    {"iq4_nl", 32, 18, 4, 32, 0, false, 0, Half, 0, 0, {{nibblesAt(2, 16)}}, {}, {}, kIq4Table},
    {"iq4_xs",
     256,
     136,
     4,
     32,
     0,
     false,
     6,
     Half,
     0,
     0,
     {{nibblesAt(8, 16)}},
     {{nibblesAt(4, 1), pairsAt(2, 1, 4)}},
     {},
     kIq4Table},
    {"mxfp4",
     32,
     17,
     4,
     32,
     0,
     false,
     0,
     PowerOfTwo,
     0,
     0,
     {{nibblesAt(1, 16)}},
     {},
     {},
     kE2m1Table},
    // What tern.blocks makes beside some of these: codes of named numbers,
    named("nf4", 4),
    named("fp4", 4),
    named("e4m3", 8),
    named("e5m2", 8),
    named("i8", 8),
    // and codes with a zero point: d = m, scale codes are 1, codes of minima the zero points.
    zeroPoints("z4_32", 32),
    zeroPoints("z4_64", 64),
    zeroPoints("z4_128", 128),
};

} // namespace

std::span<const float> namedNumbers(std::string_view name) {
  for (const Named &named : kNumbers)
    if (named.name == name)
      return named.numbers;
  return {};
}

float namedFactor(std::string_view name) {
  for (const Named &named : kNumbers)
    if (named.name == name)
      return named.factor;
  return 1;
}

std::span<const BlockFormat> blockFormats() { return kFormats; }

const BlockFormat *findBlockFormat(std::string_view name) {
  for (const BlockFormat &format : kFormats)
    if (format.name == name)
      return &format;
  return nullptr;
}

} // namespace tern
