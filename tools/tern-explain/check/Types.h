// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_TYPES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_TYPES_H

#include "tools/tern-explain/check/Proof.h"

#include <optional>
#include <string>
#include <vector>

namespace tern::check {

/// A term's index string, `ab,cb->ac` or `ab/b`.
struct Axes {
  std::vector<std::string> operands;
  std::string result, along;
};

/// None if the text is no index string, or has a letter twice in one part.
std::optional<Axes> parseAxes(std::string_view text);

/// Throws a Refusal if a term's type is not what its operands and properties make it, or if one
/// operation over the same types has two types. Types of operations that are not listed in
/// Types.cpp count as MLIR's verifier left them.
void checkTypes(const Function &function);

/// True if element type `wide` holds every value of `narrow`.
bool holds(const std::string &wide, const std::string &narrow);

/// What can be read off a term alone.
struct Facts {
  std::optional<double> splat; ///< the number that all elements are
  bool isPositive = false, isNonNegative = false, isNonZero = false;
  bool isTruth = false; ///< all elements are 0 or 1
  bool isLoad = false;  ///< known before the step
};

std::vector<Facts> findFacts(const Function &function);

} // namespace tern::check

#endif
