// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>

namespace tern::prover {

using law::Property;

/// Of a product if both are factors, of a sum if both are summands and one of them is not 0.
static Sign both(Sign a, Sign b) { return std::min(a, b); }

bool Need::operator<(const Need &other) const {
  auto rest = [](const Need &n) { return std::tie(n.kind, n.extents, n.guard); };
  if (rest(*this) != rest(other))
    return rest(*this) < rest(other);
  return compare(form, other.form) < 0;
}

//===- Signs --------------------------------------------------------------===//

Sign Algebra::signOf(Atom a, Rational e) {
  Sign sign = Sign::Unknown;
  switch (a->kind) {
  case AtomKind::Exp:
  case AtomKind::Pi:
    return Sign::Positive;
  case AtomKind::Cis:
  case AtomKind::Imaginary:
  case AtomKind::MinusInfinity:
    return Sign::Unknown;
  case AtomKind::Size:
    sign = isPositive(form(a)) ? Sign::Positive : Sign::NonNegative;
    break;
  case AtomKind::Index:
  case AtomKind::Bound:
    sign = Sign::NonNegative;
    break;
  case AtomKind::Truth:
  case AtomKind::Positive:
  case AtomKind::Zero:
    sign = std::find(given.begin(), given.end(), a) != given.end() ? Sign::Positive
                                                                   : Sign::NonNegative;
    break;
  case AtomKind::Element:
    if (has(Property::Positive, a->number) || has(Property::PowerOfTwo, a->number))
      sign = Sign::Positive;
    else if (has(Property::NonNegative, a->number) ||
             law.variables[a->number].kind == law::Kind::Integer)
      sign = Sign::NonNegative;
    break;
  case AtomKind::Base:
    sign = signOf(a->forms[0]);
    break;
  case AtomKind::Sum:
    sign = signOfSum(a);
    break;
  case AtomKind::Maximum:
    sign = signOfMaximum(a);
    break;
  case AtomKind::Function:
    break;
  }
  if (sign == Sign::Unknown && (e.isEven() || e.denominator() % 2 == 0))
    sign = Sign::NonNegative; // a square, or a root, which is only defined where it is
  if (e < 0 && sign == Sign::NonNegative)
    sign = Sign::Positive; // as it is defined
  return sign;
}

Sign Algebra::signOf(Monomial m) {
  Sign sign = Sign::Positive;
  for (const auto &[a, e] : m->factors)
    if (sign != Sign::Unknown)
      sign = both(sign, signOf(a, e));
  return sign;
}

Sign Algebra::signOf(Form f) {
  if (f->isZero())
    return Sign::NonNegative;
  Sign least = Sign::Positive;
  bool isPositive = false;
  for (const auto &[m, c] : f->terms) {
    Sign sign = c > 0 ? signOf(m) : Sign::Unknown;
    least = both(least, sign);
    isPositive |= sign == Sign::Positive;
  }
  return least != Sign::Unknown && isPositive ? Sign::Positive : least;
}

Sign Algebra::signOfSum(Atom a) {
  const Branch &branch = a->branches[0];
  Sign sign = signOfSummand(a);
  bool isFull = std::all_of(branch.extents.begin(), branch.extents.end(),
                            [&](Dim d) { return isNonEmpty(d); });
  if (sign == Sign::Positive && !isFull)
    sign = Sign::NonNegative;
  if (sign != Sign::NonNegative)
    return sign;
  // A witness: the term at an index in scope is positive, and all others are not below 0.
  Form body;
  std::vector<Atom> variables = open(branch, body);
  std::vector<Atom> scope = a->free;
  for (Atom truth : given)
    scope.insert(scope.end(), truth->free.begin(), truth->free.end());
  std::vector<Map> choices = {{}};
  for (Atom v : variables) {
    std::vector<Map> longer;
    for (const Map &map : choices)
      for (Atom u : scope)
        if (u->extent == v->extent && longer.size() < 64) {
          longer.push_back(map);
          longer.back().push_back({v, form(u)});
        }
    choices = std::move(longer);
  }
  for (const Map &map : choices)
    if (signOf(substitute(body, map)) == Sign::Positive)
      return Sign::Positive;
  return sign;
}

/// Positive also if a mask that every row has an entry of is the only factor that may be 0.
Sign Algebra::signOfSummand(Atom a) {
  Sign sign = Sign::Positive;
  unsigned masks = 0;
  bool hasOne = false;
  for (const auto &[b, e] : a->branches[0].body->terms[0].first->factors) {
    Sign s = signOf(b, e);
    if (s == Sign::NonNegative && b->isTruth()) {
      ++masks;
      hasOne = hasEntry(b, a) || hasLeader(b, a);
    } else {
      sign = both(sign, s);
    }
  }
  if (masks > 0 && sign == Sign::Positive && !(masks == 1 && hasOne))
    return Sign::NonNegative;
  return sign;
}

/// (some m s): each row has an entry. The row is bound, and whole.
bool Algebra::hasEntry(Atom flag, Atom sum) {
  const law::Fact *some =
      flag->kind == AtomKind::Truth ? law.find(Property::Some, flag->number) : nullptr;
  if (!some)
    return false;
  const law::Letters &letters = law.variables[flag->number].letters;
  std::vector<Atom> seen;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (std::find(some->along.begin(), some->along.end(), letters[i]) == some->along.end())
      continue;
    Atom b = flag->forms[i]->atom();
    if (!b || b->kind != AtomKind::Bound || b->height != sum->branches[0].height ||
        !isEqual(b->extent, letters[i]) || std::find(seen.begin(), seen.end(), b) != seen.end())
      return false;
    seen.push_back(b);
  }
  return true;
}

