// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Reading.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Refusal.h"
#include "tools/tern-explain/check/Words.h"

#include <numeric>

namespace tern::check {

using Extents = std::vector<std::string>;

bool holds(const std::string &wide, const std::string &narrow) {
  bool isHalf = narrow == "f16" || narrow == "bf16";
  return wide == narrow || (wide == "f32" && isHalf) ||
         (wide == "f64" && (isHalf || narrow == "f32"));
}

static bool mayBeEqual(const std::string &a, const std::string &b) {
  return a == b || a == "?" || b == "?";
}

static Letters upTo(size_t count, int first = 0) {
  Letters letters(count);
  std::iota(letters.begin(), letters.end(), first);
  return letters;
}

/// Of numbers; of named sizes the verifier's word is taken.
static std::string sumOf(const Extents &extents) {
  std::optional<int64_t> sum = 0;
  for (const std::string &extent : extents)
    sum = calculate('+', sum, parseInteger(extent));
  return sum ? std::to_string(*sum) : "?";
}

/// Where the shortest runs from `i` and `j` on end that have as many elements; there if none do.
static std::pair<size_t, size_t> runsAt(const Extents &from, const Extents &to, size_t i,
                                        size_t j) {
  if (i < from.size() && j < to.size() && from[i] == to[j] && from[i] != "?")
    return {i + 1, j + 1};
  for (size_t length = 1; length <= from.size() - i + to.size() - j; ++length)
    for (size_t k = i; k <= std::min(from.size(), i + length); ++k)
      if (size_t l = j + length - (k - i); l <= to.size())
        if (haveAsMany({from.begin() + i, from.begin() + k}, {to.begin() + j, to.begin() + l}))
          return {k, l};
  return {i, j};
}

/// What a term is a regrouping of.
static uint32_t innermost(const Function &function, uint32_t at) {
  const Term &term = function.terms[at];
  return term.isOperation("tern.reshape") ? term.kids[0] : at;
}

namespace {

class TermReader {
public:
  TermReader(const Function &function, const Term &term) : function(function), term(term) {
    for (uint32_t kid : term.kids)
      (function.terms[kid].isTerm() ? operands : properties).push_back(kid);
    reading.operation = term.text;
    reading.operands = operands;
  }

  Reading read() {
    const Type &own = function.types[*term.type];
    if (std::optional<Type> type = infer())
      expect(type->isTensor == own.isTensor && type->element == own.element &&
                 std::ranges::equal(type->extents, own.extents, mayBeEqual),
             "is of another type than its operands and properties make it");
    return std::move(reading);
  }

  /// By what the axes of an attention are, of which the term `at` is a regrouping.
  std::optional<Reading> readAttention(uint32_t at) {
    const Extents whole = typeOf(function, at).extents;
    if (term.text != "tern.attention" || !keepsEnds(at))
      return std::nullopt;
    readAttention();
    if (reading.operation != term.text || property(3).integer != 0)
      return std::nullopt;
    reading.operands.clear();
    reading.extents.clear();
    headCount = static_cast<int>(whole.size()) - 2;
    Letters heads = upTo(headCount, firstHead);
    bind(heads, {whole.begin() + 1, whole.end() - 1});
    reading.ways = {{{}, {{}, {}, {}}, chained(chained({t}, heads), {e}), {}}};
    if (!readHeads(0, t, d) || !readHeads(1, s, d) || !readHeads(2, s, e))
      return std::nullopt;
    Strings &way = reading.ways[0];
    if (operands.size() == 4) {
      uint32_t mask = headCount == 1 ? operands[3] : innermost(function, operands[3]);
      Extents own = typeOf(function, mask).extents, each{whole.begin() + 1, whole.end() - 1};
      each.insert(each.end(), {reading.extents[t], reading.extents[s]});
      bool hasHeads = headCount == 1 ? own.size() == 3 : own == each && !contains(own, "?");
      if (operand(3).extents.size() != (hasHeads ? 3 : 2))
        return std::nullopt;
      way.operands.push_back(hasHeads ? chained(heads, {t, s}) : Letters{t, s});
      way.spread.push_back(hasHeads ? ones : chained(heads, ones));
      reading.operands.push_back(hasHeads ? mask : operands[3]);
    }
    return reading;
  }

private:
  /// None for an operation whose type is not known here.
  std::optional<Type> infer() {
    auto is = [&](std::string_view names) { return isOneOf(term.text, names); };
    if (is("constant weight loaded blocks size"))
      return propertyType(properties.size() - 1);
    const Word *word = findOperation(term.text);
    if (word && word->form == Form::Plain)
      return elementwise(word->operands);
    if (is("dequantise"))
      return Type{true, "f32", operand(0).extents, ""};
    if (is("cast quantise"))
      return alike(1, propertyType(properties.size() - 1).element);
    if (is("reshape"))
      return regrouped();
    if (is("slice pad"))
      return cut(term.text == "tern.pad");
    if (is("concat"))
      return joined();
    if (is("rotary"))
      return turned();
    bool isGrouped = is("contract") && operands.size() == 3; // of no word
    if (word && word->form == Form::Axes && !isGrouped)
      return axes(word->operands);
    if (word && (word->form == Form::Slots || word->form == Form::Attend))
      readCache();
    if (term.text == "tern.attention")
      readAttention();
    return std::nullopt;
  }

