// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/EmulatorDevice.h"

#include "runtime/format/Print.h"
#include "runtime/src/device/emulator/Emulator.h"

#include <algorithm>
#include <map>
#include <utility>

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {
namespace {

/// A kernel and what starts it.
struct EmulatedKernel {
  const emulator::Module &module;
  const Artefact &artefact;
  const format::Kernel &kernel;
};

class EmulatedCode final : public LoadedCode {
public:
  static Error load(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) {
    std::span<const std::byte> bytes;
    if (Error error = artefact.container.section(format::section::ptx, bytes))
      return error;
    auto code = std::make_unique<EmulatedCode>();
    if (Error error = emulator::Module::parse(
            {reinterpret_cast<const char *>(bytes.data()), bytes.size()}, code->module))
      return error;
    std::vector<std::string> names = code->module.kernels();
    for (const format::Kernel &kernel : artefact.index.kernels) {
      if (!kernel.isForDevice())
        continue;
      if (std::ranges::find(names, kernel.name) == names.end())
        return makeError(TERN_BAD_FILE, "expected PTX with a kernel '%s', found none",
                         kernel.name.c_str());
      code->kernels.try_emplace(kernel.name, EmulatedKernel{code->module, artefact, kernel});
    }
    out = std::move(code);
    return {};
  }

  KernelHandle kernel(const format::Kernel &kernel) const override {
    return &kernels.at(kernel.name);
  }

private:
  emulator::Module module;
  std::map<std::string, EmulatedKernel, std::less<>> kernels;
};

class EmulatorDevice final : public Device {
public:
  EmulatorDevice(std::shared_ptr<Device> host, unsigned threads) : hostDevice(std::move(host)) {
    options.threads = threads;
  }

  const char *name() const override { return "emulator"; }

  Error checkTarget(const format::Index &index) const override {
    if (index.device.name.empty())
      return makeError(TERN_UNSUPPORTED,
                       "expected kernels for a GPU, such as --target=sm_80 makes, found code for "
                       "%s (%s) alone",
                       index.target.name.c_str(), index.target.cpu.c_str());
    return {};
  }

  Error loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) override {
    return EmulatedCode::load(artefact, out);
  }

  Device &host() override { return *hostDevice; }

  Error allocate(uint64_t bytes, const char *purpose, Memory &out) override {
    return hostDevice->allocate(bytes, purpose, out);
  }

  Error launch(const Work &work) override;

  Error takeCounts(const OnKernel &onKernel) override;

private:
  /// Of all launches of a kernel.
  struct Done {
    emulator::Counts counts;
    uint64_t memoryBytes = 0;
  };

  std::shared_ptr<Device> hostDevice;
  Memory scratch; ///< of all tiles of a launch
  emulator::Options options;
  std::map<std::string, Done, std::less<>> done; ///< by kernel, since they were taken
};

/// What a kernel may do with a buffer.
emulator::Contents contentsOf(format::Space space) {
  switch (space) {
  case format::Space::Packed:
  case format::Space::Constant:
  case format::Space::Input:
    return emulator::Contents::Constant;
  default:
    return emulator::Contents::Initialised;
  }
}

/// Each buffer is a range of its own, so that a kernel that leaves it is told of even where memory
/// goes on.
Error EmulatorDevice::launch(const Work &work) {
  if (work.tiles == 0)
    return {};
  const auto &[module, artefact, kernel] = *static_cast<const EmulatedKernel *>(work.kernel);
  emulator::Memory memory;
  std::vector<uint64_t> parameters;
  uint64_t bufferBytes = 0;
  for (size_t i = 0; i < work.launch.buffers.size(); ++i) {
    const format::Buffer &buffer = work.program.buffers[work.launch.buffers[i]];
    bufferBytes += work.bytes[i];
    parameters.push_back(memory.add(work.buffers[i], work.bytes[i],
                                    printSpace(artefact.index, work.program, buffer),
                                    contentsOf(buffer.space)));
  }
  for (size_t i = 0; i < work.launch.sizes.size(); ++i)
    parameters.push_back(static_cast<uint64_t>(work.sizes[i]));
  if (uint64_t bytes = kernel.scratchBytes * static_cast<uint64_t>(work.tiles)) {
    if (scratch.size() < bytes)
      if (Error error = hostDevice->allocate(bytes, "scratch", scratch))
        return error;
    bufferBytes += bytes;
    parameters.push_back(
        memory.add(scratch.data(), bytes, "scratch", emulator::Contents::Uninitialised));
  }
  parameters.push_back(static_cast<uint64_t>(work.tiles));
  emulator::Launch launch;
  launch.kernel = kernel.name;
  launch.grid.x = static_cast<uint32_t>((work.tiles + kernel.blockTiles - 1) / kernel.blockTiles);
  launch.block.x = kernel.threads;
  launch.dynamicSharedBytes = kernel.sharedBytes;
  launch.parameters = std::as_bytes(std::span(parameters));
  emulator::Counts counts;
  Error error = emulator::run(module, launch, memory, options, counts);
  Done &all = done[kernel.name];
  all.counts += counts;
  constexpr uint64_t sectorBytes = 32;
  all.memoryBytes += std::min(counts.globalSectors * sectorBytes, bufferBytes);
  return error;
}

tern_traffic_t of(const emulator::Traffic &traffic) { return {traffic.read, traffic.written}; }

Error EmulatorDevice::takeCounts(const OnKernel &onKernel) {
  for (const auto &[kernel, all] : std::exchange(done, {})) {
    const emulator::Counts &counts = all.counts;
    tern_instructions_t instructions[emulator::numClasses];
    for (unsigned i = 0; i < emulator::numClasses; ++i)
      instructions[i] = {nameOf(static_cast<emulator::Class>(i)).data(), counts.warpInstructions[i],
                         counts.threadInstructions[i]};
    tern_kernel_counts_t given{};
    given.kernel = kernel.c_str();
    given.launches = counts.launches;
    given.blocks = counts.ctas;
    given.instructions = instructions;
    given.instructions_count = emulator::numClasses;
    given.global_sectors = counts.globalSectors;
    given.global_sectors_ideal = counts.globalSectorsIdeal;
    given.memory_bytes = all.memoryBytes;
    given.shared_passes = counts.sharedPasses;
    given.shared_passes_ideal = counts.sharedPassesIdeal;
    given.branches = counts.branches;
    given.divergent_branches = counts.divergentBranches;
    given.tensor_operations = counts.matrixOperations;
    given.integer_tensor_operations = counts.integerMatrixOperations;
    given.other_operations = counts.otherOperations;
    given.global = of(counts.global);
    given.shared = of(counts.shared);
    given.local = of(counts.local);
    given.constant = of(counts.constant);
    given.parameter = of(counts.parameter);
    onKernel(given);
  }
  return {};
}

} // namespace
} // namespace tern::runtime

extern "C" __attribute__((visibility("default"))) void
tern_make_emulator(std::shared_ptr<tern::runtime::Device> host, unsigned threads,
                   std::shared_ptr<tern::runtime::Device> &out) {
  out = std::make_shared<tern::runtime::EmulatorDevice>(std::move(host), threads);
}
