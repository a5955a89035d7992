// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_RULES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_RULES_H

#include "tools/tern-explain/check/Refusal.h"
#include "tools/tern-explain/check/Strings.h"
#include "tools/tern-explain/check/Words.h"

#include <map>
#include <string>

namespace tern::check {

/// `(a (b c) d)`: an atom or a list.
struct Expression {
  std::string atom; ///< empty for a list
  std::vector<Expression> list;

  bool isList() const { return !list.empty(); }
  /// `(name ..)` of that many parts after the name.
  bool isCall(std::string_view name, size_t parts) const;
  /// `rk,nk->rn` or `gen,gn`
  bool isString() const { return atom.find_first_of(",>") != std::string::npos; }
  std::string text() const;
};

/// One side of a law. Letters are numbers of its sizes.
struct Pattern {
  enum class Kind { Variable, Each, Number, Size, Term } kind;
  int variable = -1; ///< of Each: the one of which all siblings follow
  double number = 0;
  bool isExact = true; ///< the number is what is written
  const Word *word = nullptr;
  int function = -1; ///< the variable of `map f x`, or of `cast u x`
  Strings strings{}; ///< of a variable the result alone
  Letters counted{}; ///< of Size
  std::vector<Pattern> kids{};
  std::vector<int> sources{}; ///< variables
  std::vector<Pattern> scalars{};
  std::vector<Expression> sizes{};
};

struct Variable {
  enum class Kind { Tensor, Truth, Index, Function, Element, Source } kind;
  std::string name;
  Letters letters;
  int bound = -1; ///< of an index the size that it is below
};

struct Law {
  std::string name;
  bool isBit;
  std::vector<std::string> dims;
  std::vector<bool> mayBeBlock; ///< the letter may stand for several axes, or none
  std::vector<std::pair<int, Expression>> equations;
  std::vector<Variable> variables;
  std::vector<Expression> conditions; ///< of the lines typed and when
  Pattern left, right;
  std::string unknown; ///< the word that is no operation, if there is one

  int dim(std::string_view name) const; ///< -1 if none is called so, as for a list
  int variable(std::string_view name) const;
};

struct RuleText {
  std::string name, text;
};

/// The laws of these files by name. Throws a Refusal that names file and line.
std::map<std::string, Law, std::less<>> readRules(const std::vector<RuleText> &files);

} // namespace tern::check

#endif
