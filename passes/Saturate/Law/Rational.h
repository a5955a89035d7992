// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_LAW_RATIONAL_H
#define TERN_PASSES_SATURATE_LAW_RATIONAL_H

#include <compare>
#include <cstdint>
#include <string>

namespace tern::law {

/// A fraction of 64-bit integers in lowest terms, its denominator above 0. What does not fit has
/// the denominator 0, and so has all that is computed from it.
class Rational {
public:
  Rational(int64_t whole = 0) : top(whole) {}
  Rational(int64_t numerator, int64_t denominator) : Rational(reduced(numerator, denominator)) {}

  int64_t numerator() const { return top; }
  int64_t denominator() const { return bottom; }
  bool fits() const { return bottom != 0; }
  bool isWhole() const { return bottom == 1; }
  bool isEven() const { return bottom == 1 && top % 2 == 0; }
  /// The largest integer that is not above it.
  int64_t floor() const { return bottom == 0 ? 0 : top / bottom - (top % bottom < 0); }
  double toDouble() const { return double(top) / double(bottom); }
  std::string toString() const {
    return std::to_string(top) + (bottom == 1 ? "" : "/" + std::to_string(bottom));
  }

  Rational operator-() const { return reduced(-Wide(top), bottom); }
  Rational operator+(Rational o) const {
    return reduced(Wide(top) * o.bottom + Wide(o.top) * bottom, Wide(bottom) * o.bottom);
  }
  Rational operator-(Rational o) const { return *this + -o; }
  Rational operator*(Rational o) const {
    return reduced(Wide(top) * o.top, Wide(bottom) * o.bottom);
  }
  /// Division by 0 does not fit.
  Rational operator/(Rational o) const {
    return fits() && o.fits() ? reduced(Wide(top) * o.bottom, Wide(bottom) * o.top) : unfit();
  }

  bool operator==(const Rational &) const = default;
  std::strong_ordering operator<=>(Rational o) const {
    return Wide(top) * o.bottom <=> Wide(o.top) * bottom;
  }

private:
  using Wide = __int128;

  static Rational unfit() {
    Rational r;
    r.bottom = 0;
    return r;
  }
  static Rational reduced(Wide top, Wide bottom) {
    if (bottom == 0)
      return unfit();
    Wide a = top < 0 ? -top : top, b = bottom < 0 ? -bottom : bottom;
    while (b != 0) {
      Wide rest = a % b;
      a = b;
      b = rest;
    }
    if (bottom < 0)
      a = -a;
    top /= a;
    bottom /= a;
    Rational r;
    r.top = int64_t(top);
    r.bottom = int64_t(bottom);
    return r.top == top && r.bottom == bottom ? r : unfit();
  }

  int64_t top = 0, bottom = 1;
};

} // namespace tern::law

#endif
