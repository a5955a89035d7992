// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Exact.h"

#include <algorithm>

namespace tern::prover {

using law::Op;
using law::Property;

//===- Terms --------------------------------------------------------------===//

int compare(Float a, Float b) {
  if (a == b)
    return 0;
  auto key = [](Float x) {
    return std::tuple(x->kind, x->name, x->height, x->number, x->forms.size(), x->operands.size(),
                      x->pieces.size(), x->order.size());
  };
  if (key(a) != key(b))
    return key(a) < key(b) ? -1 : 1;
  for (size_t i = 0; i < a->forms.size(); ++i)
    if (int order = compare(a->forms[i], b->forms[i]))
      return order;
  for (size_t i = 0; i < a->order.size(); ++i)
    if (int order = compare(a->order[i], b->order[i]))
      return order;
  for (size_t i = 0; i < a->operands.size(); ++i)
    if (int order = compare(a->operands[i], b->operands[i]))
      return order;
  for (size_t i = 0; i < a->pieces.size(); ++i) {
    if (a->pieces[i].extents != b->pieces[i].extents)
      return a->pieces[i].extents < b->pieces[i].extents ? -1 : 1;
    if (int order = compare(a->pieces[i].body, b->pieces[i].body))
      return order;
  }
  return 0;
}

static bool isBefore(Float a, Float b) { return compare(a, b) < 0; }

/// Equal terms are one object.
Float Exact::make(FloatNode node) {
  size_t hash = size_t(node.kind) * 64 + node.name;
  auto include = [&](const void *child, unsigned tallest) {
    hash = hash * 0x9e3779b97f4a7c15 + reinterpret_cast<size_t>(child);
    node.tallest = std::max(node.tallest, tallest);
  };
  node.tallest = node.height;
  for (Form f : node.forms)
    include(f, f->tallest);
  for (Form f : node.order)
    include(f, f->tallest);
  for (Float x : node.operands)
    include(x, x->tallest);
  for (const FloatPiece &piece : node.pieces)
    include(piece.body, piece.body->tallest);
  auto [first, last] = table.equal_range(hash);
  for (; first != last; ++first) {
    const FloatNode &other = *first->second;
    if (node.kind == other.kind && node.name == other.name && node.height == other.height &&
        node.number == other.number && node.forms == other.forms &&
        node.operands == other.operands && node.pieces == other.pieces && node.order == other.order)
      return first->second;
  }
  algebra.spend();
  nodes.push_back(std::move(node));
  table.insert({hash, &nodes.back()});
  return &nodes.back();
}

Float Exact::number(Rational value) {
  if (!value.fits())
    algebra.refuse("a number does not fit in 64 bits");
  return make({FloatKind::Number, value});
}

Float Exact::integer(Form f) {
  return f->isConstant() ? number(f->constant()) : make({FloatKind::Integer, {}, 0, 0, {f}});
}

Float Exact::element(unsigned variable, const Indices &at) {
  return make({FloatKind::Element, {}, variable, 0, at});
}

//===- Reductions and rows ------------------------------------------------===//

/// Bound indices have the height above all that is inside, which a first visit finds.
FloatNode Exact::bind(FloatKind kind, const law::Letters &letters, const Places &at,
                      const Body &body) {
  FloatNode node{kind};
  std::vector<std::vector<Piece>> combinations = algebra.domains(letters);
  auto visit = [&](const std::vector<Piece> &pieces, const Algebra::Map &names) {
    Places inside = at;
    size_t before = algebra.active.size();
    for (size_t i = 0; i < letters.size(); ++i) {
      inside[letters[i]] = algebra.substitute(pieces[i].index, names);
      for (Atom v : pieces[i].variables)
        algebra.active.push_back(v->extent);
    }
    Float x = body(inside);
    algebra.active.resize(before);
    return x;
  };
  for (const std::vector<Piece> &pieces : combinations)
    node.height = std::max(node.height, visit(pieces, {})->tallest);
  ++node.height;
  bool isInterleaved = false;
  for (const std::vector<Piece> &pieces : combinations)
    for (const Piece &piece : pieces)
      isInterleaved |= kind != FloatKind::Maximum && piece.isInterleaved;
  for (const std::vector<Piece> &pieces : combinations) {
    FloatPiece piece;
    Algebra::Map names;
    for (const Piece &p : pieces)
      for (Atom v : p.variables) {
        Atom b = algebra.bound(node.height, unsigned(piece.extents.size()), v->extent);
        names.push_back({v, algebra.form(b)});
        piece.extents.push_back(v->extent);
      }
    piece.body = visit(pieces, names);
    for (size_t i = 0; i < pieces.size() && isInterleaved; ++i)
      node.order.push_back(algebra.substitute(pieces[i].index, names));
    node.pieces.push_back(std::move(piece));
  }
  return node;
}

/// A power of two that all terms have leaves.
Float Exact::total(const law::Letters &letters, const Places &at, const Body &body) {
  FloatNode sum = bind(FloatKind::Sum, letters, at, body);
  auto factorOf = [&](const FloatPiece &piece) {
    return piece.body->kind == FloatKind::Scaled ? piece.body->operands[0] : nullptr;
  };
  Float factor = sum.pieces.empty() ? nullptr : factorOf(sum.pieces[0]);
  if (!factor || factor->tallest >= sum.height ||
      !std::all_of(sum.pieces.begin(), sum.pieces.end(),
                   [&](const FloatPiece &piece) { return factorOf(piece) == factor; }))
    return make(std::move(sum));
  for (FloatPiece &piece : sum.pieces)
    piece.body = piece.body->operands[1];
  return scaled(factor, make(std::move(sum)));
}

static void sortPieces(std::vector<FloatPiece> &pieces) {
  std::sort(pieces.begin(), pieces.end(), [](const FloatPiece &a, const FloatPiece &b) {
    return a.extents != b.extents ? a.extents < b.extents : isBefore(a.body, b.body);
  });
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
}

Float Exact::most(const law::Letters &letters, const Places &at, const Body &body) {
  FloatNode node = bind(FloatKind::Maximum, letters, at, body);
  sortPieces(node.pieces);
  return make(std::move(node));
}

Float Exact::row(const Row<Float> &row) {
  Float hidden = make({FloatKind::Hidden});
  FloatNode node = bind(FloatKind::Row, row.letters, row.at, [&](const Places &p) {
    return row.mask ? choice(row.mask(p), row.entry(p), hidden) : row.entry(p);
  });
  node.name = unsigned(row.op == Op::SoftmaxMasked ? Op::Softmax : row.op);
  for (Dim d : row.letters)
    if (row.at[d])
      node.forms.push_back(row.at[d]);
  if (row.count)
    node.forms.push_back(row.count);
  if (row.epsilon)
    node.operands.push_back(row.epsilon());
  bool isOdd = row.op == Op::RmsNorm && !node.pieces.empty() &&
               std::all_of(node.pieces.begin(), node.pieces.end(), [](const FloatPiece &piece) {
                 return piece.body->kind == FloatKind::Negative;
               });
  if (!isOdd)
    return make(std::move(node));
  for (FloatPiece &piece : node.pieces)
    piece.body = piece.body->operands[0];
  return negate(make(std::move(node)));
}

//===- Choices ------------------------------------------------------------===//

/// x where the condition is known.
Float Exact::assume(Float x, Float condition, bool holds) {
  if (x->kind != FloatKind::Choice || !algebra.spend())
    return x;
  if (x->operands[0] == condition)
    return assume(x->operands[holds ? 1 : 2], condition, holds);
  return make({FloatKind::Choice,
               {},
               0,
               0,
               {},
               {x->operands[0], assume(x->operands[1], condition, holds),
                assume(x->operands[2], condition, holds)}});
}

/// A decision tree whose conditions descend in one order.
Float Exact::choice(Float m, Float x, Float y) {
  if (isNumber(m, 1) || isNumber(m, 0))
    return isNumber(m, 1) ? x : y;
  if (!algebra.spend())
    return x;
  if (m->kind == FloatKind::Operation && m->name == unsigned(Op::Not))
    return choice(m->operands[0], y, x);
  if (m->kind == FloatKind::Operation && m->name == unsigned(Op::And))
    return choice(m->operands[0], choice(m->operands[1], x, y), y);
  if (m->kind == FloatKind::Operation && m->name == unsigned(Op::Or))
    return choice(m->operands[0], x, choice(m->operands[1], x, y));
  if (m->kind == FloatKind::Choice)
    return choice(m->operands[0], choice(m->operands[1], x, y), choice(m->operands[2], x, y));
  x = assume(x, m, true);
  y = assume(y, m, false);
  Float first = m;
  for (Float t : {x, y})
    if (t->kind == FloatKind::Choice && isBefore(t->operands[0], first))
      first = t->operands[0];
  if (first != m)
    return choice(first, choice(m, assume(x, first, true), assume(y, first, true)),
                  choice(m, assume(x, first, false), assume(y, first, false)));
  return x == y ? x : make({FloatKind::Choice, {}, 0, 0, {}, {m, x, y}});
}

std::optional<Float> Exact::lift(const std::vector<Float> &x,
                                 const std::function<Float(std::vector<Float>)> &f) {
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i]->kind == FloatKind::Choice) {
      std::vector<Float> ifTrue = x, ifFalse = x;
      ifTrue[i] = x[i]->operands[1];
      ifFalse[i] = x[i]->operands[2];
      return choice(x[i]->operands[0], f(ifTrue), f(ifFalse));
    }
  return std::nullopt;
}

