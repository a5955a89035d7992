// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_PROVE_H
#define TERN_PASSES_SATURATE_PROVER_PROVE_H

#include "passes/Saturate/Prover/Axiom.h"

#include "passes/Saturate/Law/Law.h"

namespace tern::prover {

struct Proof {
  std::string refusal; ///< why there is none; empty: proved
  Axioms axioms;
  unsigned queries = 0;    ///< of Z3
  bool isPartial = false;  ///< for some values neither side is defined
  std::string left, right; ///< what the sides are at the position where they differ
  bool isProved() const { return refusal.empty(); }
};

/// Proves for all sizes and values that both sides of a law, whose types are checked, are equal in
/// the way of its tier, and defined in the same places.
Proof prove(const law::Law &law);

/// The law without one of its conditions is refused, by its types or by the prover.
bool needsCondition(const law::Law &law, size_t condition);

} // namespace tern::prover

#endif