  const Type &operand(size_t at) const {
    expect(at < operands.size(), "has too few operands");
    const Type &type = typeOf(function, operands[at]);
    expect(type.isTensor, "has an operand that is no tensor");
    return type;
  }

  const Term &property(size_t at) const {
    expect(at < properties.size(), "has too few properties");
    return function.terms[properties[at]];
  }

  const Type &propertyType(size_t at) const {
    expect(property(at).type.has_value(), "has no type among its properties");
    return typeOf(function, properties[at]);
  }

  int64_t integer(size_t at) const {
    expect(property(at).kind == Term::Kind::Integer, "has a property that is no integer");
    return property(at).integer;
  }

  void bind(const Letters &letters, const Extents &extents) {
    expect(letters.size() == extents.size(), "has axes of another rank than its string");
    for (size_t i = 0; i < letters.size(); ++i) {
      std::string &known = reading.extents.try_emplace(letters[i], extents[i]).first->second;
      expect(mayBeEqual(known, extents[i]), "has two extents for one axis");
      if (known == "?")
        known = extents[i];
    }
  }

  /// The type that the operands' axes give.
  Type finish(Strings way, std::string element) {
    for (size_t at = 0; at < way.operands.size(); ++at)
      bind(way.operands[at], operand(at).extents);
    way.spread.resize(way.operands.size());
    Type result{true, std::move(element), {}, ""};
    for (int letter : way.result) {
      expect(reading.extents.contains(letter), "has an axis of the result that is no operand's");
      result.extents.push_back(reading.extents[letter]);
    }
    reading.ways.push_back(std::move(way));
    return result;
  }

  Type alike(size_t count, std::string element) {
    expect(operands.size() == count, "has another number of operands");
    Strings way;
    for (size_t at = 0; at < count; ++at)
      way.operands.push_back(upTo(operand(at).extents.size()));
    way.result = *std::ranges::max_element(way.operands, {}, &Letters::size);
    way.spreadAll();
    for (const Letters &own : way.operands)
      expect(own.empty() || own.size() == way.result.size(), "has operands of several shapes");
    return finish(std::move(way), std::move(element));
  }

  Type elementwise(size_t count) {
    expect(properties.empty(), "has another number of properties");
    for (size_t at = 1; at < operands.size(); ++at)
      expect(operand(at).element == operand(0).element, "has operands of several element types");
    return alike(count, operand(0).element);
  }

