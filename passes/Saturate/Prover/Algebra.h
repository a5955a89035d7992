// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_PROVER_ALGEBRA_H
#define TERN_PASSES_SATURATE_PROVER_ALGEBRA_H

#include "passes/Saturate/Prover/Axiom.h"
#include "passes/Saturate/Prover/Form.h"
#include "passes/Saturate/Prover/Solver.h"

#include <functional>
#include <map>
#include <set>

namespace tern::prover {

enum class Sign : uint8_t { Unknown, NonNegative, Positive };

/// Where a term is defined: a form must be so, unless a range of `guard` is empty. The form is
/// closed over `extents`.
struct Need {
  enum class Kind : uint8_t { NonZero, Positive, NonNegative } kind;
  std::vector<Dim> extents;
  Form form;
  std::set<Dim> guard;
  bool operator<(const Need &other) const;
  bool operator==(const Need &) const = default;
};

/// All values of an index, piece by piece: `index` over all values of `variables`.
struct Piece {
  std::vector<Atom> variables;
  Form index;
  /// With other pieces: one after the other they are not in ascending order.
  bool isInterleaved = false;
};

/// A branch of a maximum whose bound indices have names.
struct OpenBranch {
  std::vector<Atom> variables;
  Form body;
};

using Indices = std::vector<Form>;

/// Builds normal forms under the sizes, kinds and conditions of a law. All functions keep forms
/// normal. What can't be decided is refused: the first reason is kept, and what is built after it
/// means nothing. Within forms 1/0 counts as 0; `needs` say where a term is defined, and a/a = 1
/// has to be earned, so that each cancellation of what may be 0 is kept in `cancels`.
class Algebra : public Forms {
public:
  explicit Algebra(const law::Law &law);

  const law::Law &law;
  std::string refusal;
  Axioms axioms;           ///< those used so far
  std::vector<Dim> active; ///< ranges that have an index in scope, so they are not empty
  std::vector<Atom> outer; ///< the position of the result, sorted
  std::set<Need> needs, cancels;
  std::vector<Atom> given; ///< truth values that are 1 wherever what is being read matters
  unsigned queries() const { return solver.queries; }

  Form refuse(const std::string &why);
  bool isRefused();
  /// False if the proof is over: refused, or too long.
  bool spend(unsigned steps = 1);
  bool has(law::Property property, unsigned variable) const {
    return law.find(property, variable) != nullptr;
  }

  // Sizes and indices (Domain.cpp)
  Form size(const law::Size &size);
  Form size(Dim dim) { return size(law::sizeOf(dim)); }
  bool isEqual(Dim a, Dim b) { return size(a) == size(b); }
  Atom fresh(Dim extent);
  Atom bound(unsigned height, unsigned place, Dim extent);
  std::vector<Piece> domain(Dim dim);
  /// One list of pieces, in the order of the letters, for each combination: the last letter's
  /// pieces change fastest.
  std::vector<std::vector<Piece>> domains(const law::Letters &letters);
  bool isIntegral(Form f) const;
  enum class Relation : uint8_t { Positive, NonNegative, Zero };
  /// True if proved for all sizes, positions and integer data.
  bool isValid(Relation relation, Form f);
  bool isPositive(Form f) { return isValid(Relation::Positive, f); }
  bool isNonNegative(Form f) { return isValid(Relation::NonNegative, f); }
  bool isBelow(Form f, Form size);
  bool isNonEmpty(Dim extent) { return isPositive(size(extent)); }

  // Ring (Ring.cpp)
  Form multiply(Form a, Form b);
  Form multiply(std::initializer_list<Form> all);
  Form sum(const std::vector<Form> &all);
  Form divide(Form f, const std::vector<Factor> &factors);
  using Map = std::vector<std::pair<Atom, Form>>;
  Form substitute(Form f, const Map &map);
  bool touches(Form f, const Map &map);
  /// f(n) by cases on the truth values of n outside sums.
  Form split(Form n, const std::function<Form(Form)> &f);

  // Sums (Sums.cpp)
  Form sum(const std::vector<Atom> &variables, Form body);
  std::vector<Atom> open(const Branch &branch, Form &body);
  Branch close(std::vector<Atom> variables, Form body);

