// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/Handle.h"

#include "runtime/src/Border.h"
#include "runtime/src/device/cpu/CpuDevice.h"
#include "runtime/src/device/cpu/Features.h"
#include "runtime/src/device/cuda/CudaDevice.h"
#include "runtime/src/device/emulator/EmulatorDevice.h"

#include <charconv>
#include <dlfcn.h>
#include <sched.h>

using tern::format::Error;
using tern::format::makeError;

static int32_t usableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  return CPU_COUNT(&set);
}

namespace tern::runtime {

/// Loads the emulator, and keeps it loaded.
static Error makeEmulator(std::shared_ptr<Device> host, unsigned threads,
                          std::shared_ptr<Device> &out) {
  for (const char *feature : emulatorFeatures)
    if (!hostFeatures().contains(feature))
      return makeError(TERN_UNSUPPORTED, "device 'emulator': expected a CPU with %s", feature);
  void *library = dlopen(TERN_EMULATOR_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  void *made = library ? dlsym(library, makeEmulatorName) : nullptr;
  if (!made)
    return makeError(TERN_UNSUPPORTED,
                     "device 'emulator': expected the library %s beside this one: %s",
                     TERN_EMULATOR_LIBRARY, dlerror());
  reinterpret_cast<MakeEmulator *>(made)(std::move(host), threads, out);
  return {};
}

static Error makeDevice(std::string_view name, unsigned threads, std::shared_ptr<Device> &out) {
  auto cpu = std::make_shared<CpuDevice>(threads);
  if (name == "emulator")
    return makeEmulator(std::move(cpu), threads, out);
  int gpu = -1;
  if (name.starts_with("cuda:")) {
    const char *end = name.data() + name.size();
    if (std::from_chars(name.data() + 5, end, gpu).ptr != end)
      gpu = -1;
  }
  if (gpu >= 0)
    return makeCudaDevice(gpu, std::move(cpu), out);
  if (name != "cpu")
    return makeError(TERN_UNSUPPORTED,
                     "there is no device '%s': expected 'cpu', 'emulator' or 'cuda:' and a number",
                     std::string(name).c_str());
  out = std::move(cpu);
  return {};
}

} // namespace tern::runtime

/// Of a number of threads that a caller gives.
static Error setThreads(int32_t given, tern_device_t &handle) {
  constexpr int32_t maxThreads = 1024;
  if (given < 0 || given > maxThreads)
    return makeError(TERN_INVALID_ARGUMENT, "expected 1 to %d threads, or 0 for all, found %d",
                     maxThreads, given);
  handle.threads = given ? given : usableProcessors();
  return {};
}

tern_error_t *tern_device_create(const char *name, int32_t threads, tern_device_t **out_device) {
  return tern::runtime::atBorder({{"name", name}, {"out_device", out_device}}, [&]() -> Error {
    *out_device = nullptr;
    auto handle = std::make_unique<tern_device_t>();
    if (Error error = setThreads(threads, *handle))
      return error;
    if (Error error =
            tern::runtime::makeDevice(name, static_cast<unsigned>(handle->threads), handle->device))
      return error;
    *out_device = handle.release();
    return {};
  });
}

tern_error_t *tern_device_create_for_cuda(void *context, void *stream, int32_t threads,
                                          tern_device_t **out_device) {
  return tern::runtime::atBorder(
      {{"context", context}, {"out_device", out_device}}, [&]() -> Error {
        *out_device = nullptr;
        auto handle = std::make_unique<tern_device_t>();
        if (Error error = setThreads(threads, *handle))
          return error;
        auto host =
            std::make_shared<tern::runtime::CpuDevice>(static_cast<unsigned>(handle->threads));
        if (Error error =
                tern::runtime::makeCudaDevice(context, stream, std::move(host), handle->device))
          return error;
        *out_device = handle.release();
        return {};
      });
}

void tern_device_free(tern_device_t *device) { delete device; }

int32_t tern_device_get_threads(const tern_device_t *device) { return device->threads; }

tern_error_t *tern_device_take_counts(tern_device_t *device, tern_kernel_counts_fn on_kernel,
                                      void *context) {
  auto *function = reinterpret_cast<const void *>(on_kernel);
  return tern::runtime::atBorder({{"device", device}, {"on_kernel", function}}, [&]() -> Error {
    std::lock_guard lock(device->device->mutex);
    return device->device->takeCounts(
        [&](const tern_kernel_counts_t &counts) { on_kernel(context, &counts); });
  });
}
