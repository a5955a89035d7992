// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/MachineCode.h"

#include "frontend/checkpoint/MappedFile.h"
#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "tools/cache/CompileCache.h"
#include "tools/command/CommandLine.h"
#include "tools/command/Program.h"
#include "tools/command/Ptxas.h"
#include "tools/command/TextFile.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace tern::bench {

using command::UserError;

namespace {
/// A text of kernels, and what an artefact says of them.
struct PtxFile {
  std::string text;
  std::vector<format::Kernel> kernels; ///< none for a file of PTX
};
} // namespace

static PtxFile readArtefact(const std::string &path) {
  auto file = checkpoint::MappedFile::open(path);
  if (!file)
    throw UserError(file.error().message);
  auto check = [&](const format::Error &error) {
    if (error)
      throw UserError(path + ": " + error.message());
  };
  format::Container container;
  check(format::Container::read(file->bytes(), container));
  std::span<const std::byte> index, ptx;
  check(container.section(format::section::index, index));
  check(container.section(format::section::ptx, ptx));
  if (ptx.empty())
    throw UserError(path + ": expected kernels for a GPU, found none");
  format::Index decoded;
  check(format::decodeIndex(index, decoded));
  return {std::string(reinterpret_cast<const char *>(ptx.data()), ptx.size()), decoded.kernels};
}

/// The word after the first `directive` at or after `from`, `sm_80` of `.target sm_80`; empty if
/// there is none.
static std::string wordAfter(const std::string &text, const std::string &directive,
                             size_t from = 0) {
  size_t begin = text.find(directive, from);
  if (begin == std::string::npos)
    return "";
  begin = text.find_first_not_of(" \t", begin + directive.size());
  size_t end = text.find_first_of(" \t\r\n,;", begin);
  return begin == std::string::npos ? "" : text.substr(begin, end - begin);
}

/// The threads of a block of that kernel as the text says, 0 if it does not. They stand between
/// its name and its body.
static uint32_t threadsOf(const std::string &text, const std::string &kernel) {
  size_t entry = text.find(".entry " + kernel + "(");
  if (entry == std::string::npos)
    return 0;
  std::string head = text.substr(entry, text.find('{', entry) - entry);
  uint32_t threads = 0;
  for (const char *directive : {".reqntid", ".maxntid"})
    if (std::string word = wordAfter(head, directive); !word.empty() && threads == 0)
      threads = static_cast<uint32_t>(std::strtoul(word.c_str(), nullptr, 10));
  return threads;
}

static std::vector<SassFunction> disassemble(const std::string &cubin, const std::string &given) {
  std::string program =
      given.empty()
          ? command::findProgram("nvdisasm", "../wheels/nvidia-cuda-nvdisasm/bin").string()
          : given;
  if (program.empty())
    throw UserError("nvdisasm: expected it by --nvdisasm=FILE, in PATH or, by tools/dev setup, "
                    "beside this build, found none");
  command::TemporaryFolder folder;
  std::string path = folder.path / "kernels.cubin";
  command::writeText(path, cubin);
  command::Ended ended = command::runProgram({program, "-hex", "-c", path});
  if (ended.code != 0)
    throw UserError(program + ": expected it to list machine code, found exit code " +
                    std::to_string(ended.code));
  return readSass(ended.output);
}

/// All but the steady loops. Gives the machine code as an ELF file too.
static MachineCode assemble(const std::string &path, const SassOptions &options,
                            std::string &cubin) {
  PtxFile file = isArtefact(path) ? readArtefact(path) : PtxFile{command::readText(path), {}};
  std::string chip = wordAfter(file.text, ".target");
  if (chip.empty())
    throw UserError(path + ": expected PTX with its .target, found none");
  MachineCode code;
  code.gpu = options.gpu.empty() ? Gpu::ofChip(chip) : Gpu::named(options.gpu);
  command::Ptxas ptxas(options.ptxas);
  code.assembler = ptxas.version();
  command::Ptxas::Assembled assembled = ptxas.assemble(file.text, code.gpu.chip(), path);
  cubin = std::move(assembled.cubin);
  for (KernelResources &resources : readReport(assembled.report)) {
    KernelCode &kernel = code.kernels.emplace_back();
    kernel.threads = threadsOf(file.text, resources.name);
    kernel.sharedBytes = resources.sharedBytes;
    for (const format::Kernel &known : file.kernels)
      if (known.name == resources.name) {
        kernel.threads = known.threads;
        kernel.sharedBytes += known.sharedBytes;
      }
    kernel.occupancy = code.gpu.occupancy(kernel.threads, resources.registers, kernel.sharedBytes);
    kernel.resources = std::move(resources);
  }
  return code;
}

MachineCode readResources(const std::string &path, const SassOptions &options) {
  std::string cubin;
  return assemble(path, options, cubin);
}

