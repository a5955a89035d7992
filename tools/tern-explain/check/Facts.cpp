// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Facts.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Words.h"

#include <cmath>
#include <span>

namespace tern::check {

static Facts factsOf(double value) {
  return {value, {value >= 0, value != 0, value == 0 || value == 1}};
}

/// What the operation makes of its operands' signs.
static Sign inferSign(std::string_view name, const std::vector<Facts> &kids) {
  auto is = [&](std::string_view names) { return isOneOf(name, names); };
  bool isWhere = is("where"), isAny = false, isAnyPositive = false;
  Sign all{true, true, true};
  for (const Facts &kid : std::span(kids).subspan(isWhere)) {
    all.isNonNegative &= kid.sign.isNonNegative;
    all.isNonZero &= kid.sign.isNonZero;
    all.isTruth &= kid.sign.isTruth;
    isAny |= kid.sign.isNonNegative;
    isAnyPositive |= kid.sign.isPositive();
  }
  if (isWhere || is("mul concat"))
    return all;
  if (is("exp sigmoid softplus rsqrt"))
    return {true, true};
  if (is("abs square sqrt"))
    return {true, all.isNonZero};
  if (is("relu"))
    return {true, all.isPositive()};
  if (is("recip div"))
    return {all.isNonNegative, all.isNonZero};
  if (is("neg"))
    return {false, all.isNonZero};
  if (is("add"))
    return {all.isNonNegative, all.isNonNegative && isAnyPositive};
  if (is("maximum"))
    return {isAny, isAnyPositive, all.isTruth};
  if (is("minimum"))
    return {all.isNonNegative, all.isPositive(), all.isTruth};
  if (is("cast")) // small numbers may become 0
    return {all.isNonNegative, false, all.isTruth};
  if (is("contract sum mean scatter_add cumsum pad"))
    return {all.isNonNegative};
  if (is("softmax masked_softmax iota"))
    return {true};
  bool isTruth = is("lt le eq and or not top_k_mask one_hot kv.visible");
  return {isTruth, false, isTruth};
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
  if (term.kind == Term::Kind::Splat || term.kind == Term::Kind::Real)
    return factsOf(term.real);
  if (!term.isTerm() || !term.type)
    return {};
  const Type &type = function.types[*term.type];
  std::vector<Facts> kids;
  for (uint32_t kid : term.kids)
    if (function.terms[kid].isTerm())
      kids.push_back(all[kid]);
  Facts facts;
  if (term.isOperation("tern.constant") && term.kids.size() == 1)
    facts = all[term.kids[0]];
  else if (isOneOf(term.text, "broadcast reshape transpose slice gather") && !kids.empty())
    facts = kids[0];
  else if (std::optional<double> number = evaluateSplat(term, type, kids))
    facts = factsOf(*number);
  else if (term.kind == Term::Kind::Operation)
    facts.sign = inferSign(term.text, kids);
  facts.sign.isTruth |= type.isTensor && type.element == "i1";
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
  if (terms.facts[at].sign.isNonZero)
    return parseInteger(extents[axis]).value_or(0) > 0;
  if (term.isOperation("tern.or") ||
      (term.isOperation("tern.maximum") && terms.facts[at].sign.isTruth))
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
