// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contraction for many rows on tensor cores: y[m, n] = sum over k of x[m, k] W[n, k], x and W both
// in bf16 or both in f16, sums in f32, W packed as for CPUs (passes/CPU/PackedWeight.h).
//
// A block of four warps computes 128 rows of four panels, a warp 64 rows of two. Slices of 32 k
// come by asynchronous copies into a ring of stages in shared memory; while the 16 k at hand are
// multiplied, the fragments of the next 16 are loaded.
//
// Each sum is one chain of mma.sync.m16n8k16 over ascending k, whatever the rows are: a row's bits
// depend neither on its neighbours nor on their number.
#ifndef TERN_PASSES_NVPTX_TENSORCONTRACTION_H
#define TERN_PASSES_NVPTX_TENSORCONTRACTION_H

#include "passes/CPU/Contraction.h"
#include "passes/NVPTX/Target.h"

namespace tern::nvptx {

/// The parameters of a kernel's function: buffers, sizes, then the number of tiles.
struct KernelParameters {
  /// What each buffer's address is known to be a multiple of.
  llvm::SmallVector<int64_t> alignments;
  unsigned sizes = 0;
};

/// How the plan starts such a kernel. Tiles are (rows + blockTiles - 1) * columnBlocks, a sum of
/// dimensions that is at least what the blocks need; blocks beyond end at once.
struct TensorKernel {
  int64_t threads = 0;
  int64_t blockTiles = 0;
  int64_t columnBlocks = 0;
  int64_t sharedBytes = 0;
};

/// True for types that tensor cores multiply.
bool isOfTensorTypes(const cpu::ContractionSpec &spec);
/// Why a contraction of such types has no kernel on tensor cores; empty if it has one. Rows of
/// activations are read 16 bytes at a time, so they must lie at multiples of that.
std::string whyNotTensor(const cpu::ContractionSpec &spec, int64_t activationAlignment);

/// Appends a kernel to `module`; whyNotTensor() has no objection. The epilogue is handed up to 2
/// columns of a row, as if each thread were a CPU of its own, and only rows and columns that are.
TensorKernel addTensorContraction(mlir::ModuleOp module, llvm::StringRef name,
                                  const cpu::ContractionSpec &spec,
                                  const KernelParameters &parameters, cpu::Epilogue epilogue);

/// Appends a kernel as a GPU starts it, whose body is one thread's. No buffer that is written
/// overlaps another one.
mlir::func::FuncOp addFlatKernel(mlir::ModuleOp module, llvm::StringRef name, int64_t threads,
                                 const KernelParameters &parameters, cpu::KernelBuilder::Body body);

} // namespace tern::nvptx

#endif
