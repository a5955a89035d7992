// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-reduce/Changes.h"

#include "dialects/Tern/IR/Tern.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace tern {

/// The operations for which `fits` holds, in order.
static Operation *find(ModuleOp module, size_t number, llvm::function_ref<bool(Operation *)> fits) {
  Operation *found = nullptr;
  module.walk([&](Operation *op) {
    if (!fits(op) || number-- > 0)
      return WalkResult::advance();
    found = op;
    return WalkResult::interrupt();
  });
  return found;
}

static bool isAlone(Operation *op) {
  auto function = dyn_cast<func::FuncOp>(op);
  return function && SymbolTable::symbolKnownUseEmpty(function, function->getParentOp());
}

static bool isTerm(Operation *op) {
  return isa<TermOpInterface>(op) && op->getNumResults() == 1 && op->getBlock() &&
         isa<func::FuncOp>(op->getParentOp());
}

static bool replace(Operation *op, Value value) {
  op->getResult(0).replaceAllUsesWith(value);
  op->erase();
  return true;
}

bool eraseFunction(ModuleOp module, size_t number) {
  Operation *op = find(module, number, isAlone);
  if (op)
    op->erase();
  return op;
}

bool returnFewer(ModuleOp module, size_t number) {
  Operation *op = find(module, number, [](Operation *op) {
    return isAlone(op) && cast<func::FuncOp>(op).getNumResults() > 1 &&
           cast<func::FuncOp>(op).getBody().hasOneBlock();
  });
  if (!op)
    return false;
  auto function = cast<func::FuncOp>(op);
  Operation *end = function.getBody().front().getTerminator();
  end->eraseOperand(end->getNumOperands() - 1);
  function.setResAttrsAttr(nullptr);
  function.setFunctionType(
      FunctionType::get(module.getContext(), function.getArgumentTypes(), end->getOperandTypes()));
  return true;
}

static Value fittingOf(ValueRange values, Operation *op) {
  for (Value value : values)
    if (value.getType() == op->getResult(0).getType())
      return value;
  return {};
}

bool takeOperand(ModuleOp module, size_t number) {
  Operation *op = find(
      module, number, [](Operation *op) { return isTerm(op) && fittingOf(op->getOperands(), op); });
  return op && replace(op, fittingOf(op->getOperands(), op));
}

static Value argumentFor(Operation *op) {
  return fittingOf(cast<func::FuncOp>(op->getParentOp()).getArguments(), op);
}

bool takeArgument(ModuleOp module, size_t number) {
  Operation *op = find(module, number, [](Operation *op) { return isTerm(op) && argumentFor(op); });
  return op && replace(op, argumentFor(op));
}

bool takeZeros(ModuleOp module, size_t number) {
  Operation *op = find(module, number, [](Operation *op) {
    auto type =
        isTerm(op) ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
    return type && !isa<ConstantOp>(op) && type.hasStaticShape() &&
           isa<FloatType>(type.getElementType());
  });
  if (!op)
    return false;
  OpBuilder builder(op);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto zeros = DenseElementsAttr::get(type, builder.getZeroAttr(type.getElementType()));
  return replace(op, ConstantOp::create(builder, op->getLoc(), zeros));
}

} // namespace tern