  Type axes(size_t count) {
    auto letter = [](char c) {
      expect(std::isalpha(static_cast<unsigned char>(c)), "has no index string for its operands");
      return static_cast<int>(c);
    };
    std::optional<Strings> way;
    if (property(0).kind == Term::Kind::Text)
      way = parseStrings(property(0).text, letter);
    bool isTyped = properties.size() > 1 && property(1).type;
    if (properties.size() > 1 && !isTyped)
      reading.values = {properties[1]};
    if (way && count == 0) { // counts along an axis, and has no operand
      way->marks = std::move(way->operands);
      way->operands.clear();
    } else if (way && !way->marks.empty()) {
      Letters &along = way->marks[0];
      expect(!along.empty() && lacking(along, way->result).empty(), "has no axes after the slash");
      along = lacking(way->result, lacking(way->result, along)); // in order
      way->operands.resize(count, way->result);
    }
    expect(way && way->operands.size() == count && operands.size() == count,
           "has no index string for its operands");
    if (isTyped)
      bind(way->result, propertyType(1).extents);
    bool isMover = term.text == "tern.broadcast" || term.text == "tern.transpose";
    expect(!isMover || (lacking(way->operands[0], way->result).empty() &&
                        (!isTyped || propertyType(1).element == operand(0).element)),
           "does not hold its operand");
    if (isMover)
      way->spreadAll();
    auto is64 = [&](uint32_t each) { return typeOf(function, each).element == "f64"; };
    std::string element = isTyped ? propertyType(1).element
                          : term.text == "tern.contract"
                              ? std::ranges::all_of(operands, is64) ? "f64" : "f32"
                          : operand(0).element.starts_with("!tern.block") ? "f32"
                                                                          : operand(0).element;
    return finish(std::move(*way), std::move(element));
  }

  Type regrouped() {
    const Type &from = operand(0), &to = propertyType(0);
    bool isKnown = !contains(from.extents, "?") && !contains(to.extents, "?");
    expect(to.element == from.element && (!isKnown || haveAsMany(from.extents, to.extents)),
           "does not keep the elements");
    int before = static_cast<int>(from.extents.size());
    Strings whole{{upTo(before)}, {{}}, upTo(to.extents.size(), before), {}}; // no axis stays
    bind(whole.operands[0], from.extents);
    bind(whole.result, to.extents);
    for (bool isBackward : {false, true})
      for (bool takesOnes : {false, true})
        regroup(from.extents, to.extents, takesOnes, isBackward, whole);
    addWay(std::move(whole));
    return to;
  }

  void addWay(Strings way) {
    if (!contains(reading.ways, way))
      reading.ways.push_back(std::move(way));
  }

  /// Row-major: an axis stays, or axes become others of as many elements. With `takesOnes` axes of
  /// one element belong to those before them; `isBackward` goes from the last axes to the first.
  void regroup(Extents from, Extents to, bool takesOnes, bool isBackward, Strings way) {
    if (isBackward) {
      std::ranges::reverse(from);
      std::ranges::reverse(to);
    }
    auto isOne = [](const Extents &extents, size_t at) {
      return at < extents.size() && extents[at] == "1";
    };
    for (size_t i = 0, j = 0; i < from.size() || j < to.size();) {
      auto [k, l] = runsAt(from, to, i, j);
      if (k == i && l == j)
        return;
      for (; takesOnes && isOne(from, k) && !isOne(to, l); ++k)
        ;
      for (; takesOnes && isOne(to, l) && !isOne(from, k); ++l)
        ;
      if (k == i + 1 && l == j + 1)
        way.result[isBackward ? to.size() - l : j] =
            way.operands[0][isBackward ? from.size() - k : i];
      i = k;
      j = l;
    }
    addWay(std::move(way));
  }

  Type cut(bool isPad) {
    Strings way{{upTo(operand(0).extents.size())}, {}, {}, {}};
    int64_t axis = integer(0), first = integer(1), second = integer(2), end;
    int made = static_cast<int>(way.operands[0].size());
    expect(axis >= 0 && axis < made && first >= 0 && second >= 0, "has no such axis or range");
    expect(!__builtin_add_overflow(first, second, &end), "has a range beyond 64 bits");
    way.result = way.operands[0];
    way.result[axis] = made;
    const std::string &extent = operand(0).extents[axis];
    expect(isPad || end <= parseInteger(extent).value_or(end), "has a range beyond its axis");
    reading.extents[made] = isPad ? sumOf({extent, std::to_string(end)}) : std::to_string(second);
    reading.values = {properties[isPad ? 2 : 1]};
    return finish(std::move(way), operand(0).element);
  }

