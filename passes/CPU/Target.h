// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_TARGET_H
#define TERN_PASSES_CPU_TARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace tern::cpu {

/// The x86-64 processor that kernels are made for. Code uses AVX2, FMA and F16C at least, and
/// AVX-512, VNNI and BF16 where the processor has them; nothing else of it is used, so two
/// processors with equal `features` differ only in tuning.
struct Target {
  /// Name of the processor as LLVM knows it (`znver5`, `haswell`, `x86-64-v4`).
  std::string cpu;
  /// What the code needs of a host beyond plain x86-64, by LLVM's names, in a fixed order.
  std::vector<std::string> features;
  /// f32 lanes of a vector register: 16 with AVX-512, else 8.
  int64_t lanes = 8;
  /// Vector registers that arithmetic may use: 32 with AVX-512, else 16.
  int64_t registers = 16;
  bool avx512 = false;
  /// u8 x s8 dot products into i32 (vpdpbusd), at the width of `lanes`.
  bool vnni = false;
  /// bf16 dot products into f32 (vdpbf16ps) and rounding to bf16, at the width of `lanes`.
  bool bf16 = false;
  /// The NaN that arithmetic gives has all of its lower bits set, as a GPU's.
  bool fullNaN = false;
  /// Lanes are the threads of a GPU's warp (passes/NVPTX), which may each read elsewhere.
  bool warp = false;

  /// The processor that this process runs on.
  static llvm::Expected<Target> native();
  /// A processor by name; `native` is the one above.
  static llvm::Expected<Target> named(llvm::StringRef cpu);

  /// `features` as LLVM reads them: "+avx2,+bmi,...".
  std::string featureString() const;
};

} // namespace tern::cpu

#endif
