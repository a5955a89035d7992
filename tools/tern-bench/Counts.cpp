// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/Counts.h"

#include "tools/command/CommandLine.h"
#include "tools/command/Ptxas.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace tern::bench {

using command::UserError;

//===- Counting -----------------------------------------------------------===//

uint64_t KernelCounts::instructionsOfWarps() const {
  return std::accumulate(instructions.begin(), instructions.end(), uint64_t{0},
                         [](uint64_t sum, const auto &kind) { return sum + kind.second; });
}

double KernelCounts::tensorShare() const {
  uint64_t all = sums.tensor_operations + sums.other_operations;
  return all ? double(sums.tensor_operations) / double(all) : 0;
}

uint64_t StepCounts::launches() const {
  uint64_t all = 0;
  for (const KernelCounts &kernel : kernels)
    all += kernel.sums.launches;
  return all;
}

double StepCounts::memoryBytes() const {
  double all = 0;
  for (const KernelCounts &kernel : kernels)
    all += double(kernel.sums.memory_bytes);
  return all;
}

double StepCounts::seconds() const {
  double all = 0;
  for (const KernelCounts &kernel : kernels)
    all += kernel.seconds();
  return all;
}

/// What the device did since it was asked before.
static StepCounts takeCounts(const Device &device, const Gpu &gpu) {
  StepCounts step;
  device.takeCounts([&](const tern_kernel_counts_t &counts) {
    KernelCounts &kernel = step.kernels.emplace_back();
    kernel.name = counts.kernel;
    kernel.sums = counts;
    kernel.sums.kernel = nullptr;
    kernel.sums.instructions = nullptr;
    double launches = double(counts.launches);
    Work work;
    for (size_t i = 0; i < counts.instructions_count; ++i) {
      const tern_instructions_t &each = counts.instructions[i];
      kernel.instructions.emplace_back(each.kind, each.warps);
      work.instructions += double(each.warps) / launches;
      if (std::string_view(each.kind) == "float")
        work.floatProducts = double(each.threads) / launches;
    }
    work.globalBytes = double(counts.memory_bytes) / launches;
    work.byteProducts = double(counts.integer_tensor_operations) / 2 / launches;
    work.halfProducts = double(counts.tensor_operations) / 2 / launches - work.byteProducts;
    work.sharedCycles = double(counts.shared_passes) / launches;
    work.blocks = double(counts.blocks) / launches;
    kernel.launch = gpu.roofline(work);
  });
  return step;
}

static int64_t layersOf(const format::Index &index) {
  int64_t cached = 0, recurrent = 0;
  for (const format::CacheClass &cache : index.caches)
    cached += cache.layers;
  for (const format::StateClass &state : index.states)
    recurrent += state.layers;
  return std::max(cached, recurrent);
}

ModelCounts countModel(const std::string &path, const Options &options,
                       const SassOptions &programs) {
  format::Index index = readStepIndex(path);
  if (index.device.name.empty())
    throw UserError(path + ": expected kernels for a GPU, found none");
  ModelCounts counts;
  counts.gpu = programs.gpu.empty() ? Gpu::ofChip(index.device.cpu) : Gpu::named(programs.gpu);
  counts.layers = layersOf(index);
  constexpr int64_t usualPrompt = 16;
  counts.tokens = lengthFor("--prompt", options.prompt, usualPrompt, index.model.maxContext - 1);
  if (!programs.ptxas.empty() || command::Ptxas::isInstalled())
    counts.code = readResources(path, programs);

  Device device("emulator", options.threads);
  std::optional<LoadCache> cache;
  if (!options.loadCache.empty())
    cache.emplace(options.loadCache);
  Artefact artefact(path);
  Model model(artefact, device,
              {.weightsPath = options.weights, .cache = cache ? &*cache : nullptr});
  Session session(model);
  int32_t sequence = session.begin();
  session.feed(sequence, someTokens(counts.tokens, index.model.vocabulary));
  counts.prompt = takeCounts(device, counts.gpu);
  int32_t token = 0;
  if (index.findProgram("sample")) {
    tern_sampler_t sampler;
    tern_sampler_init(&sampler);
    token = session.sample(sequence, sampler);
  }
  session.feed(sequence, std::span(&token, 1));
  counts.decode = takeCounts(device, counts.gpu);
  return counts;
}

//===- Showing ------------------------------------------------------------===//

static double ratio(uint64_t found, uint64_t ideal) {
  return ideal ? double(found) / double(ideal) : 1;
}

/// Of a GPU whose multiprocessors all take part.
static double slotsPerMemory(const KernelCounts &kernel, const Gpu &gpu) {
  return gpu.slotsPerMemory(double(kernel.instructionsOfWarps()),
                            double(std::max<uint64_t>(1, kernel.sums.memory_bytes)));
}

