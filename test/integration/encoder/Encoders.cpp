// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/integration/encoder/Encoders.h"

#include "frontend/architecture/Architecture.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-compile/ReferenceEncoder.h"

#include <stdexcept>

namespace tern::test {

CompiledEncoder compiledEncoder(const std::string &path, const std::string &flags) {
  static std::map<std::pair<std::string, std::string>, std::string> artefacts;
  auto [at, isNew] = artefacts.try_emplace({path, flags});
  if (isNew)
    at->second = compile(path, flags);
  Artefact artefact(at->second);
  Device device("cpu", 1);
  return CompiledEncoder(Model(artefact, device, {.weightsPath = path}));
}

generate::Encoding referenceEncoding(const std::string &path, const std::vector<int32_t> &tokens,
                                     const std::vector<int32_t> &types) {
  auto checkpoint = checkpoint::Checkpoint::open(path);
  if (!checkpoint)
    throw std::runtime_error(checkpoint.error().message);
  auto config = architecture::readModelConfig(*checkpoint);
  if (!config)
    throw std::runtime_error(config.error().message);
  mlir::MLIRContext context;
  auto module = architecture::importModel(&context, *checkpoint, *config,
                                          {.maxContext = config->contextLength, .cacheType = {}});
  if (!module)
    throw std::runtime_error(module.error().message);
  mlir::PassManager passes(&context);
  PipelineOptions stages;
  stages.fast = false;
  buildPipeline(passes, stages, Stage::Import, Stage::Normalise);
  if (failed(passes.run(**module)))
    throw std::runtime_error(path + ": normalising failed");
  Diagnostics diagnostics(&context);
  ReferenceEncoder encoder(**module, &*checkpoint, diagnostics);
  return encoder.encode(tokens, types, encoder.hasLogits());
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
