// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Conditions.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace tern::check {

bool haveAsMany(const std::vector<std::string> &some, const std::vector<std::string> &others) {
  auto count = [](const std::vector<std::string> &extents) {
    std::pair<std::optional<int64_t>, std::multiset<std::string>> all{1, {}};
    for (const std::string &extent : extents) {
      std::optional<int64_t> number = parseInteger(extent);
      int64_t product;
      if (!number)
        all.second.insert(extent);
      else if (all.first && !__builtin_mul_overflow(*all.first, *number, &product))
        all.first = product;
      else
        all.first.reset();
    }
    return all;
  };
  auto a = count(some), b = count(others);
  return a.first && a == b && !a.second.contains("?");
}

bool Conditions::hold(const Meaning &meaning) {
  for (size_t i = 0; i < law.variables.size(); ++i)
    if (meaning.terms[i] && !hasKind(law.variables[i], *meaning.terms[i]))
      return false;
  std::vector<bool> mayBeBlock = law.mayBeBlock;
  mayBeBlock.resize(law.dims.size() + meaning.fresh, false);
  std::optional<Blocks> blocks = match(meaning.wires, mayBeBlock, law.variables.size(), law.isBit);
  if (!blocks)
    return refuse("its letters do not fit the axes of the terms");
  std::optional<Numbers> numbers = solve(meaning, *blocks);
  if (!numbers)
    return refuse("its sizes do not fit");
  for (const auto &[letters, value] : meaning.counts)
    if (countOf(letters, *blocks, *numbers) != value)
      return refuse("a number is not the size that the law names");
  return std::ranges::all_of(law.conditions, [&](const Expression &condition) {
    return isTrue(condition, meaning, *numbers) ||
           refuse("the condition " + condition.text() + " could not be shown");
  });
}

std::optional<double> Conditions::countOf(const Letters &letters, const Blocks &blocks,
                                          const Numbers &numbers) {
  if (letters.size() == 1 && numbers[letters[0]] && numbers[letters[0]]->isNumber())
    return static_cast<double>(numbers[letters[0]]->constant);
  double count = 1;
  for (int dim : letters) {
    if (!blocks[dim])
      return std::nullopt;
    for (const std::string &extent : *blocks[dim]) {
      std::optional<int64_t> number = parseInteger(extent);
      if (!number)
        return std::nullopt;
      count *= static_cast<double>(*number);
    }
  }
  return count;
}

bool Conditions::refuse(std::string what) {
  reason = std::move(what);
  return false;
}

bool Conditions::hasKind(const Variable &variable, uint32_t term) {
  if (!isTensor(term))
    return function.terms[term].kind == Term::Kind::Real &&
           variable.kind == Variable::Kind::Tensor && variable.letters.empty();
  if (variable.kind == Variable::Kind::Index) {
    const std::string &element = typeOf(term).element;
    return element == "i32" || element == "i64" || refuse(variable.name + " is no index");
  }
  if (variable.kind == Variable::Kind::Truth && !facts[term].isTruth)
    return refuse(variable.name + " is not known to be 0 or 1");
  return true;
}

std::optional<Sum> Conditions::value(const Expression &size, const Numbers &numbers,
                                     const Sum &before) const {
  if (!size.isList()) {
    if (std::optional<int64_t> number = parseInteger(size.atom))
      return Sum{{}, *number};
    int dim = law.dim(size.atom);
    return dim < 0 ? std::nullopt : numbers[dim];
  }
  const std::string &name = size.list[0].atom;
  if (size.isCall("before", 1))
    return before;
  if ((name != "+" && name != "-" && name != "*") || size.list.size() < 2)
    return std::nullopt;
  std::optional<Sum> result = value(size.list[1], numbers, before);
  for (size_t i = 2; i < size.list.size() && result; ++i) {
    std::optional<Sum> next = value(size.list[i], numbers, before);
    if (!next)
      return std::nullopt;
    result = name == "+"   ? add(*result, *next)
             : name == "-" ? subtract(*result, *next)
                           : multiply(*result, *next);
  }
  return result;
}

void Conditions::solveFor(const Expression &size, std::optional<Sum> goal, Numbers &numbers,
                          const Sum &before) const {
  if (!goal || value(size, numbers, before))
    return;
  if (!size.isList()) {
    if (int dim = law.dim(size.atom); dim >= 0)
      numbers[dim] = goal;
    return;
  }
  const std::string &name = size.list[0].atom;
  const Expression *open = nullptr;
  for (size_t i = 1; i < size.list.size(); ++i) {
    std::optional<Sum> part = value(size.list[i], numbers, before);
    if (!part && open)
      return;
    if (!part)
      open = &size.list[i];
    else if (name == "+")
      goal = goal ? subtract(*goal, *part) : goal;
    else if (name == "*")
      goal = goal ? divide(*goal, *part) : goal;
    else if (name == "-" && size.list.size() == 3 && i == 1)
      goal = goal ? subtract(*part, *goal) : goal; // part - open = goal
    else if (name == "-" && size.list.size() == 3)
      goal = goal ? add(*goal, *part) : goal; // open - part = goal
    else
      return;
  }
  if (open)
    solveFor(*open, goal, numbers, before);
}

