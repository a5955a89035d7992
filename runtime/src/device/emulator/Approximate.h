// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

/// Functions to about 1e-12, of sums and products of f64 alone, so that they are the same on every
/// host. Their arguments are numbers of f32.
namespace tern::runtime::emulator {

/// Taylor's series of e^x, for |x| <= 0.35: the next term is below 1e-14.
inline double seriesOfExp(double x) {
  constexpr double terms[] = {1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
                              1.0 / 5040,     1.0 / 720,     1.0 / 120,    1.0 / 24,
                              1.0 / 6,        1.0 / 2,       1.0,          1.0};
  double sum = terms[0];
  for (int i = 1; i < 12; ++i)
    sum = sum * x + terms[i];
  return sum;
}

inline double approximateExp2(double x) {
  // Beyond f32's range on both sides, and NaN goes through.
  double bounded = x < -200 ? -200 : x > 200 ? 200 : x;
  double whole = std::nearbyint(bounded);
  double rest = seriesOfExp((bounded - whole) * 0.693147180559945309417);
  double finite = whole == whole ? whole : 0;
  uint64_t scale = static_cast<uint64_t>(static_cast<int64_t>(finite) + 1023) << 52;
  return rest * std::bit_cast<double>(scale);
}

inline double approximateLog2(double x) {
  if (!(x > 0))
    return x == 0 ? -std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(x))
    return x;
  uint64_t bits = std::bit_cast<uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0xfffffffffffff) | uint64_t{1023} << 52);
  if (m > 1.4142135623730951) {
    m /= 2;
    ++exponent;
  }
  // log m = 2 atanh((m - 1) / (m + 1)); the argument is below 0.172.
  double s = (m - 1) / (m + 1), square = s * s, sum = 0;
  for (int i = 23; i >= 1; i -= 2)
    sum = sum * square + 1.0 / i;
  return exponent + 2 * s * sum * 1.44269504088896340736;
}

/// Sine of x plus a number of quarters of a turn.
inline double sineOf(double x, int quarters) {
  if (!(std::fabs(x) <= std::numeric_limits<double>::max()))
    return std::numeric_limits<double>::quiet_NaN();
  double turns = std::nearbyint(x * 0.636619772367581343076);
  // Two parts of half of pi, of which the first has zeros at its end.
  double rest = (x - turns * 1.57079632673412561417) - turns * 6.07710050650619224932e-11;
  int quadrant = static_cast<int>(std::fmod(turns, 4.0)) + quarters;
  double square = rest * rest, sum = 0;
  bool isCosine = quadrant & 1;
  for (int i = isCosine ? 16 : 17; i >= 2; i -= 2)
    sum = (sum + 1) * -square / (i * (i - 1));
  double value = (sum + 1) * (isCosine ? 1.0 : rest);
  return quadrant & 2 ? -value : value;
}
inline double approximateSin(double x) { return sineOf(x, 0); }
inline double approximateCos(double x) { return sineOf(x, 1); }

inline double approximateTanh(double x) {
  double size = std::fabs(x);
  if (size < 0.05) { // where 1 - 2 / (e^2x + 1) would cancel
    double square = x * x;
    return x * (1 + square * (-1.0 / 3 + square * (2.0 / 15 + square * (-17.0 / 315))));
  }
  double power = approximateExp2(size * 2.88539008177792681472);
  double value = 1 - 2 / (power + 1);
  return x < 0 ? -value : value;
}

} // namespace tern::runtime::emulator
