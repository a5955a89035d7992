// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Sizes.h"

namespace tern::check {

Sizes::Sizes(const Law &law, const Blocks &blocks, const Sum &before)
    : law(law), blocks(blocks), before(before), numbers(law.dims.size()) {
  for (size_t dim = 0; dim < numbers.size(); ++dim)
    if (blocks[dim]) {
      numbers[dim] = Sum{{}, 1};
      for (const std::string &extent : *blocks[dim]) {
        std::optional<Sum> own = Sum::parse(extent);
        numbers[dim] = numbers[dim] && own ? multiply(*numbers[dim], *own) : std::nullopt;
      }
    }
}

std::optional<Sum> Sizes::value(const Expression &size) const {
  if (!size.isList()) {
    if (std::optional<int64_t> number = parseInteger(size.atom))
      return Sum{{}, *number};
    int dim = law.dim(size.atom);
    return dim < 0 ? std::nullopt : numbers[dim];
  }
  if (size.isCall("before", 1))
    return before;
  const std::string &name = size.list[0].atom;
  if ((name != "+" && name != "-" && name != "*") || size.list.size() < 2)
    return std::nullopt;
  std::optional<Sum> result = value(size.list[1]);
  for (size_t i = 2; i < size.list.size() && result; ++i) {
    std::optional<Sum> next = value(size.list[i]);
    if (!next)
      return std::nullopt;
    result = name == "+"   ? add(*result, *next)
             : name == "-" ? subtract(*result, *next)
                           : multiply(*result, *next);
  }
  return result;
}

/// Gives the one size in `size` that is open, if it is the only one, what makes all of it `goal`.
void Sizes::solveFor(const Expression &size, std::optional<Sum> goal) {
  if (!goal || value(size))
    return;
  if (!size.isList()) {
    if (int dim = law.dim(size.atom); dim >= 0)
      numbers[dim] = goal;
    return;
  }
  const std::string &name = size.list[0].atom;
  const Expression *open = nullptr;
  for (size_t i = 1; i < size.list.size(); ++i) {
    std::optional<Sum> part = value(size.list[i]);
    if ((!part && open) || !goal)
      return;
    if (!part)
      open = &size.list[i];
    else if (name == "+")
      goal = subtract(*goal, *part);
    else if (name == "*")
      goal = divide(*goal, *part);
    else
      return;
  }
  if (open && (name == "+" || name == "*" || size.list.size() == 2))
    solveFor(*open, goal);
}

bool Sizes::solve(const std::vector<std::pair<const Expression *, Sum>> &properties) {
  const std::vector<std::optional<Sum>> ofAxes = numbers;
  for (size_t round = 0; round < numbers.size() + 1; ++round) {
    for (const auto &[size, goal] : properties)
      solveFor(*size, goal);
    for (const auto &[dim, size] : law.equations)
      if (numbers[dim])
        solveFor(size, numbers[dim]);
      else
        numbers[dim] = value(size);
  }
  for (const auto &[size, goal] : properties)
    if (value(*size) != goal)
      return false;
  for (const auto &[dim, size] : law.equations) {
    int other = law.otherName(size);
    bool areAxes = other >= 0 && blocks[dim] && blocks[other];
    if (areAxes ? !haveAsMany(*blocks[dim], *blocks[other])
                : !numbers[dim] || value(size) != numbers[dim])
      return false;
  }
  for (size_t dim = 0; dim < numbers.size(); ++dim)
    if (numbers[dim] && !ofAxes[dim] && !numbers[dim]->isNonNegative())
      return false;
  return true;
}

std::optional<double> Sizes::countOf(const Letters &letters) const {
  std::optional<Sum> count = Sum{{}, 1};
  for (int dim : letters)
    count = count && numbers[dim] ? multiply(*count, *numbers[dim]) : std::nullopt;
  return count && count->isNumber() ? std::optional<double>(count->constant) : std::nullopt;
}

bool Sizes::compares(const std::string &order, const Expression &left,
                     const Expression &right) const {
  std::optional<Sum> a = value(left), b = value(right);
  if (!a || !b)
    return false;
  if (order == "=")
    return a == b;
  bool isStrict = order == "<" || order == ">";
  if (!isStrict && order != "<=" && order != ">=")
    return false;
  std::optional<Sum> gap = order[0] == '<' ? subtract(*b, *a) : subtract(*a, *b);
  gap = gap && isStrict ? subtract(*gap, Sum{{}, 1}) : gap;
  return gap && gap->isNonNegative();
}

} // namespace tern::check