static void print(const KernelCounts &kernel, const Gpu &gpu) {
  const tern_kernel_counts_t &sums = kernel.sums;
  std::printf("%-32s %8llu %8.1f %12llu %8.3f %8.3f %7.3f %9llu %9.3f %8.2f %9.2f  %s\n",
              kernel.name.c_str(), static_cast<unsigned long long>(sums.launches),
              double(sums.blocks) / double(sums.launches),
              static_cast<unsigned long long>(kernel.instructionsOfWarps()),
              ratio(sums.global_sectors, sums.global_sectors_ideal),
              ratio(sums.shared_passes, sums.shared_passes_ideal), kernel.tensorShare(),
              static_cast<unsigned long long>(sums.divergent_branches),
              double(sums.memory_bytes) * 1e-6, slotsPerMemory(kernel, gpu), kernel.seconds() * 1e6,
              kernel.launch.bound());
}

static void print(const std::string &title, const StepCounts &step, const ModelCounts &counts) {
  std::printf("\n%s: %llu launches", title.c_str(),
              static_cast<unsigned long long>(step.launches()));
  if (counts.layers > 0)
    std::printf(", %.1f for each of %lld layers", double(step.launches()) / double(counts.layers),
                static_cast<long long>(counts.layers));
  std::printf("; %.3f MB, %.1f us\n", step.memoryBytes() * 1e-6, step.seconds() * 1e6);
  std::printf("%-32s %8s %8s %12s %8s %8s %7s %9s %9s %8s %9s  %s\n", "kernel", "launches",
              "blocks", "instructions", "sectors", "banks", "tensor", "divergent", "MB", "slots",
              "us", "bound");
  for (const KernelCounts &kernel : step.kernels)
    print(kernel, counts.gpu);
}

/// Of the kernels that ran.
static void print(const MachineCode &code, const ModelCounts &counts) {
  std::printf("\n%-32s %8s %9s %9s %9s %7s  %s\n", "kernel", "threads", "registers", "shared",
              "spills", "warps", "bound");
  for (const KernelCode &kernel : code.kernels) {
    const KernelResources &resources = kernel.resources;
    auto isIt = [&](const KernelCounts &other) { return other.name == resources.name; };
    if (std::ranges::none_of(counts.prompt.kernels, isIt) &&
        std::ranges::none_of(counts.decode.kernels, isIt))
      continue;
    std::printf("%-32s %8u %9u %9u %9u %7u  %s\n", resources.name.c_str(), kernel.threads,
                resources.registers, kernel.sharedBytes,
                resources.spillStores + resources.spillLoads, kernel.occupancy.warps,
                kernel.occupancy.limit);
  }
}

void printCounts(const ModelCounts &counts) {
  std::printf("counts of the emulator, times for %s (%s)\n", counts.gpu.name.c_str(),
              counts.gpu.chip().c_str());
  print("prompt of " + std::to_string(counts.tokens) + " tokens", counts.prompt, counts);
  print("a token", counts.decode, counts);
  if (counts.code)
    print(*counts.code, counts);
}

static nlohmann::ordered_json toJson(const tern_traffic_t &traffic) {
  return {{"read", traffic.read}, {"written", traffic.written}};
}

static nlohmann::ordered_json toJson(const KernelCounts &kernel, const Gpu &gpu) {
  const tern_kernel_counts_t &sums = kernel.sums;
  nlohmann::ordered_json instructions = nlohmann::ordered_json::object();
  for (const auto &[kind, count] : kernel.instructions)
    instructions[kind] = count;
  return {{"name", kernel.name},
          {"launches", sums.launches},
          {"blocks", sums.blocks},
          {"instructions", instructions},
          {"global_sectors", sums.global_sectors},
          {"global_sectors_ideal", sums.global_sectors_ideal},
          {"shared_passes", sums.shared_passes},
          {"shared_passes_ideal", sums.shared_passes_ideal},
          {"branches", sums.branches},
          {"divergent_branches", sums.divergent_branches},
          {"tensor_operations", sums.tensor_operations},
          {"other_operations", sums.other_operations},
          {"memory_bytes", sums.memory_bytes},
          {"bytes",
           {{"global", toJson(sums.global)},
            {"shared", toJson(sums.shared)},
            {"local", toJson(sums.local)},
            {"constant", toJson(sums.constant)},
            {"parameter", toJson(sums.parameter)}}},
          {"slots_per_memory", slotsPerMemory(kernel, gpu)},
          {"seconds", kernel.seconds()},
          {"bound", kernel.launch.bound()}};
}

static nlohmann::ordered_json toJson(const StepCounts &step, const ModelCounts &counts) {
  nlohmann::ordered_json json = {{"launches", step.launches()},
                                 {"memory_bytes", step.memoryBytes()},
                                 {"seconds", step.seconds()}};
  if (counts.layers > 0)
    json["launches_per_layer"] = double(step.launches()) / double(counts.layers);
  json["kernels"] = nlohmann::ordered_json::array();
  for (const KernelCounts &kernel : step.kernels)
    json["kernels"].push_back(toJson(kernel, counts.gpu));
  return json;
}

nlohmann::ordered_json toJson(const ModelCounts &counts) {
  nlohmann::ordered_json json = {{"gpu", counts.gpu.name},
                                 {"tokens", counts.tokens},
                                 {"layers", counts.layers},
                                 {"prompt", toJson(counts.prompt, counts)},
                                 {"decode", toJson(counts.decode, counts)}};
  if (counts.code)
    json["code"] = toJson(*counts.code);
  return json;
}

} // namespace tern::bench
