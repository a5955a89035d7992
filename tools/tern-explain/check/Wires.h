// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_WIRES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_WIRES_H

#include "tools/tern-explain/check/Rules.h"

namespace tern::check {

/// An axis where it stands: of a term one for each of its axes, of a law one for each letter.
/// Those that are one axis are a wire.
using Slot = size_t;

/// What a term or a side of a law is there: a function of its own axes, in their order, which is
/// the same along those over which it is spread.
struct Place {
  std::vector<Slot> own, spread;

  std::vector<Slot> all() const;
};

/// The slots of the law or of the terms, and what they are called: sizes, extents.
template <typename Name> class Side {
public:
  Slot fresh(const Name &name) {
    parents.push_back(parents.size());
    names.push_back(name);
    return parents.size() - 1;
  }

  Slot find(Slot slot) const {
    while (parents[slot] != slot)
      slot = parents[slot];
    return slot;
  }

  /// The slot under that name.
  Slot named(Slot slot, const Name &name) {
    if (names[slot] == name)
      return slot;
    Slot other = fresh(name);
    parents[find(other)] = find(slot);
    return other;
  }

  /// Where the operands of an operation stand whose result is `at`; `slots` are those of its
  /// letters.
  template <typename NameOf>
  std::vector<Place> operands(const Strings &strings, const Place &at, NameOf nameOf,
                              std::map<int, Slot> &slots) {
    for (size_t i = 0; i < strings.result.size(); ++i)
      slots[strings.result[i]] = named(at.own[i], nameOf(strings.result[i]));
    auto slotOf = [&](int letter) {
      auto known = slots.find(letter);
      if (known != slots.end() && (!strings.areJoined || contains(strings.result, letter)))
        return known->second;
      return slots[letter] = fresh(nameOf(letter));
    };
    std::vector<Place> places(strings.operands.size(), {{}, at.spread});
    for (size_t i = 0; i < places.size(); ++i) {
      std::ranges::transform(strings.operands[i], std::back_inserter(places[i].own), slotOf);
      std::ranges::transform(strings.spread[i], std::back_inserter(places[i].spread), slotOf);
    }
    return places;
  }

  std::vector<Name> names;

private:
  std::vector<Slot> parents;
};

/// Slots of the law and of the terms that belong together.
struct Ends {
  std::vector<Slot> law, term;
};

/// A variable of the law and the term that it stands for, at one place.
struct Standing {
  int variable;
  Letters letters;
  Ends axes;
};

/// Both sides of a law and of two terms beside them.
struct Wires {
  Side<int> law;
  Side<std::string> term;
  std::vector<Ends> places; ///< the same wires, in any order
  std::vector<Ends> orders; ///< the same wires, in one order
  std::vector<Ends> sums;   ///< along which it is summed, in the order in which it is
  std::vector<Standing> standings;
};

/// What the letters of a law stand for.
struct Match {
  std::vector<std::optional<std::vector<std::string>>>
      blocks;                ///< the extents of each letter's axes
  std::vector<Letters> axes; ///< of each variable the letters of its axes, in its own order
};

/// Gives each wire of the terms to the wire of the law that passes the very same places; those of a
/// block are numbered as the variables have them. None unless each variable has its axes named
/// alike wherever it stands, each letter has the same extents everywhere, what is ordered has the
/// order of the law, and, where `keepsSums`, so has what is summed. `mayBeBlock` says of each dim
/// whether it may be several axes, or none.
std::optional<Match> match(const Wires &wires, const std::vector<bool> &mayBeBlock,
                           size_t variables, bool keepsSums);

} // namespace tern::check

#endif
