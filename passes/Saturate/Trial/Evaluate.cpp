// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Trial/Evaluate.h"

#include "passes/Saturate/Trial/Letters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace tern::trial {

using law::Dim;
using law::Letters;
using law::Op;
using law::Term;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

int64_t valueOf(const law::Size &size, const std::vector<int64_t> &sizes) {
  switch (size.kind) {
  case law::Size::Kind::Number:
    return size.number;
  case law::Size::Kind::Dim:
    return sizes[size.dim];
  default:
    break;
  }
  bool isProduct = size.kind == law::Size::Kind::Mul;
  int64_t value = isProduct;
  for (const law::Size &operand : size.operands) {
    int64_t next = valueOf(operand, sizes);
    bool isTaken = size.kind == law::Size::Kind::Sub && &operand != &size.operands.front();
    value = isProduct ? value * next : isTaken ? value - next : value + next;
  }
  return value;
}

static size_t differing(const Letters &a, const Letters &b) {
  return size_t(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
}

//===- Positions ----------------------------------------------------------===//

/// All positions, the last letter fastest.
template <class T>
void Evaluator<T>::forEach(const Letters &letters, Places &at, const std::function<void()> &body) {
  for (Dim d : letters) {
    if (extent(d) == 0)
      return;
    at[d] = 0;
  }
  for (;;) {
    if (++steps > kMostSteps)
      return fail("the instance is too large");
    body();
    size_t i = letters.size();
    while (i > 0 && ++at[letters[i - 1]] == extent(letters[i - 1]))
      at[letters[--i]] = 0;
    if (i == 0)
      return;
  }
}

template <class T> Tensor<T> Evaluator<T>::build(const Letters &letters, const Element &element) {
  Tensor<T> result;
  for (Dim d : letters)
    result.shape.push_back(extent(d));
  Places at(law.dims.size());
  forEach(letters, at, [&] { result.values.push_back(element(at)); });
  return result;
}

template <class T>
T Evaluator<T>::read(const Tensor<T> &x, const Letters &letters, const Places &at) {
  int64_t place = 0;
  if (letters.size() != x.shape.size()) {
    fail("an operand has another rank");
    return 0;
  }
  for (size_t i = 0; i < letters.size(); ++i) {
    int64_t index = at[letters[i]];
    if (extent(letters[i]) != x.shape[i])
      fail("an operand has another shape");
    if (index < 0 || index >= x.shape[i])
      fail("a place is out of range");
    place = place * x.shape[i] + index;
  }
  return error.empty() ? x.values[size_t(place)] : T(0);
}

template <class T>
int64_t Evaluator<T>::readIndex(const Tensor<T> &x, const Letters &letters, const Places &at,
                                Dim within) {
  double index = double(read(x, letters, at));
  if (!(index >= 0) || index >= double(extent(within))) {
    fail("an index is out of range");
    return 0;
  }
  return int64_t(index);
}

template <class T> Tensor<T> Evaluator<T>::evaluate(const Term &t) {
  if (!error.empty())
    return {};
  switch (t.sort) {
  case Term::Sort::Number:
    return {{}, {T(t.value)}};
  case Term::Sort::MinusInfinity:
    return {{}, {T(-kInfinity)}};
  case Term::Sort::Pi:
    return {{}, {T(std::numbers::pi)}};
  case Term::Sort::Variable: {
    const Tensor<double> &x = instance.tensors[t.variable];
    return {x.shape, {x.values.begin(), x.values.end()}};
  }
  case Term::Sort::Operation:
    return operation(t);
  }
  return {};
}

template <class T> Tensor<T> Evaluator<T>::operation(const Term &t) {
  std::vector<Tensor<T>> x;
  for (const Term &operand : t.operands)
    x.push_back(evaluate(operand));
  if (!error.empty())
    return {};
  const auto &[in, out] = t.string;
  switch (t.op) {
  case Op::Contract:
    return contract(in[0], in[1], out, x[0], x[1]);
  case Op::Sum:
  case Op::Mean:
  case Op::Amax:
  case Op::Amin:
    return reduce(t, x[0]);
  case Op::Bcast:
  case Op::Perm:
    return build(out, [&](const Places &at) { return read(x[0], in[0], at); });
  case Op::Reshape: {
    Tensor<T> result = std::move(x[0]);
    size_t count = 1;
    result.shape.clear();
    for (Dim d : out) {
      result.shape.push_back(extent(d));
      count *= size_t(extent(d));
    }
    if (count != result.values.size())
      fail("a reshape has another number of elements");
    return result;
  }
  case Op::Slice:
  case Op::Pad:
    return cut(t, x[0]);
  case Op::Concat:
    return concat(t, x);
  case Op::Gather:
  case Op::ScatterAdd:
  case Op::OneHot:
  case Op::Iota:
    return indexed(t, x);
  case Op::Size:
    return {{}, {T(double(valueOf(t.size, instance.sizes)))}};
  case Op::RopeHalf:
  case Op::RopePair:
  case Op::TurnHalf:
  case Op::TurnPair:
    return rotate(t, x);
  case Op::Keys:
  case Op::Values:
  case Op::Slots:
  case Op::Visible: {
    const Tensor<double> &own = instance.tensors[t.variable];
    return {own.shape, {own.values.begin(), own.values.end()}};
  }
  case Op::Grouped:
  case Op::GroupedBias:
  case Op::GroupedCausalBias:
  case Op::Attend:
  case Op::AttendCapped:
  case Op::AttendSloped:
  case Op::AttendSlopedRounded:
    return grouped(t, x);
  case Op::Dequant:
    return build(in[0], [&](const Places &at) {
      return (read(x[0], in[0], at) - read(x[2], in[1], at)) * read(x[1], in[1], at);
    });
  case Op::Attention:
  case Op::AttentionMasked:
  case Op::AttentionBias:
  case Op::AttentionCapped:
  case Op::AttentionCappedBias:
    return attention(t, x);
  case Op::LowRank:
    return lowRank(t, x);
  case Op::GatedFfn:
    return gatedFfn(t, x);
  default:
    return law::infoOf(t.op).form == law::Form::Row ? row(t, x) : elements(t, x);
  }
}

//===- Elements -----------------------------------------------------------===//

template <class T>
Tensor<T> Evaluator<T>::elements(const Term &t, const std::vector<Tensor<T>> &x) {
  const Tensor<T> *widest = &x[0];
  for (const Tensor<T> &operand : x)
    if (operand.shape.size() > widest->shape.size())
      widest = &operand;
  for (const Tensor<T> &operand : x)
    if (!operand.shape.empty() && operand.shape != widest->shape)
      fail("operands have other shapes");
  Tensor<T> result{widest->shape, {}};
  for (size_t i = 0; i < widest->values.size() && error.empty(); ++i) {
    std::vector<T> at;
    for (const Tensor<T> &operand : x)
      at.push_back(operand.values[operand.shape.empty() ? 0 : i]);
    result.values.push_back(element(t, at));
  }
  return result;
}

/// Over the reals 1/0 and log 0 are undefined.
template <class T> T Evaluator<T>::undefined(T x) const {
  if constexpr (std::is_same_v<T, double>)
    return std::isinf(x) ? std::numeric_limits<double>::quiet_NaN() : x;
  return x;
}

template <class T> T Evaluator<T>::element(const Term &t, const std::vector<T> &x) {
  const Function *f = instance.functions.empty() ? nullptr : instance.functions[t.variable];
  switch (t.op) {
  case Op::Map:
    return T(f->one(double(x[0])));
  case Op::Map2:
    return T(f->two(double(x[0]), double(x[1])));
  case Op::Cast: // the types of instances hold all their numbers
    return x[0];
  case Op::Where:
    return double(x[0]) != 0 ? x[1] : x[2];
  default:
    return x.size() == 1 ? one(t.op, x[0]) : two(t.op, x[0], x[1]);
  }
}

static double sigmoid(double x) {
  double e = std::exp(-std::fabs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/// Of the same type as T, so that a float's is rounded as float.
template <class T> T Evaluator<T>::one(Op op, T t) {
  double x = double(t);
  auto gelu = [&](double inner) { return T(0.5 * x * (1 + inner)); };
  switch (op) {
  case Op::Neg:
    return -t;
  case Op::Abs:
    return T(std::fabs(x));
  case Op::Square:
    return t * t;
  case Op::Sqrt:
    return T(std::sqrt(x));
  case Op::Rsqrt:
    return undefined(T(1) / T(std::sqrt(x)));
  case Op::Recip:
    return undefined(T(1) / t);
  case Op::Exp:
    return T(std::exp(x));
  case Op::Log:
    return undefined(T(std::log(x)));
  case Op::Log1p:
    return undefined(T(std::log1p(x)));
  case Op::Sin:
    return T(std::sin(x));
  case Op::Cos:
    return T(std::cos(x));
  case Op::Tan:
    return T(std::tan(x));
  case Op::Cot:
    return undefined(T(std::cos(x) / std::sin(x)));
  case Op::Tanh:
    return T(std::tanh(x));
  case Op::Erf:
    return T(std::erf(x));
  case Op::Sigmoid:
    return T(sigmoid(x));
  case Op::Softplus:
    return T(std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))));
  case Op::Relu:
    return two(Op::Maximum, t, T(0));
  case Op::Silu:
    return T(x * sigmoid(x));
  case Op::Gelu:
    return gelu(std::erf(x / std::numbers::sqrt2));
  case Op::GeluTanh:
    return gelu(std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  case Op::QuickGelu:
    return T(x * sigmoid(1.702 * x));
  case Op::Rnd:
    return T(roundToBfloat(float(x)));
  case Op::Rint:
    return T(std::nearbyint(x));
  case Op::Not:
    return T(1 - x);
  default:
    fail("an operation of no element");
    return t;
  }
}

/// Maxima as in IEEE 754-2019: -0 is below +0, and what is no number stays.
template <class T> T Evaluator<T>::two(Op op, T t, T u) {
  double x = double(t), y = double(u);
  switch (op) {
  case Op::Add:
    return t + u;
  case Op::Sub:
    return t - u;
  case Op::Mul:
    return t * u;
  case Op::Div:
    return undefined(t / u);
  case Op::Maximum:
    if (std::isnan(x) || std::isnan(y))
      return std::isnan(x) ? t : u;
    return x > y || (x == y && !std::signbit(x)) ? t : u;
  case Op::Minimum:
    return -two(Op::Maximum, -t, -u);
  case Op::Pow:
    return undefined(T(std::pow(x, y)));
  case Op::Lt:
    return T(x < y);
  case Op::Le:
    return T(x <= y);
  case Op::Eq:
    return T(x == y);
  case Op::And:
    return T(x * y);
  case Op::Or:
    return T(std::max(x, y));
  default:
    fail("an operation of no two elements");
    return t;
  }
}

//===- Index strings ------------------------------------------------------===//

template <class T>
Tensor<T> Evaluator<T>::contract(const Letters &a, const Letters &b, const Letters &out,
                                 const Tensor<T> &x, const Tensor<T> &y) {
  Letters inner = reduced(a, b, out);
  return build(out, [&](Places at) {
    T sum(0);
    forEach(inner, at, [&] { sum = sum + read(x, a, at) * read(y, b, at); });
    return sum;
  });
}

template <class T> Tensor<T> Evaluator<T>::reduce(const Term &t, const Tensor<T> &x) {
  const Letters &in = t.string.operands[0];
  Letters inner = reduced(in, {}, t.string.result);
  return build(t.string.result, [&](Places at) {
    bool isMost = t.op == Op::Amax, isLeast = t.op == Op::Amin;
    T result(isMost ? -kInfinity : isLeast ? kInfinity : 0);
    int64_t count = 0;
    forEach(inner, at, [&] {
      T next = read(x, in, at);
      ++count;
      result = isMost    ? two(Op::Maximum, result, next)
               : isLeast ? two(Op::Minimum, result, next)
                         : result + next;
    });
    return t.op == Op::Mean ? two(Op::Div, result, T(double(count))) : result;
  });
}

template <class T> Tensor<T> Evaluator<T>::cut(const Term &t, const Tensor<T> &x) {
  const Letters &in = t.string.operands[0], &out = t.string.result;
  size_t place = differing(in, out);
  int64_t lo = valueOf(t.size, instance.sizes), inner = extent(in[place]);
  bool isSlice = t.op == Op::Slice;
  int64_t least = std::min(inner, extent(out[place])), most = std::max(inner, extent(out[place]));
  if (lo < 0 || lo + least > most || (isSlice ? inner : extent(out[place])) != most)
    fail("a cut is out of range");
  return build(out, [&](Places at) {
    int64_t index = at[out[place]] + (isSlice ? lo : -lo);
    if (!isSlice && (index < 0 || index >= inner))
      return T(0);
    for (size_t i = 0; i < in.size(); ++i)
      at[in[i]] = at[out[i]];
    at[in[place]] = index;
    return read(x, in, at);
  });
}

template <class T> Tensor<T> Evaluator<T>::concat(const Term &t, const std::vector<Tensor<T>> &x) {
  const auto &[in, out] = t.string;
  size_t place = 0;
  for (const Letters &part : in)
    if (part != out)
      place = differing(part, out);
  return build(out, [&](Places at) {
    int64_t index = at[out[place]];
    for (size_t i = 0; i < in.size(); ++i) {
      if (index < extent(in[i][place])) {
        at[in[i][place]] = index;
        return read(x[i], in[i], at);
      }
      index -= extent(in[i][place]);
    }
    fail("the parts do not fill a whole");
    return T(0);
  });
}

template <class T> Tensor<T> Evaluator<T>::indexed(const Term &t, const std::vector<Tensor<T>> &x) {
  const auto &[in, out] = t.string;
  switch (t.op) {
  case Op::Gather: {
    Dim looked = reduced(in[0], {}, out)[0];
    return build(out, [&](Places at) {
      at[looked] = readIndex(x[1], in[1], at, looked);
      return read(x[0], in[0], at);
    });
  }
  case Op::ScatterAdd: {
    Dim row = reduced(out, {}, in[0])[0];
    Letters inner = reduced(in[0], {}, out);
    return build(out, [&](Places at) {
      T sum(0);
      forEach(inner, at, [&] {
        if (readIndex(x[1], in[1], at, row) == at[row])
          sum = sum + read(x[0], in[0], at);
      });
      return sum;
    });
  }
  case Op::OneHot: {
    Dim hot = reduced(out, {}, in[0])[0];
    return build(
        out, [&](const Places &at) { return T(double(read(x[0], in[0], at)) == double(at[hot])); });
  }
  default: // iota
    return build(out, [&](const Places &at) { return T(double(at[in[0][0]])); });
  }
}

template class Evaluator<double>;
template class Evaluator<float>;
template class Evaluator<Bfloat>;

} // namespace tern::trial
