// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/cache/CompileCache.h"
#include "tools/cache/Compiler.h"
#include "tools/generate/Embedder.h"
#include "tools/generate/EncoderDecoder.h"
#include "tools/generate/Generator.h"
#include "tools/generate/Interrupt.h"
#include "tools/generate/ModelFile.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-run/CompiledEncoder.h"
#include "tools/tern-run/CompiledFunction.h"
#include "tools/tern-run/CompiledFunctions.h"
#include "tools/tern-run/SessionModel.h"

#include <atomic>

using namespace tern;
using command::UserError;

/// Reads the prompts with the model's own tokenizer, so that a wrong one is refused before anything
/// is compiled. Returns the exit code if that was all that was asked for.
static std::optional<int> tokenise(const RunOptions &options, const generate::ModelFile &model) {
  std::optional<text::Tokenizer> tokenizer = generate::readTokenizer(model.checkpoint);
  const text::Tokenizer *words = tokenizer ? &*tokenizer : nullptr;
  int64_t context =
      options.compile.maxContext ? options.compile.maxContext : model.config.contextLength;
  generate::ModelFacts facts{options.model, context, model.config.vocabulary, {}};
  if (options.generation.onlyTokenises())
    return generate::generate(options.generation, words, facts, nullptr);
  generate::checkKind(options.generation, options.model, model.config.family,
                      model.config.encoder.has_value());
  generate::checkOutputs(options.generation, words, options.model);
  generate::checkPrompts(generate::readInputs(options.generation, words, facts), facts);
  return std::nullopt;
}

/// What Ctrl-C ends.
static std::atomic<SessionModel *> running = nullptr;

static void interrupt() {
  compiler::interrupt();
  if (SessionModel *model = running)
    model->interrupt();
}

static int runArtefact(RunOptions options, const std::string &path) {
  Artefact artefact(path);
  // While Ctrl-C still ends at once.
  options.generation.readFiles();
  generate::catchInterrupts(interrupt);
  if (!options.function.function.empty()) {
    runCompiledFunction(artefact, options);
    return command::exitcode::done;
  }
  std::optional<text::Tokenizer> tokenizer =
      generate::readTokenizer(artefact.section("tokenizer"), options.model);
  tern_artefact_facts_t facts = artefact.facts();
  if (!facts.max_context)
    throw UserError(options.model + ": expected a model, found functions alone; --function=NAME " +
                    "runs one of them");
  if (*facts.architecture && !options.generation.onlyTokenises())
    generate::checkKind(options.generation, options.model, facts.architecture, !*facts.cache_type);
  if (options.generation.embeds) {
    std::optional<CompiledEncoder> encoder;
    return generate::embed(
        options.generation, tokenizer ? &*tokenizer : nullptr,
        {options.model, facts.max_context, facts.vocabulary, {}},
        [&]() -> generate::Encoder & { return encoder.emplace(loadModel(artefact, options)); });
  }
  std::unique_ptr<generate::Model> model;
  auto load = [&](int32_t sequences) -> generate::Model & {
    Model loaded = loadModel(artefact, options);
    if (hasFunction(loaded, "decode")) {
      auto functions = std::make_shared<CompiledFunctions>(std::move(loaded));
      auto run = [functions](const std::string &name, const std::vector<command::Tensor> &inputs) {
        return (*functions)(name, inputs);
      };
      model = std::make_unique<generate::EncoderDecoder>(run, facts.bos);
    } else {
      auto session =
          std::make_unique<SessionModel>(artefact, std::move(loaded), options, sequences);
      running = session.get();
      model = std::move(session);
    }
    return *model;
  };
  int code = generate::generate(options.generation, tokenizer ? &*tokenizer : nullptr,
                                {options.model,
                                 facts.max_context,
                                 facts.vocabulary,
                                 {facts.eos, facts.eos + facts.eos_count}},
                                load);
  running = nullptr;
  return code;
}

static int runModel(RunOptions options) {
  if (options.compile.printsConfig) {
    std::vector<std::string> words = options.compileWords();
    words.insert(words.begin(), {options.model, "--print-effective-config"});
    compiler::become(words);
  }
  // The heads of the files are read before the whole of them is, for the cache's key.
  std::optional<generate::ModelFile> model;
  std::error_code absent;
  if (options.function.function.empty() && !options.isModule() &&
      std::filesystem::exists(options.model, absent))
    model = generate::ModelFile::open(options.model);
  options.generation.readFiles();
  if (model && options.generation.onlyTokenises())
    return *tokenise(options, *model);
  CompileCache cache(options.noCache ? "" : options.cacheFolder);
  std::vector<std::string> flags = options.compileWords();
  std::filesystem::path artefact = cache.find(options.model, flags, options.compile.files());
  // What is only compiled shows its stages.
  if (options.compile.dumpFolder.empty() && std::filesystem::exists(artefact)) {
    // The compiler would have said it.
    if (model)
      command::warn(generate::describeExtension(*model, options.compile.maxContext));
  } else {
    // If there is none, that is told before minutes of compiling.
    Device(options.device, options.threads);
    if (model)
      tokenise(options, *model);
    // So that a temporary cache goes too.
    generate::catchInterrupts(interrupt);
    std::vector<std::string> words = options.diagnosisWords();
    words.insert(words.end(), flags.begin(), flags.end());
    int code = cache.compile(options.model, words, artefact);
    if (code != command::exitcode::done || generate::interrupted())
      return code ? code : command::exitcode::interrupted;
  }
  model.reset();
  if (options.weights.empty() && !options.isModule())
    options.weights = options.model;
  try {
    return runArtefact(options, artefact);
  } catch (const Error &error) {
    // The user knows the model and not where its artefact lies.
    std::string message = error.what();
    size_t at = message.find(artefact.string());
    if (at == std::string::npos)
      throw;
    throw UserError(message.replace(at, artefact.string().size(), options.model));
  }
}

static int run(const RunOptions &options) {
  bool isCompiled = isArtefact(options.model);
  options.check();
  if (!options.reference && options.compile.compileTo != "artefact")
    throw UserError("--compile-to=" + options.compile.compileTo + ": expected --reference beside " +
                    "it, for only the references run a stage");
  if (isCompiled && options.reference)
    throw UserError(options.model + ": is compiled, so --reference can't run it; give the model");
  std::vector<std::string> words = options.givenCompileWords();
  if (words.empty())
    words = options.diagnosisWords();
  if (isCompiled && !words.empty())
    throw UserError(options.model + ": is compiled already, so " +
                    words.front().substr(0, words.front().find('=')) + " has no effect");
  if (options.reference) {
    std::vector<std::string> words = options.referenceWords();
    words.insert(words.begin(), options.model);
    compiler::become(words);
  }
  if (isCompiled)
    return runArtefact(options, options.model);
  return runModel(options);
}

int main(int argc, char **argv) {
  command::Application app("Runs a model: generates text.", argc, argv);
  RunOptions options;
  options.addTo(app);
  return app.run([&] {
    try {
      return run(options);
    } catch (const Error &error) {
      if (error.code() == TERN_INTERRUPTED)
        return command::exitcode::interrupted;
      if (error.code() == TERN_INTERNAL)
        throw command::InternalError(error.what());
      throw UserError(error.what());
    }
  });
}
