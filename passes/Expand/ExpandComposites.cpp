// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Expand/Passes.h"
#include "passes/Expand/Speller.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace tern::expand {

#define GEN_PASS_DEF_EXPANDCOMPOSITESPASS
#include "passes/Expand/Passes.h.inc"

/// What `op` is in primitives; nothing if it is no composite, or stays one.
static Spelling spellAny(Operation *op) {
  return llvm::TypeSwitch<Operation *, Spelling>(op)
      .Case<SigmoidOp, SoftplusOp, ReluOp, SiluOp, GeluOp, GeluTanhOp, QuickGeluOp, MeanOp,
            RmsNormOp, LayerNormOp, SoftmaxOp, RotaryOp, AttentionOp, kv::AttendOp>(
          [](auto composite) {
            Speller speller(composite);
            return spell(speller, composite);
          })
      .Default([](Operation *) { return Spelling(); });
}

namespace {

struct ExpandComposites : impl::ExpandCompositesPassBase<ExpandComposites> {
  using Base::Base;

  void runOnOperation() override {
    // One visit is enough: no spelling holds a composite.
    getOperation()->walk([&](Operation *op) {
      Spelling spelling = spellAny(op);
      if (spelling.empty())
        return;
      op->replaceAllUsesWith(spelling);
      op->erase();
      ++numExpanded;
    });
  }
};

} // namespace
} // namespace tern::expand
