// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Differentiate/Derivatives.h"
#include "passes/Differentiate/Passes.h"
#include "passes/Differentiate/ScalarExpansion.h"
#include "passes/Dispatch/SchemaChoice.h"

using namespace mlir;

namespace tern::differentiate {

#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "passes/Differentiate/Passes.h.inc"

namespace {

/// A derivative that is not 0, and where it stands.
struct Entry {
  int32_t row, column;
  Value value;
};

struct Differentiate : impl::DifferentiatePassBase<Differentiate> {
  using Base::Base;

  void runOnOperation() override {
    auto source = getOperation().lookupSymbol<func::FuncOp>(function);
    if (!source || source.isExternal()) {
      getOperation().emitError("expected a function @") << function << ", found none";
      return signalPassFailure();
    }
    if (failed(check(source)) || failed(differentiate(source)))
      signalPassFailure();
  }

private:
  LogicalResult check(func::FuncOp source) {
    auto refuse = [&](StringRef what, unsigned number, unsigned count) {
      return source.emitError("@")
             << function << ": expected " << what << " below " << count << ", found " << number;
    };
    if (argument >= source.getNumArguments())
      return refuse("an argument", argument, source.getNumArguments());
    if (result >= source.getNumResults())
      return refuse("a result", result, source.getNumResults());
    if (getOperation().lookupSymbol(function + ".jacobian"))
      return source.emitError("@") << function << ".jacobian is there already";
    return success();
  }

  LogicalResult differentiate(func::FuncOp source) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(source);
    auto jacobian = func::FuncOp::create(builder, source.getLoc(), function + ".jacobian",
                                         builder.getFunctionType(source.getArgumentTypes(), {}));
    for (unsigned i = 0; i < source.getNumArguments(); ++i)
      jacobian.setArgAttrs(i, source.getArgAttrDict(i));
    Block *body = jacobian.addEntryBlock();
    builder.setInsertionPointToStart(body);
    ScalarExpansion expansion(builder, maxElements);
    Value target = source.getBody().front().getTerminator()->getOperand(result);
    if (failed(expansion.run(source, body->getArguments(), target))) {
      jacobian.erase();
      return failure();
    }
    Derivatives derivatives(builder);
    Value variable = source.getArgument(argument);
    SmallVector<Operation *> terms;
    for (Operation &op : *body)
      terms.push_back(&op);
    for (auto [i, scalar] : llvm::enumerate(expansion.of(variable)))
      derivatives.setVariable(scalar, static_cast<int64_t>(i));
    for (Operation *op : terms)
      if (dispatch::isPointwise(op) && failed(derivatives.add(*op)))
        return failure();
    SmallVector<Entry> entries;
    for (auto [row, scalar] : llvm::enumerate(expansion.of(target)))
      for (auto [column, value] : derivatives.of(scalar))
        if (!isNumber(value, 0))
          entries.push_back({static_cast<int32_t>(row), static_cast<int32_t>(column), value});
    numDerivatives += entries.size();
    writeResults(builder, jacobian, expansion, entries,
                 cast<RankedTensorType>(target.getType()).getElementType());
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*body)))
      if (isOpTriviallyDead(&op))
        op.erase();
    return success();
  }

  static void writeResults(OpBuilder &builder, func::FuncOp jacobian, ScalarExpansion &expansion,
                           ArrayRef<Entry> entries, Type element) {
    Location location = jacobian.getLoc();
    auto count = static_cast<int64_t>(entries.size());
    SmallVector<int32_t> rows, columns;
    Scalars values;
    for (const Entry &entry : entries) {
      rows.push_back(entry.row);
      columns.push_back(entry.column);
      values.push_back(entry.value);
    }
    auto numbers = [&](ArrayRef<int32_t> all) -> Value {
      auto type = RankedTensorType::get({count}, builder.getI32Type());
      return ConstantOp::create(builder, location, DenseElementsAttr::get(type, all));
    };
    Value all = expansion.join(location, values, RankedTensorType::get({count}, element));
    SmallVector<Value> results{all, numbers(rows), numbers(columns)};
    func::ReturnOp::create(builder, location, results);
    jacobian.setFunctionType(
        builder.getFunctionType(jacobian.getArgumentTypes(), ValueRange(results).getTypes()));
    constexpr StringRef names[] = {"values", "rows", "columns"};
    for (auto [i, name] : llvm::enumerate(names))
      jacobian.setResultAttr(i, "tern.name", builder.getStringAttr(name));
  }
};

} // namespace
} // namespace tern::differentiate
