// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Expand/Speller.h"

#include <limits>

using namespace mlir;

namespace tern::expand {

namespace {

/// Attention of query heads `tgmd`, m of them for each key head g, in its letters.
class AttentionSpeller {
public:
  /// Keys are `keys`, "sgd" or "tgsd", and values have e in the place of d.
  AttentionSpeller(Speller &speller, Value query, Value key, Value value, StringRef keys)
      : speller(speller), key(key), value(value), keys(keys), outer(getExtents(tensorOf(query))) {
    size_t at = keys.find('g');
    ExtentAttr groups = getExtents(tensorOf(key))[at];
    int64_t group = outer[1].getConstant() / groups.getConstant();
    grouped = {outer[0], groups, speller.fixed(group)};
    this->query = speller.regroup(query, {grouped[0], grouped[1], grouped[2], outer[2]});
  }

  Value products() {
    return ContractOp::create(speller, "tgmd," + keys + "->tgms", query, key, Value());
  }

  /// scale * x, kept within the cap if there is one.
  Value scaled(Value x, const llvm::APFloat &scale, const llvm::APFloat &cap) {
    x = MulOp::create(speller, x, speller.scalar(scale.convertToDouble(), x));
    if (cap.isZero())
      return x;
    Value most = speller.scalar(cap.convertToDouble(), x);
    return MulOp::create(speller, most,
                         TanhOp::create(speller, DivOp::create(speller, x, most)).getResult());
  }

  /// The values weighted by `weights`, heads side by side.
  Value weighted(Value weights) {
    std::string values = keys.substr(0, keys.size() - 1) + "e";
    Value sum = ContractOp::create(speller, "tgms," + values + "->tgme", weights, value, Value());
    return speller.regroup(sum, {outer[0], outer[1], getExtents(tensorOf(sum))[3]});
  }

  /// `x`, whose first axis is the query heads.
  Value byGroup(Value x) {
    SmallVector<ExtentAttr> extents{grouped[1], grouped[2]};
    extents.append(llvm::to_vector(llvm::drop_begin(getExtents(tensorOf(x)))));
    return speller.regroup(x, extents);
  }
  Value byHead(Value x) { return speller.regroup(x, {outer[0], outer[1]}); }

private:
  Speller &speller;
  Value query, key, value;
  std::string keys;
  SmallVector<ExtentAttr> outer, grouped;
};

} // namespace

static RowLetters scoreLetters() { return RowLetters::parse("tgms/s"); }

//===- Over a cache -------------------------------------------------------===//

/// ALiBi's b(p) = slope * p, each rounded if the operation says so, like `scores`.
static Value linearBias(Speller &speller, kv::AttendOp op, Value slopes, Value positions) {
  auto rounded = [&](Value x) {
    Type type = op.getBiasType().value_or(Type());
    return type ? speller.cast(speller.cast(x, type), tensorOf(slopes).getElementType()) : x;
  };
  return rounded(MulOp::create(speller, rounded(slopes), rounded(positions)));
}

/// The products with the bias of each slot less that of the row.
static Value addLinearBias(Speller &speller, kv::AttendOp op, AttentionSpeller &attention,
                           Value scores, Value positions) {
  Type element = tensorOf(scores).getElementType();
  Value slopes = speller.spread(attention.byGroup(op.getSlopes()), scores, "gm->tgms");
  Value slot = speller.spread(speller.cast(positions, element), scores, "tgs->tgms");
  Value row = speller.spread(speller.cast(op.getPositions(), element), scores, "t->tgms");
  Value bias = SubOp::create(speller, linearBias(speller, op, slopes, slot),
                             linearBias(speller, op, slopes, row));
  return AddOp::create(speller, scores, bias);
}

Spelling spell(Speller &speller, kv::AttendOp op) {
  Value cache = op.getCache(), batch = op.getBatch(), layer = op.getLayer();
  StringAttr slots = speller.getStringAttr("S");
  Value key = kv::KeysOp::create(speller, cache, batch, layer, slots);
  Value value = kv::ValuesOp::create(speller, cache, batch, layer, slots);
  Value visible = kv::VisibleOp::create(speller, cache, op.getPositions(), batch, layer, slots,
                                        op.getWindowAttr());
  AttentionSpeller attention(speller, op.getQuery(), key, value, "tgsd");
  Value scores = attention.products();
  if (op.getSlopes()) {
    Value positions = kv::PositionsOp::create(speller, cache, batch, layer, slots);
    scores = addLinearBias(speller, op, attention, scores, positions);
  }
  scores = attention.scaled(scores, op.getScale(), op.getSoftCap());
  Powers powers(speller, scores, scoreLetters(), speller.spread(visible, scores, "tgs->tgms"));
  Type element = tensorOf(op.getResult()).getElementType();
  Spelling results{speller.cast(attention.weighted(powers.normalised()), element)};
  if (op.getScores())
    results.push_back(speller.cast(attention.byHead(powers.logSum()), element));
  return results;
}

//===- Over keys and values at hand ---------------------------------------===//

/// The mask for each query head.
static Value spreadMask(Speller &speller, AttentionOp op, AttentionSpeller &attention,
                        Value scores) {
  Value mask = op.getMask();
  if (tensorOf(mask).getRank() == 2)
    return speller.spread(mask, scores, "ts->tgms");
  return TransposeOp::create(speller, "gmts->tgms", attention.byGroup(mask));
}

Spelling spell(Speller &speller, AttentionOp op) {
  if (op.getCausal() || op.getWindow() != 0)
    return {};
  AttentionSpeller attention(speller, op.getQuery(), op.getKey(), op.getValue(), "sgd");
  Value scores = attention.scaled(attention.products(), op.getScale(), op.getSoftCap());
  Value visible;
  if (op.getMask()) {
    scores = AddOp::create(speller, scores, spreadMask(speller, op, attention, scores));
    Value hidden = speller.scalar(-std::numeric_limits<double>::infinity(), scores);
    visible = LtOp::create(speller, hidden, scores);
  }
  Powers powers(speller, scores, scoreLetters(), visible);
  Type element = tensorOf(op.getResult()).getElementType();
  return {speller.cast(attention.weighted(powers.normalised()), element)};
}

} // namespace tern::expand
