// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_COMPILATION_H
#define TERN_TOOLS_TERN_COMPILE_COMPILATION_H

#include "frontend/checkpoint/ModelConfig.h"
#include "frontend/tokenizer/Tokenizer.h"
#include "passes/Pipelines/Pipeline.h"
#include "runtime/format/Writer.h"
#include "tools/tern-compile/Diagnostics.h"
#include "tools/tern-compile/Request.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <nlohmann/json_fwd.hpp>

namespace tern {

/// A model on its way from a file to an artefact. Functions throw UserError for what is wrong with
/// the input, and InternalError for what is wrong with us.
class Compilation {
public:
  /// Opens the model and checks all that can be checked without compiling.
  explicit Compilation(const Request &request);

  /// The module of the stage that it has come to.
  mlir::ModuleOp module() const { return current.get(); }
  mlir::MLIRContext &mlirContext() { return context; }
  Diagnostics &errors() { return diagnostics; }
  /// Null if the module has no weights.
  const checkpoint::Checkpoint *weights() const { return model ? &*model : nullptr; }
  const std::optional<text::Tokenizer> &tokenizer() const { return words; }

  /// Lets `observer` know what saturation chooses, and why.
  void observe(saturate::Observer own) { observer = std::move(own); }

  /// Takes the module to a stage, writing each on the way if the request says so. A stage that lies
  /// behind is no error.
  void advance(Stage to);

  /// The module of stage `codegen` as an artefact in a file.
  void writeArtefact();
  /// The module as text.
  void writeModule();

  /// The settings that decide the artefact's bytes, defaults resolved.
  nlohmann::ordered_json effectiveConfig() const;

private:
  void openModel();
  void parseModule();
  void openWeightsOfModule();
  void checkOptions() const;
  void checkOutput() const;
  void checkWeights() const;
  void keepFunction();
  void spellPrimitives();
  command::UserError inModule(const std::string &why) const;
  void dumpStage() const;
  std::string artefactPath() const;

  const Request &request;
  saturate::Observer observer;
  mlir::MLIRContext context;
  Diagnostics diagnostics;
  std::optional<checkpoint::Checkpoint> model;
  std::optional<text::Tokenizer> words;
  int64_t maxContext = 0; ///< 0 for an .mlir file: the module says
  std::string numerics;   ///< empty where a module of a later stage does not say
  std::string cacheType;
  mlir::OwningOpRef<mlir::ModuleOp> current;
  Stage stage = Stage::Import;
};

} // namespace tern

#endif
