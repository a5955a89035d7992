// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Types.h"

#include "tools/tern-explain/check/Rules.h"
#include "tools/tern-explain/check/Sum.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tern::check {

std::optional<Axes> parseAxes(std::string_view text) {
  Axes axes;
  size_t arrow = text.find("->"), slash = text.find('/');
  if ((arrow == std::string_view::npos) == (slash == std::string_view::npos))
    return std::nullopt;
  std::string_view operands = text.substr(0, std::min(arrow, slash));
  for (size_t begin = 0; begin <= operands.size();) {
    size_t end = std::min(operands.find(',', begin), operands.size());
    axes.operands.emplace_back(operands.substr(begin, end - begin));
    begin = end + 1;
  }
  if (slash != std::string_view::npos) {
    axes.result = axes.operands[0];
    axes.along = text.substr(slash + 1);
  } else {
    axes.result = text.substr(arrow + 2);
  }
  auto isString = [](std::string part) {
    std::ranges::sort(part);
    return std::ranges::all_of(part, [](unsigned char c) { return std::isalpha(c); }) &&
           std::ranges::adjacent_find(part) == part.end();
  };
  if (!std::ranges::all_of(axes.operands, isString) || !isString(axes.result) ||
      !isString(axes.along))
    return std::nullopt;
  return axes;
}

bool holds(const std::string &wide, const std::string &narrow) {
  bool isHalf = narrow == "f16" || narrow == "bf16";
  return wide == narrow || (wide == "f32" && isHalf) ||
         (wide == "f64" && (isHalf || narrow == "f32"));
}

/// True for the operations of the dialect of these names.
static bool isOneOf(const std::string &operation, std::string_view names) {
  return operation.starts_with("tern.") &&
         (" " + std::string(names) + " ").find(" " + operation.substr(5) + " ") !=
             std::string::npos;
}

namespace {

[[noreturn]] void fail(const char *why) { throw Refusal(why); }

bool mayBeEqual(const std::string &a, const std::string &b) {
  return a == b || a == "?" || b == "?";
}

class Inference {
public:
  Inference(const Function &function, const Term &term) : function(function), term(term) {}

  /// None for an operation that is not known here.
  std::optional<Type> infer() {
    for (uint32_t kid : term.kids)
      (function.terms[kid].isTerm() ? operands : properties).push_back(&function.terms[kid]);
    const std::string &name = term.text;
    auto is = [&](std::string_view names) { return isOneOf(name, names); };
    if (is("constant"))
      return propertyType(0);
    if (const Word *word = findPlain(name))
      return elementwise(word->operands);
    if (is("contract") && operands.size() == 2)
      return bound(axes(2),
                   operand(0).element == "f64" && operand(1).element == "f64" ? "f64" : "f32");
    if (is("sum mean amax amin logsumexp"))
      return bound(axes(1), operand(0).element);
    if (is("transpose")) {
      if (axes(1).result.size() != operand(0).extents.size())
        fail("does not keep all axes");
      return bound(axes(1), operand(0).element);
    }
    if (is("softmax masked_softmax cumsum rms_norm layer_norm top_k_mask"))
      return along();
    if (is("gather"))
      return bound(axes(2),
                   operand(0).element.starts_with("!tern.block") ? "f32" : operand(0).element);
    if (is("broadcast"))
      return broadcast();
    if (is("reshape"))
      return reshaped();
    if (is("cast quantise"))
      return cast();
    if (is("slice pad"))
      return cut(name == "tern.pad");
    if (is("concat"))
      return joined();
    if (is("dequantise"))
      return withElement(operand(0), "f32");
    if (is("weight loaded blocks iota one_hot size scatter_add"))
      return propertyType(properties.size() - 1);
    return std::nullopt;
  }

private:
  const Type &operand(size_t at) const {
    if (at >= operands.size())
      fail("has too few operands");
    const Type &type = function.types[*operands[at]->type];
    if (!type.isTensor)
      fail("has an operand that is no tensor");
    return type;
  }

  const Term &property(size_t at) const {
    if (at >= properties.size())
      fail("has too few properties");
    return *properties[at];
  }

  const Type &propertyType(size_t at) const {
    if (!property(at).type)
      fail("has no type among its properties");
    return function.types[*property(at).type];
  }

