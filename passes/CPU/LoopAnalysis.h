// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_LOOPANALYSIS_H
#define TERN_PASSES_CPU_LOOPANALYSIS_H

#include "passes/CPU/LoopTerms.h"

namespace tern::cpu {

/// Fails with a diagnostic at the first operation of the dispatch that LoopTerms has no code for:
/// elements are floats of 16, 32 or 64 bits, integers of 8 to 64, or blocks of 32; f64 has
/// arithmetic alone. `root` is computed by the schema, which checks it.
mlir::LogicalResult checkLoopTerms(DispatchOp dispatch, mlir::Operation *root);

/// Fails with a diagnostic at the operation unless LoopTerms can read this operand of it.
mlir::LogicalResult checkLoopOperand(mlir::Operation *op, mlir::Value operand);

/// The axis whose neighbours are the lanes of a tensor's vectors: the last one of more than one
/// index; -1 for rank 0.
int64_t vectorAxisOf(mlir::RankedTensorType type);

/// Why reading `operands` along `axis` is slow: one of them is read element by element; empty if
/// none is.
std::string remarkOnReads(mlir::Operation *op, mlir::ValueRange operands, int64_t axis,
                          llvm::ArrayRef<Layout> layouts);

} // namespace tern::cpu

#endif
