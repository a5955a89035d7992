// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Wires.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tern::check {

std::vector<Wire> Place::all() const {
  std::vector<Wire> wires = own;
  wires.insert(wires.end(), spread.begin(), spread.end());
  return wires;
}

namespace {

/// An axis: a wire of the law, and its number in the wire's block.
using Label = std::pair<Wire, size_t>;

class Matcher {
public:
  Matcher(const Wires &wires, const std::vector<bool> &mayBeBlock, size_t variables)
      : wires(wires), mayBeBlock(mayBeBlock), variables(variables) {}

  std::optional<Match> run(bool keepsSums) {
    if (!assign() || !number() || !readBlocks() || !areOrdered() || (keepsSums && !areSummed()))
      return std::nullopt;
    return result;
  }

private:
  /// The places that each wire passes, in the order of their first ones. A wire that passes one
  /// twice is a diagonal: none.
  using Paths = std::vector<std::pair<Wire, std::vector<size_t>>>;

  std::optional<Paths> paths(std::vector<Wire> Ends::*side) const {
    Paths found;
    for (size_t place = 0; place < wires.places.size(); ++place)
      for (Wire wire : wires.places[place].*side) {
        auto known = std::ranges::find(found, wire, &Paths::value_type::first);
        if (known == found.end())
          known = found.insert(found.end(), {wire, {}});
        else if (known->second.back() == place)
          return std::nullopt;
        known->second.push_back(place);
      }
    return found;
  }

  bool assign() {
    std::optional<Paths> ofLaw = paths(&Ends::law), ofTerm = paths(&Ends::term);
    if (!ofLaw || !ofTerm)
      return false;
    std::map<std::vector<size_t>, Ends> byPath;
    for (const auto &[wire, path] : *ofLaw)
      byPath[path].law.push_back(wire);
    for (const auto &[wire, path] : *ofTerm)
      byPath[path].term.push_back(wire);
    // What can be but one way first, as it says of the variables which axis is which letter.
    for (bool isOpen : {false, true})
      for (const auto &[path, ends] : byPath)
        if ((ends.law.size() > 1) == isOpen && !share(ends.law, ends.term))
          return false;
    return true;
  }

  bool isBlock(Wire wire) const {
    return std::ranges::all_of(wires.law.names[wire], [&](int dim) { return mayBeBlock[dim]; });
  }

  /// One axis for each single letter, in order. The rest is the last block's (the frame, of which
  /// no condition speaks, comes first), or that of the last one that it can be.
  bool share(const std::vector<Wire> &letters, const std::vector<Wire> &axes) {
    std::vector<Wire> blocks, owners;
    std::ranges::copy_if(letters, std::back_inserter(blocks),
                         [&](Wire wire) { return isBlock(wire); });
    size_t singles = letters.size() - blocks.size();
    if (axes.size() < singles || (blocks.empty() && axes.size() > singles))
      return false;
    for (Wire letter : letters)
      owners.insert(owners.end(),
                    !contains(blocks, letter) ? 1
                    : letter == blocks.back() ? axes.size() - singles
                                              : 0,
                    letter);
    std::map<Wire, size_t> counts;
    for (size_t i = 0; i < axes.size(); ++i) {
      auto owner = blocks.rbegin();
      while (!mayHave(owners[i], axes[i])) {
        if (!contains(blocks, owners[i]) || owner == blocks.rend())
          return false;
        owners[i] = *owner++;
      }
      labels[axes[i]] = {owners[i], counts[owners[i]]++};
      note(owners[i], axes[i]);
    }
    return true;
  }

  /// The place of a wire among others; none if it is not there.
  static std::optional<size_t> placeOf(const std::vector<Wire> &wires, Wire wire) {
    auto at = std::ranges::find(wires, wire);
    return at == wires.end() ? std::nullopt : std::optional<size_t>(at - wires.begin());
  }

