// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rounding of f32 rows to what contractions with narrow weights read.
#ifndef TERN_PASSES_CPU_ACTIVATION_H
#define TERN_PASSES_CPU_ACTIVATION_H

#include "passes/CPU/Contraction.h"

namespace tern::cpu {

struct ActivationSpec {
  /// BF16, F16 or Q8.
  ActivationForm form = ActivationForm::BF16;
  /// Of the contraction that reads the records (Q8 alone): it decides their correction.
  Storage weights = Storage::Q8_0;
  int64_t k = 0;            // a multiple of 32 for Q8
  int64_t sourceStride = 0; // f32 elements from row to row
  int64_t targetStride = 0; // elements, or records for Q8
  unsigned sourceBuffer = 0;
  unsigned targetBuffer = 1;
};

/// Appends a kernel whose tile t rounds row t.
llvm::Error addActivation(mlir::ModuleOp module, const Target &target, llvm::StringRef name,
                          const ActivationSpec &spec);

/// Writes 32 values (in 32 / lanes vectors) as one record of 40 bytes, for kernels that end in a
/// rounding. With amax the largest absolute value:
///   scale = amax / 127,  code = x * (1 / scale) rounded half to even
///   correction = minus the weights' zero point times the sum of codes (i32), or for weights with a
///   minimum scale * sum of codes (f32)
/// A block whose scale is not a normal number is 0.
void storeRecord(KernelBuilder &kernel, mlir::ValueRange values, Value record, Storage weights);

} // namespace tern::cpu

#endif
