// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_PLAN
#define TERN_PASSES_PLAN

include "mlir/Pass/PassBase.td"

def PlanProgramsPass : Pass<"tern-plan-programs", "::mlir::ModuleOp"> {
  let summary = "place buffers and put dispatches into an order";
  let description = [{
    Each public function becomes a `plan.program` of launches, layer templates written out; all load
    functions that they read become the program `load`. Equal dispatches with equal layouts share a
    `plan.kernel`. Buffers that are not alive together share memory of the arena, which is placed for
    the largest values of the named dimensions.

    Needs: the form that tern-form-dispatches leaves; dynamic axes stand first.
    Leaves: `plan.program`, `plan.kernel`, `plan.packed` and `tern.dim`; no function.
  }];
  let dependentDialects = ["::tern::plan::PlanDialect"];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "different kernels">,
    Statistic<"numCommands", "num-commands", "commands of all programs">
  ];
}

#endif