//===- Elements -----------------------------------------------------------===//

bool Exact::isPowerOfTwo(Float x) const {
  return x->kind == FloatKind::Element && algebra.has(Property::PowerOfTwo, x->name);
}

Float Exact::applyFunction(bool isCast, unsigned variable, std::vector<Float> x) {
  if (auto lifted = lift(
          x, [&](std::vector<Float> y) { return applyFunction(isCast, variable, std::move(y)); }))
    return *lifted;
  if (isCast && x[0]->kind == FloatKind::Element && isExact(algebra.law, variable, x[0]->name))
    return x[0];
  return make({FloatKind::Function, {}, variable, 0, {}, std::move(x)});
}

Float Exact::scaled(Float factor, Float x) {
  use(Axiom::FloatExact);
  return make({FloatKind::Scaled, {}, 0, 0, {}, {factor, x}});
}

Float Exact::negate(Float x) {
  use(Axiom::FloatExact);
  if (x->kind == FloatKind::Negative)
    return x->operands[0];
  if (x->kind == FloatKind::Number && x->number != 0)
    return number(-x->number);
  if (x->kind == FloatKind::Scaled)
    return scaled(x->operands[0], negate(x->operands[1]));
  return make({FloatKind::Negative, {}, 0, 0, {}, {x}});
}

