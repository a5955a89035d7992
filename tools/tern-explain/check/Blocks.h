// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_BLOCKS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_BLOCKS_H

#include "tools/tern-explain/check/Rules.h"

#include <functional>

namespace tern::check {

/// An axis: its letter in the term's own string, 0 if it has none, and its extent.
struct Axis {
  char letter;
  std::string extent;
};

/// Letters of a law and the axes that they name.
struct Part {
  Letters letters;
  std::vector<Axis> axes;
};

/// The parts of one term, which has its letters for itself.
using Group = std::vector<Part>;

/// What the letters stand for: the extents of adjacent axes.
using Blocks = std::vector<std::optional<std::vector<std::string>>>;

/// True if `accept` is for one of the meanings of the law's letters for which each part names its
/// axes. `mayBeBlock` says which letters may stand for several axes, or for none. Throws a Refusal
/// if there are too many meanings to try.
bool findBlocks(const std::vector<Group> &groups, const std::vector<bool> &mayBeBlock,
                const std::function<bool(const Blocks &)> &accept);

} // namespace tern::check

#endif
