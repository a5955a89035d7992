// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Differentiate/Passes.h"
#include "passes/Differentiate/ScalarExpansion.h"

using namespace mlir;

namespace tern::differentiate {

#define GEN_PASS_DEF_SCALARISEPASS
#include "passes/Differentiate/Passes.h.inc"

namespace {

struct Scalarise : impl::ScalarisePassBase<Scalarise> {
  using Base::Base;

  void runOnOperation() override {
    for (StringRef name : functions)
      if (!getOperation().lookupSymbol<func::FuncOp>(name)) {
        getOperation().emitError("expected a function @") << name << ", found none";
        return signalPassFailure();
      }
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() &&
          (functions.empty() || llvm::is_contained(functions, function.getName())) &&
          failed(scalarise(function)))
        return signalPassFailure();
  }

private:
  LogicalResult scalarise(func::FuncOp function) {
    Block &body = function.getBody().front();
    Operation *end = body.getTerminator();
    OpBuilder builder(end);
    ScalarExpansion expansion(builder, maxElements);
    if (failed(expansion.run(function, body.getArguments(), end->getOperands())))
      return failure();
    for (OpOperand &operand : end->getOpOperands())
      operand.set(expansion.join(end->getLoc(), expansion.of(operand.get()),
                                 cast<RankedTensorType>(operand.get().getType())));
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
      if (isOpTriviallyDead(&op))
        op.erase();
    return success();
  }
};

} // namespace
} // namespace tern::differentiate
