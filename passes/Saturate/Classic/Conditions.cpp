// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Match.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

using law::Property;
using law::Relation;

/// How deep a term is followed.
static constexpr unsigned deepest = 8;

static bool isPowerOfTwo(double number) {
  int exponent;
  return number > 0 && std::isnormal(number) && std::frexp(number, &exponent) == 0.5;
}

static bool holds(const law::Comparison &comparison, const Match &match) {
  std::optional<int64_t> a = valueOf(comparison.left, match.sizes);
  std::optional<int64_t> b = valueOf(comparison.right, match.sizes);
  if (!a || !b)
    return false;
  switch (comparison.relation) {
  case Relation::Less:
    return *a < *b;
  case Relation::LessEqual:
    return *a <= *b;
  case Relation::Equal:
    return *a == *b;
  case Relation::GreaterEqual:
    return *a >= *b;
  case Relation::Greater:
    return *a > *b;
  }
  llvm_unreachable("every relation is one of these");
}

namespace {

class Facts {
public:
  Facts(Graph &graph, const Match &match) : graph(graph), match(match) {}

  bool holds(const law::Fact &fact) {
    std::optional<uint32_t> node = match.nodeOf(fact.variable);
    std::optional<double> number = numberOf(fact.variable);
    Sign sign = number ? Sign::of(*number) : node ? graph[*node].sign : Sign();
    switch (fact.property) {
    case Property::Positive:
      return sign.isPositive();
    case Property::NonNegative:
      return sign.isNotNegative;
    case Property::NonZero:
      return sign.isNotZero;
    case Property::PowerOfTwo:
      return number && isPowerOfTwo(*number);
    case Property::Increasing:
      return isFunction(fact.variable, {"exp", "tanh", "erf", "sigmoid", "softplus"});
    case Property::ZeroAtZero:
      return isFunction(fact.variable, {"neg", "abs", "square", "sqrt", "sin", "tan", "tanh", "erf",
                                        "relu", "silu", "gelu", "gelu_tanh", "quick_gelu"});
    case Property::Rounded:
      return node && isRounded(*node);
    case Property::Bijective:
      return node && isBijective(*node, deepest);
    case Property::Orthogonal:
      return node && isOrthogonal(*node, deepest);
    case Property::Some:
      return node && hasEntry(*node, fact);
    }
    llvm_unreachable("every property is one of these");
  }

  bool holds(const law::Guard &guard) {
    auto isKnown = [&](unsigned variable) {
      std::optional<uint32_t> node = match.nodeOf(variable);
      return numberOf(variable) || (node && graph[*node].isLoad);
    };
    if (guard.name == "load" || guard.name == "delta")
      return isKnown(guard.variables[0]);
    if (guard.name == "not-one")
      return numberOf(guard.variables[0]) != 1.0;
    if (guard.name == "exact") {
      const auto *wide = std::get_if<Symbol>(&match.variables[guard.variables[0]]);
      std::optional<uint32_t> node = match.nodeOf(guard.variables[1]);
      return wide && node && graph.table.holds(wide->id, graph.element(*node));
    }
    if (guard.name == "weight" || guard.name == "f32") {
      std::optional<uint32_t> node = match.nodeOf(guard.variables[0]);
      return node && (guard.name == "f32" ? graph.elementName(*node) == "f32"
                                          : graph.name(*node) == "weight");
    }
    return true; // who searches, and what all users pay, which costs say
  }

private:
  std::optional<double> numberOf(unsigned variable) const {
    if (const auto *number = std::get_if<double>(&match.variables[variable]))
      return *number;
    std::optional<uint32_t> node = match.nodeOf(variable);
    return node ? graph[*node].splat : std::nullopt;
  }

  bool isFunction(unsigned variable, std::initializer_list<StringRef> names) {
    const auto *symbol = std::get_if<Symbol>(&match.variables[variable]);
    return symbol && llvm::any_of(names, [&](StringRef n) { return graph.head(n) == symbol->id; });
  }

  /// Widened from the type that the law rounds to.
  bool isRounded(uint32_t node) const {
    uint32_t narrow = match.narrow;
    return narrow != 0 &&
           (graph.element(node) == narrow ||
            (graph.name(node) == "cast" && graph.element(graph[node].kids[0]) == narrow));
  }

