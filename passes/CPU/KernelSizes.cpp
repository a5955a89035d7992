// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/KernelSizes.h"

#include "passes/CPU/Elementwise.h"

using namespace mlir;

namespace tern::cpu {

KernelSizes::KernelSizes(DispatchOp dispatch) {
  auto addAll = [&](llvm::ArrayRef<ExtentAttr> extents) {
    for (ExtentAttr extent : extents)
      if (extent && !extent.isConstant() && !llvm::is_contained(dynamic, extent))
        dynamic.push_back(extent);
  };
  auto add = [&](Type type) {
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      addAll(getExtents(tensor));
  };
  for (Type type : dispatch.getInputs().getTypes())
    add(type);
  for (Operation &op : dispatch.getBody().front()) {
    for (Type type : op.getResultTypes())
      add(type);
    if (auto size = dyn_cast<SizeOp>(op))
      addAll(size.getExtents().getExtents());
  }
}

Value KernelSizes::of(KernelBuilder &k, ExtentAttr extent) const {
  if (extent.isConstant())
    return k.index(extent.getConstant());
  return k.size(static_cast<unsigned>(llvm::find(dynamic, extent) - dynamic.begin()));
}

Value KernelSizes::of(KernelBuilder &k, SizeOp op) const {
  Value product = k.index(1);
  for (ExtentAttr extent : op.getExtents().getExtents())
    product = k.mul(product, of(k, extent));
  return convert(k, product, cast<RankedTensorType>(op.getResult().getType()).getElementType());
}

Values KernelSizes::of(KernelBuilder &k, RankedTensorType type) const {
  Values extents;
  for (ExtentAttr extent : getExtents(type))
    extents.push_back(of(k, extent));
  return extents;
}

llvm::SmallVector<Stride> stridesOf(KernelBuilder &k, const KernelSizes &sizes,
                                    RankedTensorType type, Layout layout) {
  int64_t rank = type.getRank();
  llvm::SmallVector<Stride> strides(rank);
  Stride next{k.index(1), 1};
  for (int64_t axis = rank - 1; axis >= 0; --axis) {
    bool isPadded = axis == 0 && rank > 1 && !ShapedType::isDynamic(layout.rowStride);
    strides[axis] = isPadded ? Stride{k.index(layout.rowStride), layout.rowStride} : next;
    ExtentAttr extent = getExtents(type)[axis];
    bool isKnown = next.known && extent.isConstant();
    next.value = k.mul(next.value, sizes.of(k, extent));
    next.known = isKnown ? std::optional(*next.known * extent.getConstant()) : std::nullopt;
  }
  return strides;
}

} // namespace tern::cpu
