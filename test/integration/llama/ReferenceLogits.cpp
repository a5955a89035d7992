// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/integration/llama/ReferenceLogits.h"

#include "frontend/architecture/Architecture.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-compile/ReferenceModel.h"

#include <stdexcept>

namespace tern::test {

Logits referenceLogits(const std::string &path, bool isFast, const std::string &cacheType,
                       const std::vector<int32_t> &tokens) {
  auto checkpoint = checkpoint::Checkpoint::open(path);
  if (!checkpoint)
    throw std::runtime_error(checkpoint.error().message);
  auto config = architecture::readModelConfig(*checkpoint);
  if (!config)
    throw std::runtime_error(config.error().message);
  mlir::MLIRContext context;
  architecture::ImportOptions options{.maxContext = config->contextLength, .cacheType = cacheType};
  auto module = architecture::importModel(&context, *checkpoint, *config, options);
  if (!module)
    throw std::runtime_error(module.error().message);
  mlir::PassManager passes(&context);
  PipelineOptions stages;
  stages.fast = isFast;
  buildPipeline(passes, stages, Stage::Import, Stage::Normalise);
  if (failed(passes.run(**module)))
    throw std::runtime_error(path + ": normalising failed");
  Diagnostics diagnostics(&context);
  ReferenceModel model(**module, &*checkpoint, diagnostics);
  generate::Entry entry{.sequence = 0, .tokens = tokens, .wantsAllLogits = true};
  Logits rows;
  auto keep = [&](int32_t, std::span<const float> row) {
    rows.emplace_back(row.begin(), row.end());
  };
  if (auto failure = model.feed({&entry, 1}, keep))
    throw std::runtime_error(*failure);
  return rows;
}

} // namespace tern::test
