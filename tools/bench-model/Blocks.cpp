// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/bench-model/Blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tern::bench {

template <typename T> static void append(T value, std::string &out) {
  out.append(reinterpret_cast<const char *>(&value), sizeof(T));
}

static void encodeF32(std::span<const float> values, std::string &out) { append(values[0], out); }

static void encodeF16(std::span<const float> values, std::string &out) {
  append(static_cast<_Float16>(values[0]), out);
}

static void encodeBf16(std::span<const float> values, std::string &out) {
  uint32_t bits = std::bit_cast<uint32_t>(values[0]);
  append(static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16), out); // to even
}

static void encodeQ8_0(std::span<const float> values, std::string &out) {
  float most = 0;
  for (float value : values)
    most = std::max(most, std::fabs(value));
  float scale = most / 127, inverse = scale != 0 ? 1 / scale : 0;
  append(static_cast<_Float16>(scale), out);
  for (float value : values)
    append(static_cast<int8_t>(std::nearbyint(value * inverse)), out);
}

/// Codes (value - least) / scale, the first half of the block in the low nibbles.
static void appendNibbles(std::span<const float> values, float least, float scale,
                          std::string &out) {
  float inverse = scale != 0 ? 1 / scale : 0;
  auto codeOf = [&](float value) {
    return std::clamp(static_cast<int>(std::floor((value - least) * inverse + 0.5f)), 0, 15);
  };
  size_t half = values.size() / 2;
  for (size_t i = 0; i < half; ++i)
    append(static_cast<uint8_t>(codeOf(values[i]) | codeOf(values[half + i]) << 4), out);
}

static void encodeQ4_0(std::span<const float> values, std::string &out) {
  float most = *std::ranges::max_element(values, {}, [](float value) { return std::fabs(value); });
  auto scale = static_cast<_Float16>(most / -8); // the value of greatest magnitude has code 0
  append(scale, out);
  appendNibbles(values, -8 * static_cast<float>(scale), static_cast<float>(scale), out);
}

static void encodeQ4_1(std::span<const float> values, std::string &out) {
  auto [least, most] = std::ranges::minmax(values);
  float scale = (most - least) / 15;
  append(static_cast<_Float16>(scale), out);
  append(static_cast<_Float16>(least), out);
  appendNibbles(values, least, scale, out);
}

const BlockFormat *findFormat(const std::string &name) {
  static const BlockFormat formats[] = {
      {"f32", 0, 0, 1, 4, encodeF32},     {"f16", 1, 1, 1, 2, encodeF16},
      {"bf16", 30, 32, 1, 2, encodeBf16}, {"q8_0", 8, 7, 32, 34, encodeQ8_0},
      {"q4_0", 2, 2, 32, 18, encodeQ4_0}, {"q4_1", 3, 3, 32, 20, encodeQ4_1},
  };
  auto at = std::ranges::find(formats, name, &BlockFormat::name);
  return at == std::end(formats) ? nullptr : at;
}

} // namespace tern::bench
