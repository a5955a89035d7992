// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Dispatch/Passes.h"

#include "dialects/KV/IR/KV.h"
#include "passes/Dispatch/Views.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace tern::dispatch {

#define GEN_PASS_DEF_FORMDISPATCHESPASS
#include "passes/Dispatch/Passes.h.inc"

/// The schema of an operation that has a dispatch of its own.
static std::optional<Schema> rootSchema(Operation *op) {
  if (isa<ContractOp>(op))
    return Schema::contraction;
  if (isa<AttentionOp, kv::AttendOp>(op))
    return Schema::attention;
  if (isa<kv::AppendOp>(op))
    return Schema::append;
  if (isa<GatherOp>(op))
    return Schema::gather;
  if (isa<PackOp>(op))
    return Schema::pack;
  if (isa<SampleOp>(op))
    return Schema::sampling;
  return std::nullopt;
}

/// True for what every dispatch that reads it repeats.
static bool isRepeated(Operation *op) { return isa<ConstantOp, BroadcastOp>(op); }

/// True for terms on rows: what schema `rows` lowers.
static bool isRowTerm(Operation *op) {
  return isa<TermOpInterface>(op) && !rootSchema(op) && !isRepeated(op) && !isView(op) &&
         !isa<WeightOp, LoadedOp, ConcatOp, TransposeOp>(op);
}

static bool isElementwise(Operation *op) {
  return isRowTerm(op) && !isa<CastOp, QuantiseOp, RotaryOp, SoftmaxOp, RmsNormOp, LayerNormOp,
                               SumOp, MeanOp, AmaxOp, AminOp, DequantiseOp>(op);
}

static ExtentAttr rowsOf(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  return type.getRank() == 0 ? ExtentAttr() : getExtents(type)[0];
}

namespace {

/// The operations of a dispatch to be, in the order of the block.
struct Group {
  Schema schema;
  llvm::SetVector<Operation *> ops;
};

/// Finds the groups of one block.
class Grouping {
public:
  explicit Grouping(Block &block) : block(block) {}

  /// Groups in the order in which their dispatches must stand.
  SmallVector<Group *> find() {
    for (Operation &op : block)
      if (std::optional<Schema> schema = rootSchema(&op))
        begin(&op, *schema);
    for (Operation &op : block)
      if (isa<ContractOp>(op))
        followWithEpilogue(&op);
    for (Operation &op : llvm::reverse(block))
      if (isRowTerm(&op) && !groupOf.contains(&op))
        joinUsers(&op);
    SmallVector<Group *> ordered;
    for (std::unique_ptr<Group> &group : groups)
      ordered.push_back(group.get());
    llvm::sort(ordered, [&](Group *a, Group *b) { return last(a)->isBeforeInBlock(last(b)); });
    return ordered;
  }

  static Operation *last(Group *group) {
    return *llvm::max_element(group->ops,
                              [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  }

private:
  void begin(Operation *op, Schema schema) {
    groups.push_back(std::make_unique<Group>());
    groups.back()->schema = schema;
    join(op, groups.back().get());
  }

  void join(Operation *op, Group *group) {
    group->ops.insert(op);
    groupOf[op] = group;
  }

  /// Adds the element-wise terms that alone use what is there, each of the same shape.
  void followWithEpilogue(Operation *root) {
    Group *group = groupOf[root];
    for (Operation *op = root; op->hasOneUse();) {
      Operation *user = *op->user_begin();
      if (user->getBlock() != &block || !isElementwise(user) || groupOf.contains(user) ||
          user->getResult(0).getType() != root->getResult(0).getType())
        return;
      join(user, group);
      op = user;
    }
  }

  /// The one dispatch of schema rows, with the same rows, that all users of `op` are in.
  Group *commonUser(Operation *op) {
    Group *common = nullptr;
    for (Operation *user : op->getUsers()) {
      Group *group = groupOf.lookup(user);
      bool fits = group && group->schema == Schema::rows && (!common || common == group) &&
                  rowsOf(user) == rowsOf(op);
      if (!fits)
        return nullptr;
      common = group;
    }
    return common;
  }

  void joinUsers(Operation *op) {
    if (Group *group = commonUser(op))
      join(op, group);
    else
      begin(op, Schema::rows);
  }

  Block &block;
  std::vector<std::unique_ptr<Group>> groups;
  llvm::DenseMap<Operation *, Group *> groupOf;
};

/// Makes the dispatch of a group, in place of its last operation.
class DispatchBuilder {
public:
  explicit DispatchBuilder(Group &group) : group(group) {
    for (Operation *op : group.ops)
      addWithRepeated(op);
    llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  }

  void build() {
    Operation *place = Grouping::last(&group);
    llvm::SetVector<Value> inputs, results;
    for (Operation *op : ops)
      for (Value operand : op->getOperands())
        if (!llvm::is_contained(ops, operand.getDefiningOp()))
          inputs.insert(operand);
    for (Operation *op : ops)
      if (group.ops.contains(op))
        for (Value result : op->getResults())
          if (llvm::any_of(result.getUsers(), [&](Operation *user) {
                return !group.ops.contains(user);
              }))
            results.insert(result);
    OpBuilder builder(place);
    auto types = llvm::map_to_vector(results, [](Value value) { return value.getType(); });
    auto dispatch = DispatchOp::create(builder, place->getLoc(), types, group.schema,
                                       inputs.getArrayRef());
    fillBody(dispatch, inputs, results);
    for (auto [old, fresh] : llvm::zip_equal(results.getArrayRef(), dispatch.getResults()))
      Value(old).replaceUsesWithIf(fresh, [&](OpOperand &use) {
        return !group.ops.contains(use.getOwner()) &&
               use.getOwner()->getBlock() == dispatch->getBlock();
      });
    for (Operation *op : llvm::reverse(ops))
      if (group.ops.contains(op) || op->use_empty())
        op->erase();
  }

private:
  /// Adds `op` and the constants and broadcasts that it reads.
  void addWithRepeated(Operation *op) {
    if (llvm::is_contained(ops, op))
      return;
    ops.push_back(op);
    for (Value operand : op->getOperands())
      if (Operation *source = operand.getDefiningOp(); source && isRepeated(source))
        addWithRepeated(source);
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
  SmallVector<Operation *> ops;
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
    Grouping grouping(block);
    for (Group *group : grouping.find()) {
      DispatchBuilder(*group).build();
      ++numDispatches;
    }
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
    for (Operation &op : block)
      if (isa<TermOpInterface>(op) && !isa<LoadedOp, WeightOp>(op) && !isView(&op))
        return op.emitOpError("has no kernel schema that lowers it");
    return success();
  }
};

} // namespace
} // namespace tern::dispatch
