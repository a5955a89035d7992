// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/integration/decoder/ReferenceLogits.h"

#include "frontend/architecture/Architecture.h"
#include "passes/Expand/Passes.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-compile/ReferenceModel.h"

#include <stdexcept>

namespace tern::test {

namespace {

/// A model at stage import, with what it is made of.
class Imported {
public:
  Imported(const std::string &path, const std::string &cacheType, Spelling spelling)
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
    mlir::PassManager passes(&context);
    if (spelling == Spelling::Primitive)
      passes.addPass(expand::createExpandCompositesPass());
    if (failed(passes.run(*module)))
      throw std::runtime_error(path + ": spelling failed");
  }

  checkpoint::Expected<checkpoint::Checkpoint> checkpoint;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace

std::vector<double> exactLogits(const std::string &path, const std::vector<int32_t> &tokens,
                                Spelling spelling) {
  Imported imported(path, "f32", spelling);
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

namespace {

/// A model after the stage that writes roundings.
class Normalised {
public:
  Normalised(const std::string &path, bool isFast, const std::string &cacheType, Spelling spelling,
             const std::string &target = "cpu")
      : imported(path, cacheType, spelling) {
    mlir::PassManager passes(&imported.context);
    PipelineOptions stages;
    stages.fast = isFast;
    stages.target = target;
    buildPipeline(passes, stages, Stage::Import, Stage::Normalise);
    if (failed(passes.run(*imported.module)))
      throw std::runtime_error(path + ": normalising failed");
    model.emplace(*imported.module, &*imported.checkpoint, diagnostics);
  }

  Logits logits(const std::vector<int32_t> &tokens, reference::Ties &ties) {
    model->ties() = ties;
    generate::Entry entry{.sequence = sequence++, .tokens = tokens, .wantsAllLogits = true};
    Logits rows;
    auto keep = [&](int32_t, std::span<const float> row) {
      rows.emplace_back(row.begin(), row.end());
    };
    if (auto failure = model->feed({&entry, 1}, keep))
      throw std::runtime_error(*failure);
    ties = model->ties();
    return rows;
  }

private:
  Imported imported;
  Diagnostics diagnostics{&imported.context};
  std::optional<ReferenceModel> model;
  int32_t sequence = 0;
};

/// Looks for numbers to turn that bring the reference to what was found.
struct TieSearch {
  Normalised &reference;
  const std::vector<int32_t> &tokens;
  const Logits &found;
  double relative, reach;

  /// Turns `more` numbers from the one numbered `from` on, beside those of `turned`: what is turned
  /// changes later numbers alone.
  bool succeeds(uint64_t turned, int from, int more) const {
    reference::Ties ties{.reach = reach, .turned = turned};
    Logits rows = reference.logits(tokens, ties);
    if (more == 0)
      return distance(found, rows).relative() <= relative;
    for (int i = from; i < std::min(ties.found, 63); ++i)
      if (succeeds(turned | uint64_t(1) << i, i + 1, more - 1))
        return true;
    return false;
  }
};

} // namespace

Logits referenceLogits(const std::string &path, bool isFast, const std::string &cacheType,
                       const std::vector<int32_t> &tokens, Spelling spelling,
                       const std::string &target) {
  reference::Ties none;
  return Normalised(path, isFast, cacheType, spelling, target).logits(tokens, none);
}

bool agreesButForTies(const std::string &path, const std::string &cacheType,
                      const std::vector<int32_t> &tokens, const Logits &found, double relative) {
  Normalised reference(path, /*isFast=*/true, cacheType, Spelling::Composite);
  // The nearer to a boundary, the likelier is a turn; where fewer are near, more may turn at once.
  constexpr std::pair<double, int> searches[] = {{3e-8, 4}, {1e-7, 4}, {3e-7, 3}};
  for (auto [reach, most] : searches)
    for (int count = 0; count <= most; ++count)
      if (TieSearch{reference, tokens, found, relative, reach}.succeeds(0, 0, count))
        return true;
  return false;
}

} // namespace tern::test
