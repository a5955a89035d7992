// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Driver.h"

#include "frontend/checkpoint/TokenizerMetadata.h"
#include "passes/Artefact/WriteArtefact.h"
#include "tools/generate/Generator.h"
#include "tools/tern-compile/ReferenceModel.h"

#include "mlir/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fstream>
#include <iostream>

using namespace mlir;

namespace tern {

using generate::UserError;

template <typename T> static T valueOf(checkpoint::Expected<T> expected) {
  if (!expected)
    throw UserError(expected.error().message);
  return std::move(*expected);
}

/// The type of the KV cache that the options and the weights ask for.
static std::string cacheTypeFor(const CompileOptions &options,
                                const checkpoint::Checkpoint &checkpoint) {
  if (!options.cacheType.empty())
    return options.cacheType;
  if (options.numerics == "exact")
    return "f32";
  for (const checkpoint::Tensor &tensor : checkpoint.tensors())
    if (tensor.type == checkpoint::StorageType::BF16)
      return "bf16";
  return "f16";
}

Driver::Driver(const CompileOptions &options)
    : options(options), checkpoint(openModel()), config(readConfig()) {
  importOptions.maxContext = options.maxContext ? options.maxContext : config.contextLength;
  importOptions.cacheType = cacheTypeFor(options, checkpoint);
}

checkpoint::Checkpoint Driver::openModel() {
  return valueOf(checkpoint::Checkpoint::open(options.model));
}

checkpoint::ModelConfig Driver::readConfig() {
  return valueOf(checkpoint::readModelConfig(checkpoint));
}

OwningOpRef<ModuleOp> Driver::import() {
  auto module = valueOf(architecture::importModel(&context, checkpoint, config, importOptions));
  if (failed(verify(*module)))
    throw UserError(options.model + ": the imported module is not valid");
  return module;
}

static std::string readAll(const std::string &path) {
  if (path.empty())
    return "";
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<text::Tokenizer> Driver::readTokenizer() {
  auto named = [&](checkpoint::Expected<text::Tokenizer> tokenizer) {
    if (!tokenizer)
      throw UserError(options.model + ": " + tokenizer.error().message);
    return std::move(*tokenizer);
  };
  if (checkpoint.format() == checkpoint::Format::Gguf) {
    if (!checkpoint.metadata().find("tokenizer.ggml.model"))
      return std::nullopt;
    return named(text::Tokenizer::fromGguf(valueOf(checkpoint::readTokenizerMetadata(checkpoint))));
  }
  const checkpoint::TextFiles &files = checkpoint.textFiles();
  if (files.tokenizer.empty())
    return std::nullopt;
  std::string tokenizer = readAll(files.tokenizer), settings = readAll(files.tokenizerConfig),
              chat = readAll(files.chatTemplate);
  return named(text::Tokenizer::fromHuggingFace({tokenizer, settings, "", chat}));
}

void Driver::runPipeline(ModuleOp module, Stage stage) {
  PipelineOptions pipeline;
  pipeline.fast = options.numerics == "fast";
  pipeline.targetCpu = options.targetCpu;
  pipeline.saturate.rules = options.rules == "none"  ? saturate::RuleSet::None
                            : options.rules == "bit" ? saturate::RuleSet::Bit
                                                     : saturate::RuleSet::Real;
  PassManager passes(&context);
  buildPipeline(passes, pipeline, Stage::Import, stage);
  if (failed(passes.run(module)))
    throw UserError(options.model + ": could not be compiled");
}

int Driver::runReference(ModuleOp module) {
  std::optional<text::Tokenizer> tokenizer = readTokenizer();
  const text::Tokenizer *words = tokenizer ? &*tokenizer : nullptr;
  auto sequences = generate::readInputs(options.generation, words);
  ReferenceModel model(module, checkpoint, config, importOptions.maxContext);
  std::vector<int32_t> ends(config.eos.begin(), config.eos.end());
  generate::Generator generator(model, words, ends, options.generation, std::cout);
  generator.run(sequences);
  if (options.generation.output == generate::Output::Json)
    generate::writeJson(sequences, std::cout);
  return 0;
}

static format::ElementType elementTypeOf(checkpoint::StorageType type) {
  switch (type) {
  case checkpoint::StorageType::F16:
    return format::ElementType::F16;
  case checkpoint::StorageType::BF16:
    return format::ElementType::BF16;
  case checkpoint::StorageType::Q8_0:
    return format::ElementType::Q8_0;
  case checkpoint::StorageType::Q4_0:
    return format::ElementType::Q4_0;
  case checkpoint::StorageType::Q4_1:
    return format::ElementType::Q4_1;
  default:
    return format::ElementType::F32;
  }
}

int Driver::writeArtefact(ModuleOp module) {
  ArtefactSources sources;
  for (const checkpoint::MappedFile &file : checkpoint.files())
    sources.files.push_back({llvm::sys::path::filename(file.path()).str(), file.size(),
                             format::hashBytes(file.bytes())});
  sources.findTensor = [&](StringRef name) -> std::optional<format::SourceTensor> {
    const checkpoint::Tensor *tensor = checkpoint.find(std::string_view(name.data(), name.size()));
    if (!tensor)
      return std::nullopt;
    return format::SourceTensor{name.str(),
                                tensor->file,
                                tensor->offset,
                                tensor->bytes,
                                elementTypeOf(tensor->type),
                                std::vector<int64_t>(tensor->shape.begin(), tensor->shape.end())};
  };
  sources.producer = "tern 0.1.0";
  sources.numerics = options.numerics;
  sources.cacheType = importOptions.cacheType;
  sources.targetCpu = options.targetCpu;
  if (std::optional<text::Tokenizer> tokenizer = readTokenizer())
    sources.tokenizer = valueOf(tokenizer->toJson());
  FailureOr<format::Artefact> artefact = makeArtefact(module, sources);
  if (failed(artefact))
    throw UserError(options.model + ": no artefact could be made");
  std::string path = options.output;
  if (path.empty())
    path = llvm::sys::path::stem(options.model).str() + ".tern";
  if (auto error = format::writeArtefact(*artefact, path))
    throw UserError(error.message());
  return 0;
}

int Driver::printModule(ModuleOp module) {
  if (options.output.empty() || options.output == "-") {
    module.print(llvm::outs());
    return 0;
  }
  std::error_code error;
  llvm::raw_fd_ostream file(options.output, error);
  if (error)
    throw UserError(options.output + ": expected a file that can be written: " + error.message());
  module.print(file);
  return 0;
}

int Driver::run() {
  std::optional<Stage> stage = Stage::Codegen;
  if (!options.compileTo.empty() && options.compileTo != "artefact")
    stage = stageFromName(options.compileTo);
  else if (options.reference)
    stage = Stage::Import;
  if (!stage)
    throw UserError(
        "--compile-to: expected import, normalise, saturate, dispatch, plan, codegen or "
        "artefact, found '" +
        options.compileTo + "'");
  OwningOpRef<ModuleOp> module = import();
  runPipeline(*module, *stage);
  if (options.reference)
    return runReference(*module);
  bool isWhole = options.compileTo.empty() || options.compileTo == "artefact";
  return isWhole ? writeArtefact(*module) : printModule(*module);
}

} // namespace tern
