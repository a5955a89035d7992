// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_BENCH_COUNTS_H
#define TERN_TOOLS_TERN_BENCH_COUNTS_H

#include "tools/tern-bench/Benchmark.h"
#include "tools/tern-bench/MachineCode.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tern::bench {

/// What all launches of a kernel did in a step, as the emulator counted it, and what they take on a
/// GPU.
struct KernelCounts {
  std::string name;
  tern_kernel_counts_t sums{};                                ///< without its name and instructions
  std::vector<std::pair<std::string, uint64_t>> instructions; ///< of warps, by kind
  Roofline launch;                                            ///< of one of them, on average

  uint64_t instructionsOfWarps() const;
  /// 0 without operations.
  double tensorShare() const;
  double seconds() const { return launch.seconds() * double(sums.launches); }
};

/// What a step did, by kernel.
struct StepCounts {
  std::vector<KernelCounts> kernels;

  uint64_t launches() const;
  double memoryBytes() const;
  double seconds() const; ///< one launch after another
};

struct ModelCounts {
  Gpu gpu;
  int64_t tokens = 0; ///< of the prompt
  int64_t layers = 0; ///< that have a cache or a state
  StepCounts prompt, decode;
  std::optional<MachineCode> code; ///< without loops; none if no ptxas is installed
};

/// Runs a prompt and then one token more on the emulator. Of `options` those of the prompt,
/// threads, and weights count; of `programs` the GPU and ptxas. Throws command::UserError or
/// tern::Error.
ModelCounts countModel(const std::string &artefact, const Options &options,
                       const SassOptions &programs);

void printCounts(const ModelCounts &counts);
nlohmann::ordered_json toJson(const ModelCounts &counts);

} // namespace tern::bench

#endif
