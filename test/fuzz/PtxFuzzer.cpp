// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Emulator.h"
#include "runtime/src/device/emulator/Program.h"

#include <algorithm>

using namespace tern::runtime::emulator;

/// Kernels that ask for little memory run a few steps on two CTAs of two warps.
static void useKernel(const Module &module, const Code &code) {
  const Kernel &kernel = *code.syntax;
  if (code.localBytes > 1024 || code.frameBytes > 1 << 18)
    return;
  for (const Variable &variable : module.program().syntax.variables)
    if (variable.bytes > 1 << 16)
      return;
  std::vector<std::byte> x(4096), y(4096), parameters(kernel.parameterBytes);
  Memory memory;
  uint64_t addresses[] = {memory.add(x.data(), x.size(), "x", Contents::Initialised),
                          memory.add(y.data(), y.size(), "y", Contents::Uninitialised)};
  for (size_t i = 0; i + 8 <= parameters.size() && i < 16; i += 8)
    std::copy_n(reinterpret_cast<const std::byte *>(&addresses[i / 8]), 8, &parameters[i]);
  Launch launch{kernel.name, {2}, {64}, 4096, parameters};
  if (kernel.requiredThreads[0])
    launch.block = {kernel.requiredThreads[0], kernel.requiredThreads[1],
                    kernel.requiredThreads[2]};
  if (launch.block.count() > 128)
    return;
  Options options;
  options.stepLimit = 500;
  Counts counts;
  if (tern::format::Error error = run(module, launch, memory, options, counts))
    return; // what a kernel does wrong is told, whatever it is
}

/// The input is PTX.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Module module;
  if (Module::parse({reinterpret_cast<const char *>(data), size}, module))
    return 0;
  for (const Code &code : module.program().codes)
    useKernel(module, code);
  return 0;
}
