// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_GENERATEKERNELS_H
#define TERN_PASSES_CPU_GENERATEKERNELS_H

#include "dialects/Plan/IR/Plan.h"
#include "passes/CPU/Schema.h"

namespace tern::cpu {

/// Appends the kernel's function to `code` and empties its body. Fails with a diagnostic.
mlir::FailureOr<KernelInfo> generateKernel(plan::KernelOp kernel, mlir::ModuleOp code,
                                           const Target &target);

/// The launch's sizes: the kernel's sums of dimensions, then its indices; and its tiles.
void completeLaunch(plan::LaunchOp launch, const KernelInfo &info);

} // namespace tern::cpu

#endif
