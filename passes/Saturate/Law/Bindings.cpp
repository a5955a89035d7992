// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Bindings.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tern::law {
namespace {

/// What a side names.
struct Names {
  std::set<unsigned> variables;
  std::set<Dim> dims;              ///< as axes
  std::vector<const Size *> sizes; ///< attributes, whose values are known after a match
  std::set<Dim> used;              ///< anywhere
};

void addDims(const Size &size, std::set<Dim> &dims) {
  if (size.kind == Size::Kind::Dim)
    dims.insert(size.dim);
  for (const Size &operand : size.operands)
    addDims(operand, dims);
}

void addNames(const Law &law, const Term &t, Names &names) {
  auto addLetters = [&](const Letters &letters) {
    names.dims.insert(letters.begin(), letters.end());
  };
  const bool isOperation = t.sort == Term::Sort::Operation;
  if (t.sort == Term::Sort::Variable) {
    names.variables.insert(t.variable);
    addLetters(law.variables[t.variable].letters);
  }
  if (isOperation && (infoOf(t.op).form == Form::Function || infoOf(t.op).tail == Tail::Function))
    names.variables.insert(t.variable);
  names.variables.insert(t.sources.begin(), t.sources.end());
  for (const Letters &letters : t.string.operands)
    addLetters(letters);
  addLetters(t.string.result);
  if (isOperation && (infoOf(t.op).tail == Tail::Size || t.op == Op::Size)) {
    names.sizes.push_back(&t.size);
    addDims(t.size, names.used);
  }
  for (const Term &operand : t.operands)
    addNames(law, operand, names);
}

/// The only size that is not known, if the others of the expression are.
std::optional<Dim> lastUnknown(const Size &size, const std::set<Dim> &known) {
  std::set<Dim> all;
  addDims(size, all);
  std::optional<Dim> last;
  for (Dim d : all)
    if (!known.contains(d) && std::exchange(last, d))
      return std::nullopt;
  return last;
}

/// All sizes that follow from what a match of the side knows.
std::set<Dim> boundBy(const Law &law, const Names &names) {
  std::set<Dim> known = names.dims;
  for (bool changes = true; changes;) {
    size_t before = known.size();
    for (const Size *size : names.sizes)
      if (auto d = lastUnknown(*size, known))
        known.insert(*d);
    for (Dim d = 0; d < law.dims.size(); ++d) {
      const auto &value = law.dims[d].value;
      if (!value)
        continue;
      if (!known.contains(d)) {
        std::set<Dim> parts;
        addDims(*value, parts);
        if (std::includes(known.begin(), known.end(), parts.begin(), parts.end()))
          known.insert(d);
      } else if (auto part = lastUnknown(*value, known)) {
        known.insert(*part);
      }
    }
    changes = known.size() > before;
  }
  return known;
}

std::string checkSide(const Law &law, const Names &pattern, const Names &other,
                      const char *patternName) {
  for (unsigned v : other.variables)
    if (!pattern.variables.contains(v))
      return "expected the " + std::string(patternName) + " side to bind '" +
             law.variables[v].name + "', found it on the other side alone";
  std::set<Dim> known = boundBy(law, pattern);
  std::set<Dim> needed = other.dims;
  needed.insert(other.used.begin(), other.used.end());
  for (Dim d : needed)
    if (!known.contains(d))
      return "expected the " + std::string(patternName) + " side to bind the size '" +
             law.dims[d].name + "', found it on the other side alone";
  return "";
}

} // namespace

std::string checkConditions(const Law &law) {
  for (const std::vector<Condition> *conditions : {&law.typed, &law.when})
    for (const Condition &condition : *conditions) {
      const Fact *fact = std::get_if<Fact>(&condition.what);
      if (!fact)
        continue;
      const Variable &v = law.variables[fact->variable];
      bool isOfFunction =
          fact->property == Property::Increasing || fact->property == Property::ZeroAtZero;
      Kind kind = fact->property == Property::Some        ? Kind::Truth
                  : fact->property == Property::Bijective ? Kind::Integer
                                                          : Kind::Real;
      if (isOfFunction != (v.sort == Variable::Sort::Function) ||
          (!isOfFunction && (v.kind != kind || v.sort != Variable::Sort::Tensor)))
        return "expected a variable that can be " + std::string(nameOf(fact->property)) +
               ", found '" + v.name + "'";
      for (Dim d : fact->along)
        if (std::find(v.letters.begin(), v.letters.end(), d) == v.letters.end())
          return "expected axes of '" + v.name + "', found '" + print(law, fact->along) + "'";
      if (fact->property == Property::Orthogonal &&
          (v.letters.size() != 2 || !haveOneExtent(law, v.letters[0], v.letters[1])))
        return "expected a square matrix to be orthogonal, found '" + v.name + "'";
      if (fact->property == Property::Bijective &&
          (v.letters.size() != 1 || !haveOneExtent(law, v.letters[0], v.bound)))
        return "expected as many integers as values in a bijection, found '" + v.name + "'";
    }
  return "";
}

std::string checkBindingsOf(const Law &law, bool isRightMatched) {
  Names left, right;
  addNames(law, law.lhs, left);
  addNames(law, law.rhs, right);
  return isRightMatched ? checkSide(law, right, left, "right")
                        : checkSide(law, left, right, "left");
}

std::string checkBindings(const Law &law) {
  if (law.grows)
    return "";
  std::string message = checkBindingsOf(law, false);
  if (message.empty() && law.isBothWays)
    message = checkBindingsOf(law, true);
  if (!message.empty())
    return message;
  Names left;
  addNames(law, law.lhs, left);
  std::set<Dim> known = boundBy(law, left);
  for (const Condition &condition : law.when)
    if (const auto *comparison = std::get_if<Comparison>(&condition.what)) {
      std::set<Dim> named;
      addDims(comparison->left, named);
      addDims(comparison->right, named);
      for (Dim d : named)
        if (!known.contains(d))
          return "expected the left side to bind the size '" + law.dims[d].name +
                 "' of a condition, found it there alone";
    }
  return "";
}

} // namespace tern::law
