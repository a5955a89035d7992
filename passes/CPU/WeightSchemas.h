// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_WEIGHTSCHEMAS_H
#define TERN_PASSES_CPU_WEIGHTSCHEMAS_H

#include "passes/CPU/Contraction.h"
#include "passes/CPU/Epilogue.h"

namespace tern::cpu {

/// The contraction of a dispatch if it has one with packed weights, else null.
ContractOp packedContractionOf(DispatchOp dispatch);

/// What that contraction is to a kernel. Fails with a diagnostic if there is none for it.
mlir::FailureOr<ContractionSpec> contractionSpecOf(DispatchOp dispatch, ContractOp op,
                                                   llvm::ArrayRef<Layout> layouts,
                                                   const EpilogueWriter &epilogue);

} // namespace tern::cpu

#endif
