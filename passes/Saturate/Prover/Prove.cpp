// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Prove.h"

#include "passes/Saturate/Prover/Exact.h"
#include "passes/Saturate/Prover/Real.h"

#include <algorithm>

namespace tern::prover {
namespace {

using law::Op;
using law::Term;

/// Nothing in the term rounds, and nothing tells +0 from -0: such terms are equal in each bit if
/// they are equal over the reals, as maxima, minima and signs have the same equations there.
bool isExactTerm(const Term &t) {
  switch (t.sort) {
  case Term::Sort::Variable:
    return true;
  case Term::Sort::Number:
    return t.number != 0;
  case Term::Sort::MinusInfinity:
  case Term::Sort::Pi:
    return false;
  case Term::Sort::Operation:
    break;
  }
  static constexpr Op exact[] = {
      Op::Amax,  Op::Amin,    Op::Maximum, Op::Minimum, Op::Abs, Op::Neg, Op::Where, Op::Perm,
      Op::Bcast, Op::Reshape, Op::Slice,   Op::Concat,  Op::And, Op::Or,  Op::Not,
  };
  return std::find(std::begin(exact), std::end(exact), t.op) != std::end(exact) &&
         std::all_of(t.operands.begin(), t.operands.end(), isExactTerm);
}

/// What a side needs, with the guards dropped that follow from its own needs.
std::set<Need> withoutSure(Algebra &algebra, const std::set<Need> &needs) {
  std::set<Dim> sure;
  for (Dim d = 0; d < algebra.law.dims.size(); ++d)
    for (Form size : {algebra.size(d), algebra.negate(algebra.size(d))})
      if (needs.contains({Need::Kind::NonZero, {}, size, {}}))
        sure.insert(d);
  std::set<Need> simpler;
  for (Need need : needs) {
    std::erase_if(need.guard, [&](Dim d) { return sure.contains(d); });
    simpler.insert(std::move(need));
  }
  return simpler;
}

/// Cancelling is earned: what is divided out is needed not to be 0 by both sides.
bool areEarned(const std::set<Need> &cancels, const std::set<Need> &left,
               const std::set<Need> &right) {
  return std::all_of(cancels.begin(), cancels.end(), [&](const Need &cancelled) {
    return std::any_of(left.begin(), left.end(), [&](const Need &need) {
      return need.kind != Need::Kind::NonNegative && need.guard.empty() &&
             need.extents == cancelled.extents && need.form == cancelled.form &&
             right.contains(need);
    });
  });
}

class Prover {
public:
  explicit Prover(const law::Law &law) : law(law), algebra(law), real(algebra), exact(algebra) {}

  Proof prove() {
    bool isBitwise = law.tier == law::Tier::Bit && !(isExactTerm(law.lhs) && isExactTerm(law.rhs));
    for (const std::vector<Piece> &position : algebra.domains(law.lhs.letters)) {
      Indices at;
      algebra.outer.clear();
      for (const Piece &piece : position) {
        at.push_back(piece.index);
        algebra.outer.insert(algebra.outer.end(), piece.variables.begin(), piece.variables.end());
      }
      std::sort(algebra.outer.begin(), algebra.outer.end(), Before());
      resetScope();
      if (law.tier == law::Tier::Bit)
        algebra.axioms.set(size_t(Axiom::FloatExact));
      if (isBitwise)
        compareBits(at);
      else
        compareReals(at);
      if (algebra.isRefused())
        break;
    }
    proof.refusal = algebra.isRefused() ? algebra.refusal : "";
    proof.axioms = algebra.axioms;
    proof.queries = algebra.queries();
    return proof;
  }

private:
  /// At the result's position its ranges are not empty.
  void resetScope() {
    algebra.active.clear();
    for (Atom v : algebra.outer)
      algebra.active.push_back(v->extent);
    algebra.needs.clear();
  }

  void compareBits(const Indices &at) {
    Meaning<Exact> meaning(algebra, exact);
    Float left = meaning.value(law.lhs, at), right = meaning.value(law.rhs, at);
    if (left != right)
      algebra.refuse("terms of float operations differ");
    if (algebra.isRefused()) {
      proof.left = print(law, left);
      proof.right = print(law, right);
    }
  }

  void compareReals(const Indices &at) {
    algebra.cancels.clear();
    Meaning<Real> meaning(algebra, real);
    Form left = meaning.value(law.lhs, at);
    std::set<Need> leftNeeds = std::move(algebra.needs);
    resetScope();
    Form right = meaning.value(law.rhs, at);
    std::set<Need> rightNeeds = std::move(algebra.needs);
    resetScope();
    if (!algebra.vanishes(algebra.subtract(left, right)))
      algebra.refuse("normal forms differ");
    leftNeeds = withoutSure(algebra, leftNeeds);
    rightNeeds = withoutSure(algebra, rightNeeds);
    if (!areEarned(algebra.cancels, leftNeeds, rightNeeds))
      algebra.refuse("a factor is cancelled that may be 0");
    if (leftNeeds != rightNeeds)
      algebra.refuse("the sides are defined in different places");
    proof.isPartial |= !leftNeeds.empty();
    if (algebra.isRefused()) {
      proof.left = print(law, left) + print(leftNeeds);
      proof.right = print(law, right) + print(rightNeeds);
    }
  }

  std::string print(const std::set<Need> &needs) const {
    std::string all;
    for (const Need &need : needs)
      all += (all.empty() ? ", where " : " and ") + prover::print(law, need.form) +
             (need.kind == Need::Kind::NonZero    ? " /= 0"
              : need.kind == Need::Kind::Positive ? " > 0"
                                                  : " >= 0");
    return all;
  }
  static std::string print(const law::Law &law, auto x) { return prover::print(law, x); }

  const law::Law &law;
  Algebra algebra;
  Real real;
  Exact exact;
  Proof proof;
};

} // namespace

Proof prove(const law::Law &law) { return Prover(law).prove(); }

bool needsCondition(const law::Law &law, size_t condition) {
  law::Law weaker = law;
  weaker.when.erase(weaker.when.begin() + long(condition));
  return !law::checkTypes(weaker).empty() || !prove(weaker).isProved();
}

} // namespace tern::prover
