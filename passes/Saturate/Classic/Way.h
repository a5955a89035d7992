// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_CLASSIC_WAY_H
#define TERN_PASSES_SATURATE_CLASSIC_WAY_H

#include "passes/Saturate/Classic/Match.h"

#include "llvm/ADT/STLExtras.h"

namespace tern::saturate::classic {

using Axis = unsigned;
using Axes = llvm::SmallVector<Axis, 6>;

/// Where a part of the law's side and a part of the term stand. Along `spread` the term is the same
/// everywhere: a scalar, or one that a broadcast spreads further.
struct Place {
  Axes law, own, spread;
};

struct Standing {
  unsigned variable;
  Axes law, own;
};

/// A way in which a part of the term matches.
struct Way {
  std::vector<Value> variables;
  std::vector<llvm::SmallVector<law::Dim, 2>> letters; ///< of each axis of the law
  std::vector<uint32_t> extents;                       ///< of each axis of the term
  std::vector<std::pair<Axes, Axes>> places;
  std::vector<Standing> standings;
  std::vector<std::pair<Axes, law::Letters>>
      sums; ///< axes that are summed, the law's letters for them
  std::vector<std::pair<const law::Size *, int64_t>> sizes;
  llvm::SmallVector<uint32_t> inner;
  uint32_t narrow = 0;

  bool bind(unsigned variable, const Value &value) {
    if (std::holds_alternative<std::monostate>(variables[variable]))
      variables[variable] = value;
    return variables[variable] == value;
  }
  void name(Axis axis, law::Dim letter) {
    if (!llvm::is_contained(letters[axis], letter))
      letters[axis].push_back(letter);
  }
  Axis freshLaw(law::Dim letter) {
    letters.push_back({letter});
    return letters.size() - 1;
  }
  Axis freshTerm(uint32_t extent) {
    extents.push_back(extent);
    return extents.size() - 1;
  }
};

/// How many elements axes of these extents have: a number, and what has names. None if an extent
/// has none.
std::optional<std::pair<int64_t, llvm::SmallVector<uint32_t>>>
elementsOf(const Graph &graph, llvm::ArrayRef<uint32_t> extents);

/// Gives each letter of the law the axes of the term that pass the places that it passes. None if
/// that is impossible, or a size, a condition or a guard does not hold.
std::optional<Match> complete(Graph &graph, const Rule &rule, uint32_t node, const Place &root,
                              const Way &way);

} // namespace tern::saturate::classic

#endif
