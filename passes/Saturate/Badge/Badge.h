// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_BADGE_BADGE_H
#define TERN_PASSES_SATURATE_BADGE_BADGE_H

#include "passes/Saturate/Prover/Prove.h"

/// What is known of a law's truth, computed from its text alone.
namespace tern::badge {

struct Badge {
  enum class Kind : uint8_t {
    Proved,  ///< for all sizes and values, and each condition is needed
    Tested,  ///< on 1,000 random instances, among them empty sizes, ties and signed zeros
    Assumed, ///< neither
    Refuted, ///< on an instance
  } kind;
  prover::Proof proof;
  std::string hash;                   ///< of the text, the prover's version and the axioms
  std::string counterexample;         ///< of a refuted law
  std::vector<std::string> notNeeded; ///< conditions without which it is proved or holds as well
};

Badge badgeOf(const law::Law &law);

std::string_view nameOf(Badge::Kind kind);

/// `NAME BADGE HASH QUERIES AXIOM...`, and `where-defined` if for some values neither side is.
std::string print(const law::Law &law, const Badge &badge);

/// What is wrong with a law: that it is refuted, assumed, or has conditions that are not needed.
/// One sentence with its place, or "".
std::string complaint(const law::Law &law, const Badge &badge);

/// The laws of passes/Saturate/rules: names and texts of the files, sorted.
std::vector<std::pair<std::string, std::string>> shippedRules();

} // namespace tern::badge

#endif
