// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/device/emulator/Lanes.h"
#include "runtime/src/device/emulator/Numbers.h"
#include "runtime/src/device/emulator/Table.h"

/// The arithmetic of f32 and f64, in the rounding mode of the host. Each file that includes this
/// has its own copy, as they are compiled for different modes.
namespace tern::runtime::emulator {

namespace {

struct Add {
  template <class T> static T of(T a, T b) { return a + b; }
};
struct Sub {
  template <class T> static T of(T a, T b) { return a - b; }
};
struct Mul {
  template <class T> static T of(T a, T b) { return a * b; }
};
struct Fma {
  template <class T> static T of(T a, T b, T c) { return std::fma(a, b, c); }
};
struct Div {
  template <class T> static T of(T a, T b) { return a / b; }
};
struct Rcp {
  template <class T> static T of(T a) { return T{1} / a; }
};
struct Sqrt {
  template <class T> static T of(T a) { return std::sqrt(a); }
};

/// F with .ftz and .sat around it.
template <class F, bool flushes, bool saturates> struct Float {
  template <class... S> static float of(S... sources) {
    float result = flushes ? F::of(flush(sources)...) : F::of(sources...);
    if (flushes)
      result = flush(result);
    return saturates ? saturate(result) : canonical(result);
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

template <class F, unsigned sources> bool selectFloat(const Form &form, Operation &op) {
  constexpr Execute all[2][2] = {{mapOf<Float<F, false, false>, float, sources>(),
                                  mapOf<Float<F, false, true>, float, sources>()},
                                 {mapOf<Float<F, true, false>, float, sources>(),
                                  mapOf<Float<F, true, true>, float, sources>()}};
  op.execute = all[form.has("ftz")][form.has("sat")];
  return true;
}

template <class F, unsigned sources> bool selectDouble(const Form &, Operation &op) {
  op.execute = mapOf<F, double, sources>();
  return true;
}

} // namespace

} // namespace tern::runtime::emulator
