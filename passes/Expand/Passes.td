// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_EXPAND
#define TERN_PASSES_EXPAND

include "mlir/Pass/PassBase.td"

def ExpandCompositesPass : Pass<"tern-expand-composites", "::mlir::ModuleOp"> {
  let summary = "spell composite operations in primitives";
  let description = [{
    The spelling of `--import=primitive`. Activations, norms, softmax, means, rotary embeddings and
    attention become element-wise operations, contractions, sums, largest elements, and what moves
    elements. Attention over a cache reads it by `kv.keys`, `kv.values`, `kv.positions` and
    `kv.visible`, whose slots are called `S`; what changes a cache or a state stays, and so does
    attention that gives the sums of its scores too, for its two results are no term.

    Each spelling is the left side of a law of `rules/`, by which the e-graph finds the composite
    again. Over the real numbers the module computes what it did before.

    Needs: batches that call neither rows nor entries `S`.
    Leaves: none of the operations above, but for attention with `scores`.
  }];
  let dependentDialects = ["::tern::TernDialect", "::tern::kv::KVDialect"];
  let statistics = [Statistic<"numExpanded", "num-expanded", "composite operations spelt">];
}

#endif
