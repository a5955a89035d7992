// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/IR/BlockFormat.h"

namespace tern {
namespace {

constexpr int8_t kIq4Table[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113};
// Twice the values of E2M1.
constexpr int8_t kFp4Table[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

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
     kFp4Table},
};

} // namespace

std::span<const BlockFormat> blockFormats() { return kFormats; }

const BlockFormat *findBlockFormat(std::string_view name) {
  for (const BlockFormat &format : kFormats)
    if (format.name == name)
      return &format;
  return nullptr;
}

} // namespace tern
