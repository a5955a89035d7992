// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_STRINGS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_STRINGS_H

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

namespace tern::check {

/// The axes of a tensor by their names, which are numbers.
using Letters = std::vector<int>;

bool contains(const auto &all, const auto &one) {
  return std::ranges::find(all, one) != std::end(all);
}

/// Those of `some` that are not among `others`.
Letters lacking(const Letters &some, const Letters &others);

/// Which axes of an operation's operands and of its result are one: `rk,nk->rn` or `rk/k`.
struct Strings {
  std::vector<Letters> operands{};
  /// Axes of the result along which an operand, which does not have them, is the same.
  std::vector<Letters> spread{};
  Letters result{};
  /// Axes of which the operation says more than that they are one: those that a softmax goes
  /// along, the one that a rotation turns.
  std::vector<Letters> marks{};
  /// A letter that is not the result's is one operand's alone, as in `ra,ra->rn`.
  bool areJoined = false;

  /// The letters that are in operands only, in order of appearance.
  Letters summed() const;
  /// `operand` is the same along all other axes of the result.
  void spreadAll();

  bool operator==(const Strings &) const = default;
};

/// `rk,nk->rn`; `rk/k`, whose result is `rk` and whose mark is `k`; `td,th`, without a result.
/// `letter` gives a letter's number, or throws. Throws a Refusal if a part has a letter twice.
Strings parseStrings(std::string_view text, const std::function<int(char)> &letter);

std::vector<std::string_view> split(std::string_view text, std::string_view at);

/// True if it is one of the names, between which there are blanks.
bool isOneOf(std::string_view name, std::string_view names);

/// An operation's name without `tern.`.
std::string_view plainName(std::string_view operation);

} // namespace tern::check

#endif
