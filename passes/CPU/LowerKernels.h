// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_LOWERKERNELS_H
#define TERN_PASSES_CPU_LOWERKERNELS_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

/// What all targets do with kernels that are written.
namespace tern::cpu {

/// Leaves the LLVM dialect and what translates with it. The error is one sentence.
llvm::Error lowerToLLVMDialect(mlir::ModuleOp module);

/// LLVM's passes, but for those that vectorise and unroll: kernels have the width and the turns
/// that they shall have.
void optimise(llvm::Module &code, llvm::TargetMachine &machine);

} // namespace tern::cpu

#endif
