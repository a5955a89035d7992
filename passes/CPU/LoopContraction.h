// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_LOOPCONTRACTION_H
#define TERN_PASSES_CPU_LOOPCONTRACTION_H

#include "passes/CPU/Schema.h"

namespace tern::cpu {

/// A contraction of any axes whose right operand is not packed: batched, transposed, grouped, of
/// two activations. Each result has one accumulator of f32; the summed letters run in their order
/// of appearance, ascending, each step an fma.
mlir::FailureOr<KernelInfo> emitLoopContraction(DispatchOp dispatch, ContractOp op,
                                                llvm::ArrayRef<Layout> layouts,
                                                llvm::StringRef name, mlir::ModuleOp module,
                                                const Target &target);

} // namespace tern::cpu

#endif
