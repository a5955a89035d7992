// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order of every sum and the candidates of every search are ggml's (ggml-quants.c,
// quantize_row_*_ref), so the bytes are too.
#include "frontend/checkpoint/SuperBlocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>

namespace tern::checkpoint {

namespace {

constexpr int kSuper = 256;
/// Parts whose values are all smaller are 0.
constexpr float kNothing = 1e-15f;

using Part = std::span<const float>;
using Codes = std::array<uint8_t, kSuper>;

int nearest(float value) { return int(std::nearbyint(value)); } // to even
int nearest(float value, int least, int most) { return std::clamp(nearest(value), least, most); }
float asHalf(float value) { return static_cast<float>(static_cast<_Float16>(value)); }

void putHalf(float value, std::byte *at) {
  auto half = static_cast<_Float16>(value);
  std::memcpy(at, &half, sizeof half);
}

float greatest(Part x) {
  return *std::ranges::max_element(x, {}, [](float value) { return std::fabs(value); });
}

//===- Searches for a part's scale ----------------------------------------===//

// Each leaves the codes of what it found: they stay where the scale is rounded to 0.

/// x ~ scale * code - minimum, both at least 0.
struct Affine {
  float scale, minimum;
};

struct AffineSearch {
  int most;      ///< code
  float first;   ///< candidates are (most + first + 0.1 i) / (largest - least),
  int count;     ///< i from 0 to count
  bool absolute; ///< the error, else its square
};

/// Candidates for the scale, each refined by least squares, and how well they fit.
class AffineCandidates {
public:
  AffineCandidates(Part x, std::span<const float> weights, const AffineSearch &search)
      : x(x), weights(weights), search(search), sumW(weights[0]), sumX(weights[0] * x[0]) {
    for (size_t i = 1; i < x.size(); ++i) {
      sumW += weights[i];
      sumX += weights[i] * x[i];
    }
  }

  Affine find(std::span<uint8_t> codes) {
    float least = std::min(std::ranges::min(x), 0.0f), largest = std::ranges::max(x);
    if (largest == least) {
      std::ranges::fill(codes, 0);
      return {0, -least};
    }
    float inverse = float(search.most) / (largest - least), scale = 1 / inverse;
    encode(inverse, least, codes);
    float best = error(scale, least, codes);
    std::array<uint8_t, 32> candidate;
    for (int step = 0; step <= search.count; ++step) {
      // The least value is that of the best candidate so far.
      inverse = (search.first + 0.1f * float(step) + float(search.most)) / (largest - least);
      encode(inverse, least, candidate);
      Affine refined;
      if (!refine(candidate, refined))
        continue;
      if (float found = error(refined.scale, refined.minimum, candidate); found < best) {
        best = found;
        scale = refined.scale;
        least = refined.minimum;
        std::copy_n(candidate.begin(), codes.size(), codes.begin());
      }
    }
    return {scale, -least};
  }

private:
  void encode(float inverse, float least, std::span<uint8_t> codes) const {
    for (size_t i = 0; i < x.size(); ++i)
      codes[i] = uint8_t(nearest(inverse * (x[i] - least), 0, search.most));
  }

  float error(float scale, float least, std::span<const uint8_t> codes) const {
    float sum = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      float difference = scale * float(codes[i]) + least - x[i];
      sum += weights[i] * (search.absolute ? std::fabs(difference) : difference * difference);
    }
    return sum;
  }

  /// The scale and the least value, at most 0, of the least squared error with these codes.
  bool refine(std::span<const uint8_t> codes, Affine &found) const {
    float sumL = 0, sumL2 = 0, sumXL = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      auto code = float(codes[i]);
      sumL += weights[i] * code;
      sumL2 += weights[i] * code * code;
      sumXL += weights[i] * code * x[i];
    }
    float determinant = sumW * sumL2 - sumL * sumL;
    if (!(determinant > 0))
      return false;
    found = {(sumW * sumXL - sumX * sumL) / determinant,
             (sumL2 * sumX - sumL * sumXL) / determinant};
    if (found.minimum > 0)
      found = {sumXL / sumL2, 0};
    return true;
  }

  Part x;
  std::span<const float> weights;
  const AffineSearch &search;
  float sumW, sumX;
};

/// Sums over a part with weights x^2: scale = xl / l2 fits best.
struct Fit {
  float xl = 0, l2 = 0;

  void add(float x, float value) {
    float weight = x * x;
    xl += weight * x * value;
    l2 += weight * value * value;
  }
  float scale() const { return xl / l2; }
};