  int64_t integer(size_t at) const {
    if (property(at).kind != Term::Kind::Integer)
      fail("has a property that is no integer");
    return property(at).integer;
  }

  static Type withElement(Type type, std::string element) {
    type.element = std::move(element);
    return type;
  }

  Type elementwise(size_t count) const {
    if (operands.size() != count || !properties.empty())
      fail("has another number of operands or properties");
    Type result = operand(0);
    for (size_t at = 1; at < count; ++at) {
      const Type &type = operand(at);
      if (type.element != result.element)
        fail("has operands of several element types");
      if (type.extents.empty())
        continue;
      if (result.extents.empty())
        result = type;
      else if (!std::ranges::equal(type.extents, result.extents, mayBeEqual))
        fail("has operands of several shapes");
    }
    return result;
  }

  Axes axes(size_t count) const {
    std::optional<Axes> parsed;
    if (property(0).kind == Term::Kind::Text)
      parsed = parseAxes(property(0).text);
    if (!parsed || parsed->operands.size() != count || operands.size() < count)
      fail("has no index string for its operands");
    return *parsed;
  }

  /// The extents of the result's letters, which are the operands'.
  Type bound(const Axes &axes, std::string element) const {
    std::map<char, std::string> extentOf;
    for (size_t at = 0; at < axes.operands.size(); ++at)
      bind(axes.operands[at], operand(at), extentOf);
    Type result{true, std::move(element), {}, ""};
    for (char letter : axes.result) {
      if (!extentOf.contains(letter))
        fail("has a letter of the result that stands in no operand");
      result.extents.push_back(extentOf[letter]);
    }
    return result;
  }

  static void bind(const std::string &letters, const Type &type,
                   std::map<char, std::string> &extentOf) {
    if (letters.size() != type.extents.size())
      fail("has an index string of another rank");
    for (size_t i = 0; i < letters.size(); ++i) {
      auto [known, isNew] = extentOf.try_emplace(letters[i], type.extents[i]);
      if (!isNew && !mayBeEqual(known->second, type.extents[i]))
        fail("has two extents for one letter");
      if (known->second == "?")
        known->second = type.extents[i];
    }
  }

  Type along() const {
    Axes own = axes(1);
    if (own.along.empty() || own.result.size() != operand(0).extents.size() ||
        own.along.find_first_not_of(own.result) != std::string::npos)
      fail("has no axes after the slash");
    if (operands.size() > 1 && operand(1).extents != operand(0).extents)
      fail("has operands of several shapes");
    return operand(0);
  }

  Type broadcast() const {
    const Type &result = propertyType(1);
    std::map<char, std::string> extentOf;
    Axes own = axes(1);
    bind(own.operands[0], operand(0), extentOf);
    bind(own.result, result, extentOf);
    if (own.operands[0].find_first_not_of(own.result) != std::string::npos ||
        result.element != operand(0).element)
      fail("does not hold its operand");
    return result;
  }

  static std::pair<int64_t, std::vector<std::string>> elements(const Type &type) {
    std::pair<int64_t, std::vector<std::string>> count{1, {}};
    for (const std::string &extent : type.extents) {
      if (std::optional<int64_t> number = parseInteger(extent)) {
        if (__builtin_mul_overflow(count.first, *number, &count.first))
          fail("has too many elements");
      } else {
        count.second.push_back(extent);
      }
    }
    return count;
  }

  Type reshaped() const {
    const Type &result = propertyType(0);
    auto [before, names] = elements(operand(0));
    auto [after, others] = elements(result);
    if (result.element != operand(0).element || before != after ||
        !std::ranges::equal(names, others, mayBeEqual))
      fail("does not keep the elements");
    return result;
  }

  Type cast() const {
    const Type &result = propertyType(properties.size() - 1);
    if (!std::ranges::equal(result.extents, operand(0).extents, mayBeEqual))
      fail("does not keep the shape");
    return result;
  }

