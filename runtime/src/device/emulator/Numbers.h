// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

/// The narrow formats of floating point and the roundings of PTX. A NaN result is the canonical
/// one: all ones but for the sign.
namespace tern::runtime::emulator {

enum class Rounding : uint8_t { Nearest, Zero, Down, Up, Away };

inline constexpr uint32_t canonicalNan = 0x7fffffff;
inline constexpr uint16_t canonicalHalfNan = 0x7fff; ///< of bf16 too

inline float flush(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>(bits & 0x7f800000 ? bits : bits & 0x80000000);
}

inline float canonical(float value) {
  return value == value ? value : std::bit_cast<float>(canonicalNan);
}

/// .sat: to [0, 1], NaN to 0.
inline float saturate(float value) { return value > 0 ? (value < 1 ? value : 1.0f) : 0.0f; }

inline float fromHalf(uint16_t bits) { return static_cast<float>(std::bit_cast<_Float16>(bits)); }

inline uint16_t toHalf(float value) {
  uint16_t bits = std::bit_cast<uint16_t>(static_cast<_Float16>(value));
  return value == value ? bits : canonicalHalfNan;
}

inline float fromBf16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

inline uint16_t toBf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
  return value == value ? static_cast<uint16_t>(rounded >> 16) : canonicalHalfNan;
}

/// a + b rounded to odd, from where a rounding to at most 51 bits is exact.
inline double sumToOdd(double a, double b) {
  double sum = a + b;
  double part = sum - a;
  double lost = (a - (sum - part)) + (b - part);
  uint64_t bits = std::bit_cast<uint64_t>(sum);
  bool isInexact = (lost > 0 || lost < 0) && !(bits & 1);
  uint64_t step = (lost > 0) == (sum > 0) ? uint64_t{1} : ~uint64_t{0};
  return std::bit_cast<double>(isInexact ? bits + step : bits);
}

/// Rounded to odd, from where a rounding to at most 22 bits is exact.
inline float toFloatOdd(double value) {
  float near = static_cast<float>(value);
  double back = near;
  uint32_t bits = std::bit_cast<uint32_t>(near);
  bool isInexact = (back > value || back < value) && !(bits & 1);
  uint32_t step = std::fabs(back) > std::fabs(value) ? ~0u : 1u;
  return std::bit_cast<float>(isInexact ? bits + step : bits);
}

/// A format of `precision` bits with the implicit one; `least` is the exponent of the least normal
/// number, `infinity` the encoding of infinity.
struct Format {
  int precision, least;
  uint32_t infinity;
};
inline constexpr Format half{11, -14, 0x7c00}, bfloat{8, -126, 0x7f80};
/// As Format, with 19 bits used of an f32's 32: the encoding is to be shifted left by 13.
inline constexpr Format tensorFloat{11, -126, 0xff << 10};

/// A number in a narrow format, without its sign. NaN is not expected.
inline uint32_t narrowMagnitude(double magnitude, bool isNegative, const Format &format,
                                Rounding rounding) {
  if (magnitude == 0)
    return 0;
  bool goesUp = rounding == (isNegative ? Rounding::Down : Rounding::Up);
  bool isNear = rounding == Rounding::Nearest || rounding == Rounding::Away;
  if (std::isinf(magnitude))
    return format.infinity;
  int exponent = std::max(std::ilogb(magnitude), format.least);
  double scaled = std::ldexp(magnitude, format.precision - 1 - exponent);
  double whole = std::floor(scaled), rest = scaled - whole;
  uint64_t digits = static_cast<uint64_t>(whole);
  bool isTie = rest == 0.5;
  if (isNear ? rest > 0.5 || (isTie && (rounding == Rounding::Away || (digits & 1)))
             : goesUp && rest > 0)
    ++digits;
  uint64_t encoded =
      digits + (static_cast<uint64_t>(exponent - format.least) << (format.precision - 1));
  if (encoded < format.infinity)
    return static_cast<uint32_t>(encoded);
  return isNear || goesUp ? format.infinity : format.infinity - 1;
}

/// A number in a format of 16 bits.
inline uint16_t narrow(double value, const Format &format, Rounding rounding) {
  if (value != value)
    return canonicalHalfNan;
  bool isNegative = std::signbit(value);
  uint32_t bits = narrowMagnitude(std::fabs(value), isNegative, format, rounding);
  return static_cast<uint16_t>(bits | (isNegative ? 0x8000 : 0));
}

} // namespace tern::runtime::emulator
