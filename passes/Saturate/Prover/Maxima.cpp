// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>

namespace tern::prover {

using law::Property;

//===- Functions of which little is known ---------------------------------===//

Form Algebra::apply(unsigned function, const std::vector<Form> &arguments) {
  return applyTo(function, arguments, 0);
}

/// By cases on the truth values of one argument after the other.
Form Algebra::applyTo(unsigned function, std::vector<Form> done, size_t next) {
  if (next < done.size())
    return split(done[next], [&](Form part) {
      std::vector<Form> more = done;
      more[next] = part;
      return applyTo(function, more, next + 1);
    });
  if (!spend())
    return number(0);
  Form x = done[0];
  bool isOdd = function == Rnd || function == Erf;
  if (x->isZero() &&
      (isOdd || (function >= FirstVariable && has(Property::ZeroAtZero, function - FirstVariable))))
    return x;
  if (function == Rnd)
    return applyRounding(x);
  if (function == Erf && compare(negate(x), x) < 0) {
    axioms.set(size_t(Axiom::ErfOdd));
    return negate(form(atom({AtomKind::Function, Erf, 0, 0, {negate(x)}})));
  }
  return form(atom({AtomKind::Function, function, 0, 0, std::move(done), {}}));
}

Form Algebra::applyRounding(Form x) {
  if (Atom a = x->atom()) {
    bool isRounded = (a->kind == AtomKind::Function && a->number == Rnd) ||
                     (a->kind == AtomKind::Element && has(Property::Rounded, a->number));
    if (isRounded) {
      axioms.set(size_t(Axiom::RoundTwice));
      return x;
    }
  }
  if (const auto *term = x->single()) {
    std::vector<Factor> two, rest;
    for (const Factor &factor : term->first->factors) {
      bool isTwo = factor.first->kind == AtomKind::Element && factor.second.isWhole() &&
                   has(Property::PowerOfTwo, factor.first->number);
      (isTwo ? two : rest).push_back(factor);
    }
    if (!two.empty()) {
      axioms.set(size_t(Axiom::RoundPowerOfTwo));
      return multiply(form(monomial(two)), applyRounding(form(monomial(rest), term->second)));
    }
  }
  bool isNegated = compare(negate(x), x) < 0;
  if (isNegated)
    axioms.set(size_t(Axiom::RoundOdd));
  Form rounded = form(atom({AtomKind::Function, Rnd, 0, 0, {isNegated ? negate(x) : x}}));
  return isNegated ? negate(rounded) : rounded;
}

//===- Maxima -------------------------------------------------------------===//

/// Maxima of maxima are maxima; indices that nothing uses leave where their range is not empty.
std::vector<OpenBranch> Algebra::flatten(const std::vector<OpenBranch> &branches) {
  std::vector<OpenBranch> flat;
  for (const OpenBranch &branch : branches) {
    std::vector<Atom> used;
    for (Atom v : branch.variables)
      if (contains(branch.body->free, v) || !isNonEmpty(v->extent))
        used.push_back(v);
    Atom inner = branch.body->atom();
    if (!inner || inner->kind != AtomKind::Maximum) {
      flat.push_back({used, branch.body});
      continue;
    }
    for (const Branch &closed : inner->branches) {
      OpenBranch next;
      next.variables = open(closed, next.body);
      next.variables.insert(next.variables.begin(), used.begin(), used.end());
      flat.push_back(std::move(next));
    }
  }
  return flat;
}

Form Algebra::maximum(std::vector<OpenBranch> branches) {
  if (!spend(unsigned(branches.size())))
    return number(0);
  std::vector<OpenBranch> flat = flatten(branches);
  if (flat.empty())
    return refuse("a maximum of nothing");
  std::vector<Atom> bound;
  for (const OpenBranch &branch : flat)
    bound.insert(bound.end(), branch.variables.begin(), branch.variables.end());
  auto isFree = [&](const std::vector<Atom> &free) {
    return std::none_of(bound.begin(), bound.end(), [&](Atom v) { return contains(free, v); });
  };
  bool isFull =
      std::all_of(bound.begin(), bound.end(), [&](Atom v) { return isNonEmpty(v->extent); });

  // What all branches add leaves.
  Form shift = number(0);
  for (const auto &term : flat[0].body->terms)
    if (isFree(term.first->free) &&
        std::all_of(flat.begin(), flat.end(), [&](const OpenBranch &branch) {
          const auto &terms = branch.body->terms;
          return std::find(terms.begin(), terms.end(), term) != terms.end();
        }))
      shift = add(shift, form(term.first, term.second));
  if (!shift->isZero())
    axioms.set(size_t(Axiom::MaximumShift));
  std::vector<Form> bodies;
  for (OpenBranch &branch : flat) {
    branch.body = subtract(branch.body, shift);
    bodies.push_back(branch.body);
  }

  // So do common factors that are not below 0.
  std::vector<Factor> common = commonFactors(bodies);
  std::erase_if(common, [&](const Factor &factor) {
    Sign sign = signOf(factor.first, factor.second);
    return !isFree(factor.first->free) || sign == Sign::Unknown ||
           (sign == Sign::NonNegative && !isFull);
  });
  cancelUneven(common, bodies);
  Rational factor = 0;
  for (OpenBranch &branch : flat) {
    branch.body = divide(branch.body, common);
    factor = factorOf(factor, branch.body);
  }
  Form scaled = factor == 0 ? number(1) : scale(product(common), factor);
  if (scaled != number(1))
    axioms.set(size_t(Axiom::MaximumScale));
  if (factor != 0)
    for (OpenBranch &branch : flat)
      branch.body = scale(branch.body, Rational(1) / factor);

  bool isElementwise = bound.empty();
  std::optional<Form> stripped;
  if (isFull || isElementwise)
    stripped = strip(flat);
  if (stripped)
    return add(shift, multiply(scaled, *stripped));
  std::vector<Branch> closed;
  for (const OpenBranch &branch : flat)
    closed.push_back(close(branch.variables, branch.body));
  for (Branch &branch : closed)
    if (branch.extents.empty())
      branch.height = 0;
  std::sort(closed.begin(), closed.end(), [](const Branch &a, const Branch &b) {
    if (int order = compare(a.body, b.body))
      return order < 0;
    return std::tie(a.extents, a.height) < std::tie(b.extents, b.height);
  });
  closed.erase(std::unique(closed.begin(), closed.end()), closed.end());
  Form top = closed.size() == 1 && closed[0].extents.empty()
                 ? closed[0].body
                 : form(atom({AtomKind::Maximum, 0, 0, 0, {}, std::move(closed)}));
  return add(shift, multiply(scaled, top));
}

/// max(f(a), f(b)) = f(max(a, b)) if all branches are one increasing function.
std::optional<Form> Algebra::strip(const std::vector<OpenBranch> &branches) {
  std::vector<OpenBranch> inner;
  bool areExponentials = true, areFunctions = true;
  std::optional<unsigned> function;
  for (const OpenBranch &branch : branches) {
    const auto *term = branch.body->single();
    areExponentials &= term && term->second == 1 && !term->first->factors.empty() &&
                       std::all_of(term->first->factors.begin(), term->first->factors.end(),
                                   [](const Factor &f) { return f.first->kind == AtomKind::Exp; });
    bool isFunction = term && term->first->factors.size() == 1 &&
                      term->first->factors[0].second == 1 &&
                      term->first->factors[0].first->kind == AtomKind::Function;
    if (isFunction && !function)
      function = term->first->factors[0].first->number;
    bool isRounding = function == Rnd;
    areFunctions &= isFunction ? term->first->factors[0].first->number == function &&
                                     (term->second == 1 || (isRounding && term->second == -1))
                               : branch.body->isZero();
  }
  if (areExponentials) {
    axioms.set(size_t(Axiom::MaximumIncreasing));
    for (const OpenBranch &branch : branches) {
      std::vector<Form> exponent;
      for (const auto &[a, e] : branch.body->single()->first->factors)
        exponent.push_back(scale(a->forms[0], e));
      inner.push_back({branch.variables, sum(exponent)});
    }
    return exp(maximum(std::move(inner)));
  }
  bool isRounding = function == Rnd;
  bool isIncreasing = function && *function >= FirstVariable &&
                      has(Property::Increasing, *function - FirstVariable);
  bool hasZero = std::any_of(branches.begin(), branches.end(),
                             [](const OpenBranch &branch) { return branch.body->isZero(); });
  if (!areFunctions || !(isRounding || (isIncreasing && !hasZero)))
    return std::nullopt;
  axioms.set(size_t(isRounding ? Axiom::RoundMonotone : Axiom::MaximumIncreasing));
  for (const OpenBranch &branch : branches) {
    const auto *term = branch.body->single();
    inner.push_back(
        {branch.variables,
         term ? scale(term->first->factors[0].first->forms[0], term->second) : branch.body});
  }
  return apply(*function, {maximum(std::move(inner))});
}

} // namespace tern::prover
