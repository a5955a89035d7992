// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_DISPATCH
#define TERN_PASSES_DISPATCH

include "mlir/Pass/PassBase.td"

def FormDispatchesPass : Pass<"tern-form-dispatches", "::mlir::ModuleOp"> {
  let summary = "group terms into kernels to be";
  let description = [{
    Every computing operation goes into one `tern.dispatch`:

    - A root (contraction, attention, append, gather, scatter, pack, sampling, selection,
      concatenation, padding, a fold that schema `rows` lacks) has a dispatch of its own.
    - Terms of rank 0 in f32 or f64 that read one another, and the vectors concatenated from them,
      are one program of schema `scalars`, unless another dispatch can repeat them.
    - Element-wise terms that alone use a contraction's result, one after the other, follow it.
    - Other terms join the dispatch of their users where that is one dispatch with the same rows
      (schema `rows`) or the same shape (`loops`, `fold`); else they begin one: of schema `rows` if
      they map rows to rows and the axes of a row are static, else of schema `loops`.
    - Constants, indices, sizes and broadcasts are repeated in each dispatch that reads them.

    Reshapes and slices that only look at memory in another way stay outside, as do calls of
    templates and reads of loaded values. A slice of a dynamic axis that may leave it is refused.

    Needs: weights are read by load functions only, or packed there.
    Leaves: functions of dispatches, views, `tern.repeat`, `tern.loaded` and index constants.
  }];
  let dependentDialects = ["::tern::TernDialect"];
  let statistics = [Statistic<"numDispatches", "num-dispatches", "dispatches formed">];
}

#endif
