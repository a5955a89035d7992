// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Reading.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Proof.h"
#include "tools/tern-explain/check/Refusal.h"
#include "tools/tern-explain/check/Words.h"

#include <numeric>
#include <utility>

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
static const Term *innermost(const Term *term) {
  return term->isOperation("tern.reshape") ? term->kids[0] : term;
}

/// True if `inner` is `term`, or what it regroups between the first axis and the last.
static bool keepsEnds(const Term *term, const Term *inner) {
  const Extents &own = term->type->extents, &others = inner->type->extents;
  return own.size() >= 2 && others.size() >= 2 &&
         (term == inner ||
          (own.front() == others.front() && own.back() == others.back() && !contains(own, "?")));
}

namespace {

class TermReader {
public:
  explicit TermReader(const Term &term) : term(term) {
    for (const Term *kid : term.kids)
      (kid->isTerm() ? reading.operands : properties).push_back(kid);
    reading.operation = term.text;
  }

  Reading read() {
    if (std::optional<Type> type = infer())
      expect(type->isTensor == term.type->isTensor && type->element == term.type->element &&
                 std::ranges::equal(type->extents, term.type->extents, mayBeEqual),
             "is of another type than its operands and properties make it");
    return std::move(reading);
  }

  /// By what the axes of an attention are, of which `at` is a regrouping. Letters of the result's
  /// axes are their places.
  std::optional<Reading> readInHeads(const Term &at) {
    if (term.text != "tern.attention" || !keepsEnds(&at, &term))
      return std::nullopt;
    readAttention();
    if (reading.operation != term.text || property(3).integer != 0)
      return std::nullopt;
    const Extents &whole = at.type->extents;
    int rank = static_cast<int>(whole.size()), e = rank - 1, s = rank, d = rank + 1;
    Strings way{{}, {}, upTo(rank), {}};
    std::vector<const Term *> inner = std::exchange(reading.operands, {});
    reading.extents.clear();
    bind(way.result, whole);
    if (!readHeads(inner[0], whole, 0, d, way) || !readHeads(inner[1], whole, s, d, way) ||
        !readHeads(inner[2], whole, s, e, way))
      return std::nullopt;
    way.spread.resize(3);
    if (inner.size() == 4) {
      // Several axes of heads may be regrouped in the mask as well.
      const Term *mask = rank == 3 ? inner[3] : innermost(inner[3]);
      Extents each(whole.begin() + 1, whole.end() - 1);
      each.insert(each.end(), {whole[0], reading.extents.at(s)});
      size_t seen = inner[3]->type->extents.size();
      bool hasHeads =
          seen == 3 && (rank == 3 || (mask->type->extents == each && !contains(each, "?")));
      if (seen != 2 && !hasHeads)
        return std::nullopt;
      Letters own = hasHeads ? upTo(e - 1, 1) : Letters(), others = way.operands[0];
      own.insert(own.end(), {0, s});
      for (int letter : lacking(way.operands[1], others))
        others.push_back(letter);
      way.operands.push_back(own);
      way.spread.push_back(lacking(lacking(others, own), {d}));
      reading.operands.push_back(hasHeads ? mask : inner[3]);
    }
    reading.ways = {way};
    return reading;
  }

private:
  /// None for an operation whose type is not known here.
  std::optional<Type> infer() {
    auto is = [&](std::string_view names) { return isOneOf(plainName(term.text), names); };
    if (is("constant weight loaded blocks size"))
      return propertyType(properties.size() - 1);
    const Word *word = findOperation(term.text);
    if (word && word->form == Form::Plain)
      return elementwise(word->operands);
    if (is("dequantise"))
      return Type{true, "f32", operand(0).extents};
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
    bool isGrouped = is("contract") && reading.operands.size() == 3; // of no word
    if (word && word->form == Form::Axes && !isGrouped)
      return axes(word->operands);
    if (word && (word->form == Form::Slots || word->form == Form::Attend))
      readCache();
    if (term.text == "tern.attention")
      readAttention();
    return std::nullopt;
  }

