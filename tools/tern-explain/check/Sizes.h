// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_SIZES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_SIZES_H

#include "tools/tern-explain/check/Rules.h"

#include <cstdint>

namespace tern::check {

/// The extents that each letter of a law stands for; none if it stands for no axes of a term.
using Blocks = std::vector<std::optional<std::vector<std::string>>>;

/// A size of a law and what a property or an axis says that it is.
struct KnownSize {
  const Expression *size;
  int64_t value;
};

/// The sizes of a law that are numbers where its letters stand for axes.
class Sizes {
public:
  /// `before` is the size that `(before n)` names.
  Sizes(const Law &law, const Blocks &blocks, int64_t before);

  /// Finds the sizes that letters, properties and the law's equations determine. False if they do
  /// not all agree, or if an equation holds a size that is no number and is more than another name.
  bool solve(const std::vector<KnownSize> &properties);

  /// How many elements axes of these letters have; none if one has no number.
  std::optional<int64_t> countOf(const Letters &letters) const;

  /// Axes of these letters have the extents that the text lists, in some order.
  bool areExtents(const Letters &letters, std::string text) const;

  bool compares(const std::string &order, const Expression &left, const Expression &right) const;

private:
  std::optional<int64_t> value(const Expression &size) const;
  void solveFor(const Expression &size, int64_t goal);

  const Law &law;
  const Blocks &blocks;
  int64_t before;
  std::vector<std::optional<int64_t>> numbers;
};

} // namespace tern::check

#endif