  Type joined() {
    Strings way{{}, {}, upTo(operand(0).extents.size()), {}, true};
    int64_t axis = integer(0);
    int next = static_cast<int>(way.result.size());
    Extents parts;
    for (size_t at = 0; at < operands.size(); ++at) {
      const Type &part = operand(at);
      expect(axis >= 0 && axis < std::ssize(way.result) && axis < std::ssize(part.extents),
             "has no such axis");
      expect(part.element == operand(0).element, "has operands of several element types");
      parts.push_back(part.extents[axis]);
      way.operands.push_back(way.result);
      way.operands.back()[axis] = next++;
    }
    reading.extents[static_cast<int>(axis)] = sumOf(parts);
    return finish(std::move(way), operand(0).element);
  }

  /// x `[t, .., d]`, cosines and sines `[t, i]`, which are the same for all axes between.
  Type turned() {
    int rank = static_cast<int>(operand(0).extents.size());
    expect(rank >= 2 && operands.size() == 3, "has no rows to turn");
    Letters x = upTo(rank), tables{0, rank}, between(x.begin() + 1, x.end() - 1);
    reading.operation +=
        property(0).text == "#tern<rotary_style%20half>" ? " half" : " interleaved";
    return finish({{x, tables, tables}, {{}, between, between}, x, {{rank - 1}, {0}}},
                  operand(0).element);
  }

  /// Keys, values, positions and what is seen of them have one axis a meaning; attention `[t, h,
  /// d]` has another last axis in the result, and may have slopes.
  void readCache() {
    const Extents &own = function.types[*term.type].extents;
    auto source = [&](std::initializer_list<uint32_t> parts) {
      std::string text;
      for (uint32_t part : parts)
        text += std::to_string(part) + " ";
      reading.sources.push_back(text);
    };
    Strings way{{}, {}, upTo(own.size()), {}};
    for (int letter : way.result)
      way.marks.push_back({letter});
    reading.operands.clear();
    bool attends = term.text == "kv.attend", sees = attends || term.text == "kv.visible";
    size_t first = attends ? 1 : 0, count = operands.size() - first;
    expect((count == (sees ? 4 : 3) || (attends && count == 5)) && !properties.empty(),
           "has another number of operands or properties");
    const uint32_t *at = &operands[first];
    source({at[0], at[sees ? 2 : 1], at[sees ? 3 : 2]});
    if (sees)
      source({at[1], properties.back()});
    if (attends) {
      // The type of a bias, scale, scores, cap, window.
      if (own.size() != 3 || property(2).kind != Term::Kind::None)
        return;
      reading.values = {properties[1]};
      if (property(3).real != 0)
        reading.values.push_back(properties[3]);
      reading.operands = {operands[0]};
      way.operands = {{0, 1, 3}};
      bind(way.operands[0], operand(0).extents);
      if (count == 5) {
        reading.sources.push_back("f32"); // in which a bias is computed
        if (property(0).type)
          reading.sources.push_back(propertyType(0).element);
        reading.operands = {operands[0], at[1], at[4]};
        way.operands.insert(way.operands.end(), {{0}, {1}});
      }
      way.spread.resize(way.operands.size());
    }
    bind(way.result, own);
    reading.ways.push_back(way);
  }

