// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/integration/encoder/Encoders.h"

#include "frontend/architecture/Architecture.h"
#include "passes/Expand/Passes.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-compile/ReferenceEncoder.h"
#include "tools/tern-compile/ReferenceFunctions.h"
#include "tools/tern-run/CompiledFunctions.h"

#include <stdexcept>

namespace tern::test {

static Model load(const std::string &path, const std::string &flags) {
  static std::map<std::pair<std::string, std::string>, std::string> artefacts;
  auto [at, isNew] = artefacts.try_emplace({path, flags});
  if (isNew)
    at->second = compile(path, flags);
  Artefact artefact(at->second);
  Device device("cpu", 1);
  return Model(artefact, device, {.weightsPath = path});
}

CompiledEncoder compiledEncoder(const std::string &path, const std::string &flags) {
  return CompiledEncoder(load(path, flags));
}

generate::RunFunction compiledFunctions(const std::string &path, const std::string &flags) {
  auto functions = std::make_shared<CompiledFunctions>(load(path, flags));
  return [functions](const std::string &name, const std::vector<command::Tensor> &inputs) {
    return (*functions)(name, inputs);
  };
}

namespace {
/// A model's module of stage `normalise` with what it needs.
struct Imported {
  Imported(const std::string &path, Spelling spelling) : checkpoint(open(path)) {
    auto config = architecture::readModelConfig(checkpoint);
    if (!config)
      throw std::runtime_error(config.error().message);
    auto imported = architecture::importModel(
        &context, checkpoint, *config, {.maxContext = config->contextLength, .cacheType = {}});
    if (!imported)
      throw std::runtime_error(imported.error().message);
    module = std::move(*imported);
    mlir::PassManager passes(&context);
    PipelineOptions stages;
    stages.fast = false;
    if (spelling == Spelling::Primitive)
      passes.addPass(expand::createExpandCompositesPass());
    buildPipeline(passes, stages, Stage::Import, Stage::Normalise);
    if (failed(passes.run(*module)))
      throw std::runtime_error(path + ": normalising failed");
  }

  static checkpoint::Checkpoint open(const std::string &path) {
    auto opened = checkpoint::Checkpoint::open(path);
    if (!opened)
      throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }

  checkpoint::Checkpoint checkpoint;
  mlir::MLIRContext context;
  Diagnostics diagnostics{&context};
  mlir::OwningOpRef<mlir::ModuleOp> module;
};
} // namespace

generate::Encoding referenceEncoding(const std::string &path, const std::vector<int32_t> &tokens,
                                     const std::vector<int32_t> &types, Spelling spelling) {
  Imported model(path, spelling);
  ReferenceEncoder encoder(*model.module, &model.checkpoint, model.diagnostics);
  return encoder.encode(tokens, types, encoder.hasLogits());
}

generate::RunFunction referenceFunctions(const std::string &path, Spelling spelling) {
  auto model = std::make_shared<Imported>(path, spelling);
  auto functions =
      std::make_shared<ReferenceFunctions>(*model->module, &model->checkpoint, model->diagnostics);
  return [model, functions](const std::string &name, const std::vector<command::Tensor> &inputs) {
    return (*functions)(name, inputs);
  };
}

Logits rowsOf(const command::Tensor &tensor) {
  int64_t width = tensor.shape.back();
  Logits rows;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (i % width == 0)
      rows.emplace_back();
    rows.back().push_back(static_cast<float>(tensor.get(i)));
  }
  return rows;
}

} // namespace tern::test
