// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Law.h"

#include <algorithm>
#include <utility>

namespace tern::law {
namespace {

bool contains(const Letters &letters, Dim d) {
  return std::find(letters.begin(), letters.end(), d) != letters.end();
}

/// Finds the type of each term, operands first. The first mistake is kept.
class TypeChecker {
public:
  explicit TypeChecker(const Law &law) : law(law) {}
  void check(Term &term);
  std::string error;

private:
  void fail(const Term &t, const std::string &expected, const std::string &found) {
    if (error.empty())
      error = "expected " + expected + ", found " + found + " in " + print(law, t);
  }
  /// A rule that a string keeps.
  void require(bool holds, const Term &t, const char *expected) {
    if (!holds)
      fail(t, expected, "another index string");
  }
  std::string shown(const Letters &letters) const {
    return letters.empty() ? "rank 0" : "'" + print(law, letters) + "'";
  }

  bool fits(const Letters &a, const Letters &b) const;
  bool within(const Letters &inner, const Letters &outer) const;
  bool distinct(const Letters &letters) const;
  void operandIs(const Term &t, size_t i, const Letters &letters);
  void kindIs(const Term &t, size_t i, Kind most, const char *expected);
  Kind widest(const Term &t, size_t first = 0) const;

  void elements(Term &t);
  void elementKind(Term &t);
  void strings(Term &t);
  void regrouping(const Term &t);
  void oneAxisChanges(const Term &t);
  void indexed(Term &t);
  void row(Term &t);
  void attention(Term &t);
  void grouped(const Term &t);
  void held(Term &t);
  void composite(Term &t);

