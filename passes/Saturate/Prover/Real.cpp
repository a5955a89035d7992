// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Real.h"

#include <algorithm>

namespace tern::prover {

using law::Op;

Form Real::constant(AtomKind kind) { return algebra.form(algebra.atom({kind, 0, 0, 0})); }

Form Real::element(unsigned variable, const Indices &at) {
  bool isTruth = algebra.law.variables[variable].kind == law::Kind::Truth;
  return algebra.form(
      algebra.atom({isTruth ? AtomKind::Truth : AtomKind::Element, variable, 0, 0, at, {}}));
}

//===- Elements -----------------------------------------------------------===//

static bool hasInfinity(Form f) {
  for (const auto &[m, c] : f->terms)
    for (const auto &[a, e] : m->factors)
      if (a->kind == AtomKind::MinusInfinity)
        return true;
  return false;
}

/// Of variables by sums and products alone, so that it is a finite number whatever they are: powers
/// and logarithms of negative numbers are none.
static bool isFinite(Form f) {
  return std::all_of(f->terms.begin(), f->terms.end(), [](const auto &term) {
    return std::all_of(
        term.first->factors.begin(), term.first->factors.end(), [](const auto &factor) {
          AtomKind kind = factor.first->kind;
          bool isPlain =
              kind == AtomKind::Element || kind == AtomKind::Sum || kind == AtomKind::Truth;
          return isPlain &&
                 std::all_of(factor.first->forms.begin(), factor.first->forms.end(),
                             [&](Form inner) { return kind != AtomKind::Sum || isFinite(inner); });
        });
  });
}

/// Infinities are chosen, compared by maxima, raised to by exp, and added to one number that is
/// finite; all else might be no number.
bool Real::meetsInfinity(Op op, const std::vector<Form> &x) const {
  size_t infinite = size_t(std::count_if(x.begin(), x.end(), hasInfinity));
  switch (op) {
  case Op::Where:
    return hasInfinity(x[0]);
  case Op::Exp:
  case Op::Maximum:
  case Op::Rnd:
    return false;
  case Op::Add:
    return infinite > 1;
  default:
    return infinite > 0;
  }
}

Form Real::applyFunction(bool isCast, unsigned variable, std::vector<Form> x) {
  if (std::any_of(x.begin(), x.end(), hasInfinity))
    return algebra.refuse("a function of an infinity");
  Atom a = x[0]->atom();
  if (isCast && a && a->kind == AtomKind::Element && isExact(algebra.law, variable, a->number))
    return x[0];
  return algebra.apply(FirstVariable + variable, x);
}

/// The product with a positive number: a choice of -inf stays one, all else is multiplied.
Form Real::scaleInfinite(Form f, Form factor) {
  Form result = algebra.number(0);
  for (const auto &[m, c] : f->terms) {
    Form part = algebra.scale(algebra.form(m), c);
    result = algebra.add(result, hasInfinity(part) ? part : algebra.multiply(part, factor));
  }
  return result;
}

Form Real::apply(Op op, std::vector<Form> x) {
  // Every real number is above -inf.
  if (op == Op::Lt && x[0] == constant(AtomKind::MinusInfinity) && isFinite(x[1]))
    return algebra.number(1);
  if (op == Op::Mul && hasInfinity(x[0]) != hasInfinity(x[1])) {
    bool isFirst = hasInfinity(x[0]);
    if (algebra.signOf(x[isFirst ? 1 : 0]) == Sign::Positive)
      return scaleInfinite(x[isFirst ? 0 : 1], x[isFirst ? 1 : 0]);
  }
  if (meetsInfinity(op, x))
    return algebra.refuse("arithmetic of infinities");
  switch (op) {
  case Op::Lt:
  case Op::Le:
  case Op::Eq:
  case Op::Not:
  case Op::And:
  case Op::Or:
  case Op::Where:
    return compare(op, x);
  default:
    return arithmetic(op, x);
  }
}

Form Real::compare(Op op, const std::vector<Form> &x) {
  auto negated = [&](Form f) { return algebra.subtract(algebra.number(1), f); };
  switch (op) {
  case Op::Lt:
    return algebra.positive(algebra.subtract(x[1], x[0]));
  case Op::Le:
    return algebra.lessEqual(x[0], x[1]);
  case Op::Eq:
    return algebra.zero(algebra.subtract(x[0], x[1]));
  case Op::Not:
    return negated(algebra.truth(x[0]));
  case Op::And:
    return algebra.multiply(algebra.truth(x[0]), algebra.truth(x[1]));
  case Op::Or:
    return negated(algebra.multiply(negated(algebra.truth(x[0])), negated(algebra.truth(x[1]))));
  default: { // where
    bool isTruth = algebra.multiply(x[0], x[0]) == x[0];
    Form isOther = isTruth ? negated(x[0]) : algebra.zero(x[0]);
    return algebra.add(algebra.multiply(negated(isOther), x[1]), algebra.multiply(isOther, x[2]));
  }
  }
}

Form Real::sigmoid(Form x) {
  return algebra.power(algebra.add(algebra.number(1), algebra.exp(algebra.negate(x))), -1);
}

Form Real::tanh(Form x) {
  return algebra.subtract(algebra.scale(sigmoid(algebra.scale(x, 2)), 2), algebra.number(1));
}

/// x/2 (1 + erf(x / sqrt 2)), or x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
Form Real::gelu(Form x, bool isTanh) {
  Rational half(1, 2);
  Form inner;
  if (isTanh) {
    Form cubic = algebra.add(x, algebra.scale(algebra.power(x, 3), Rational(44715, 1000000)));
    Form ratio = algebra.scale(algebra.power(constant(AtomKind::Pi), -1), 2);
    inner = tanh(algebra.multiply(algebra.power(ratio, half), cubic));
  } else {
    inner = algebra.apply(Erf, {algebra.multiply(x, algebra.rootOf(half, half))});
  }
  return algebra.scale(algebra.multiply(x, algebra.add(algebra.number(1), inner)), half);
}

/// With a symbolic exponent it is e^(c log x), which holds for positive factors alone; of the
/// others nothing is known.
Form Real::power(Form x, Form exponent) {
  if (exponent->isConstant())
    return algebra.power(x, exponent->constant());
  auto ofPositive = [&](Form f) { return algebra.exp(algebra.multiply(exponent, algebra.log(f))); };
  // Of a negative number only some powers are defined; which, is not followed.
  auto ofOther = [&](Form f) {
    algebra.need(Need::Kind::Positive, f);
    return algebra.apply(Pow, {f, exponent});
  };
  const auto *term = x->single();
  if (!term) {
    return algebra.signOf(x) == Sign::Positive ? ofPositive(x) : ofOther(x);
  }
  std::vector<Factor> positive, rest;
  for (const auto &[a, e] : term->first->factors)
    (algebra.signOf(a, e) == Sign::Positive ? positive : rest).push_back({a, e});
  bool isNegative = term->second < 0;
  Form known =
      algebra.form(algebra.monomial(std::move(positive)), isNegative ? Rational(1) : term->second);
  Form unknown =
      algebra.form(algebra.monomial(std::move(rest)), isNegative ? term->second : Rational(1));
  Form result = ofPositive(known);
  return unknown == algebra.number(1) ? result : algebra.multiply(result, ofOther(unknown));
}

Form Real::arithmetic(Op op, const std::vector<Form> &x) {
  Form one = algebra.number(1);
  const Rational half(1, 2);
  auto reciprocal = [&](Form f) { return algebra.power(f, -1); };
  switch (op) {
  case Op::Neg:
    return algebra.negate(x[0]);
  case Op::Abs:
    return algebra.maximum(x[0], algebra.negate(x[0]));
  case Op::Square:
    return algebra.power(x[0], 2);
  case Op::Sqrt:
    return algebra.power(x[0], half);
  case Op::Rsqrt:
    return algebra.power(x[0], -half);
  case Op::Recip:
    return reciprocal(x[0]);
  case Op::Exp:
    return algebra.exp(x[0]);
  case Op::Log:
    return algebra.log(x[0]);
  case Op::Log1p:
    return algebra.log(algebra.add(one, x[0]));
  case Op::Sin:
    return algebra.sin(x[0]);
  case Op::Cos:
    return algebra.cos(x[0]);
  case Op::Tan:
    return algebra.multiply(algebra.sin(x[0]), reciprocal(algebra.cos(x[0])));
  case Op::Cot:
    return algebra.multiply(algebra.cos(x[0]), reciprocal(algebra.sin(x[0])));
  case Op::Tanh:
    return tanh(x[0]);
  case Op::Erf:
    return algebra.apply(Erf, x);
  case Op::Sigmoid:
    return sigmoid(x[0]);
  case Op::Softplus:
    return algebra.log(algebra.add(one, algebra.exp(x[0])));
  case Op::Relu:
    return algebra.maximum(x[0], algebra.number(0));
  case Op::Silu:
    return algebra.multiply(x[0], sigmoid(x[0]));
  case Op::Gelu:
    return gelu(x[0], false);
  case Op::GeluTanh:
    return gelu(x[0], true);
  case Op::QuickGelu:
    return algebra.multiply(x[0], sigmoid(algebra.scale(x[0], Rational(1702, 1000))));
  case Op::Rnd:
    return algebra.apply(Rnd, x);
  case Op::Rint:
    return algebra.apply(Rint, x);
  case Op::Add:
    return algebra.add(x[0], x[1]);
  case Op::Sub:
    return algebra.subtract(x[0], x[1]);
  case Op::Mul:
    return algebra.multiply(x[0], x[1]);
  case Op::Div:
    return algebra.multiply(x[0], reciprocal(x[1]));
  case Op::Maximum:
    return algebra.maximum(x[0], x[1]);
  case Op::Minimum:
    return algebra.negate(algebra.maximum(algebra.negate(x[0]), algebra.negate(x[1])));
  case Op::Pow:
    return power(x[0], x[1]);
  default:
    return algebra.refuse("an operation of no element");
  }
}

//===- Reductions and rows ------------------------------------------------===//

std::vector<OpenBranch> Real::bind(const law::Letters &letters, const Places &at,
                                   const Body &body) {
  std::vector<OpenBranch> bound;
  for (const std::vector<Piece> &pieces : algebra.domains(letters)) {
    Places inside = at;
    OpenBranch branch;
    size_t before = algebra.active.size();
    for (size_t i = 0; i < letters.size(); ++i) {
      inside[letters[i]] = pieces[i].index;
      for (Atom v : pieces[i].variables) {
        branch.variables.push_back(v);
        algebra.active.push_back(v->extent);
      }
    }
    branch.body = body(inside);
    algebra.active.resize(before);
    bound.push_back(std::move(branch));
  }
  return bound;
}

Form Real::total(const law::Letters &letters, const Places &at, const Body &body) {
  std::vector<Form> parts;
  for (const OpenBranch &branch : bind(letters, at, body)) {
    if (hasInfinity(branch.body))
      return algebra.refuse("a sum of infinities");
    parts.push_back(algebra.sum(branch.variables, branch.body));
  }
  return algebra.sum(parts);
}

Form Real::most(const law::Letters &letters, const Places &at, const Body &body) {
  return algebra.maximum(bind(letters, at, body));
}

Form Real::scatter(const law::Letters &letters, const Places &at,
                   const std::function<std::pair<Form, Form>(const Places &)> &body) {
  return total(letters, at, [&](const Places &p) {
    auto [isHere, x] = body(p);
    return algebra.multiply(isHere, x);
  });
}

Form Real::softmax(const Row<Form> &row) {
  bool isMasked = row.op == Op::SoftmaxMasked;
  auto weight = [&](const Places &p) {
    Form e = algebra.exp(row.entry(p));
    return isMasked ? algebra.multiply(algebra.truth(row.mask(p)), e) : e;
  };
  Form own = weight(row.at);
  // A masked row without an entry is 0, by definition and by 1/0 = 0.
  return algebra.multiply(own, algebra.power(total(row.letters, row.at, weight), -1, !isMasked));
}

Form Real::norm(const Row<Form> &row) {
  auto inverse = [&] { return algebra.power(algebra.size(law::product(row.letters)), -1); };
  Form mean = row.op == Op::LayerNorm
                  ? algebra.multiply(total(row.letters, row.at, row.entry), inverse())
                  : algebra.number(0);
  Form squares = total(row.letters, row.at, [&](const Places &p) {
    return algebra.power(algebra.subtract(row.entry(p), mean), 2);
  });
  Form variance = algebra.add(algebra.multiply(squares, inverse()), row.epsilon());
  return algebra.multiply(algebra.subtract(row.entry(row.at), mean),
                          algebra.power(variance, Rational(-1, 2)));
}

/// The rank is the number of entries above, or equal and before.
Form Real::topk(const Row<Form> &row) {
  Dim d = row.letters[0];
  Form own = row.entry(row.at);
  if (hasInfinity(own))
    return algebra.refuse("ranks of infinities");
  Form rank = total(row.letters, row.at, [&](const Places &p) {
    Form difference = algebra.subtract(row.entry(p), own);
    if (hasInfinity(difference))
      return algebra.refuse("ranks of infinities");
    Form isBefore = algebra.positive(algebra.subtract(row.at[d], p[d]));
    return algebra.add(algebra.positive(difference),
                       algebra.multiply(algebra.zero(difference), isBefore));
  });
  return algebra.positive(algebra.subtract(row.count, rank));
}

Form Real::row(const Row<Form> &row) {
  switch (row.op) {
  case Op::Softmax:
  case Op::SoftmaxMasked:
    return softmax(row);
  case Op::Lse:
    return algebra.log(
        total(row.letters, row.at, [&](const Places &p) { return algebra.exp(row.entry(p)); }));
  case Op::RmsNorm:
  case Op::LayerNorm:
    return norm(row);
  case Op::Cumsum:
    return total(row.letters, row.at, [&](const Places &p) {
      Dim d = row.letters[0];
      return algebra.multiply(algebra.lessEqual(p[d], row.at[d]), row.entry(p));
    });
  default:
    return topk(row);
  }
}

bool isExact(const law::Law &law, unsigned type, unsigned variable) {
  return std::any_of(law.guards.begin(), law.guards.end(), [&](const law::Guard &guard) {
    return guard.name == "exact" && guard.variables == std::vector<unsigned>{type, variable};
  });
}

} // namespace tern::prover
