// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rows after other kernels without a launch of their own. A norm needs all columns of a row, which
// several blocks of a contraction compute; of these the one that ends last computes the norm too,
// with the instructions of the norm's own kernel, so to the same bits.
#ifndef TERN_PASSES_NVPTX_LASTBLOCK_H
#define TERN_PASSES_NVPTX_LASTBLOCK_H

#include "dialects/Plan/IR/Plan.h"

#include "mlir/IR/BuiltinOps.h"

namespace tern::nvptx {

/// Gives contractions, gathers and rows that rows follow, in one launch or several, in all programs
/// but `load`, kernels that end with these rows if they are no more than a block's warps; the rows'
/// own launches are for more. Kernels are generated and launches complete.
void joinRows(mlir::ModuleOp plan, mlir::ModuleOp device);

} // namespace tern::nvptx

#endif
