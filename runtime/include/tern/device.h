// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DEVICE_H
#define TERN_DEVICE_H

#include "tern/error.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What runs kernels. Threads may share it; their programs then take turns.
typedef struct tern_device_t tern_device_t;

/// The device `name`, with `threads` threads, the caller's among them, or one
/// for each processor that the process may use if `threads` is 0. No result
/// depends on the number. The caller frees `*out_device` with
/// tern_device_free.
///
/// `cpu` runs an artefact's code for this host. `emulator` runs an artefact's
/// PTX on the host's processors, and fails where a kernel leaves its buffers,
/// is out of line with an access, or has threads that race; it needs
/// libtern-emulator.so beside libtern.so and a CPU with AVX2. `cuda:0`, `cuda:1`
/// and so on run it on a GPU, and need NVIDIA's driver for CUDA 12.0 or later;
/// the threads pack weights.
///
/// Fails with TERN_UNSUPPORTED if there is no such device, with
/// TERN_INVALID_ARGUMENT if `threads` is negative or more than 1024.
tern_error_t *tern_device_create(const char *name, int32_t threads, tern_device_t **out_device);

/// The GPU of `context`, a CUcontext of a program that uses CUDA itself, with `threads` threads as
/// for tern_device_create. Work goes to `stream`, a CUstream of that context, after what the caller
/// put there before; NULL: to a stream of the device's own. No call leaves another context current
/// than it found. Context and stream stay the caller's, and outlive the device and what was made on
/// it. The caller frees `*out_device` with tern_device_free.
///
/// Fails with TERN_UNSUPPORTED if there is no driver for CUDA 12.0 or later, with
/// TERN_INVALID_ARGUMENT as tern_device_create does, with TERN_INTERNAL if the driver does not take
/// the context.
tern_error_t *tern_device_create_for_cuda(void *context, void *stream, int32_t threads,
                                          tern_device_t **out_device);

/// Does nothing for NULL. What was made on the device stays valid.
void tern_device_free(tern_device_t *device);

int32_t tern_device_get_threads(const tern_device_t *device);

/// Instructions of one kind that a kernel executed.
typedef struct tern_instructions_t {
  const char *kind; ///< such as `float`, `load` or `matrix`
  uint64_t warps;   ///< issued, for a warp each
  uint64_t threads; ///< for each thread that took part
} tern_instructions_t;

/// Bytes that threads asked for.
typedef struct tern_traffic_t {
  uint64_t read, written;
} tern_traffic_t;

/// What the launches of one kernel did; each figure is a sum. Strings and arrays
/// are valid during the call that gives them.
typedef struct tern_kernel_counts_t {
  const char *kernel;
  uint64_t launches, blocks;
  const tern_instructions_t *instructions; ///< one of each kind
  size_t instructions_count;
  /// Sectors of 32 bytes that requests of warps to global memory touch, and the
  /// fewest that could hold as many bytes.
  uint64_t global_sectors, global_sectors_ideal;
  /// Bytes of the sectors, but of a launch at most those of its buffers: what
  /// memory moves if caches hold whatever is read twice.
  uint64_t memory_bytes;
  /// Passes over the banks of shared memory, and the fewest that could move as
  /// many bytes.
  uint64_t shared_passes, shared_passes_ideal;
  uint64_t branches, divergent_branches; ///< of warps, conditional ones
  /// Arithmetic operations (a multiply-add is two) in tensor instructions, in
  /// those of them on integers, and in all others.
  uint64_t tensor_operations, integer_tensor_operations, other_operations;
  tern_traffic_t global, shared, local, constant, parameter;
} tern_kernel_counts_t;

typedef void (*tern_kernel_counts_fn)(void *context, const tern_kernel_counts_t *counts);

/// Calls `on_kernel` with what each kernel did on the device since the device
/// was made or this was called before, by ascending name. Kernels of one name
/// in several artefacts are one. What packs weights is not counted.
///
/// Fails with TERN_UNSUPPORTED on a device that does not count: `emulator` alone
/// does.
tern_error_t *tern_device_take_counts(tern_device_t *device, tern_kernel_counts_fn on_kernel,
                                      void *context);

#ifdef __cplusplus
}
#endif

#endif
