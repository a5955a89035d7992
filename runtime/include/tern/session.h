// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_SESSION_H
#define TERN_SESSION_H

#include "tern/model.h"
#include "tern/sampler.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Sequences of tokens that a model continues, with what the model keeps of
/// them: a KV cache, or states of recurrences. Not safe for concurrent use, but
/// for tern_session_interrupt.
typedef struct tern_session_t tern_session_t;

typedef struct tern_session_options_t {
  int32_t max_sequences; ///< 0: 1
  int64_t chunk_rows;    ///< most rows of one step; 0: the model's
  uint64_t cache_bytes;  ///< most bytes of cache and states; 0: what sequences can fill
} tern_session_options_t;

/// `options` may be NULL. The caller frees `*out_session` with
/// tern_session_free.
///
/// Fails with TERN_UNSUPPORTED if the model has no `step` program, with
/// TERN_INVALID_ARGUMENT if an option is negative.
tern_error_t *tern_session_create(const tern_model_t *model, const tern_session_options_t *options,
                                  tern_session_t **out_session);

/// Does nothing for NULL.
void tern_session_free(tern_session_t *session);

/// Begins an empty sequence, 0 .. max_sequences - 1.
///
/// Fails with TERN_INVALID_ARGUMENT if all are in use.
tern_error_t *tern_session_begin(tern_session_t *session, int32_t *out_sequence);

/// Ends the sequence; its cache blocks, its states and its number are free again.
tern_error_t *tern_session_end(tern_session_t *session, int32_t sequence);

/// Empties the sequence, as if just begun.
tern_error_t *tern_session_reset(tern_session_t *session, int32_t sequence);

/// Tokens that were fed to the sequence.
tern_error_t *tern_session_get_length(const tern_session_t *session, int32_t sequence,
                                      int64_t *out_length);

/// Bytes of cache blocks and states that hold tokens now, of all sequences.
uint64_t tern_session_get_cache_bytes(const tern_session_t *session);

typedef enum tern_wanted_t {
  TERN_LOGITS_NONE = 0,
  TERN_LOGITS_LAST = 1, ///< of the last token
  TERN_LOGITS_ALL = 2,  ///< of each token
} tern_wanted_t;

typedef struct tern_feed_t {
  int32_t sequence;
  const int32_t *tokens;
  int64_t count; ///< 1 or more
  tern_wanted_t wanted;
} tern_feed_t;

/// Receives the logits of the token at `position`, `vocabulary` floats that
/// are valid during the call, in the order of a sequence's tokens.
typedef void (*tern_logits_fn)(void *context, int32_t sequence, int64_t position,
                               const float *logits);

/// Appends tokens to sequences, each named at most once, in as many steps as
/// it takes. Logits do not depend on steps, on other sequences, or on threads.
/// `on_logits` may be NULL; the last ones are kept for
/// tern_session_get_logits and tern_session_sample.
///
/// Fails, before anything is run, with TERN_INVALID_ARGUMENT if a sequence
/// would exceed the context or a token is outside the vocabulary. Fails with
/// TERN_INTERRUPTED or TERN_OUT_OF_MEMORY between steps: what was fed by then
/// stays fed, as tern_session_get_length says. On a GPU it returns when the last step has begun, so
/// that a kernel's failure may be told by a later call.
tern_error_t *tern_session_feed(tern_session_t *session, const tern_feed_t *feeds, int64_t count,
                                tern_logits_fn on_logits, void *context);

/// Borrows the logits of the sequence's last token until it is fed again.
///
/// Fails with TERN_INVALID_ARGUMENT if they were not wanted.
tern_error_t *tern_session_get_logits(const tern_session_t *session, int32_t sequence,
                                      const float **out_logits);

/// Draws a token after the last of each sequence, each named at most once,
/// without feeding it.
/// `samplers[i]` is for `sequences[i]`. `out_probabilities`, `vocabulary` floats
/// a sequence, may be NULL.
///
/// Fails with TERN_UNSUPPORTED if the artefact has no `sample` program, with
/// TERN_INVALID_ARGUMENT if a parameter is out of range or logits are missing.
tern_error_t *tern_session_sample(tern_session_t *session, const int32_t *sequences,
                                  const tern_sampler_t *samplers, int64_t count,
                                  int32_t *out_tokens, float *out_probabilities);

/// Makes the feed that runs, or else the next, return TERN_INTERRUPTED soon.
/// Safe from any thread and from signal handlers.
void tern_session_interrupt(tern_session_t *session);

#ifdef __cplusplus
}
#endif

#endif
