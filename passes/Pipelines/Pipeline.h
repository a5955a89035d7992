// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_PIPELINES_PIPELINE_H
#define TERN_PASSES_PIPELINES_PIPELINE_H

#include "passes/Saturate/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include <optional>
#include <string>

namespace tern {

/// What a module holds, from the import on. The order is the order of compilation.
enum class Stage { Import, Normalise, Saturate, Dispatch, Plan, Codegen };

/// The stage of that name; none if there is no such stage.
std::optional<Stage> stageFromName(llvm::StringRef name);
llvm::StringRef stageName(Stage stage);

/// The earliest and the latest stage that a module's operations may be of.
struct StageRange {
  Stage first = Stage::Import;
  Stage last = Stage::Codegen;
};

/// Reads the stage off the operations: dispatches, load functions and programs come with their
/// stage and go with a later one. A module without such a mark may be of several.
StageRange stagesOf(mlir::ModuleOp module);

struct PipelineOptions {
  bool fast = true;                 ///< --numerics
  std::string target = "cpu";       ///< --target: or a GPU's name
  std::string targetCpu = "native"; ///< --target-cpu
  saturate::SaturatePassOptions saturate;
  saturate::Observer observer; ///< of what saturation chose, and why
};

/// Adds the passes that take a module from one stage to a later one.
void buildPipeline(mlir::OpPassManager &passes, const PipelineOptions &options, Stage from,
                   Stage to);

/// Registers every pass of the project and a pipeline `tern-to-STAGE` for each stage.
void registerPipelines();

} // namespace tern

#endif
