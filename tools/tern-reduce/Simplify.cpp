// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-reduce/Simplify.h"

#include "dialects/Tern/IR/Tern.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Reducer/ReductionPatternInterface.h"

using namespace mlir;

namespace tern {
namespace {

/// A term becomes one of its operands, if that has its type.
struct TakeOperand : OpInterfaceRewritePattern<TermOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(TermOpInterface op, PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1)
      return failure();
    for (Value operand : op->getOperands())
      if (operand.getType() == op->getResult(0).getType()) {
        rewriter.replaceOp(op, operand);
        return success();
      }
    return failure();
  }
};

/// A term becomes an argument of its function, if one has its type.
struct TakeArgument : OpInterfaceRewritePattern<TermOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(TermOpInterface op, PatternRewriter &rewriter) const override {
    auto function = dyn_cast<func::FuncOp>(op->getParentOp());
    if (!function || op->getNumResults() != 1)
      return failure();
    for (Value argument : function.getArguments())
      if (argument.getType() == op->getResult(0).getType()) {
        rewriter.replaceOp(op, argument);
        return success();
      }
    return failure();
  }
};

/// A term of floats and static shape becomes zeros.
struct TakeZeros : OpInterfaceRewritePattern<TermOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(TermOpInterface op, PatternRewriter &rewriter) const override {
    if (isa<ConstantOp>(op) || op->getNumResults() != 1)
      return failure();
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || !type.hasStaticShape() || !isa<FloatType>(type.getElementType()))
      return failure();
    rewriter.replaceOpWithNewOp<ConstantOp>(
        op, DenseElementsAttr::get(type, rewriter.getZeroAttr(type.getElementType())));
    return success();
  }
};

/// A function returns one value fewer, if nothing calls it.
struct ReturnFewer : OpRewritePattern<func::FuncOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(func::FuncOp function, PatternRewriter &rewriter) const override {
    bool isAlone = function.getBody().hasOneBlock() && function.getNumResults() > 1;
    if (!isAlone || !SymbolTable::symbolKnownUseEmpty(function, function->getParentOp()))
      return failure();
    Operation *end = function.getBody().front().getTerminator();
    rewriter.modifyOpInPlace(end, [&] { end->eraseOperand(end->getNumOperands() - 1); });
    rewriter.modifyOpInPlace(function, [&] {
      function.setResAttrsAttr(nullptr);
      function.setFunctionType(
          rewriter.getFunctionType(function.getArgumentTypes(), end->getOperandTypes()));
    });
    return success();
  }
};

struct Simplifications : DialectReductionPatternInterface {
  explicit Simplifications(Dialect *dialect) : DialectReductionPatternInterface(dialect) {}

  void populateReductionPatterns(RewritePatternSet &patterns) const override {
    patterns.add<TakeOperand, TakeArgument, TakeZeros, ReturnFewer>(patterns.getContext());
  }
};

} // namespace

void registerSimplifications(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *, TernDialect *dialect) { dialect->addInterfaces<Simplifications>(); });
}

} // namespace tern
