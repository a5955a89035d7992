// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Activations quantised at run time: for each 32 numbers a record of 40 bytes.
#ifndef TERN_PASSES_CPU_RECORD_H
#define TERN_PASSES_CPU_RECORD_H

#include "passes/CPU/Contraction.h"

namespace tern::cpu {

inline constexpr int64_t kRecordNumbers = 32;

/// What a record holds for the contraction that reads it: -8 or -128 times the sum of the codes
/// (i32), the scale times that sum (f32), the sums of codes 0 to 15 and 16 to 31 (two i16), or 0.
enum class Correction { None, Minus8, Minus128, ScaledSum, HalfSums };
/// The correction that an operation's attribute names ("-8").
Correction correctionNamed(llvm::StringRef name);

/// Writes the record of 32 f32 (in full vectors, in order) at `address`: scale = largest magnitude
/// / 127; code = x * (1 / scale), rounded to nearest, ties to even; scale and codes 0
/// where the scale is below the normal numbers.
void storeRecord(KernelBuilder &kernel, llvm::ArrayRef<Value> x, Value address,
                 Correction correction);

} // namespace tern::cpu

#endif
