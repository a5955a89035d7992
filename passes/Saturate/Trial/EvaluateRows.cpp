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

template <class T> Tensor<T> Evaluator<T>::rotate(const Term &t, const std::vector<Tensor<T>> &x) {
  const Letters &axes = t.string.operands[0], &planes = t.string.operands[1];
  Dim last = axes.back(), plane = planes.back();
  bool isHalf = t.op == Op::RopeHalf || t.op == Op::TurnHalf;
  return build(axes, [&](Places at) {
    int64_t half = extent(plane), index = at[last];
    if (index >= 2 * half)
      return read(x[0], axes, at);
    bool isSecond = isHalf ? index >= half : index % 2 == 1;
    int64_t p = isHalf ? index % std::max<int64_t>(half, 1) : index / 2;
    at[plane] = p;
    at[last] = isHalf ? p : 2 * p;
    T u = read(x[0], axes, at);
    at[last] += isHalf ? half : 1;
    T v = read(x[0], axes, at);
    if (plane != last)
      at[last] = index;
    at[plane] = p;
    T a = read(x[1], planes, at), b = x.size() == 3 ? read(x[2], planes, at) : a;
    T c = x.size() == 3 ? a : one(Op::Cos, a), s = x.size() == 3 ? b : one(Op::Sin, b);
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
  bool isCapped = t.op == Op::AttentionCapped || t.op == Op::AttentionCappedBias;
  T scale = x[x.size() - (isCapped ? 2 : 1)].values[0];
  Tensor<T> s = contract(q, k, scores, x[0], x[1]);
  for (T &score : s.values)
    score = score * scale;
  if (isCapped)
    for (T &score : s.values)
      score = x.back().values[0] * T(std::tanh(double(undefined(score / x.back().values[0]))));
  if (t.op == Op::AttentionBias || t.op == Op::AttentionCappedBias) {
    if (x[3].shape != s.shape)
      fail("a bias has another shape");
    for (size_t i = 0; i < s.values.size() && error.empty(); ++i)
      s.values[i] = s.values[i] + x[3].values[i];
  }
  Tensor<T> weights = softmax(scores, {keys[0]}, s, t.op == Op::AttentionMasked ? &x[3] : nullptr);
  return contract(scores, v, out, weights, x[2]);
}

template <class T>
Tensor<T> Evaluator<T>::held(Op word, const std::vector<unsigned> &sources) const {
  const Tensor<double> &own = instance.tensors[*law.find(word, sources)];
  return {own.shape, {own.values.begin(), own.values.end()}};
}

/// One query head after the other; m of them read one head of keys.
template <class T> Tensor<T> Evaluator<T>::grouped(const Term &t, const std::vector<Tensor<T>> &x) {
  bool readsCache = !t.sources.empty();
  bool isSloped = t.op == Op::AttendSloped || t.op == Op::AttendSlopedRounded;
  bool hasBias = t.op == Op::GroupedBias || t.op == Op::GroupedCausalBias;
  Tensor<T> keys = readsCache ? held(Op::Keys, {t.sources[0]}) : x[1];
  Tensor<T> values = readsCache ? held(Op::Values, {t.sources[0]}) : x[2];
  Tensor<T> visible, positions;
  if (readsCache)
    visible = held(Op::Visible, {t.sources[0], t.sources[1]});
  if (isSloped)
    positions = held(Op::Slots, {t.sources[0]});
  T scale = x[t.string.operands.size()].values[0]; // comes after the tensors
  int64_t rows = x[0].shape[0], heads = x[0].shape[1], width = x[0].shape[2];
  int64_t groups = keys.shape[1], slots = keys.shape[readsCache ? 2 : 0];
  int64_t elements = values.shape.back();
  Tensor<T> result{{rows, heads, elements}, {}};
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t head = 0; head < heads; ++head) {
      int64_t group = head / (heads / groups);
      auto place = [&](int64_t s) {
        return size_t(readsCache ? (row * groups + group) * slots + s : s * groups + group);
      };
      std::vector<T> weights;
      T most(-kInfinity), sum(0);
      for (int64_t s = 0; s < slots; ++s) {
        T score(0);
        for (int64_t d = 0; d < width; ++d)
          score = score + x[0].values[size_t((row * heads + head) * width + d)] *
                              keys.values[place(s) * size_t(width) + size_t(d)];
        if (isSloped)
          score = score + (x[2].values[size_t(head)] * positions.values[place(s)] -
                           x[2].values[size_t(head)] * x[1].values[size_t(row)]);
        score = score * scale;
        if (t.op == Op::AttendCapped)
          score = x[2].values[0] * T(std::tanh(double(score / x[2].values[0])));
        if (hasBias)
          score = score + x[3].values[size_t((head * rows + row) * slots + s)];
        bool isHidden = (readsCache && double(visible.values[place(s)]) == 0) ||
                        (t.op == Op::GroupedCausalBias && s > row + slots - rows);
        weights.push_back(isHidden ? T(-kInfinity) : score);
        most = two(Op::Maximum, most, weights.back());
      }
      for (T &weight : weights) {
        weight = double(weight) == -kInfinity ? T(0) : T(std::exp(double(weight - most)));
        sum = sum + weight;
      }
      for (int64_t e = 0; e < elements; ++e) {
        T total(0);
        for (int64_t s = 0; s < slots && double(sum) != 0; ++s)
          total = total +
                  weights[size_t(s)] / sum * values.values[place(s) * size_t(elements) + size_t(e)];
        result.values.push_back(total);
      }
    }
  return result;
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
