// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_CLASSIC_MATCH_H
#define TERN_PASSES_SATURATE_CLASSIC_MATCH_H

#include "passes/Saturate/Classic/Graph.h"
#include "passes/Saturate/Classic/Rule.h"

#include <variant>

namespace tern::saturate::classic {

/// An axis: a letter of the law, and its number in the letter's block.
struct Label {
  law::Dim letter;
  unsigned at;

  auto operator<=>(const Label &) const = default;
};

using Labels = llvm::SmallVector<Label, 4>;

/// What a variable stands for: nothing yet, a node, a number, or the head of an operation or the
/// element type, which are symbols.
struct Symbol {
  uint32_t id;
  bool operator==(const Symbol &) const = default;
};
struct Term {
  uint32_t node;
  bool operator==(const Term &) const = default;
};
using Value = std::variant<std::monostate, Term, double, Symbol>;

/// What the names of a law stand for at one node.
struct Match {
  uint32_t node;
  std::vector<Value> variables;
  std::vector<Labels> axes; ///< of each variable that is a node, in the order of its own
  Labels root;              ///< the axes of the node
  /// The extents of each letter's block, 0 for one without a name; none if the letter is not bound.
  std::vector<std::optional<llvm::SmallVector<uint32_t, 4>>> blocks;
  std::vector<std::optional<int64_t>> sizes; ///< of letters and of other sizes, if they are numbers
  uint32_t narrow = 0;                       ///< the element type that the law rounds to
  llvm::SmallVector<Label> summed;           ///< what is summed, in the order in which it is
  llvm::SmallVector<uint32_t> inner;         ///< the nodes that operations below the root stand for

  std::optional<uint32_t> nodeOf(unsigned variable) const {
    const Term *term = std::get_if<Term>(&variables[variable]);
    return term ? std::optional(term->node) : std::nullopt;
  }
};

/// All ways in which the node is an instance of the rule's left side, conditions and guards
/// included.
std::vector<Match> matches(Graph &graph, const Rule &rule, uint32_t node);

/// Whether conditions and guards hold. What can't be shown does not.
bool hold(Graph &graph, const Rule &rule, const Match &match);

std::optional<int64_t> valueOf(const law::Size &size,
                               const std::vector<std::optional<int64_t>> &sizes);

/// What a family of siblings adds to a match: those before and after the own one.
struct Family {
  llvm::SmallVector<const Match *> before, after;
};

/// The instance of the rule's right side at a match; none if it has no type, or another one than
/// the node that it would stand for.
std::optional<uint32_t> build(Graph &graph, const Rule &rule, const Match &match,
                              const Family &family = {});

} // namespace tern::saturate::classic

#endif
