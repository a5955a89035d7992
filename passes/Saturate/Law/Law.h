// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_LAW_LAW_H
#define TERN_PASSES_SATURATE_LAW_LAW_H

#include "passes/Saturate/Law/Rational.h"
#include "passes/Saturate/Law/Vocabulary.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Laws as they are written in rule files; the language is that of docs/tutorial/write-a-rule.md.
namespace tern::law {

/// Sizes are numbered in the order of their declaration; a letter of an index string is one.
using Dim = unsigned;
using Letters = std::vector<Dim>;

/// An integer expression over sizes.
struct Size {
  enum class Kind : uint8_t { Number, Dim, Add, Sub, Mul } kind = Kind::Number;
  int64_t number = 0;
  Dim dim = 0;
  std::vector<Size> operands; ///< of Sub: what the others are taken from comes first
  bool operator==(const Size &) const = default;
};

/// A polynomial over free sizes: its products, sorted, and how often each of them counts.
using Polynomial = std::map<std::vector<Dim>, Rational>;

struct DimDeclaration {
  std::string name;
  std::optional<Size> value; ///< a sum of products of earlier sizes; none: free
};

enum class Kind : uint8_t { Truth, Integer, Real };

struct Variable {
  std::string name;
  enum class Sort : uint8_t { Tensor, Function, ElementType, Cache, View } sort = Sort::Tensor;
  Kind kind = Kind::Real;
  Letters letters;
  Dim bound = 0; ///< an integer is at least 0 and below this size
  /// Of a tensor that stands for what a cache holds: the word for it, the cache, and the view.
  std::optional<Op> held;
  std::vector<unsigned> sources;
};

/// `rk,kn->rn`, or `rk/k`: the row follows the slash.
struct IndexString {
  std::vector<Letters> operands;
  Letters result;
  bool operator==(const IndexString &) const = default;
};

struct Term {
  enum class Sort : uint8_t { Number, MinusInfinity, Pi, Variable, Operation } sort = Sort::Number;
  Rational number;  ///< may not fit
  double value = 0; ///< the number's
  /// Of a Variable; the function or the element type of an operation; what a cache holds.
  unsigned variable = 0;
  std::vector<unsigned> sources; ///< a cache, a view of it, element types
  Op op = Op::Neg;
  IndexString string;
  std::vector<Term> operands;
  Size size; ///< of slice, pad, topk_mask and size
  // Found by the type check:
  Letters letters;
  Kind kind = Kind::Real;

  bool isOperation(Op o) const { return sort == Sort::Operation && op == o; }
  bool operator==(const Term &) const = default;
};

enum class Relation : uint8_t { Less, LessEqual, Equal, GreaterEqual, Greater };

struct Comparison {
  Relation relation;
  Size left, right;
};

enum class Property : uint8_t {
  Positive,
  NonNegative,
  NonZero,
  PowerOfTwo,
  Orthogonal,
  Rounded,   // real
  Bijective, // integers
  Some,      // truth values
  Increasing,
  ZeroAtZero, // function
};

std::string_view nameOf(Property property);

struct Fact {
  Property property;
  unsigned variable;
  Letters along; ///< of Some
};

struct Condition {
  std::variant<Comparison, Fact> what;
  std::string text;
};

/// When a law pays or stays finite; no part of its truth, but for `exact`.
struct Guard {
  std::string name;
  std::vector<unsigned> variables;
};

enum class Tier : uint8_t { Bit, Real };

struct Law {
  std::string file, name;
  unsigned line = 0; ///< of its head, from 1
  bool isLaw = true; ///< or else a tempting equation that is false
  Tier tier = Tier::Bit;
  bool isBothWays = false;
  bool grows = false, survivesRounding = false; ///< the marks grow and L
  std::vector<DimDeclaration> dims;
  std::vector<Variable> variables;
  std::vector<Condition> typed; ///< well-typedness and domains, assumed throughout
  std::vector<Condition> when;  ///< each is needed
  std::vector<Guard> guards;
  Term lhs, rhs;
  std::string why;
  std::string text; ///< its lines without comments and margins

  const Fact *find(Property property, unsigned variable) const;
  /// The tensor that stands for what a cache holds, if the law reads that.
  std::optional<unsigned> find(Op held, const std::vector<unsigned> &sources) const;
  /// `FILE:LINE: law 'NAME': `.
  std::string place() const;
};

/// The value of a size in free sizes; none if a number does not fit.
std::optional<Polynomial> valueOf(const Law &law, const Size &size);
Size sizeOf(Dim dim);
Size product(const Letters &letters);
bool haveOneExtent(const Law &law, Dim a, Dim b);
/// A size of which `part` times so many are `whole`.
std::optional<Dim> quotient(const Law &law, Dim whole, Dim part);

/// Annotates both sides with their types. Returns what is wrong, without the place, or "".
std::string checkTypes(Law &law);

/// What a file says: its laws, or one line `FILE:LINE: ...` for each that is refused.
struct RuleFile {
  std::vector<Law> laws;
  std::vector<std::string> errors;
};

/// Reads and checks. `others` are the names that other files have taken; those of this one are
/// added.
RuleFile readRules(std::string_view file, std::string_view text,
                   std::map<std::string, std::string> &others);

std::string print(const Law &law, const Term &term);
std::string print(const Law &law, const Size &size);
std::string print(const Law &law, const Letters &letters);

} // namespace tern::law

#endif
