// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_ARTEFACT_H
#define TERN_ARTEFACT_H

#include "tern/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled model in a file. Never changes; threads may share it.
typedef struct tern_artefact_t tern_artefact_t;

/// What a model is. Strings and arrays are valid until the artefact is freed.
typedef struct tern_artefact_facts_t {
  const char *architecture;
  const char *numerics;   ///< as given to tern-compile
  const char *cache_type; ///< element type of the KV cache
  const char *target;     ///< architecture and system that the code is for
  const char *cpu;        ///< LLVM's name of the CPU that the code is for
  const char *producer;   ///< name and version of the compiler
  int64_t max_context;    ///< tokens of a sequence
  int64_t max_rows;       ///< rows of one step
  int64_t vocabulary;     ///< width of the logits
  const int32_t *eos;     ///< tokens that end a text
  size_t eos_count;
  int32_t bos;           ///< token that starts a text, or -1
  bool add_bos;          ///< whether a text is to start with it
  uint64_t packed_bytes; ///< of weights, resident once the model is loaded
} tern_artefact_facts_t;

/// Opens the file and checks header, plan and code, not yet the weights. The
/// caller frees `*out_artefact` with tern_artefact_free.
///
/// Fails with TERN_BAD_FILE if the file is missing, damaged, or of another
/// version.
tern_error_t *tern_artefact_open(const char *path, tern_artefact_t **out_artefact);

/// Does nothing for NULL. What was made from the artefact stays valid.
void tern_artefact_free(tern_artefact_t *artefact);

void tern_artefact_get_facts(const tern_artefact_t *artefact, tern_artefact_facts_t *out_facts);

/// Borrows the bytes of a section, `tokenizer` (a tokenizer.json),
/// `chat-template` (Jinja text), `decisions` (JSON) or another; no bytes if
/// there is none of that name.
///
/// Fails with TERN_BAD_FILE if the section is damaged.
tern_error_t *tern_artefact_get_section(const tern_artefact_t *artefact, const char *name,
                                        const void **out_data, size_t *out_bytes);

/// Reads the whole file, embedded weights too.
///
/// Fails with TERN_BAD_FILE if any section is damaged.
tern_error_t *tern_artefact_verify(const tern_artefact_t *artefact);

#ifdef __cplusplus
}
#endif

#endif
