// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Dispatch/Views.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace tern::dispatch {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// True if all axes from `first` on are static.
static bool isStaticFrom(RankedTensorType type, int64_t first) {
  return first >= type.getRank() ||
         !llvm::any_of(type.getShape().drop_front(first), ShapedType::isDynamic);
}

bool keepsRows(RankedTensorType from, RankedTensorType to) {
  if (from.getRank() == 0 || to.getRank() == 0)
    return false;
  // A column [t] is dense, a matrix [t, 1] need not be.
  if ((from.getRank() == 1) != (to.getRank() == 1))
    return false;
  return getExtents(from)[0] == getExtents(to)[0] && isStaticFrom(from, 1) && isStaticFrom(to, 1);
}

/// What a load function returns is kept with its rows side by side, as what a program returns.
static bool returnsFromProgram(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    auto function = dyn_cast<func::FuncOp>(user->getParentOp());
    return isa<func::ReturnOp>(user) && (function.isPublic() || function->hasAttr("tern.load"));
  });
}

/// True if the rows of the value can be made to lie side by side.
bool canBeDense(Value value) {
  if (tensorOf(value).getRank() < 2)
    return true;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto function = dyn_cast_if_present<func::FuncOp>(argument.getOwner()->getParentOp());
    return function && function.isPublic();
  }
  Operation *op = value.getDefiningOp();
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return !isView(reshape) || canBeDense(reshape.getX());
  if (auto slice = dyn_cast<SliceOp>(op))
    return !isView(slice) || (slice.getAxis() == 0 && canBeDense(slice.getX()));
  return !isa<RepeatOp>(op);
}

static bool isSliceInPlace(SliceOp op) {
  RankedTensorType type = tensorOf(op.getX());
  bool isPart =
      op.getAxis() == 1 && isStaticFrom(type, 1) && !isa<BlockType>(type.getElementType());
  return isPart || (op.getAxis() == 0 && isStaticFrom(type, 1));
}

bool isView(Operation *op) {
  bool isDense;
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    isDense = canBeDense(reshape.getX());
    if (!isDense && !keepsRows(tensorOf(reshape.getX()), tensorOf(reshape.getResult())))
      return false;
  } else if (auto slice = dyn_cast<SliceOp>(op)) {
    if (!isSliceInPlace(slice))
      return false;
    isDense = tensorOf(slice.getResult()).getRank() < 2 ||
              (slice.getAxis() == 0 && canBeDense(slice.getX()));
  } else {
    return false;
  }
  return isDense || !returnsFromProgram(op->getResult(0));
}

/// A dispatch that repeats all of a matrix for each row, after a root or without one, takes it for
/// one row.
static bool isReadWhole(OpOperand &use) {
  auto dispatch = dyn_cast<DispatchOp>(use.getOwner());
  constexpr Schema ofRows[] = {Schema::rows, Schema::contraction, Schema::attention};
  if (!dispatch || !llvm::is_contained(ofRows, dispatch.getSchema()))
    return false;
  Value input = dispatch.getBody().getArgument(use.getOperandNumber());
  auto type = dyn_cast<RankedTensorType>(input.getType());
  if (!type || type.getRank() < 2)
    return false;
  return llvm::any_of(input.getUsers(), [](Operation *reader) {
    auto broadcast = dyn_cast<BroadcastOp>(reader);
    return broadcast && broadcast.getAxes().front() != broadcast.getAxes().rsplit('>').second[0];
  });
}

bool needsDense(Value value) {
  if (llvm::any_of(value.getUses(), isReadWhole))
    return true;
  return returnsFromProgram(value) || llvm::any_of(value.getUsers(), [&](Operation *user) {
           if (!isa<ReshapeOp, SliceOp>(user) || !isView(user))
             return false;
           Value result = user->getResult(0);
           bool regroups = isa<ReshapeOp>(user) && !keepsRows(tensorOf(value), tensorOf(result));
           return regroups || needsDense(result);
         });
}

} // namespace tern::dispatch
