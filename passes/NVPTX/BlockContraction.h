// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contraction of block-quantised weights on tensor cores: y[m, n] = sum over k of x[m, k] W[n, k],
// x in bf16, W packed as for CPUs (passes/CPU/PackedWeight.h).
//
// A block computes a panel (of a pair of matrices one after the other) of 8 or more rows; its warps
// share out k, a run of blocks of W for each. A thread reads 16 bytes of codes, four columns at
// four k, in the places where mma.sync.m16n8k16 wants them, and makes nibbles the low bits of bf16
// numbers: 128 + code is one, and 2048 + 16 code. So a chain of products that starts at c times the
// sum of x, c = -128 or so, ends at s = the sum of x[k] code[k] over those that share a scale, and
//   y = fma(scale, s, y),   z = fma(minimum, c times the sum of x, z)
// or, where scales and minima are d and m times codes, so with codes and sums of the block, which
// are then added in the same way. In the end y = fma(z, 1 / c, y), and the warps' y are added one
// after the other. What codes of a table stand for is chosen byte by byte, and c is 0.
//
// Where rows choose a weight each, a block lists those that chose its own, and multiplies them
// alone.
//
// All that is the same for any number of rows, and for both kernels: a row's bits depend neither on
// its neighbours nor on their number.
#ifndef TERN_PASSES_NVPTX_BLOCKCONTRACTION_H
#define TERN_PASSES_NVPTX_BLOCKCONTRACTION_H

#include "passes/NVPTX/TensorContraction.h"

namespace tern::nvptx {

/// True for blocks of codes that are integers or stand for those of a table, with activations in
/// bf16.
bool isOfBlocks(const cpu::ContractionSpec &spec);
/// Why a contraction of such blocks has no kernel on tensor cores; empty if it has one. Rows of
/// activations are read 8 bytes at a time, so they must lie at multiples of that.
std::string whyNotBlocks(const cpu::ContractionSpec &spec, int64_t activationAlignment);

/// Appends a kernel to `module`; whyNotBlocks() has no objection. One for many rows has tiles as in
/// addTensorContraction(), one for few `columnBlocks` for every 8 rows, a block each, and where
/// rows choose a weight there are `columnBlocks` for all of them. The epilogue is as there.
TensorKernel addBlockContraction(mlir::ModuleOp module, llvm::StringRef name,
                                 const cpu::ContractionSpec &spec,
                                 const KernelParameters &parameters, bool isMany,
                                 cpu::Epilogue epilogue);

} // namespace tern::nvptx

#endif
