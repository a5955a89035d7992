// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Trial/Evaluate.h"

#include "passes/Saturate/Trial/Letters.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tern::trial {

using law::Dim;
using law::Letters;
using law::Op;
using law::Term;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

//===- Rows ---------------------------------------------------------------===//

template <class T>
Tensor<T> Evaluator<T>::softmax(const Letters &axes, const Letters &row, const Tensor<T> &x,
                                const Tensor<T> *mask) {
  return build(axes, [&](const Places &own) {
    auto isKept = [&](const Places &at) { return !mask || double(read(*mask, axes, at)) > 0; };
    Places at = own;
    T most(-kInfinity), sum(0);
    forEach(row, at, [&] {
      if (isKept(at))
        most = two(Op::Maximum, most, read(x, axes, at));
    });
    auto weight = [&](const Places &p) {
      return isKept(p) ? T(std::exp(double(read(x, axes, p) - most))) : T(0);
    };
    at = own;
    forEach(row, at, [&] { sum = sum + weight(at); });
    return mask && double(sum) == 0 ? T(0) : weight(own) / sum;
  });
}

template <class T> Tensor<T> Evaluator<T>::norm(const Term &t, const Tensor<T> &x, T epsilon) {
  const Letters &axes = t.string.operands[0], &row = t.string.result;
  return build(axes, [&](const Places &own) {
    double count = 1;
    for (Dim d : row)
      count *= double(extent(d));
    Places at = own;
    T mean(0), squares(0);
    if (t.op == Op::LayerNorm) {
      forEach(row, at, [&] { mean = mean + read(x, axes, at); });
      mean = mean / T(count);
      at = own;
    }
    forEach(row, at, [&] {
      T c = read(x, axes, at) - mean;
      squares = squares + c * c;
    });
    T deviation = T(std::sqrt(double(squares / T(count) + epsilon)));
    return undefined((read(x, axes, own) - mean) / deviation);
  });
}

template <class T> Tensor<T> Evaluator<T>::row(const Term &t, const std::vector<Tensor<T>> &x) {
  const Letters &axes = t.string.operands[0], &row = t.string.result;
  switch (t.op) {
  case Op::Softmax:
    return softmax(axes, row, x[0], nullptr);
  case Op::SoftmaxMasked:
    return softmax(axes, row, x[0], &x[1]);
  case Op::RmsNorm:
  case Op::LayerNorm:
    return norm(t, x[0], x[1].values[0]);
  case Op::Lse:
    return build(reduced(axes, {}, row), [&](Places at) {
      T most(-kInfinity), sum(0);
      forEach(row, at, [&] { most = two(Op::Maximum, most, read(x[0], axes, at)); });
      forEach(row, at, [&] { sum = sum + T(std::exp(double(read(x[0], axes, at) - most))); });
      return undefined(T(std::log(double(sum))) + most);
    });
  case Op::Cumsum:
    return build(axes, [&](Places at) {
      Dim d = row[0];
      int64_t last = at[d];
      T sum(0);
      for (at[d] = 0; at[d] <= last; ++at[d])
        sum = sum + read(x[0], axes, at);
      return sum;
    });
  default: // topk_mask
    return build(axes, [&](Places at) {
      Dim d = row[0];
      int64_t own = at[d], rank = 0;
      double value = double(read(x[0], axes, at));
      for (at[d] = 0; at[d] < extent(d); ++at[d]) {
        double other = double(read(x[0], axes, at));
        rank += other > value || (other == value && at[d] < own);
      }
      return T(rank < valueOf(t.size, instance.sizes));
    });
  }
}

template <class T>
Tensor<T> Evaluator<T>::rotate(const Term &t, const Tensor<T> &x, const Tensor<T> &angles) {
  const Letters &axes = t.string.operands[0], &planes = t.string.operands[1];
  Dim last = axes.back(), plane = planes.back();
  bool isHalf = t.op == Op::RopeHalf;
  return build(axes, [&](Places at) {
    int64_t half = extent(plane), index = at[last];
    bool isSecond = isHalf ? index >= half : index % 2 == 1;
    int64_t p = isHalf ? index % std::max<int64_t>(half, 1) : index / 2;
    at[plane] = p;
    at[last] = isHalf ? p : 2 * p;
    T u = read(x, axes, at);
    at[last] += isHalf ? half : 1;
    T v = read(x, axes, at);
    if (plane != last)
      at[last] = index;
    at[plane] = p;
    T angle = read(angles, planes, at);
    T c = one(Op::Cos, angle), s = one(Op::Sin, angle);
    return isSecond ? v * c + u * s : u * c - v * s;
  });
}

//===- Composites ---------------------------------------------------------===//

template <class T>
Tensor<T> Evaluator<T>::attention(const Term &t, const std::vector<Tensor<T>> &x) {
  const Letters &q = t.string.operands[0], &k = t.string.operands[1], &v = t.string.operands[2];
  const Letters &out = t.string.result;
  Letters scores = common(out, q), keys = reduced(common(k, v), {}, out);
  scores.push_back(keys[0]);
  bool hasExtra = t.op == Op::AttentionMasked || t.op == Op::AttentionBias;
  T scale = x[hasExtra ? 4 : 3].values[0];
  Tensor<T> s = contract(q, k, scores, x[0], x[1]);
  for (T &score : s.values)
    score = score * scale;
  if (t.op == Op::AttentionBias) {
    if (x[3].shape != s.shape)
      fail("a bias has another shape");
    for (size_t i = 0; i < s.values.size() && error.empty(); ++i)
      s.values[i] = s.values[i] + x[3].values[i];
  }
  if (t.op == Op::AttentionCapped)
    for (T &score : s.values)
      score = x[4].values[0] * T(std::tanh(double(undefined(score / x[4].values[0]))));
  Tensor<T> weights = softmax(scores, {keys[0]}, s, t.op == Op::AttentionMasked ? &x[3] : nullptr);
  return contract(scores, v, out, weights, x[2]);
}

template <class T> Tensor<T> Evaluator<T>::lowRank(const Term &t, const std::vector<Tensor<T>> &x) {
  const auto &[in, out] = t.string;
  Letters middle = common(in[0], out);
  for (Dim d : reduced(common(in[1], in[2]), {}, in[0]))
    middle.push_back(d);
  Tensor<T> down = contract(in[0], in[1], middle, x[0], x[1]);
  Tensor<T> up = contract(middle, in[2], out, down, x[2]);
  for (T &value : up.values)
    value = x[3].values[0] * value;
  return up;
}

template <class T>
Tensor<T> Evaluator<T>::gatedFfn(const Term &t, const std::vector<Tensor<T>> &x) {
  const auto &[in, out] = t.string;
  Letters middle = common(in[0], out);
  middle.push_back(reduced(in[1], {}, in[0])[0]);
  Tensor<T> gate = contract(in[0], in[1], middle, x[0], x[1]);
  Tensor<T> up = contract(in[0], in[2], middle, x[0], x[2]);
  const Function *f = instance.functions[t.variable];
  for (size_t i = 0; i < gate.values.size(); ++i)
    gate.values[i] = T(f->one(double(gate.values[i]))) * up.values[i];
  return contract(middle, in[3], out, gate, x[3]);
}

template class Evaluator<double>;
template class Evaluator<float>;
template class Evaluator<Bfloat>;

} // namespace tern::trial
