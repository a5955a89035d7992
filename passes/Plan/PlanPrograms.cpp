// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/Passes.h"

#include "dialects/KV/IR/KV.h"
#include "dialects/Plan/IR/Plan.h"
#include "passes/Plan/ProgramPlanner.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace tern::plan {

#define GEN_PASS_DEF_PLANPROGRAMSPASS
#include "passes/Plan/Passes.h.inc"

namespace {

struct PlanPrograms : impl::PlanProgramsPassBase<PlanPrograms> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    ModulePlan plan(module);
    SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (function.isPublic() && failed(planFunction(plan, function)))
        return signalPassFailure();
    if (failed(planLoads(plan)))
      return signalPassFailure();
    for (func::FuncOp function : functions)
      function.erase();
    numKernels += plan.numKernels();
  }

  LogicalResult planFunction(ModulePlan &plan, func::FuncOp function) {
    if (function.getName() == "load")
      return function.emitError("@load: expected another name, for the program that prepares "
                                "weights has this one");
    ProgramPlanner planner(plan, function.getName());
    if (failed(planner.addFunction(function)))
      return failure();
    numCommands += planner.numCommands();
    return planner.write();
  }

  /// One program for all load functions that others read, in the order of their first reads.
  LogicalResult planLoads(ModulePlan &plan) {
    if (plan.loads().empty())
      return success();
    ProgramPlanner planner(plan, "load");
    for (auto [function, layer] : plan.loads())
      if (failed(planner.addLoad(function, layer)))
        return failure();
    numCommands += planner.numCommands();
    return planner.write();
  }
};

} // namespace
} // namespace tern::plan
