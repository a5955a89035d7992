// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Dispatch/Views.h"

using namespace mlir;

namespace tern::dispatch {

static bool keepsRows(RankedTensorType from, RankedTensorType to) {
  if (from.getRank() == 0 || to.getRank() == 0)
    return false;
  // A column [t] is dense, a matrix [t, 1] need not be.
  if ((from.getRank() == 1) != (to.getRank() == 1))
    return false;
  return getExtents(from)[0] == getExtents(to)[0];
}

bool isView(Operation *op) {
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return keepsRows(cast<RankedTensorType>(reshape.getX().getType()),
                     cast<RankedTensorType>(reshape.getType()));
  if (auto slice = dyn_cast<SliceOp>(op))
    return !isa<BlockType>(cast<RankedTensorType>(slice.getType()).getElementType()) &&
           slice.getAxis() <= 1;
  return false;
}

} // namespace tern::dispatch