  /// True if each variable that has the axis has the letter, where it has it elsewhere.
  bool mayHave(Wire letter, Wire axis) const {
    return std::ranges::all_of(wires.standings, [&](const Standing &standing) {
      std::optional<size_t> at = placeOf(standing.axes.term, axis),
                            place = placeOf(standing.axes.law, letter);
      auto known = at ? letterOf.find({standing.variable, *at}) : letterOf.end();
      return !at || (place && (known == letterOf.end() || known->second == *place));
    });
  }

  void note(Wire letter, Wire axis) {
    for (const Standing &standing : wires.standings)
      if (std::optional<size_t> at = placeOf(standing.axes.term, axis))
        letterOf.emplace(std::pair(standing.variable, *at), *placeOf(standing.axes.law, letter));
  }

  /// An axis of a variable has one letter and one number wherever the variable stands.
  bool number() {
    std::map<std::pair<int, size_t>, size_t> numbers;
    result.axes.resize(variables);
    for (bool isLast : {false, true})
      for (const auto &[variable, axes] : wires.standings) {
        result.axes[variable].resize(axes.term.size());
        for (size_t at = 0; at < axes.term.size(); ++at) {
          auto &[letter, number] = labels.at(axes.term[at]);
          size_t first = numbers.try_emplace({variable, at}, number).first->second;
          if (!isLast)
            number = first;
          result.axes[variable][at] = letterOf.at({variable, at});
          if (number != first || placeOf(axes.law, letter) != letterOf.at({variable, at}))
            return false;
        }
      }
    return true;
  }

  bool readBlocks() {
    for (const auto &[wire, label] : labels) {
      std::vector<std::string> names = wires.term.names[wire], &block = lengths[label.first];
      if (names.size() > 1)
        std::erase(names, "?");
      block.resize(std::max(block.size(), label.second + 1));
      if (names.size() > 1 || !block[label.second].empty())
        return false;
      block[label.second] = names[0];
    }
    result.blocks.resize(mayBeBlock.size());
    for (Wire wire = 0; wire < wires.law.names.size(); ++wire)
      for (int dim : wires.law.names[wire]) {
        const std::vector<std::string> &block = lengths[wire];
        std::optional<std::vector<std::string>> &known = result.blocks[dim];
        // Axes of other wires are the same if their extents are, and those are known.
        if (contains(block, "") || (known && (known != block || contains(block, "?"))))
          return false;
        known = block;
      }
    return true;
  }

  bool areOrdered() {
    return std::ranges::all_of(wires.orders, [&](const Ends &order) {
      std::vector<Label> expected, found;
      for (Wire wire : order.law)
        for (size_t at = 0; at < lengths[wire].size(); ++at)
          expected.emplace_back(wire, at);
      for (Wire wire : order.term)
        found.push_back(labels.at(wire));
      return found == expected;
    });
  }

  /// Letters in the order of the law, the axes of each in one order wherever it is summed.
  bool areSummed() {
    std::map<int, std::vector<size_t>> numbers;
    for (const Ends &sum : wires.sums) {
      std::map<int, std::vector<size_t>> own;
      size_t last = 0;
      for (Wire wire : sum.term) {
        auto [letter, at] = labels.at(wire);
        std::optional<size_t> place = placeOf(sum.law, letter);
        if (!place || *place < last)
          return false;
        last = *place;
        for (int dim : wires.law.names[letter])
          own[dim].push_back(at);
      }
      for (auto &[dim, order] : own)
        if (numbers.try_emplace(dim, order).first->second != order)
          return false;
    }
    return true;
  }

  const Wires &wires;
  const std::vector<bool> &mayBeBlock;
  size_t variables;
  std::map<Wire, Label> labels;
  std::map<std::pair<int, size_t>, size_t> letterOf; ///< of the axes of variables
  std::map<Wire, std::vector<std::string>> lengths;
  Match result;
};

} // namespace

std::optional<Match> match(const Wires &wires, const std::vector<bool> &mayBeBlock,
                           size_t variables, bool keepsSums) {
  return Matcher(wires, mayBeBlock, variables).run(keepsSums);
}

} // namespace tern::check
