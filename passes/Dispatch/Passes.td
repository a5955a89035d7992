// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH
#define TERN_PASSES_DISPATCH

include "mlir/Pass/PassBase.td"

def FormDispatchesPass : Pass<"tern-form-dispatches", "::mlir::ModuleOp"> {
  let summary = "group terms into kernels to be";
  let description = [{
    Every computing operation goes into one `tern.dispatch`:

    - A root (contraction, attention, append, gather, pack, sampling) has a dispatch of its own.
    - Element-wise terms that alone use a contraction's result, one after the other, follow it.
    - Other terms on rows join the dispatch of their users where that is one dispatch of schema
      `rows`; else they begin one.
    - Constants and broadcasts are repeated in each dispatch that reads them.

    Reshapes and slices that only look at memory in another way stay outside, as do calls of
    templates and reads of loaded values.

    Needs: weights are read by load functions only, or packed there.
    Leaves: functions of dispatches, views, `tern.repeat`, `tern.loaded` and index constants.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let statistics = [Statistic<"numDispatches", "num-dispatches", "dispatches formed">];
}

#endif
