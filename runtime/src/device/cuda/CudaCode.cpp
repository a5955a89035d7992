// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cuda/CudaCode.h"

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime::cuda {

int capabilityOf(const format::Target &target) {
  int capability = 0;
  if (target.name != "nvptx64-cuda" || std::sscanf(target.cpu.c_str(), "sm_%d", &capability) != 1)
    return 0;
  return capability;
}

CudaCode::~CudaCode() {
  if (!module)
    return;
  Current current(driver, context);
  driver.unloadModule(module);
}

Result CudaCode::loadModule(const void *image, std::string &log) {
  log.assign(4096, '\0');
  int names[] = {errorLog, errorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size())};
  Result result = driver.loadModule(&module, image, 2, names, values);
  log = log.substr(0, log.find_first_of(std::string_view("\n\0", 2)));
  return result;
}

Error CudaCode::load(const Artefact &artefact, int capability) {
  std::span<const std::byte> ptx, cubin;
  if (Error error = artefact.container.section(format::section::ptx, ptx))
    return error;
  if (artefact.container.find(format::section::cubin))
    if (Error error = artefact.container.section(format::section::cubin, cubin))
      return error;
  std::string log;
  // Machine code runs on its own generation alone, and not with a driver that is older than it.
  bool isOfGeneration = capabilityOf(artefact.index.device) / 10 == capability / 10;
  bool isLoaded = !cubin.empty() && isOfGeneration && loadModule(cubin.data(), log) == success;
  if (!isLoaded) {
    // The driver reads to a zero.
    std::string text(reinterpret_cast<const char *>(ptx.data()), ptx.size());
    if (Result result = loadModule(text.c_str(), log); result != success)
      return makeError(TERN_BAD_FILE, "expected PTX that the driver compiles: %s%s%s",
                       driver.nameOf(result), log.empty() ? "" : ": ", log.c_str());
  }
  for (const format::Kernel &kernel : artefact.index.kernels)
    if (kernel.isForDevice())
      if (Error error = addKernel(kernel))
        return error;
  return {};
}

Error CudaCode::addKernel(const format::Kernel &kernel) {
  Function function = nullptr;
  if (Result result = driver.getFunction(&function, module, kernel.name.c_str()); result != success)
    return makeError(TERN_BAD_FILE, "expected PTX with a kernel '%s': %s", kernel.name.c_str(),
                     driver.nameOf(result));
  constexpr uint32_t withoutAsking = 48 << 10;
  if (kernel.sharedBytes > withoutAsking)
    if (Result result = driver.setFunctionAttribute(function, dynamicSharedBytes,
                                                    static_cast<int>(kernel.sharedBytes));
        result != success)
      return makeError(TERN_UNSUPPORTED, "kernel '%s': expected %u bytes of shared memory: %s",
                       kernel.name.c_str(), kernel.sharedBytes, driver.nameOf(result));
  kernels.try_emplace(kernel.name, LoadedKernel{kernel, function});
  return {};
}

} // namespace tern::runtime::cuda
