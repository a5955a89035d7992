// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Bindings.h"
#include "passes/Saturate/Law/ReadTerm.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

namespace tern::law {
namespace {

struct Line {
  unsigned number;
  std::string_view key, rest;
};

/// The lines of one law, its head first.
using Record = std::vector<Line>;

constexpr std::string_view kKeys[] = {"dims",  "vars", "typed", "when",
                                      "guard", "lhs",  "rhs",   "why"};
/// More than any law needs; they bound what a hostile file can ask for.
constexpr size_t kMostDims = 64, kMostVariables = 64, kLongestLine = 1 << 14;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view margin = " \t\r";
  size_t first = text.find_first_not_of(margin);
  if (first == text.npos)
    return "";
  return text.substr(first, text.find_last_not_of(margin) - first + 1);
}

bool isName(std::string_view text) {
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

bool isHead(std::string_view key) { return key == "law" || key == "nonlaw"; }

class LawReader {
public:
  LawReader(std::string_view file, const Record &record) : record(record), reader(law) {
    law.file = file;
    law.line = record.front().number;
  }

  /// False: `error` says what is wrong, with its place.
  bool read();
  Law law;
  std::string error;

private:
  /// Keeps the first mistake.
  void fail(unsigned line, const std::string &message) {
    if (!error.empty())
      return;
    Law at = law;
    at.line = line;
    error = at.place() + message;
  }
  void readHead();
  void readDims(const Line &line);
  void readEquation(const Line &line, std::string_view text, DimDeclaration &dim);
  void readVariable(const Line &line, std::string_view text);
  void declareSiblings();
  void readConditions(const Line &line);
  void regroupWholeShapes(Term &term);
  void declareHeld(Term &term);
  const Line *one(std::string_view key);
  std::vector<Sexp> sexps(const Line &line) {
    std::string message;
    std::vector<Sexp> all = readSexps(line.rest, message);
    if (!message.empty())
      fail(line.number, message);
    return all;
  }
  void readSide(std::string_view key, Term &side);
  void each(std::string_view key, auto read) {
    for (const Line &line : record)
      if (line.key == key && error.empty())
        read(line);
  }

  const Record &record;
  TermReader reader;
};

void LawReader::readHead() {
  const Line &head = record.front();
  std::vector<std::string_view> parts = words(head.rest);
  if (!parts.empty())
    law.name = parts[0];
  law.isLaw = head.key == "law";
  if (parts.size() < 3)
    return fail(head.number, "expected 'law NAME TIER WAY', found " +
                                 quote(std::string(head.key) + " " + std::string(head.rest)));
  if (parts[1] == "L")
    return fail(head.number, "expected tier B or R, found 'L': what loses information is no law, "
                             "but an operation that somebody asks for");
  if (parts[1] != "B" && parts[1] != "R")
    return fail(head.number, "expected tier B or R, found " + quote(parts[1]));
  law.tier = parts[1] == "B" ? Tier::Bit : Tier::Real;
  if (parts[2] != "=>" && parts[2] != "<=>")
    return fail(head.number, "expected => or <=>, found " + quote(parts[2]));
  law.isBothWays = parts[2] == "<=>";
  for (std::string_view mark : std::span(parts).subspan(3)) {
    if (mark != "grow" && mark != "L")
      return fail(head.number, "expected the mark grow or L, found " + quote(mark));
    (mark == "L" ? law.survivesRounding : law.grows) = true;
  }
}

void LawReader::readEquation(const Line &line, std::string_view text, DimDeclaration &dim) {
  Size sum{Size::Kind::Add, 0, 0, {}};
  for (size_t from = 0; from <= text.size();) {
    size_t plus = std::min(text.find('+', from), text.size());
    std::string_view product = text.substr(from, plus - from);
    Size factors{Size::Kind::Mul, 0, 0, {}};
    for (size_t at = 0; at <= product.size();) {
      size_t star = std::min(product.find('*', at), product.size());
      Sexp word{std::string(product.substr(at, star - at)), {}};
      if (word.word.empty())
        return fail(line.number, "expected a sum of products such as n=a+2*b, found " +
                                     quote(dim.name + "=" + std::string(text)));
      factors.operands.push_back(reader.size(word));
      if (factors.operands.back().number < 0)
        return fail(line.number, "expected sizes of at least 0, found " + quote(word.word));
      at = star + 1;
    }
    sum.operands.push_back(factors);
    from = plus + 1;
  }
  dim.value = sum;
  if (!reader.error.empty())
    return fail(line.number, reader.error);
  if (!valueOf(law, sum))
    fail(line.number, "expected a size of at most 256 products of 16, found " + quote(dim.name));
}

void LawReader::readDims(const Line &line) {
  for (std::string_view word : words(line.rest)) {
    size_t equals = word.find('=');
    DimDeclaration dim{std::string(word.substr(0, equals)), std::nullopt};
    if (!isName(dim.name))
      fail(line.number, "expected the name of a size, found " + quote(word));
    else if (reader.dim(dim.name))
      fail(line.number, "expected each size once, found " + quote(dim.name) + " again");
    else if (law.dims.size() == kMostDims)
      fail(line.number, "expected at most 64 sizes, found more");
    else if (equals != word.npos)
      readEquation(line, word.substr(equals + 1), dim);
    if (!error.empty())
      return;
    law.dims.push_back(std::move(dim));
  }
}

/// x:rk real, m?rk truth values, i:t<v integers below v, f:fn a function, t:type an element type,
/// z:cache a cache, with the batch and the layer that read it, y:view which slots rows see.
void LawReader::readVariable(const Line &line, std::string_view text) {
  size_t mark = text.find_first_of(":?");
  Variable v;
  v.name = text.substr(0, mark);
  if (mark == text.npos || !isName(v.name))
    return fail(line.number, "expected a variable such as x:rk, found " + quote(text));
  std::string_view type = text.substr(mark + 1);
  for (const Variable &other : law.variables)
    if (other.name == v.name)
      return fail(line.number, "expected each variable once, found " + quote(v.name) + " again");
  if (law.variables.size() == kMostVariables)
    return fail(line.number, "expected at most 64 variables, found more");
  size_t below = type.find('<');
  if (text[mark] == ':' && type == "fn") {
    v.sort = Variable::Sort::Function;
  } else if (text[mark] == ':' && type == "type") {
    v.sort = Variable::Sort::ElementType;
  } else if (text[mark] == ':' && type == "cache") {
    v.sort = Variable::Sort::Cache;
  } else if (text[mark] == ':' && type == "view") {
    v.sort = Variable::Sort::View;
  } else {
    v.letters = reader.letters(type.substr(0, below));
    if (text[mark] == '?')
      v.kind = Kind::Truth;
    if (below != type.npos) {
      v.kind = Kind::Integer;
      auto bound = reader.dim(type.substr(below + 1));
      if (!bound || text[mark] == '?')
        return fail(line.number, "expected integers below a size of the law, found " + quote(text));
      v.bound = *bound;
    }
  }
  if (!reader.error.empty())
    return fail(line.number, reader.error);
  law.variables.push_back(std::move(v));
}

/// The guard (siblings w) says that w.. is one or more tensors like w, w among them. For the
/// proof these are what lies before w, w, and what lies after it, in unknown numbers. Of
/// (siblings w b), b.. are as many, each of the size of its w.
void LawReader::declareSiblings() {
  for (const Guard &guard : law.guards) {
    if (guard.name != "siblings" || reader.siblings)
      continue;
    auto lettersOf = [&](size_t i) { return law.variables[guard.variables[i]].letters; };
    auto isSized = [&](unsigned v) {
      const Letters &letters = law.variables[v].letters;
      return !letters.empty() && letters[0] == lettersOf(0)[0];
    };
    if (guard.variables.empty() || !std::ranges::all_of(guard.variables, isSized))
      return fail(law.line, "expected tensors of one first letter in the guard siblings");
    auto next = Dim(law.dims.size());
    TermReader::Siblings s{{}, lettersOf(0)[0], next, next + 1};
    for (const char *suffix : {".before", ".after"})
      law.dims.push_back({law.dims[s.own].name + suffix, std::nullopt});
    for (unsigned own : guard.variables) {
      auto add = [&](const char *suffix, Dim size) {
        Variable part = law.variables[own];
        part.name += suffix;
        std::replace(part.letters.begin(), part.letters.end(), s.own, size);
        law.variables.push_back(part);
        return unsigned(law.variables.size() - 1);
      };
      unsigned before = add(".before", s.sizeBefore);
      s.variables.push_back({before, own, add(".after", s.sizeAfter)});
    }
    reader.siblings = s;
  }
}

/// Slices and joins of siblings tie the size of the whole to its parts.
static void tieSiblings(Law &law, const TermReader::Siblings &s, const Term &t) {
  for (const Term &operand : t.operands)
    tieSiblings(law, s, operand);
  if (!t.isOperation(Op::Concat) || t.string.operands.size() < 3)
    return;
  for (size_t i = 0; i < t.string.result.size(); ++i) {
    Dim whole = t.string.result[i];
    const Letters &own = t.string.operands[1];
    if (i < own.size() && own[i] == s.own && whole != s.own && !law.dims[whole].value &&
        whole < s.sizeBefore)
      law.dims[whole].value =
          Size{Size::Kind::Add, 0, 0, {sizeOf(s.sizeBefore), sizeOf(s.own), sizeOf(s.sizeAfter)}};
  }
}

/// A letter of a regrouping that no equation ties stands for a whole shape. As an operand fits,
/// the shapes then have as many elements.
void LawReader::regroupWholeShapes(Term &t) {
  for (Term &operand : t.operands)
    regroupWholeShapes(operand);
  if (!t.isOperation(Op::Reshape) || t.string.operands[0].size() != 1 ||
      t.string.result.size() != 1)
    return;
  Dim a = std::min(t.string.operands[0][0], t.string.result[0]);
  Dim b = std::max(t.string.operands[0][0], t.string.result[0]);
  if (a != b && !law.dims[a].value && !law.dims[b].value)
    law.dims[b].value = sizeOf(a);
}

/// What a cache holds is a tensor that the law knows nothing of: one for each word, cache and view.
void LawReader::declareHeld(Term &t) {
  for (Term &operand : t.operands)
    declareHeld(operand);
  if (t.sort != Term::Sort::Operation || infoOf(t.op).form != Form::Cache)
    return;
  if (auto known = law.find(t.op, t.sources)) {
    t.variable = *known;
    return;
  }
  t.variable = unsigned(law.variables.size());
  Variable held;
  held.name = std::string(nameOf(t.op));
  for (unsigned source : t.sources)
    held.name += "." + law.variables[source].name;
  held.kind = t.op == Op::Visible ? Kind::Truth : Kind::Real;
  held.letters = t.string.result;
  held.held = t.op;
  held.sources = t.sources;
  law.variables.push_back(std::move(held));
}

void LawReader::readConditions(const Line &line) {
  for (const Sexp &text : sexps(line)) {
    if (line.key == "guard")
      law.guards.push_back(reader.guard(text));
    else
      (line.key == "when" ? law.when : law.typed).push_back(reader.condition(text));
    if (!reader.error.empty())
      return fail(line.number, reader.error);
  }
}

const Line *LawReader::one(std::string_view key) {
  const Line *found = nullptr;
  for (const Line &line : record) {
    if (line.key == key && std::exchange(found, &line))
      fail(line.number, "expected one line '" + std::string(key) + "', found another");
  }
  if (!found)
    fail(law.line, "expected one line '" + std::string(key) + "', found none");
  return found;
}

void LawReader::readSide(std::string_view key, Term &side) {
  const Line *line = one(key);
  if (!line || !error.empty())
    return;
  std::vector<Sexp> all = sexps(*line);
  if (error.empty() && all.size() != 1)
    return fail(line->number, "expected one term, found " + std::to_string(all.size()));
  if (!error.empty())
    return;
  side = reader.term(all[0]);
  if (!reader.error.empty())
    fail(line->number, reader.error);
}

bool LawReader::read() {
  readHead();
  for (const Line &line : record)
    law.text +=
        (law.text.empty() ? "" : "\n") + std::string(line.key) + " " + std::string(line.rest);
  each("dims", [&](const Line &line) { readDims(line); });
  each("vars", [&](const Line &line) {
    for (std::string_view word : words(line.rest))
      if (error.empty())
        readVariable(line, word);
  });
  each("guard", [&](const Line &line) { readConditions(line); });
  if (error.empty())
    declareSiblings();
  each("typed", [&](const Line &line) { readConditions(line); });
  each("when", [&](const Line &line) { readConditions(line); });
  readSide("lhs", law.lhs);
  readSide("rhs", law.rhs);
  if (const Line *why = error.empty() ? one("why") : nullptr)
    law.why = why->rest;
  if (!error.empty())
    return false;
  if (reader.siblings)
    for (const Term *side : {&law.lhs, &law.rhs})
      tieSiblings(law, *reader.siblings, *side);
  for (Term *side : {&law.lhs, &law.rhs}) {
    regroupWholeShapes(*side);
    declareHeld(*side);
  }
  if (!error.empty())
    return false;
  std::string message = checkTypes(law);
  unsigned line = one("lhs")->number;
  if (message.empty() && law.isLaw) {
    message = checkConditions(law);
    line = law.line;
  }
  if (message.empty() && law.isLaw)
    message = checkBindings(law);
  if (!message.empty())
    fail(line, message);
  return error.empty();
}

} // namespace

RuleFile readRules(std::string_view file, std::string_view text,
                   std::map<std::string, std::string> &others) {
  RuleFile result;
  std::vector<Record> records;
  unsigned number = 0;
  for (size_t from = 0; from < text.size();) {
    size_t end = std::min(text.find('\n', from), text.size());
    std::string_view line = text.substr(from, end - from);
    from = end + 1;
    ++number;
    line = trimmed(line.substr(0, line.find(';')));
    if (line.empty())
      continue;
    size_t space = std::min(line.find_first_of(" \t"), line.size());
    Line parts{number, line.substr(0, space), trimmed(line.substr(space))};
    auto refuse = [&](const std::string &message) {
      result.errors.push_back(std::string(file) + ":" + std::to_string(number) + ": " + message);
    };
    if (line.size() > kLongestLine) {
      refuse("expected at most 16 KiB in a line, found more");
      return result;
    }
    if (isHead(parts.key))
      records.push_back({parts});
    else if (std::find(std::begin(kKeys), std::end(kKeys), parts.key) == std::end(kKeys))
      refuse("expected law, nonlaw or one of dims vars typed when guard lhs rhs why, found " +
             quote(parts.key));
    else if (records.empty())
      refuse("expected a law first, found " + quote(line));
    else
      records.back().push_back(parts);
  }
  for (const Record &record : records) {
    LawReader reader(file, record);
    if (!reader.read()) {
      result.errors.push_back(reader.error);
      continue;
    }
    Law law = std::move(reader.law);
    auto [taken, isNew] =
        others.insert({law.name, std::string(file) + ":" + std::to_string(law.line)});
    if (isNew)
      result.laws.push_back(std::move(law));
    else
      result.errors.push_back(law.place() + "expected a new name, found that of " + taken->second);
  }
  return result;
}

} // namespace tern::law