/// The scale of x ~ scale * code, codes from -most to most - 1, kept as code + most.
float searchSigned(Part x, int most, std::span<uint8_t> codes) {
  std::ranges::fill(codes, 0);
  float top = greatest(x);
  if (std::fabs(top) < kNothing)
    return 0;
  float scale = 0, best = 0;
  for (int step : {0, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
    float inverse = -(float(most) + 0.1f * float(step)) / top;
    Fit fit;
    std::array<uint8_t, 16> candidate;
    for (size_t i = 0; i < x.size(); ++i) {
      int code = nearest(inverse * x[i], -most, most - 1);
      candidate[i] = uint8_t(code + most);
      fit.add(x[i], float(code));
    }
    if (step != 0 && !(fit.l2 > 0 && fit.xl * fit.xl > best * fit.l2))
      continue;
    scale = fit.l2 != 0 ? fit.scale() : 0;
    best = scale * fit.xl;
    std::ranges::copy(candidate, codes.begin());
  }
  return scale;
}

/// The same by changing one code after the other as long as that helps, at most five times over.
float improveSigned(Part x, int most, std::span<uint8_t> codes) {
  std::ranges::fill(codes, 0);
  float top = greatest(x);
  if (std::fabs(top) < kNothing)
    return 0;
  float inverse = float(-most) / top;
  Fit fit;
  for (size_t i = 0; i < x.size(); ++i) {
    int code = nearest(inverse * x[i], -most, most - 1);
    codes[i] = uint8_t(code + most);
    fit.add(x[i], float(code));
  }
  bool changed = true;
  for (int round = 0; round < 5 && changed; ++round) {
    changed = false;
    for (size_t i = 0; i < x.size(); ++i) {
      float weight = x[i] * x[i];
      auto code = float(codes[i] - most);
      Fit other{fit.xl - weight * x[i] * code, fit.l2 - weight * code * code};
      if (!(other.xl > 0))
        continue;
      int better = nearest(x[i] * other.l2 / other.xl, -most, most - 1);
      other.add(x[i], float(better));
      if (better + most != codes[i] && other.l2 > 0 &&
          other.xl * other.xl * fit.l2 > fit.xl * fit.xl * other.l2) {
        codes[i] = uint8_t(better + most);
        fit = other;
        changed = true;
      }
    }
  }
  return fit.l2 > 0 ? fit.scale() : 0;
}

//===- Super-blocks -------------------------------------------------------===//

/// Parts of a super-block with scales and minima, and what scales them.
template <int parts> class AffineParts {
public:
  static constexpr int width = kSuper / parts;

  /// Weights |x|, and the part's root mean square more if `withMean`. Integer scales go up to
  /// `mostScale`.
  AffineParts(const float *values, const AffineSearch &search, bool withMean, int mostScale) {
    std::array<Affine, parts> found;
    for (int j = 0; j < parts; ++j) {
      Part x(values + width * j, width);
      float sum = 0;
      for (float value : x)
        sum += value * value;
      float mean = withMean ? std::sqrt(sum / width) : 0;
      std::array<float, width> weights;
      std::ranges::transform(x, weights.begin(), [&](float v) { return mean + std::fabs(v); });
      found[j] =
          AffineCandidates(x, weights, search).find(std::span(codes).subspan(width * j, width));
    }
    roundScales(found, mostScale);
    for (int i = 0; i < kSuper; ++i) {
      float step = asHalf(scale) * scales[i / width], less = asHalf(minimum) * minima[i / width];
      if (step != 0)
        codes[i] = uint8_t(nearest((values[i] + less) / step, 0, search.most));
    }
  }

  std::array<uint8_t, parts> scales, minima; ///< integers
  float scale = 0, minimum = 0;
  Codes codes; ///< that suit the scales as they are stored

private:
  void roundScales(std::span<const Affine> found, int most) {
    float topScale = 0, topMinimum = 0;
    for (const Affine &part : found) {
      topScale = std::max(topScale, part.scale);
      topMinimum = std::max(topMinimum, part.minimum);
    }
    float inverseScale = topScale > 0 ? float(most) / topScale : 0;
    float inverseMinimum = topMinimum > 0 ? float(most) / topMinimum : 0;
    for (int j = 0; j < parts; ++j) {
      scales[j] = uint8_t(std::min(most, nearest(inverseScale * found[j].scale)));
      minima[j] = uint8_t(std::min(most, nearest(inverseMinimum * found[j].minimum)));
    }
    scale = topScale / float(most);
    minimum = topMinimum / float(most);
  }
};

/// Two bits of each code: in 32 bytes those of 128 elements, 32 after the other.
void putPairs(const Codes &codes, std::byte *at) {
  for (int first = 0; first < kSuper; first += 128)
    for (int i = first; i < first + 32; ++i)
      *at++ = std::byte((codes[i] & 3) | (codes[i + 32] & 3) << 2 | (codes[i + 64] & 3) << 4 |
                        (codes[i + 96] & 3) << 6);
}

/// Low nibbles: in 32 bytes those of 64 elements, 32 low and 32 high.
void putNibbles(const Codes &codes, std::byte *at) {
  for (int first = 0; first < kSuper; first += 64)
    for (int i = first; i < first + 32; ++i)
      *at++ = std::byte((codes[i] & 15) | (codes[i + 32] & 15) << 4);
}

/// Eight 6-bit scales and minima in 12 bytes: of the last four, the low four bits share a byte and
/// the upper two lie above the first four.
void putScales(const AffineParts<8> &parts, std::byte *at) {
  std::array<uint8_t, 12> bytes{};
  for (int j = 0; j < 4; ++j) {
    int scale = parts.scales[j + 4], minimum = parts.minima[j + 4];
    bytes[j] = uint8_t(parts.scales[j] | scale >> 4 << 6);
    bytes[j + 4] = uint8_t(parts.minima[j] | minimum >> 4 << 6);
    bytes[j + 8] = uint8_t((scale & 15) | (minimum & 15) << 4);
  }
  std::memcpy(at, bytes.data(), bytes.size());
}

//===- Code tables --------------------------------------------------------===//

/// IQ4_NL's values of the 16 codes (ggml-common.h, kvalues_iq4nl).
constexpr std::array<int8_t, 16> kNonLinear = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};

