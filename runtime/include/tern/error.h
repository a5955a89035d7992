// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_ERROR_H
#define TERN_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/// Why a call failed. NULL is success, so the good path allocates nothing.
/// Whoever receives an error owns it: return it or free it.
typedef struct tern_error_t tern_error_t;

typedef enum tern_error_code_t {
  TERN_INVALID_ARGUMENT = 1, ///< the call can never succeed as written
  TERN_OUT_OF_MEMORY = 2,
  TERN_UNSUPPORTED = 3, ///< legal, but not on this host, device or build
  TERN_INTERNAL = 4,    ///< a broken promise inside the runtime: report it
  TERN_BAD_FILE = 5,    ///< a file is missing, unreadable, damaged or not what it should be
  TERN_INTERRUPTED = 6, ///< stopped by tern_session_interrupt or a progress callback
} tern_error_code_t;

tern_error_code_t tern_error_code(const tern_error_t *error);

/// One sentence. Valid until `error` is freed.
const char *tern_error_message(const tern_error_t *error);

/// Does nothing for NULL.
void tern_error_free(tern_error_t *error);

#ifdef __cplusplus
}
#endif

#endif
