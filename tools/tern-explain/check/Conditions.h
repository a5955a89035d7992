// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_CONDITIONS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_CONDITIONS_H

#include "tools/tern-explain/check/Rules.h"
#include "tools/tern-explain/check/Sum.h"
#include "tools/tern-explain/check/Types.h"
#include "tools/tern-explain/check/Wires.h"

namespace tern::check {

/// What the names of a law have to mean so that terms are its sides.
struct Meaning {
  std::vector<std::optional<uint32_t>> terms; ///< by variable
  std::vector<std::string> names;             ///< operations and element types, by variable
  std::string narrow;                         ///< what rnd rounds to
  Wires wires;
  std::vector<std::pair<const Expression *, Sum>> sizes;
  std::vector<std::pair<Letters, double>> counts; ///< of (size rk)
  Sum before;                                     ///< of (before n)
  int fresh = 0; ///< letters beyond the law's: the sizes of siblings
};

/// Axes of these extents have equally many elements.
bool haveAsMany(const std::vector<std::string> &some, const std::vector<std::string> &others);

/// What a law asks of a meaning beyond the form of its sides: kinds of variables, sizes that fit
/// its equations, conditions.
class Conditions {
public:
  Conditions(const Law &law, const Function &function, const std::vector<Facts> &facts)
      : law(law), function(function), facts(facts) {}

  bool hold(const Meaning &meaning);
  /// What did not hold at last; empty if nothing was asked.
  const std::string &why() const { return reason; }

private:
  using Numbers = std::vector<std::optional<Sum>>;

  /// How many elements axes of these letters have; none if one has no number.
  static std::optional<double> countOf(const Letters &letters, const Blocks &blocks,
                                       const Numbers &numbers);
  bool refuse(std::string what);
  bool hasKind(const Variable &variable, uint32_t term);
  std::optional<Sum> value(const Expression &size, const Numbers &numbers, const Sum &before) const;
  /// Gives the one size in `size` that is open, if it is the only one, what makes all of it `goal`.
  void solveFor(const Expression &size, std::optional<Sum> goal, Numbers &numbers,
                const Sum &before) const;
  /// The sizes that letters, properties and the law's equations determine; none if they do not all
  /// agree.
  std::optional<Numbers> solve(const Meaning &meaning, const Blocks &blocks) const;
  bool isTrue(const Expression &condition, const Meaning &meaning, const Numbers &numbers) const;
  bool isTensor(std::optional<uint32_t> term) const;
  const Type &typeOf(uint32_t term) const { return function.types[*function.terms[term].type]; }
  bool isFact(const std::string &name, uint32_t term) const;
  static bool compares(const std::string &name, const std::optional<Sum> &left,
                       const std::optional<Sum> &right);

  const Law &law;
  const Function &function;
  const std::vector<Facts> &facts;
  std::string reason;
};

} // namespace tern::check

#endif
