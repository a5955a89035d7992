// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>

namespace tern::prover {

using law::Property;

/// f, if its square is f.
Form Algebra::truth(Form f) {
  return multiply(f, f) == f ? f : refuse("a mask that may be other than 0 and 1");
}

/// The sign of a difference: positive content is divided out, and an increasing function on both
/// sides is stripped.
Form Algebra::ordered(Form f) {
  if (!spend())
    return f;
  Form rest = content(f, [&](Atom a, Rational e) { return signOf(a, e) == Sign::Positive; }).rest;
  if (rest->terms.size() != 2 || rest->terms[0].second + rest->terms[1].second != 0)
    return rest;
  auto [m, c] = rest->terms[0];
  auto [k, d] = rest->terms[1];
  if (c < 0)
    std::swap(m, k);
  auto areExponentials = [](Monomial n) {
    return !n->factors.empty() && std::all_of(n->factors.begin(), n->factors.end(), [](auto &f) {
      return f.first->kind == AtomKind::Exp;
    });
  };
  auto exponent = [&](Monomial n) {
    std::vector<Form> parts;
    for (const auto &[a, e] : n->factors)
      parts.push_back(scale(a->forms[0], e));
    return sum(parts);
  };
  if (areExponentials(m) && areExponentials(k)) {
    axioms.set(size_t(Axiom::OrderIncreasing));
    return ordered(subtract(exponent(m), exponent(k)));
  }
  Atom f1 = form(m)->atom(), f2 = form(k)->atom();
  if (f1 && f2 && f1->kind == AtomKind::Function && f2->kind == AtomKind::Function &&
      f1->number == f2->number && f1->number >= FirstVariable &&
      has(Property::Increasing, f1->number - FirstVariable) && f1->forms.size() == 1) {
    axioms.set(size_t(Axiom::OrderIncreasing));
    return ordered(subtract(f1->forms[0], f2->forms[0]));
  }
  return rest;
}

Form Algebra::positive(Form f) {
  return split(f, [&](Form part) { return positiveOf(part); });
}

/// [f > 0] of a form without truth values outside sums.
Form Algebra::positiveOf(Form f) {
  if (!f->isConstant() && isIntegral(f)) {
    if (isPositive(f))
      return number(1);
    if (isNonNegative(negate(f)))
      return number(0);
  }
  f = ordered(f);
  if (f->isConstant())
    return number(f->constant() > 0 ? 1 : 0);
  return form(atom({AtomKind::Positive, 0, 0, 0, {f}}));
}

Form Algebra::lessEqual(Form a, Form b) {
  if (isIntegral(subtract(a, b)))
    return positive(add(subtract(b, a), number(1)));
  return subtract(number(1), positive(subtract(a, b)));
}

Form Algebra::zero(Form f) {
  return split(f, [&](Form part) { return zeroOf(part); });
}

/// [f = 0] of a form without truth values outside sums.
Form Algebra::zeroOf(Form f) {
  if (!f->isConstant() && isIntegral(f)) {
    if (isValid(Relation::Zero, f))
      return number(1);
    if (isPositive(f) || isPositive(negate(f)))
      return number(0);
    // b[x] = b[y] is x = y for a bijection b.
    Atom a = nullptr, b = nullptr;
    if (f->terms.size() == 2 && f->terms[0].second + f->terms[1].second == 0) {
      a = form(f->terms[0].first)->atom();
      b = form(f->terms[1].first)->atom();
    }
    if (a && b && a->kind == AtomKind::Element && b->kind == AtomKind::Element &&
        a->number == b->number && has(Property::Bijective, a->number))
      return zero(subtract(a->forms[0], b->forms[0]));
  } else {
    f = ordered(f);
  }
  if (f->isConstant())
    return number(f->constant() == 0 ? 1 : 0);
  Form opposite = negate(f);
  Form least = compare(opposite, f) < 0 ? opposite : f;
  return form(atom({AtomKind::Zero, 0, 0, 0, {least}}));
}

} // namespace tern::prover
