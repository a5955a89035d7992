// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Algebra.h"

#include <algorithm>
#include <numeric>

namespace tern::prover {

static constexpr int64_t kHighestPower = 16, kLargestPrime = 1000000;

//===- Content ------------------------------------------------------------===//

/// The greatest common factor of a rational and the coefficients of f.
Rational Algebra::factorOf(Rational common, Form f) const {
  for (const auto &[m, c] : f->terms) {
    Rational size = c < 0 ? -c : c;
    if (common == 0) {
      common = size;
    } else {
      int64_t bottom = common.denominator() / std::gcd(common.denominator(), size.denominator());
      common = Rational(std::gcd(common.numerator(), size.numerator())) /
               (Rational(bottom) * size.denominator());
    }
  }
  return common;
}

/// The least exponent of each atom over all terms of all forms, if it is not 0. Sorted.
std::vector<Factor> Algebra::commonFactors(const std::vector<Form> &all) {
  std::map<Atom, std::pair<Rational, size_t>, Before> least; // and how many terms have the atom
  size_t count = 0;
  for (Form f : all)
    for (const auto &[m, c] : f->terms) {
      ++count;
      for (const auto &[a, e] : m->factors) {
        auto [known, isNew] = least.insert({a, {e, 0}});
        known->second.first = std::min(known->second.first, e);
        ++known->second.second;
      }
    }
  std::vector<Factor> common;
  for (const auto &[a, found] : least) {
    Rational e = found.second < count ? std::min(found.first, Rational(0)) : found.first;
    if (e != 0 && !a->isTruth())
      common.push_back({a, e});
  }
  return common;
}

/// A negative power that leaves terms which do not all have it multiplies the others.
void Algebra::cancelUneven(const std::vector<Factor> &leaving, const std::vector<Form> &all) {
  for (const Factor &factor : leaving)
    for (Form f : all)
      for (const auto &[m, c] : f->terms)
        if (factor.second < 0 &&
            std::find(m->factors.begin(), m->factors.end(), factor) == m->factors.end())
          cancel(factor.first);
}

Algebra::Content Algebra::content(Form f, const std::function<bool(Atom, Rational)> &mayLeave) {
  Content found{factorOf(0, f), commonFactors({f}), f};
  std::erase_if(found.monomial,
                [&](const Factor &factor) { return !mayLeave(factor.first, factor.second); });
  cancelUneven(found.monomial, {f});
  found.rest = divide(f, found.monomial);
  if (found.factor != 0)
    found.rest = scale(found.rest, Rational(1) / found.factor);
  return found;
}

//===- Powers -------------------------------------------------------------===//

Form Algebra::power(Form f, Rational p, bool needs) {
  if (p == 1)
    return f;
  if (p.isWhole() && p > 0) {
    if (p > kHighestPower && !f->single())
      return refuse("a power is too high");
    Form result = f;
    for (int64_t i = 1; i < p.numerator() && spend(); ++i)
      result = multiply(result, f);
    return result;
  }
  return split(f, [&](Form part) { return powerOfPlain(part, p, needs); });
}

Form Algebra::product(const std::vector<Factor> &factors) {
  Form result = number(1);
  for (const Factor &factor : factors)
    result = multiply(result, tidy({factor}, 1));
  return result;
}

/// Of a form without truth values outside sums.
Form Algebra::powerOfPlain(Form f, Rational p, bool needs) {
  if (!spend())
    return number(0);
  if (needs && p < 0)
    need(Need::Kind::NonZero, f);
  if (needs && p.denominator() % 2 == 0)
    need(Need::Kind::NonNegative, f);
  if (f->isZero())
    return p > 0 ? f : refuse("division by zero");
  if (f->single())
    return powerOfTerm(f, p);
  axioms.set(size_t(Axiom::PowerProduct));
  Content c =
      content(f, [&](Atom a, Rational) { return p.isWhole() || signOf(a) != Sign::Unknown; });
  if (p.isWhole() && c.rest->terms[0].second < 0) {
    c.rest = negate(c.rest);
    c.factor = -c.factor;
  }
  for (Factor &factor : c.monomial)
    factor.second = factor.second * p;
  Form result = multiply(rootOf(c.factor, p), product(c.monomial));
  if (c.rest->single())
    return multiply(result, powerOfPlain(c.rest, p, false));
  return multiply(result, tidy({{atom({AtomKind::Base, 0, 0, 0, {c.rest}}), p}}, 1));
}

/// Of one term: factor by factor, those of a fractional power only if they are known not to be
/// below 0. (a^2)^(1/2) is |a|.
Form Algebra::powerOfTerm(Form f, Rational p) {
  const auto &[m, c] = *f->single();
  if (m->factors.size() > 1)
    axioms.set(size_t(Axiom::PowerProduct));
  Form result = rootOf(c, p);
  std::vector<Factor> rest;
  for (const auto &[a, e] : m->factors) {
    bool isEven =
        !p.isWhole() && signOf(a) == Sign::Unknown && e.isEven() && signOf(a, e) != Sign::Unknown;
    if (isEven)
      result = multiply(result, power(maximum(valueOf(a), negate(valueOf(a))), e * p, false));
    else if (p.isWhole() || signOf(a, e) != Sign::Unknown)
      result = multiply(result, tidy({{a, e * p}}, 1));
    else
      rest.push_back({a, e});
  }
  if (rest.empty())
    return result;
  Form base = form(monomial(std::move(rest)));
  return multiply(result, form(atom({AtomKind::Base, 0, 0, 0, {base}}), p));
}

/// By prime factors.
Form Algebra::rootOf(Rational value, Rational p) {
  if (p.isWhole()) {
    Form result = number(1);
    int64_t count = p.numerator() < 0 ? -p.numerator() : p.numerator();
    for (int64_t i = 0; i < count && spend(); ++i)
      result = scale(result, p < 0 ? Rational(1) / value : value);
    return result;
  }
  if (value < 0)
    return refuse("a root of a negative number");
  Form result = number(1);
  auto multiplyRoots = [&](int64_t n, Rational exponent) {
    for (int64_t prime = 2; n > 1 && spend(0); ++prime) {
      if (prime > kLargestPrime) {
        refuse("a root of a number with large primes");
        return;
      }
      while (n % prime == 0) {
        n /= prime;
        Atom base = atom({AtomKind::Base, 0, 0, 0, {number(prime)}});
        result = multiply(result, tidy({{base, exponent}}, 1));
      }
    }
  };
  multiplyRoots(value.numerator(), p);
  multiplyRoots(value.denominator(), -p);
  return result;
}

//===- Exponentials -------------------------------------------------------===//

Form Algebra::exp(Form f) {
  return split(f, [&](Form part) { return expOf(part); });
}

Form Algebra::expOf(Form f) {
  Form result = number(1);
  for (const auto &[m, c] : f->terms) {
    Atom only = m->factors.size() == 1 && m->factors[0].second == 1 ? m->factors[0].first : nullptr;
    bool isInfinite = std::any_of(m->factors.begin(), m->factors.end(), [](const Factor &factor) {
      return factor.first->kind == AtomKind::MinusInfinity;
    });
    if (isInfinite)
      return only && c > 0 ? number(0) : refuse("an infinity of unknown sign");
    if (only && only->kind == AtomKind::Function && only->number == Log) {
      axioms.set(size_t(Axiom::ExpLog));
      result = multiply(result, power(only->forms[0], c, false));
    } else {
      axioms.set(size_t(Axiom::ExpSum));
      result = multiply(result, form(atom({AtomKind::Exp, 0, 0, 0, {form(m)}}), c));
    }
  }
  return result;
}

Form Algebra::cis(Form f) {
  return split(f, [&](Form part) {
    axioms.set(size_t(Axiom::CisSum));
    Form result = number(1);
    for (const auto &[m, c] : part->terms)
      result = multiply(result, form(atom({AtomKind::Cis, 0, 0, 0, {form(m)}}), c));
    return result;
  });
}

Form Algebra::cos(Form f) { return scale(add(cis(f), cis(negate(f))), Rational(1, 2)); }

Form Algebra::sin(Form f) {
  Form i = form(atom({AtomKind::Imaginary, 0, 0, 0}));
  return multiply(scale(subtract(cis(f), cis(negate(f))), Rational(-1, 2)), i);
}

//===- Logarithms ---------------------------------------------------------===//

Form Algebra::log(Form f) {
  return split(f, [&](Form part) { return logOf(part); });
}

Form Algebra::logOf(Form f) {
  need(Need::Kind::Positive, f);
  if (isRefused())
    return f;
  Content c = content(f, [&](Atom a, Rational) { return signOf(a) == Sign::Positive; });
  std::vector<Form> parts;
  for (const auto &[a, e] : c.monomial) {
    axioms.set(size_t(Axiom::LogProduct));
    parts.push_back(scale(a->kind == AtomKind::Exp ? a->forms[0] : apply(Log, {valueOf(a)}), e));
  }
  if (c.factor != 1)
    parts.push_back(apply(Log, {number(c.factor)}));
  const auto *term = c.rest->single();
  if (term && term->second == 1 && term->first->factors.size() == 1) {
    auto [a, e] = term->first->factors[0];
    parts.push_back(scale(apply(Log, {valueOf(a)}), e));
  } else if (c.rest != number(1)) {
    parts.push_back(apply(Log, {c.rest}));
  }
  return sum(parts);
}

} // namespace tern::prover
