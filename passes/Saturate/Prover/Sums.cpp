// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>

namespace tern::prover {

/// Orders of bound indices of one extent that are tried: 6!.
static constexpr size_t kMostAlike = 6;

static bool isAmong(const std::vector<Atom> &variables, Atom v) {
  return std::find(variables.begin(), variables.end(), v) != variables.end();
}

static bool hasAny(const std::vector<Atom> &variables, const std::vector<Atom> &free) {
  return std::any_of(free.begin(), free.end(), [&](Atom v) { return isAmong(variables, v); });
}

static std::vector<Atom> without(std::vector<Atom> variables, Atom v) {
  std::erase(variables, v);
  return variables;
}

//===- Bound indices ------------------------------------------------------===//

/// The body under fresh names.
std::vector<Atom> Algebra::open(const Branch &branch, Form &body) {
  std::vector<Atom> variables;
  Map map;
  for (unsigned place = 0; place < branch.extents.size(); ++place) {
    variables.push_back(fresh(branch.extents[place]));
    map.push_back({bound(branch.height, place, branch.extents[place]), form(variables.back())});
  }
  body = substitute(branch.body, map);
  return variables;
}

/// Names that depend on structure alone: the height makes them different from all inside, and of
/// all orders of indices of equal extents the one with the least form is taken.
Branch Algebra::close(std::vector<Atom> variables, Form body) {
  std::sort(variables.begin(), variables.end(), [](Atom a, Atom b) {
    return std::pair(a->extent, a->number) < std::pair(b->extent, b->number);
  });
  Branch best;
  best.height = 1 + body->tallest;
  for (Atom v : variables)
    best.extents.push_back(v->extent);
  std::vector<size_t> order(variables.size());
  for (size_t i = 0, first = 0; i < order.size(); ++i) {
    order[i] = i;
    if (best.extents[i] != best.extents[first])
      first = i;
    if (i - first >= kMostAlike) {
      refuse("a sum has more than 6 indices of one extent");
      best.body = body;
      return best;
    }
  }
  // All orders that keep the extents, each run of equal ones by itself.
  auto next = [&] {
    for (size_t first = 0; first < order.size();) {
      size_t last = first;
      while (last < order.size() && best.extents[last] == best.extents[first])
        ++last;
      if (std::next_permutation(order.begin() + first, order.begin() + last))
        return true;
      first = last;
    }
    return false;
  };
  do {
    Map map;
    for (unsigned place = 0; place < order.size(); ++place)
      map.push_back(
          {variables[order[place]], form(bound(best.height, place, best.extents[place]))});
    Form named = substitute(body, map);
    if (!best.body || compare(named, best.body) < 0)
      best.body = named;
  } while (next() && spend());
  return best;
}

//===- Sums ---------------------------------------------------------------===//

Form Algebra::sum(const std::vector<Atom> &variables, Form body) {
  std::vector<Form> parts;
  for (const auto &[m, c] : body->terms)
    parts.push_back(scale(sumOf(variables, m), c));
  return sum(parts);
}

Form Algebra::sumOf(const std::vector<Atom> &variables, Monomial m) {
  if (!spend())
    return number(0);
  if (auto f = eliminate(variables, m))
    return *f;
  if (auto f = replaceData(variables, m))
    return *f;
  if (auto f = changeVariable(variables, m))
    return *f;
  if (auto f = join(variables, m))
    return *f;
  return separate(variables, m);
}

/// The factors of m but for `a`.
static std::vector<Factor> others(Monomial m, Atom a) {
  std::vector<Factor> rest;
  for (const Factor &factor : m->factors)
    if (factor.first != a)
      rest.push_back(factor);
  return rest;
}

/// Sum over v of [v = x] f(v) is [0 <= x < extent] f(x).
std::optional<Form> Algebra::eliminate(const std::vector<Atom> &variables, Monomial m) {
  for (const auto &[a, e] : m->factors) {
    if (a->kind != AtomKind::Zero || !isIntegral(a->forms[0]))
      continue;
    for (Atom v : variables)
      for (const auto &[k, c] : a->forms[0]->terms) {
        if (k->factors.size() != 1 || k->factors[0] != Factor(v, 1) || (c != 1 && c != -1))
          continue;
        Form x = scale(subtract(a->forms[0], form(k, c)), -c);
        if (contains(x->free, v))
          continue;
        axioms.set(size_t(Axiom::SumDelta));
        Form f = substitute(form(monomial(others(m, a))), {{v, x}}), extent = size(v->extent);
        if (!isBelow(x, extent))
          f = multiply(
              {f, subtract(number(1), positive(negate(x))), positive(subtract(extent, x))});
        return sum(without(variables, v), f);
      }
  }
  return std::nullopt;
}

/// [A = x] f(A) is [A = x] f(x), where A is an element of integer data.
std::optional<Form> Algebra::replaceData(const std::vector<Atom> &variables, Monomial m) {
  for (const auto &[a, e] : m->factors) {
    if (a->kind != AtomKind::Zero || !isIntegral(a->forms[0]))
      continue;
    for (const auto &[k, c] : a->forms[0]->terms) {
      if (k->factors.size() != 1 || k->factors[0].second != 1 || (c != 1 && c != -1) ||
          k->factors[0].first->kind != AtomKind::Element)
        continue;
      Map map = {{k->factors[0].first, scale(subtract(a->forms[0], form(k, c)), -c)}};
      Form rest = form(monomial(others(m, a)));
      if (!touches(rest, map) || touches(map[0].second, map))
        continue;
      axioms.set(size_t(Axiom::SumDelta));
      return sum(variables, multiply(substitute(rest, map), form(a)));
    }
  }
  return std::nullopt;
}

/// An element b[v] of a bijection inside, all of whose places v ranges over.
Atom Algebra::findBijection(Atom a, Atom v) {
  if (!contains(a->free, v))
    return nullptr;
  if (a->kind == AtomKind::Element && has(law::Property::Bijective, a->number)) {
    const law::Variable &b = law.variables[a->number];
    if (a->forms.size() == 1 && a->forms[0]->atom() == v && isEqual(v->extent, b.letters[0]) &&
        isEqual(v->extent, b.bound))
      return a;
  }
  for (Form f : a->forms)
    if (Atom found = findBijection(f, v))
      return found;
  for (const Branch &branch : a->branches)
    if (Atom found = findBijection(branch.body, v))
      return found;
  return nullptr;
}

Atom Algebra::findBijection(Form f, Atom v) {
  for (const auto &[m, c] : f->terms)
    for (const auto &[a, e] : m->factors)
      if (Atom found = findBijection(a, v))
        return found;
  return nullptr;
}

/// Sum over v of f(b(v)) is sum over u of f(u), if all of v is within b(v).
std::optional<Form> Algebra::changeVariable(const std::vector<Atom> &variables, Monomial m) {
  for (Atom v : variables) {
    Form body = form(m);
    Atom b = findBijection(body, v);
    if (!b)
      continue;
    Atom u = fresh(v->extent);
    Form f = substitute(body, {{b, form(u)}});
    if (contains(f->free, v))
      continue;
    axioms.set(size_t(Axiom::SumBijection));
    std::vector<Atom> changed = without(variables, v);
    changed.push_back(u);
    return sum(changed, f);
  }
  return std::nullopt;
}

/// A sum inside that depends on an index of this one becomes part of it.
std::optional<Form> Algebra::join(const std::vector<Atom> &variables, Monomial m) {
  for (const auto &[a, e] : m->factors) {
    if (a->kind != AtomKind::Sum || !e.isWhole() || e < 0 || !hasAny(variables, a->free))
      continue;
    axioms.set(size_t(Axiom::SumExchange));
    std::vector<Factor> rest = m->factors;
    for (Factor &factor : rest)
      if (factor.first == a)
        factor.second = e - 1;
    std::erase_if(rest, [](const Factor &factor) { return factor.second == 0; });
    Form body;
    std::vector<Atom> all = open(a->branches[0], body);
    all.insert(all.begin(), variables.begin(), variables.end());
    return sum(all, multiply(form(monomial(std::move(rest))), body));
  }
  return std::nullopt;
}

/// What is free of the bound indices leaves; of the rest each connected part is a sum of its own.
Form Algebra::separate(const std::vector<Atom> &variables, Monomial m) {
  struct Part {
    std::vector<Atom> variables;
    std::vector<Factor> factors;
  };
  std::vector<Part> parts;
  for (Atom v : variables)
    parts.push_back({{v}, {}});
  std::vector<Factor> outside;
  for (const Factor &factor : m->factors) {
    std::vector<Part> apart;
    Part joined;
    for (Part &part : parts) {
      if (!hasAny(part.variables, factor.first->free)) {
        apart.push_back(std::move(part));
        continue;
      }
      joined.variables.insert(joined.variables.end(), part.variables.begin(), part.variables.end());
      joined.factors.insert(joined.factors.end(), part.factors.begin(), part.factors.end());
    }
    (joined.variables.empty() ? outside : joined.factors).push_back(factor);
    if (!joined.variables.empty())
      apart.push_back(std::move(joined));
    parts = std::move(apart);
  }
  if (!outside.empty() || parts.size() > 1)
    axioms.set(size_t(Axiom::SumSplit));
  Form product = form(monomial(std::move(outside)));
  for (Part &part : parts) {
    if (part.factors.empty()) {
      for (Atom v : part.variables)
        product = multiply(product, size(v->extent));
      continue;
    }
    std::sort(part.factors.begin(), part.factors.end(),
              [](const Factor &a, const Factor &b) { return compare(a.first, b.first) < 0; });
    Branch branch = close(part.variables, form(monomial(std::move(part.factors))));
    const auto *term = branch.body->single();
    if (!term)
      return refuse("the body of a sum is no single term");
    Rational c = term->second;
    branch.body = form(term->first);
    product =
        multiply(product, scale(form(atom({AtomKind::Sum, 0, 0, 0, {}, {std::move(branch)}})), c));
  }
  return orthogonal(product);
}

//===- Orthogonal matrices ------------------------------------------------===//

Form Algebra::orthogonal(Form f) {
  for (const auto &[m, c] : f->terms)
    for (const auto &[a, e] : m->factors) {
      if (a->kind != AtomKind::Sum || e != 1)
        continue;
      auto inner = orthogonalSum(a);
      if (!inner)
        continue;
      axioms.set(size_t(Axiom::Orthogonal));
      Form rest = scale(form(monomial(others(m, a))), c);
      return orthogonal(add(subtract(f, form(m, c)), multiply(rest, *inner)));
    }
  return f;
}

/// Sum over j of q[k,j] q[l,j] is [k = l], if j ranges over a whole side.
std::optional<Form> Algebra::orthogonalSum(Atom sumAtom) {
  Form body;
  std::vector<Atom> variables = open(sumAtom->branches[0], body);
  const auto *term = body->single();
  if (!term)
    return std::nullopt;
  std::vector<Atom> matrices; // as often as they are factors
  for (const auto &[a, e] : term->first->factors)
    if (a->kind == AtomKind::Element && has(law::Property::Orthogonal, a->number) && e > 0)
      matrices.insert(matrices.end(), e >= 2 ? 2 : 1, a);
  for (size_t i = 0; i < matrices.size(); ++i)
    for (size_t j = i + 1; j < matrices.size(); ++j)
      for (size_t side : {0, 1}) {
        Atom p = matrices[i], q = matrices[j], v = p->forms[side]->atom();
        if (p->number != q->number || !v || !isAmong(variables, v) ||
            q->forms[side] != p->forms[side] ||
            !isEqual(v->extent, law.variables[p->number].letters[side]))
          continue;
        std::vector<Factor> factors = term->first->factors;
        for (Factor &factor : factors)
          factor.second = factor.second - int(factor.first == p) - int(factor.first == q);
        std::erase_if(factors, [](const Factor &factor) { return factor.second == 0; });
        Form rest = form(monomial(std::move(factors)), term->second);
        if (contains(rest->free, v))
          continue;
        Form equal = zero(subtract(p->forms[1 - side], q->forms[1 - side]));
        return sum(without(variables, v), multiply(rest, equal));
      }
  return std::nullopt;
}

} // namespace tern::prover
