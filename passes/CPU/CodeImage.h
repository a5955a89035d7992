// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_CODEIMAGE_H
#define TERN_PASSES_CPU_CODEIMAGE_H

#include "passes/CPU/Target.h"

#include "mlir/IR/BuiltinOps.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tern::cpu {

/// Machine code of a module's kernels: one ELF64 shared object that needs nothing of its loader
/// but memory. It has no relocation, no undefined symbol and no writable segment.
struct CodeImage {
  std::vector<uint8_t> bytes;
  /// Of each kernel, from the address at which the image's first segment is mapped.
  std::map<std::string, uint64_t> offsets;
  /// What the host must have beyond plain x86-64 (Target::features).
  std::vector<std::string> requiredFeatures;
};

/// Lowers the kernels of `module` (which is changed) for `target`. Equal modules and targets give
/// equal bytes. The error is one sentence.
///
/// LLVM's two instruction schedulers are turned off for the whole process: kernels are written in
/// the order in which they shall run, and the schedulers spill their sums.
llvm::Expected<CodeImage> compile(mlir::ModuleOp module, const Target &target);

} // namespace tern::cpu

#endif
