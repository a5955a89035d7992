// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Way.h"

#include <bitset>
#include <map>

using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

using law::Dim;
using law::Letters;
using law::Size;

std::optional<std::pair<int64_t, SmallVector<uint32_t>>> elementsOf(const Graph &graph,
                                                                    ArrayRef<uint32_t> extents) {
  std::pair<int64_t, SmallVector<uint32_t>> all{1, {}};
  for (uint32_t extent : extents) {
    if (extent == 0)
      return std::nullopt;
    if (std::optional<int64_t> number = graph.integer(extent)) {
      if (__builtin_mul_overflow(all.first, *number, &all.first))
        return std::nullopt;
    } else {
      all.second.push_back(extent);
    }
  }
  llvm::sort(all.second);
  return all;
}

std::optional<int64_t> valueOf(const Size &size, const std::vector<std::optional<int64_t>> &sizes) {
  switch (size.kind) {
  case Size::Kind::Number:
    return size.number;
  case Size::Kind::Dim:
    return sizes[size.dim];
  default:
    break;
  }
  std::optional<int64_t> all;
  for (const Size &operand : size.operands) {
    std::optional<int64_t> own = valueOf(operand, sizes);
    if (!own)
      return std::nullopt;
    if (!all) {
      all = own;
      continue;
    }
    bool overflows = size.kind == Size::Kind::Add   ? __builtin_add_overflow(*all, *own, &*all)
                     : size.kind == Size::Kind::Sub ? __builtin_sub_overflow(*all, *own, &*all)
                                                    : __builtin_mul_overflow(*all, *own, &*all);
    if (overflows)
      return std::nullopt;
  }
  return all ? all : std::optional<int64_t>(size.kind == Size::Kind::Mul ? 1 : 0);
}

namespace {

/// More places than any law has.
constexpr size_t mostPlaces = 192;

class Assignment {
public:
  Assignment(Graph &graph, const Rule &rule, const Way &way)
      : graph(graph), rule(rule), law(rule.law()), way(way) {}

  std::optional<Match> run(uint32_t node, const Place &root) {
    std::optional<std::map<Axis, Owner>> owner = owners();
    if (!owner)
      return std::nullopt;
    Match match{node, way.variables, {}, {}, {}, {}, way.narrow, {}, way.inner};
    const Letters &letters = rule.left().letters;
    if (!labelVariables(*owner, match) || !bindBlocks(*owner, match) || !bindSizes(match) ||
        !orderSums(*owner, match))
      return std::nullopt;
    for (Axis axis : root.own) {
      const Owner &own = owner->at(axis);
      const auto *place = llvm::find(root.law, own.law);
      if (place == root.law.end())
        return std::nullopt;
      match.root.push_back({letters[place - root.law.begin()], own.at});
    }
    return hold(graph, rule, match) ? std::optional(match) : std::nullopt;
  }

private:
  using Passed = std::bitset<mostPlaces>;

  /// The axes that pass some places, in the order of their first ones.
  template <typename Get>
  static std::vector<std::pair<Axis, Passed>> axesOf(const Way &way, Get get) {
    std::vector<std::pair<Axis, Passed>> axes;
    std::map<Axis, size_t> at;
    for (size_t place = 0; place < way.places.size(); ++place)
      for (Axis axis : get(way.places[place])) {
        auto [known, isNew] = at.try_emplace(axis, axes.size());
        if (isNew)
          axes.push_back({axis, {}});
        axes[known->second].second.set(place);
      }
    return axes;
  }

  struct Owner {
    Axis law;
    unsigned at;
  };

  bool isBlock(Axis axis) const {
    return llvm::all_of(way.letters[axis],
                        [&](Dim letter) { return rule.framed->isBlock[letter]; });
  }

