// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/ReadTerm.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <span>

namespace tern::law {

static std::optional<int64_t> wholeNumber(std::string_view text) {
  int64_t value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// `3`, `-1` or `1/2`, of at most 60 digits.
bool TermReader::number(std::string_view text, Term &t) {
  auto isDigits = [](std::string_view part) {
    return !part.empty() &&
           std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isdigit(c); });
  };
  size_t slash = std::min(text.find('/'), text.size());
  std::string_view top = text.substr(0, slash);
  std::string_view bottom = slash < text.size() ? text.substr(slash + 1) : "1";
  if (text.size() > 60 || !isDigits(top.substr(top.starts_with('-'))) || !isDigits(bottom) ||
      std::all_of(bottom.begin(), bottom.end(), [](char c) { return c == '0'; }))
    return false;
  t.number = Rational(wholeNumber(top).value_or(0), wholeNumber(bottom).value_or(0));
  if (!wholeNumber(top))
    t.number = Rational(1, 0);
  t.value = std::strtod(std::string(top).c_str(), nullptr) /
            std::strtod(std::string(bottom).c_str(), nullptr);
  return true;
}

std::string print(const Sexp &text) {
  if (!text.isList())
    return text.word;
  std::string all = "(";
  for (const Sexp &part : text.list)
    all += (all.size() > 1 ? " " : "") + print(part);
  return all + ")";
}

std::optional<Dim> TermReader::dim(std::string_view name) const {
  for (Dim d = 0; d < law.dims.size(); ++d)
    if (law.dims[d].name == name)
      return d;
  return std::nullopt;
}

Letters TermReader::letters(std::string_view text) {
  Letters found;
  if (text == ".")
    return found;
  for (char c : text) {
    if (auto d = dim(std::string_view(&c, 1)))
      found.push_back(*d);
    else
      fail("expected sizes of the law as letters, found " + quote(std::string(1, c)) + " in " +
           quote(text));
  }
  return found;
}

unsigned TermReader::variable(const Sexp &text) {
  for (unsigned v = 0; v < law.variables.size() && !text.isList(); ++v)
    if (law.variables[v].name == text.word)
      return v;
  fail("expected a variable of the law, found " + quote(print(text)));
  return 0;
}

unsigned TermReader::named(const Sexp &text, Variable::Sort sort) {
  unsigned v = variable(text);
  static constexpr std::string_view names[] = {"a tensor", "a function", "an element type",
                                               "a cache", "a view of a cache"};
  if (error.empty() && law.variables[v].sort != sort)
    fail("expected " + std::string(names[int(sort)]) + ", found " + quote(text.word));
  return v;
}

Size TermReader::size(const Sexp &text) {
  if (!text.isList()) {
    if (auto value = wholeNumber(text.word))
      return {Size::Kind::Number, *value, 0, {}};
    if (auto d = dim(text.word))
      return sizeOf(*d);
    fail("expected a size of the law or a number, found " + quote(text.word));
    return {};
  }
  const std::vector<Sexp> &list = text.list;
  if (siblings && list.size() == 2 && list[0].word == "before" &&
      list[1].word == law.dims[siblings->own].name)
    return sizeOf(siblings->sizeBefore);
  Size value;
  if (list.size() >= 2 && list[0].word == "+")
    value.kind = Size::Kind::Add;
  else if (list.size() >= 2 && list[0].word == "-")
    value.kind = Size::Kind::Sub;
  else if (list.size() >= 2 && list[0].word == "*")
    value.kind = Size::Kind::Mul;
  else
    fail("expected a sum, a difference or a product of sizes, found " + quote(print(text)));
  for (size_t i = 1; i < list.size() && error.empty(); ++i)
    value.operands.push_back(size(list[i]));
  return value;
}

/// `A,B->C`, or `A,B/C` with an optional row.
IndexString TermReader::string(std::string_view text, const OpInfo &info) {
  IndexString found;
  bool isRow = info.form == Form::Row;
  if (info.form == Form::Cache) {
    found.result = letters(text);
    return found;
  }
  size_t mark = text.find(isRow ? "/" : "->");
  if (mark == text.npos && !isRow) {
    fail("expected '->' in the index string, found " + quote(text));
    return found;
  }
  std::string_view left = text.substr(0, mark);
  for (;;) {
    size_t comma = left.find(',');
    std::string_view letters = left.substr(0, comma);
    bool isEach = siblings && letters.ends_with("..");
    if (isEach)
      letters.remove_suffix(2);
    found.operands.push_back(this->letters(letters));
    if (isEach) { // for each part that w.. stands for
      Letters own = found.operands.back(), before = own, after = own;
      std::replace(before.begin(), before.end(), siblings->own, siblings->sizeBefore);
      std::replace(after.begin(), after.end(), siblings->own, siblings->sizeAfter);
      found.operands.back() = before;
      found.operands.insert(found.operands.end(), {own, after});
    }
    if (comma == left.npos)
      break;
    left.remove_prefix(comma + 1);
  }
  if (mark != text.npos)
    found.result = letters(text.substr(mark + (isRow ? 1 : 2)));
  if (info.strings >= 0 && found.operands.size() != size_t(info.strings))
    fail("expected " + std::to_string(info.strings) + " operands in the index string of '" +
         std::string(info.name) + "', found " + quote(text));
  return found;
}

void TermReader::operand(const Sexp &text, Term &owner) {
  if (siblings)
    for (const Siblings::Parts &parts : siblings->variables)
      if (text.word == law.variables[parts.own].name + "..") {
        for (unsigned v : {parts.before, parts.own, parts.after}) {
          Term part;
          part.sort = Term::Sort::Variable;
          part.variable = v;
          owner.operands.push_back(part);
        }
        return;
      }
  owner.operands.push_back(term(text));
}