  Type cut(bool isPad) const {
    Type result = operand(0);
    int64_t axis = integer(0), first = integer(1), second = integer(2);
    if (axis < 0 || axis >= static_cast<int64_t>(result.extents.size()) || first < 0 || second < 0)
      fail("has no such axis or range");
    std::string &extent = result.extents[axis];
    std::optional<int64_t> number = parseInteger(extent);
    int64_t end;
    if (__builtin_add_overflow(first, second, &end))
      fail("has a range beyond 64 bits");
    if (!isPad) {
      if (number && end > *number)
        fail("has a range beyond its axis");
      extent = std::to_string(second);
    } else {
      std::optional<Sum> own = Sum::parse(extent);
      std::optional<Sum> whole = own ? add(*own, Sum{{}, end}) : std::nullopt;
      extent = whole ? whole->text() : "?";
    }
    return result;
  }

  Type joined() const {
    Type result = operand(0);
    int64_t axis = integer(0);
    if (axis < 0 || axis >= static_cast<int64_t>(result.extents.size()))
      fail("has no such axis");
    std::optional<Sum> whole = Sum();
    for (size_t at = 0; at < operands.size(); ++at) {
      Type part = operand(at);
      if (axis >= static_cast<int64_t>(part.extents.size()))
        fail("has no such axis");
      std::optional<Sum> own = Sum::parse(part.extents[axis]);
      whole = whole && own ? add(*whole, *own) : std::nullopt;
      part.extents[axis] = result.extents[axis];
      if (part.element != result.element ||
          !std::ranges::equal(part.extents, result.extents, mayBeEqual))
        fail("has operands of other shapes");
    }
    result.extents[axis] = whole ? whole->text() : "?";
    return result;
  }

  const Function &function;
  const Term &term;
  std::vector<const Term *> operands, properties;
};

} // namespace

void checkTypes(const Function &function) {
  std::map<std::vector<std::string>, uint32_t> typeOf;
  for (uint32_t at = 0; at < function.terms.size(); ++at) {
    const Term &term = function.terms[at];
    if (term.kind != Term::Kind::Operation || !term.type)
      continue;
    std::vector<std::string> key{term.text};
    for (uint32_t kid : term.kids) {
      const Term &of = function.terms[kid];
      key.push_back(of.isTerm() && of.type ? function.types[*of.type].line : of.head);
    }
    auto [known, isNew] = typeOf.try_emplace(std::move(key), *term.type);
    const Type &type = function.types[*term.type];
    try {
      std::optional<Type> inferred = Inference(function, term).infer();
      if (inferred && (inferred->isTensor != type.isTensor || inferred->element != type.element ||
                       !std::ranges::equal(inferred->extents, type.extents, mayBeEqual)))
        fail("is of another type than its operands and properties make it");
      if (!isNew && known->second != *term.type)
        fail("has two types over the same operands");
    } catch (const Refusal &refusal) {
      throw Refusal("term " + std::to_string(at) + ": " + term.text + " " + refusal.what());
    }
  }
}

//===- Facts --------------------------------------------------------------===//

static void readSign(double value, Facts &facts) {
  facts.splat = value;
  facts.isPositive = value > 0;
  facts.isNonNegative = value >= 0;
  facts.isNonZero = value != 0;
  facts.isTruth = value == 0 || value == 1;
}

/// What the operation makes of its operands' signs, over the real numbers.
static void inferSign(const std::string &name, const std::vector<Facts> &kids, Facts &facts) {
  auto is = [&](std::string_view names) { return isOneOf(name, names); };
  auto every = [&](bool Facts::*fact) {
    return std::ranges::all_of(kids, [&](const Facts &kid) { return kid.*fact; });
  };
  auto any = [&](bool Facts::*fact) {
    return std::ranges::any_of(kids, [&](const Facts &kid) { return kid.*fact; });
  };
  bool positive = every(&Facts::isPositive), nonNegative = every(&Facts::isNonNegative),
       nonZero = every(&Facts::isNonZero);
  if (is("exp sigmoid softplus")) {
    facts.isPositive = true;
  } else if (is("abs square")) {
    facts.isPositive = nonZero;
    facts.isNonNegative = true;
  } else if (is("relu sqrt")) {
    facts.isPositive = positive;
    facts.isNonNegative = true;
  } else if (is("recip rsqrt")) {
    facts.isPositive = positive;
    facts.isNonZero = nonZero;
  } else if (is("neg")) {
    facts.isNonZero = nonZero;
  } else if (is("add")) {
    facts.isPositive = nonNegative && any(&Facts::isPositive);
    facts.isNonNegative = nonNegative;
  } else if (is("mul div")) {
    facts.isPositive = positive;
    facts.isNonNegative = nonNegative && (name == "tern.mul" || kids[1].isPositive);
    facts.isNonZero = nonZero;
  } else if (is("maximum")) {
    facts.isPositive = any(&Facts::isPositive);
    facts.isNonNegative = any(&Facts::isNonNegative);
  } else if (is("minimum concat")) {
    facts.isPositive = positive;
    facts.isNonNegative = nonNegative;
    facts.isTruth = every(&Facts::isTruth);
  } else if (is("sum mean")) {
    facts.isNonNegative = nonNegative;
  } else if (is("softmax masked_softmax")) {
    facts.isNonNegative = true;
  } else if (is("lt le eq and or not top_k_mask one_hot")) {
    facts.isTruth = facts.isNonNegative = true;
  }
  facts.isNonNegative |= facts.isPositive;
  facts.isNonZero |= facts.isPositive;
}

