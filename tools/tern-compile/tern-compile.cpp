// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Architecture.h"
#include "passes/Artefact/WriteArtefact.h"
#include "passes/Pipelines/Pipeline.h"
#include "tools/tern-compile/ReferenceModel.h"

#include <CLI/CLI.hpp>

#include <fstream>

using namespace mlir;

int main(int argc, char **argv) {
  CLI::App app("compile a model");
  std::string model, to = "import", from = "import", output = "-", numerics = "fast", cacheType;
  int64_t maxContext = 0, maxTokens = 16;
  bool reference = false;
  std::vector<int32_t> tokens;
  std::string saveLogits;
  app.add_option("model", model)->required();
  app.add_option("--compile-to", to);
  app.add_option("-o", output);
  std::string targetCpu = "native";
  app.add_option("--target-cpu", targetCpu);
  app.add_option("--cache-type", cacheType);
  app.add_option("--numerics", numerics)->check(CLI::IsMember({"exact", "fast"}));
  app.add_option("--max-context", maxContext);
  app.add_flag("--reference", reference);
  app.add_option("--tokens", tokens)->delimiter(',');
  app.add_option("--max-tokens", maxTokens);
  app.add_option("--save-logits", saveLogits);
  CLI11_PARSE(app, argc, argv);

  auto fail = [](const std::string &message) {
    std::fprintf(stderr, "tern-compile: %s\n", message.c_str());
    return 1;
  };
  auto checkpoint = tern::checkpoint::Checkpoint::open(model);
  if (!checkpoint)
    return fail(checkpoint.error().message);
  auto config = tern::checkpoint::readModelConfig(*checkpoint);
  if (!config)
    return fail(config.error().message);
  MLIRContext context;
  tern::architecture::ImportOptions options;
  options.maxContext = maxContext ? maxContext : config->contextLength;
  options.cacheType = cacheType.empty() ? "f32" : cacheType;
  auto module = tern::architecture::importModel(&context, *checkpoint, *config, options);
  if (!module)
    return fail(module.error().message);
  PassManager passes(&context);
  tern::PipelineOptions pipeline;
  pipeline.fast = numerics == "fast";
  pipeline.targetCpu = targetCpu;
  auto stage = tern::stageFromName(to);
  if (!stage)
    return fail("no stage is called '" + to + "'");
  tern::buildPipeline(passes, pipeline, tern::Stage::Import, *stage);
  if (failed(passes.run(**module)))
    return fail("compilation failed");
  if (output != "-") {
    tern::ArtefactSources sources;
    for (const auto &file : checkpoint->files()) {
      auto hash = tern::format::hashBytes(std::as_bytes(std::span(file.bytes())));
      std::string name = file.path().substr(file.path().rfind('/') + 1);
      sources.files.push_back({name, file.bytes().size(), hash});
    }
    sources.findTensor = [&](llvm::StringRef name) -> std::optional<tern::format::SourceTensor> {
      const auto *tensor = checkpoint->find(std::string_view(name.data(), name.size()));
      if (!tensor)
        return std::nullopt;
      using tern::checkpoint::StorageType;
      using tern::format::ElementType;
      ElementType type = tensor->type == StorageType::F16    ? ElementType::F16
                         : tensor->type == StorageType::BF16 ? ElementType::BF16
                         : tensor->type == StorageType::Q8_0 ? ElementType::Q8_0
                         : tensor->type == StorageType::Q4_0 ? ElementType::Q4_0
                         : tensor->type == StorageType::Q4_1 ? ElementType::Q4_1
                                                             : ElementType::F32;
      return tern::format::SourceTensor{name.str(),   tensor->file,   tensor->offset,
                                        tensor->bytes, type, std::vector<int64_t>(tensor->shape.begin(), tensor->shape.end())};
    };
    sources.producer = "tern 0.1.0";
    sources.numerics = numerics;
    sources.cacheType = options.cacheType;
    sources.targetCpu = targetCpu;
    auto artefact = tern::makeArtefact(**module, sources);
    if (failed(artefact))
      return fail("no artefact");
    if (auto error = tern::format::writeArtefact(*artefact, output))
      return fail(error.message());
    return 0;
  }
  if (!reference) {
    (*module)->print(llvm::outs());
    return 0;
  }
  tern::ReferenceModel runner(**module, *checkpoint, *config, options.maxContext);
  std::vector<float> logits, all;
  tern::generate::Entry entry{0, tokens, int64_t(tokens.size()), true};
  for (int64_t i = 0; i <= maxTokens; ++i) {
    if (auto failure = runner.feed({&entry, 1}, logits))
      return fail(*failure);
    all.insert(all.end(), logits.begin(), logits.end());
    if (i == maxTokens)
      break;
    int32_t next;
    std::span<const float> last(logits.end() - runner.vocabulary(), logits.end());
    (void)runner.sample(last, {}, {}, 0, 0, next);
    std::printf("%d ", next);
    std::fflush(stdout);
    entry.tokens = {next};
    entry.fullLength += 1;
  }
  if (!saveLogits.empty())
    std::ofstream(saveLogits, std::ios::binary)
        .write(reinterpret_cast<char *>(all.data()), all.size() * 4);
}
