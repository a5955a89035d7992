// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_GATHER_H
#define TERN_PASSES_CPU_GATHER_H

#include "passes/CPU/Contraction.h"

namespace tern::cpu {

/// Reads rows W[id, :] of a packed weight as f32: the lookup of an embedding that contractions may
/// share. Values are exact, but for types with minima (scale * code + minimum, rounded once).
struct GatherSpec {
  Storage storage = Storage::F32;
  int64_t n = 0;
  int64_t k = 0;
  unsigned idBuffer = 0;     // i32, one a row; ids outside [0, n) read the nearest row
  unsigned weightBuffer = 1; // packed
};

/// Appends a kernel whose tile t looks up id t and hands its row to `epilogue` in vectors; the
/// bytes of scratch that it needs result.
llvm::Expected<int64_t> addGather(mlir::ModuleOp module, const Target &target, llvm::StringRef name,
                                  const GatherSpec &spec, Epilogue epilogue);

} // namespace tern::cpu

#endif
