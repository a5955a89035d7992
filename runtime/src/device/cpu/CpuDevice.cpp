// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cpu/CpuDevice.h"

#include "runtime/src/device/cpu/Features.h"
#include "runtime/src/device/cpu/MappedCode.h"

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {

Error CpuDevice::checkTarget(const format::Index &index) const {
  if (!index.device.name.empty())
    return makeError(TERN_UNSUPPORTED, "expected code for a CPU, found kernels for %s (%s)",
                     index.device.name.c_str(), index.device.cpu.c_str());
  return checkHost(index);
}

Error CpuDevice::checkHost(const format::Index &index) {
  const format::Target &target = index.target;
  if (target.name != hostTarget())
    return makeError(TERN_UNSUPPORTED,
                     "expected code for %s, which this host is, found code for %s",
                     std::string(hostTarget()).c_str(), target.name.c_str());
  std::string missing;
  for (const std::string &feature : target.features)
    if (!hostFeatures().contains(feature))
      missing += (missing.empty() ? "" : ", ") + feature;
  if (!missing.empty())
    return makeError(TERN_UNSUPPORTED,
                     "expected code that this CPU can run, found code for %s, which needs %s",
                     target.cpu.c_str(), missing.c_str());
  return {};
}

Error CpuDevice::loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) {
  const format::SectionEntry *code = artefact.container.find(format::section::code);
  return MappedCode::map(artefact.file, code->offset, code->length, artefact.image, out);
}

Error CpuDevice::allocate(uint64_t bytes, const char *purpose, Memory &out) {
  return Memory::reserve(bytes, purpose, out);
}

using KernelFunction = void (*)(void *const *buffers, const int64_t *sizes, void *scratch,
                                int64_t begin, int64_t end);

Error CpuDevice::launch(const Work &work) {
  for (Memory &memory : scratch)
    if (memory.size() < work.scratchBytes)
      if (Error error = Memory::reserve(work.scratchBytes, "scratch", memory))
        return error;
  struct Context {
    const Work &work;
    std::vector<Memory> &scratch;
  } context{work, scratch};
  pool.run(
      [](void *given, unsigned thread, int64_t begin, int64_t end) {
        auto &[work, scratch] = *static_cast<Context *>(given);
        auto kernel = reinterpret_cast<KernelFunction>(const_cast<void *>(work.kernel));
        kernel(work.buffers, work.sizes, scratch[thread].data(), begin, end);
      },
      &context, work.tiles);
  return {};
}

} // namespace tern::runtime
