// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_REAL_H
#define TERN_PASSES_SATURATE_PROVER_REAL_H

#include "passes/Saturate/Prover/Meaning.h"

namespace tern::prover {

/// The real numbers, as normal forms.
class Real {
public:
  using Value = Form;
  using Body = std::function<Form(const Places &)>;
  explicit Real(Algebra &algebra) : algebra(algebra) {}

  Form number(Rational value) { return algebra.number(value); }
  Form constant(AtomKind kind);
  Form integer(Form f) { return f; }
  Form element(unsigned variable, const Indices &at);
  Form apply(law::Op op, std::vector<Form> x);
  Form applyFunction(bool isCast, unsigned variable, std::vector<Form> x);
  Form total(const law::Letters &letters, const Places &at, const Body &body);
  Form most(const law::Letters &letters, const Places &at, const Body &body);
  Form scatter(const law::Letters &letters, const Places &at,
               const std::function<std::pair<Form, Form>(const Places &)> &body);
  Form choose(Form condition, auto ifTrue, auto ifFalse) {
    Form otherwise = algebra.subtract(algebra.number(1), condition);
    return algebra.add(algebra.multiply(condition, ifTrue()),
                       algebra.multiply(otherwise, ifFalse()));
  }
  /// What is read where the condition is 1.
  Form given(Form condition, auto read) {
    Atom truth = condition->atom();
    bool isKnown = truth && truth->isTruth();
    if (isKnown)
      algebra.given.push_back(truth);
    Form x = read();
    if (isKnown)
      algebra.given.pop_back();
    return x;
  }
  Form row(const Row<Form> &row);

private:
  /// The body over all values of the letters, piece by piece.
  std::vector<OpenBranch> bind(const law::Letters &letters, const Places &at, const Body &body);
  bool meetsInfinity(law::Op op, const std::vector<Form> &x) const;
  Form scaleInfinite(Form f, Form factor);
  Form power(Form x, Form exponent);
  Form softmax(const Row<Form> &row);
  Form norm(const Row<Form> &row);
  Form topk(const Row<Form> &row);
  Form sigmoid(Form x);
  Form tanh(Form x);
  Form gelu(Form x, bool isTanh);
  Form arithmetic(law::Op op, const std::vector<Form> &x);
  Form compare(law::Op op, const std::vector<Form> &x);

  Algebra &algebra;
};

} // namespace tern::prover

#endif
