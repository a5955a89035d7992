// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_PROOF_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_PROOF_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  std::string line; ///< as it is written

  bool operator==(const Type &) const = default;
};

struct Term {
  enum class Kind { Leaf, Operation, Integer, Real, Text, Splat, Data, Value, Shape, None } kind;
  std::string text; ///< a name, a text, a hash
  int64_t integer = 0;
  double real = 0;
  std::optional<uint32_t> type; ///< of properties, what they say
  std::vector<uint32_t> kids;
  std::string head; ///< the line without kids, the type in full

  bool isTerm() const { return kind == Kind::Leaf || kind == Kind::Operation; }
  bool isOperation(std::string_view name) const { return kind == Kind::Operation && text == name; }
};

struct Step {
  enum class Kind { Forth, Back, Kids, Chain } kind;
  std::string law;
  uint32_t left, right;
  std::vector<std::optional<uint32_t>> parts;

  bool isLaw() const { return kind == Kind::Forth || kind == Kind::Back; }
};

struct Function {
  std::string name;
  std::string_view text; ///< the lines of types, terms and steps
  std::vector<Type> types;
  std::vector<Term> terms;
  std::vector<Step> steps;
  uint32_t before, after;
  std::optional<uint32_t> last;
  std::string hash;
};

/// Of a term that has a type.
inline const Type &typeOf(const Function &function, uint32_t term) {
  return function.types[*function.terms[term].type];
}

struct Proof {
  bool isBitOnly;
  std::string rulesHash;
  std::vector<Function> functions;
};

/// Throws a Refusal that names the line.
Proof readProof(std::string_view text);

} // namespace tern::check

#endif
