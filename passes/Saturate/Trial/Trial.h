// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_TRIAL_TRIAL_H
#define TERN_PASSES_SATURATE_TRIAL_TRIAL_H

#include "passes/Saturate/Law/Law.h"

namespace tern::trial {

/// How the sides of a law compare on random instances, the same ones each time.
struct Trial {
  unsigned instances = 0;     ///< that were found
  std::string counterexample; ///< sizes at which the sides differ, or what does not fit; or ""
};

/// Of `count` instances, up to the first on which the sides differ: over double within 1e-7 of
/// the magnitude, and for tier B in each bit of float and of bfloat16.
Trial tryLaw(const law::Law &law, unsigned count);

/// The same with one condition violated and all others kept.
Trial tryWithout(const law::Law &law, size_t condition, unsigned count);

/// What the left side gives for small tensors of few plain numbers that fulfil all conditions, as
/// `x = [1, 2], c = 3: [3, 6]`, the same each time; "" if there are none.
std::string exampleOf(const law::Law &law);

} // namespace tern::trial

#endif
