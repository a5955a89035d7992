// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Wires.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tern::check {

std::vector<Slot> Place::all() const {
  std::vector<Slot> slots = own;
  slots.insert(slots.end(), spread.begin(), spread.end());
  return slots;
}

namespace {

/// An axis: a wire of the law, and its number in the wire's block.
using Label = std::pair<Slot, size_t>;

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
  using Paths = std::vector<std::pair<Slot, std::vector<size_t>>>;

  std::optional<Paths> paths(const auto &wiring, std::vector<Slot> Ends::*side) const {
    Paths found;
    for (size_t place = 0; place < wires.places.size(); ++place)
      for (Slot slot : wires.places[place].*side) {
        Slot wire = wiring.find(slot);
        auto known = std::ranges::find(found, wire, &Paths::value_type::first);
        if (known == found.end())
          known = found.insert(found.end(), {wire, {}});
        else if (known->second.back() == place)
          return std::nullopt;
        known->second.push_back(place);
      }
    return found;
  }

  bool isBlock(Slot wire) const {
    for (Slot slot = 0; slot < wires.law.names.size(); ++slot)
      if (wires.law.find(slot) == wire && !mayBeBlock[wires.law.names[slot]])
        return false;
    return true;
  }

  bool assign() {
    std::optional<Paths> ofLaw = paths(wires.law, &Ends::law),
                         ofTerm = paths(wires.term, &Ends::term);
    if (!ofLaw || !ofTerm)
      return false;
    std::map<std::vector<size_t>, std::pair<std::vector<Slot>, std::vector<Slot>>> byPath;
    for (const auto &[wire, path] : *ofLaw)
      byPath[path].first.push_back(wire);
    for (const auto &[wire, path] : *ofTerm)
      byPath[path].second.push_back(wire);
    // What can be but one way first, as it says of the variables which axis is which letter.
    for (bool isOpen : {false, true})
      for (const auto &[path, group] : byPath)
        if ((group.first.size() > 1) == isOpen && !share(group.first, group.second))
          return false;
    return true;
  }