Float Exact::multiply(Float x, Float y) {
  use(Axiom::FloatExact);
  for (auto [p, q] : {std::pair(x, y), std::pair(y, x)}) {
    if (isNumber(q, 1))
      return p;
    if (isNumber(q, -1))
      return negate(p);
    if (q->kind == FloatKind::Negative)
      return negate(multiply(p, q->operands[0]));
    if (isPowerOfTwo(q) || q->kind == FloatKind::Inverse || isNumber(q, 2))
      return scaled(q, p);
    if (q->kind == FloatKind::Scaled)
      return scaled(q->operands[0], multiply(p, q->operands[1]));
  }
  auto isAbsolute = [](Float f) {
    return f->kind == FloatKind::Operation && f->name == unsigned(Op::Abs);
  };
  if (x == y && isAbsolute(x))
    return multiply(x->operands[0], x->operands[0]);
  return operation(Op::Mul, {std::min(x, y, isBefore), std::max(x, y, isBefore)});
}

Float Exact::eachPiece(Float x, const std::function<Float(Float)> &f) {
  FloatNode node = *x;
  for (FloatPiece &piece : node.pieces)
    piece.body = f(piece.body);
  sortPieces(node.pieces);
  return make(std::move(node));
}

Float Exact::add(Float x, Float y) {
  use(Axiom::FloatExact);
  if (x == y)
    return scaled(number(2), x);
  if (x->kind == FloatKind::Scaled && y->kind == FloatKind::Scaled &&
      x->operands[0] == y->operands[0])
    return scaled(x->operands[0], add(x->operands[1], y->operands[1]));
  // Rounding is monotone. What is added must not be taken for the maximum's own indices.
  for (auto [p, q] : {std::pair(x, y), std::pair(y, x)})
    if (p->kind == FloatKind::Maximum && q->tallest < p->height) {
      use(Axiom::FloatMonotone);
      return eachPiece(p, [&, q = q](Float body) { return add(body, q); });
    }
  return operation(Op::Add, {std::min(x, y, isBefore), std::max(x, y, isBefore)});
}

