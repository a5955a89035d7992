// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Facts.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Proof.h"
#include "tools/tern-explain/check/Words.h"

#include <cmath>

namespace tern::check {

static Facts factsOf(double value) {
  return {value, {value >= 0, value != 0, value == 0 || value == 1}};
}

/// What the operation makes of its operands' signs.
static Sign inferSign(std::string_view name, const std::vector<Sign> &kids) {
  bool isAny = false, isAnyPositive = false;
  Sign all{true, true, true};
  for (const Sign &kid : kids) {
    all.isNonNegative &= kid.isNonNegative;
    all.isNonZero &= kid.isNonZero;
    all.isTruth &= kid.isTruth;
    isAny |= kid.isNonNegative;
    isAnyPositive |= kid.isPositive();
  }
  const std::pair<std::string_view, Sign> signs[] = {
      {"where mul concat", all},
      {"exp sigmoid softplus rsqrt", {true, true}},
      {"abs square sqrt", {true, all.isNonZero}},
      {"relu", {true, all.isPositive()}},
      {"recip div", {all.isNonNegative, all.isNonZero}},
      {"neg", {false, all.isNonZero}},
      {"add", {all.isNonNegative, all.isNonNegative && isAnyPositive}},
      {"maximum", {isAny, isAnyPositive, all.isTruth}},
      {"minimum", {all.isNonNegative, all.isPositive(), all.isTruth}},
      {"cast", {all.isNonNegative, false, all.isTruth}}, // small numbers may become 0
      {"contract sum mean scatter_add cumsum pad", {all.isNonNegative}},
      {"softmax masked_softmax iota", {true}},
      {"lt le eq and or not top_k_mask one_hot kv.visible", {true, false, true}},
  };
  for (const auto &[names, sign] : signs)
    if (isOneOf(name, names))
      return sign;
  return {};
}

/// What one operation on numbers gives in f32: in double precision, then rounded, it is the same.
static std::optional<double> evaluateSplat(const Term &term) {
  std::vector<double> numbers;
  for (const Term *kid : term.kids)
    if (kid->isTerm()) {
      if (!kid->facts.splat)
        return std::nullopt;
      numbers.push_back(*kid->facts.splat);
    }
  std::optional<double> value = evaluate(term.text, numbers);
  if (!value || term.type->element != "f32" || !std::isfinite(static_cast<float>(*value)))
    return std::nullopt;
  return static_cast<float>(*value);
}

/// The axis along which an `iota` counts.
static std::optional<size_t> countedAxis(const Term &term) {
  if (!term.isOperation("tern.iota"))
    return std::nullopt;
  const Strings &way = term.reading.ways[0];
  return std::ranges::find(way.result, way.marks[0][0]) - way.result.begin();
}

static bool hasEntry(const Term &term, size_t axis) {
  return axis < term.facts.haveEntry.size() && term.facts.haveEntry[axis];
}

/// True if each row of `term` along that axis has an element that is not 0.
static bool findEntry(const Term &term, size_t axis) {
  const std::vector<std::string> &extents = term.type->extents;
  if (term.facts.sign.isNonZero)
    return parseInteger(extents[axis]).value_or(0) > 0;
  if (term.isOperation("tern.or") || (term.isOperation("tern.maximum") && term.facts.sign.isTruth))
    return hasEntry(*term.kids[0], axis) || hasEntry(*term.kids[1], axis);
  if (term.isOperation("tern.le")) {
    // Of the indices of two axes that are as long: each one is at most itself.
    std::optional<size_t> a = countedAxis(*term.kids[0]), b = countedAxis(*term.kids[1]);
    return a && b && a != b && extents[*a] == extents[*b] && extents[*a] != "?" &&
           (a == axis || b == axis);
  }
  if (!term.isOperation("tern.broadcast") && !term.isOperation("tern.transpose"))
    return false;
  const Strings &way = term.reading.ways[0];
  auto own = std::ranges::find(way.operands[0], way.result[axis]);
  return hasEntry(*term.kids[0], own - way.operands[0].begin());
}

static Facts factsOf(const Term &term) {
  if (isOneOf(term.key, "splat real"))
    return factsOf(term.real);
  if (!term.isTerm() || !term.type)
    return {};
  std::string_view name = plainName(term.text);
  if (term.isOperation("tern.constant") && term.kids.size() == 1)
    return term.kids[0]->facts;
  if (isOneOf(name, "broadcast reshape transpose slice gather") && !term.kids.empty())
    return {term.kids[0]->facts.splat, term.kids[0]->facts.sign};
  if (std::optional<double> number = evaluateSplat(term))
    return factsOf(*number);
  std::vector<Sign> signs;
  for (size_t at = name == "where"; at < term.kids.size(); ++at)
    if (term.kids[at]->isTerm())
      signs.push_back(term.kids[at]->facts.sign);
  return {std::nullopt, term.key == "op" ? inferSign(name, signs) : Sign()};
}

static bool isBijective(const Term &term) {
  const std::vector<std::string> &extents = term.type->extents;
  if (extents.size() != 1 || extents[0] == "?")
    return false;
  if (term.isOperation("tern.cast"))
    return term.type->element.starts_with("i") && term.kids[0]->facts.isBijective;
  if (term.isOperation("tern.gather"))
    return term.kids[0]->type->extents == extents && term.kids[0]->facts.isBijective &&
           term.kids[1]->facts.isBijective;
  return term.isOperation("tern.iota");
}

static bool isOrthogonal(const Term &term) {
  const std::vector<std::string> &extents = term.type->extents;
  if (term.isOperation("tern.transpose") || term.isOperation("tern.neg"))
    return term.kids[0]->facts.isOrthogonal;
  return term.isOperation("tern.one_hot") && extents.size() == 2 && extents[0] == extents[1] &&
         term.kids[0]->facts.isBijective;
}

void findFacts(Function &function) {
  for (Term &term : function.terms) {
    term.facts = factsOf(term);
    if (!term.isTensor())
      continue;
    term.facts.sign.isTruth |= term.type->element == "i1";
    term.facts.isBijective = isBijective(term);
    term.facts.isOrthogonal = isOrthogonal(term);
    for (size_t axis = 0; axis < term.type->extents.size(); ++axis)
      term.facts.haveEntry.push_back(findEntry(term, axis));
  }
}

} // namespace tern::check
