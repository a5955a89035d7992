// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_SCHEMA_H
#define TERN_PASSES_CPU_SCHEMA_H

#include "dialects/Tern/IR/Tern.h"
#include "passes/CPU/Target.h"

#include "mlir/IR/BuiltinOps.h"

namespace tern::cpu {

/// How an operand or result of a dispatch lies in memory: row r of a tensor `[r, ...]` starts at
/// `r * rowStride` elements (blocks count as their elements), the axes after the first are dense.
/// A tensor of rank 0 or 1 is dense, and its stride 0. A stride of `ShapedType::kDynamic` says that
/// all is dense, and an axis after the first one dynamic. Caches and batches have no layout.
struct Layout {
  int64_t rowStride = 0;
};

/// What the plan needs to launch a kernel. Buffers come in this order: the dispatch's inputs, then
/// its results. A batch is three buffers (row entries i32[T], row starts i32[B+1], slots i32[B]), a
/// cache three (pool, table, lengths), a state two (pool, table), an index none. Where a result is
/// a cache or a state it is the input's and has no buffers of its own.
struct KernelInfo {
  /// `sizes` of the kernel, in order: sums of named dimensions.
  llvm::SmallVector<ExtentAttr> sizes;
  /// After them, one size for each input of type index, in order.
  unsigned indexInputs = 0;
  ExtentAttr tiles;
  int64_t scratchBytes = 0;
  /// Why the kernel is not from the best schema for what it does; empty if it is.
  std::string remark = {};
};

/// Appends the kernel `name` of `dispatch` to `module`. `layouts` are those of the inputs, then of
/// the results. Fails with a diagnostic at the operation that the schema can't lower.
///
/// The functions of all schemas have this shape.
mlir::FailureOr<KernelInfo> emitKernel(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                       llvm::StringRef name, mlir::ModuleOp module,
                                       const Target &target);

mlir::FailureOr<KernelInfo> emitContraction(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                            llvm::StringRef name, mlir::ModuleOp module,
                                            const Target &target);
/// Row reductions and element-wise terms: everything that maps rows to rows.
mlir::FailureOr<KernelInfo> emitRows(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                     llvm::StringRef name, mlir::ModuleOp module,
                                     const Target &target);
/// Terms of any rank, element by element or moved, concatenations and paddings.
mlir::FailureOr<KernelInfo> emitLoops(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                      llvm::StringRef name, mlir::ModuleOp module,
                                      const Target &target);
/// A reduction, running sum, softmax or norm over any axes.
mlir::FailureOr<KernelInfo> emitFold(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                     llvm::StringRef name, mlir::ModuleOp module,
                                     const Target &target);
/// tern.top_k, tern.top_k_mask.
mlir::FailureOr<KernelInfo> emitSelection(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                          llvm::StringRef name, mlir::ModuleOp module,
                                          const Target &target);
mlir::FailureOr<KernelInfo> emitAttention(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                          llvm::StringRef name, mlir::ModuleOp module,
                                          const Target &target);
mlir::FailureOr<KernelInfo> emitAppend(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                       llvm::StringRef name, mlir::ModuleOp module,
                                       const Target &target);
/// kv.convolve, kv.scan.
mlir::FailureOr<KernelInfo> emitRecurrence(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                           llvm::StringRef name, mlir::ModuleOp module,
                                           const Target &target);
mlir::FailureOr<KernelInfo> emitGather(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                       llvm::StringRef name, mlir::ModuleOp module,
                                       const Target &target);
/// tern.scatter_add.
mlir::FailureOr<KernelInfo> emitScatter(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                        llvm::StringRef name, mlir::ModuleOp module,
                                        const Target &target);
mlir::FailureOr<KernelInfo> emitPack(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                     llvm::StringRef name, mlir::ModuleOp module,
                                     const Target &target);
/// A program of single numbers, read from and written to small tensors.
mlir::FailureOr<KernelInfo> emitScalars(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                        llvm::StringRef name, mlir::ModuleOp module,
                                        const Target &target);
/// tern.sample.
mlir::FailureOr<KernelInfo> emitSampling(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                         llvm::StringRef name, mlir::ModuleOp module,
                                         const Target &target);

} // namespace tern::cpu

#endif