Float Exact::absolute(Float x) {
  use(Axiom::FloatExact);
  if (x->kind == FloatKind::Negative)
    return absolute(x->operands[0]);
  if (x->kind == FloatKind::Operation && x->name == unsigned(Op::Mul))
    return multiply(absolute(x->operands[0]), absolute(x->operands[1]));
  return operation(Op::Abs, {x});
}

Float Exact::round(Float x) {
  switch (x->kind) {
  case FloatKind::Negative:
    use(Axiom::RoundOdd);
    return negate(round(x->operands[0]));
  case FloatKind::Element:
    if (algebra.has(Property::Rounded, x->name))
      return x;
    break;
  case FloatKind::Scaled:
    use(Axiom::RoundPowerOfTwo);
    return scaled(x->operands[0], round(x->operands[1]));
  case FloatKind::Maximum:
    use(Axiom::RoundMonotone);
    return eachPiece(x, [&](Float body) { return round(body); });
  case FloatKind::Operation:
    if (x->name == unsigned(Op::Rnd)) {
      use(Axiom::RoundTwice);
      return x;
    }
    if (x->name == unsigned(Op::Relu) || x->name == unsigned(Op::Abs) ||
        x->name == unsigned(Op::Maximum)) {
      use(x->name == unsigned(Op::Abs) ? Axiom::RoundOdd : Axiom::RoundMonotone);
      std::vector<Float> rounded;
      for (Float operand : x->operands)
        rounded.push_back(round(operand));
      return apply(Op(x->name), std::move(rounded));
    }
    break;
  default:
    break;
  }
  return operation(Op::Rnd, {x});
}

Float Exact::apply(Op op, std::vector<Float> x) {
  if (!algebra.spend())
    return number(0);
  if (op == Op::Where)
    return choice(x[0], x[1], x[2]);
  if (auto lifted = lift(x, [&](std::vector<Float> y) { return apply(op, std::move(y)); }))
    return *lifted;
  Float y = x.size() > 1 ? x[1] : nullptr;
  bool isNegative = x[0]->kind == FloatKind::Negative;
  switch (op) {
  case Op::Sub:
    return isNumber(y, 0) ? x[0] : add(x[0], negate(y));
  case Op::Square:
    return multiply(x[0], x[0]);
  case Op::Neg:
    return negate(x[0]);
  case Op::Mul:
    return multiply(x[0], y);
  case Op::Add:
    return add(x[0], y);
  case Op::Abs:
    return absolute(x[0]);
  case Op::Rnd:
    return round(x[0]);
  case Op::Recip:
    if (isPowerOfTwo(x[0]))
      return make({FloatKind::Inverse, {}, 0, 0, {}, {x[0]}});
    break;
  case Op::Div:
    if (isNumber(y, 1)) {
      use(Axiom::FloatExact);
      return x[0];
    }
    if (isPowerOfTwo(y))
      return multiply(x[0], make({FloatKind::Inverse, {}, 0, 0, {}, {y}}));
    if (isNegative) {
      use(Axiom::FloatExact);
      return negate(apply(op, {x[0]->operands[0], y}));
    }
    break;
  case Op::Cos:
  case Op::Sin:
  case Op::Tanh:
  case Op::Erf:
    if (isNegative) {
      use(Axiom::FloatExact);
      Float positive = apply(op, {x[0]->operands[0]});
      return op == Op::Cos ? positive : negate(positive);
    }
    break;
  case Op::Relu:
    if (x[0]->kind == FloatKind::Operation && x[0]->name == unsigned(Op::Relu))
      return x[0];
    break;
  case Op::Exp:
    if (isNumber(x[0], 0))
      return number(1);
    break;
  case Op::Maximum:
    if (x[0] == y)
      return y;
    [[fallthrough]];
  case Op::And:
  case Op::Or:
  case Op::Eq:
    std::sort(x.begin(), x.end(), isBefore);
    break;
  default:
    break;
  }
  return operation(op, std::move(x));
}

} // namespace tern::prover
