// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Pipelines/Pipeline.h"

#include "passes/CPU/Passes.h"
#include "passes/Dispatch/Passes.h"
#include "passes/Normalise/Passes.h"
#include "passes/Plan/Passes.h"

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

void buildPipeline(OpPassManager &passes, const PipelineOptions &options, Stage from, Stage to) {
  auto goesThrough = [&](Stage stage) { return from < stage && stage <= to; };
  if (goesThrough(Stage::Normalise)) {
    passes.addPass(normalise::createOutlineTemplatesPass());
    if (options.fast)
      passes.addPass(normalise::createRoundActivationsPass());
    passes.addPass(createCanonicalizerPass());
    passes.addPass(createCSEPass());
    passes.addPass(normalise::createSortTermsPass());
  }
  if (goesThrough(Stage::Saturate)) {
    passes.addPass(saturate::createSaturatePass(options.saturate));
    passes.addPass(saturate::createSplitLoadPass());
  }
  if (goesThrough(Stage::Dispatch)) {
    passes.addPass(normalise::createSortTermsPass());
    passes.addPass(dispatch::createFormDispatchesPass());
  }
  if (goesThrough(Stage::Plan))
    passes.addPass(plan::createPlanProgramsPass());
  if (goesThrough(Stage::Codegen))
    passes.addPass(cpu::createGenerateKernelsPass({options.targetCpu}));
}

void registerPipelines() {
  normalise::registerNormalisePasses();
  saturate::registerSaturatePasses();
  dispatch::registerDispatchPasses();
  plan::registerPlanPasses();
  cpu::registerCPUPasses();
  for (llvm::StringRef name : stageNames)
    new PassPipelineRegistration<>(
        "tern-to-" + name.str(), "take a module of stage import to stage " + name.str(),
        [name](OpPassManager &passes) {
          buildPipeline(passes, PipelineOptions(), Stage::Import, *stageFromName(name));
        });
}

} // namespace tern
