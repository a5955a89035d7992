// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A libcuda.so.1 whose GPU is the emulator: what the runtime asks of the driver can be tested
// without one. Its memory lies at addresses that the host cannot touch, and what a stream gets is
// done when somebody waits for it, no sooner.
//
// FAKE_CUDA names what goes wrong: no-gpu, old-driver, old-gpu, full (beyond 64 KiB at once), fault
// (of the third launch). FAKE_CUDA_COUNTS=1 has it say at the end what it was asked.
#include "runtime/src/device/emulator/Emulator.h"
#include "runtime/src/device/emulator/Program.h"

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>

using namespace tern::runtime::emulator;
using Result = int;

namespace {

constexpr Result success = 0, invalidValue = 1, outOfMemory = 2, noDevice = 100, invalidPtx = 218,
                 notFound = 500, illegalAddress = 700, invalidContext = 201, noBinary = 209,
                 notInCapture = 900;

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

/// Work in order.
struct Stream {
  std::vector<std::function<void()>> work;
  std::vector<std::function<void()>> captured;
  bool isCapturing = false;
};
using Graph = std::vector<std::function<void()>>;

/// What the runtime asked.
struct Asked {
  int launches = 0, graphs = 0, copiesToDevice = 0, waits = 0;
  std::string images; ///< that were loaded or refused
};

struct Gpu {
  Memory memory;
  std::map<uint64_t, std::unique_ptr<std::byte[]>> allocated;
  std::map<void *, size_t> pinned;
  int launches = 0;
  Result failed = success;      ///< what every wait gives from then on, as on a GPU
  std::vector<void *> contexts; ///< of the only thread, the current one last
  Asked asked;

  ~Gpu() {
    if (std::getenv("FAKE_CUDA_COUNTS"))
      std::fprintf(stderr,
                   "fake libcuda: images:%s, %d launches, %d graphs, %d copies to the GPU, %d "
                   "waits, %zu contexts left, %zu ranges left\n",
                   asked.images.c_str(), asked.launches, asked.graphs, asked.copiesToDevice,
                   asked.waits, contexts.size(), allocated.size() + pinned.size());
  }
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

Result add(Stream *stream, std::function<void()> work) {
  if (gpu().contexts.empty())
    return invalidContext;
  (stream->isCapturing ? stream->captured : stream->work).push_back(std::move(work));
  return success;
}

/// Copies later; places may be gone by then.
void copyLater(uint64_t to, uint64_t from, size_t bytes) {
  std::byte *target = find(to, bytes), *source = find(from, bytes);
  if (target && source)
    std::memcpy(target, source, bytes);
  else
    gpu().failed = illegalAddress;
}

bool isPinned(const void *place, size_t bytes) {
  for (auto [start, length] : gpu().pinned)
    if (place >= start &&
        static_cast<const char *>(place) + bytes <= static_cast<const char *>(start) + length)
      return true;
  return false;
}

Result finish(Stream *stream) {
  if (stream->isCapturing)
    return notInCapture;
  ++gpu().asked.waits;
  std::vector<std::function<void()>> work = std::move(stream->work);
  stream->work.clear();
  for (const std::function<void()> &one : work)
    if (gpu().failed == success)
      one();
  return gpu().failed;
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
      {invalidContext, "invalid device context"},
      {noBinary, "no kernel image is available for execution on the device"},
      {notInCapture, "operation not permitted when stream is capturing"},
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

Result cuCtxPushCurrent_v2(void *context) {
  if (context != &gpu())
    return invalidContext;
  gpu().contexts.push_back(context);
  return success;
}

Result cuCtxPopCurrent_v2(void **context) {
  *context = gpu().contexts.back();
  gpu().contexts.pop_back();
  return success;
}

Result cuCtxGetDevice(int *device) {
  *device = 0;
  return gpu().contexts.empty() ? invalidContext : success;
}

Result cuStreamCreate(Stream **stream, unsigned) {
  *stream = new Stream;
  return success;
}

Result cuStreamDestroy_v2(Stream *stream) {
  Result result = finish(stream);
  --gpu().asked.waits;
  delete stream;
  return result;
}

Result cuStreamSynchronize(Stream *stream) { return finish(stream); }

Result cuModuleLoadDataEx(LoadedModule **out, const void *image, unsigned options, int *names,
                          void **values) {
  // The emulator reads no machine code, as if all of it were for another GPU.
  bool isMachineCode = std::memcmp(image,
                                   "\x7f"
                                   "ELF",
                                   4) == 0;
  gpu().asked.images += isMachineCode ? " cubin" : " ptx";
  if (isMachineCode)
    return noBinary;
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

Result cuMemAllocAsync(uint64_t *address, size_t bytes, Stream *) {
  if (goesWrong("full") && bytes > 64 << 10)
    return outOfMemory;
  auto memory = std::make_unique<std::byte[]>(bytes);
  std::memset(memory.get(), 0xff, bytes); // no zeros come for free
  *address = gpu().memory.add(memory.get(), bytes, "memory", Contents::Initialised);
  gpu().allocated[*address] = std::move(memory);
  return success;
}

Result cuMemFreeAsync(uint64_t address, Stream *stream) {
  if (!gpu().allocated.contains(address))
    return invalidValue;
  return add(stream, [=] {
    gpu().allocated.erase(address);
    gpu().memory.remove(address);
  });
}

Result cuMemAllocHost_v2(void **address, size_t bytes) {
  *address = ::operator new(bytes);
  gpu().pinned[*address] = bytes;
  return success;
}

Result cuMemFreeHost(void *address) {
  if (gpu().pinned.erase(address) == 0)
    return invalidValue;
  ::operator delete(address);
  return success;
}

Result cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, Stream *stream) {
  ++gpu().asked.copiesToDevice;
  if (!find(to, bytes))
    return invalidValue;
  // Pages that may move are copied at once.
  std::vector<char> now(static_cast<const char *>(from), static_cast<const char *>(from) + bytes);
  return add(stream, [to, now = std::move(now)] {
    if (std::byte *place = find(to, now.size()))
      std::memcpy(place, now.data(), now.size());
    else
      gpu().failed = illegalAddress;
  });
}

Result cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, Stream *stream) {
  if (!find(from, bytes))
    return invalidValue;
  Result result = add(stream, [=] {
    if (std::byte *place = find(from, bytes))
      std::memcpy(to, place, bytes);
    else
      gpu().failed = illegalAddress;
  });
  // To pages that may move the driver copies itself.
  return result == success && !isPinned(to, bytes) ? finish(stream) : result;
}

Result cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream *stream) {
  if (!find(to, bytes) || !find(from, bytes))
    return invalidValue;
  return add(stream, [=] { copyLater(to, from, bytes); });
}

Result cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, Stream *stream) {
  if (!find(to, bytes))
    return invalidValue;
  return add(stream, [=] {
    if (std::byte *place = find(to, bytes))
      std::memset(place, value, bytes);
    else
      gpu().failed = illegalAddress;
  });
}

