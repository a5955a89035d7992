// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_TRIAL_NUMBER_H
#define TERN_PASSES_SATURATE_TRIAL_NUMBER_H

namespace tern::trial {

/// To the nearest number of 8 significant bits, ties to even.
float roundToBfloat(float x);

/// bfloat16: each operation is that of float, rounded.
class Bfloat {
public:
  Bfloat(double x = 0) : value(roundToBfloat(float(x))) {}
  explicit operator double() const { return double(value); }
  Bfloat operator-() const { return Bfloat(-double(value)); }
  Bfloat operator+(Bfloat o) const { return value + o.value; }
  Bfloat operator-(Bfloat o) const { return value - o.value; }
  Bfloat operator*(Bfloat o) const { return value * o.value; }
  Bfloat operator/(Bfloat o) const { return value / o.value; }

private:
  float value;
};

} // namespace tern::trial

#endif
