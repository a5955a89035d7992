// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_LAUNCHCHECK_H
#define TERN_PASSES_CPU_LAUNCHCHECK_H

#include "dialects/Plan/IR/Plan.h"

namespace tern::cpu {

/// Fails with a diagnostic if a launch has other buffers than its kernel's dispatch has operands,
/// or if rows of a tensor, a kernel's stride apart, reach beyond its buffer: with all dimensions at
/// their smallest, and at their largest. The kernels must still hold their dispatches.
mlir::LogicalResult checkLaunches(mlir::ModuleOp module);

} // namespace tern::cpu

#endif
