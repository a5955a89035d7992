// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>

namespace tern::prover {

/// Of clearing denominators.
static constexpr int kMostRounds = 6;

bool Algebra::vanishes(Form f) {
  for (int round = 0; round < kMostRounds; ++round) {
    if (isRefused() || f->isZero())
      return !isRefused();
    std::map<Atom, Rational, Before> least; // exponents of bases, below 0
    for (const auto &[m, c] : f->terms)
      for (const auto &[a, e] : m->factors)
        if (a->kind == AtomKind::Base && e < 0) {
          Rational &lowest = least[a];
          lowest = std::min(lowest, e);
        }
    if (least.empty())
      break;
    for (const auto &[a, e] : least)
      cancel(a);
    f = divide(f, {least.begin(), least.end()});
  }
  bool hasCases = false;
  for (const auto &[m, c] : f->terms)
    for (const auto &[a, e] : m->factors)
      hasCases |= a->kind == AtomKind::Positive || a->kind == AtomKind::Zero ||
                  a->kind == AtomKind::Maximum;
  return hasCases && spend(100) && solver.vanishesForReals(f) && !isRefused();
}

} // namespace tern::prover