  const Law &law;
};

bool TypeChecker::fits(const Letters &a, const Letters &b) const {
  if (a.size() != b.size())
    return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (!haveOneExtent(law, a[i], b[i]))
      return false;
  return true;
}

bool TypeChecker::within(const Letters &inner, const Letters &outer) const {
  return std::all_of(inner.begin(), inner.end(), [&](Dim d) { return contains(outer, d); });
}

bool TypeChecker::distinct(const Letters &letters) const {
  for (size_t i = 0; i < letters.size(); ++i)
    if (std::count(letters.begin(), letters.end(), letters[i]) > 1)
      return false;
  return true;
}

void TypeChecker::operandIs(const Term &t, size_t i, const Letters &letters) {
  if (!fits(t.operands[i].letters, letters))
    fail(t, "operand " + std::to_string(i + 1) + " with the axes " + shown(letters),
         shown(t.operands[i].letters));
}

void TypeChecker::kindIs(const Term &t, size_t i, Kind most, const char *expected) {
  if (t.operands[i].kind > most)
    fail(t, std::string(expected) + " as operand " + std::to_string(i + 1), "other numbers");
}

Kind TypeChecker::widest(const Term &t, size_t first) const {
  Kind kind = Kind::Truth;
  for (size_t i = first; i < t.operands.size(); ++i)
    kind = std::max(kind, t.operands[i].kind);
  return kind;
}

void TypeChecker::check(Term &t) {
  switch (t.sort) {
  case Term::Sort::Number:
    t.kind = t.number == 0 || t.number == 1 ? Kind::Truth
             : t.number.isWhole()           ? Kind::Integer
                                            : Kind::Real;
    return;
  case Term::Sort::MinusInfinity:
  case Term::Sort::Pi:
    return;
  case Term::Sort::Variable:
    t.letters = law.variables[t.variable].letters;
    t.kind = law.variables[t.variable].kind;
    return;
  case Term::Sort::Operation:
    break;
  }
  for (Term &operand : t.operands)
    check(operand);
  if (!error.empty())
    return;
  t.kind = Kind::Real;
  t.letters.clear();
  for (const Letters &letters : t.string.operands)
    if (!distinct(letters))
      fail(t, "different letters in one operand", shown(letters));
  if (!distinct(t.string.result))
    fail(t, "different letters in the result", shown(t.string.result));
  switch (infoOf(t.op).form) {
  case Form::Elements:
  case Form::Function:
    return elements(t);
  case Form::Letters:
    t.kind = Kind::Integer;
    return;
  case Form::Row:
    return row(t);
  case Form::Cache:
    return held(t);
  case Form::String:
    return strings(t);
  }
}

//===- Elements -----------------------------------------------------------===//

void TypeChecker::elements(Term &t) {
  for (const Term &operand : t.operands)
    if (operand.letters.size() > t.letters.size())
      t.letters = operand.letters;
  for (const Term &operand : t.operands)
    if (!operand.letters.empty() && !fits(operand.letters, t.letters))
      fail(t, "operands of one shape or of rank 0",
           shown(t.letters) + " and " + shown(operand.letters));
  elementKind(t);
}

void TypeChecker::elementKind(Term &t) {
  switch (t.op) {
  case Op::Lt:
  case Op::Le:
  case Op::Eq:
    t.kind = Kind::Truth;
    break;
  case Op::Not:
  case Op::And:
  case Op::Or:
    for (size_t i = 0; i < t.operands.size(); ++i)
      kindIs(t, i, Kind::Truth, "truth values");
    t.kind = Kind::Truth;
    break;
  case Op::Where: // any number may be asked whether it is 0
    t.kind = widest(t, 1);
    break;
  case Op::Mul:
  case Op::Maximum:
  case Op::Minimum:
  case Op::Square:
  case Op::Abs:
    t.kind = widest(t);
    break;
  case Op::Add:
  case Op::Sub:
  case Op::Neg:
    t.kind = std::max(widest(t), Kind::Integer);
    break;
  default:
    break;
  }
}

//===- Index strings ------------------------------------------------------===//

void TypeChecker::strings(Term &t) {
  const std::vector<Letters> &in = t.string.operands;
  const Letters &out = t.string.result;
  t.letters = out;
  for (size_t i = 0; i < in.size() && i < t.operands.size(); ++i)
    operandIs(t, i, in[i]);
  switch (t.op) {
  case Op::Contract: {
    Letters all = in[0];
    all.insert(all.end(), in[1].begin(), in[1].end());
    require(within(out, all), t, "letters of the operands in the result");
    t.kind = std::max(widest(t), Kind::Integer);
    break;
  }
  case Op::Sum:
  case Op::Mean:
  case Op::Amax:
  case Op::Amin:
    require(within(out, in[0]), t, "letters of the operand in the result");
    if (t.op == Op::Sum)
      t.kind = std::max(widest(t), Kind::Integer);
    break;
  case Op::Bcast:
    require(within(in[0], out), t, "all letters of the operand in the result");
    t.kind = widest(t);
    break;
  case Op::Perm:
    require(in[0].size() == out.size() && within(in[0], out), t, "the letters of the operand");
    t.kind = widest(t);
    break;
  case Op::Reshape:
    regrouping(t);
    t.kind = widest(t);
    break;
  case Op::Slice:
  case Op::Pad:
  case Op::Concat:
    oneAxisChanges(t);
    t.kind = widest(t);
    break;
  case Op::Gather:
  case Op::ScatterAdd:
  case Op::OneHot:
  case Op::Iota:
    indexed(t);
    break;
  case Op::LowRank:
  case Op::GatedFfn:
    composite(t);
    break;
  case Op::Grouped:
  case Op::GroupedBias:
  case Op::GroupedCausalBias:
  case Op::Attend:
  case Op::AttendCapped:
  case Op::AttendSloped:
  case Op::AttendSlopedRounded:
    grouped(t);
    break;
  default:
    attention(t);
  }
}

void TypeChecker::regrouping(const Term &t) {
  const Letters &in = t.string.operands[0], &out = t.string.result;
  auto a = valueOf(law, product(in)), b = valueOf(law, product(out));
  if (!a || !b || *a != *b)
    fail(t, "as many elements as before", shown(in) + " and " + shown(out));
}

/// Slices, paddings and joins: the strings differ in one place.
void TypeChecker::oneAxisChanges(const Term &t) {
  const Letters &out = t.string.result;
  std::optional<size_t> place;
  for (const Letters &in : t.string.operands) {
    if (in.size() != out.size())
      return fail(t, "strings of one length", shown(in) + " and " + shown(out));
    for (size_t i = 0; i < in.size(); ++i)
      if (in[i] != out[i] && std::exchange(place, i).value_or(i) != i)
        return fail(t, "strings that differ in one place", shown(in) + " and " + shown(out));
  }
  if (!place)
    return fail(t, "strings that differ in one place", "equal ones");
  if (t.op != Op::Concat)
    return;
  Size sum{Size::Kind::Add, 0, 0, {}};
  for (const Letters &in : t.string.operands)
    sum.operands.push_back(sizeOf(in[*place]));
  auto total = valueOf(law, sum), whole = valueOf(law, sizeOf(out[*place]));
  if (!total || !whole || *total != *whole)
    fail(t, "parts that fill '" + print(law, {out[*place]}) + "'", "another sum of sizes");
}

void TypeChecker::indexed(Term &t) {
  const std::vector<Letters> &in = t.string.operands;
  const Letters &out = t.string.result;
  auto outside = [](const Letters &letters, const Letters &of) {
    return std::count_if(letters.begin(), letters.end(), [&](Dim d) { return !contains(of, d); });
  };
  switch (t.op) {
  case Op::Gather: {
    Letters all = in[0];
    all.insert(all.end(), in[1].begin(), in[1].end());
    require(outside(in[0], out) == 1 && within(in[1], out) && within(out, all), t,
            "one letter of the table that the result lacks");
    kindIs(t, 1, Kind::Integer, "integers");
    t.kind = t.operands[0].kind;
    break;
  }
  case Op::ScatterAdd: {
    Letters all = in[0];
    all.insert(all.end(), in[1].begin(), in[1].end());
    require(outside(out, in[0]) == 1 && outside(out, all) == 1 && within(in[1], in[0]), t,
            "one letter of the result that the operand lacks");
    kindIs(t, 1, Kind::Integer, "integers");
    break;
  }
  case Op::OneHot:
    require(outside(out, in[0]) == 1 && within(in[0], out), t,
            "one letter of the result that the operand lacks");
    kindIs(t, 0, Kind::Integer, "integers");
    t.kind = Kind::Truth;
    break;
  default: // iota
    require(in[0].size() == 1 && within(in[0], out), t, "one letter that the result has");
    t.kind = Kind::Integer;
  }
}

//===- Rows and composites ------------------------------------------------===//

void TypeChecker::row(Term &t) {
  const std::vector<Letters> &in = t.string.operands;
  const Letters &row = t.string.result;
  t.letters = in[0];
  operandIs(t, 0, in[0]);
  if (in.size() == 2) { // rope, dequant: a table
    require(row.empty(), t, "no row");
    for (size_t i = 1; i < t.operands.size(); ++i)
      operandIs(t, i, in[1]);
    if (t.op == Op::Dequant)
      return require(within(in[1], in[0]), t, "letters of the codes in their scales");
    require(!in[0].empty() && !in[1].empty() && !contains(in[0], in[1].back()) &&
                within({in[1].begin(), in[1].end() - 1}, {in[0].begin(), in[0].end() - 1}),
            t, "a string such as td,th");
    if (!error.empty())
      return;
    Size twice{Size::Kind::Mul, 0, 0, {{Size::Kind::Number, 2, 0, {}}, sizeOf(in[1].back())}};
    auto rest = valueOf(law, {Size::Kind::Sub, 0, 0, {sizeOf(in[0].back()), twice}});
    bool mayHaveRest = t.op == Op::TurnHalf || t.op == Op::TurnPair;
    if (!rest || (!mayHaveRest && !rest->empty()) ||
        std::any_of(rest->begin(), rest->end(), [](auto &term) { return term.second < 0; }))
      fail(t, "twice as many elements as angles", "another size");
    return;
  }
  require(!row.empty() && within(row, in[0]), t, "a row among the axes");
  bool isMasked = t.op == Op::SoftmaxMasked;
  if (isMasked) {
    operandIs(t, 1, in[0]);
    kindIs(t, 1, Kind::Truth, "truth values");
  } else if (t.operands.size() == 2) {
    operandIs(t, 1, {});
  }
  if (t.op == Op::Cumsum || t.op == Op::TopkMask)
    require(row.size() == 1, t, "one axis as a row");
  if (t.op == Op::TopkMask)
    t.kind = Kind::Truth;
  if (t.op == Op::Lse)
    std::erase_if(t.letters, [&](Dim d) { return contains(row, d); });
}

void TypeChecker::attention(Term &t) {
  const Letters &q = t.string.operands[0], &k = t.string.operands[1], &v = t.string.operands[2];
  const Letters &out = t.string.result;
  Letters keys, scores;
  for (Dim d : k)
    if (contains(v, d) && !contains(out, d))
      keys.push_back(d);
  require(keys.size() == 1 && !contains(q, keys[0]), t, "one letter of the keys");
  if (!error.empty())
    return;
  auto isKey = [&](Dim d) { return d == keys[0]; };
  require(
      std::all_of(k.begin(), k.end(), [&](Dim d) { return isKey(d) || contains(q, d); }) &&
          std::all_of(v.begin(), v.end(), [&](Dim d) { return isKey(d) || contains(out, d); }) &&
          std::all_of(out.begin(), out.end(),
                      [&](Dim d) { return contains(q, d) || contains(v, d); }),
      t, "a string such as rd,sd,sv->rv");
  for (Dim d : out)
    if (contains(q, d))
      scores.push_back(d);
  scores.push_back(keys[0]);
  bool hasMask = t.op != Op::Attention && t.op != Op::AttentionCapped;
  for (size_t i = 3; i < t.operands.size(); ++i)
    operandIs(t, i, i == 3 && hasMask ? scores : Letters());
  if (t.op == Op::AttentionMasked)
    kindIs(t, 3, Kind::Truth, "truth values");
}

/// Heads of queries in groups, one for each head of keys; axes have fixed places.
void TypeChecker::grouped(const Term &t) {
  const std::vector<Letters> &in = t.string.operands;
  const Letters &out = t.string.result;
  bool readsCache = !t.sources.empty();
  require(in[0].size() == 3 && out.size() == 3, t, "a string such as thd,..->the");
  if (!error.empty())
    return;
  const Letters rows = {in[0][0]}, heads = {in[0][1]};
  std::optional<unsigned> keys, values, visible;
  if (readsCache) {
    const std::vector<unsigned> cache{t.sources[0]}, view{t.sources[0], t.sources[1]};
    keys = law.find(Op::Keys, cache);
    values = law.find(Op::Values, cache);
    visible = law.find(Op::Visible, view);
    if (!keys || !values || !visible)
      return fail(t, "keys, values and visible of the cache in the law", "not all of them");
  }
  Letters k = readsCache ? law.variables[*keys].letters : in[1];
  Letters v = readsCache ? law.variables[*values].letters : in[2];
  require(k.size() == (readsCache ? 4 : 3) && v.size() == k.size(), t, "heads of keys and values");
  if (!error.empty())
    return;
  Letters slots(k.begin(), k.end() - 1);
  require(fits(slots, {v.begin(), v.end() - 1}) && fits({in[0][2], in[0][0]}, {k.back(), out[0]}) &&
              fits({out[1], out[2]}, {in[0][1], v.back()}) && quotient(law, heads[0], k[1]),
          t, "queries, keys and values that fit");
  if (readsCache)
    require(fits(law.variables[*visible].letters, slots) && fits(rows, {k[0]}) &&
                (in.size() == 1 || (in[1] == rows && in[2] == heads)),
            t, "a string such as thd,t,h->the");
  else if (in.size() == 4)
    require(fits(in[3], {heads[0], rows[0], k[0]}), t, "a string such as thd,sgd,sge,hts->the");
  for (size_t i = in.size(); i < t.operands.size(); ++i)
    operandIs(t, i, {});
}

void TypeChecker::held(Term &t) {
  const Variable &own = law.variables[t.variable];
  t.letters = t.string.result;
  t.kind = own.kind;
  size_t rank = t.op == Op::Keys || t.op == Op::Values ? 4 : 3;
  require(t.letters.size() == rank && fits(t.letters, own.letters), t,
          "rows, heads and slots of one cache");
}

void TypeChecker::composite(Term &t) {
  const std::vector<Letters> &in = t.string.operands;
  const Letters &out = t.string.result;
  auto inside = [&](const Letters &x) { // the one letter that neither x nor the result has
    Letters found;
    for (Dim d : in[1])
      if (!contains(x, d) && !contains(out, d))
        found.push_back(d);
    return found;
  };
  Letters inner = inside(in[0]);
  const char *expected =
      t.op == Op::LowRank ? "a string such as rk,ak,na->rn" : "a string such as rk,fk,fk,nf->rn";
  require(inner.size() == 1 && contains(in.back(), inner[0]), t, expected);
  if (!error.empty())
    return;
  // The input of the second product: what the result has of the first operand, and the inner axis.
  Letters middle;
  for (Dim d : in[0])
    if (contains(out, d))
      middle.push_back(d);
  middle.push_back(inner[0]);
  auto each = [](const Letters &letters, auto holds) {
    return std::all_of(letters.begin(), letters.end(), holds);
  };
  require(each(in[1], [&](Dim d) { return d == inner[0] || contains(in[0], d); }) &&
              each(in.back(), [&](Dim d) { return d == inner[0] || contains(out, d); }) &&
              each(out, [&](Dim d) { return contains(middle, d) || contains(in.back(), d); }),
          t, expected);
  if (t.op == Op::LowRank)
    operandIs(t, 3, {});
  else
    require(in[2] == in[1], t, expected);
}

} // namespace

std::string checkTypes(Law &law) {
  TypeChecker checker(law);
  for (Term *side : {&law.lhs, &law.rhs})
    checker.check(*side);
  if (!checker.error.empty())
    return checker.error;
  bool isEqual = law.lhs.letters.size() == law.rhs.letters.size();
  for (size_t i = 0; isEqual && i < law.lhs.letters.size(); ++i)
    isEqual = haveOneExtent(law, law.lhs.letters[i], law.rhs.letters[i]);
  if (!isEqual)
    return "expected both sides to have one shape, found '" + print(law, law.lhs.letters) +
           "' and '" + print(law, law.rhs.letters) + "'";
  return "";
}

} // namespace tern::law
