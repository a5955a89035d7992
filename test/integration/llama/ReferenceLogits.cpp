// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/integration/llama/ReferenceLogits.h"

#include "frontend/architecture/Architecture.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-compile/ReferenceModel.h"

#include <stdexcept>

namespace tern::test {

namespace {

/// A model at stage import, with what it is made of.
class Imported {
public:
  Imported(const std::string &path, const std::string &cacheType)
      : checkpoint(checkpoint::Checkpoint::open(path)) {
    if (!checkpoint)
      throw std::runtime_error(checkpoint.error().message);
    auto config = architecture::readModelConfig(*checkpoint);
    if (!config)
      throw std::runtime_error(config.error().message);
    architecture::ImportOptions options{.maxContext = config->contextLength,
                                        .cacheType = cacheType};
    auto imported = architecture::importModel(&context, *checkpoint, *config, options);
    if (!imported)
      throw std::runtime_error(imported.error().message);
    module = std::move(*imported);
  }

  checkpoint::Expected<checkpoint::Checkpoint> checkpoint;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace

std::vector<double> exactLogits(const std::string &path, const std::vector<int32_t> &tokens) {
  Imported imported(path, "f32");
  Diagnostics diagnostics(&imported.context);
  ReferenceModel model(*imported.module, &*imported.checkpoint, diagnostics);
  std::vector<double> all;
  for (const int32_t &token : tokens) {
    generate::Entry entry{.sequence = 0, .tokens = {&token, 1}};
    if (auto failure = model.feed({&entry, 1}, [](int32_t, std::span<const float>) {}))
      throw std::runtime_error(*failure);
    std::span<const double> row = model.exactLogits(0);
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

Logits referenceLogits(const std::string &path, bool isFast, const std::string &cacheType,
                       const std::vector<int32_t> &tokens) {
  Imported imported(path, cacheType);
  mlir::PassManager passes(&imported.context);
  PipelineOptions stages;
  stages.fast = isFast;
  buildPipeline(passes, stages, Stage::Import, Stage::Normalise);
  if (failed(passes.run(*imported.module)))
    throw std::runtime_error(path + ": normalising failed");
  Diagnostics diagnostics(&imported.context);
  ReferenceModel model(*imported.module, &*imported.checkpoint, diagnostics);
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
