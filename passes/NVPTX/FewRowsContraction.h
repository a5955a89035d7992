// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contraction for few rows on tensor cores: what TensorContraction.h computes, to the bit, where
// reading W is all that takes time. A warp, a block of its own, computes 16 columns of 8 rows at a
// time (of both matrices of a pair) and reads weights from global memory into the registers that
// mma.sync wants them in, many before the first is used.
#ifndef TERN_PASSES_NVPTX_FEWROWSCONTRACTION_H
#define TERN_PASSES_NVPTX_FEWROWSCONTRACTION_H

#include "passes/NVPTX/TensorContraction.h"

namespace tern::nvptx {

/// Rows that one pass over W computes.
inline constexpr int64_t kFewRows = 8;

/// False where rows do not lie at multiples of 4 bytes, or each chooses its weight.
bool takesFewRows(const cpu::ContractionSpec &spec, int64_t activationAlignment);

/// Appends a kernel of any number of rows to `module`; takesFewRows() holds. Its tiles, which are
/// its blocks, are `columnBlocks`. The epilogue is as in addTensorContraction().
TensorKernel addFewRowsContraction(mlir::ModuleOp module, llvm::StringRef name,
                                   const cpu::ContractionSpec &spec,
                                   const KernelParameters &parameters, cpu::Epilogue epilogue);

} // namespace tern::nvptx

#endif
