// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_BENCH_STEPCOST_H
#define TERN_TOOLS_TERN_BENCH_STEPCOST_H

#include "runtime/format/Index.h"
#include "tools/tern-bench/Limits.h"

#include <string>

namespace tern::bench {

/// The index of the artefact at `path`, which has a step. Throws UserError.
format::Index readStepIndex(const std::string &path);

/// What an artefact's `step` must read and compute, whatever its kernels do.
class StepCost {
public:
  /// Of an artefact with a `step`.
  explicit StepCost(const format::Index &index);
  /// Of the artefact at `path`. Throws UserError if it is not one, or has no step.
  static StepCost ofArtefact(const std::string &path);

  /// Bytes that a step of one token reads with `slots` tokens in the cache, its own among them:
  /// every packed weight in full, of a table that is only gathered from one row, K and V, states.
  double bytesOfToken(double slots) const;

  /// Seconds that a prompt takes at the peak of each matrix's type: two operations for each element
  /// and token; the output matrix for the last token alone, and attention not at all.
  double secondsAtPeak(int64_t tokens, const Limits &limits) const;

private:
  enum class Peak { F32, Bf16, Int8 };
  struct Matrix {
    double elements;
    Peak peak;
    format::Expression rows; ///< of activations that it is multiplied with
  };

  void addLaunch(const format::Program &step, const format::Launch &launch);

  format::Index index;
  std::vector<std::vector<uint32_t>> origins; ///< tensors that each packed weight is made of
  double weightBytes = 0;
  double stateBytes = 0; ///< of a sequence, all layers
  double slotBytes = 0;  ///< of K and V, all layers and heads
  std::vector<Matrix> matrices;
};

} // namespace tern::bench

#endif
