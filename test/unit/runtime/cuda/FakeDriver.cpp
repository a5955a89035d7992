// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A libcuda.so.1 whose GPU is the emulator: what the runtime asks of the driver can be tested
// without one. Its memory lies at addresses that the host cannot touch. FAKE_CUDA names what goes
// wrong: no-gpu, old-driver, old-gpu, full (beyond 64 KiB at once), fault (of the third launch).
#include "runtime/src/device/emulator/Emulator.h"
#include "runtime/src/device/emulator/Program.h"

#include <cstdlib>
#include <cstring>
#include <map>

using namespace tern::runtime::emulator;
using Result = int;

namespace {

constexpr Result success = 0, invalidValue = 1, outOfMemory = 2, noDevice = 100, invalidPtx = 218,
                 notFound = 500, illegalAddress = 700;

struct LoadedModule;
struct Function {
  LoadedModule *module;
  std::string name;
  int sharedBytes = 48 << 10;
};
struct LoadedModule {
  Module module;
  std::map<std::string, Function> functions;
};

struct Gpu {
  Memory memory;
  std::map<uint64_t, std::unique_ptr<std::byte[]>> allocated;
  int launches = 0;
  Result failed = success; ///< what every call gives from then on, as on a GPU
};

Gpu &gpu() {
  static Gpu gpu;
  return gpu;
}

bool goesWrong(const char *what) {
  const char *wanted = std::getenv("FAKE_CUDA");
  return wanted && std::strcmp(wanted, what) == 0;
}

/// Host memory of a range of the GPU's, or null.
std::byte *find(uint64_t address, size_t bytes) {
  const Range *range = gpu().memory.find(address);
  return range && range->holds(address, bytes) ? range->host + (address - range->address) : nullptr;
}

} // namespace

extern "C" {

Result cuInit(unsigned) { return goesWrong("no-gpu") ? noDevice : success; }

Result cuDriverGetVersion(int *version) {
  *version = goesWrong("old-driver") ? 11040 : 13000;
  return success;
}

Result cuGetErrorString(Result result, const char **text) {
  static const std::map<Result, const char *> texts = {
      {invalidValue, "invalid argument"},
      {outOfMemory, "out of memory"},
      {noDevice, "no CUDA-capable device is detected"},
      {invalidPtx, "a PTX JIT compilation failed"},
      {notFound, "named symbol not found"},
      {illegalAddress, "an illegal memory access was encountered"}};
  *text = texts.at(result);
  return success;
}

Result cuDeviceGetCount(int *count) {
  *count = 1;
  return success;
}

Result cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return success;
}

Result cuDeviceGetName(char *name, int bytes, int) {
  std::snprintf(name, static_cast<size_t>(bytes), "Emulated GPU");
  return success;
}

Result cuDeviceGetAttribute(int *value, int attribute, int) {
  *value = attribute == 75 ? (goesWrong("old-gpu") ? 7 : 9) : goesWrong("old-gpu") ? 5 : 0;
  return success;
}

Result cuDevicePrimaryCtxRetain(void **context, int) {
  *context = &gpu();
  return success;
}

Result cuDevicePrimaryCtxRelease_v2(int) { return success; }
Result cuCtxSetCurrent(void *) { return success; }

Result cuStreamCreate(void **stream, unsigned) {
  *stream = &gpu();
  return success;
}

Result cuStreamDestroy_v2(void *) { return success; }
Result cuStreamSynchronize(void *) { return gpu().failed; }

Result cuModuleLoadDataEx(LoadedModule **out, const void *image, unsigned options, int *names,
                          void **values) {
  auto loaded = std::make_unique<LoadedModule>();
  if (tern::format::Error error = Module::parse(static_cast<const char *>(image), loaded->module)) {
    char *log = nullptr;
    size_t room = 0;
    for (unsigned i = 0; i < options; ++i)
      if (names[i] == 5)
        log = static_cast<char *>(values[i]);
      else if (names[i] == 6)
        room = reinterpret_cast<size_t>(values[i]);
    std::snprintf(log, room, "%s\n", error.message().c_str());
    return invalidPtx;
  }
  for (const std::string &name : loaded->module.kernels())
    loaded->functions[name] = {loaded.get(), name};
  *out = loaded.release();
  return success;
}

Result cuModuleUnload(LoadedModule *module) {
  gpu().memory.forget(module->module);
  delete module;
  return success;
}

Result cuModuleGetFunction(Function **function, LoadedModule *module, const char *name) {
  auto found = module->functions.find(name);
  if (found == module->functions.end())
    return notFound;
  *function = &found->second;
  return success;
}

Result cuFuncSetAttribute(Function *function, int attribute, int value) {
  if (attribute != 8 || value > 227 << 10)
    return invalidValue;
  function->sharedBytes = value;
  return success;
}

Result cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  if (goesWrong("full") && bytes > 64 << 10)
    return outOfMemory;
  auto memory = std::make_unique<std::byte[]>(bytes);
  std::memset(memory.get(), 0xff, bytes); // no zeros come for free
  *address = gpu().memory.add(memory.get(), bytes, "memory", Contents::Initialised);
  gpu().allocated[*address] = std::move(memory);
  return success;
}

Result cuMemFree_v2(uint64_t address) {
  if (gpu().allocated.erase(address) == 0)
    return invalidValue;
  gpu().memory.remove(address);
  return success;
}

Result cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *) {
  std::byte *place = find(to, bytes);
  if (!place)
    return invalidValue;
  std::memcpy(place, from, bytes);
  return gpu().failed;
}

Result cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *) {
  std::byte *place = find(from, bytes);
  if (!place)
    return invalidValue;
  std::memcpy(to, place, bytes);
  return gpu().failed;
}

Result cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *) {
  std::byte *target = find(to, bytes), *source = find(from, bytes);
  if (!target || !source)
    return invalidValue;
  std::memcpy(target, source, bytes);
  return gpu().failed;
}

Result cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void *) {
  std::byte *place = find(to, bytes);
  if (!place)
    return invalidValue;
  std::memset(place, value, bytes);
  return gpu().failed;
}

Result cuLaunchKernel(Function *function, unsigned gridX, unsigned gridY, unsigned gridZ,
                      unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
                      void *, void **parameters, void **) {
  if (static_cast<int>(sharedBytes) > function->sharedBytes)
    return invalidValue;
  // All parameters are of 8 bytes.
  const Program &program = function->module->module.program();
  std::vector<uint64_t> values;
  for (const Kernel &kernel : program.syntax.kernels)
    if (kernel.name == function->name)
      for (uint64_t i = 0; i < kernel.parameterBytes / 8; ++i)
        values.push_back(*static_cast<uint64_t *>(parameters[i]));
  tern::runtime::emulator::Launch launch;
  launch.kernel = function->name;
  launch.grid = {gridX, gridY, gridZ};
  launch.block = {blockX, blockY, blockZ};
  launch.dynamicSharedBytes = sharedBytes;
  launch.parameters = std::as_bytes(std::span(values));
  Counts counts;
  if (tern::format::Error error =
          run(function->module->module, launch, gpu().memory, Options(), counts)) {
    std::fprintf(stderr, "fake libcuda: %s\n", error.message().c_str());
    gpu().failed = illegalAddress;
  }
  if (goesWrong("fault") && ++gpu().launches == 3)
    gpu().failed = illegalAddress;
  return success;
}

} // extern "C"