  /// Each index once: the indices themselves, or one such choice of another.
  bool isBijective(uint32_t node, unsigned depth) {
    StringRef name = graph.name(node);
    const auto &kids = graph[node].kids;
    if (depth == 0)
      return false;
    if (name == "iota")
      return graph.rank(node) == 1;
    if (name == "cast")
      return isBijective(kids[0], depth - 1);
    return name == "gather" && isBijective(kids[0], depth - 1) && isBijective(kids[1], depth - 1);
  }

  /// A permutation matrix, or one turned.
  bool isOrthogonal(uint32_t node, unsigned depth) {
    StringRef name = graph.name(node);
    const auto &kids = graph[node].kids;
    if (depth == 0)
      return false;
    if (name == "one_hot") {
      const auto &extents = *graph.extents(node);
      return extents.size() == 2 && extents[0] == extents[1] && extents[0] != 0 &&
             isBijective(kids[0], depth - 1);
    }
    return (name == "transpose" || name == "neg") && isOrthogonal(kids[0], depth - 1);
  }

  bool hasEntry(uint32_t node, const law::Fact &fact) {
    std::optional<size_t> axis;
    for (auto [at, label] : llvm::enumerate(match.axes[fact.variable]))
      if (contains(fact.along, label.letter)) {
        if (axis)
          return false;
        axis = at;
      }
    return axis && hasEntry(node, *axis, deepest);
  }

  /// Every row of a mask along `axis` has an entry.
  bool hasEntry(uint32_t node, size_t axis, unsigned depth) {
    const auto &extents = graph.extents(node);
    if (!extents || axis >= extents->size())
      return false;
    const Sign &sign = graph[node].sign;
    if (sign.isTruth && sign.isNotZero && graph.integer((*extents)[axis]).value_or(0) > 0)
      return true;
    StringRef name = graph.name(node);
    const auto &kids = graph[node].kids;
    if (depth == 0)
      return false;
    if (name == "or" || name == "maximum")
      return hasEntry(kids[0], axis, depth - 1) || hasEntry(kids[1], axis, depth - 1);
    if (name == "le")
      return isDiagonal(node, axis);
    if (name != "broadcast" && name != "transpose")
      return false;
    const TextAxes *own = graph.axes(kids[1]);
    size_t at = own->operands[0].find(own->result[axis]);
    return at != std::string::npos && hasEntry(kids[0], at, depth - 1);
  }

  /// `s <= t` or `t <= s` for the indices of two axes of one extent, of which `axis` is one: each t
  /// has s = t.
  bool isDiagonal(uint32_t node, size_t axis) {
    auto axisOf = [&](uint32_t kid) -> std::optional<size_t> {
      if (graph.name(kid) != "iota")
        return std::nullopt;
      const TextAxes *own = graph.axes(graph[kid].kids[0]);
      return own->result.find(own->operands[0][0]);
    };
    std::optional<size_t> a = axisOf(graph[node].kids[0]), b = axisOf(graph[node].kids[1]);
    const auto &extents = *graph.extents(node);
    return a && b && a != b && (a == axis || b == axis) && extents[*a] == extents[*b] &&
           extents[*a] != 0;
  }

  Graph &graph;
  const Match &match;
};

} // namespace

bool hold(Graph &graph, const Rule &rule, const Match &match) {
  Facts facts(graph, match);
  auto isTrue = [&](const law::Condition &condition) {
    const auto *comparison = std::get_if<law::Comparison>(&condition.what);
    return comparison ? holds(*comparison, match)
                      : facts.holds(std::get<law::Fact>(condition.what));
  };
  // What a chain pays at the load is in its cost.
  const law::Law &law = rule.law();
  auto isOfChain = [](const law::Guard &guard) { return guard.name == "chain-searcher"; };
  bool isChain = llvm::any_of(law.guards, isOfChain);
  return llvm::all_of(law.typed, isTrue) && llvm::all_of(law.when, isTrue) &&
         llvm::all_of(law.guards,
                      [&](const law::Guard &guard) { return isChain || facts.holds(guard); });
}

} // namespace tern::saturate::classic
