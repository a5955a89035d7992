// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Normalise/SortTerms.h"
#include "passes/Normalise/Passes.h"
#include "passes/Normalise/TermHashes.h"

#include "dialects/KV/IR/KV.h"
#include "dialects/Tern/IR/Axes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace tern::normalise {

#define GEN_PASS_DEF_SORTTERMSPASS
#include "passes/Normalise/Passes.h.inc"

namespace {

/// Writes the operations of a block anew, each after what it needs.
class BlockOrder {
public:
  explicit BlockOrder(Block &block) : block(block) {}

  void apply() {
    for (Operation &op : block)
      if (op.hasTrait<OpTrait::IsTerminator>() || (!isPure(&op) && op.use_empty()))
        visit(&op);
    for (Operation *op : order)
      op->moveBefore(&block, block.end());
    SmallVector<Operation *> unused;
    for (Operation &op : block)
      if (!placed.contains(&op))
        unused.push_back(&op);
    for (Operation *op : llvm::reverse(unused))
      op->erase();
  }

private:
  /// Places what an operation waits for, one after the other, then the operation.
  void visit(Operation *root) {
    SmallVector<std::pair<Operation *, SmallVector<Operation *>>> stack;
    auto open = [&](Operation *op) {
      if (op->getBlock() == &block && placed.insert(op).second)
        stack.emplace_back(op, waitsFor(op));
    };
    open(root);
    while (!stack.empty()) {
      auto &[op, waiting] = stack.back();
      if (waiting.empty()) {
        order.push_back(op);
        stack.pop_back();
      } else {
        open(waiting.pop_back_val());
      }
    }
  }

  /// The definitions of the operands, and what reads a cache that the operation changes; the last
  /// one comes first.
  static SmallVector<Operation *> waitsFor(Operation *op) {
    SmallVector<Operation *> before;
    for (Value operand : op->getOperands())
      if (Operation *source = operand.getDefiningOp())
        before.push_back(source);
    if (llvm::any_of(op->getResultTypes(), kv::isLinear))
      for (Value operand : op->getOperands())
        if (kv::isLinear(operand.getType()))
          llvm::append_range(before, operand.getUsers());
    std::reverse(before.begin(), before.end());
    return before;
  }

  Block &block;
  SmallVector<Operation *> order;
  llvm::DenseSet<Operation *> placed;
};

/// x W^T is said as such, not as W x^T transposed: the factor whose letters the result begins with
/// stands first. Only the right factor has groups, so those two can't change places.
static void orderFactors(ContractOp op) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  if (failed(axes) || op.getGroups())
    return;
  for (char letter : axes->result) {
    bool isLeft = axes->operands[0].find(letter) != std::string::npos;
    bool isRight = axes->operands[1].find(letter) != std::string::npos;
    if (isLeft && isRight)
      continue;
    if (isRight) {
      op.setAxes(axes->operands[1] + "," + axes->operands[0] + "->" + axes->result);
      Value first = op.getLhs();
      op.getLhsMutable().assign(op.getRhs());
      op.getRhsMutable().assign(first);
    }
    return;
  }
}

static void renameAxes(Operation *op) {
  auto axes = op->getAttrOfType<StringAttr>("axes");
  if (!axes || !isa<TermOpInterface>(op))
    return;
  std::string why;
  FailureOr<Axes> parsed = Axes::parse(axes, why);
  if (succeeded(parsed))
    op->setAttr("axes", StringAttr::get(op->getContext(), parsed->canonical()));
}

/// Numbers of an operation on f32 are numbers of f32, as its kernel reads them.
static void roundNumbers(Operation *op) {
  if (!isa<TermOpInterface>(op) || !getElementTypeOrSelf(op->getResult(0)).isF32())
    return;
  auto f32 = Float32Type::get(op->getContext());
  for (NamedAttribute attribute : llvm::to_vector(op->getAttrs()))
    if (auto number = dyn_cast<FloatAttr>(attribute.getValue()))
      op->setAttr(
          attribute.getName(),
          FloatAttr::get(number.getType(),
                         FloatAttr::get(f32, number.getValueAsDouble()).getValueAsDouble()));
}

/// Sorts the operands of what commutes by their hashes; returns how many changed places.
static int64_t sortOperands(Block &block) {
  TermHashes hashes;
  int64_t swapped = 0;
  for (Operation &op : block) {
    bool swaps = op.hasTrait<OpTrait::IsCommutative>() && op.getNumOperands() == 2 &&
                 hashes.of(op.getOperand(0)) > hashes.of(op.getOperand(1));
    if (swaps) {
      Value first = op.getOperand(0);
      op.setOperand(0, op.getOperand(1));
      op.setOperand(1, first);
      ++swapped;
    }
    hashes.add(op);
  }
  return swapped;
}

} // namespace

int64_t sortTerms(func::FuncOp function) {
  auto isCode = [](Operation *op) { return isa<LLVM::LLVMDialect>(op->getDialect()); };
  if (function.walk([&](Operation *op) { return WalkResult(isCode(op) ? failure() : success()); })
          .wasInterrupted())
    return 0; // has effects, in its order
  function.walk([](Operation *op) {
    if (auto contract = dyn_cast<ContractOp>(op))
      orderFactors(contract);
    renameAxes(op);
    roundNumbers(op);
  });
  int64_t swapped = 0;
  for (Block &block : function.getBody())
    swapped += sortOperands(block);
  for (Block &block : function.getBody())
    BlockOrder(block).apply();
  return swapped;
}

namespace {

struct SortTerms : impl::SortTermsPassBase<SortTerms> {
  using Base::Base;

  void runOnOperation() override {
    if (!keepsLocations)
      getOperation().walk([](Operation *op) { op->setLoc(UnknownLoc::get(op->getContext())); });
    getOperation().walk([&](func::FuncOp function) { numSwapped += sortTerms(function); });
  }
};

} // namespace
} // namespace tern::normalise
