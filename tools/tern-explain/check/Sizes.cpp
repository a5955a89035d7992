// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Sizes.h"

#include "tools/tern-explain/check/Numbers.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tern::check {

Sizes::Sizes(const Law &law, const Blocks &blocks, int64_t before)
    : law(law), blocks(blocks), before(before), numbers(law.dims.size()) {
  for (size_t dim = 0; dim < numbers.size(); ++dim)
    if (blocks[dim]) {
      numbers[dim] = 1;
      for (const std::string &extent : *blocks[dim])
        numbers[dim] = calculate('*', numbers[dim], parseInteger(extent));
    }
}

std::optional<int64_t> Sizes::value(const Expression &size) const {
  if (!size.isList()) {
    int dim = law.dim(size.atom);
    return dim < 0 ? parseInteger(size.atom) : numbers[dim];
  }
  if (size.isCall("before", 1))
    return before;
  std::optional<int64_t> result;
  for (size_t i = 1; i < size.list.size(); ++i)
    result =
        i == 1 ? value(size.list[1]) : calculate(size.list[0].atom[0], result, value(size.list[i]));
  return result;
}

/// Gives a name, or the one name of a sum that is open, what makes all of it `goal`.
void Sizes::solveFor(const Expression &size, int64_t goal) {
  if (int dim = law.dim(size.atom); dim >= 0 && !numbers[dim])
    numbers[dim] = goal;
  if (!size.isList() || size.list[0].atom != "+")
    return;
  const Expression *open = nullptr;
  std::optional<int64_t> rest = goal;
  for (size_t i = 1; i < size.list.size(); ++i)
    if (std::optional<int64_t> part = value(size.list[i]))
      rest = calculate('-', rest, part);
    else if (!std::exchange(open, &size.list[i]))
      continue;
    else
      return;
  if (open && rest)
    solveFor(*open, *rest);
}

bool Sizes::solve(const std::vector<KnownSize> &properties) {
  for (size_t round = 0; round < numbers.size() + 1; ++round) {
    for (const auto &[size, goal] : properties)
      solveFor(*size, goal);
    for (const auto &[dim, size] : law.equations)
      if (numbers[dim])
        solveFor(size, *numbers[dim]);
      else
        numbers[dim] = value(size);
  }
  auto isRight = [&](const std::pair<int, Expression> &equation) {
    auto [dim, size] = equation;
    int other = law.dim(size.atom); // `n=m`
    return other >= 0 && blocks[dim] && blocks[other] ? haveAsMany(*blocks[dim], *blocks[other])
                                                      : numbers[dim] && value(size) == numbers[dim];
  };
  return std::ranges::all_of(properties,
                             [&](const KnownSize &own) { return value(*own.size) == own.value; }) &&
         std::ranges::all_of(law.equations, isRight) &&
         std::ranges::none_of(numbers, [](std::optional<int64_t> own) { return own && *own < 0; });
}

std::optional<int64_t> Sizes::countOf(const Letters &letters) const {
  std::optional<int64_t> count = 1;
  for (int dim : letters)
    count = calculate('*', count, numbers[dim]);
  return count;
}

bool Sizes::areExtents(const Letters &letters, std::string text) const {
  std::multiset<std::string> own, listed;
  for (int dim : letters) {
    if (!blocks[dim])
      return false;
    own.insert(blocks[dim]->begin(), blocks[dim]->end());
  }
  for (size_t blank; (blank = text.find("%20")) != std::string::npos;)
    text.erase(blank, 3);
  for (std::string_view extent : split(text, ","))
    if (!extent.empty())
      listed.emplace(extent);
  return own == listed;
}

bool Sizes::compares(const std::string &order, const Expression &left,
                     const Expression &right) const {
  std::optional<int64_t> a = value(left), b = value(right);
  return a && b &&
         (order == "="    ? *a == *b
          : order == "<"  ? *a < *b
          : order == "<=" ? *a <= *b
          : order == ">"  ? *a > *b
                          : order == ">=" && *a >= *b);
}

} // namespace tern::check
