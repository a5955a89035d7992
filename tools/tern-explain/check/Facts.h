// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_FACTS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_FACTS_H

#include "tools/tern-explain/check/Reading.h"

namespace tern::check {

/// What is true of all elements, over the real numbers.
struct Sign {
  bool isNonNegative = false, isNonZero = false;
  bool isTruth = false; ///< 0 or 1

  bool isPositive() const { return isNonNegative && isNonZero; }
};

/// What can be read off a term alone.
struct Facts {
  std::optional<double> splat; ///< the number that all elements are
  Sign sign;
};

/// A function's terms with what is known of each.
struct Terms {
  const Function &function;
  std::vector<Reading> readings;
  std::vector<Facts> facts;

  /// Throws a Refusal if types do not fit.
  explicit Terms(const Function &function);

  const Term &operator[](uint32_t term) const { return function.terms[term]; }
  const Type &type(uint32_t term) const { return typeOf(function, term); }
  bool isTensor(uint32_t term) const {
    return function.terms[term].isTerm() && function.terms[term].type && type(term).isTensor;
  }
};

/// Indices each of which stands there once: the indices themselves, or a choice of such by such.
bool isBijective(const Terms &terms, uint32_t term);

/// A permutation matrix, as it is, transposed or negated.
bool isOrthogonal(const Terms &terms, uint32_t term);

/// True if each row of `term` along that axis has an element that is not 0.
bool hasEntry(const Terms &terms, uint32_t term, size_t axis);

} // namespace tern::check

#endif
