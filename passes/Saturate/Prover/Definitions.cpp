// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Definitions.h"

#include <algorithm>

namespace tern::prover {

using law::Letters;
using law::Op;
using law::Term;

static bool contains(const Letters &letters, law::Dim d) {
  return std::find(letters.begin(), letters.end(), d) != letters.end();
}

static Letters common(const Letters &a, const Letters &b) {
  Letters both;
  std::copy_if(a.begin(), a.end(), std::back_inserter(both),
               [&](law::Dim d) { return contains(b, d); });
  return both;
}

static Term make(Op op, std::vector<Term> operands, law::IndexString string, Letters letters) {
  Term t;
  t.sort = Term::Sort::Operation;
  t.op = op;
  t.string = std::move(string);
  t.operands = std::move(operands);
  t.letters = std::move(letters);
  return t;
}

static Term contract(const Letters &a, const Letters &b, const Letters &result, Term x, Term y) {
  return make(Op::Contract, {std::move(x), std::move(y)}, {{a, b}, result}, result);
}

static Term elements(Op op, Term x, Term y) {
  Letters letters = std::max(
      x.letters, y.letters, [](const Letters &a, const Letters &b) { return a.size() < b.size(); });
  return make(op, {std::move(x), std::move(y)}, {}, std::move(letters));
}

/// c ((x A^T) B^T)
static Term lowRank(const Term &t) {
  const auto &[in, out] = t.string;
  Letters middle = common(in[0], out);
  for (law::Dim d : common(in[1], in[2]))
    if (!contains(in[0], d))
      middle.push_back(d);
  Term down = contract(in[0], in[1], middle, t.operands[0], t.operands[1]);
  Term up = contract(middle, in[2], out, std::move(down), t.operands[2]);
  return elements(Op::Mul, t.operands[3], std::move(up));
}

/// (f(x gate^T) * x up^T) down^T
static Term gatedFfn(const Term &t) {
  const auto &[in, out] = t.string;
  Letters middle = common(in[0], out);
  for (law::Dim d : in[1])
    if (!contains(in[0], d)) {
      middle.push_back(d);
      break;
    }
  Term gate =
      make(Op::Map, {contract(in[0], in[1], middle, t.operands[0], t.operands[1])}, {}, middle);
  gate.variable = t.variable;
  Term up = contract(in[0], in[2], middle, t.operands[0], t.operands[2]);
  Term both = elements(Op::Mul, std::move(gate), std::move(up));
  return contract(middle, in[3], out, std::move(both), t.operands[3]);
}

/// Scores, scaled; the cap or the bias; softmax along the keys; values.
static Term attention(const Term &t) {
  const auto &[in, out] = t.string;
  Letters keys, scores = common(out, in[0]);
  for (law::Dim d : common(in[1], in[2]))
    if (!contains(out, d))
      keys.push_back(d);
  keys.resize(1);
  scores.push_back(keys[0]);
  const std::vector<Term> &x = t.operands;
  bool hasExtra = t.op == Op::AttentionMasked || t.op == Op::AttentionBias;
  Term s = elements(Op::Mul, contract(in[0], in[1], scores, x[0], x[1]), x[hasExtra ? 4 : 3]);
  if (t.op == Op::AttentionBias)
    s = elements(Op::Add, std::move(s), x[3]);
  if (t.op == Op::AttentionCapped) {
    Term ratio = elements(Op::Div, std::move(s), x[4]);
    Letters letters = ratio.letters;
    s = elements(Op::Mul, x[4], make(Op::Tanh, {std::move(ratio)}, {}, letters));
  }
  Term weights = t.op == Op::AttentionMasked
                     ? make(Op::SoftmaxMasked, {std::move(s), x[3]}, {{scores}, keys}, scores)
                     : make(Op::Softmax, {std::move(s)}, {{scores}, keys}, scores);
  return contract(scores, in[2], out, std::move(weights), x[2]);
}

std::optional<Term> definitionOf(const Term &term) {
  switch (term.op) {
  case Op::LowRank:
    return lowRank(term);
  case Op::GatedFfn:
    return gatedFfn(term);
  case Op::Attention:
  case Op::AttentionMasked:
  case Op::AttentionBias:
  case Op::AttentionCapped:
    return attention(term);
  default:
    return std::nullopt;
  }
}

} // namespace tern::prover
