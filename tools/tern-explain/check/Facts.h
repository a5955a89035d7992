// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_FACTS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_FACTS_H

#include <optional>
#include <vector>

namespace tern::check {

struct Function;

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
  /// Indices each of which stands there once: the indices themselves, or a choice of such by such.
  bool isBijective = false;
  bool isOrthogonal = false;     ///< a permutation matrix, as it is, transposed or negated
  std::vector<bool> haveEntry{}; ///< of each axis: rows along it have an element that is not 0
};

/// Of all terms, once they are read.
void findFacts(Function &function);

} // namespace tern::check

#endif
