// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Generator.h"
#include "tools/tern-run/CompileCache.h"
#include "tools/tern-run/SessionModel.h"

#include <csignal>
#include <filesystem>
#include <iostream>

#include <unistd.h>

using namespace tern;

namespace {

struct RunOptions {
  std::string model, weights, cacheFolder = defaultCacheFolder();
  bool noCache = false, reference = false;
  int32_t threads = 0;
  int64_t prefillChunk = 0;
  std::string device = "cpu";
  generate::Options generation;
  std::vector<std::string> compileFlags; ///< as given, for a MODEL
};

generate::Generator *running = nullptr;
SessionModel *session = nullptr;

void interrupt(int) {
  if (running)
    running->interrupted = true;
  if (session)
    session->interrupt();
}

} // namespace

/// Progress on a terminal, nothing in a pipe.
static bool showProgress(uint64_t done, uint64_t total) {
  if (total)
    std::fprintf(stderr, "\rloading weights %3d %%%s", static_cast<int>(100 * done / total),
                 done == total ? "\r\033[K" : "");
  return true;
}

static int generateWith(const RunOptions &options, const std::string &path) {
  Artefact artefact(path);
  std::optional<text::Tokenizer> tokenizer;
  if (std::string_view bytes = artefact.section("tokenizer"); !bytes.empty()) {
    auto read = text::Tokenizer::fromJson(bytes);
    if (!read)
      throw generate::UserError(path + ": " + read.error().message);
    tokenizer.emplace(std::move(*read));
  }
  const text::Tokenizer *words = tokenizer ? &*tokenizer : nullptr;
  std::vector<generate::Sequence> sequences = generate::readInputs(options.generation, words);

  Device device(options.device, options.threads);
  std::optional<LoadCache> cache;
  if (!options.noCache && !options.cacheFolder.empty())
    cache.emplace(options.cacheFolder + "/weights");
  LoadOptions load;
  load.weightsPath = options.weights;
  load.cache = cache ? &*cache : nullptr;
  if (isatty(STDERR_FILENO))
    load.progress = showProgress;
  bool tokenisesOnly = options.generation.maxTokens == 0 && options.generation.saveLogits.empty();
  tern_artefact_facts_t facts = artefact.facts();
  std::vector<int32_t> ends(facts.eos, facts.eos + facts.eos_count);
  if (tokenisesOnly) {
    for (generate::Sequence &sequence : sequences)
      sequence.stop = "length";
  } else {
    tern::Model model(artefact, device, load);
    SessionModel runner(artefact, model, static_cast<int32_t>(sequences.size()),
                        options.prefillChunk);
    generate::Generator generator(runner, words, ends, options.generation, std::cout);
    running = &generator;
    session = &runner;
    std::signal(SIGINT, interrupt);
    generator.run(sequences);
    running = nullptr;
    session = nullptr;
  }
  if (options.generation.output == generate::Output::Json)
    generate::writeJson(sequences, std::cout);
  return 0;
}

static void declare(CLI::App &app, RunOptions &options) {
  app.add_option("MODEL", options.model, "artefact, GGUF file or Hugging Face directory")
      ->required();
  app.add_option("--weights", options.weights,
                 "folder or file of the weights, if not beside the artefact");
  app.add_option("--device", options.device, "cpu")
      ->check(CLI::IsMember({"cpu"}))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads that compute; 0: one for each core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--prefill-chunk", options.prefillChunk,
                 "prompt tokens of one step, at most; 0: as compiled")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--cache-dir", options.cacheFolder, "folder of compiled models and packed weights")
      ->capture_default_str();
  app.add_flag("--no-cache", options.noCache, "compile and pack anew, and keep nothing");
  app.add_flag("--reference", options.reference, "the interpreter, in f64, in place of kernels");
  generate::addOptions(app, options.generation);
  for (const char *flag :
       {"--numerics", "--cache-type", "--max-context", "--target-cpu", "--rules"})
    app.add_option_function<std::string>(
           flag,
           [&options, flag](const std::string &value) {
             options.compileFlags.push_back(std::string(flag) + "=" + value);
           },
           "as tern-compile")
        ->group("Compiling a MODEL");
}

static int run(const RunOptions &options, const std::vector<std::string> &words) {
  if (options.reference) {
    std::vector<std::string> command{compilerPath()};
    command.insert(command.end(), words.begin(), words.end());
    return runProgram(command);
  }
  RunOptions chosen = options;
  if (isArtefact(options.model)) {
    if (!options.compileFlags.empty())
      throw generate::UserError(options.model +
                                ": an artefact is compiled already, so it takes no " +
                                options.compileFlags[0]);
    return generateWith(chosen, options.model);
  }
  std::string folder = options.cacheFolder;
  std::string temporary;
  if (options.noCache || folder.empty()) {
    temporary = (std::filesystem::temp_directory_path() / "tern-XXXXXX").string();
    if (!mkdtemp(temporary.data()))
      throw generate::UserError(temporary + ": the folder could not be made");
    folder = temporary;
  }
  if (chosen.weights.empty())
    chosen.weights = options.model;
  std::string artefact = compileThroughCache(options.model, options.compileFlags, folder);
  int code = generateWith(chosen, artefact);
  if (!temporary.empty())
    std::filesystem::remove_all(temporary);
  return code;
}

int main(int argc, char **argv) {
  CLI::App app("Runs a model.", "tern-run");
  RunOptions options;
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return run(options, {argv + 1, argv + argc});
  } catch (const std::exception &error) {
    std::cerr << "tern-run: " << error.what() << "\n";
    return 1;
  }
}
