// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_SIZES_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_SIZES_H

#include "tools/tern-explain/check/Rules.h"
#include "tools/tern-explain/check/Sum.h"

namespace tern::check {

/// The extents that each letter of a law stands for; none if it stands for no axes of a term.
using Blocks = std::vector<std::optional<std::vector<std::string>>>;

/// The sizes of a law where its letters stand for axes.
class Sizes {
public:
  /// `before` is the size that `(before n)` names.
  Sizes(const Law &law, const Blocks &blocks, const Sum &before);

  /// Finds the sizes that letters, properties and the law's equations determine. False if they do
  /// not all agree.
  bool solve(const std::vector<std::pair<const Expression *, Sum>> &properties);

  /// How many elements axes of these letters have; none if one has no number.
  std::optional<double> countOf(const Letters &letters) const;

  bool compares(const std::string &order, const Expression &left, const Expression &right) const;

private:
  std::optional<Sum> value(const Expression &size) const;
  void solveFor(const Expression &size, std::optional<Sum> goal);

  const Law &law;
  const Blocks &blocks;
  const Sum &before;
  std::vector<std::optional<Sum>> numbers;
};

} // namespace tern::check

#endif
