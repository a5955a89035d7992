// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/cache/CompileCache.h"
#include "tools/command/CompileOptions.h"
#include "tools/command/TextFile.h"
#include "tools/tern-bench/Benchmark.h"
#include "tools/tern-bench/Counts.h"
#include "tools/tern-bench/MachineCode.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>
#include <set>

using namespace tern;
using bench::Figures;
using bench::Limits;
using command::UserError;

namespace {

struct BenchOptions {
  std::string model, cacheFolder = defaultCacheFolder(), calibrate, output = "text";
  std::string device = "cpu";
  bool readsMachineCode = false, counts = false;
  bench::SassOptions sass;         ///< of --counts too
  command::CompileOptions compile; ///< for a MODEL
  bench::Options run;
};

} // namespace

static void declare(CLI::App &app, BenchOptions &options) {
  app.add_option("MODEL", options.model,
                 "artefact, GGUF file or Hugging Face directory; for --sass also a file of PTX");
  app.add_option("--prompt", options.run.prompt,
                 "tokens of the prompt; if left out 512, of --counts 16, or the model's context")
      ->check(command::wholeNumber());
  app.add_option(
         "--max-tokens", options.run.maxTokens,
         "tokens decoded after a prompt of one; if left out 128, or what the context allows")
      ->check(command::wholeNumber());
  app.add_option("--threads", options.run.threads, "threads that compute; 0: one for each core")
      ->check(command::wholeNumber(0, 1024));
  app.add_option("--repeat", options.run.repeat, "times to measure; medians are shown")
      ->check(command::wholeNumber(1, 1000000));
  app.add_option("--perplexity", options.run.perplexity,
                 "text whose mean loss is measured, in one window of the model's context")
      ->type_name("FILE");
  app.add_option("--against", options.run.against,
                 "artefact of the same weights that takes turns with MODEL, to compare speeds")
      ->type_name("ARTEFACT");
  app.add_option("--calibrate", options.calibrate,
                 "file to write the machine's limits to, for --machine; MODEL may be left out")
      ->type_name("FILE");
  app.add_option("--weights", options.run.weights,
                 "folder or file of the weights, if not beside the artefact")
      ->type_name("PATH");
  app.add_option("--cache-dir", options.cacheFolder, "folder of compiled models and packed weights")
      ->type_name("DIR");
  app.add_option("--output", options.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--device", options.device, "what runs the model: cpu, or for --counts emulator")
      ->check(CLI::IsMember({"cpu", "emulator"}));
  app.add_flag("--counts", options.counts,
               "show what a GPU's kernels do in a prompt and in a token after it, in place of "
               "measuring: launches, sectors of memory, bank conflicts, divergence, registers, and "
               "the time that follows");
  app.add_flag("--sass", options.readsMachineCode,
               "show what the machine code of a GPU's kernels says, in place of measuring: "
               "registers, occupancy, spills, and cycles of the steady loops");
  app.add_option("--gpu", options.sass.gpu,
                 "the GPU of --sass and --counts: a100, rtx3090, rtx4090, h100 or h200; default: "
                 "one of the "
                 "target's")
      ->type_name("NAME");
  app.add_option("--nvdisasm", options.sass.nvdisasm,
                 "the program for --sass, as --ptxas is; default: the one that tools/dev setup "
                 "fetched, or that in PATH")
      ->type_name("FILE");
  options.compile.addTo(app);
}

static nlohmann::ordered_json toJson(const Limits &limits) {
  return {{"read_gbs", limits.readGbs},
          {"f32_gflops", limits.f32Gflops},
          {"bf16_gflops", limits.bf16Gflops},
          {"int8_gops", limits.int8Gops},
          {"launch_us", limits.launchUs}};
}

static nlohmann::ordered_json toJson(const Figures &figures) {
  nlohmann::ordered_json json = {
      {"limits", toJson(figures.limits)},
      {"decode",
       {{"tokens_per_s", figures.decode.tokensPerSecond}, {"read_share", figures.decode.share}}},
      {"prefill",
       {{"tokens_per_s", figures.prefill.tokensPerSecond}, {"peak_share", figures.prefill.share}}},
      {"load", {{"seconds", figures.loadSeconds}}},
      {"first_token", {{"seconds", figures.firstTokenSeconds}}},
      {"memory", {{"resident_bytes", figures.residentBytes}}}};
  if (figures.perplexity)
    json["perplexity"] = {{"tokens", figures.perplexity->tokens},
                          {"mean_nll", figures.perplexity->meanNll}};
  auto toRatio = [](const bench::Ratio &ratio) {
    return nlohmann::ordered_json{{"median", ratio.median},
                                  {"quartiles", {ratio.lowerQuartile, ratio.upperQuartile}}};
  };
  if (figures.against)
    json["against"] = {{"decode", toRatio(figures.against->decode)},
                       {"prefill", toRatio(figures.against->prefill)}};
  return json;
}

static void print(const char *what, const bench::Ratio &ratio) {
  std::printf("%s %.3f times as fast (quartiles %.3f and %.3f)\n", what, ratio.median,
              ratio.lowerQuartile, ratio.upperQuartile);
}

static void print(const Figures &figures) {
  const Limits &limits = figures.limits;
  std::printf("limits       read %.1f GB/s, f32 %.0f, bf16 %.0f, int8 %.0f G op/s\n",
              limits.readGbs, limits.f32Gflops, limits.bf16Gflops, limits.int8Gops);
  std::printf("decode       %.1f tokens/s, %.0f %% of the read limit\n",
              figures.decode.tokensPerSecond, 100 * figures.decode.share);
  std::printf("prefill      %.1f tokens/s, %.0f %% of the peak\n", figures.prefill.tokensPerSecond,
              100 * figures.prefill.share);
  std::printf("load         %.3f s\nfirst token  %.3f s\nresident     %.1f MB\n",
              figures.loadSeconds, figures.firstTokenSeconds, double(figures.residentBytes) * 1e-6);
  if (figures.perplexity)
    std::printf("mean loss    %.6f nats over %zu tokens\n", figures.perplexity->meanNll,
                figures.perplexity->tokens);
  if (figures.against) {
    print("decode      ", figures.against->decode);
    print("prefill     ", figures.against->prefill);
  }
}

/// Writes the limits of the threads that the device would have.
static void calibrate(const BenchOptions &options) {
  bench::LimitMeter meter(Device("cpu", options.run.threads).threads());
  meter.measure(); // wakes the cores up
  command::writeText(options.calibrate, toJson(meter.measure()).dump(2) + "\n");
}

/// The artefact of a MODEL, through the cache.
static std::string compile(const BenchOptions &options, const std::vector<std::string> &flags) {
  if (options.cacheFolder.empty())
    throw UserError("expected --cache-dir, for neither XDG_CACHE_HOME nor HOME is set");
  CompileCache cache(options.cacheFolder);
  std::filesystem::path artefact = cache.find(options.model, flags, options.compile.files());
  if (!std::filesystem::exists(artefact))
    if (int code = cache.compile(options.model, flags, artefact))
      std::exit(code);
  return artefact;
}

/// Without a model nothing is measured but limits, of so many threads.
static void checkWithoutModel(const CLI::App &app, const BenchOptions &options) {
  if (options.calibrate.empty())
    throw CLI::RequiredError("MODEL or --calibrate");
  for (const CLI::Option *option : app.get_options())
    if (std::string name = option->get_name();
        !option->empty() && name != "--calibrate" && name != "--threads")
      throw UserError(name + ": has no effect without MODEL");
}

static const std::string_view compileGroups[] = {command::CompileOptions::group};

/// `mode` shows something else than measurements, to which `used` and what compiles a model matter.
static void checkMode(const CLI::App &app, const BenchOptions &options, const std::string &mode,
                      const std::set<std::string> &used) {
  if (options.model.empty())
    throw CLI::RequiredError("MODEL");
  for (const CLI::Option *option : app.get_options())
    if (std::string name = option->get_name();
        !option->empty() && option->get_group() != command::CompileOptions::group && name != mode &&
        name != "MODEL" && !used.contains(name))
      throw UserError(name + ": has no effect beside " + mode);
}

/// MODEL if it is an artefact or, where that may be, a file of PTX, else what it is compiled to.
/// Takes --ptxas as an option of `mode`.
static std::string compileForGpu(const CLI::App &app, BenchOptions &options,
                                 const std::string &mode, bool mayBePtx) {
  options.sass.ptxas = options.compile.ptxas;
  std::vector<std::string> flags = command::givenOptions(app, compileGroups);
  std::erase_if(flags, [](const std::string &flag) { return flag.starts_with("--ptxas="); });
  const std::string &path = options.model;
  if (isArtefact(path) || (mayBePtx && path.ends_with(".ptx"))) {
    if (!flags.empty())
      throw UserError(path + ": is compiled already, so " + flags.front() + " has no effect");
    return path;
  }
  if (options.compile.target == "cpu")
    throw UserError(mode + ": expected --target=sm_80 or a later GPU beside it, found cpu");
  return compile(options, flags);
}

static void showMachineCode(const CLI::App &app, BenchOptions options) {
  checkMode(app, options, "--sass", {"--gpu", "--nvdisasm", "--output", "--cache-dir"});
  std::string path = compileForGpu(app, options, "--sass", /*mayBePtx=*/true);
  bench::MachineCode code = bench::readMachineCode(path, options.sass);
  if (options.output == "json")
    std::cout << toJson(code).dump(2) << "\n";
  else
    printMachineCode(code);
}

static void setWeights(BenchOptions &options, const std::string &artefact) {
  if (artefact != options.model && options.run.weights.empty())
    options.run.weights = options.model;
  if (!options.cacheFolder.empty())
    options.run.loadCache = options.cacheFolder + "/weights";
}

static void showCounts(const CLI::App &app, BenchOptions options) {
  checkMode(app, options, "--counts",
            {"--device", "--gpu", "--prompt", "--threads", "--weights", "--output", "--cache-dir"});
  if (options.device != "emulator")
    throw UserError("--counts: expected --device=emulator beside it, found " + options.device);
  std::string artefact = compileForGpu(app, options, "--counts", /*mayBePtx=*/false);
  setWeights(options, artefact);
  bench::ModelCounts counts = bench::countModel(artefact, options.run, options.sass);
  if (options.output == "json")
    std::cout << toJson(counts).dump(2) << "\n";
  else
    printCounts(counts);
}

static void run(const CLI::App &app, BenchOptions options) {
  if (options.readsMachineCode)
    return showMachineCode(app, std::move(options));
  if (options.counts)
    return showCounts(app, std::move(options));
  for (const char *option : {"--gpu", "--nvdisasm"})
    if (app.count(option) != 0)
      throw UserError(std::string(option) + ": expected --sass beside it, found none");
  if (options.device != "cpu")
    throw UserError("--device=" + options.device +
                    ": expected --counts beside it, for its time is not a GPU's");
  options.compile.check();
  if (options.model.empty())
    checkWithoutModel(app, options);
  if (options.compile.compileTo != "artefact")
    throw UserError("--compile-to=" + options.compile.compileTo +
                    ": expected artefact, for nothing else can be measured");
  // What can't be read or written is refused before anything is measured.
  if (!options.calibrate.empty())
    command::checkWritable(options.calibrate);
  if (!options.run.perplexity.empty())
    options.run.text = command::readText(options.run.perplexity);
  if (!options.calibrate.empty())
    calibrate(options);
  if (options.model.empty())
    return;
  std::vector<std::string> flags = command::givenOptions(app, compileGroups);
  bool isCompiled = isArtefact(options.model);
  if (isCompiled && !flags.empty())
    throw UserError(options.model + ": is compiled already, so " + flags.front() +
                    " has no effect");
  std::string artefact = isCompiled ? options.model : compile(options, flags);
  setWeights(options, artefact);
  Figures figures = bench::runBenchmark(artefact, options.run);
  if (options.output == "json")
    std::cout << toJson(figures).dump(2) << "\n";
  else
    print(figures);
}

int main(int argc, char **argv) {
  command::Application app("Measures a model beside the machine's limits.", argc, argv);
  BenchOptions options;
  declare(app, options);
  return app.run([&] {
    try {
      run(app, options);
    } catch (const Error &error) {
      if (error.code() == TERN_INTERNAL)
        throw command::InternalError(error.what());
      throw UserError(error.what());
    }
    return command::exitcode::done;
  });
}