int nearestCode(float value) {
  auto above = std::ranges::upper_bound(kNonLinear, value, {}, [](int8_t v) { return float(v); });
  auto at = int(above - kNonLinear.begin());
  if (at == 0 || at == 16)
    return std::min(at, 15);
  return value - float(kNonLinear[at - 1]) < float(kNonLinear[at]) - value ? at - 1 : at;
}

/// The scale of x ~ scale * table[code] with weights x^2.
float searchTable(Part x) {
  constexpr int kTries = 7;
  float top = greatest(x);
  if (std::fabs(top) < kNothing)
    return 0;
  float scale = 0, best = 0;
  auto consider = [&](float inverse, bool isFirst) {
    Fit fit;
    for (float value : x) {
      float weight = value * value, code = kNonLinear[nearestCode(inverse * value)];
      fit.xl += weight * code * value; // rounds in another order than add()
      fit.l2 += weight * code * code;
    }
    if (!isFirst && !(fit.l2 > 0 && fit.xl * fit.xl > best * fit.l2))
      return;
    scale = fit.scale();
    best = scale * fit.xl;
  };
  consider(1 / (-top / float(kNonLinear[0])), true);
  for (int step = -kTries; step <= kTries; ++step)
    consider(float(step + kNonLinear[0]) / top, false);
  return scale;
}

void putTableCodes(Part x, float scale, std::byte *at) {
  float inverse = scale != 0 ? 1 / scale : 0;
  for (size_t i = 0; i < 16; ++i)
    at[i] = std::byte(nearestCode(inverse * x[i]) | nearestCode(inverse * x[i + 16]) << 4);
}

} // namespace

/// scales[16] (scale in the low, minimum in the high nibble), pairs[64], d, dmin.
void encodeQ2K(const float *values, std::byte *block) {
  AffineParts<16> parts(values, {3, -0.5f, 15, true}, false, 15);
  for (int j = 0; j < 16; ++j)
    block[j] = std::byte(parts.scales[j] | parts.minima[j] << 4);
  putPairs(parts.codes, block + 16);
  putHalf(parts.scale, block + 80);
  putHalf(parts.minimum, block + 82);
}

