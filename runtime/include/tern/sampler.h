// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_SAMPLER_H
#define TERN_SAMPLER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a token is drawn from logits. Steps apply in Hugging Face's order:
/// repetition penalty, temperature, top-k, top-p, min-p, typical-p.
typedef struct tern_sampler_t {
  float temperature;        ///< 0: the most likely token, always
  int32_t top_k;            ///< 0: off
  float top_p;              ///< 1: off
  float min_p;              ///< 0: off
  float typical_p;          ///< 1: off
  float repetition_penalty; ///< 1: off; 1e-30 to 1e30
  uint64_t seed;            ///< with `request` and the number of tokens drawn before,
  uint64_t request;         ///< decides the random number (Philox 4x32-10)
} tern_sampler_t;

/// Greedy: every step off.
void tern_sampler_init(tern_sampler_t *out_sampler);

#ifdef __cplusplus
}
#endif

#endif
