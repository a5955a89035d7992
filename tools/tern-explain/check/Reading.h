// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_READING_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_READING_H

#include "tools/tern-explain/check/Strings.h"

#include <map>
#include <optional>
#include <string>

namespace tern::check {

struct Function;
struct Term;

/// What a term's operation is in the words of laws.
struct Reading {
  std::string operation;              ///< with the style of a rotation
  std::vector<const Term *> operands; ///< tensors
  std::vector<const Term *> values;   ///< properties that are its word's scalars
  std::vector<std::string> sources;   ///< the cache and the view of it that it reads
  /// Axes of operands and result; of a regrouping there may be several readings, of an operation
  /// that no word stands for none.
  std::vector<Strings> ways;
  std::map<int, std::string> extents; ///< by letter
};

/// Reads all terms. Throws a Refusal if a term's type is not what its operands and properties make
/// it, or if one operation over the same types has two types. Types of operations that are not read
/// here, of attention and of what reads a cache count as MLIR's verifier left them.
void readTerms(Function &function);

/// `tern.attention` by what its axes are: keys that several heads share have fewer of the axes that
/// heads are, if the query and the result are regrouped right before it and right after it. None
/// for other terms, and if rows do not see all keys.
std::optional<Reading> readAttention(const Term &term);

/// True if element type `wide` holds every value of `narrow`.
bool holds(const std::string &wide, const std::string &narrow);

} // namespace tern::check

#endif
