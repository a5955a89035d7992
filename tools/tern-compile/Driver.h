// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_DRIVER_H
#define TERN_TOOLS_TERN_COMPILE_DRIVER_H

#include "frontend/architecture/Architecture.h"
#include "frontend/tokenizer/Tokenizer.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/generate/Options.h"

namespace tern {

/// What the command line asks to compile.
struct CompileOptions {
  std::string model, output;
  std::string targetCpu = "native";
  int64_t maxContext = 0; ///< 0: the model's
  std::string numerics = "fast", cacheType, rules = "real";
  std::string compileTo; ///< a stage's name; empty: the artefact
  bool reference = false;
  generate::Options generation; ///< with `reference`
};

/// A model on its way. Functions throw generate::UserError, or return an exit code.
class Driver {
public:
  explicit Driver(const CompileOptions &options);

  /// Opens and checks the model, imports it, and does what the options ask for.
  int run();

private:
  checkpoint::Checkpoint openModel();
  checkpoint::ModelConfig readConfig();
  mlir::OwningOpRef<mlir::ModuleOp> import();
  std::optional<text::Tokenizer> readTokenizer();
  void runPipeline(mlir::ModuleOp module, Stage stage);
  int runReference(mlir::ModuleOp module);
  int writeArtefact(mlir::ModuleOp module);
  int printModule(mlir::ModuleOp module);

  const CompileOptions &options;
  checkpoint::Checkpoint checkpoint;
  checkpoint::ModelConfig config;
  architecture::ImportOptions importOptions;
  mlir::MLIRContext context;
};

} // namespace tern

#endif