/// [k > rank(b)] with k >= 1, where rank(b) is the number of entries above y(b) or equal to it and
/// before it: rows that are not empty have an entry of rank 0.
bool Algebra::hasLeader(Atom flag, Atom sumAtom) {
  const Branch &rows = sumAtom->branches[0];
  if (flag->kind != AtomKind::Positive || rows.extents.size() != 1)
    return false;
  Form b = form(bound(rows.height, 0, rows.extents[0]));
  Atom own = fresh(rows.extents[0]);
  Form difference = substitute(flag->forms[0], {{b->atom(), form(own)}}); // k - rank(own)
  for (const auto &[m, c] : difference->terms) {
    Atom s = m->factors.size() == 1 && c == -1 ? m->factors[0].first : nullptr;
    if (!s || s->kind != AtomKind::Sum || s->branches[0].extents != rows.extents)
      continue;
    Form body;
    Atom other = open(s->branches[0], body)[0];
    Atom above = body->atom();
    if (!above || above->kind != AtomKind::Positive)
      continue;
    std::vector<Form> parts; // of y(other) - y(own)
    for (const auto &[n, d] : above->forms[0]->terms)
      if (contains(n->free, other))
        parts.push_back(form(n, d));
    Form y = sum(parts), mine = substitute(y, {{other, form(own)}});
    if (subtract(y, mine) != above->forms[0])
      continue;
    Form before = positive(subtract(form(own), form(other)));
    Form rank =
        sum({other}, add(positive(subtract(y, mine)), multiply(zero(subtract(y, mine)), before)));
    Form k = add(difference, rank);
    if (!contains(k->free, own) && isPositive(k)) {
      axioms.set(size_t(Axiom::TopkEntry));
      return true;
    }
  }
  return false;
}

Sign Algebra::signOfMaximum(Atom a) {
  Sign most = Sign::Unknown;
  for (const Branch &branch : a->branches)
    if (branch.extents.empty())
      most = std::max(most, signOf(branch.body));
  if (most != Sign::Unknown || a->branches.size() != 2)
    return most;
  const Branch &x = a->branches[0], &y = a->branches[1];
  bool isAbsolute = x.extents.empty() && y.extents.empty() && add(x.body, y.body)->isZero();
  return isAbsolute ? Sign::NonNegative : Sign::Unknown;
}

bool Algebra::isNonZero(Form f) {
  if (signOf(f) == Sign::Positive || signOf(negate(f)) == Sign::Positive)
    return true;
  const auto *term = f->single();
  return term &&
         std::all_of(term->first->factors.begin(), term->first->factors.end(),
                     [&](const Factor &factor) {
                       auto [a, e] = factor;
                       return e < 0 || a->kind == AtomKind::Cis || signOf(a, e) == Sign::Positive ||
                              (a->kind == AtomKind::Element && has(Property::NonZero, a->number));
                     });
}

//===- Where terms are defined --------------------------------------------===//

void Algebra::need(Need::Kind kind, Form f) {
  if ((kind == Need::Kind::NonZero && isNonZero(f)) ||
      (kind == Need::Kind::Positive && signOf(f) == Sign::Positive) ||
      (kind == Need::Kind::NonNegative && signOf(f) != Sign::Unknown))
    return;
  if (f->isConstant()) {
    refuse("a side is defined nowhere");
    return;
  }
  const auto *term = f->single();
  if (!term || kind != Need::Kind::NonZero) {
    Form rest = content(f, [&](Atom a, Rational) {
                  return signOf(a) == Sign::Positive || kind == Need::Kind::NonZero;
                }).rest;
    note(needs, kind, rest, true);
    return;
  }
  for (const auto &[a, e] : term->first->factors)
    if (!isNonZero(valueOf(a)))
      note(needs, kind, valueOf(a), true);
}

/// What has to hold within sums is asked for only where their ranges are not empty.
void Algebra::note(std::set<Need> &into, Need::Kind kind, Form f, bool isGuarded) {
  std::vector<Atom> inner;
  for (Atom v : f->free)
    if (!contains(outer, v))
      inner.push_back(v);
  Branch closed = close(inner, f);
  if (kind == Need::Kind::NonZero) {
    Branch opposite = close(inner, negate(f));
    if (compare(opposite.body, closed.body) < 0)
      closed = opposite;
  }
  std::vector<Dim> all = active;
  active.resize(std::min(active.size(), outer.size()));
  std::set<Dim> guard;
  for (size_t i = outer.size(); i < all.size() && isGuarded; ++i)
    if (std::find(closed.extents.begin(), closed.extents.end(), all[i]) == closed.extents.end() &&
        !isNonEmpty(all[i]))
      guard.insert(all[i]);
  active = std::move(all);
  into.insert({kind, closed.extents, closed.body, std::move(guard)});
}

/// 1/0 counts as 0, so factors pass sums over empty ranges freely; but a/a = 1 has to be earned.
void Algebra::cancel(Atom a) {
  if (a->kind == AtomKind::Exp || a->kind == AtomKind::Cis || a->kind == AtomKind::Imaginary ||
      isNonZero(valueOf(a)))
    return;
  note(cancels, Need::Kind::NonZero, valueOf(a), false);
}

} // namespace tern::prover
