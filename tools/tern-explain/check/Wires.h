// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_WIRES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_WIRES_H

#include "tools/tern-explain/check/Rules.h"

namespace tern::check {

/// An axis of a term or a letter of a law, wherever operations say that it is the same one.
using Wire = size_t;

/// What a term or a side of a law is there: a function of its own axes, in their order, which is
/// the same along those over which it is spread.
struct Place {
  std::vector<Wire> own, spread;

  std::vector<Wire> all() const;
};

/// The wires of the law or of the terms, and what each is called: sizes, extents.
template <typename Name> struct Side {
  std::vector<std::vector<Name>> names;

  Wire fresh(const Name &name) {
    names.push_back({name});
    return names.size() - 1;
  }

  void call(Wire wire, const Name &name) {
    if (!contains(names[wire], name))
      names[wire].push_back(name);
  }

  /// Where the operands of an operation stand whose result is `at`; `wires` are those of its
  /// letters.
  template <typename NameOf>
  std::vector<Place> operands(const Strings &strings, const Place &at, NameOf nameOf,
                              std::map<int, Wire> &wires) {
    for (size_t i = 0; i < strings.result.size(); ++i) {
      wires[strings.result[i]] = at.own[i];
      call(at.own[i], nameOf(strings.result[i]));
    }
    auto wireOf = [&](int letter) {
      bool isNew = strings.areJoined && !contains(strings.result, letter);
      if (isNew || !wires.contains(letter))
        wires[letter] = fresh(nameOf(letter));
      return wires[letter];
    };
    std::vector<Place> places(strings.operands.size(), {{}, at.spread});
    for (size_t i = 0; i < places.size(); ++i) {
      std::ranges::transform(strings.operands[i], std::back_inserter(places[i].own), wireOf);
      std::ranges::transform(strings.spread[i], std::back_inserter(places[i].spread), wireOf);
    }
    return places;
  }
};

/// Wires of the law and of the terms that belong together.
struct Ends {
  std::vector<Wire> law, term;
};

/// A variable of the law and the term that it stands for, at one place.
struct Standing {
  int variable;
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
  /// The extents of each letter's axes; none if it stands for no axes of a term.
  std::vector<std::optional<std::vector<std::string>>> blocks;
  /// Of each variable the places of its axes among its letters, in its own order.
  std::vector<std::vector<size_t>> axes;
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
