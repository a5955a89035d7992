// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_SOLVER_H
#define TERN_PASSES_SATURATE_PROVER_SOLVER_H

#include "passes/Saturate/Prover/Form.h"

#include <z3.h>

namespace tern::prover {

class Algebra;

/// Asks Z3 whether goals hold. Limits are in Z3's own units of work, never in seconds, so that
/// each machine gives the same answer. What is not proved counts as not valid.
class Solver {
public:
  explicit Solver(Algebra &algebra);
  ~Solver();
  Solver(const Solver &) = delete;
  Solver &operator=(const Solver &) = delete;

  enum class Goal : uint8_t { Positive, NonNegative, Zero };
  /// For all sizes, positions and integer data under the law's conditions, where the ranges
  /// `active` are not empty.
  bool holdsForIntegers(Goal goal, Form f);
  /// That f is 0, with products of atoms as unknown reals of which only the sign is known.
  bool vanishesForReals(Form f);

  unsigned queries = 0;

private:
  Algebra &algebra;
  Z3_context context;
};

} // namespace tern::prover

#endif
