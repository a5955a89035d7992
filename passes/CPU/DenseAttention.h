// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_DENSEATTENTION_H
#define TERN_PASSES_CPU_DENSEATTENTION_H

#include "passes/CPU/Schema.h"

namespace tern::cpu {

/// tern.attention: keys and values at hand, in segments as those of a cache.
mlir::FailureOr<KernelInfo> emitDenseAttention(DispatchOp dispatch, AttentionOp op,
                                               llvm::ArrayRef<Layout> layouts, llvm::StringRef name,
                                               mlir::ModuleOp module, const Target &target);

} // namespace tern::cpu

#endif
