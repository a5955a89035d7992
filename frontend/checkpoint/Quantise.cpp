// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Quantise.h"

#include "frontend/checkpoint/SuperBlocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace tern::checkpoint {

namespace {

/// Puts the parts of a block after one another.
class BlockWriter {
public:
  explicit BlockWriter(std::byte *at) : at(at) {}

  template <typename T> void put(T value) {
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  }
  void half(float value) { put(static_cast<_Float16>(value)); }

  /// The low four bits of 32 codes: element j in the low nibble of byte j, j + 16 in the high one.
  void nibbles(const std::array<int, 32> &codes) {
    for (size_t j = 0; j < 16; ++j)
      put(static_cast<uint8_t>((codes[j] & 15) | (codes[j + 16] & 15) << 4));
  }
  /// The fifth bit of 32 codes.
  void fifthBits(const std::array<int, 32> &codes) {
    uint32_t bits = 0;
    for (size_t j = 0; j < 32; ++j)
      bits |= uint32_t(codes[j] >> 4 & 1) << j;
    put(bits);
  }

private:
  std::byte *at;
};

float inverseOf(float scale) { return scale != 0 ? 1 / scale : 0; }

void encodeF32(const float *values, std::byte *block) { BlockWriter(block).put(values[0]); }
void encodeF16(const float *values, std::byte *block) { BlockWriter(block).half(values[0]); }
void encodeBf16(const float *values, std::byte *block) {
  auto bits = std::bit_cast<uint32_t>(values[0]);
  BlockWriter(block).put(
      static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)); // to even
}

void encodeQ8_0(const float *values, std::byte *block) {
  float most = 0;
  for (int j = 0; j < 32; ++j)
    most = std::max(most, std::fabs(values[j]));
  float scale = most / 127, inverse = inverseOf(scale);
  BlockWriter writer(block);
  writer.half(scale);
  for (int j = 0; j < 32; ++j)
    writer.put(static_cast<int8_t>(std::round(values[j] * inverse)));
}

/// The value of the greatest magnitude, the first of equal ones.
float greatest(const float *values, int count) {
  return *std::max_element(values, values + count,
                           [](float a, float b) { return std::fabs(a) < std::fabs(b); });
}

/// floor((value - less) * inverse + offset + 1/2) within [0, most], of sums and products that are
/// rounded to f32 each (ggml-quants, quantize_row_q4_0_ref): from f64, so that none is fused.
std::array<int, 32> codesOf(const float *values, float less, float inverse, float offset,
                            int most) {
  std::array<int, 32> codes;
  for (size_t j = 0; j < 32; ++j) {
    auto steps = static_cast<float>(double(values[j] - less) * double(inverse));
    auto code = static_cast<float>(double(steps) + double(offset + 0.5f));
    codes[j] = static_cast<int>(std::clamp(code, 0.0f, float(most)));
  }
  return codes;
}

/// d * (q - 2^(bits-1)); the value of the greatest magnitude has code 0.
template <int bits> void encodeSigned(const float *values, std::byte *block) {
  constexpr int zero = 1 << (bits - 1);
  float scale = greatest(values, 32) / -zero;
  auto codes = codesOf(values, 0, inverseOf(scale), zero, 2 * zero - 1);
  BlockWriter writer(block);
  writer.half(scale);
  if (bits == 5)
    writer.fifthBits(codes);
  writer.nibbles(codes);
}

/// d * q + m.
template <int bits> void encodeWithMinimum(const float *values, std::byte *block) {
  constexpr int most = (1 << bits) - 1;
  auto [least, largest] = std::minmax_element(values, values + 32);
  float scale = (*largest - *least) / most;
  auto codes = codesOf(values, *least, inverseOf(scale), 0, most);
  BlockWriter writer(block);
  writer.half(scale);
  writer.half(*least);
  if (bits == 5)
    writer.fifthBits(codes);
  writer.nibbles(codes);
}

/// Twice the values of E2M1 (OCP Microscaling Formats 1.0, 5.3.3).
constexpr std::array<int8_t, 16> kFp4 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

void encodeMxfp4(const float *values, std::byte *block) {
  float most = std::fabs(greatest(values, 32));
  // A byte: of what is below its least, all codes are 0.
  int exponent = most > 0 ? std::max(int(std::floor(std::log2(most))) - 2 + 127, 0) : 0;
  float scale = std::ldexp(0.5f, exponent - 127); // of the doubled values
  std::array<int, 32> codes;
  for (size_t j = 0; j < 32; ++j)
    codes[j] = int(
        std::ranges::min_element(
            kFp4, {}, [&](int8_t value) { return std::fabs(scale * float(value) - values[j]); }) -
        kFp4.begin());
  BlockWriter writer(block);
  writer.put(static_cast<uint8_t>(exponent));
  writer.nibbles(codes);
}

constexpr BlockEncoder kEncoders[] = {
    {"f32", 0, 0, 1, 4, encodeF32},
    {"f16", 1, 1, 1, 2, encodeF16},
    {"bf16", 30, 32, 1, 2, encodeBf16},
    {"q8_0", 8, 7, 32, 34, encodeQ8_0},
    {"q4_0", 2, 2, 32, 18, encodeSigned<4>},
    {"q4_1", 3, 3, 32, 20, encodeWithMinimum<4>},
    {"q5_0", 6, 8, 32, 22, encodeSigned<5>},
    {"q5_1", 7, 9, 32, 24, encodeWithMinimum<5>},
    {"q2_k", 10, 10, 256, 84, encodeQ2K},
    {"q3_k", 11, 12, 256, 110, encodeQ3K},
    {"q4_k", 12, 15, 256, 144, encodeQ4K},
    {"q5_k", 13, 17, 256, 176, encodeQ5K},
    {"q6_k", 14, 18, 256, 210, encodeQ6K},
    {"iq4_nl", 20, 25, 32, 18, encodeIq4Nl},
    {"iq4_xs", 23, 30, 256, 136, encodeIq4Xs},
    {"mxfp4", 39, 38, 32, 17, encodeMxfp4},
};

} // namespace

void BlockEncoder::encodeAll(std::span<const float> values, std::byte *blocks) const {
  for (size_t at = 0; at < values.size(); at += static_cast<size_t>(elements), blocks += bytes)
    encode(values.data() + at, blocks);
}

const BlockEncoder *findEncoder(std::string_view name) {
  auto at = std::ranges::find(kEncoders, name, &BlockEncoder::name);
  return at == std::end(kEncoders) ? nullptr : at;
}

std::span<const BlockEncoder> blockEncoders() { return kEncoders; }

std::string namesOfEncoders() {
  std::string names;
  for (const BlockEncoder &encoder : kEncoders) {
    bool isLast = &encoder == std::end(kEncoders) - 1;
    names += (names.empty() ? "" : isLast ? " or " : ", ") + std::string(encoder.name);
  }
  return names;
}

} // namespace tern::checkpoint
