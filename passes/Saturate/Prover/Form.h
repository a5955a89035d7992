// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_FORM_H
#define TERN_PASSES_SATURATE_PROVER_FORM_H

#include "passes/Saturate/Law/Law.h"

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// Normal forms of elements of tensors, with symbolic sizes:
///
///     form     = rational * monomial + ...
///     monomial = atom ^ rational * ...
///
/// Equal forms are one object, and their order is one of structure, not of addresses.
namespace tern::prover {

using law::Dim;
using law::Rational;

struct AtomNode;
struct MonomialNode;
struct FormNode;
using Atom = const AtomNode *;
using Monomial = const MonomialNode *;
using Form = const FormNode *;

enum class AtomKind : uint8_t {
  Size,      ///< `number` is the size
  Index,     ///< a position: 0 <= it < extent
  Bound,     ///< the index at `number` of the sum or maximum of that height
  Element,   ///< of a variable, at `forms`
  Truth,     ///< the same, if truth values
  Imaginary, ///< its square is -1
  Pi,
  MinusInfinity, ///< only as what exp makes 0, or as an operand of maxima
  Exp,           ///< e^m; the exponent of the atom holds the coefficient
  Cis,           ///< e^(i m), likewise
  Base,          ///< of a negative or fractional power: several terms, or a prime
  Positive,      ///< [form > 0], a truth value
  Zero,          ///< [form = 0], a truth value
  Function,      ///< of which only the name is known, or what Algebra says of it
  Sum,           ///< of a monomial over bound indices that it connects
  Maximum,       ///< of branches, each over its bound indices
};

/// What a sum or a maximum is over. The bound indices that it names have its height.
struct Branch {
  std::vector<Dim> extents;
  Form body = nullptr;
  unsigned height = 0;
  bool operator==(const Branch &) const = default;
};

/// Functions of which the algebra knows a little; others are variables of the law.
enum FunctionName : unsigned { Log, Erf, Rnd, Rint, Pow, FirstVariable };

struct AtomNode {
  AtomKind kind;
  unsigned number = 0;
  Dim extent = 0;
  unsigned height = 0;          ///< of the sum that a Bound belongs to
  std::vector<Form> forms = {}; ///< indices, arguments; Exp and Cis: the monomial
  std::vector<Branch> branches = {};

  // Found by Forms:
  std::vector<Atom> free = {}; ///< the Index atoms inside, sorted
  unsigned tallest = 0;        ///< height inside, bound indices included
  bool isTruth() const {
    return kind == AtomKind::Truth || kind == AtomKind::Positive || kind == AtomKind::Zero;
  }
};

using Factor = std::pair<Atom, Rational>;
struct MonomialNode {
  std::vector<Factor> factors; ///< sorted
  std::vector<Atom> free;
  unsigned tallest = 0;
};

struct FormNode {
  std::vector<std::pair<Monomial, Rational>> terms; ///< sorted
  std::vector<Atom> free;
  unsigned tallest = 0;

  bool isZero() const { return terms.empty(); }
  bool isConstant() const {
    return terms.empty() || (terms.size() == 1 && terms[0].first->factors.empty());
  }
  Rational constant() const { return terms.empty() ? 0 : terms[0].second; } ///< of a constant
  /// The only term, or none.
  const std::pair<Monomial, Rational> *single() const {
    return terms.size() == 1 ? &terms[0] : nullptr;
  }
  /// The atom that the form is, or none.
  Atom atom() const {
    return terms.size() == 1 && terms[0].second == 1 && terms[0].first->factors.size() == 1 &&
                   terms[0].first->factors[0].second == 1
               ? terms[0].first->factors[0].first
               : nullptr;
  }
};

/// A total order of structure: negative, 0 or positive.
int compare(Atom a, Atom b);
int compare(Monomial a, Monomial b);
int compare(Form a, Form b);
struct Before {
  bool operator()(auto *a, auto *b) const { return compare(a, b) < 0; }
};

bool contains(const std::vector<Atom> &atoms, Atom a);

/// Makes and keeps forms.
class Forms {
public:
  Atom atom(AtomNode node);
  /// `factors` are sorted and different, their exponents not 0.
  Monomial monomial(std::vector<Factor> factors);
  /// In any order; equal monomials are added.
  Form form(std::vector<std::pair<Monomial, Rational>> terms);

  Form number(Rational value);
  Form form(Monomial m, Rational factor = 1) { return form({{m, factor}}); }
  Form form(Atom a, Rational exponent = 1) { return form(monomial({{a, exponent}})); }
  Form add(Form a, Form b);
  Form subtract(Form a, Form b) { return add(a, scale(b, -1)); }
  Form scale(Form a, Rational factor);
  Form negate(Form a) { return scale(a, -1); }

  /// A number did not fit in 64 bits: no form made since means anything.
  bool overflows() const { return hasOverflown; }
  size_t count() const { return atoms.size() + monomials.size() + forms.size(); }

private:
  template <class Node>
  const Node *intern(std::deque<Node> &nodes, std::unordered_multimap<size_t, const Node *> &table,
                     size_t hash, Node &&node);

  std::deque<AtomNode> atoms;
  std::deque<MonomialNode> monomials;
  std::deque<FormNode> forms;
  std::unordered_multimap<size_t, Atom> atomTable;
  std::unordered_multimap<size_t, Monomial> monomialTable;
  std::unordered_multimap<size_t, Form> formTable;
  bool hasOverflown = false;
};

/// For people: `x[i] exp(y[i])^-1 + 2`.
std::string print(const law::Law &law, Form form);

} // namespace tern::prover

#endif