std::optional<Conditions::Numbers> Conditions::solve(const Meaning &meaning,
                                                     const Blocks &blocks) const {
  Numbers numbers(law.dims.size());
  for (size_t dim = 0; dim < numbers.size(); ++dim)
    if (blocks[dim] && blocks[dim]->size() == 1)
      numbers[dim] = Sum::parse((*blocks[dim])[0]);
  Numbers ofAxes = numbers;
  for (size_t round = 0; round < numbers.size() + 1; ++round) {
    for (const auto &[size, goal] : meaning.sizes)
      solveFor(*size, goal, numbers, meaning.before);
    for (const auto &[dim, size] : law.equations) {
      if (numbers[dim])
        solveFor(size, numbers[dim], numbers, meaning.before);
      else
        numbers[dim] = value(size, numbers, meaning.before);
    }
  }
  for (const auto &[size, goal] : meaning.sizes)
    if (value(*size, numbers, meaning.before) != goal)
      return std::nullopt;
  for (const auto &[dim, size] : law.equations) {
    int other = law.otherName(size);
    if (other >= 0 && blocks[dim] && blocks[other]) {
      if (!haveAsMany(*blocks[dim], *blocks[other]))
        return std::nullopt;
      continue;
    }
    if (!numbers[dim] || value(size, numbers, meaning.before) != numbers[dim])
      return std::nullopt;
  }
  for (size_t dim = 0; dim < numbers.size(); ++dim)
    if (numbers[dim] && !ofAxes[dim] && !numbers[dim]->isNonNegative())
      return std::nullopt;
  return numbers;
}

bool Conditions::isTrue(const Expression &condition, const Meaning &meaning,
                        const Numbers &numbers) const {
  if (condition.list.empty())
    return false;
  const std::string &name = condition.list[0].atom;
  // How a searcher found the place, and whether it pays: nothing about the terms.
  for (std::string_view search :
       {"siblings", "sibling-searcher", "chain-searcher", "every-user-linear", "delta"})
    if (name == search)
      return true;
  if (condition.list.size() == 3 && std::ispunct(static_cast<unsigned char>(name[0])))
    return compares(name, value(condition.list[1], numbers, meaning.before),
                    value(condition.list[2], numbers, meaning.before));
  int variable = condition.list.size() < 2 ? -1 : law.variable(condition.list[1].atom);
  if (variable < 0)
    return false;
  const std::string &named = meaning.names[variable];
  if (condition.list.size() == 2 && isKnown(name, named))
    return true;
  if (condition.isCall("exact", 2)) {
    int narrow = law.variable(condition.list[2].atom);
    return narrow >= 0 && isTensor(meaning.terms[narrow]) &&
           check::holds(named, typeOf(*meaning.terms[narrow]).element);
  }
  if (!meaning.terms[variable])
    return false;
  uint32_t term = *meaning.terms[variable];
  if (condition.isCall("some", 2)) {
    std::optional<Sum> extent = value(condition.list[2], numbers, meaning.before);
    return facts[term].splat.value_or(0) != 0 && compares(">=", extent, Sum{{}, 1});
  }
  return condition.list.size() == 2 && isFact(name, term);
}

bool Conditions::isTensor(std::optional<uint32_t> term) const {
  return term && function.terms[*term].isTerm() && function.terms[*term].type;
}

bool Conditions::isFact(const std::string &name, uint32_t term) const {
  const Facts &known = facts[term];
  int exponent;
  if (name == "pos")
    return known.isPositive;
  if (name == "nonneg")
    return known.isNonNegative;
  if (name == "nonzero")
    return known.isNonZero;
  if (name == "pow2")
    return known.splat && std::isfinite(*known.splat) && std::frexp(*known.splat, &exponent) == 0.5;
  if (name == "not-one")
    return known.splat != 1.0;
  if (name == "load")
    return known.isLoad;
  if (name == "weight")
    return function.terms[term].isOperation("tern.weight");
  if (name == "f32")
    return isTensor(term) && typeOf(term).element == "f32";
  return false;
}

bool Conditions::compares(const std::string &name, const std::optional<Sum> &left,
                          const std::optional<Sum> &right) {
  if (!left || !right)
    return false;
  if (name == "=")
    return left == right;
  bool isLess = name[0] == '<', isStrict = name.size() == 1;
  if ((name[0] != '<' && name[0] != '>') || (!isStrict && name.substr(1) != "="))
    return false;
  std::optional<Sum> gap = isLess ? subtract(*right, *left) : subtract(*left, *right);
  gap = gap && isStrict ? subtract(*gap, Sum{{}, 1}) : gap;
  return gap && gap->isNonNegative();
}

} // namespace tern::check
