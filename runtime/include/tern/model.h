// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_MODEL_H
#define TERN_MODEL_H

#include "tern/artefact.h"
#include "tern/cache.h"
#include "tern/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/// An artefact on a device, its weights packed and resident. Never changes;
/// threads may share it.
typedef struct tern_model_t tern_model_t;

/// Called with the bytes of weights that are done, and all. False stops.
typedef bool (*tern_progress_fn)(void *context, uint64_t done, uint64_t total);

typedef struct tern_load_options_t {
  /// Where to look for weight files that do not lie beside the artefact: a
  /// folder, or the file itself. May be NULL.
  const char *weights_path;
  tern_load_cache_t *cache;  ///< NULL: pack at each load
  bool verify;               ///< read and check all weights, and pack them again
  tern_progress_fn progress; ///< may be NULL
  void *progress_context;
} tern_load_options_t;

/// Makes the artefact ready to run. `options` may be NULL. The caller frees
/// `*out_model` with tern_model_free.
///
/// Fails with TERN_UNSUPPORTED if the device lacks what the code needs, with
/// TERN_BAD_FILE if a weight file is missing or not the one that was compiled,
/// with TERN_INTERRUPTED if `progress` returned false.
tern_error_t *tern_model_load(const tern_artefact_t *artefact, tern_device_t *device,
                              const tern_load_options_t *options, tern_model_t **out_model);

/// Does nothing for NULL. Sessions and calls made from it stay valid.
void tern_model_free(tern_model_t *model);

#ifdef __cplusplus
}
#endif

#endif
