// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Model.h"
#include "tern/sampler.h"

namespace tern::runtime {

/// What one row of the `sample` program is given.
struct SampleRow {
  const float *logits;
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
  Interpreter interpreter;
  size_t dimR, dimH; ///< places in the index's dimensions
};

} // namespace tern::runtime
