// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_TRIAL_INSTANCE_H
#define TERN_PASSES_SATURATE_TRIAL_INSTANCE_H

#include "passes/Saturate/Trial/Evaluate.h"

#include <random>

namespace tern::trial {

/// Numbers that are the same on each machine.
class Random {
public:
  explicit Random(uint64_t seed) : bits(seed) {}
  uint64_t below(uint64_t bound) { return bits() % bound; }
  double uniform() { return double(bits() >> 11) * 0x1p-53; } ///< in [0, 1)
  double normal();

private:
  std::mt19937_64 bits;
};

/// Sizes from 0 to 4, and values, some of them small integers with ties and zeros of both signs.
/// All conditions hold, but for the one of `when` with the number `violated`. None if no such
/// instance was found.
std::optional<Instance> randomInstance(const law::Law &law, Random &random,
                                       std::optional<size_t> violated = std::nullopt);

} // namespace tern::trial

#endif
