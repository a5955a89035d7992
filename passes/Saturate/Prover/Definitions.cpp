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
  bool isCapped = t.op == Op::AttentionCapped || t.op == Op::AttentionCappedBias;
  size_t scale = x.size() - (isCapped ? 2 : 1);
  Term s = elements(Op::Mul, contract(in[0], in[1], scores, x[0], x[1]), x[scale]);
  if (isCapped) {
    Term ratio = elements(Op::Div, std::move(s), x.back());
    Letters letters = ratio.letters;
    s = elements(Op::Mul, x.back(), make(Op::Tanh, {std::move(ratio)}, {}, letters));
  }
  if (t.op == Op::AttentionBias || t.op == Op::AttentionCappedBias)
    s = elements(Op::Add, std::move(s), x[3]);
  Term weights = t.op == Op::AttentionMasked
                     ? make(Op::SoftmaxMasked, {std::move(s), x[3]}, {{scores}, keys}, scores)
                     : make(Op::Softmax, {std::move(s)}, {{scores}, keys}, scores);
  return contract(scores, in[2], out, std::move(weights), x[2]);
}

namespace {

/// What the words for heads in groups are made of. The query heads h are m for each key head g.
class Groups {
public:
  Groups(const law::Law &law, const Term &t)
      : law(law), t(t), in(t.string.operands), x(t.operands) {
    if (t.sources.empty()) {
      keys = x[1];
      values = x[2];
    } else {
      keys = held(Op::Keys, {t.sources[0]});
      values = held(Op::Values, {t.sources[0]});
    }
    size_t rank = keys.letters.size();
    row = in[0][0];
    head = in[0][1];
    width = in[0][2];
    group = keys.letters[1];
    slot = keys.letters[t.sources.empty() ? 0 : 2];
    each = *law::quotient(law, head, group);
    ofKeys = rank == 4 ? Letters{row, group, slot, width} : Letters{slot, group, width};
    element = t.string.result[2];
    ofValues = ofKeys;
    ofValues.back() = element;
    scores = {row, group, each, slot};
  }

  Term definition() {
    Term s = products();
    // The scale comes after the tensors.
    const Term &c = x[in.size()];
    switch (t.op) {
    case Op::GroupedBias:
    case Op::GroupedCausalBias: {
      Term bias = reshape(x[3], in[3], {group, each, row, slot});
      bias = make(Op::Perm, {std::move(bias)}, {{{group, each, row, slot}}, scores}, scores);
      s = elements(Op::Add, elements(Op::Mul, c, std::move(s)), std::move(bias));
      Term hidden;
      hidden.sort = Term::Sort::MinusInfinity;
      Term visible = elements(Op::Lt, std::move(hidden), s);
      if (t.op == Op::GroupedCausalBias)
        visible = elements(Op::And, spread(isBefore(), {row, slot}), std::move(visible));
      return weighted(std::move(s), std::move(visible));
    }
    case Op::Grouped:
      return weighted(elements(Op::Mul, c, std::move(s)), std::nullopt);
    case Op::AttendCapped: {
      Term ratio = elements(Op::Div, elements(Op::Mul, c, std::move(s)), x[2]);
      s = elements(Op::Mul, x[2], make(Op::Tanh, {std::move(ratio)}, {}, scores));
      break;
    }
    case Op::AttendSloped:
    case Op::AttendSlopedRounded:
      s = elements(Op::Mul, c, elements(Op::Add, std::move(s), linearBias()));
      break;
    default:
      s = elements(Op::Mul, c, std::move(s));
    }
    Term visible = held(Op::Visible, {t.sources[0], t.sources[1]});
    return weighted(std::move(s), spread(std::move(visible), {row, group, slot}));
  }

private:
  Term held(Op word, const std::vector<unsigned> &sources) const {
    Term tensor;
    tensor.sort = Term::Sort::Variable;
    tensor.variable = *law.find(word, sources);
    tensor.letters = law.variables[tensor.variable].letters;
    return tensor;
  }
  static Term reshape(Term y, const Letters &from, const Letters &to) {
    return make(Op::Reshape, {std::move(y)}, {{from}, to}, to);
  }
  Term spread(Term y, const Letters &from) const {
    return make(Op::Bcast, {std::move(y)}, {{from}, scores}, scores);
  }

  Term products() const {
    Letters heads{row, group, each, width};
    return contract(heads, ofKeys, scores, reshape(x[0], in[0], heads), keys);
  }

  /// The slope times the position of the slot, less that times the position of the row.
  Term linearBias() const {
    Term slopes = rounded(spread(reshape(x[2], in[2], {group, each}), {group, each}));
    auto bias = [&](Term positions, const Letters &letters) {
      positions = cast(t.sources[2], std::move(positions));
      return rounded(elements(Op::Mul, slopes, rounded(spread(std::move(positions), letters))));
    };
    return elements(Op::Sub, bias(held(Op::Slots, {t.sources[0]}), {row, group, slot}),
                    bias(x[1], {row}));
  }
  Term rounded(Term y) const {
    return t.sources.size() < 4 ? y : cast(t.sources[2], cast(t.sources[3], std::move(y)));
  }
  static Term cast(unsigned type, Term y) {
    Letters letters = y.letters;
    Term result = make(Op::Cast, {std::move(y)}, {}, std::move(letters));
    result.variable = type;
    return result;
  }

  /// The last row sees all slots, each one before it one less.
  Term isBefore() const {
    Letters letters{row, slot};
    auto index = [&](law::Dim d) { return make(Op::Iota, {}, {{{d}}, letters}, letters); };
    auto size = [&](law::Dim d) {
      Term count = make(Op::Size, {}, {}, {});
      count.size = law::sizeOf(d);
      return count;
    };
    Term before = elements(Op::Sub, size(slot), size(row));
    return elements(Op::Le, index(slot), elements(Op::Add, index(row), std::move(before)));
  }

  Term weighted(Term s, std::optional<Term> visible) const {
    law::IndexString row{{scores}, {slot}};
    Term weights = visible
                       ? make(Op::SoftmaxMasked, {std::move(s), std::move(*visible)}, row, scores)
                       : make(Op::Softmax, {std::move(s)}, row, scores);
    Letters heads{this->row, group, each, element};
    return reshape(contract(scores, ofValues, heads, std::move(weights), values), heads,
                   t.string.result);
  }

  const law::Law &law;
  const Term &t;
  const std::vector<Letters> &in;
  const std::vector<Term> &x;
  Term keys, values;
  law::Dim row, head, width, group, slot, each, element;
  Letters ofKeys, ofValues, scores;
};

} // namespace

std::optional<Term> definitionOf(const law::Law &law, const Term &term) {
  switch (term.op) {
  case Op::Grouped:
  case Op::GroupedBias:
  case Op::GroupedCausalBias:
  case Op::Attend:
  case Op::AttendCapped:
  case Op::AttendSloped:
  case Op::AttendSlopedRounded:
    return Groups(law, term).definition();
  case Op::LowRank:
    return lowRank(term);
  case Op::GatedFfn:
    return gatedFfn(term);
  case Op::Attention:
  case Op::AttentionMasked:
  case Op::AttentionBias:
  case Op::AttentionCapped:
  case Op::AttentionCappedBias:
    return attention(term);
  default:
    return std::nullopt;
  }
}

} // namespace tern::prover
