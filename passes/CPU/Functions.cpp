// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Functions.h"

#include <limits>

namespace tern::cpu::functions {

using FloatPredicate = KernelBuilder::FloatPredicate;
using IntPredicate = KernelBuilder::IntPredicate;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static Value number(KernelBuilder &k, Value like, double value) {
  return k.constant(like.getType(), value);
}

/// c[0] + c[1] x + c[2] x^2 + ..., by Horner's rule.
static Value polynomial(KernelBuilder &k, Value x, llvm::ArrayRef<double> c) {
  Value sum = number(k, x, c.back());
  for (double coefficient : llvm::reverse(c.drop_back()))
    sum = k.fma(sum, x, number(k, x, coefficient));
  return sum;
}

namespace {
/// x to the nearest integer, for |x| <= 2^22: adding 1.5 * 2^23 leaves no bits for a fraction.
struct Rounded {
  Value shifted; // its low bits are the integer's
  Value whole;   // as a float
};
} // namespace

static Rounded roundToInteger(KernelBuilder &k, Value x) {
  Value shift = number(k, x, 12582912.0);
  Value shifted = k.add(x, shift);
  return {shifted, k.sub(shifted, shift)};
}

/// x * 2^n, where `rounded` holds n and neither x nor the result is subnormal or infinite.
static Value scaleByPower(KernelBuilder &k, Value x, Value shifted) {
  Type bits = KernelBuilder::withElement(x, k.i32());
  Value exponent = k.shiftLeft(k.bitcast(shifted, bits), 23);
  return k.bitcast(k.add(k.bitcast(x, bits), exponent), x.getType());
}

/// `value`, which was scaled by a power, where x >= limit, NaN where x is, else 0. A CPU's NaN has
/// no bits in its way that the scaling could change; a GPU's has all of them set.
static Value zeroBelow(KernelBuilder &k, Value x, double limit, Value value) {
  Value below = k.compare(FloatPredicate::OLT, x, number(k, x, limit));
  Value result = k.select(below, k.zero(x.getType()), value);
  if (!k.target().warp)
    return result;
  return k.select(k.compare(FloatPredicate::UNO, x, x), x, result);
}

static Value signOf(KernelBuilder &k, Value x) {
  return k.bitAnd(k.bitcast(x, KernelBuilder::withElement(x, k.i32())), int64_t(0x80000000));
}

static Value withSign(KernelBuilder &k, Value x, Value sign) {
  return k.bitcast(k.bitOr(k.bitcast(x, sign.getType()), sign), x.getType());
}

/// x, or -x where `sign` has its highest bit set.
static Value flipSign(KernelBuilder &k, Value x, Value sign) {
  Value bits = k.bitcast(x, sign.getType());
  return k.bitcast(k.builder().createOrFold<mlir::arith::XOrIOp>(bits, sign), x.getType());
}

//===----------------------------------------------------------------------===//
// Powers and logarithms
//===----------------------------------------------------------------------===//

Value exp2(KernelBuilder &k, Value x) {
  auto [shifted, whole] = roundToInteger(k, x);
  Value f = k.sub(x, whole);
  // (2^f - 1) / f on [-1/2, 1/2], error 2e-9.
  Value p = polynomial(k, f,
                       {1.0, 6.931471825e-01, 2.402264774e-01, 5.550331995e-02, 9.618439712e-03,
                        1.339913346e-03, 1.535315241e-04});
  return zeroBelow(k, x, -126.0, scaleByPower(k, p, shifted));
}

Value exp(KernelBuilder &k, Value x) {
  auto [shifted, whole] = roundToInteger(k, k.mul(x, number(k, x, 1.442695022)));
  Value n = k.neg(whole);
  Value r = k.fma(n, number(k, x, 6.931471825e-01), x); // ln 2 in two parts
  r = k.fma(n, number(k, x, -1.904654212e-09), r);
  // (e^r - 1 - r) / r^2 on |r| <= ln(2) / 2, error 3e-9.
  Value q = polynomial(
      k, r, {4.999999404e-01, 1.666651517e-01, 4.166845605e-02, 8.369418792e-03, 1.381314243e-03});
  Value p = k.add(k.fma(k.mul(r, r), q, r), number(k, x, 1.0));
  Value result = zeroBelow(k, x, -87.33654, scaleByPower(k, p, shifted));
  Value above = k.compare(FloatPredicate::OGT, x, number(k, x, 88.7228));
  return k.select(above, number(k, x, kInfinity), result);
}

Value log(KernelBuilder &k, Value x) {
  Type bits = KernelBuilder::withElement(x, k.i32());
  Value isSmall = k.compare(FloatPredicate::OLT, x, number(k, x, 0x1p-126));
  Value scaled = k.select(isSmall, k.mul(x, number(k, x, 0x1p24)), x);
  // x = 2^e * m with m in [sqrt(1/2), sqrt(2)): 0x3f3504f3 is sqrt(1/2).
  Value distance = k.sub(k.bitcast(scaled, bits), 0x3f3504f3);
  Value e = k.toFloat(k.shiftRightSigned(distance, 23));
  Value m = k.bitcast(k.add(k.bitAnd(distance, 0x7fffff), 0x3f3504f3), x.getType());
  e = k.sub(e, k.select(isSmall, number(k, x, 24.0), number(k, x, 0.0)));
  Value f = k.sub(m, number(k, x, 1.0));
  // (ln(1 + f) - f + f^2 / 2) / f^3, error 8e-10.
  Value q = polynomial(k, f,
                       {3.333331048e-01, -2.500000894e-01, 2.000219375e-01, -1.666805148e-01,
                        1.421789825e-01, -1.240330711e-01, 1.189902127e-01, -1.169571579e-01,
                        6.746432185e-02});
  Value square = k.mul(f, f);
  Value tail = k.fma(k.mul(square, f), q, k.mul(e, number(k, x, -1.904654212e-09)));
  tail = k.fma(square, number(k, x, -0.5), tail);
  Value result = k.fma(e, number(k, x, 6.931471825e-01), k.add(f, tail));
  auto where = [&](FloatPredicate predicate, double limit, double value) {
    Value condition = k.compare(predicate, x, number(k, x, limit));
    result = k.select(condition, number(k, x, value), result);
  };
  where(FloatPredicate::OEQ, 0.0, -kInfinity);
  where(FloatPredicate::OEQ, kInfinity, kInfinity);
  where(FloatPredicate::ULT, 0.0, std::numeric_limits<double>::quiet_NaN());
  return result;
}

/// For x above -1 and finite, ln(1 + x) = x * ln(u) / (u - 1) with u = 1 + x rounded; what u lost
/// cancels.
static Value log1pOfFinite(KernelBuilder &k, Value x) {
  Value one = number(k, x, 1.0), u = k.add(x, one), difference = k.sub(u, one);
  Value isLost = k.compare(FloatPredicate::OEQ, difference, number(k, x, 0.0));
  Value quotient = k.div(log(k, u), k.select(isLost, one, difference));
  return k.select(isLost, x, k.mul(x, quotient));
}

Value log1p(KernelBuilder &k, Value x) {
  Value isInfinite = k.compare(FloatPredicate::OEQ, x, number(k, x, kInfinity));
  return k.select(isInfinite, x, log1pOfFinite(k, x));
}

Value pow(KernelBuilder &k, Value x, Value y) {
  Value magnitude = exp(k, k.mul(y, log(k, k.abs(x))));
  // From 2^23 on every float is an integer, from 2^24 on an even one.
  Value limit = number(k, y, 0x1p23);
  auto isWhole = [&](Value v) {
    Value size = k.abs(v);
    Value rounded = k.sub(k.add(size, limit), limit);
    Value isLarge = k.compare(FloatPredicate::OGE, size, limit);
    Value isEqual = k.compare(FloatPredicate::OEQ, size, rounded);
    return k.builder().createOrFold<mlir::arith::OrIOp>(isLarge, isEqual);
  };
  Value isOdd = k.builder().createOrFold<mlir::arith::AndIOp>(
      isWhole(y), k.builder().createOrFold<mlir::arith::XOrIOp>(
                      isWhole(k.mul(y, number(k, y, 0.5))),
                      k.integer(KernelBuilder::withElement(y, k.i1()), 1)));
  Value negative = k.select(isWhole(y), k.select(isOdd, k.neg(magnitude), magnitude),
                            number(k, x, std::numeric_limits<double>::quiet_NaN()));
  Value isNegative = k.compare(FloatPredicate::OLT, x, number(k, x, 0.0));
  Value result = k.select(isNegative, negative, magnitude);
  Value isZero = k.compare(FloatPredicate::OEQ, y, number(k, y, 0.0));
  return k.select(isZero, number(k, x, 1.0), result);
}

//===----------------------------------------------------------------------===//
// Angles
//===----------------------------------------------------------------------===//

namespace {
/// An angle less the nearest multiple of pi/2, and which multiple that is.
struct Angle {
  Value sine, cosine; ///< of the rest
  Value quadrant;     ///< its low bits are the multiple's
};
} // namespace

/// The nearest multiple of pi/2 is taken away in three parts: the first difference is exact for
/// |x| <= 1e6, the third part is below 1e-9.
static Angle angleOf(KernelBuilder &k, Value x) {
  auto [shifted, whole] = roundToInteger(k, k.mul(x, number(k, x, 6.366197467e-01)));
  Value n = k.neg(whole), r = x;
  for (double part : {1.570796371, -4.371138829e-08, -1.715124510e-15})
    r = k.fma(n, number(k, x, part), r);
  Value square = k.mul(r, r);
  // (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 on |r| <= 0.84, errors below 1e-11.
  Value sine =
      polynomial(k, square, {-1.666666716e-01, 8.333327249e-03, -1.983870752e-04, 2.712718924e-06});
  sine = k.fma(k.mul(square, r), sine, r);
  Value cosine =
      polynomial(k, square, {4.166666791e-02, -1.388888108e-03, 2.479879367e-05, -2.715466962e-07});
  cosine =
      k.fma(k.mul(square, square), cosine, k.fma(square, number(k, x, -0.5), number(k, x, 1.0)));
  return {sine, cosine, k.bitcast(shifted, KernelBuilder::withElement(x, k.i32()))};
}

static Value isOdd(KernelBuilder &k, Value quadrant) {
  return k.compare(IntPredicate::ne, k.bitAnd(quadrant, 1), 0);
}

/// sin(x + quarters * pi / 2).
static Value turn(KernelBuilder &k, Value x, int64_t quarters) {
  Angle angle = angleOf(k, x);
  Value quadrant = k.add(angle.quadrant, quarters);
  return flipSign(k, k.select(isOdd(k, quadrant), angle.cosine, angle.sine),
                  k.shiftLeft(k.bitAnd(quadrant, 2), 30));
}

Value sin(KernelBuilder &k, Value x) { return turn(k, x, 0); }
Value cos(KernelBuilder &k, Value x) { return turn(k, x, 1); }

/// tan(x + quarters * pi / 2), quarters 0 or 1: sine over cosine, or, past an odd multiple of
/// pi/2, minus cosine over sine.
static Value slope(KernelBuilder &k, Value x, int64_t quarters) {
  Angle angle = angleOf(k, x);
  Value isTurned = isOdd(k, k.add(angle.quadrant, quarters));
  Value above = k.select(isTurned, k.neg(angle.cosine), angle.sine);
  return k.div(above, k.select(isTurned, angle.sine, angle.cosine));
}

Value tan(KernelBuilder &k, Value x) { return slope(k, x, 0); }
Value cot(KernelBuilder &k, Value x) { return k.neg(slope(k, x, 1)); }

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Value tanh(KernelBuilder &k, Value x) {
  Value size = k.abs(x), square = k.mul(x, x), one = number(k, x, 1.0);
  // (tanh t - t) / t^3 on |t| <= 0.63, error 2e-10.
  Value small = polynomial(k, square,
                           {-3.333333135e-01, 1.333319694e-01, -5.394551903e-02, 2.169368230e-02,
                            -8.159557357e-03, 2.126228763e-03});
  small = k.fma(k.mul(square, size), small, size);
  Value power = exp(k, k.add(size, size));
  Value large = k.sub(one, k.div(number(k, x, 2.0), k.add(power, one)));
  Value isLarge = k.compare(FloatPredicate::OGE, size, number(k, x, 0.625));
  return withSign(k, k.select(isLarge, large, small), signOf(k, x));
}

Value erf(KernelBuilder &k, Value x) {
  Value size = k.abs(x), square = k.mul(x, x);
  // erf(t) / t - 1 on |t| <= 0.93, error 5e-10.
  Value small = polynomial(k, square,
                           {1.283791661e-01, -3.761263192e-01, 1.128368750e-01, -2.685894445e-02,
                            5.199911073e-03, -8.130054921e-04, 8.316925232e-05});
  small = k.fma(size, small, size);
  // ln(1 - erf(t)) / t on [0.91, 3.95], error 2e-10 in erf; beyond, erf rounds to 1.
  Value t = k.min(size, number(k, x, 3.94));
  Value large = polynomial(k, t,
                           {-1.128546596e+00, -6.356493235e-01, -1.052159816e-01, 2.262489498e-02,
                            -2.899733372e-03, 3.857322372e-05, 4.774342233e-05, -5.115780823e-06});
  large = k.sub(number(k, x, 1.0), exp(k, k.mul(large, t)));
  Value isLarge = k.compare(FloatPredicate::OGE, size, number(k, x, 0.92));
  return withSign(k, k.select(isLarge, large, small), signOf(k, x));
}

Value sigmoid(KernelBuilder &k, Value x) {
  Value one = number(k, x, 1.0);
  return k.div(one, k.add(exp(k, k.neg(x)), one));
}

Value softplus(KernelBuilder &k, Value x) {
  Value tail = log1pOfFinite(k, exp(k, k.neg(k.abs(x))));
  return k.add(k.max(x, number(k, x, 0.0)), tail);
}

Value silu(KernelBuilder &k, Value x) {
  return k.div(x, k.add(exp(k, k.neg(x)), number(k, x, 1.0)));
}

Value gelu(KernelBuilder &k, Value x) {
  Value step = erf(k, k.mul(x, number(k, x, 0.70710678118654752)));
  Value half = k.mul(x, number(k, x, 0.5));
  return k.fma(half, step, half);
}

Value geluTanh(KernelBuilder &k, Value x) {
  // -2 sqrt(2/pi) (x + 0.044715 x^3)
  Value square = k.mul(x, x);
  Value factor = k.fma(square, number(k, x, -7.13548162726e-02), number(k, x, -1.59576912161));
  return k.div(x, k.add(exp(k, k.mul(x, factor)), number(k, x, 1.0)));
}

Value quickGelu(KernelBuilder &k, Value x) {
  return k.div(x, k.add(exp(k, k.mul(x, number(k, x, -1.702))), number(k, x, 1.0)));
}

} // namespace tern::cpu::functions
