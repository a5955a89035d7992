// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/Gpu.h"

#include "tools/command/CommandLine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tern::bench {

using command::UserError;

/// A multiprocessor is four quarters, each of which issues an instruction a cycle.
static constexpr uint32_t quarters = 4;
static constexpr uint32_t lanes = 32;
/// Registers are given to a thread in eights.
static constexpr uint32_t registerUnit = 8;
/// Shared memory that each block takes beside its own.
static constexpr uint32_t reservedShared = 1024;

double Roofline::seconds() const {
  return std::max({memory, tensor, arithmetic, issue, shared}) + launch;
}

const char *Roofline::bound() const {
  std::array<std::pair<double, const char *>, 6> parts{{{memory, "memory"},
                                                        {tensor, "tensor"},
                                                        {arithmetic, "arithmetic"},
                                                        {issue, "issue"},
                                                        {shared, "shared memory"},
                                                        {launch, "launch"}}};
  return std::max_element(parts.begin(), parts.end(),
                          [](auto &left, auto &right) { return left.first < right.first; })
      ->second;
}

Roofline Gpu::roofline(const Work &work) const {
  double cycles = multiprocessors * clock;
  double idle = work.blocks > 0 ? std::max(1.0, multiprocessors / work.blocks) : 1;
  return {work.globalBytes / bytesPerSecond,
          idle * 2 * (work.halfProducts / halfOps + work.byteProducts / byteOps),
          idle * 2 * work.floatProducts / floatOps,
          idle * work.instructions / (quarters * cycles),
          idle * work.sharedCycles / cycles,
          launch};
}

namespace {
struct TensorShape {
  std::string_view prefix;
  double products;
  double Gpu::*rate;
  double slowdown = 1;
};
} // namespace

/// By rows, columns and terms of a product: HMMA.16816 is 16 x 8 x 16. The first that fits counts.
static constexpr TensorShape tensorShapes[] = {
    {"HMMA.16816.", 16 * 8 * 16, &Gpu::halfOps},
    {"HMMA.1688.F32.TF32", 16 * 8 * 8, &Gpu::halfOps, 2},
    {"HMMA.1688.", 16 * 8 * 8, &Gpu::halfOps},
    {"IMMA.16832.", 16 * 8 * 32, &Gpu::byteOps},
    {"IMMA.16816.", 16 * 8 * 16, &Gpu::byteOps},
    {"IMMA.8816.", 8 * 8 * 16, &Gpu::byteOps},
};

static bool isTensor(std::string_view opcode) {
  std::string_view base = opcode.substr(0, opcode.find('.'));
  return base.ends_with("MMA");
}

uint32_t Gpu::tensorCycles(std::string_view opcode) const {
  if (!isTensor(opcode))
    return 0;
  for (const TensorShape &shape : tensorShapes)
    if (opcode.starts_with(shape.prefix)) {
      double perCycle = this->*shape.rate / 2 / (multiprocessors * clock * quarters);
      return std::max<uint32_t>(
          1, static_cast<uint32_t>(std::lround(shape.products * shape.slowdown / perCycle)));
    }
  throw UserError("expected a tensor instruction whose shape is known, found " +
                  std::string(opcode));
}

Occupancy Gpu::occupancy(uint32_t threads, uint32_t registersOfThread,
                         uint32_t sharedOfBlock) const {
  uint32_t warpsOfBlock = std::max(1u, (threads + lanes - 1) / lanes);
  uint32_t unit =
      std::max(1u, (registersOfThread + registerUnit - 1) / registerUnit) * registerUnit * lanes;
  std::array<std::pair<uint32_t, const char *>, 4> limits{
      {{registers / quarters / unit * quarters / warpsOfBlock, "registers"},
       {sharedBytes / (sharedOfBlock + reservedShared), "shared memory"},
       {warps / warpsOfBlock, "warps"},
       {blocks, "blocks"}}};
  auto [least, limit] =
      *std::min_element(limits.begin(), limits.end(),
                        [](auto &left, auto &right) { return left.first < right.first; });
  return {least, least * warpsOfBlock, limit};
}

static Gpu read(const MachineText &file, const nlohmann::json &figures) {
  auto figure = [&](const char *name, double unit = 1) {
    return figures.at(name).get<double>() * unit;
  };
  auto count = [&](const char *name) { return figures.at(name).get<uint32_t>(); };
  Gpu gpu;
  gpu.name = file.name.substr(0, file.name.rfind(".json"));
  gpu.bytesPerSecond = figure("read_gbs", 1e9);
  gpu.floatOps = figure("f32_gflops", 1e9);
  gpu.halfOps = figure("bf16_gflops", 1e9);
  gpu.byteOps = figure("int8_gops", 1e9);
  gpu.launch = figure("launch_us", 1e-6);
  gpu.multiprocessors = figure("multiprocessors");
  gpu.clock = figure("clock_mhz", 1e6);
  gpu.registers = count("registers");
  gpu.sharedBytes = count("shared_bytes");
  gpu.warps = count("warps");
  gpu.blocks = count("blocks");
  gpu.capability = count("capability");
  return gpu;
}

std::vector<Gpu> Gpu::all() {
  std::vector<Gpu> gpus;
  for (const MachineText &file : machineTexts())
    if (nlohmann::json figures = nlohmann::json::parse(file.text); figures.contains("capability"))
      gpus.push_back(read(file, figures));
  return gpus;
}

static std::string names(const std::vector<Gpu> &gpus) {
  std::string all;
  for (const Gpu &gpu : gpus)
    all += (all.empty() ? "" : ", ") + gpu.name;
  return all;
}

Gpu Gpu::named(const std::string &name) {
  std::vector<Gpu> gpus = all();
  for (const Gpu &gpu : gpus)
    if (gpu.name == name)
      return gpu;
  throw UserError("--gpu: expected one of " + names(gpus) + ", found '" + name + "'");
}

Gpu Gpu::ofChip(const std::string &chip) {
  std::vector<Gpu> gpus = all();
  for (const Gpu &gpu : gpus)
    if (gpu.chip() == chip)
      return gpu;
  throw UserError("target " + chip + ": expected that of one of " + names(gpus) +
                  ", or one of these by --gpu");
}

} // namespace tern::bench
