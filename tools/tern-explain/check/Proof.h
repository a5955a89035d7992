// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_PROOF_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_PROOF_H

#include "tools/tern-explain/check/Facts.h"
#include "tools/tern-explain/check/Reading.h"

#include <deque>
#include <set>

/// A proof file is text, a line a thing, words between blanks. A word that is any text has %XX for
/// the bytes that are no printable ASCII, for blanks and for %; % alone is no text. Here words stay
/// as they are written.
///
///     tern-proof 1
///     rules TIER HASH                 bit or real; of the texts of the rule files, each ended by 0
///     function NAME                   from here on once for each function
///     type ELEMENT EXTENT...          a tensor; extents are sums such as 2*S+T+1, ? if unknown
///     other TEXT                      any other type
///     leaf NAME TYPE                  a term: a value that is no term, its type's number
///     op NAME TYPE TERM...            an operation over terms and properties
///     int - N  real - X  text - TEXT  properties; they are terms without a type of their own
///     splat TYPE X                    a constant, all of whose elements are X
///     data TYPE HASH  value - TEXT    other constants, other properties
///     shape TYPE  none -              a type; a property that is absent
///     forth LAW L R                   a step: term L is the law's left side and R its right side
///     back LAW L R                    term R is the left side and L the right side; of the law
///                                     tern.choice L is a choice and R one of its operands
///     kids L R STEP...                one operation; its kids are equal by steps, or the same (=)
///     chain L R STEP...               by one step after the other
///     prove L R STEP HASH             what is proved; of all lines since the function's
///     end
///
/// Types, terms and steps are numbered from 0 in each function, in that order, and refer to what
/// stands before them. A law's tier, conditions and terms are those of its rule file.
namespace tern::check {

struct Type {
  bool isTensor;
  std::string element; ///< of another type its text
  std::vector<std::string> extents;

  auto operator<=>(const Type &) const = default;
};

struct Term {
  uint32_t number;  ///< it is the only one of its function that is what it is
  std::string key;  ///< the first word of its line
  std::string text; ///< a name, a text, a hash
  int64_t integer = 0;
  double real = 0;
  const Type *type = nullptr; ///< of properties, what they say
  std::vector<const Term *> kids;

  // What follows from it.
  Reading reading;
  Facts facts;

  bool isTerm() const { return key == "leaf" || key == "op"; }
  bool isTensor() const { return isTerm() && type && type->isTensor; }
  bool isOperation(std::string_view name) const { return key == "op" && text == name; }
};

struct Step {
  std::string key, law;
  const Term *left, *right;
  std::vector<const Step *> parts; ///< NULL if it is the same

  bool isLaw() const { return key == "forth" || key == "back"; }
};

/// Its terms and steps point to one another, so it stays where it is.
struct Function {
  Function() = default;
  Function(const Function &) = delete;

  std::string name;
  std::string_view text; ///< the lines of types, terms and steps
  std::set<Type> types;
  std::deque<Term> terms;
  std::deque<Step> steps;
  const Term *before, *after;
  const Step *last; ///< NULL if nothing changed
  std::string hash;
};

struct Proof {
  bool isBitOnly;
  std::string rulesHash;
  std::deque<Function> functions;
};

/// Throws a Refusal that names the line.
Proof readProof(std::string_view text);

} // namespace tern::check

#endif