  /// Queries `[t, h, d]`, keys `[s, g, d]`, values `[s, g, e]`, a bias `[h, t, s]`; no window.
  void readAttention() {
    expect(operands.size() >= 3 && operands.size() <= 4 && properties.size() == 4,
           "has another number of operands or properties");
    if (property(0).kind != Term::Kind::None)
      reading.operation += " causal";
    reading.values = {properties[1]};
    if (property(2).real != 0)
      reading.values.push_back(properties[2]);
    Strings way{{{0, 1, 2}, {3, 4, 2}, {3, 4, 5}}, {}, {0, 1, 5}, {{0}, {1}, {3}}};
    bool hasBias = operands.size() == 4;
    if (property(3).integer != 0 || (hasBias && operand(3).extents.size() != 3))
      return;
    if (hasBias)
      way.operands.push_back({1, 0, 3});
    finish(std::move(way), "");
  }

  //===- Attention of several axes of heads -------------------------------===//

  enum { t, s, d, e, firstHead };

  static Letters chained(Letters all, const Letters &others) {
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }

  /// The regrouping is of axes between the first and the last, so these are the heads.
  bool keepsEnds(uint32_t at) const {
    const Extents &own = typeOf(function, at).extents,
                  &inner = typeOf(function, innermost(function, at)).extents;
    return own.size() >= 2 && inner.size() >= 2 &&
           (innermost(function, at) == at ||
            (own.front() == inner.front() && own.back() == inner.back() && !contains(own, "?")));
  }

  /// The letters of the axes between the first and the last; of a query all heads, of keys the
  /// first ones. Keys that all heads share have axes of one element, which have letters of their
  /// own.
  std::optional<Letters> headsOf(const Extents &own, bool areAll) {
    Extents between(own.begin() + 1, own.end() - 1);
    Letters heads = upTo(between.size(), firstHead);
    auto isHead = [&](int letter, const std::string &extent) {
      return letter < firstHead + headCount && reading.extents[letter] == extent && extent != "?";
    };
    if (std::ranges::equal(heads, between, isHead) && (!areAll || std::ssize(heads) == headCount))
      return heads;
    if (areAll || std::ranges::count(between, "1") != std::ssize(between))
      return std::nullopt;
    if (ones.empty())
      bind(ones = upTo(between.size(), firstHead + headCount), between);
    return ones.size() == between.size() ? std::optional(ones) : std::nullopt;
  }

  bool readHeads(size_t at, int front, int back) {
    for (uint32_t each : {innermost(function, operands[at]), operands[at]}) {
      const Extents &own = typeOf(function, each).extents;
      std::optional<Letters> heads;
      if (own.size() >= 2 && (each == operands[at] || keepsEnds(operands[at])))
        heads = headsOf(own, at == 0);
      if (!heads)
        continue;
      reading.ways[0].operands.push_back(chained(chained({front}, *heads), {back}));
      reading.operands.push_back(each);
      reading.extents[front] = own.front();
      reading.extents[back] = own.back();
      return true;
    }
    return false;
  }

  int headCount = 0;
  Letters ones; ///< of keys and values that all heads share

  const Function &function;
  const Term &term;
  std::vector<uint32_t> operands, properties;
  Reading reading;
};

} // namespace

std::optional<Reading> readAttention(const Function &function, uint32_t term) {
  return TermReader(function, function.terms[innermost(function, term)]).readAttention(term);
}

std::vector<Reading> readTerms(const Function &function) {
  std::vector<Reading> readings(function.terms.size());
  std::map<std::vector<std::string>, uint32_t> typeOfLine;
  for (uint32_t at = 0; at < function.terms.size(); ++at) {
    const Term &term = function.terms[at];
    if (term.kind != Term::Kind::Operation || !term.type)
      continue;
    std::vector<std::string> line{term.text};
    for (uint32_t kid : term.kids) {
      const Term &of = function.terms[kid];
      line.push_back(of.isTerm() && of.type ? typeOf(function, kid).line : of.head);
    }
    try {
      readings[at] = TermReader(function, term).read();
      expect(typeOfLine.try_emplace(std::move(line), *term.type).first->second == *term.type,
             "has two types over the same operands");
    } catch (const Refusal &refusal) {
      throw Refusal("term " + std::to_string(at) + ": " + term.text + " " + refusal.what());
    }
  }
  return readings;
}

} // namespace tern::check
