// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions of f32, scalars or vectors, written as multiplications and additions.
//
// Bounds are in ulp of the exact result, over all finite arguments whose exact result is normal,
// unless a line says otherwise; test/conformance/CPU/FunctionsTest.cpp measures each, on CPUs and
// on a warp (all numbers of f32: tools/dev functions). NaN gives NaN. Results below the smallest
// normal number may be 0.
#ifndef TERN_PASSES_CPU_FUNCTIONS_H
#define TERN_PASSES_CPU_FUNCTIONS_H

#include "passes/CPU/KernelBuilder.h"

namespace tern::cpu::functions {

/// 2^x for x <= 127: 2 ulp. Exactly 1 at 0; 0 below -126. Thirteen instructions, for attention.
Value exp2(KernelBuilder &kernel, Value x);
/// 2 ulp; exactly 1 at 0, 0 below -87.3366, infinity above 88.72.
Value exp(KernelBuilder &kernel, Value x);
/// 2 ulp; -infinity at 0, NaN below. Subnormal arguments count too.
Value log(KernelBuilder &kernel, Value x);
/// ln(1 + x): 3 ulp; -infinity at -1, NaN below.
Value log1p(KernelBuilder &kernel, Value x);

/// 2 ulp for |x| <= 1e6, beyond which nothing is promised.
Value sin(KernelBuilder &kernel, Value x);
Value cos(KernelBuilder &kernel, Value x);
/// 4 ulp for |x| <= 1e6, beyond which nothing is promised.
Value tan(KernelBuilder &kernel, Value x);
Value cot(KernelBuilder &kernel, Value x);

/// 3 ulp.
Value tanh(KernelBuilder &kernel, Value x);
/// 3 ulp.
Value erf(KernelBuilder &kernel, Value x);
/// 1 / (1 + e^-x): 4 ulp for x > -87; below, 0.
Value sigmoid(KernelBuilder &kernel, Value x);
/// ln(1 + e^x): 6 ulp.
Value softplus(KernelBuilder &kernel, Value x);

/// x * sigmoid(x): 5 ulp for x > -87.
Value silu(KernelBuilder &kernel, Value x);
/// x * (1 + erf(x / sqrt(2))) / 2: within 3e-7 * |x|; the sum cancels for large negative x.
Value gelu(KernelBuilder &kernel, Value x);
/// x * sigmoid(2 u), u = sqrt(2/pi) (x + 0.044715 x^3): 5 + 4 |u| ulp.
Value geluTanh(KernelBuilder &kernel, Value x);
/// x * sigmoid(1.702 x): 5 + 2 |x| ulp.
Value quickGelu(KernelBuilder &kernel, Value x);

/// x^y = sign * e^(y ln |x|): 5 + 3 |y ln |x|| ulp. x < 0 gives NaN unless y is an integer; y = 0
/// gives 1.
Value pow(KernelBuilder &kernel, Value x, Value y);

} // namespace tern::cpu::functions

#endif
