// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/FloatForms.h"
#include "runtime/src/device/emulator/Table.h"

#include <cfenv>

/// Arithmetic with .rz, .rm and .rp, in the host's rounding modes; compiled with -frounding-math.
namespace tern::runtime::emulator {

namespace {

template <Execute inner, int mode> void inMode(Warp &warp, const Operation &op) {
  std::fesetround(mode);
  inner(warp, op);
  std::fesetround(FE_TONEAREST);
}

template <Execute inner> Execute withMode(const Form &form) {
  constexpr Execute all[] = {inMode<inner, FE_TOWARDZERO>, inMode<inner, FE_DOWNWARD>,
                             inMode<inner, FE_UPWARD>};
  return all[form.which({"rz", "rm", "rp"})];
}

template <class F, unsigned sources> bool selectRounded(const Form &form, Operation &op) {
  if (form.types[0] == Type::F64)
    op.execute = withMode<mapOf<F, double, sources>()>(form);
  else if (form.has("ftz"))
    op.execute = form.has("sat") ? withMode<mapOf<Float<F, true, true>, float, sources>()>(form)
                                 : withMode<mapOf<Float<F, true, false>, float, sources>()>(form);
  else
    op.execute = form.has("sat") ? withMode<mapOf<Float<F, false, true>, float, sources>()>(form)
                                 : withMode<mapOf<Float<F, false, false>, float, sources>()>(form);
  return true;
}

constexpr Row rows[] = {
    {"add", "rz|rm|rp ?ftz ?sat f32", ">T T T", Class::Float, selectRounded<Add, 2>, 1},
    {"sub", "rz|rm|rp ?ftz ?sat f32", ">T T T", Class::Float, selectRounded<Sub, 2>, 1},
    {"mul", "rz|rm|rp ?ftz ?sat f32", ">T T T", Class::Float, selectRounded<Mul, 2>, 1},
    {"fma", "rz|rm|rp ?ftz ?sat f32", ">T T T T", Class::Float, selectRounded<Fma, 3>, 2},
    {"mad", "rz|rm|rp ?ftz ?sat f32", ">T T T T", Class::Float, selectRounded<Fma, 3>, 2},
    {"div", "rz|rm|rp ?ftz f32", ">T T T", Class::Float, selectRounded<Div, 2>, 1},
    {"rcp", "rz|rm|rp ?ftz f32", ">T T", Class::Float, selectRounded<Rcp, 1>, 1},
    {"sqrt", "rz|rm|rp ?ftz f32", ">T T", Class::Float, selectRounded<Sqrt, 1>, 1},
    {"add", "rz|rm|rp f64", ">T T T", Class::Double, selectRounded<Add, 2>, 1},
    {"sub", "rz|rm|rp f64", ">T T T", Class::Double, selectRounded<Sub, 2>, 1},
    {"mul", "rz|rm|rp f64", ">T T T", Class::Double, selectRounded<Mul, 2>, 1},
    {"fma", "rz|rm|rp f64", ">T T T T", Class::Double, selectRounded<Fma, 3>, 2},
    {"mad", "rz|rm|rp f64", ">T T T T", Class::Double, selectRounded<Fma, 3>, 2},
    {"div", "rz|rm|rp f64", ">T T T", Class::Double, selectRounded<Div, 2>, 1},
    {"rcp", "rz|rm|rp f64", ">T T", Class::Double, selectRounded<Rcp, 1>, 1},
    {"sqrt", "rz|rm|rp f64", ">T T", Class::Double, selectRounded<Sqrt, 1>, 1},
};

} // namespace

std::span<const Row> roundedRows() { return rows; }

} // namespace tern::runtime::emulator