static std::span<const Variable::Sort> sourcesOf(Tail tail) {
  using enum Variable::Sort;
  static constexpr Variable::Sort all[] = {Cache, View, ElementType, ElementType};
  return std::span(all).first(size_t(tail) - size_t(Tail::Cache) + 1);
}

Term TermReader::operation(const Sexp &text, Op op) {
  const OpInfo &info = infoOf(op);
  Term t;
  t.sort = Term::Sort::Operation;
  t.op = op;
  size_t next = 1, end = text.list.size();
  auto take = [&](const char *what) -> const Sexp * {
    if (next < end)
      return &text.list[next++];
    fail("expected " + std::string(what) + " in '" + std::string(info.name) + "', found " +
         quote(print(text)));
    return nullptr;
  };
  if (info.form == Form::Function)
    if (const Sexp *name = take("a name"))
      t.variable =
          named(*name, op == Op::Cast ? Variable::Sort::ElementType : Variable::Sort::Function);
  if (info.form == Form::Letters) {
    if (const Sexp *what = take("sizes")) {
      auto whole = dim(what->word);
      t.size = whole ? sizeOf(*whole) : product(letters(what->word));
    }
  } else if (info.form != Form::Elements && info.form != Form::Function) {
    if (const Sexp *what = take("an index string"))
      t.string = string(what->word, info);
  }
  size_t tail = info.tail == Tail::Size || info.tail == Tail::Function ? 1 : 0;
  while (next + tail < end && error.empty()) {
    if (info.tail >= Tail::Cache && t.operands.size() == size_t(info.strings) && t.sources.empty())
      for (Variable::Sort sort : sourcesOf(info.tail))
        if (const Sexp *name = take("what it reads"))
          t.sources.push_back(named(*name, sort));
    if (next + tail < end && error.empty())
      operand(text.list[next++], t);
  }
  size_t expected = info.operands >= 0 ? size_t(info.operands) : t.string.operands.size();
  if (t.operands.size() != expected)
    fail("expected " + std::to_string(expected) + " operands of '" + std::string(info.name) +
         "', found " + std::to_string(t.operands.size()));
  if (info.tail == Tail::Size)
    if (const Sexp *what = take("a size"))
      t.size = size(*what);
  if (info.tail == Tail::Function)
    if (const Sexp *name = take("a function"))
      t.variable = named(*name, Variable::Sort::Function);
  return t;
}

Term TermReader::term(const Sexp &text) {
  Term t;
  if (!error.empty())
    return t;
  if (text.isList()) {
    if (text.list.empty() || text.list[0].isList()) {
      fail("expected an operation, found " + quote(print(text)));
      return t;
    }
    if (auto op = opNamed(text.list[0].word))
      return operation(text, *op);
    fail("expected an operation, found " + quote(text.list[0].word));
    return t;
  }
  for (unsigned v = 0; v < law.variables.size(); ++v)
    if (law.variables[v].name == text.word) {
      if (law.variables[v].sort != Variable::Sort::Tensor)
        fail("expected a tensor, found the name " + quote(text.word));
      t.sort = Term::Sort::Variable;
      t.variable = v;
      return t;
    }
  if (text.word == "-inf")
    t.sort = Term::Sort::MinusInfinity;
  else if (text.word == "pi")
    t.sort = Term::Sort::Pi;
  else if (!number(text.word, t))
    fail("expected a variable of the law or a fraction, found " + quote(text.word));
  return t;
}

Condition TermReader::condition(const Sexp &text) {
  static constexpr std::pair<std::string_view, Relation> relations[] = {
      {"<", Relation::Less},          {"<=", Relation::LessEqual}, {"=", Relation::Equal},
      {">=", Relation::GreaterEqual}, {">", Relation::Greater},
  };
  const std::vector<Sexp> &list = text.list;
  std::string_view head = list.empty() ? "" : std::string_view(list[0].word);
  for (auto [name, relation] : relations)
    if (head == name && list.size() == 3) {
      // One after the other, for the first mistake to be the one that is told.
      Size left = size(list[1]), right = size(list[2]);
      return {Comparison{relation, left, right}, print(text)};
    }
  for (int p = 0; p <= int(Property::ZeroAtZero); ++p) {
    Fact fact{Property(p), 0, {}};
    bool isSome = fact.property == Property::Some;
    if (head != nameOf(fact.property) || list.size() != (isSome ? 3 : 2))
      continue;
    fact.variable = variable(list[1]);
    if (isSome)
      fact.along = letters(list[2].word);
    return {fact, print(text)};
  }
  fail("expected a comparison of sizes or a fact about a variable, found " + quote(print(text)));
  return {};
}

Guard TermReader::guard(const Sexp &text) {
  static constexpr std::string_view names[] = {
      "load",
      "weight",
      "f32",
      "exact",
      "rows",
      "siblings",
      "not-one",
      "delta",
      "every-user-linear",
      "sibling-searcher",
      "chain-searcher",
  };
  const std::vector<Sexp> &list = text.list;
  Guard guard;
  if (list.empty() ||
      std::find(std::begin(names), std::end(names), list[0].word) == std::end(names))
    fail("expected a guard, found " + quote(print(text)));
  else
    guard.name = list[0].word;
  for (size_t i = 1; i < list.size() && error.empty(); ++i)
    guard.variables.push_back(variable(list[i]));
  return guard;
}

} // namespace tern::law
