// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Element-wise terms on vectors: f16 and bf16 are computed as f32, narrow integers as i32.
#ifndef TERN_PASSES_CPU_ELEMENTWISE_H
#define TERN_PASSES_CPU_ELEMENTWISE_H

#include "dialects/Tern/IR/Tern.h"
#include "passes/CPU/KernelBuilder.h"

namespace tern::cpu {

/// True if the term is a function of floats: arithmetic on integers has sums, differences,
/// products, extremes and comparisons alone.
bool isRealFunction(mlir::Operation *op);
/// True if the term is an element-wise operator that integers have too.
bool isOperator(mlir::Operation *op);
/// True for what f64 has: arithmetic and roots, but no series.
bool isExactInDouble(mlir::Operation *op);

Value applyUnary(KernelBuilder &kernel, mlir::Operation *op, Value x);
Value applyBinary(KernelBuilder &kernel, mlir::Operation *op, Value x, Value y);
/// 1 in the lanes that hold, 0 in the others, as a vector of that type.
Value indicator(KernelBuilder &kernel, Value holds, Type type);
/// The lanes that are not 0.
Value truth(KernelBuilder &kernel, Value condition);

/// What elements of the type are computed as: f32 for narrower floats, i32 for narrower integers.
Type computedType(KernelBuilder &kernel, Type element);
/// `x` rounded to elements of type `to`, in the type that these are computed as.
Value convert(KernelBuilder &kernel, Value x, Type to);

} // namespace tern::cpu

#endif
