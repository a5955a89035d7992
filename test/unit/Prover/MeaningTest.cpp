// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Meaning.h"

#include "passes/Saturate/Prover/Real.h"
#include "passes/Saturate/Trial/Instance.h"
#include "test/unit/Prover/Mutate.h"
#include "test/unit/Prover/Rules.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <numbers>

namespace tern::prover {
namespace {

using Number = std::complex<double>;

/// The value of a normal form at sizes, elements and positions that are numbers.
class FormValue {
public:
  explicit FormValue(const trial::Instance &instance) : instance(instance) {}
  std::map<Atom, int64_t> indices;

  Number of(Form f) {
    Number sum = 0, infinite = 0; // the factor of -inf is what chooses it
    for (const auto &[m, c] : f->terms) {
      Number product = c.toDouble();
      bool isInfinite = false;
      for (const auto &[a, e] : m->factors)
        if (a->kind == AtomKind::MinusInfinity)
          isInfinite = true;
        else
          product *= power(a, e);
      (isInfinite ? infinite : sum) += product;
    }
    return infinite == 0.0 ? sum : -infinite.real() * std::numeric_limits<double>::infinity();
  }

private:
  int64_t extent(Dim d) const { return instance.sizes[d]; }

  /// 1/0 counts as 0.
  Number power(Atom a, Rational e) {
    if (a->kind == AtomKind::Exp)
      return std::exp(e.toDouble() * of(a->forms[0]));
    if (a->kind == AtomKind::Cis)
      return std::exp(Number(0, e.toDouble()) * of(a->forms[0]));
    Number x = value(a);
    if (e == 1 || (x == 0.0 && e < 0))
      return e == 1 ? x : 0.0;
    return e.isWhole() ? std::pow(x, int(e.numerator())) : std::pow(x, e.toDouble());
  }

  Number value(Atom a) {
    switch (a->kind) {
    case AtomKind::Size:
      return double(extent(a->number));
    case AtomKind::Index:
      return double(indices.at(a));
    case AtomKind::Bound:
      return double(bound[{a->height, a->number}]);
    case AtomKind::Element:
    case AtomKind::Truth: {
      const trial::Tensor<double> &x = instance.tensors[a->number];
      int64_t place = 0;
      for (size_t i = 0; i < a->forms.size(); ++i) {
        int64_t index = std::llround(of(a->forms[i]).real());
        if (index < 0 || index >= x.shape[i]) // and a truth value beside it is 0
          return 0;
        place = place * x.shape[i] + index;
      }
      return x.values.at(size_t(place));
    }
    case AtomKind::Imaginary:
      return {0, 1};
    case AtomKind::Pi:
      return std::numbers::pi;
    case AtomKind::Base:
      return of(a->forms[0]);
    case AtomKind::Positive:
      return of(a->forms[0]).real() > 0;
    case AtomKind::Zero:
      return of(a->forms[0]).real() == 0;
    case AtomKind::Function:
      return function(a);
    case AtomKind::Sum: {
      Number sum = 0;
      each(a->branches[0], 0, [&] { sum += of(a->branches[0].body); });
      return sum;
    }
    default: { // maximum
      double most = -std::numeric_limits<double>::infinity();
      for (const Branch &branch : a->branches)
        each(branch, 0, [&] { most = std::max(most, of(branch.body).real()); });
      return most;
    }
    }
  }

  void each(const Branch &branch, size_t place, const std::function<void()> &body) {
    if (place == branch.extents.size())
      return body();
    for (int64_t i = 0; i < extent(branch.extents[place]); ++i) {
      bound[{branch.height, unsigned(place)}] = i;
      each(branch, place + 1, body);
    }
  }

  Number function(Atom a) {
    Number z = of(a->forms[0]);
    double x = z.real();
    double y = a->forms.size() > 1 ? of(a->forms[1]).real() : 0;
    switch (a->number) {
    case Log: // counts as 0 where it is not defined, as 1/0 does
      if (std::fabs(z.imag()) > 1e-9 * std::abs(z))
        return std::log(z); // of sines, which are exponentials here
      return x > 0 ? std::log(x) : 0;
    case Erf:
      return std::erf(x);
    case Rnd:
      return trial::roundToBfloat(float(x));
    case Rint:
      return std::nearbyint(x);
    case Pow:
      return std::pow(x, y);
    default: {
      const trial::Function *f = instance.functions[a->number - FirstVariable];
      if (!f) // a cast: the types of instances hold all their numbers
        return x;
      return a->forms.size() > 1 ? f->two(x, y) : f->one(x);
    }
    }
  }

  const trial::Instance &instance;
  std::map<std::pair<unsigned, unsigned>, int64_t> bound;
};

/// Compares at one position of each piece. Returns how many there were.
size_t compareAt(const law::Law &law, const trial::Instance &instance, trial::Random &random) {
  trial::Evaluator<double> evaluator(law, instance);
  trial::Tensor<double> expected = evaluator.evaluate(law.lhs);
  if (!evaluator.error.empty())
    return 0;
  Algebra algebra(law);
  Real real(algebra);
  size_t compared = 0;
  for (const std::vector<Piece> &position : algebra.domains(law.lhs.letters)) {
    FormValue value(instance);
    Indices at;
    bool isEmpty = false;
    algebra.outer.clear();
    algebra.active.clear();
    for (const Piece &piece : position) {
      at.push_back(piece.index);
      for (Atom v : piece.variables) {
        algebra.outer.push_back(v);
        algebra.active.push_back(v->extent);
        auto size = uint64_t(instance.sizes[v->extent]);
        isEmpty |= size == 0;
        value.indices[v] = int64_t(size ? random.below(size) : 0);
      }
    }
    std::sort(algebra.outer.begin(), algebra.outer.end(), Before());
    Form form = Meaning<Real>(algebra, real).value(law.lhs, at);
    if (algebra.isRefused())
      return 0;
    if (isEmpty)
      continue;
    int64_t place = 0;
    for (size_t i = 0; i < at.size(); ++i)
      place = place * expected.shape[i] + std::llround(value.of(at[i]).real());
    double wanted = expected.values.at(size_t(place)), found = value.of(form).real();
    if (!std::isfinite(wanted) || std::fabs(wanted) > 1e6) // undefined, or without digits
      continue;
    EXPECT_NEAR(found, wanted, 1e-6 * (1 + std::fabs(wanted)))
        << law.place() << print(law, law.lhs) << "\n  " << print(law, form);
    ++compared;
  }
  return compared;
}

/// Normal forms have the values of their terms, here those of laws with random changes.
TEST(Meaning, FormsHaveTheValuesOfTerms) {
  std::mt19937_64 random(7);
  trial::Random numbers(7);
  size_t compared = 0;
  for (int i = 0; i < 3000; ++i) {
    const law::Law &law = shippedLaws()[random() % shippedLaws().size()];
    std::optional<law::Law> changed = mutate(law, random);
    if (!changed)
      continue;
    if (i % 2)
      std::swap(changed->lhs, changed->rhs);
    if (auto instance = trial::randomInstance(*changed, numbers))
      compared += compareAt(*changed, *instance, numbers);
  }
  EXPECT_GT(compared, 500u);
}

} // namespace
} // namespace tern::prover
