// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Dispatch/ScalarGroups.h"

#include "dialects/KV/IR/KV.h"
#include "passes/Dispatch/SchemaChoice.h"

using namespace mlir;

namespace tern::dispatch {

static bool isScalar(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 0 &&
         (type.getElementType().isF32() || type.getElementType().isF64());
}

bool isElementView(Operation *op) {
  return isa<SliceOp, ReshapeOp>(op) &&
         cast<RankedTensorType>(op->getOperand(0).getType()).hasStaticShape() &&
         cast<RankedTensorType>(op->getResult(0).getType()).hasStaticShape();
}

namespace {

class ScalarPrograms {
public:
  explicit ScalarPrograms(Block &block) : block(block) {}

  std::vector<llvm::SetVector<Operation *>> find() {
    for (Operation &op : llvm::reverse(block))
      if (isMember(&op))
        members.insert(&op);
    std::vector<llvm::SetVector<Operation *>> programs;
    for (Operation &op : block) {
      unsigned number = numberOf(&op);
      after[&op] = number;
      if (!members.contains(&op))
        continue;
      programs.resize(std::max<size_t>(programs.size(), number + 1));
      programs[number].insert(&op);
    }
    llvm::erase_if(programs, [](const auto &program) { return program.size() < 2; });
    return programs;
  }

private:
  /// Users come first: what another dispatch would repeat is left to it.
  bool isMember(Operation *op) const {
    if (auto concat = dyn_cast<ConcatOp>(op))
      return joinsScalars(concat);
    if (isa<ReshapeOp>(op))
      return isScalar(op->getOperand(0)) && !op->use_empty() &&
             llvm::all_of(op->getUsers(), [&](Operation *user) {
               return isa<ConcatOp>(user) && members.contains(user);
             });
    bool isTerm = isa<TermOpInterface>(op) && isPointwise(op) && isScalar(op->getResult(0)) &&
                  llvm::all_of(op->getOperands(), isScalar);
    return isTerm && llvm::all_of(op->getUsers(), [&](Operation *user) {
             return members.contains(user) || isElementView(user) ||
                    (!isa<TermOpInterface>(user) && !rootSchema(user));
           });
  }

  static bool joinsScalars(ConcatOp op) {
    auto type = cast<RankedTensorType>(op.getResult().getType());
    bool isNumber = type.getElementType().isF32() || type.getElementType().isF64();
    bool isOfSingles = llvm::all_of(op.getOperandTypes(), [](Type operand) {
      return cast<RankedTensorType>(operand).getNumElements() == 1;
    });
    return type.getRank() == 1 && isNumber && isOfSingles &&
           llvm::any_of(op.getOperands(), [](Value operand) {
             auto reshape = operand.getDefiningOp<ReshapeOp>();
             return reshape && isScalar(reshape.getX());
           });
  }

  /// How many programs must be done before: a member's own number.
  unsigned numberOf(Operation *op) const {
    unsigned number = 0;
    for (Value operand : op->getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (!source || source->getBlock() != &block)
        continue;
      bool isInside = members.contains(op) && members.contains(source) && !isa<ConcatOp>(source);
      number = std::max(number, after.lookup(source) + (members.contains(source) && !isInside));
    }
    return number;
  }

  Block &block;
  llvm::DenseSet<Operation *> members;
  llvm::DenseMap<Operation *, unsigned> after;
};

} // namespace

std::vector<llvm::SetVector<Operation *>> findScalarPrograms(Block &block) {
  // What changes a cache keeps its place among its readers.
  bool isOrdered = llvm::any_of(block.getArgumentTypes(), kv::isLinear);
  return isOrdered ? std::vector<llvm::SetVector<Operation *>>() : ScalarPrograms(block).find();
}

} // namespace tern::dispatch
