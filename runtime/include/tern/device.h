// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DEVICE_H
#define TERN_DEVICE_H

#include "tern/error.h"

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

#ifdef __cplusplus
}
#endif

#endif
