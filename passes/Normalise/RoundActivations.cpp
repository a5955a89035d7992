// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Normalise/Passes.h"

#include "dialects/Tern/IR/Inference.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace tern::normalise {

#define GEN_PASS_DEF_ROUNDACTIVATIONSPASS
#include "passes/Normalise/Passes.h.inc"

/// Numbers of an activation that share a scale: a block of weights, or two groups or one of theirs.
static constexpr int64_t kActivationGroup = 32;

/// The type that an activation is rounded to before it meets weights of `weight`; null for none.
static Type roundedType(Type weight, bool usesBlocks) {
  if (weight.isBF16() || weight.isF16())
    return weight;
  if (isa<BlockType>(weight) && !usesBlocks)
    return BFloat16Type::get(weight.getContext());
  if (auto block = dyn_cast<BlockType>(weight); block && block.getNumbers().empty())
    return BlockType::get(weight.getContext(), 8, kActivationGroup,
                          Float32Type::get(weight.getContext()), 0, false);
  return {};
}

/// What a kernel takes the weights' zero point or minimum from, which the rounding of blocks
/// stores: the weights are unsigned there, codes of more than 4 bits and table values moved to 128.
static StringRef correctionFor(Type weight) {
  auto block = cast<BlockType>(weight);
  if (block.getGroup() < kActivationGroup)
    return "halves";
  if (block.getMinimum())
    return "scaled";
  return block.getBits() > 4 || !block.getTable().empty() ? "-128" : "-8";
}

/// True if the contraction sums over the last axis of its left operand.
static bool sumsLastAxis(ContractOp op) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  StringRef lhs = axes->operands[0];
  return !lhs.empty() && StringRef(axes->summed()).contains(lhs.back());
}

namespace {

struct RoundActivations : impl::RoundActivationsPassBase<RoundActivations> {
  using Base::Base;

  void runOnOperation() override {
    llvm::DenseMap<std::tuple<Value, Type, StringRef>, Value> rounded;
    getOperation().walk([&](ContractOp op) {
      auto lhs = cast<RankedTensorType>(op.getLhs().getType());
      Operation *weights = op.getRhs().getDefiningOp();
      if (!lhs.getElementType().isF32() || !isa_and_present<WeightOp, BlocksOp>(weights) ||
          !sumsLastAxis(op))
        return;
      Type weight = cast<RankedTensorType>(op.getRhs().getType()).getElementType();
      Type type = roundedType(weight, blocks);
      if (!type)
        return;
      StringRef correction = isa<BlockType>(type) ? correctionFor(weight) : "none";
      Value &value = rounded[{op.getLhs(), type, correction}];
      if (!value)
        value = round(op.getLhs(), lhs.clone(type), correction);
      op.getLhsMutable().assign(value);
    });
  }

  Value round(Value x, RankedTensorType type, StringRef correction) {
    OpBuilder builder(x.getContext());
    builder.setInsertionPointAfterValue(x);
    ++numRounded;
    if (isa<BlockType>(type.getElementType()))
      return QuantiseOp::create(builder, x.getLoc(), type, x, correction);
    return CastOp::create(builder, x.getLoc(), type, x);
  }
};

} // namespace
} // namespace tern::normalise
