// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_CPU_KERNELSIZES_H
#define TERN_PASSES_CPU_KERNELSIZES_H

#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/Schema.h"

namespace tern::cpu {

/// The sizes that a kernel is told when it runs: each dynamic extent of the tensors and sizes of
/// its dispatch, once, in the order of the body.
class KernelSizes {
public:
  explicit KernelSizes(DispatchOp dispatch);

  llvm::ArrayRef<ExtentAttr> sums() const { return dynamic; }
  /// The extent as i64.
  Value of(KernelBuilder &kernel, ExtentAttr extent) const;
  /// The number that it says, as its type is computed with.
  Value of(KernelBuilder &kernel, SizeOp op) const;
  /// The extents of a tensor.
  Values of(KernelBuilder &kernel, mlir::RankedTensorType type) const;

private:
  llvm::SmallVector<ExtentAttr> dynamic;
};

/// Where an axis of a tensor lies: `value` elements from one index to the next, `known` if that is
/// a number of the code.
struct Stride {
  Value value;
  std::optional<int64_t> known;
};

/// The strides of a tensor that lies by `layout`.
llvm::SmallVector<Stride> stridesOf(KernelBuilder &kernel, const KernelSizes &sizes,
                                    mlir::RankedTensorType type, Layout layout);

} // namespace tern::cpu

#endif
