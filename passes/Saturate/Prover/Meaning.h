// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_MEANING_H
#define TERN_PASSES_SATURATE_PROVER_MEANING_H

#include "passes/Saturate/Prover/Algebra.h"

namespace tern::prover {

/// The index of each letter, none where it has no value.
using Places = std::vector<Form>;

/// The guard (exact t x): the element type t holds every value of x.
bool isExact(const law::Law &law, unsigned type, unsigned variable);

/// One row of an operation along rows: `entry` and `mask` at any place of the row, which `at`
/// holds for the result.
template <class Value> struct Row {
  law::Op op;
  law::Letters letters;
  Places at;
  std::function<Value(const Places &)> entry, mask;
  std::function<Value()> epsilon; ///< of the norms
  Form count = nullptr;           ///< of topk_mask
};

/// The value of a term at one symbolic position. What the operations are is said here once; what
/// numbers are is the domain's: Real (normal forms) or Exact (terms of float operations).
template <class Domain> class Meaning {
public:
  using Value = typename Domain::Value;
  Meaning(Algebra &algebra, Domain &domain) : algebra(algebra), domain(domain) {}

  Value value(const law::Term &term, const Indices &at);

private:
  using Part = std::pair<Form, std::function<Value(Form)>>; ///< its size and its element

  Value operation(const law::Term &t, const Indices &at);
  Value elements(const law::Term &t, const Indices &at);
  Value reduce(const law::Term &t, const Places &at);
  Value reshape(const law::Term &t, const Indices &at);
  Value cut(const law::Term &t, const Indices &at);
  Value concat(const law::Term &t, const Indices &at);
  Value lookUp(const law::Term &t, Places at);
  Value scatter(const law::Term &t, const Places &at);
  Value rotate(const law::Term &t, const Indices &at);
  Value row(const law::Term &t, const Indices &at);

  Value operand(const law::Term &t, size_t i, const Places &at) {
    return value(t.operands[i], pick(t.string.operands[i], at));
  }
  Places places(const law::Letters &letters, const Indices &at) const;
  Indices pick(const law::Letters &letters, const Places &at) const;
  Form index(const law::Term &t, const Indices &at);
  Value part(const std::vector<Part> &parts, size_t first, Form x);
  std::pair<Form, Form> divide(Form n, Form d);

  Algebra &algebra;
  Domain &domain;
};

} // namespace tern::prover

#endif