  /// Of each axis of the term that of the law, and its number in the block.
  std::optional<std::map<Axis, Owner>> owners() const {
    if (way.places.size() > mostPlaces)
      return std::nullopt;
    auto ofLaw = axesOf(way, [](const auto &place) -> const Axes & { return place.first; });
    auto ofTerm = axesOf(way, [](const auto &place) -> const Axes & { return place.second; });
    std::map<Axis, Owner> owners;
    std::vector<bool> isTaken(ofTerm.size());
    for (size_t first = 0; first < ofLaw.size(); ++first) {
      const Passed &passed = ofLaw[first].second;
      auto isOne = [&](const auto &own) { return own.second == passed; };
      if (llvm::any_of(ArrayRef(ofLaw).take_front(first), isOne))
        continue; // dealt with
      SmallVector<Axis> candidates, axes;
      size_t singles = 0;
      for (const auto &own : llvm::make_filter_range(ofLaw, isOne)) {
        candidates.push_back(own.first);
        singles += isBlock(own.first) ? 0 : 1;
      }
      for (auto [at, own] : llvm::enumerate(ofTerm))
        if (isOne(own)) {
          axes.push_back(own.first);
          isTaken[at] = true;
        }
      if (axes.size() < singles || (singles == candidates.size() && axes.size() > singles))
        return std::nullopt;
      size_t spare = axes.size() - singles, next = 0;
      for (Axis candidate : candidates) {
        size_t take = isBlock(candidate) ? std::exchange(spare, 0) : 1;
        for (unsigned at = 0; at < take; ++at)
          owners[axes[next++]] = {candidate, at};
      }
    }
    return llvm::is_contained(isTaken, false) ? std::nullopt : std::optional(owners);
  }

  /// Where a variable stands twice, its axes have one number each.
  bool labelVariables(std::map<Axis, Owner> &owner, Match &match) {
    std::vector<std::optional<Labels>> axes(law.variables.size());
    for (bool isCheck : {false, true})
      for (const Standing &standing : way.standings) {
        const Letters &letters = law.variables[standing.variable].letters;
        std::optional<Labels> &known = axes[standing.variable];
        Labels labels;
        for (size_t i = 0; i < standing.own.size() && !letters.empty(); ++i) {
          Owner &own = owner.at(standing.own[i]);
          const auto *place = llvm::find(standing.law, own.law);
          if (place == standing.law.end())
            return false;
          if (known && !isCheck) {
            if (i >= known->size())
              return false;
            own.at = (*known)[i].at;
          }
          labels.push_back({letters[place - standing.law.begin()], own.at});
        }
        if (known && *known != labels)
          return false;
        known = labels;
      }
    for (std::optional<Labels> &own : axes)
      match.axes.push_back(own.value_or(Labels()));
    return true;
  }

  /// The extents of a letter are the same everywhere.
  bool bindBlocks(const std::map<Axis, Owner> &owner, Match &match) {
    match.blocks.resize(law.dims.size());
    std::map<Axis, std::map<unsigned, uint32_t>> byLaw;
    for (const auto &[places, _] : way.places)
      for (Axis axis : places)
        byLaw[axis];
    for (const auto &[axis, own] : owner)
      if (!byLaw[own.law].try_emplace(own.at, way.extents[axis]).second)
        return false;
    for (const auto &[axis, block] : byLaw) {
      SmallVector<uint32_t, 4> extents;
      for (auto [at, extent] : block) {
        if (at != extents.size())
          return false;
        extents.push_back(extent);
      }
      for (Dim letter : way.letters[axis]) {
        auto &known = match.blocks[letter];
        if (known && (*known != extents || llvm::is_contained(extents, 0u)))
          return false;
        known = extents;
      }
    }
    for (Dim dim = 0; dim < law.dims.size(); ++dim) {
      std::optional<Dim> other = aliasOf(law, dim);
      if (!other)
        continue;
      auto &a = match.blocks[dim], &b = match.blocks[*other];
      if (a && b) {
        auto number = elementsOf(graph, *a);
        if (!number || number != elementsOf(graph, *b))
          return false;
      } else if (a || b) {
        (a ? b : a) = a ? *a : *b;
      }
    }
    return true;
  }

  //===- Sizes ------------------------------------------------------------===//

  using Sizes = std::vector<std::optional<int64_t>>;