  // Signs and where terms are defined (Signs.cpp)
  Sign signOf(Atom a, Rational exponent = 1);
  Sign signOf(Monomial m);
  Sign signOf(Form f);
  bool isNonZero(Form f);
  void need(Need::Kind kind, Form f);
  void cancel(Atom a);

  // Powers, exponentials, logarithms (Powers.cpp)
  /// `base`, for a Base, else the atom itself.
  Form valueOf(Atom a) { return a->kind == AtomKind::Base ? a->forms[0] : form(a); }
  Form power(Form f, Rational exponent, bool needs = true);
  Form rootOf(Rational value, Rational exponent);
  Form exp(Form f);
  Form cis(Form f);
  Form cos(Form f);
  Form sin(Form f);
  Form log(Form f);

  // Unknown functions and maxima (Maxima.cpp)
  Form apply(unsigned function, const std::vector<Form> &arguments);
  Form maximum(std::vector<OpenBranch> branches);
  Form maximum(Form a, Form b) { return maximum({{{}, a}, {{}, b}}); }

  // Truth values (Comparisons.cpp)
  Form truth(Form f);
  Form positive(Form f);
  Form zero(Form f);
  Form lessEqual(Form a, Form b);

  /// The term is 0 for all values of its atoms: denominators cleared, then Z3 (Decide.cpp).
  bool vanishes(Form f);

private:
  std::vector<Piece> domainOf(const law::Size &size);

  Form times(Monomial m, Monomial n, bool isCancelling = true);
  Form tidy(std::vector<Factor> factors, Rational coefficient);
  Form substitute(Monomial m, const Map &map, std::map<const void *, bool> &memo);
  Form substitute(Atom a, const Map &map, std::map<const void *, bool> &memo);
  Form substitute(Form f, const Map &map, std::map<const void *, bool> &memo);
  bool touches(Atom a, const Map &map, std::map<const void *, bool> &memo);
  bool touches(Form f, const Map &map, std::map<const void *, bool> &memo);

  Form sumOf(const std::vector<Atom> &variables, Monomial m);
  std::optional<Form> eliminate(const std::vector<Atom> &variables, Monomial m);
  std::optional<Form> replaceData(const std::vector<Atom> &variables, Monomial m);
  std::optional<Form> changeVariable(const std::vector<Atom> &variables, Monomial m);
  std::optional<Form> join(const std::vector<Atom> &variables, Monomial m);
  Form separate(const std::vector<Atom> &variables, Monomial m);
  Form orthogonal(Form f);
  std::optional<Form> orthogonalSum(Atom sum);
  Atom findBijection(Form f, Atom v);
  Atom findBijection(Atom a, Atom v);

  Sign signOfSum(Atom a);
  Sign signOfSummand(Atom sum);
  bool hasEntry(Atom flag, Atom sum);
  bool hasLeader(Atom flag, Atom sum);
  Sign signOfMaximum(Atom a);
  void note(std::set<Need> &into, Need::Kind kind, Form f, bool isGuarded);

  /// f = factor * monomial * rest.
  struct Content {
    Rational factor;
    std::vector<Factor> monomial;
    Form rest;
  };
  Content content(Form f, const std::function<bool(Atom, Rational)> &mayLeave);
  Rational factorOf(Rational sum, Form f) const;
  std::vector<Factor> commonFactors(const std::vector<Form> &all);
  void cancelUneven(const std::vector<Factor> &leaving, const std::vector<Form> &all);
  Form powerOfPlain(Form f, Rational exponent, bool needs);
  Form powerOfTerm(Form f, Rational exponent);
  Form product(const std::vector<Factor> &factors);
  Form expOf(Form f);
  Form logOf(Form f);

  Form applyTo(unsigned function, std::vector<Form> done, size_t next);
  Form applyRounding(Form x);
  std::vector<OpenBranch> flatten(const std::vector<OpenBranch> &branches);
  std::optional<Form> strip(const std::vector<OpenBranch> &branches);
  Form ordered(Form f);
  Form positiveOf(Form f);
  Form zeroOf(Form f);

  Solver solver;
  unsigned lastIndex = 0;
  uint64_t steps = 0;
  std::map<std::tuple<Relation, Form, std::set<Dim>>, bool> decided;
};

} // namespace tern::prover

#endif
