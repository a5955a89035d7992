// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Badge/Badge.h"

#include "passes/Saturate/Trial/Trial.h"

#include <algorithm>
#include <cstdio>
#include <xxhash.h>

namespace tern::badge {

/// Changes with each change of what the prover takes as proved.
static constexpr std::string_view kProverVersion = "2";
static constexpr unsigned kInstances = 1000;

static std::string axiomsOf(const prover::Proof &proof) {
  std::string all;
  for (size_t i = 0; i < proof.axioms.size(); ++i)
    if (proof.axioms.test(i))
      all += " " + std::string(nameOf(prover::Axiom(i)));
  return all;
}

static std::string hashOf(const law::Law &law, const std::string &axioms) {
  std::string all = law.text + "\n" + std::string(kProverVersion) + axioms;
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llx",
                static_cast<unsigned long long>(XXH3_64bits(all.data(), all.size())));
  return hex;
}

Badge badgeOf(const law::Law &law) {
  Badge badge{Badge::Kind::Proved, prover::prove(law), "", "", {}};
  if (!badge.proof.isProved()) {
    badge.proof.axioms.reset(); // they prove nothing
    badge.proof.isPartial = false;
    trial::Trial trial = trial::tryLaw(law, kInstances);
    badge.counterexample = trial.counterexample;
    badge.kind = !trial.counterexample.empty()       ? Badge::Kind::Refuted
                 : trial.instances >= kInstances / 2 ? Badge::Kind::Tested
                                                     : Badge::Kind::Assumed;
  }
  badge.hash = hashOf(law, axiomsOf(badge.proof));
  for (size_t i = 0; i < law.when.size() && badge.kind != Badge::Kind::Refuted; ++i)
    if (!prover::needsCondition(law, i) ||
        trial::tryWithout(law, i, kInstances).counterexample.empty())
      badge.notNeeded.push_back(law.when[i].text);
  return badge;
}

std::string_view nameOf(Badge::Kind kind) {
  static constexpr std::string_view names[] = {"proved", "tested", "assumed", "refuted"};
  return names[size_t(kind)];
}

std::string print(const law::Law &law, const Badge &badge) {
  return law.name + " " + std::string(nameOf(badge.kind)) + " " + badge.hash + " " +
         std::to_string(badge.proof.queries) + axiomsOf(badge.proof) +
         (badge.proof.isPartial ? " where-defined" : "");
}

/// A rounding on one side that the other lacks loses what no equality may lose.
static bool rounds(const law::Term &t) {
  return t.isOperation(law::Op::Rnd) || t.isOperation(law::Op::Rint) ||
         std::any_of(t.operands.begin(), t.operands.end(), rounds);
}

std::string complaint(const law::Law &law, const Badge &badge) {
  switch (badge.kind) {
  case Badge::Kind::Refuted:
    return law.place() + "expected equal sides, found " + badge.counterexample +
           (rounds(law.lhs) || rounds(law.rhs)
                ? ": what loses information is no law, but an operation that somebody asks for"
                : "");
  case Badge::Kind::Assumed:
    return law.place() + "expected sizes and values that fulfil its conditions, found too few";
  case Badge::Kind::Proved:
  case Badge::Kind::Tested:
    break;
  }
  if (badge.notNeeded.empty())
    return "";
  return law.place() + "expected conditions that are needed, found " + badge.notNeeded.front();
}

} // namespace tern::badge