  /// Gives the one open size of the expression a number. False if none will do; true, with nothing
  /// changed, if more than one is open.
  static bool solve(const Size &size, int64_t value, Sizes &sizes) {
    if (std::optional<int64_t> known = valueOf(size, sizes))
      return *known == value;
    if (size.kind == Size::Kind::Dim) {
      sizes[size.dim] = value;
      return value >= 0;
    }
    const Size *open = nullptr;
    int64_t rest = value;
    bool isFirst = true, isTaken = false;
    for (const Size &operand : size.operands) {
      std::optional<int64_t> known = valueOf(operand, sizes);
      bool isSubtracted = size.kind == Size::Kind::Sub && !std::exchange(isFirst, false);
      if (!known) {
        if (std::exchange(open, &operand))
          return true;
        isTaken = isSubtracted;
        continue;
      }
      bool overflows = false;
      if (size.kind == Size::Kind::Mul) {
        if (*known == 0)
          return value == 0;
        if (rest % *known != 0)
          return false;
        rest /= *known;
      } else {
        overflows = isSubtracted ? __builtin_add_overflow(rest, *known, &rest)
                                 : __builtin_sub_overflow(rest, *known, &rest);
      }
      if (overflows)
        return false;
    }
    return !open || solve(*open, isTaken ? -rest : rest, sizes);
  }

  bool bindSizes(Match &match) {
    Sizes &sizes = match.sizes;
    sizes.resize(law.dims.size());
    for (Dim dim = 0; dim < law.dims.size(); ++dim) {
      if (!match.blocks[dim])
        continue;
      int64_t all = 1;
      bool isKnown = true;
      for (uint32_t extent : *match.blocks[dim]) {
        std::optional<int64_t> number = graph.integer(extent);
        isKnown = isKnown && number && !__builtin_mul_overflow(all, *number, &all);
      }
      if (isKnown)
        sizes[dim] = all;
    }
    for (Sizes before; before != sizes;) {
      before = sizes;
      for (auto [size, value] : way.sizes)
        if (!solve(*size, value, sizes))
          return false;
      for (Dim dim = 0; dim < law.dims.size(); ++dim) {
        const std::optional<Size> &value = law.dims[dim].value;
        if (!value)
          continue;
        if (sizes[dim] && !solve(*value, *sizes[dim], sizes))
          return false;
        if (!sizes[dim])
          sizes[dim] = valueOf(*value, sizes);
      }
    }
    auto isOpen = [&](const auto &own) { return !valueOf(*own.first, sizes); };
    auto isNegative = [](const std::optional<int64_t> &size) { return size && *size < 0; };
    if (llvm::any_of(way.sizes, isOpen) || llvm::any_of(sizes, isNegative))
      return false;
    // An equation between sizes that are no numbers can't be checked, but that two letters are one
    // block was seen. The sizes of siblings are not known yet.
    for (Dim dim = 0; dim < law.dims.size() && rule.framed->siblings.empty(); ++dim)
      if (law.dims[dim].value && !aliasOf(law, dim) &&
          (!sizes[dim] || valueOf(*law.dims[dim].value, sizes) != sizes[dim]))
        return false;
    return true;
  }

  /// Bit for bit, the law's letters are summed in its order.
  bool orderSums(const std::map<Axis, Owner> &owner, Match &match) const {
    for (const auto &[axes, letters] : way.sums) {
      size_t last = 0, lastKnown = 0;
      for (Axis axis : axes) {
        const Owner &own = owner.at(axis);
        const SmallVector<Dim, 2> &names = way.letters[own.law];
        auto place = llvm::find_if(letters, [&](Dim d) { return llvm::is_contained(names, d); });
        if (place == letters.end())
          return false;
        size_t at = place - letters.begin();
        if (law.tier == law::Tier::Bit && at < last)
          return false;
        last = at;
        Label label{*place, own.at};
        size_t known = llvm::find(match.summed, label) - match.summed.begin();
        if (known == match.summed.size()) {
          match.summed.push_back(label);
          continue;
        }
        // Wherever they are summed, in one order.
        if (law.tier == law::Tier::Bit && known < lastKnown)
          return false;
        lastKnown = known;
      }
    }
    return true;
  }

  Graph &graph;
  const Rule &rule;
  const law::Law &law;
  const Way &way;
};

} // namespace

std::optional<Match> complete(Graph &graph, const Rule &rule, uint32_t node, const Place &root,
                              const Way &way) {
  return Assignment(graph, rule, way).run(node, root);
}

} // namespace tern::saturate::classic
