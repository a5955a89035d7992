// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_CALL_H
#define TERN_CALL_H

#include "tern/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A function of a model, by name, with its arguments. Not safe for
/// concurrent use.
typedef struct tern_call_t tern_call_t;

typedef enum tern_type_t {
  TERN_F32 = 0,
  TERN_F16 = 1,
  TERN_BF16 = 2,
  TERN_F64 = 3,
  TERN_I8 = 4,
  TERN_U8 = 5,
  TERN_I16 = 6,
  TERN_I32 = 7,
  TERN_I64 = 8,
} tern_type_t;

typedef struct tern_argument_t {
  const char *name; ///< valid as long as the model
  tern_type_t type;
  bool output;
  int32_t rank;
} tern_argument_t;

/// The caller frees `*out_call` with tern_call_free.
///
/// Fails with TERN_INVALID_ARGUMENT if the model has no function `name`, with
/// TERN_UNSUPPORTED if the function uses a KV cache: sessions run these.
tern_error_t *tern_call_create(const tern_model_t *model, const char *name, tern_call_t **out_call);

/// Does nothing for NULL.
void tern_call_free(tern_call_t *call);

int32_t tern_call_get_argument_count(const tern_call_t *call);

/// The argument `number`, 0 .. count - 1, inputs and outputs as declared.
///
/// Fails with TERN_INVALID_ARGUMENT if there is none.
tern_error_t *tern_call_get_argument(const tern_call_t *call, int32_t number,
                                     tern_argument_t *out_argument);

/// Lets the input `name` be `data`, a dense row-major tensor that must stay
/// valid until the call ran. `data` may be NULL if an extent is 0, `shape` if
/// `rank` is. What the numbers mean (token ids, positions) is not checked, as
/// sessions do.
///
/// Fails with TERN_INVALID_ARGUMENT if there is no such input, or it has
/// another type or rank.
tern_error_t *tern_call_set_input(tern_call_t *call, const char *name, tern_type_t type,
                                  const int64_t *shape, int32_t rank, const void *data);

/// Fails with TERN_INVALID_ARGUMENT if an input is not set, or its shape does
/// not fit the others or the ranges that were compiled.
tern_error_t *tern_call_run(tern_call_t *call);

/// Borrows an output until the next run. `out_shape` has room for the rank, and
/// may be NULL if that is 0.
///
/// Fails with TERN_INVALID_ARGUMENT if there is no such output or the call did
/// not run.
tern_error_t *tern_call_get_output(const tern_call_t *call, const char *name, int64_t *out_shape,
                                   const void **out_data);

#ifdef __cplusplus
}
#endif

#endif
