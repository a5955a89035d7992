// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_NVPTX_DISTRIBUTELANES_H
#define TERN_PASSES_NVPTX_DISTRIBUTELANES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace tern::nvptx {

/// The attribute of a kernel's function that says how many threads a block has.
inline constexpr llvm::StringLiteral kThreads = "tern.threads";

/// And of how many blocks a multiprocessor is to have registers for, if it says so.
inline constexpr llvm::StringLiteral kLeastBlocks = "tern.least_blocks";

/// What a kernel is started with.
struct KernelShape {
  unsigned buffers = 0;
  unsigned sizes = 0;
  /// Memory of each tile: shared, or if it is too much for that, global.
  int64_t scratchBytes = 0;
  bool isScratchGlobal = false;
  /// Each warp of a block runs a tile.
  int64_t warps = 1;
};

/// The address of the shared memory that a block is started with, at a multiple of 128.
mlir::Value sharedMemory(mlir::ImplicitLocOpBuilder &ops);

/// Makes of a kernel in vectors of 32 lanes, as KernelBuilder writes it, one whose lanes are the
/// threads of a warp: `kernel(buffers..., sizes..., tiles)`, with the scratch of all tiles before
/// `tiles` where it is global. It computes the same to the bit.
///
/// Scalars are the same in all threads, so all take the same branches, and one thread stores them.
/// Fails with a diagnostic at an operation that has no such form.
mlir::LogicalResult distributeLanes(mlir::func::FuncOp kernel, const KernelShape &shape);

} // namespace tern::nvptx

#endif
