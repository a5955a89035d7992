// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Prove.h"
#include "passes/Saturate/Trial/Trial.h"
#include "test/unit/Prover/Mutate.h"
#include "test/unit/Prover/Rules.h"

#include <gtest/gtest.h>

namespace tern::prover {
namespace {

/// Whatever is proved holds on instances, which are evaluated by code that shares nothing with the
/// prover.
TEST(Mutant, ProvedOnesHold) {
  std::mt19937_64 random(20261127);
  size_t mutants = 0, proved = 0;
  while (mutants < 5000) {
    const law::Law &law = shippedLaws()[random() % shippedLaws().size()];
    std::optional<law::Law> mutant = mutate(law, random);
    if (!mutant)
      continue;
    ++mutants;
    if (!prove(*mutant).isProved())
      continue;
    ++proved;
    trial::Trial trial = trial::tryLaw(*mutant, 200);
    EXPECT_EQ(trial.counterexample, "")
        << law.place() << (mutant->tier == law::Tier::Bit ? "B " : "R ")
        << print(*mutant, mutant->lhs) << " = " << print(*mutant, mutant->rhs);
  }
  // Tiers that are weakened, and laws that are changed on both sides.
  EXPECT_GT(proved, 500u);
}

} // namespace
} // namespace tern::prover