  /// One axis for each single letter, in order. The rest is the last block's (the frame, of which
  /// no condition speaks, comes first), or that of the last one that it can be.
  bool share(const std::vector<Slot> &letters, const std::vector<Slot> &axes) {
    std::vector<Slot> blocks, owners;
    std::ranges::copy_if(letters, std::back_inserter(blocks),
                         [&](Slot wire) { return isBlock(wire); });
    size_t singles = letters.size() - blocks.size();
    if (axes.size() < singles || (blocks.empty() && axes.size() > singles))
      return false;
    for (Slot letter : letters)
      owners.insert(owners.end(),
                    !contains(blocks, letter) ? 1
                    : letter == blocks.back() ? axes.size() - singles
                                              : 0,
                    letter);
    std::map<Slot, size_t> counts;
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

  /// The places of a wire among a standing's letters or axes; none if it is not there.
  static std::optional<size_t> placeOf(const auto &side, const std::vector<Slot> &slots,
                                       Slot wire) {
    auto at = std::ranges::find_if(slots, [&](Slot slot) { return side.find(slot) == wire; });
    return at == slots.end() ? std::nullopt : std::optional<size_t>(at - slots.begin());
  }

  /// True if each variable that has the axis has the letter, where it has it elsewhere.
  bool mayHave(Slot letter, Slot axis) const {
    return std::ranges::all_of(wires.standings, [&](const Standing &standing) {
      std::optional<size_t> at = placeOf(wires.term, standing.axes.term, axis),
                            place = placeOf(wires.law, standing.axes.law, letter);
      auto known = at ? letterOf.find({standing.variable, *at}) : letterOf.end();
      return !at || (place && (known == letterOf.end() || known->second == *place));
    });
  }

  void note(Slot letter, Slot axis) {
    for (const Standing &standing : wires.standings)
      if (std::optional<size_t> at = placeOf(wires.term, standing.axes.term, axis))
        letterOf.emplace(std::pair(standing.variable, *at),
                         *placeOf(wires.law, standing.axes.law, letter));
  }

  Label &label(Slot slot) { return labels.at(wires.term.find(slot)); }

  bool number() {
    // The place of the letter in the variable's, and the number.
    std::vector<std::optional<std::vector<std::pair<size_t, size_t>>>> known(variables);
    result.axes.resize(variables);
    for (bool isLast : {false, true})
      for (const Standing &standing : wires.standings) {
        std::vector<std::pair<size_t, size_t>> own;
        auto &first = known[standing.variable];
        for (size_t axis = 0; axis < standing.axes.term.size(); ++axis) {
          Label &label = this->label(standing.axes.term[axis]);
          auto letter = std::ranges::find_if(
              standing.axes.law, [&](Slot slot) { return wires.law.find(slot) == label.first; });
          if (letter == standing.axes.law.end())
            return false;
          if (first && axis < first->size() && !isLast)
            label.second = (*first)[axis].second;
          own.emplace_back(letter - standing.axes.law.begin(), label.second);
        }
        if (first && *first != own)
          return false;
        first = own;
        result.axes[standing.variable].clear();
        for (const auto &[place, at] : own)
          result.axes[standing.variable].push_back(standing.letters[place]);
      }
    return true;
  }

  bool readBlocks() {
    std::map<Slot, std::string> extentOf;
    for (Slot slot = 0; slot < wires.term.names.size(); ++slot) {
      std::string &extent = extentOf.try_emplace(wires.term.find(slot), "?").first->second;
      if (extent == "?")
        extent = wires.term.names[slot];
      else if (wires.term.names[slot] != "?" && wires.term.names[slot] != extent)
        return false;
    }
    for (const auto &[wire, label] : labels) {
      std::vector<std::string> &block = lengths[label.first];
      if (block.size() <= label.second)
        block.resize(label.second + 1);
      if (!block[label.second].empty())
        return false;
      block[label.second] = extentOf[wire];
    }
    for (const auto &[wire, block] : lengths)
      if (std::ranges::count(block, "") > 0)
        return false;
    result.blocks.resize(mayBeBlock.size());
    std::vector<Slot> first(mayBeBlock.size());
    auto read = [&](Slot slot, int dim) {
      Slot wire = wires.law.find(slot);
      const std::vector<std::string> &block = lengths[wire];
      if (!result.blocks[dim]) {
        result.blocks[dim] = block;
        first[dim] = wire;
      }
      // Axes of other wires are the same if their extents are, and those are known.
      return first[dim] == wire ||
             (result.blocks[dim] == block && std::ranges::count(block, "?") == 0);
    };
    for (Slot slot = 0; slot < wires.law.names.size(); ++slot)
      if (!read(slot, wires.law.names[slot]))
        return false;
    return std::ranges::all_of(wires.standings, [&](const Standing &standing) {
      for (size_t i = 0; i < standing.letters.size(); ++i)
        if (!read(standing.axes.law[i], standing.letters[i]))
          return false;
      return true;
    });
  }

  bool areOrdered() {
    return std::ranges::all_of(wires.orders, [&](const Ends &order) {
      std::vector<Label> expected, found;
      for (Slot slot : order.law)
        for (size_t at = 0; at < lengths[wires.law.find(slot)].size(); ++at)
          expected.emplace_back(wires.law.find(slot), at);
      for (Slot slot : order.term)
        found.push_back(label(slot));
      return found == expected;
    });
  }

  /// Letters in the order of the law, the axes of each in one order wherever it is summed.
  bool areSummed() {
    std::map<int, std::vector<size_t>> numbers;
    for (const Ends &sum : wires.sums) {
      std::map<int, std::vector<size_t>> own;
      size_t last = 0;
      for (Slot slot : sum.term) {
        auto letter = std::ranges::find_if(
            sum.law, [&](Slot dim) { return wires.law.find(dim) == label(slot).first; });
        size_t place = letter - sum.law.begin();
        if (place == sum.law.size() || place < last)
          return false;
        last = place;
        own[wires.law.names[*letter]].push_back(label(slot).second);
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
  std::map<Slot, Label> labels;
  std::map<std::pair<int, size_t>, size_t> letterOf; ///< of the axes of variables
  std::map<Slot, std::vector<std::string>> lengths;
  Match result;
};

} // namespace

std::optional<Match> match(const Wires &wires, const std::vector<bool> &mayBeBlock,
                           size_t variables, bool keepsSums) {
  return Matcher(wires, mayBeBlock, variables).run(keepsSums);
}

} // namespace tern::check
