// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Dispatch/Grouping.h"

#include "dialects/KV/IR/KV.h"
#include "passes/Dispatch/ScalarGroups.h"
#include "passes/Dispatch/SchemaChoice.h"
#include "passes/Dispatch/Views.h"

using namespace mlir;

namespace tern::dispatch {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static ExtentAttr rowsOf(Operation *op) {
  RankedTensorType type = tensorOf(op->getResult(0));
  return type.getRank() == 0 ? ExtentAttr() : getExtents(type)[0];
}

Operation *Group::last() const {
  return *llvm::max_element(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
}

/// True if what reads the value needs it in memory: it is no term, a view, or a root that says so.
static bool isReadFromMemory(Operation *op) {
  return llvm::any_of(op->getUsers(), [](Operation *user) {
    return (!isa<TermOpInterface>(user) && !rootSchema(user)) || isView(user) ||
           readsMemory(user) || isa<RotaryOp, QuantiseOp>(user);
  });
}

/// True for an operation that some dispatch computes.
bool Grouping::isComputed(Operation *op) const {
  if (!isa<TermOpInterface>(op) || isa<WeightOp, LoadedOp>(op) || isView(op))
    return false;
  return !isRepeated(op) || isReadFromMemory(op);
}

SmallVector<Group *> Grouping::find() {
  for (const llvm::SetVector<Operation *> &program : findScalarPrograms(block)) {
    Group *group = begin(program.front(), Schema::scalars);
    for (Operation *op : ArrayRef(program.getArrayRef()).drop_front())
      join(op, group);
  }
  for (Operation &op : block)
    if (std::optional<Schema> schema = rootSchema(&op); schema && !groupOf.contains(&op))
      begin(&op, *schema);
  for (Operation &op : block) {
    if (isa<ContractOp>(op) || isAttention(&op))
      followWithEpilogue(&op);
    if (RotaryOp rotary = rotationOf(&op))
      join(rotary, groupOf[&op]);
  }
  for (Operation &op : llvm::reverse(block))
    if (!groupOf.contains(&op) && isComputed(&op))
      place(&op);
  SmallVector<Group *> ordered;
  for (std::unique_ptr<Group> &group : groups)
    ordered.push_back(group.get());
  llvm::sort(ordered, [](Group *a, Group *b) { return a->last()->isBeforeInBlock(b->last()); });
  return ordered;
}

Group *Grouping::begin(Operation *op, Schema schema) {
  groups.push_back(std::make_unique<Group>());
  Group *group = groups.back().get();
  group->schema = schema;
  if (schema == Schema::fold)
    group->domain = getExtents(tensorOf(op->getOperand(0)));
  else if (schema == Schema::loops && !readsMemory(op))
    group->domain = getExtents(tensorOf(op->getResult(0)));
  join(op, group);
  return group;
}

void Grouping::join(Operation *op, Group *group) {
  group->ops.insert(op);
  groupOf[op] = group;
}

bool Grouping::canFollow(Operation *op, Operation *user, bool readsMemory) const {
  if (user->getBlock() != &block || !isPointwise(user) || groupOf.contains(user) ||
      user->getResult(0).getType() != op->getResult(0).getType())
    return false;
  return !readsMemory || (fitsRows(user) && !isa<CastOp>(user));
}

/// The element-wise terms after `op` that alone use what is there, each of the same shape.
SmallVector<Operation *> Grouping::chainFrom(Operation *op, bool readsMemory) const {
  SmallVector<Operation *> chain;
  for (; op->hasOneUse(); op = chain.back()) {
    Operation *user = *op->user_begin();
    if (!canFollow(op, user, readsMemory))
      break;
    chain.push_back(user);
  }
  return chain;
}

/// Adds the halves of a product with two packed weights, and what follows each until one term reads
/// both: the last term that was added, or none.
Operation *Grouping::followHalves(ContractOp root) {
  std::array<SliceOp, 2> halves = halvesOf(root);
  if (!halves[0])
    return nullptr;
  SmallVector<Operation *> first = chainFrom(halves[0], true), second = chainFrom(halves[1], true);
  auto meeting =
      llvm::find_if(first, [&](Operation *op) { return llvm::is_contained(second, op); });
  if (meeting == first.end())
    return nullptr;
  Group *group = groupOf[root];
  for (SliceOp half : halves)
    join(half, group);
  for (Operation *op : second) {
    if (op == *meeting)
      break;
    join(op, group);
  }
  for (Operation *op : llvm::make_range(first.begin(), std::next(meeting)))
    join(op, group);
  return *meeting;
}

void Grouping::followWithEpilogue(Operation *root) {
  Operation *last = root;
  if (auto contraction = dyn_cast<ContractOp>(root))
    if (Operation *meeting = followHalves(contraction))
      last = meeting;
  last = followWithChain(root, last);
  ReshapeOp joint;
  if (isAttention(root) && last->hasOneUse())
    joint = dyn_cast<ReshapeOp>(*last->user_begin());
  if (!joint || joint->getBlock() != &block || !joinsHeads(joint))
    return;
  // The view belongs to the kernel only if something that it reads there does.
  if (followWithChain(root, joint) != joint)
    join(joint, groupOf[root]);
}

/// True if the cache that the root attends to changes before `op`, where a dispatch of both would
/// stand.
static bool isBehindChange(Operation *root, Operation *op) {
  auto attend = dyn_cast<kv::AttendOp>(root);
  return attend && llvm::any_of(attend.getCache().getUsers(), [&](Operation *user) {
           return llvm::any_of(user->getResultTypes(), kv::isLinear) && user->isBeforeInBlock(op);
         });
}

/// Adds the element-wise terms after `last`, and what makes them narrower: the last one, or `last`.
Operation *Grouping::followWithChain(Operation *root, Operation *last) {
  Group *group = groupOf[root];
  for (Operation *op : chainFrom(last, readsMemory(root))) {
    if (isBehindChange(root, op))
      return last;
    join(op, group);
    last = op;
  }
  if (!last->hasOneUse())
    return last;
  Operation *narrower = *last->user_begin();
  if (narrower->getBlock() != &block || groupOf.contains(narrower) || !canNarrow(root, narrower) ||
      isBehindChange(root, narrower))
    return last;
  join(narrower, group);
  return narrower;
}

bool Grouping::canJoin(Operation *op, Group *group) const {
  switch (group->schema) {
  case Schema::rows:
    return fitsRows(op);
  case Schema::loops:
  case Schema::fold:
    return group->domain && (isPointwise(op) || isMovement(op)) && !rootSchema(op) &&
           getExtents(tensorOf(op->getResult(0))) == *group->domain;
  case Schema::contraction:
    return isMovement(op) && !rootSchema(op) && op->hasOneUse() &&
           isa<ContractOp>(*op->user_begin()) && !readsMemory(*op->user_begin());
  default:
    return false;
  }
}

/// The one dispatch that all users of `op` are in, if it may join that.
Group *Grouping::commonUser(Operation *op) const {
  Group *common = nullptr;
  for (Operation *user : op->getUsers()) {
    Group *group = groupOf.lookup(user);
    bool hasRows = group && (group->schema != Schema::rows || rowsOf(user) == rowsOf(op));
    if (!hasRows || (common && common != group) || !canJoin(op, group))
      return nullptr;
    common = group;
  }
  return common;
}

void Grouping::place(Operation *op) {
  if (Group *group = commonUser(op))
    join(op, group);
  else
    begin(op, fitsRows(op) ? Schema::rows : Schema::loops);
}

} // namespace tern::dispatch
