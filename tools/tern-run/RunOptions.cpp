// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-run/RunOptions.h"

#include "tools/cache/CompileCache.h"

#include <filesystem>

namespace tern {

void RunOptions::addTo(CLI::App &given) {
  app = &given;
  cacheFolder = defaultCacheFolder();
  given.add_option("MODEL", model, "artefact, GGUF file, Hugging Face directory or .mlir file")
      ->required();
  given
      .add_option("--weights", weights,
                  "folder or file of the weights; default: beside the artefact")
      ->type_name("PATH");
  given
      .add_option("--device", device,
                  "what computes: cpu, cuda:N, or emulator: kernels for a GPU, on this machine, "
                  "checked as they run")
      ->type_name("DEVICE");
  given.add_option("--threads", threads, "threads that compute; 0: one for each processor")
      ->check(command::wholeNumber(0, 1024));
  given
      .add_option("--prefill-chunk", prefillChunk,
                  "most tokens of a prompt in one step; 0: as compiled")
      ->check(command::wholeNumber());
  given.add_option("--cache-dir", cacheFolder, "folder of compiled models and packed weights")
      ->type_name("DIR");
  given.add_flag("--no-cache", noCache, "compile and pack anew, and keep nothing");
  given.add_flag("--verify", verify, "check all bytes of the weights, and pack them anew");
  given.add_flag("--reference", reference, "run by the interpreter, in f64, in place of kernels");
  generation.addTo(given);
  compile.addTo(given);
  compile.addDiagnosisTo(given);
  function.addTo(given);
}

void RunOptions::check() const {
  generation.check();
  function.check(*app, generate::Options::groups);
  if (reference)
    checkReference();
  if (generation.embeds && app->count("--prefill-chunk") != 0)
    throw command::UserError("--prefill-chunk: has no effect beside --embed");
  // Where weights were packed before, nobody would look for these.
  if (!weights.empty() && !std::filesystem::exists(weights))
    throw command::UserError(weights + ": expected a folder or file of weights, found nothing");
}

/// The interpreter reads the model as it is, runs whole prompts in one thread and keeps nothing.
void RunOptions::checkReference() const {
  for (const char *name :
       {"--weights", "--device", "--threads", "--prefill-chunk", "--no-cache", "--verify"}) {
    bool isRead = isModule() && name == std::string_view("--weights");
    if (!isRead && app->count(name) != 0)
      throw command::UserError(std::string(name) + ": has no effect beside --reference");
  }
}

std::vector<std::string> RunOptions::words(std::span<const std::string_view> groups) const {
  std::vector<std::string> words = command::givenOptions(*app, groups);
  if (isModule() && !weights.empty())
    words.push_back("--weights=" + weights);
  return words;
}

std::vector<std::string> RunOptions::givenCompileWords() const {
  const std::string_view groups[] = {command::CompileOptions::group};
  std::vector<std::string> all = words(groups);
  if (isModule() && !function.function.empty())
    all.push_back("--function=" + function.function);
  return all;
}

std::vector<std::string> RunOptions::compileWords() const {
  std::vector<std::string> all = givenCompileWords();
  // What every GPU of the targets can run.
  if (device != "cpu" && app->count("--target") == 0)
    all.push_back("--target=sm_80");
  return all;
}

std::vector<std::string> RunOptions::diagnosisWords() const {
  const std::string_view groups[] = {command::CompileOptions::diagnosisGroup};
  return command::givenOptions(*app, groups);
}

std::vector<std::string> RunOptions::referenceWords() const {
  const std::string_view groups[] = {
      command::CompileOptions::group,   command::CompileOptions::diagnosisGroup,
      generate::Options::group,         generate::Options::inputGroup,
      generate::Options::samplingGroup, generate::Options::embeddingGroup,
      command::FunctionOptions::group};
  std::vector<std::string> all = words(groups);
  all.push_back("--reference");
  return all;
}

std::string RunOptions::loadFolder() const {
  return noCache || cacheFolder.empty() ? "" : cacheFolder + "/weights";
}

} // namespace tern
