// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Model.h"
#include "tern/sampler.h"

namespace tern::runtime {

/// What one row of the `sample` program is given.
struct SampleRow {
  const std::byte *logits; ///< memory of the device, f32 [vocabulary]
  std::span<const int32_t> history;
  tern_sampler_t sampler;
  uint64_t step; ///< tokens drawn before for the same request
};

/// Fails if a parameter is out of its range.
format::Error checkSampler(const tern_sampler_t &sampler);

/// The model's `sample` program.
class Sampling {
public:
  Sampling(const Model &model, const format::Program &program);

  /// One token for each row; `probabilities` may be null.
  format::Error run(std::span<const SampleRow> rows, int32_t *tokens, float *probabilities);

private:
  format::Error runSome(std::span<const SampleRow> rows, int32_t *tokens, float *probabilities);

  const format::Index &index;
  Device &device;
  Interpreter interpreter;
  Memory drawn;      ///< tokens on the host, where the device writes without its waiting
  Memory logits;     ///< of the rows, one after the other
  size_t dimR, dimH; ///< places in the index's dimensions
};

} // namespace tern::runtime
