// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"

#include <cstddef>
#include <cstdint>

namespace tern::runtime::cuda {

// Handles and numbers as the driver's interface defines them (CUDA Driver API 12, cuda.h).
using Result = int;
using DeviceNumber = int;
using Address = uint64_t;
using Context = struct ContextOfDriver *;
using Module = struct ModuleOfDriver *;
using Function = struct FunctionOfDriver *;
using Stream = struct StreamOfDriver *;
using Graph = struct GraphOfDriver *;
using GraphExec = struct GraphExecOfDriver *;

inline constexpr Result success = 0, outOfMemory = 2;
inline constexpr int oldestDriver = 12000; ///< the first that reads PTX 8.0
/// Of a device: its compute capability, in two parts. Of a function: the shared memory of a launch.
inline constexpr int capabilityMajor = 75, capabilityMinor = 76, dynamicSharedBytes = 8;
/// Of loading: where the compiler's complaints go, and the room for them.
inline constexpr int errorLog = 5, errorLogBytes = 6;
/// A stream that does not wait for the default one; a capture that other threads don't disturb.
inline constexpr unsigned nonBlockingStream = 1;
inline constexpr int captureOfThread = 1;

/// The functions of NVIDIA's driver that the runtime calls.
struct Driver {
  Result (*init)(unsigned flags);
  Result (*driverVersion)(int *version);
  Result (*errorString)(Result result, const char **text);
  Result (*deviceCount)(int *count);
  Result (*deviceGet)(DeviceNumber *device, int ordinal);
  Result (*deviceName)(char *name, int bytes, DeviceNumber device);
  Result (*deviceAttribute)(int *value, int attribute, DeviceNumber device);
  Result (*retainContext)(Context *context, DeviceNumber device);
  Result (*releaseContext)(DeviceNumber device);
  Result (*pushContext)(Context context);
  Result (*popContext)(Context *context);
  Result (*deviceOfContext)(DeviceNumber *device);
  Result (*createStream)(Stream *stream, unsigned flags);
  Result (*destroyStream)(Stream stream);
  Result (*synchronise)(Stream stream);
  Result (*loadModule)(Module *module, const void *image, unsigned options, int *names,
                       void **values);
  Result (*unloadModule)(Module module);
  Result (*getFunction)(Function *function, Module module, const char *name);
  Result (*setFunctionAttribute)(Function function, int attribute, int value);
  Result (*allocate)(Address *address, size_t bytes, Stream stream);
  Result (*free)(Address address, Stream stream);
  Result (*allocateOnHost)(void **address, size_t bytes);
  Result (*freeOnHost)(void *address);
  Result (*copyToDevice)(Address to, const void *from, size_t bytes, Stream stream);
  Result (*copyToHost)(void *to, Address from, size_t bytes, Stream stream);
  Result (*copyOnDevice)(Address to, Address from, size_t bytes, Stream stream);
  Result (*fill)(Address to, unsigned char value, size_t bytes, Stream stream);
  Result (*launch)(Function function, unsigned gridX, unsigned gridY, unsigned gridZ,
                   unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
                   Stream stream, void **parameters, void **extra);
  Result (*beginCapture)(Stream stream, int mode);
  Result (*endCapture)(Stream stream, Graph *graph);
  Result (*instantiate)(GraphExec *exec, Graph graph, unsigned long long flags);
  Result (*launchGraph)(GraphExec exec, Stream stream);
  Result (*destroyGraph)(Graph graph);
  Result (*destroyExec)(GraphExec exec);

  /// Loads libcuda.so.1, for good, and starts the driver. Fails if there is none, or none that is
  /// new enough.
  static format::Error load(Driver &out);

  /// What the driver calls a result.
  const char *nameOf(Result result) const;
};

} // namespace tern::runtime::cuda
