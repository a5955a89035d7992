// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Dispatch/Passes.h"

#include "dialects/KV/IR/KV.h"
#include "passes/Dispatch/Grouping.h"
#include "passes/Dispatch/ScalarGroups.h"
#include "passes/Dispatch/SchemaChoice.h"
#include "passes/Dispatch/Views.h"

#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace tern::dispatch {

#define GEN_PASS_DEF_FORMDISPATCHESPASS
#include "passes/Dispatch/Passes.h.inc"

namespace {

/// Makes the dispatch of a group, in place of its last operation.
class DispatchBuilder {
public:
  explicit DispatchBuilder(Group &group) : group(group) {
    for (Operation *op : group.ops)
      addWithRepeated(op);
    SmallVector<Operation *> sorted = ops.takeVector();
    llvm::sort(sorted, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    ops.insert_range(sorted);
  }

  void build() {
    Operation *place = group.last();
    llvm::SetVector<Value> inputs, results;
    for (Operation *op : ops)
      for (Value operand : op->getOperands())
        if (!ops.contains(operand.getDefiningOp()))
          inputs.insert(operand);
    for (Operation *op : ops)
      if (group.ops.contains(op))
        for (Value result : op->getResults())
          // An operation of several results writes all of them.
          if (op->getNumResults() > 1 || llvm::any_of(result.getUsers(), [&](Operation *user) {
                return !group.ops.contains(user);
              }))
            results.insert(result);
    OpBuilder builder(place);
    auto types = llvm::map_to_vector(results, [](Value value) { return value.getType(); });
    auto dispatch =
        DispatchOp::create(builder, place->getLoc(), types, group.schema, inputs.getArrayRef());
    fillBody(dispatch, inputs, results);
    for (auto [old, fresh] : llvm::zip_equal(results.getArrayRef(), dispatch.getResults()))
      Value(old).replaceUsesWithIf(fresh, [&](OpOperand &use) {
        return !group.ops.contains(use.getOwner()) &&
               use.getOwner()->getBlock() == dispatch->getBlock();
      });
    for (Operation *op : llvm::reverse(ops.getArrayRef()))
      if (group.ops.contains(op) || op->use_empty())
        op->erase();
  }

private:
  /// Adds `op` and what it reads that the dispatch repeats: constants, broadcasts, and the views
  /// that lead to single elements.
  void addWithRepeated(Operation *op) {
    SmallVector<Operation *> stack{op};
    while (!stack.empty()) {
      Operation *next = stack.pop_back_val();
      if (!ops.insert(next))
        continue;
      for (Value operand : next->getOperands())
        if (Operation *source = operand.getDefiningOp(); source && repeats(source))
          stack.push_back(source);
    }
  }

  bool repeats(Operation *op) const {
    return isRepeated(op) || (group.schema == Schema::scalars && isElementView(op));
  }

  void fillBody(DispatchOp dispatch, const llvm::SetVector<Value> &inputs,
                const llvm::SetVector<Value> &results) {
    Block &body = dispatch.getBody().emplaceBlock();
    IRMapping mapping;
    for (Value input : inputs)
      mapping.map(input, body.addArgument(input.getType(), input.getLoc()));
    auto builder = OpBuilder::atBlockEnd(&body);
    for (Operation *op : ops)
      builder.clone(*op, mapping);
    auto yielded = llvm::map_to_vector(results, [&](Value v) { return mapping.lookup(v); });
    YieldOp::create(builder, dispatch.getLoc(), yielded);
  }

  Group &group;
  llvm::SetVector<Operation *> ops;
};

struct FormDispatches : impl::FormDispatchesPassBase<FormDispatches> {
  using Base::Base;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Block &block : function.getBody())
        if (failed(runOnBlock(block)))
          return signalPassFailure();
  }

  LogicalResult runOnBlock(Block &block) {
    for (Operation &op : block)
      if (auto slice = dyn_cast<SliceOp>(op); slice && failed(checkRange(slice)))
        return failure();
    copyWhatTemplatesReturn(block);
    Grouping grouping(block);
    bool hasScalars = false;
    for (Group *group : grouping.find()) {
      DispatchBuilder(*group).build();
      hasScalars |= group->schema == Schema::scalars;
      ++numDispatches;
    }
    // What stood between the operations of a program may read some of its results.
    if (hasScalars)
      sortTopologically(&block);
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
    for (Operation &op : block)
      if (isa<TermOpInterface>(op) && !isa<LoadedOp, WeightOp>(op) && !isView(&op))
        return op.emitOpError("has no kernel schema that lowers it");
    return success();
  }

  /// Rows of what a template returns may lie apart, those of what a program returns may not: a
  /// reshape to the same type is no view then (Views.h), and copies.
  static void copyWhatTemplatesReturn(Block &block) {
    Operation *end = block.getTerminator();
    if (!cast<func::FuncOp>(block.getParentOp()).isPublic())
      return;
    OpBuilder builder(end);
    for (OpOperand &operand : end->getOpOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.get().getType());
      if (type && type.getRank() > 1 && operand.get().getDefiningOp<RepeatOp>())
        operand.set(ReshapeOp::create(builder, end->getLoc(), type, operand.get()));
    }
  }

  /// A range of a dynamic axis must lie inside its least extent, for kernels do not look.
  LogicalResult checkRange(SliceOp op) {
    ExtentAttr extent = getExtents(cast<RankedTensorType>(op.getX().getType()))[op.getAxis()];
    if (!extent)
      return success();
    int64_t least = extent.getConstant();
    for (auto [name, factor] : llvm::zip_equal(extent.getNames(), extent.getFactors()))
      if (auto dim = getOperation().lookupSymbol<DimOp>(name))
        least += factor * static_cast<int64_t>(factor > 0 ? dim.getMin() : dim.getMax());
    int64_t end = op.getOffset() + op.getSize();
    if (end <= least)
      return success();
    return op.emitOpError("reads axis ")
           << op.getAxis() << " up to " << end << ", expected at most its least extent, found "
           << extent << " of at least " << least;
  }
};

} // namespace
} // namespace tern::dispatch
