// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Facts.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Words.h"

#include <cmath>

namespace tern::check {

static void readSign(double value, Facts &facts) {
  facts.splat = value;
  facts.isPositive = value > 0;
  facts.isNonNegative = value >= 0;
  facts.isNonZero = value != 0;
  facts.isTruth = value == 0 || value == 1;
}

/// What the operation makes of its operands' signs, over the real numbers.
static void inferSign(const std::string &name, const std::vector<Facts> &kids, Facts &facts) {
  auto is = [&](std::string_view names) {
    std::string_view own = name;
    return contains(split(names, " "), name.starts_with("tern.") ? own.substr(5) : own);
  };
  auto every = [&](bool Facts::*fact, size_t first = 0) {
    return std::all_of(kids.begin() + static_cast<long>(first), kids.end(),
                       [&](const Facts &kid) { return kid.*fact; });
  };
  auto any = [&](bool Facts::*fact) {
    return std::ranges::any_of(kids, [&](const Facts &kid) { return kid.*fact; });
  };
  bool positive = every(&Facts::isPositive), nonNegative = every(&Facts::isNonNegative),
       nonZero = every(&Facts::isNonZero);
  if (is("exp sigmoid softplus rsqrt")) {
    facts.isPositive = true;
  } else if (is("abs square")) {
    facts.isPositive = nonZero;
    facts.isNonNegative = true;
  } else if (is("relu sqrt")) {
    facts.isPositive = positive;
    facts.isNonNegative = true;
    facts.isNonZero = name == "tern.sqrt" && nonZero;
  } else if (is("recip mul div")) {
    facts.isNonNegative = nonNegative;
    facts.isNonZero = nonZero;
    facts.isTruth = name == "tern.mul" && every(&Facts::isTruth);
  } else if (is("neg")) {
    facts.isNonZero = nonZero;
  } else if (is("add")) {
    facts.isPositive = nonNegative && any(&Facts::isPositive);
    facts.isNonNegative = nonNegative;
  } else if (is("maximum")) {
    facts.isPositive = any(&Facts::isPositive);
    facts.isNonNegative = any(&Facts::isNonNegative);
    facts.isTruth = every(&Facts::isTruth);
  } else if (is("minimum concat")) {
    facts.isPositive = positive;
    facts.isNonNegative = nonNegative;
    facts.isNonZero = name == "tern.concat" && nonZero;
    facts.isTruth = every(&Facts::isTruth);
  } else if (is("where")) {
    facts.isNonNegative = every(&Facts::isNonNegative, 1);
    facts.isNonZero = every(&Facts::isNonZero, 1);
    facts.isTruth = every(&Facts::isTruth, 1);
  } else if (is("cast")) {
    facts.isNonNegative = nonNegative; // small numbers may become 0
    facts.isTruth = every(&Facts::isTruth);
  } else if (is("contract sum mean scatter_add cumsum pad")) {
    facts.isNonNegative = nonNegative;
  } else if (is("softmax masked_softmax iota")) {
    facts.isNonNegative = true;
  } else if (is("lt le eq and or not top_k_mask one_hot kv.visible")) {
    facts.isTruth = facts.isNonNegative = true;
  }
  facts.isPositive |= facts.isNonNegative && facts.isNonZero;
  facts.isNonNegative |= facts.isPositive;
  facts.isNonZero |= facts.isPositive;
}

/// What one operation on numbers gives in f32: in double precision, then rounded, it is the same.
static std::optional<double> evaluateSplat(const Term &term, const Type &type,
                                           const std::vector<Facts> &kids) {
  std::vector<double> numbers;
  for (const Facts &kid : kids)
    if (kid.splat)
      numbers.push_back(*kid.splat);
  std::optional<double> value;
  if (numbers.size() == kids.size() && type.element == "f32")
    value = evaluate(term.text, numbers);
  bool isFinite = value && std::isfinite(static_cast<float>(*value));
  return isFinite ? std::optional<double>(static_cast<float>(*value)) : std::nullopt;
}

static Facts factsOf(const Function &function, const Term &term, const std::vector<Facts> &all) {
  Facts facts;
  if (term.kind == Term::Kind::Splat || term.kind == Term::Kind::Real)
    readSign(term.real, facts);
  if (!term.isTerm() || !term.type)
    return facts;
  const Type &type = function.types[*term.type];
  std::vector<Facts> kids;
  for (uint32_t kid : term.kids)
    if (function.terms[kid].isTerm())
      kids.push_back(all[kid]);
  bool isMover = term.isOperation("tern.broadcast") || term.isOperation("tern.reshape") ||
                 term.isOperation("tern.transpose") || term.isOperation("tern.slice") ||
                 term.isOperation("tern.gather");
  if (term.isOperation("tern.constant") && term.kids.size() == 1)
    facts = all[term.kids[0]];
  else if (isMover && !kids.empty())
    facts = kids[0];
  else if (std::optional<double> number = evaluateSplat(term, type, kids))
    readSign(*number, facts);
  else if (term.kind == Term::Kind::Operation)
    inferSign(term.text, kids, facts);
  facts.isTruth |= type.isTensor && type.element == "i1";
  return facts;
}

Terms::Terms(const Function &function) : function(function), readings(readTerms(function)) {
  for (const Term &term : function.terms)
    facts.push_back(factsOf(function, term, facts));
}

bool isBijective(const Terms &terms, uint32_t at) {
  const Term &term = terms[at];
  const std::vector<std::string> &extents = terms.type(at).extents;
  if (extents.size() != 1 || extents[0] == "?")
    return false;
  if (term.isOperation("tern.cast"))
    return terms.type(at).element.starts_with("i") && isBijective(terms, term.kids[0]);
  if (term.isOperation("tern.gather"))
    return terms.type(term.kids[0]).extents == extents && isBijective(terms, term.kids[0]) &&
           isBijective(terms, term.kids[1]);
  return term.isOperation("tern.iota");
}

bool isOrthogonal(const Terms &terms, uint32_t at) {
  const Term &term = terms[at];
  const std::vector<std::string> &extents = terms.type(at).extents;
  if (term.isOperation("tern.transpose") || term.isOperation("tern.neg"))
    return isOrthogonal(terms, term.kids[0]);
  return term.isOperation("tern.one_hot") && extents.size() == 2 && extents[0] == extents[1] &&
         isBijective(terms, term.kids[0]);
}

/// The axis along which an `iota` counts.
static std::optional<int> countedAxis(const Terms &terms, uint32_t at) {
  if (!terms[at].isOperation("tern.iota"))
    return std::nullopt;
  const Strings &way = terms.readings[at].ways[0];
  return static_cast<int>(std::ranges::find(way.result, way.marks[0][0]) - way.result.begin());
}

bool hasEntry(const Terms &terms, uint32_t at, size_t axis) {
  const Term &term = terms[at];
  const std::vector<std::string> &extents = terms.type(at).extents;
  if (axis >= extents.size())
    return false;
  if (terms.facts[at].isNonZero)
    return parseInteger(extents[axis]).value_or(0) > 0;
  if (term.isOperation("tern.or") || (term.isOperation("tern.maximum") && terms.facts[at].isTruth))
    return hasEntry(terms, term.kids[0], axis) || hasEntry(terms, term.kids[1], axis);
  if (term.isOperation("tern.le")) {
    // Of the indices of two axes that are as long: each one is at most itself.
    std::optional<int> a = countedAxis(terms, term.kids[0]), b = countedAxis(terms, term.kids[1]);
    return a && b && a != b && extents[*a] == extents[*b] && extents[*a] != "?" &&
           (static_cast<size_t>(*a) == axis || static_cast<size_t>(*b) == axis);
  }
  if (!term.isOperation("tern.broadcast") && !term.isOperation("tern.transpose"))
    return false;
  const Strings &way = terms.readings[at].ways[0];
  auto own = std::ranges::find(way.operands[0], way.result[axis]);
  return own != way.operands[0].end() &&
         hasEntry(terms, term.kids[0], static_cast<size_t>(own - way.operands[0].begin()));
}

} // namespace tern::check
