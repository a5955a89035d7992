// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_SATURATE_PASSES
#define TERN_SATURATE_PASSES

include "mlir/Pass/PassBase.td"

def SplitLoadPass : Pass<"tern-split-load", "::mlir::ModuleOp"> {
  let summary = "move what depends on weights alone to functions that run once";
  let description = [{
    A value is load-bound if it depends on weights, constants and a layer's index alone and has a
    static type. The load-bound values that the rest of a function `@f` reads become the results of
    a new function `@f.load`, which takes the layer's index where they depend on it, and `@f` reads
    them by `tern.loaded`. Constants stay where they are, and so do terms of rank 0 that depend on
    constants alone and broadcasts, which no kernel stores.

    Matrices on the right of a contraction `..k,nk->..n` (or `..k,kn->..n`) and tables of
    `tern.gather` are packed on the way; a matrix that both read is packed once, and a
    concatenation of rows becomes one `tern.pack` of its parts.

    Needs: functions of one block.
    Leaves: functions with the attribute `tern.load`, which hold all the `tern.weight` of the module.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let statistics = [
    Statistic<"numLoaded", "num-loaded", "values that the load program computes">,
    Statistic<"numPacked", "num-packed", "packed matrices">
  ];
}

#endif
