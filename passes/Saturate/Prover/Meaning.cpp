// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Meaning.h"

#include "passes/Saturate/Prover/Definitions.h"
#include "passes/Saturate/Prover/Exact.h"
#include "passes/Saturate/Prover/Real.h"

#include <algorithm>

namespace tern::prover {

using law::Letters;
using law::Op;
using law::Term;

static bool isAmong(const Letters &letters, Dim d) {
  return std::find(letters.begin(), letters.end(), d) != letters.end();
}

/// The letters of a that b lacks, each once.
static Letters without(const Letters &a, const Letters &b) {
  Letters rest;
  for (Dim d : a)
    if (!isAmong(b, d) && !isAmong(rest, d))
      rest.push_back(d);
  return rest;
}

/// Where two strings of one length differ.
static size_t differing(const Letters &a, const Letters &b) {
  return size_t(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
}

static Indices with(Indices at, size_t place, Form index) {
  at[place] = index;
  return at;
}

template <class D> Places Meaning<D>::places(const Letters &letters, const Indices &at) const {
  Places found(algebra.law.dims.size());
  for (size_t i = 0; i < letters.size(); ++i)
    found[letters[i]] = at[i];
  return found;
}

template <class D> Indices Meaning<D>::pick(const Letters &letters, const Places &at) const {
  Indices found;
  for (Dim d : letters)
    found.push_back(at[d]);
  return found;
}

/// Indices are integers, whatever the domain.
template <class D> Form Meaning<D>::index(const Term &t, const Indices &at) {
  Real integers(algebra);
  return Meaning<Real>(algebra, integers).value(t, at);
}

template <class D> typename D::Value Meaning<D>::value(const Term &t, const Indices &at) {
  if (!algebra.spend())
    return domain.number(0);
  switch (t.sort) {
  case Term::Sort::Number:
    return domain.number(t.number);
  case Term::Sort::MinusInfinity:
    return domain.constant(AtomKind::MinusInfinity);
  case Term::Sort::Pi:
    return domain.constant(AtomKind::Pi);
  case Term::Sort::Variable:
    return domain.element(t.variable, at);
  case Term::Sort::Operation:
    return operation(t, at);
  }
  return domain.number(0);
}

template <class D> typename D::Value Meaning<D>::operation(const Term &t, const Indices &at) {
  const auto &[in, out] = t.string;
  switch (t.op) {
  case Op::Contract: {
    Letters all = in[0];
    all.insert(all.end(), in[1].begin(), in[1].end());
    return domain.total(without(all, out), places(out, at), [&](const Places &p) {
      return domain.apply(Op::Mul, {operand(t, 0, p), operand(t, 1, p)});
    });
  }
  case Op::Sum:
  case Op::Mean:
  case Op::Amax:
  case Op::Amin:
    return reduce(t, places(out, at));
  case Op::Bcast:
  case Op::Perm:
    return operand(t, 0, places(out, at));
  case Op::Reshape:
    return reshape(t, at);
  case Op::Slice:
  case Op::Pad:
    return cut(t, at);
  case Op::Concat:
    return concat(t, at);
  case Op::Gather:
    return lookUp(t, places(out, at));
  case Op::ScatterAdd:
    return scatter(t, places(out, at));
  case Op::OneHot: {
    Places p = places(out, at);
    Form hot = index(t.operands[0], pick(in[0], p));
    return domain.integer(algebra.zero(algebra.subtract(hot, p[without(out, in[0])[0]])));
  }
  case Op::Iota:
    return domain.integer(places(out, at)[in[0][0]]);
  case Op::Size:
    return domain.integer(algebra.size(t.size));
  case Op::Dequant: {
    Places p = places(in[0], at);
    auto table = [&](size_t i) { return value(t.operands[i], pick(in[1], p)); };
    return domain.apply(Op::Mul, {domain.apply(Op::Sub, {operand(t, 0, p), table(2)}), table(1)});
  }
  case Op::RopeHalf:
  case Op::RopePair:
  case Op::TurnHalf:
  case Op::TurnPair:
    return rotate(t, at);
  case Op::Keys:
  case Op::Values:
  case Op::Slots:
  case Op::Visible:
    return domain.element(t.variable, at);
  default:
    break;
  }
  if (auto definition = definitionOf(algebra.law, t))
    return value(*definition, at);
  return law::infoOf(t.op).form == law::Form::Row ? row(t, at) : elements(t, at);
}

/// Operands of rank 0 are read at no index.
template <class D> typename D::Value Meaning<D>::elements(const Term &t, const Indices &at) {
  std::vector<Value> x;
  for (const Term &operand : t.operands) {
    auto read = [&] { return value(operand, operand.letters.empty() ? Indices() : at); };
    // What is chosen has to be defined only where it is.
    bool isChosen = t.op == Op::Where && x.size() == 1;
    x.push_back(isChosen ? domain.given(x[0], read) : read());
  }
  if (law::infoOf(t.op).form == law::Form::Function)
    return domain.applyFunction(t.op == Op::Cast, t.variable, std::move(x));
  return domain.apply(t.op, std::move(x));
}

template <class D> typename D::Value Meaning<D>::reduce(const Term &t, const Places &at) {
  Letters row = without(t.string.operands[0], t.string.result);
  auto entry = [&](const Places &p) { return operand(t, 0, p); };
  switch (t.op) {
  case Op::Sum:
    return domain.total(row, at, entry);
  case Op::Mean:
    return domain.apply(
        Op::Div, {domain.total(row, at, entry), domain.integer(algebra.size(law::product(row)))});
  case Op::Amax:
    return domain.most(row, at, entry);
  default:
    return domain.apply(Op::Neg, {domain.most(row, at, [&](const Places &p) {
                          return domain.apply(Op::Neg, {entry(p)});
                        })});
  }
}

/// n = q d + r by polynomial division, if Z3 proves 0 <= r < d.
template <class D> std::pair<Form, Form> Meaning<D>::divide(Form n, Form d) {
  Form q = algebra.number(0), r = q;
  const auto *divisor = d->single();
  if (!divisor) {
    algebra.refuse("a reshape by a size that is a sum");
    return {q, r};
  }
  for (const auto &[m, c] : n->terms) {
    Form term = algebra.form(m, c), part = algebra.divide(term, divisor->first->factors);
    part = algebra.scale(part, Rational(1) / divisor->second);
    if (algebra.isIntegral(part))
      q = algebra.add(q, part);
    else
      r = algebra.add(r, term);
  }
  if (!algebra.isBelow(r, d))
    algebra.refuse("a reshape crosses a seam");
  return {q, r};
}

/// Row-major: letters that both ends share stay, the middle is one number.
template <class D> typename D::Value Meaning<D>::reshape(const Term &t, const Indices &at) {
  const Letters &in = t.string.operands[0], &out = t.string.result;
  size_t least = std::min(in.size(), out.size()), front = 0, back = 0;
  while (front < least && in[front] == out[front])
    ++front;
  while (back < least - front && in[in.size() - 1 - back] == out[out.size() - 1 - back])
    ++back;
  Form flat = algebra.number(0);
  for (size_t i = front; i < out.size() - back; ++i)
    flat = algebra.add(algebra.multiply(flat, algebra.size(out[i])), at[i]);
  Indices middle;
  for (size_t i = in.size() - back; i > front + 1; --i) {
    auto [quotient, digit] = divide(flat, algebra.size(in[i - 1]));
    middle.insert(middle.begin(), digit);
    flat = quotient;
  }
  if (in.size() - back > front)
    middle.insert(middle.begin(), flat);
  middle.insert(middle.begin(), at.begin(), at.begin() + long(front));
  middle.insert(middle.end(), at.end() - long(back), at.end());
  return value(t.operands[0], middle);
}

/// Slices and paddings.
template <class D> typename D::Value Meaning<D>::cut(const Term &t, const Indices &at) {
  const Letters &in = t.string.operands[0], &out = t.string.result;
  size_t place = differing(in, out);
  Form lo = algebra.size(t.size), inner = algebra.size(in[place]), outer = algebra.size(out[place]);
  bool isSlice = t.op == Op::Slice;
  Form rest = isSlice ? algebra.subtract(inner, algebra.add(lo, outer))
                      : algebra.subtract(outer, algebra.add(lo, inner));
  if (!algebra.isNonNegative(lo) || !algebra.isNonNegative(rest)) {
    algebra.refuse(isSlice ? "a slice may be out of range" : "a padding may be negative");
    return domain.number(0);
  }
  if (isSlice)
    return value(t.operands[0], with(at, place, algebra.add(at[place], lo)));
  Form x = algebra.subtract(at[place], lo);
  if (algebra.isBelow(x, inner))
    return value(t.operands[0], with(at, place, x));
  if (!algebra.isPositive(algebra.negate(x)) && !algebra.isNonNegative(algebra.subtract(x, inner)))
    algebra.refuse("a padding crosses a seam");
  return domain.number(0);
}

template <class D> typename D::Value Meaning<D>::concat(const Term &t, const Indices &at) {
  const auto &[in, out] = t.string;
  size_t place = 0;
  for (const Letters &part : in)
    if (part != out)
      place = differing(part, out);
  std::vector<Part> parts;
  for (size_t i = 0; i < in.size(); ++i)
    parts.push_back({algebra.size(in[i][place]),
                     [&, i](Form x) { return value(t.operands[i], with(at, place, x)); }});
  return part(parts, 0, at[place]);
}

/// The part in which x lies: decided by Z3, else a choice.
template <class D>
typename D::Value Meaning<D>::part(const std::vector<Part> &parts, size_t first, Form x) {
  const auto &[size, element] = parts[first];
  if (first + 1 == parts.size() || algebra.isPositive(algebra.subtract(size, x)))
    return element(x);
  Form beyond = algebra.subtract(x, size);
  if (algebra.isNonNegative(beyond))
    return part(parts, first + 1, beyond);
  Form isHere = algebra.positive(algebra.negate(beyond));
  return domain.choose(
      isHere, [&] { return element(x); }, [&] { return part(parts, first + 1, beyond); });
}

template <class D> typename D::Value Meaning<D>::lookUp(const Term &t, Places at) {
  const auto &[in, out] = t.string;
  Dim row = without(in[0], out)[0];
  at[row] = index(t.operands[1], pick(in[1], at));
  if (!algebra.isBelow(at[row], algebra.size(row)))
    algebra.refuse("an index may be out of range");
  return operand(t, 0, at);
}

template <class D> typename D::Value Meaning<D>::scatter(const Term &t, const Places &at) {
  const auto &[in, out] = t.string;
  Dim row = without(out, in[0])[0];
  return domain.scatter(without(in[0], out), at, [&](const Places &p) {
    Form i = index(t.operands[1], pick(in[1], p));
    if (!algebra.isBelow(i, algebra.size(row)))
      algebra.refuse("an index may be out of range");
    return std::pair(algebra.zero(algebra.subtract(i, at[row])), operand(t, 0, p));
  });
}

/// Planes (i, i + h) or (2i, 2i + 1), turned by the angle of i, or by its cosine and sine; what
/// is in no plane stays.
template <class D> typename D::Value Meaning<D>::rotate(const Term &t, const Indices &at) {
  const Letters &axes = t.string.operands[0], &angles = t.string.operands[1];
  Places p = places(axes, at);
  size_t last = at.size() - 1;
  Form half = algebra.size(angles.back());
  auto turn = [&](Form plane, Form first, Form second, bool isSecond) {
    Indices angle = pick({angles.begin(), angles.end() - 1}, p);
    angle.push_back(plane);
    bool hasTables = t.operands.size() == 3;
    Value a = value(t.operands[1], angle), b = hasTables ? value(t.operands[2], angle) : a;
    Value c = hasTables ? a : domain.apply(Op::Cos, {a});
    Value s = hasTables ? b : domain.apply(Op::Sin, {a});
    Value u = value(t.operands[0], with(at, last, first));
    Value v = value(t.operands[0], with(at, last, second));
    if (isSecond)
      return domain.apply(Op::Add, {domain.apply(Op::Mul, {v, c}), domain.apply(Op::Mul, {u, s})});
    return domain.apply(Op::Sub, {domain.apply(Op::Mul, {u, c}), domain.apply(Op::Mul, {v, s})});
  };
  Form turning = algebra.scale(half, 2);
  Part others = {algebra.subtract(algebra.size(axes.back()), turning), [&](Form x) {
                   return value(t.operands[0], with(at, last, algebra.add(x, turning)));
                 }};
  if (t.op == Op::RopeHalf || t.op == Op::TurnHalf) {
    auto element = [&](bool isSecond) {
      return [&, isSecond](Form x) { return turn(x, x, algebra.add(x, half), isSecond); };
    };
    return part({{half, element(false)}, {half, element(true)}, others}, 0, at[last]);
  }
  auto pair = [&](Form x) {
    auto [plane, rest] = divide(x, algebra.number(2));
    Form first = algebra.scale(plane, 2);
    if (rest->isConstant())
      return turn(plane, first, algebra.add(first, algebra.number(1)), !rest->isZero());
    algebra.refuse("a pair that is not decided");
    return domain.number(0);
  };
  return part({{turning, pair}, others}, 0, at[last]);
}

template <class D> typename D::Value Meaning<D>::row(const Term &t, const Indices &at) {
  const Letters &axes = t.string.operands[0];
  Row<Value> row;
  row.op = t.op;
  row.letters = t.string.result;
  row.at = places(t.op == Op::Lse ? without(axes, row.letters) : axes, at);
  row.entry = [&](const Places &p) { return operand(t, 0, p); };
  if (t.op == Op::SoftmaxMasked)
    row.mask = [&](const Places &p) { return value(t.operands[1], pick(axes, p)); };
  else if (t.operands.size() == 2)
    row.epsilon = [&] { return value(t.operands[1], {}); };
  if (t.op == Op::TopkMask) {
    row.count = algebra.size(t.size);
    if (algebra.isNonNegative(algebra.subtract(row.count, algebra.size(row.letters[0]))))
      return domain.number(1);
  }
  return domain.row(row);
}

template class Meaning<Real>;
template class Meaning<Exact>;

} // namespace tern::prover
