// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/Handle.h"

#include "runtime/src/Border.h"
#include "runtime/src/device/cpu/CpuDevice.h"

#include <cstring>
#include <sched.h>

using tern::format::Error;
using tern::format::makeError;

static int32_t usableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  return CPU_COUNT(&set);
}

tern_error_t *tern_device_create(const char *name, int32_t threads, tern_device_t **out_device) {
  return tern::runtime::atBorder({{"name", name}, {"out_device", out_device}}, [&]() -> Error {
    *out_device = nullptr;
    if (std::strcmp(name, "cpu") != 0)
      return makeError(TERN_UNSUPPORTED, "there is no device '%s': expected 'cpu'", name);
    constexpr int32_t maxThreads = 1024;
    if (threads < 0 || threads > maxThreads)
      return makeError(TERN_INVALID_ARGUMENT, "expected 1 to %d threads, or 0 for all, found %d",
                       maxThreads, threads);
    auto handle = std::make_unique<tern_device_t>();
    handle->threads = threads ? threads : usableProcessors();
    handle->device =
        std::make_shared<tern::runtime::CpuDevice>(static_cast<unsigned>(handle->threads));
    *out_device = handle.release();
    return {};
  });
}

void tern_device_free(tern_device_t *device) { delete device; }

int32_t tern_device_get_threads(const tern_device_t *device) { return device->threads; }