Result cuLaunchKernel(Function *function, unsigned gridX, unsigned gridY, unsigned gridZ,
                      unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
                      Stream *stream, void **parameters, void **) {
  if (static_cast<int>(sharedBytes) > function->sharedBytes)
    return invalidValue;
  gpu().asked.launches += !stream->isCapturing;
  // All parameters are of 8 bytes.
  std::vector<uint64_t> values;
  for (const Kernel &kernel : function->module->module.program().syntax.kernels)
    if (kernel.name == function->name)
      for (uint64_t i = 0; i < kernel.parameterBytes / 8; ++i)
        values.push_back(*static_cast<uint64_t *>(parameters[i]));
  return add(stream, [=] {
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
  });
}

Result cuStreamBeginCapture_v2(Stream *stream, int) {
  stream->isCapturing = true;
  return success;
}

Result cuStreamEndCapture(Stream *stream, Graph **graph) {
  *graph = new Graph(std::move(stream->captured));
  stream->captured.clear();
  stream->isCapturing = false;
  return success;
}

Result cuGraphInstantiateWithFlags(Graph **exec, Graph *graph, unsigned long long) {
  *exec = new Graph(*graph);
  return success;
}

Result cuGraphLaunch(Graph *exec, Stream *stream) {
  ++gpu().asked.graphs;
  return add(stream, [work = *exec] {
    for (const std::function<void()> &one : work)
      if (gpu().failed == success)
        one();
  });
}

/// For tests: calls that the stream got and has not done.
int fakeCudaWorkOf(Stream *stream) { return static_cast<int>(stream->work.size()); }

Result cuGraphDestroy(Graph *graph) {
  delete graph;
  return success;
}

Result cuGraphExecDestroy(Graph *exec) {
  delete exec;
  return success;
}

} // extern "C"
