// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Pipelines/Pipeline.h"

#include "dialects/Plan/IR/Plan.h"
#include "dialects/Tern/IR/Tern.h"
#include "passes/CPU/Passes.h"
#include "passes/Differentiate/Passes.h"
#include "passes/Dispatch/Passes.h"
#include "passes/Expand/Passes.h"
#include "passes/NVPTX/Passes.h"
#include "passes/Normalise/Passes.h"
#include "passes/Plan/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace tern {

static constexpr llvm::StringLiteral stageNames[] = {"import",   "normalise", "saturate",
                                                     "dispatch", "plan",      "codegen"};

std::optional<Stage> stageFromName(llvm::StringRef name) {
  const auto *at = llvm::find(stageNames, name);
  if (at == std::end(stageNames))
    return std::nullopt;
  return static_cast<Stage>(at - std::begin(stageNames));
}

llvm::StringRef stageName(Stage stage) { return stageNames[static_cast<int>(stage)]; }

/// The stages that this operation can be found at.
static StageRange stagesOf(Operation *op) {
  if (isa<LLVM::LLVMDialect, NVVM::NVVMDialect>(op->getDialect()))
    return {Stage::Codegen, Stage::Codegen};
  if (auto kernel = dyn_cast<plan::KernelOp>(op))
    return kernel.getBody().empty() ? StageRange{Stage::Codegen, Stage::Codegen}
                                    : StageRange{Stage::Plan, Stage::Plan};
  if (isa<plan::PlanDialect>(op->getDialect()))
    return {Stage::Plan, Stage::Codegen};
  if (isa<DispatchOp>(op))
    return {Stage::Dispatch, Stage::Plan};
  if (isa<LoadedOp, PackOp>(op))
    return {Stage::Saturate, Stage::Plan};
  auto function = dyn_cast<func::FuncOp>(op);
  if (function && function->hasAttr("tern.layer"))
    return {Stage::Import, Stage::Import};
  bool computes = isa<TermOpInterface>(op) && isa<func::FuncOp>(op->getParentOp()) &&
                  !isa<LoadedOp, WeightOp, ReshapeOp, SliceOp>(op); // which need no kernel
  return {Stage::Import, computes ? Stage::Saturate : Stage::Codegen};
}

StageRange stagesOf(ModuleOp module) {
  StageRange stages;
  module.walk([&](Operation *op) {
    StageRange own = stagesOf(op);
    stages.first = std::max(stages.first, own.first);
    stages.last = std::min(stages.last, own.last);
  });
  return stages;
}

void buildPipeline(OpPassManager &passes, const PipelineOptions &options, Stage from, Stage to) {
  auto goesThrough = [&](Stage stage) { return from < stage && stage <= to; };
  // Whoever asks what was chosen asks where it was written.
  const normalise::SortTermsPassOptions sorting{bool(options.observer)};
  if (goesThrough(Stage::Normalise)) {
    passes.addPass(normalise::createOutlineTemplatesPass());
    // What is no layer is part of its caller.
    passes.addPass(createInlinerPass({}, [](OpPassManager &) {}));
    if (options.fast)
      passes.addPass(normalise::createRoundActivationsPass({/*blocks=*/options.target == "cpu"}));
    passes.addPass(createCanonicalizerPass());
    passes.addPass(createCSEPass());
    passes.addPass(normalise::createSortTermsPass(sorting));
  }
  if (goesThrough(Stage::Saturate)) {
    saturate::SaturatePassOptions saturate = options.saturate;
    if (saturate.rules == saturate::RuleSet::Real) {
      passes.addPass(saturate::createFindCompositesPass({saturate.rulesFiles, saturate.proof}));
      passes.addPass(normalise::createSortTermsPass(sorting));
      passes.addPass(saturate::createCollectScalarsPass());
      saturate.extendsProof = true;
    }
    passes.addPass(saturate::createSaturatePass(saturate, options.observer));
    // The order of what is loaded depends on the terms alone, not on how they were found.
    passes.addPass(normalise::createSortTermsPass(sorting));
    passes.addPass(saturate::createSplitLoadPass());
  }
  if (goesThrough(Stage::Dispatch)) {
    passes.addPass(normalise::createSortTermsPass(sorting));
    passes.addPass(dispatch::createFormDispatchesPass());
  }
  if (goesThrough(Stage::Plan))
    passes.addPass(plan::createPlanProgramsPass());
  if (!goesThrough(Stage::Codegen))
    return;
  if (options.target == "cpu")
    passes.addPass(cpu::createGenerateKernelsPass({options.targetCpu}));
  else
    passes.addPass(nvptx::createGenerateKernelsPass({options.target, options.targetCpu}));
}

void registerPipelines() {
  expand::registerExpandPasses();
  normalise::registerNormalisePasses();
  saturate::registerSaturatePasses();
  differentiate::registerDifferentiatePasses();
  dispatch::registerDispatchPasses();
  plan::registerPlanPasses();
  cpu::registerCPUPasses();
  nvptx::registerNVPTXPasses();
  for (llvm::StringRef name : stageNames)
    new PassPipelineRegistration<>(
        "tern-to-" + name.str(), "take a module of stage import to stage " + name.str(),
        [name](OpPassManager &passes) {
          buildPipeline(passes, PipelineOptions(), Stage::Import, *stageFromName(name));
        });
}

} // namespace tern