/// What one operation on numbers gives in f32: in double precision, then rounded, it is the same.
static std::optional<double> evaluate(const Term &term, const Type *type,
                                      const std::vector<Facts> &kids) {
  auto is = [&](std::string_view names) { return isOneOf(term.text, names); };
  auto isNumber = [](const Facts &kid) { return kid.splat.has_value(); };
  if (term.kind != Term::Kind::Operation || !type || type->element != "f32" || kids.empty() ||
      kids.size() > 2 || !std::ranges::all_of(kids, isNumber))
    return std::nullopt;
  double x = *kids[0].splat, y = kids.back().splat.value_or(0);
  std::optional<double> value;
  if (kids.size() == 1)
    value = is("neg")      ? std::optional(-x)
            : is("abs")    ? std::optional(std::fabs(x))
            : is("square") ? std::optional(x * x)
            : is("sqrt")   ? std::optional(std::sqrt(x))
            : is("recip")  ? std::optional(1 / x)
                           : std::nullopt;
  else
    value = is("add")                 ? std::optional(x + y)
            : is("sub")               ? std::optional(x - y)
            : is("mul")               ? std::optional(x * y)
            : is("div")               ? std::optional(x / y)
            : is("maximum") && x != y ? std::optional(std::max(x, y))
            : is("minimum") && x != y ? std::optional(std::min(x, y))
                                      : std::nullopt;
  if (value && std::isfinite(static_cast<float>(*value)))
    return static_cast<float>(*value);
  return std::nullopt;
}

std::vector<Facts> findFacts(const Function &function) {
  std::vector<Facts> all;
  for (const Term &term : function.terms) {
    Facts facts;
    std::vector<Facts> kids;
    bool areLoad = true;
    for (uint32_t kid : term.kids) {
      areLoad &= all[kid].isLoad;
      if (function.terms[kid].isTerm())
        kids.push_back(all[kid]);
    }
    const Type *type = term.type ? &function.types[*term.type] : nullptr;
    bool isMover = isOneOf(term.text, "broadcast reshape transpose slice");
    if (term.kind == Term::Kind::Splat || term.kind == Term::Kind::Real)
      readSign(term.real, facts);
    else if (term.isOperation("tern.constant") && term.kids.size() == 1)
      facts = all[term.kids[0]];
    else if (term.kind == Term::Kind::Operation && isMover && kids.size() == 1)
      facts = kids[0];
    else if (std::optional<double> number = evaluate(term, type, kids))
      readSign(*number, facts);
    else if (term.kind == Term::Kind::Operation && term.text.starts_with("tern.") && !kids.empty())
      inferSign(term.text, kids, facts);
    if (type && type->isTensor && type->element == "i1")
      facts.isTruth = true;
    if (term.kind == Term::Kind::Leaf)
      facts.isLoad = type && !type->isTensor && type->element == "index";
    else if (term.kind == Term::Kind::Operation)
      facts.isLoad = areLoad && type && type->isTensor &&
                     std::ranges::all_of(type->extents, [](const std::string &extent) {
                       return parseInteger(extent).has_value();
                     });
    else
      facts.isLoad = true;
    all.push_back(facts);
  }
  return all;
}

} // namespace tern::check