MachineCode readMachineCode(const std::string &path, const SassOptions &options) {
  std::string cubin;
  MachineCode code = assemble(path, options, cubin);
  for (const SassFunction &function : disassemble(cubin, options.nvdisasm))
    for (KernelCode &kernel : code.kernels)
      if (kernel.resources.name == function.name)
        kernel.loops = steadyLoops(function, code.gpu);
  return code;
}

static void print(const SteadyLoop &loop, const Gpu &gpu) {
  std::printf("  loop %#llx to %#llx: %u instructions (",
              static_cast<unsigned long long>(loop.first),
              static_cast<unsigned long long>(loop.last), loop.instructions);
  std::vector<std::pair<std::string, uint32_t>> classes(loop.classes.begin(), loop.classes.end());
  std::sort(classes.begin(), classes.end(), [](auto &left, auto &right) {
    return std::tie(right.second, left.first) < std::tie(left.second, right.first);
  });
  for (const auto &[name, count] : classes)
    std::printf("%s%s %u", name == classes.front().first ? "" : ", ", name.c_str(), count);
  std::printf("), issue %u cycles, %u wait\n", loop.issueCycles, loop.waits);
  if (loop.tensorCycles != 0)
    std::printf("    tensor %u cycles: issue %.3f, slots %.3f, shared memory %.2f of it\n",
                loop.tensorCycles, loop.issuePerTensor(), loop.slotsPerTensor(),
                loop.sharedPerTensor());
  if (loop.globalBytes != 0)
    std::printf("    global memory %u bytes, %.1f cycles: slots %.3f, shared memory %.2f of it\n",
                loop.globalBytes, loop.globalBytes / gpu.memoryBytesPerCycle(),
                loop.slotsPerMemory(gpu),
                loop.sharedCycles * gpu.memoryBytesPerCycle() / loop.globalBytes);
}

void printMachineCode(const MachineCode &code) {
  std::printf("machine code for %s (%s) by %s\n", code.gpu.name.c_str(), code.gpu.chip().c_str(),
              code.assembler.c_str());
  for (const KernelCode &kernel : code.kernels) {
    const KernelResources &resources = kernel.resources;
    std::printf("%s: %u threads, %u registers, %u bytes of shared memory, %u blocks = %u warps a "
                "multiprocessor by %s, ",
                resources.name.c_str(), kernel.threads, resources.registers, kernel.sharedBytes,
                kernel.occupancy.blocks, kernel.occupancy.warps, kernel.occupancy.limit);
    if (resources.spillStores + resources.spillLoads != 0)
      std::printf("spills %u bytes written, %u read\n", resources.spillStores,
                  resources.spillLoads);
    else
      std::printf("no spills\n");
    for (const SteadyLoop &loop : kernel.loops)
      print(loop, code.gpu);
  }
}

static nlohmann::ordered_json toJson(const SteadyLoop &loop, const Gpu &gpu) {
  nlohmann::ordered_json json = {{"first", loop.first},
                                 {"last", loop.last},
                                 {"instructions", loop.instructions},
                                 {"classes", loop.classes},
                                 {"issue_cycles", loop.issueCycles},
                                 {"waits", loop.waits},
                                 {"tensor_cycles", loop.tensorCycles},
                                 {"shared_cycles", loop.sharedCycles},
                                 {"global_bytes", loop.globalBytes}};
  if (loop.tensorCycles != 0) {
    json["issue_per_tensor"] = loop.issuePerTensor();
    json["slots_per_tensor"] = loop.slotsPerTensor();
    json["shared_per_tensor"] = loop.sharedPerTensor();
  }
  if (loop.globalBytes != 0) {
    json["memory_cycles"] = loop.globalBytes / gpu.memoryBytesPerCycle();
    json["slots_per_memory"] = loop.slotsPerMemory(gpu);
  }
  return json;
}

nlohmann::ordered_json toJson(const MachineCode &code) {
  nlohmann::ordered_json json = {{"gpu", code.gpu.name},
                                 {"chip", code.gpu.chip()},
                                 {"assembler", code.assembler},
                                 {"kernels", nlohmann::ordered_json::array()}};
  for (const KernelCode &kernel : code.kernels) {
    nlohmann::ordered_json loops = nlohmann::ordered_json::array();
    for (const SteadyLoop &loop : kernel.loops)
      loops.push_back(toJson(loop, code.gpu));
    json["kernels"].push_back({{"name", kernel.resources.name},
                               {"threads", kernel.threads},
                               {"registers", kernel.resources.registers},
                               {"stack_bytes", kernel.resources.stackBytes},
                               {"spill_stores", kernel.resources.spillStores},
                               {"spill_loads", kernel.resources.spillLoads},
                               {"shared_bytes", kernel.sharedBytes},
                               {"blocks", kernel.occupancy.blocks},
                               {"warps", kernel.occupancy.warps},
                               {"limit", kernel.occupancy.limit},
                               {"loops", loops}});
  }
  return json;
}

} // namespace tern::bench
