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

static Letters upTo(size_t count) {
  Letters letters(count);
  std::iota(letters.begin(), letters.end(), 0);
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

namespace {

class TermReader {
public:
  TermReader(const Function &function, const Term &term) : function(function), term(term) {
    for (uint32_t kid : term.kids)
      (function.terms[kid].isTerm() ? operands : properties).push_back(kid);
  }

  Reading read() {
    reading.operation = term.text;
    reading.operands = operands;
    const Type &own = function.types[*term.type];
    if (std::optional<Type> type = infer())
      expect(type->isTensor == own.isTensor && type->element == own.element &&
                 std::ranges::equal(type->extents, own.extents, mayBeEqual),
             "is of another type than its operands and properties make it");
    return std::move(reading);
  }

private:
  /// None for an operation whose type is not known here.
  std::optional<Type> infer() {
    auto is = [&](std::string_view names) {
      return contains(split(names, " "), std::string_view(term.text));
    };
    if (is("tern.constant tern.weight tern.loaded tern.blocks tern.size"))
      return propertyType(properties.size() - 1);
    const Word *word = findOperation(term.text);
    if (word && word->form == Form::Plain)
      return elementwise(word->operands);
    if (is("tern.dequantise"))
      return Type{true, "f32", operand(0).extents, ""};
    if (is("tern.cast tern.quantise"))
      return alike(1, propertyType(properties.size() - 1).element);
    if (is("tern.reshape"))
      return regrouped();
    if (is("tern.slice tern.pad"))
      return cut(term.text == "tern.pad");
    if (is("tern.concat"))
      return joined();
    if (is("tern.rotary"))
      return turned();
    bool isGrouped = is("tern.contract") && operands.size() == 3; // of no word
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
    for (bool takesOnes : {false, true})
      if (std::optional<Strings> way = regroup(from.extents, to.extents, takesOnes))
        reading.ways.push_back(std::move(*way));
    // As a whole, of which no axis stays.
    Strings whole{{{}}, {{}}, {}, {}};
    for (const std::string &extent : from.extents)
      name(whole.operands[0], extent);
    for (const std::string &extent : to.extents)
      name(whole.result, extent);
    reading.ways.push_back(std::move(whole));
    return to;
  }

  void name(Letters &letters, const std::string &extent) {
    letters.push_back(static_cast<int>(reading.extents.size()));
    reading.extents[letters.back()] = extent;
  }

  /// Row-major: an axis stays, or axes become others of as many elements. With `takesOnes` axes of
  /// one element belong to those before them.
  std::optional<Strings> regroup(const Extents &from, const Extents &to, bool takesOnes) {
    Strings way{{{}}, {{}}, {}, {}};
    auto isOne = [](const Extents &extents, size_t at) {
      return at < extents.size() && extents[at] == "1";
    };
    for (size_t i = 0, j = 0; i < from.size() || j < to.size();) {
      auto [k, l] = runsAt(from, to, i, j);
      if (k == i && l == j)
        return std::nullopt;
      for (; takesOnes && isOne(from, k) && !isOne(to, l); ++k)
        ;
      for (; takesOnes && isOne(to, l) && !isOne(from, k); ++l)
        ;
      bool stays = k == i + 1 && l == j + 1;
      for (; i < k; ++i)
        name(way.operands[0], from[i]);
      if (stays)
        way.result.push_back(way.operands[0].back());
      for (; j < l; ++j)
        if (!stays)
          name(way.result, to[j]);
    }
    return way;
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

  /// Queries `[t, h, d]`, keys `[s, g, d]`, values `[s, g, e]`, a bias `[h, t, s]`; no cap, no
  /// window.
  void readAttention() {
    expect(operands.size() >= 3 && operands.size() <= 4 && properties.size() == 4,
           "has another number of operands or properties");
    if (property(0).kind != Term::Kind::None)
      reading.operation += " causal";
    if (property(2).real != 0 || property(3).integer != 0)
      return;
    reading.values = {properties[1]};
    Strings way{{{0, 1, 2}, {3, 4, 2}, {3, 4, 5}}, {}, {0, 1, 5}, {{0}, {1}, {3}}};
    if (operands.size() == 4 && operand(3).extents.size() != 3)
      return;
    if (operands.size() == 4)
      way.operands.push_back({1, 0, 3});
    finish(std::move(way), "");
  }

  const Function &function;
  const Term &term;
  std::vector<uint32_t> operands, properties;
  Reading reading;
};

/// `tern.attention` has queries `[t, h, d]`, keys `[s, g, d]`, values `[s, g, e]`, a mask `[t, s]`
/// or
/// `[h, t, s]`.
class AttentionReader {
public:
  AttentionReader(const Function &function) : function(function) {}

  std::optional<Reading> read(uint32_t at) {
    const Extents &whole = typeOf(function, at).extents;
    const Term &term = function.terms[innermost(at)];
    if (!term.isOperation("tern.attention") || !keepsEnds(at))
      return std::nullopt;
    for (uint32_t kid : term.kids)
      (function.terms[kid].isTerm() ? operands : properties).push_back(kid);
    auto property = [&](size_t i) -> const Term & { return function.terms[properties.at(i)]; };
    // Causal, scale, cap, window.
    if (operands.size() < 3 || operands.size() > 4 || properties.size() != 4 ||
        property(0).kind != Term::Kind::None || property(3).integer != 0)
      return std::nullopt;
    reading.operation = term.text;
    reading.values = {properties[1]};
    if (property(2).real != 0)
      reading.values.push_back(properties[2]);
    heads = name({whole.begin() + 1, whole.end() - 1});
    way.result = joined(joined({t}, heads), {e});
    if (!readOperand(0, t, d) || !readOperand(1, s, d) || !readOperand(2, s, e))
      return std::nullopt;
    way.spread.resize(3);
    if (operands.size() == 4) {
      size_t rank = typeOf(function, operands[3]).extents.size();
      bool hasHeads = rank == 3 && heads.size() == 1;
      if (rank != 2 && !hasHeads)
        return std::nullopt;
      way.operands.push_back(hasHeads ? Letters{heads[0], t, s} : Letters{t, s});
      way.spread.push_back(hasHeads ? ones : joined(heads, ones));
      reading.operands.push_back(operands[3]);
    }
    reading.ways = {way};
    return reading;
  }

private:
  enum { t, s, d, e, first };

  static Letters joined(Letters all, const Letters &others) {
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }

  /// What a term is a regrouping of.
  uint32_t innermost(uint32_t at) const {
    const Term &term = function.terms[at];
    return term.isOperation("tern.reshape") ? term.kids[0] : at;
  }

  /// The regrouping is of axes between the first and the last, so these are the heads.
  bool keepsEnds(uint32_t at) const {
    const Extents &own = typeOf(function, at).extents,
                  &inner = typeOf(function, innermost(at)).extents;
    return own.size() >= 2 && inner.size() >= 2 &&
           (innermost(at) == at ||
            (own.front() == inner.front() && own.back() == inner.back() && !contains(own, "?")));
  }

  Letters name(const Extents &extents) {
    Letters letters;
    for (const std::string &extent : extents) {
      letters.push_back(next);
      reading.extents[next++] = extent;
    }
    return letters;
  }

  bool readOperand(size_t at, int front, int back) {
    uint32_t operand = operands[at];
    for (uint32_t each : {innermost(operand), operand}) {
      const Extents &own = typeOf(function, each).extents;
      if (own.size() < 2 || (each != operand && !keepsEnds(operand)))
        continue;
      std::optional<Letters> between = headsOf({own.begin() + 1, own.end() - 1}, at == 0);
      if (!between)
        continue;
      way.operands.push_back(joined(joined({front}, *between), {back}));
      reading.operands.push_back(each);
      reading.extents[front] = own.front();
      reading.extents[back] = own.back();
      return true;
    }
    return false;
  }

  /// The first ones of the heads, of a query all; keys that all heads share have axes of one
  /// element.
  std::optional<Letters> headsOf(const Extents &extents, bool areAll) {
    auto isHead = [&](int letter, const std::string &extent) {
      return reading.extents[letter] == extent && extent != "?";
    };
    if (extents.size() <= heads.size() && (!areAll || extents.size() == heads.size())) {
      Letters own(heads.begin(), heads.begin() + static_cast<long>(extents.size()));
      if (std::ranges::equal(own, extents, isHead))
        return own;
    }
    if (areAll || std::ranges::count(extents, "1") != std::ssize(extents))
      return std::nullopt;
    if (ones.empty())
      ones = name(extents);
    return ones.size() == extents.size() ? std::optional(ones) : std::nullopt;
  }

  const Function &function;
  std::vector<uint32_t> operands, properties;
  int next = first;
  Letters heads;
  Letters ones; ///< of keys and values that all heads share
  Strings way;
  Reading reading;
};

} // namespace

std::optional<Reading> readAttention(const Function &function, uint32_t term) {
  return AttentionReader(function).read(term);
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