/// hmask[32] (the third bits), pairs[64], scales[12] (16 of 6 bits, 32 more than they are), d.
void encodeQ3K(const float *values, std::byte *block) {
  std::array<float, 16> found;
  Codes codes;
  for (int j = 0; j < 16; ++j)
    found[j] = improveSigned({values + 16 * j, 16}, 4, std::span(codes).subspan(16 * j, 16));
  float top = greatest(found), inverse = top != 0 ? -32 / top : 0;
  float scale = top != 0 ? 1 / inverse : 0;
  std::memset(block, 0, 110);
  std::byte *masks = block, *scales = block + 96;
  for (int j = 0; j < 16; ++j) {
    // Without a scale the bits are 0, which says -32.
    int code = top != 0 ? nearest(inverse * found[j], -32, 31) + 32 : 0;
    scales[j % 8] |= std::byte((code & 15) << (j < 8 ? 0 : 4));
    scales[8 + j % 4] |= std::byte(code >> 4 << 2 * (j / 4));
    float step = asHalf(scale) * float(code - 32);
    for (int i = 16 * j; step != 0 && i < 16 * (j + 1); ++i)
      codes[i] = uint8_t(nearest(values[i] / step, -4, 3) + 4);
  }
  for (int i = 0; i < kSuper; ++i)
    if (codes[i] > 3)
      masks[i % 32] |= std::byte(1 << i / 32);
  putPairs(codes, block + 32);
  putHalf(scale, block + 108);
}

/// d, dmin, scales[12], nibbles[128].
void encodeQ4K(const float *values, std::byte *block) {
  AffineParts<8> parts(values, {15, -1, 20, false}, true, 63);
  putHalf(parts.scale, block);
  putHalf(parts.minimum, block + 2);
  putScales(parts, block + 4);
  putNibbles(parts.codes, block + 16);
}

/// d, dmin, scales[12], fifth bits[32], nibbles[128].
void encodeQ5K(const float *values, std::byte *block) {
  AffineParts<8> parts(values, {31, -0.5f, 15, false}, true, 63);
  putHalf(parts.scale, block);
  putHalf(parts.minimum, block + 2);
  putScales(parts, block + 4);
  std::byte *fifth = block + 16;
  std::memset(fifth, 0, 32);
  for (int i = 0; i < kSuper; ++i)
    fifth[i % 32] |= std::byte((parts.codes[i] >> 4) << i / 32);
  putNibbles(parts.codes, block + 48);
}

/// low nibbles[128], upper pairs[64], scales[16], d.
void encodeQ6K(const float *values, std::byte *block) {
  std::array<float, 16> found;
  Codes codes, upper;
  for (int j = 0; j < 16; ++j)
    found[j] = searchSigned({values + 16 * j, 16}, 32, std::span(codes).subspan(16 * j, 16));
  std::memset(block, 0, 210);
  float top = greatest(found);
  if (std::fabs(top) < kNothing)
    return;
  float inverse = -128 / top, scale = 1 / inverse;
  for (int j = 0; j < 16; ++j) {
    int code = std::min(127, nearest(inverse * found[j]));
    block[192 + j] = std::byte(int8_t(code));
    float step = asHalf(scale) * float(code);
    for (int i = 16 * j; step != 0 && i < 16 * (j + 1); ++i)
      codes[i] = uint8_t(nearest(values[i] / step, -32, 31) + 32);
  }
  for (int first = 0; first < kSuper; first += 128)
    for (int i = 0; i < 64; ++i)
      block[first / 2 + i] = std::byte((codes[first + i] & 15) | (codes[first + i + 64] & 15) << 4);
  std::ranges::transform(codes, upper.begin(), [](uint8_t code) { return uint8_t(code >> 4); });
  putPairs(upper, block + 128);
  putHalf(scale, block + 208);
}

/// d, nibbles[16] by a table of values.
void encodeIq4Nl(const float *values, std::byte *block) {
  Part x(values, 32);
  float scale = searchTable(x);
  putHalf(scale, block);
  putTableCodes(x, scale, block + 2);
}

/// d, the upper pairs of 8 scales[2], their low nibbles[4], nibbles[128] by a table of values.
void encodeIq4Xs(const float *values, std::byte *block) {
  std::array<float, 8> found;
  for (int j = 0; j < 8; ++j)
    found[j] = searchTable({values + 32 * j, 32});
  float top = greatest(found), scale = -top / 32, inverse = scale != 0 ? 1 / scale : 0;
  putHalf(scale, block);
  std::memset(block + 2, 0, 6);
  uint16_t upper = 0;
  for (int j = 0; j < 8; ++j) {
    int code = nearest(inverse * found[j], -32, 31);
    putTableCodes({values + 32 * j, 32}, scale * float(code), block + 8 + 16 * j);
    upper |= uint16_t((code + 32) >> 4 << 2 * j);
    block[4 + j / 2] |= std::byte(((code + 32) & 15) << 4 * (j % 2));
  }
  std::memcpy(block + 2, &upper, sizeof upper);
}

} // namespace tern::checkpoint
