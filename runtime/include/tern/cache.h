// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_CACHE_H
#define TERN_CACHE_H

#include "tern/error.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A folder of packed weights, so that the next start maps them instead of
/// packing again. Processes and threads may share the folder.
typedef struct tern_load_cache_t tern_load_cache_t;

/// Uses `directory`, and makes it if needed. When more than `limit_bytes` (0:
/// 20 GB) would lie in it, the entries that were used longest ago are removed.
/// The caller frees `*out_cache` with tern_load_cache_free.
///
/// Fails with TERN_BAD_FILE if the directory cannot be made.
tern_error_t *tern_load_cache_create(const char *directory, uint64_t limit_bytes,
                                     tern_load_cache_t **out_cache);

/// Does nothing for NULL. Models loaded through it stay valid.
void tern_load_cache_free(tern_load_cache_t *cache);

#ifdef __cplusplus
}
#endif

#endif
