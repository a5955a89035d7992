// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cuda/Driver.h"

#include <dlfcn.h>

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime::cuda {

template <typename Function>
static Error find(void *library, const char *name, Function &function) {
  void *found = dlsym(library, name);
  if (!found)
    return makeError(TERN_UNSUPPORTED, "expected NVIDIA's driver to have %s, found none", name);
  function = reinterpret_cast<Function>(found);
  return {};
}

const char *Driver::nameOf(Result result) const {
  const char *text = nullptr;
  return errorString(result, &text) == success && text ? text : "unknown error";
}

static Error findAll(void *library, Driver &driver) {
  Error errors[] = {
      find(library, "cuInit", driver.init),
      find(library, "cuDriverGetVersion", driver.driverVersion),
      find(library, "cuGetErrorString", driver.errorString),
      find(library, "cuDeviceGetCount", driver.deviceCount),
      find(library, "cuDeviceGet", driver.deviceGet),
      find(library, "cuDeviceGetName", driver.deviceName),
      find(library, "cuDeviceGetAttribute", driver.deviceAttribute),
      find(library, "cuDevicePrimaryCtxRetain", driver.retainContext),
      find(library, "cuDevicePrimaryCtxRelease_v2", driver.releaseContext),
      find(library, "cuCtxPushCurrent_v2", driver.pushContext),
      find(library, "cuCtxPopCurrent_v2", driver.popContext),
      find(library, "cuCtxGetDevice", driver.deviceOfContext),
      find(library, "cuStreamCreate", driver.createStream),
      find(library, "cuStreamDestroy_v2", driver.destroyStream),
      find(library, "cuStreamSynchronize", driver.synchronise),
      find(library, "cuModuleLoadDataEx", driver.loadModule),
      find(library, "cuModuleUnload", driver.unloadModule),
      find(library, "cuModuleGetFunction", driver.getFunction),
      find(library, "cuFuncSetAttribute", driver.setFunctionAttribute),
      find(library, "cuMemAllocAsync", driver.allocate),
      find(library, "cuMemFreeAsync", driver.free),
      find(library, "cuMemAllocHost_v2", driver.allocateOnHost),
      find(library, "cuMemFreeHost", driver.freeOnHost),
      find(library, "cuMemcpyHtoDAsync_v2", driver.copyToDevice),
      find(library, "cuMemcpyDtoHAsync_v2", driver.copyToHost),
      find(library, "cuMemcpyDtoDAsync_v2", driver.copyOnDevice),
      find(library, "cuMemsetD8Async", driver.fill),
      find(library, "cuLaunchKernel", driver.launch),
      find(library, "cuStreamBeginCapture_v2", driver.beginCapture),
      find(library, "cuStreamEndCapture", driver.endCapture),
      find(library, "cuGraphInstantiateWithFlags", driver.instantiate),
      find(library, "cuGraphLaunch", driver.launchGraph),
      find(library, "cuGraphDestroy", driver.destroyGraph),
      find(library, "cuGraphExecDestroy", driver.destroyExec),
  };
  for (Error &error : errors)
    if (error)
      return std::move(error);
  return {};
}

Error Driver::load(Driver &out) {
  constexpr const char *name = "libcuda.so.1";
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return makeError(TERN_UNSUPPORTED, "expected NVIDIA's driver, found no %s: %s", name,
                     dlerror());
  if (Error error = findAll(library, out))
    return error;
  if (Result result = out.init(0); result != success)
    return makeError(TERN_UNSUPPORTED, "expected a GPU that NVIDIA's driver can use: %s",
                     out.nameOf(result));
  int version = 0;
  if (out.driverVersion(&version) != success || version < oldestDriver)
    return makeError(
        TERN_UNSUPPORTED, "expected a driver for CUDA %d.%d or later, found one for CUDA %d.%d",
        oldestDriver / 1000, oldestDriver % 1000 / 10, version / 1000, version % 1000 / 10);
  return {};
}

} // namespace tern::runtime::cuda
