// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/FloatForms.h"
#include "runtime/src/device/emulator/Table.h"

namespace tern::runtime::emulator {

namespace {

struct Min {
  template <class T> static T of(T a, T b) {
    bool isSmaller = a < b || (a == b && std::signbit(a));
    return a != a ? b : b != b ? a : isSmaller ? a : b;
  }
};
struct Max {
  template <class T> static T of(T a, T b) {
    bool isLarger = a > b || (a == b && !std::signbit(a));
    return a != a ? b : b != b ? a : isLarger ? a : b;
  }
};
/// A NaN on either side is the result.
template <class F> struct KeepNan {
  template <class T> static T of(T a, T b) {
    T nan = std::numeric_limits<T>::quiet_NaN();
    return a != a || b != b ? nan : F::of(a, b);
  }
};

/// abs and neg change the sign's bit alone, of NaN too; with .ftz they flush.
template <bool isNegation, bool flushes> struct Sign32 {
  static uint32_t of(uint32_t a) {
    uint32_t bits = isNegation ? a ^ 0x80000000 : a & 0x7fffffff;
    return flushes && !(bits & 0x7f800000) ? bits & 0x80000000 : bits;
  }
};
template <bool isNegation> struct Sign64 {
  static uint64_t of(uint64_t a) {
    return isNegation ? a ^ uint64_t{1} << 63 : a & ~(uint64_t{1} << 63);
  }
};
template <bool isNegation> bool selectSign(const Form &form, Operation &op) {
  if (form.types[0] == Type::F64)
    op.execute = Map<Sign64<isNegation>, uint64_t, uint64_t>::execute;
  else
    op.execute = form.has("ftz") ? Map<Sign32<isNegation, true>, uint32_t, uint32_t>::execute
                                 : Map<Sign32<isNegation, false>, uint32_t, uint32_t>::execute;
  return form.types[0] == Type::F32 || !form.has("ftz");
}

/// The sign of the first with the size of the second.
struct CopySign {
  template <class T> static T of(T a, T b) {
    constexpr T sign = T{1} << (8 * sizeof(T) - 1);
    return (a & sign) | (b & ~sign);
  }
};
bool selectCopySign(const Form &form, Operation &op) {
  op.execute = form.types[0] == Type::F64 ? Map<CopySign, uint64_t, uint64_t, uint64_t>::execute
                                          : Map<CopySign, uint32_t, uint32_t, uint32_t>::execute;
  return true;
}

template <class F> bool selectExtreme(const Form &form, Operation &op) {
  bool keeps = form.has("NaN");
  if (form.types[0] == Type::F64) {
    op.execute = Map<F, double, double, double>::execute;
    return !keeps && !form.has("ftz");
  }
  if (form.has("ftz"))
    op.execute = keeps ? Map<Float<KeepNan<F>, true, false>, float, float, float>::execute
                       : Map<Float<F, true, false>, float, float, float>::execute;
  else
    op.execute = keeps ? Map<Float<KeepNan<F>, false, false>, float, float, float>::execute
                       : Map<Float<F, false, false>, float, float, float>::execute;
  return true;
}

enum Property { Finite, Infinite, Number, NotANumber, Normal, Subnormal };
template <Property property> struct Has {
  template <class T> static bool of(T a) {
    T magnitude = std::fabs(a);
    constexpr T largest = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::min();
    switch (property) {
    case Finite:
      return magnitude <= largest;
    case Infinite:
      return magnitude > largest;
    case Number:
      return a == a;
    case NotANumber:
      return a != a;
    case Normal:
      return magnitude <= largest && magnitude >= least;
    case Subnormal:
      return magnitude < least && magnitude > 0;
    }
  }
};
template <Property property, class T> void testProperty(Warp &warp, const Operation &op) {
  storePredicate(warp, op.slots[0], Test<Has<property>, T>::run(warp, &op.slots[1]));
}
template <class T> Execute propertyOf(int which) {
  constexpr Execute all[] = {testProperty<Finite, T>, testProperty<Infinite, T>,
                             testProperty<Number, T>, testProperty<NotANumber, T>,
                             testProperty<Normal, T>, testProperty<Subnormal, T>};
  return all[which];
}
bool selectProperty(const Form &form, Operation &op) {
  int which = form.which({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
  op.execute = form.types[0] == Type::F64 ? propertyOf<double>(which) : propertyOf<float>(which);
  return true;
}

constexpr Row rows[] = {
    {"add", "?rn ?ftz ?sat f32", ">T T T", Class::Float, selectFloat<Add, 2>, 1},
    {"sub", "?rn ?ftz ?sat f32", ">T T T", Class::Float, selectFloat<Sub, 2>, 1},
    {"mul", "?rn ?ftz ?sat f32", ">T T T", Class::Float, selectFloat<Mul, 2>, 1},
    {"fma", "rn ?ftz ?sat f32", ">T T T T", Class::Float, selectFloat<Fma, 3>, 2},
    {"mad", "rn ?ftz ?sat f32", ">T T T T", Class::Float, selectFloat<Fma, 3>, 2},
    {"div", "rn ?ftz f32", ">T T T", Class::Float, selectFloat<Div, 2>, 1},
    {"rcp", "rn ?ftz f32", ">T T", Class::Float, selectFloat<Rcp, 1>, 1},
    {"sqrt", "rn ?ftz f32", ">T T", Class::Float, selectFloat<Sqrt, 1>, 1},
    {"min", "?ftz ?NaN f32", ">T T T", Class::Float, selectExtreme<Min>, 1},
    {"max", "?ftz ?NaN f32", ">T T T", Class::Float, selectExtreme<Max>, 1},
    {"abs", "?ftz f32", ">T T", Class::Float, selectSign<false>, 1},
    {"neg", "?ftz f32", ">T T", Class::Float, selectSign<true>, 1},
    {"copysign", "f32", ">T T T", Class::Float, selectCopySign},
    {"testp", "finite|infinite|number|notanumber|normal|subnormal f32", ">pred T", Class::Compare,
     selectProperty},
    {"add", "?rn f64", ">T T T", Class::Double, selectDouble<Add, 2>, 1},
    {"sub", "?rn f64", ">T T T", Class::Double, selectDouble<Sub, 2>, 1},
    {"mul", "?rn f64", ">T T T", Class::Double, selectDouble<Mul, 2>, 1},
    {"fma", "rn f64", ">T T T T", Class::Double, selectDouble<Fma, 3>, 2},
    {"mad", "rn f64", ">T T T T", Class::Double, selectDouble<Fma, 3>, 2},
    {"div", "rn f64", ">T T T", Class::Double, selectDouble<Div, 2>, 1},
    {"rcp", "rn f64", ">T T", Class::Double, selectDouble<Rcp, 1>, 1},
    {"sqrt", "rn f64", ">T T", Class::Double, selectDouble<Sqrt, 1>, 1},
    {"min", "f64", ">T T T", Class::Double, selectExtreme<Min>, 1},
    {"max", "f64", ">T T T", Class::Double, selectExtreme<Max>, 1},
    {"abs", "f64", ">T T", Class::Double, selectSign<false>, 1},
    {"neg", "f64", ">T T", Class::Double, selectSign<true>, 1},
    {"copysign", "f64", ">T T T", Class::Double, selectCopySign},
    {"testp", "finite|infinite|number|notanumber|normal|subnormal f64", ">pred T", Class::Compare,
     selectProperty},
};

} // namespace

std::span<const Row> floatRows() { return rows; }

} // namespace tern::runtime::emulator
