// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_RULES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_RULES_H

#include "tools/tern-explain/check/Words.h"

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tern::check {

/// What ends a check: one sentence that says what does not hold. It never leaves `check`.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `(a (b c) d)`: an atom or a list.
struct Expression {
  std::string atom; ///< empty for a list
  std::vector<Expression> list;

  bool isList() const { return atom.empty(); }
  /// `(name ..)` of that many parts after the name.
  bool isCall(std::string_view name, size_t parts) const;
  std::string text() const;
};

/// Letters by their number among the sizes of the law.
using Letters = std::vector<int>;

/// `rk,nk->rn` or `rk/k`.
struct Strings {
  std::vector<Letters> operands;
  Letters result; ///< without an arrow the operand
  std::optional<Letters> along;
};

/// One side of a law.
struct Pattern {
  enum class Kind { Variable, Each, Number, Size, Term } kind;
  int variable = -1; ///< of Each: the one of which all siblings follow
  double number = 0;
  bool isExact = true; ///< the number is what is written
  const Word *word = nullptr;
  int function = -1; ///< the variable of `map f x`, or of `cast u x`
  Strings strings;   ///< of Size: its letters are the result's
  std::vector<Pattern> kids;
  std::vector<Expression> scalars;
};

struct Variable {
  enum class Kind { Tensor, Truth, Index, Function, Element } kind;
  std::string name;
  Letters letters;
};

struct Law {
  std::string name;
  bool isBit;
  std::vector<std::string> dims;
  std::vector<bool> mayBeBlock; ///< the letter may stand for several axes, or none
  std::vector<std::pair<int, Expression>> equations;
  std::vector<Variable> variables;
  std::vector<Expression> conditions; ///< of the lines typed, when and guard
  Pattern left, right;
  std::string unknown; ///< why no instance can be checked; empty if one can

  int dim(std::string_view name) const;
  /// The size that the equation `n=m` names; -1 if its right side is more than that.
  int otherName(const Expression &size) const;
  int variable(std::string_view name) const;
};

struct RuleText {
  std::string name, text;
};

/// The laws of these files by name. Throws a Refusal that names file and line.
std::map<std::string, Law, std::less<>> readRules(const std::vector<RuleText> &files);

} // namespace tern::check

#endif
