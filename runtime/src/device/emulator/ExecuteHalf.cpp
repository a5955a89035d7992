// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Numbers.h"
#include "runtime/src/device/emulator/Table.h"

#include <type_traits>

/// f16, bf16 and pairs of them. Sums and products of two f16 are rounded once to f32 and then to
/// f16, which is the same as rounding once, since 24 >= 2 x 11 + 2; those of bf16 and multiply-adds
/// go through f64 and rounding to odd.
namespace tern::runtime::emulator {

namespace {

struct HalfFormat {
  static float wide(uint16_t bits) { return fromHalf(bits); }
  static uint16_t round(float value) { return toHalf(value); }
};
struct Bf16Format {
  static float wide(uint16_t bits) { return fromBf16(bits); }
  static uint16_t round(float value) { return toBf16(value); }
};

inline uint16_t flushHalf(uint16_t bits) { return bits & 0x7c00 ? bits : bits & 0x8000; }
inline uint16_t saturateHalf(uint16_t bits, uint16_t one) {
  bool isNan = (bits & 0x7fff) == canonicalHalfNan;
  return isNan || bits & 0x8000 ? 0 : bits > one ? one : bits;
}

struct Add {
  template <class F> static uint16_t of(float a, float b) {
    if constexpr (std::is_same_v<F, HalfFormat>)
      return F::round(a + b);
    else
      return F::round(toFloatOdd(sumToOdd(a, b)));
  }
};
struct Sub {
  template <class F> static uint16_t of(float a, float b) { return Add::of<F>(a, -b); }
};
struct Mul {
  template <class F> static uint16_t of(float a, float b) {
    if constexpr (std::is_same_v<F, HalfFormat>)
      return F::round(a * b);
    else
      return F::round(toFloatOdd(double{a} * double{b}));
  }
};
struct Fma {
  template <class F> static uint16_t of(float a, float b, float c) {
    return F::round(toFloatOdd(sumToOdd(double{a} * double{b}, c)));
  }
};
struct Min {
  template <class F> static uint16_t of(float a, float b) {
    bool isSmaller = a < b || (a == b && std::signbit(a));
    return F::round(a != a ? b : b != b ? a : isSmaller ? a : b);
  }
};
struct Max {
  template <class F> static uint16_t of(float a, float b) {
    bool isLarger = a > b || (a == b && !std::signbit(a));
    return F::round(a != a ? b : b != b ? a : isLarger ? a : b);
  }
};
template <class Op> struct KeepNan {
  template <class F> static uint16_t of(float a, float b) {
    return a != a || b != b ? canonicalHalfNan : Op::template of<F>(a, b);
  }
};

enum Finish { Plain, Saturated, Rectified };

/// One number; with .ftz (of f16 alone), then .sat or .relu.
template <class Op, class F, bool flushes, Finish finish> struct One {
  template <class... S> static uint16_t of(S... bits) {
    uint16_t result = flushes ? flushHalf(Op::template of<F>(F::wide(flushHalf(bits))...))
                              : Op::template of<F>(F::wide(bits)...);
    if (finish == Saturated)
      return saturateHalf(result, std::is_same_v<F, HalfFormat> ? 0x3c00 : 0x3f80);
    bool isNan = (result & 0x7fff) == canonicalHalfNan;
    return finish == Rectified && !isNan && result & 0x8000 ? 0 : result;
  }
};

/// Two in a register, the first below.
template <class Inner> struct Pair {
  template <class... S> static uint32_t of(S... bits) {
    uint32_t low = Inner::of(static_cast<uint16_t>(bits)...);
    uint32_t high = Inner::of(static_cast<uint16_t>(bits >> 16)...);
    return high << 16 | low;
  }
};

template <class F, class T, unsigned sources> constexpr Execute mapOf() {
  if constexpr (sources == 1)
    return Map<F, T, T>::execute;
  else if constexpr (sources == 2)
    return Map<F, T, T, T>::execute;
  else
    return Map<F, T, T, T, T>::execute;
}

template <class Inner, unsigned sources> constexpr Execute oneOrTwo(bool isPair) {
  return isPair ? mapOf<Pair<Inner>, uint32_t, sources>() : mapOf<Inner, uint16_t, sources>();
}

template <class Op, unsigned sources> bool selectHalf(const Form &form, Operation &op) {
  bool isPair = form.types[0] == Type::F16x2 || form.types[0] == Type::Bf16x2;
  bool isBf16 = form.types[0] == Type::Bf16 || form.types[0] == Type::Bf16x2;
  bool flushes = form.has("ftz");
  Finish finish = form.has("sat") ? Saturated : form.has("relu") ? Rectified : Plain;
  op.work *= isPair ? 2 : 1;
  if (isBf16) {
    op.execute = finish == Rectified
                     ? oneOrTwo<One<Op, Bf16Format, false, Rectified>, sources>(isPair)
                     : oneOrTwo<One<Op, Bf16Format, false, Plain>, sources>(isPair);
    return !flushes && finish != Saturated;
  }
  auto pick = [&]<Finish chosen>() {
    op.execute = flushes ? oneOrTwo<One<Op, HalfFormat, true, chosen>, sources>(isPair)
                         : oneOrTwo<One<Op, HalfFormat, false, chosen>, sources>(isPair);
    return true;
  };
  return finish == Saturated   ? pick.template operator()<Saturated>()
         : finish == Rectified ? pick.template operator()<Rectified>()
                               : pick.template operator()<Plain>();
}

template <class Op> bool selectExtreme(const Form &form, Operation &op) {
  return form.has("NaN") ? selectHalf<KeepNan<Op>, 2>(form, op) : selectHalf<Op, 2>(form, op);
}

template <bool isNegation, bool flushes> struct Sign {
  static uint16_t of(uint16_t bits) {
    bits = flushes ? flushHalf(bits) : bits;
    return isNegation ? bits ^ 0x8000 : bits & 0x7fff;
  }
};
template <bool isNegation> bool selectSign(const Form &form, Operation &op) {
  bool isPair = form.types[0] == Type::F16x2 || form.types[0] == Type::Bf16x2;
  bool isBf16 = form.types[0] == Type::Bf16 || form.types[0] == Type::Bf16x2;
  op.work *= isPair ? 2 : 1;
  op.execute = form.has("ftz") ? oneOrTwo<Sign<isNegation, true>, 1>(isPair)
                               : oneOrTwo<Sign<isNegation, false>, 1>(isPair);
  return !isBf16 || !form.has("ftz");
}

constexpr Row rows[] = {
    {"add", "?rn ?ftz ?sat f16|f16x2", ">T T T", Class::Half, selectHalf<Add, 2>, 1},
    {"sub", "?rn ?ftz ?sat f16|f16x2", ">T T T", Class::Half, selectHalf<Sub, 2>, 1},
    {"mul", "?rn ?ftz ?sat f16|f16x2", ">T T T", Class::Half, selectHalf<Mul, 2>, 1},
    {"add", "?rn bf16|bf16x2", ">T T T", Class::Half, selectHalf<Add, 2>, 1, 90},
    {"sub", "?rn bf16|bf16x2", ">T T T", Class::Half, selectHalf<Sub, 2>, 1, 90},
    {"mul", "?rn bf16|bf16x2", ">T T T", Class::Half, selectHalf<Mul, 2>, 1, 90},
    {"fma", "rn ?ftz ?sat|relu f16|f16x2", ">T T T T", Class::Half, selectHalf<Fma, 3>, 2},
    {"fma", "rn ?relu bf16|bf16x2", ">T T T T", Class::Half, selectHalf<Fma, 3>, 2},
    {"min", "?ftz ?NaN f16|f16x2", ">T T T", Class::Half, selectExtreme<Min>, 1},
    {"max", "?ftz ?NaN f16|f16x2", ">T T T", Class::Half, selectExtreme<Max>, 1},
    {"min", "?NaN bf16|bf16x2", ">T T T", Class::Half, selectExtreme<Min>, 1},
    {"max", "?NaN bf16|bf16x2", ">T T T", Class::Half, selectExtreme<Max>, 1},
    {"neg", "?ftz f16|f16x2|bf16|bf16x2", ">T T", Class::Half, selectSign<true>, 1},
    {"abs", "?ftz f16|f16x2|bf16|bf16x2", ">T T", Class::Half, selectSign<false>, 1},
};

} // namespace

std::span<const Row> halfRows() { return rows; }

} // namespace tern::runtime::emulator
