// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>

namespace tern::prover {

/// Steps that no law comes near; a law that takes more is refused.
static constexpr uint64_t kMostSteps = 1000000;
static constexpr size_t kMostTerms = 20000;

Algebra::Algebra(const law::Law &law) : law(law), solver(*this) {}

Form Algebra::refuse(const std::string &why) {
  if (refusal.empty())
    refusal = why;
  return number(0);
}

bool Algebra::isRefused() {
  if (refusal.empty() && overflows())
    refusal = "a number does not fit in 64 bits";
  return !refusal.empty();
}

bool Algebra::spend(unsigned more) {
  steps += more;
  if (refusal.empty() && steps > kMostSteps)
    refusal = "the proof takes too many steps";
  return !isRefused();
}

//===- Products -----------------------------------------------------------===//

Form Algebra::multiply(Form a, Form b) {
  if (a->isConstant() || b->isConstant())
    return a->isConstant() ? scale(b, a->constant()) : scale(a, b->constant());
  std::vector<std::pair<Monomial, Rational>> terms;
  for (const auto &[m, c] : a->terms)
    for (const auto &[n, d] : b->terms) {
      if (!spend())
        return number(0);
      for (const auto &[k, e] : times(m, n)->terms)
        terms.push_back({k, c * d * e});
      if (terms.size() > kMostTerms)
        return refuse("a form has too many terms");
    }
  return form(std::move(terms));
}

Form Algebra::multiply(std::initializer_list<Form> all) {
  Form product = number(1);
  for (Form f : all)
    product = multiply(product, f);
  return product;
}

Form Algebra::sum(const std::vector<Form> &all) {
  std::vector<std::pair<Monomial, Rational>> terms;
  for (Form f : all)
    terms.insert(terms.end(), f->terms.begin(), f->terms.end());
  return form(std::move(terms));
}

Form Algebra::times(Monomial m, Monomial n, bool isCancelling) {
  std::vector<Factor> both;
  auto a = m->factors.begin(), aEnd = m->factors.end();
  auto b = n->factors.begin(), bEnd = n->factors.end();
  while (a != aEnd || b != bEnd) {
    int order = a == aEnd ? 1 : b == bEnd ? -1 : compare(a->first, b->first);
    if (order != 0) {
      both.push_back(order < 0 ? *a++ : *b++);
      continue;
    }
    if (isCancelling && (a->second > 0) != (b->second > 0))
      cancel(a->first);
    both.push_back({a->first, a->second + b->second});
    ++a, ++b;
  }
  return tidy(std::move(both), 1);
}

/// A product of powers of different atoms, sorted: truth values are idempotent, i * i = -1, and
/// powers of a Base that became positive integers are multiplied out.
Form Algebra::tidy(std::vector<Factor> factors, Rational coefficient) {
  std::vector<Factor> kept;
  std::vector<Form> outside;
  for (auto [a, e] : factors) {
    if (e == 0)
      continue;
    if (a->isTruth()) {
      e = 1;
    } else if (a->kind == AtomKind::Imaginary) {
      int64_t quarter = ((e.numerator() % 4) + 4) % 4;
      if (!e.isWhole())
        return refuse("a root of the imaginary unit");
      if (quarter >= 2)
        coefficient = -coefficient;
      if (quarter % 2 == 0)
        continue;
      e = 1;
    } else if (a->kind == AtomKind::Base) {
      Form b = a->forms[0];
      if (b->isConstant() && e.floor() != 0) { // a prime
        Rational prime = b->constant();
        for (int64_t i = e.floor(); i != 0 && spend(); i += i > 0 ? -1 : 1)
          coefficient = i > 0 ? coefficient * prime : coefficient / prime;
        e = e - e.floor();
      }
      if (e == 0)
        continue;
      if (e.isWhole() && e > 0) {
        for (int64_t i = 0; i < e.numerator() && spend(); ++i)
          outside.push_back(b);
        continue;
      }
    }
    kept.push_back({a, e});
  }
  for (const auto &[a, e] : kept) // [d = 0] [d > 0] = 0
    if (a->kind == AtomKind::Zero)
      for (const auto &[b, f] : kept)
        if (b->kind == AtomKind::Positive && b->forms == a->forms)
          return number(0);
  Form product = form(monomial(std::move(kept)), coefficient);
  for (Form f : outside)
    product = multiply(product, f);
  return product;
}

/// f without the factors, which each of its terms has, or gets with the opposite exponent.
Form Algebra::divide(Form f, const std::vector<Factor> &factors) {
  if (factors.empty())
    return f;
  std::vector<Factor> inverse = factors;
  for (Factor &factor : inverse)
    factor.second = -factor.second;
  Monomial by = monomial(std::move(inverse));
  std::vector<Form> parts;
  for (const auto &[m, c] : f->terms)
    parts.push_back(scale(times(m, by, false), c));
  return sum(parts);
}

//===- Substitution -------------------------------------------------------===//

static Form find(const Algebra::Map &map, Atom a) {
  for (const auto &[from, to] : map)
    if (from == a)
      return to;
  return nullptr;
}

bool Algebra::touches(Atom a, const Map &map, std::map<const void *, bool> &memo) {
  if (find(map, a))
    return true;
  if (a->forms.empty() && a->branches.empty())
    return false;
  auto [known, isNew] = memo.insert({a, false});
  if (!isNew)
    return known->second;
  bool is = std::any_of(a->forms.begin(), a->forms.end(),
                        [&](Form f) { return touches(f, map, memo); }) ||
            std::any_of(a->branches.begin(), a->branches.end(),
                        [&](const Branch &b) { return touches(b.body, map, memo); });
  return memo[a] = is;
}

bool Algebra::touches(Form f, const Map &map, std::map<const void *, bool> &memo) {
  for (const auto &[m, c] : f->terms)
    for (const auto &[a, e] : m->factors)
      if (touches(a, map, memo))
        return true;
  return false;
}

bool Algebra::touches(Form f, const Map &map) {
  std::map<const void *, bool> memo;
  return touches(f, map, memo);
}

Form Algebra::substitute(Form f, const Map &map) {
  std::map<const void *, bool> memo;
  return substitute(f, map, memo);
}

Form Algebra::substitute(Form f, const Map &map, std::map<const void *, bool> &memo) {
  if (map.empty() || !touches(f, map, memo) || !spend())
    return f;
  std::vector<Form> parts;
  for (const auto &[m, c] : f->terms)
    parts.push_back(scale(substitute(m, map, memo), c));
  return sum(parts);
}

Form Algebra::substitute(Monomial m, const Map &map, std::map<const void *, bool> &memo) {
  std::vector<Factor> kept;
  Form product = number(1);
  for (const auto &[a, e] : m->factors) {
    if (Form to = find(map, a))
      product = multiply(product, power(to, e, false));
    else if (touches(a, map, memo))
      product = multiply(product, power(substitute(a, map, memo), e, false));
    else
      kept.push_back({a, e});
  }
  return multiply(form(monomial(std::move(kept))), product);
}

/// Built anew by the functions that keep forms normal.
Form Algebra::substitute(Atom a, const Map &map, std::map<const void *, bool> &memo) {
  if (!spend())
    return number(0);
  std::vector<Form> forms;
  for (Form f : a->forms)
    forms.push_back(substitute(f, map, memo));
  switch (a->kind) {
  case AtomKind::Element:
  case AtomKind::Truth: {
    AtomNode node{a->kind, a->number, 0, 0, std::move(forms), {}};
    return form(atom(std::move(node)));
  }
  case AtomKind::Exp:
    return exp(forms[0]);
  case AtomKind::Cis:
    return cis(forms[0]);
  case AtomKind::Base:
    return forms[0];
  case AtomKind::Positive:
    return positive(forms[0]);
  case AtomKind::Zero:
    return zero(forms[0]);
  case AtomKind::Function:
    return apply(a->number, forms);
  case AtomKind::Sum: {
    Form body;
    std::vector<Atom> variables = open(a->branches[0], body);
    return sum(variables, substitute(body, map));
  }
  case AtomKind::Maximum: {
    std::vector<OpenBranch> branches;
    for (const Branch &branch : a->branches) {
      OpenBranch b;
      b.variables = open(branch, b.body);
      b.body = substitute(b.body, map);
      branches.push_back(std::move(b));
    }
    return maximum(std::move(branches));
  }
  default:
    return form(a); // has nothing inside
  }
}

/// Truth values of the first term that has some, one after the other.
Form Algebra::split(Form n, const std::function<Form(Form)> &f) {
  for (const auto &[m, c] : n->terms)
    for (const auto &[a, e] : m->factors)
      if (a->isTruth()) {
        if (!spend())
          return number(0);
        axioms.set(size_t(Axiom::TruthCases));
        Form b = form(a);
        Form ifTrue = split(substitute(n, {{a, number(1)}}), f);
        Form ifFalse = split(substitute(n, {{a, number(0)}}), f);
        return add(multiply(b, ifTrue), multiply(subtract(number(1), b), ifFalse));
      }
  return f(n);
}

} // namespace tern::prover