  const Type &operand(size_t at) const {
    expect(at < reading.operands.size(), "has too few operands");
    expect(reading.operands[at]->isTensor(), "has an operand that is no tensor");
    return *reading.operands[at]->type;
  }

  const Term &property(size_t at) const {
    expect(at < properties.size(), "has too few properties");
    return *properties[at];
  }

  const Type &propertyType(size_t at) const {
    expect(property(at).type, "has no type among its properties");
    return *property(at).type;
  }

  int64_t integer(size_t at) const {
    expect(property(at).key == "int", "has a property that is no integer");
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
    Type result{true, std::move(element), {}};
    for (int letter : way.result) {
      expect(reading.extents.contains(letter), "has an axis of the result that is no operand's");
      result.extents.push_back(reading.extents[letter]);
    }
    reading.ways.push_back(std::move(way));
    return result;
  }

  Type alike(size_t count, std::string element) {
    expect(reading.operands.size() == count, "has another number of operands");
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
    for (size_t at = 1; at < reading.operands.size(); ++at)
      expect(operand(at).element == operand(0).element, "has operands of several element types");
    return alike(count, operand(0).element);
  }

  Type axes(size_t count) {
    auto letter = [](char c) {
      expect(std::isalpha(static_cast<unsigned char>(c)), "has no index string for its operands");
      return static_cast<int>(c);
    };
    expect(property(0).key == "text", "has no index string for its operands");
    Strings way = parseStrings(property(0).text, letter);
    bool isTyped = properties.size() > 1 && property(1).type;
    if (properties.size() > 1 && !isTyped)
      reading.values = {properties[1]};
    if (count == 0) // counts along an axis, and has no operand
      way.marks = std::exchange(way.operands, {});
    else if (!way.marks.empty())
      way.operands.resize(count, way.result);
    for (Letters &along : way.marks) {
      expect(!along.empty() && lacking(along, way.result).empty(),
             "goes along no axis of its result");
      along = lacking(way.result, lacking(way.result, along)); // in order
    }
    expect(way.operands.size() == count && reading.operands.size() == count,
           "has no index string for its operands");
    if (isTyped)
      bind(way.result, propertyType(1).extents);
    bool isMover = term.text == "tern.broadcast" || term.text == "tern.transpose";
    expect(!isMover || (lacking(way.operands[0], way.result).empty() &&
                        (!isTyped || propertyType(1).element == operand(0).element)),
           "does not hold its operand");
    if (isMover)
      way.spreadAll();
    auto is64 = [](const Term *each) { return each->type->element == "f64"; };
    std::string element = isTyped ? propertyType(1).element
                          : term.text == "tern.contract"
                              ? std::ranges::all_of(reading.operands, is64) ? "f64" : "f32"
                          : operand(0).element.starts_with("!tern.block") ? "f32"
                                                                          : operand(0).element;
    return finish(std::move(way), std::move(element));
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
    for (size_t at = 0; at < reading.operands.size(); ++at) {
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
    expect(rank >= 2 && reading.operands.size() == 3, "has no rows to turn");
    Letters x = upTo(rank), tables{0, rank}, between(x.begin() + 1, x.end() - 1);
    reading.operation +=
        property(0).text == "#tern<rotary_style%20half>" ? " half" : " interleaved";
    return finish({{x, tables, tables}, {{}, between, between}, x, {{rank - 1}, {0}}},
                  operand(0).element);
  }

  /// Keys, values, positions and what is seen of them have one axis a meaning; attention `[t, h,
  /// d]` has another last axis in the result, and may have slopes.
  void readCache() {
    const Extents &own = term.type->extents;
    auto source = [&](auto... parts) {
      reading.sources.push_back((... + (std::to_string(parts->number) + " ")));
    };
    Strings way{{}, {}, upTo(own.size()), {}};
    for (int letter : way.result)
      way.marks.push_back({letter});
    std::vector<const Term *> all = std::exchange(reading.operands, {});
    bool attends = term.text == "kv.attend", sees = attends || term.text == "kv.visible";
    size_t first = attends ? 1 : 0, count = all.size() - first;
    expect((count == (sees ? 4 : 3) || (attends && count == 5)) && !properties.empty(),
           "has another number of operands or properties");
    const Term **at = &all[first];
    source(at[0], at[sees ? 2 : 1], at[sees ? 3 : 2]);
    if (sees)
      source(at[1], properties.back());
    if (attends) {
      // The type of a bias, scale, scores, cap, window.
      if (own.size() != 3 || property(2).key != "none")
        return;
      reading.values = {properties[1]};
      if (property(3).real != 0)
        reading.values.push_back(properties[3]);
      reading.operands = {all[0]};
      way.operands = {{0, 1, 3}};
      if (count == 5) {
        reading.sources.push_back("f32"); // in which a bias is computed
        if (property(0).type)
          reading.sources.push_back(property(0).type->element);
        reading.operands = {all[0], at[1], at[4]};
        way.operands.insert(way.operands.end(), {{0}, {1}});
      }
    }
    bind(way.result, own);
    finish(std::move(way), "");
  }

  /// Queries `[t, h, d]`, keys `[s, g, d]`, values `[s, g, e]`, a bias `[h, t, s]`; no window.
  void readAttention() {
    bool hasBias = reading.operands.size() == 4;
    expect((hasBias || reading.operands.size() == 3) && properties.size() == 4,
           "has another number of operands or properties");
    if (property(0).key != "none")
      reading.operation += " causal";
    reading.values = {properties[1]};
    if (property(2).real != 0)
      reading.values.push_back(properties[2]);
    Strings way{{{0, 1, 2}, {3, 4, 2}, {3, 4, 5}}, {}, {0, 1, 5}, {{0}, {1}, {3}}};
    bool isForAll = hasBias && operand(3).extents.size() != 3;
    if (hasBias && !isForAll)
      way.operands.push_back({1, 0, 3});
    bind(way.result, term.type->extents);
    finish(std::move(way), "");
    if (isForAll || property(3).integer != 0)
      reading.ways.clear();
  }

  /// A query `[t, .., d]` with all heads, or keys or values with the first ones or, where all heads
  /// share them, with axes of one element, which have letters of their own. Regrouped or not.
  bool readHeads(const Term *operand, const Extents &whole, int front, int back, Strings &way) {
    for (const Term *each : {innermost(operand), operand}) {
      const Extents &own = each->type->extents;
      if (!keepsEnds(operand, each))
        continue;
      Letters letters = upTo(own.size());
      Letters heads(letters.begin() + 1, letters.end() - 1);
      auto isHead = [&](int at) {
        return at < std::ssize(whole) - 1 && own[at] == whole[at] && own[at] != "?";
      };
      bool isQuery = front == 0;
      if (!std::ranges::all_of(heads, isHead) || (isQuery && own.size() != whole.size())) {
        if (isQuery || !std::ranges::all_of(heads, [&](int at) { return own[at] == "1"; }))
          continue;
        for (int at : heads)
          letters[at] += whole.size() + 1;
      }
      letters.front() = front;
      letters.back() = back;
      bind(letters, own);
      reading.operands.push_back(each);
      way.operands.push_back(letters);
      return true;
    }
    return false;
  }

  const Term &term;
  std::vector<const Term *> properties;
  Reading reading;
};

} // namespace

std::optional<Reading> readAttention(const Term &term) {
  return TermReader(*innermost(&term)).readInHeads(term);
}

void readTerms(Function &function) {
  using Kid = std::pair<const Type *, uint32_t>; // of a term its type alone
  std::map<std::pair<std::string, std::vector<Kid>>, const Type *> known;
  for (Term &term : function.terms) {
    if (term.key != "op" || !term.type)
      continue;
    std::vector<Kid> kids;
    for (const Term *kid : term.kids)
      kids.emplace_back(kid->type, kid->isTerm() ? 0 : kid->number);
    try {
      term.reading = TermReader(term).read();
      expect(known.try_emplace({term.text, kids}, term.type).first->second == term.type,
             "has two types over the same operands");
    } catch (const Refusal &refusal) {
      throw Refusal("term " + std::to_string(term.number) + ": " + term.text + " " +
                    refusal.what());
    }
  }
}

} // namespace tern::check
