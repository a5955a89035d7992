// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Approximate.h"
#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Numbers.h"
#include "runtime/src/device/emulator/Table.h"

#include <type_traits>

/// The approximate functions. PTX bounds their errors; these are within about one unit in the last
/// place, and the same on every host.
namespace tern::runtime::emulator {

namespace {

struct Exp2 {
  static float of(float a) { return static_cast<float>(approximateExp2(a)); }
};
struct Log2 {
  static float of(float a) { return static_cast<float>(approximateLog2(a)); }
};
struct Sin {
  static float of(float a) { return static_cast<float>(approximateSin(a)); }
};
struct Cos {
  static float of(float a) { return static_cast<float>(approximateCos(a)); }
};
struct Tanh {
  static float of(float a) { return static_cast<float>(approximateTanh(a)); }
};
struct Rcp {
  static float of(float a) { return 1 / a; }
};
struct Sqrt {
  static float of(float a) { return std::sqrt(a); }
};
struct Rsqrt {
  static float of(float a) { return static_cast<float>(1 / std::sqrt(double{a})); }
};
struct Div {
  static float of(float a, float b) { return a / b; }
};
/// div.approx multiplies by the reciprocal, which is flushed to zero for b above 2^126.
struct DivApproximate {
  static float of(float a, float b) {
    float size = std::fabs(b);
    bool isLost = size > 0x1p126f && size <= std::numeric_limits<float>::max();
    return isLost ? a * std::copysign(0.0f, b) : a / b;
  }
};

template <class F, bool flushes> struct Approximate {
  template <class... S> static float of(S... sources) {
    float result = flushes ? F::of(flush(sources)...) : F::of(sources...);
    return canonical(flushes ? flush(result) : result);
  }
};

template <class F> bool selectOne(const Form &form, Operation &op) {
  op.execute = form.has("ftz") ? Map<Approximate<F, true>, float, float>::execute
                               : Map<Approximate<F, false>, float, float>::execute;
  return true;
}

bool selectDiv(const Form &form, Operation &op) {
  constexpr Execute all[2][2] = {
      {Map<Approximate<DivApproximate, false>, float, float, float>::execute,
       Map<Approximate<DivApproximate, true>, float, float, float>::execute},
      {Map<Approximate<Div, false>, float, float, float>::execute,
       Map<Approximate<Div, true>, float, float, float>::execute}};
  op.execute = all[form.has("full")][form.has("ftz")];
  return true;
}

/// Of f64, the upper words alone are looked at and given.
template <class F> struct UpperWord {
  static uint64_t of(uint64_t bits) {
    constexpr uint64_t upper = ~uint64_t{0} << 32;
    bool isTiny = !(bits & 0x7ff0000000000000);
    double value = std::bit_cast<double>(isTiny ? bits & uint64_t{1} << 63 : bits & upper);
    uint64_t result = std::bit_cast<uint64_t>(F::wide(value)) & upper;
    bool isSmall = !(result & 0x7ff0000000000000);
    return isSmall ? result & uint64_t{1} << 63 : result;
  }
};
struct WideRcp {
  static double wide(double a) { return 1 / a; }
};
struct WideRsqrt {
  static double wide(double a) { return 1 / std::sqrt(a); }
};
struct DoubleRsqrt {
  static double of(double a) { return WideRsqrt::wide(a); }
};
bool selectRsqrt(const Form &, Operation &op) {
  op.execute = Map<DoubleRsqrt, double, double>::execute;
  return true;
}
template <class F> bool selectWide(const Form &, Operation &op) {
  op.execute = Map<UpperWord<F>, uint64_t, uint64_t>::execute;
  return true;
}

template <class F, bool isBf16> struct Narrow {
  static uint16_t of(uint16_t bits) {
    return isBf16 ? toBf16(F::of(fromBf16(bits))) : toHalf(F::of(fromHalf(bits)));
  }
};
template <class F, bool isBf16> struct NarrowPair {
  static uint32_t of(uint32_t bits) {
    uint32_t high = Narrow<F, isBf16>::of(static_cast<uint16_t>(bits >> 16));
    return high << 16 | Narrow<F, isBf16>::of(static_cast<uint16_t>(bits));
  }
};
template <class F> bool selectNarrow(const Form &form, Operation &op) {
  bool isBf16 = form.types[0] == Type::Bf16 || form.types[0] == Type::Bf16x2;
  if (bytesOf(form.types[0]) == 4) {
    op.work *= 2;
    op.execute = isBf16 ? Map<NarrowPair<F, true>, uint32_t, uint32_t>::execute
                        : Map<NarrowPair<F, false>, uint32_t, uint32_t>::execute;
  } else {
    op.execute = isBf16 ? Map<Narrow<F, true>, uint16_t, uint16_t>::execute
                        : Map<Narrow<F, false>, uint16_t, uint16_t>::execute;
  }
  return true;
}

constexpr Row rows[] = {
    {"ex2", "approx ?ftz f32", ">T T", Class::Special, selectOne<Exp2>, 1},
    {"lg2", "approx ?ftz f32", ">T T", Class::Special, selectOne<Log2>, 1},
    {"sin", "approx ?ftz f32", ">T T", Class::Special, selectOne<Sin>, 1},
    {"cos", "approx ?ftz f32", ">T T", Class::Special, selectOne<Cos>, 1},
    {"tanh", "approx f32", ">T T", Class::Special, selectOne<Tanh>, 1},
    {"rcp", "approx ?ftz f32", ">T T", Class::Special, selectOne<Rcp>, 1},
    {"sqrt", "approx ?ftz f32", ">T T", Class::Special, selectOne<Sqrt>, 1},
    {"rsqrt", "approx ?ftz f32", ">T T", Class::Special, selectOne<Rsqrt>, 1},
    {"div", "approx|full ?ftz f32", ">T T T", Class::Special, selectDiv, 1},
    {"rcp", "approx ftz f64", ">T T", Class::Special, selectWide<WideRcp>, 1},
    {"rsqrt", "approx ftz f64", ">T T", Class::Special, selectWide<WideRsqrt>, 1},
    {"rsqrt", "approx f64", ">T T", Class::Special, selectRsqrt, 1},
    {"ex2", "approx f16|f16x2", ">T T", Class::Special, selectNarrow<Exp2>, 1},
    {"ex2", "approx ftz bf16|bf16x2", ">T T", Class::Special, selectNarrow<Exp2>, 1, 90},
    {"tanh", "approx f16|f16x2", ">T T", Class::Special, selectNarrow<Tanh>, 1},
    {"tanh", "approx bf16|bf16x2", ">T T", Class::Special, selectNarrow<Tanh>, 1, 90},
};

} // namespace

std::span<const Row> specialRows() { return rows; }

} // namespace tern::runtime::emulator
