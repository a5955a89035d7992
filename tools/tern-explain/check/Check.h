// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_CHECK_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_CHECK_H

#include "tools/tern-explain/check/Rules.h"

#include <string_view>

namespace tern::check {

struct Verdict {
  bool isAccepted;
  std::string reason; ///< one sentence, if it was refused
  size_t functions = 0, terms = 0, steps = 0, instances = 0;
};

/// Whether the proof shows, by these rules alone, that the terms which it states are equal. Nothing
/// is taken from the proof but the terms, the types that MLIR's verifier has checked, and the names
/// of laws. Each step is checked:
///
/// - a law: both terms are its sides for one meaning of its variables, letters and sizes, its
///   conditions hold for that meaning, and its tier is one that the proof may use;
/// - tern.choice in the place of a law: the module leaves open that the one term is the other;
/// - kids: one operation with the same properties, whose operands are equal by earlier steps;
/// - chain: earlier steps, each of which begins where the one before it ends.
///
/// Of add, mul, maximum, minimum, eq, and, or the operands may be swapped.
Verdict check(std::string_view proof, const std::vector<RuleText> &rules);

} // namespace tern::check

#endif
