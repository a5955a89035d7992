// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_WIRES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_WIRES_H

#include "tools/tern-explain/check/Rules.h"

namespace tern::check {

/// An axis where it stands: of a term one for each of its axes, of a law one for each letter.
/// Operations join those that are one axis; what is joined is a wire.
using Slot = size_t;

class Wiring {
public:
  Slot fresh() {
    parents.push_back(parents.size());
    return parents.size() - 1;
  }
  Slot find(Slot slot) const {
    while (parents[slot] != slot)
      slot = parents[slot];
    return slot;
  }
  void join(Slot a, Slot b) { parents[find(b)] = find(a); }

private:
  std::vector<Slot> parents;
};

/// What a term or a side of a law is there: a function of its own axes, in their order, which is
/// the same along those over which it is spread.
struct Place {
  std::vector<Slot> own, spread;

  std::vector<Slot> all() const;
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
  Wiring law, term;
  std::vector<int> dims;            ///< of the law's slots
  std::vector<std::string> extents; ///< of the terms' slots
  std::vector<Ends> places;         ///< the same wires, in any order
  std::vector<Ends> orders;         ///< the same wires, in one order
  std::vector<Ends> sums;           ///< along which it is summed, in the order in which it is
  std::vector<Standing> standings;

  Slot freshLaw(int dim);
  Slot freshTerm(const std::string &extent);
  /// The slot under that name.
  Slot named(Slot slot, int dim);
};

/// What the letters stand for: the extents of axes.
using Blocks = std::vector<std::optional<std::vector<std::string>>>;

/// Gives each wire of the terms to the wire of the law that passes the very same places; those of a
/// block are numbered as the variables have them. None unless each variable has its axes named
/// alike wherever it stands, each letter has the same extents everywhere, what is ordered has the
/// order of the law, and, where `keepsSums`, so has what is summed. `mayBeBlock` says of each dim
/// whether it may be several axes, or none.
std::optional<Blocks> match(const Wires &wires, const std::vector<bool> &mayBeBlock,
                            size_t variables, bool keepsSums);

} // namespace tern::check

#endif
