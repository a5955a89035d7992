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
  // Two results are no term, which a law could find again.
  if (op.getScores())
    return {};
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
  return {speller.cast(attention.weighted(powers.normalised()), element)};
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

/// [T, S] of f32: 1 where the places of query and key let the query see the key, else 0; null if
/// all are seen. Query t of T has the place of key S - T + t.
static Value seenByPlace(Speller &speller, AttentionOp op) {
  if (!op.getCausal() && op.getWindow() == 0)
    return {};
  ExtentAttr rows = getExtents(tensorOf(op.getQuery()))[0];
  ExtentAttr keys = getExtents(tensorOf(op.getKey()))[0];
  Type f32 = speller.getF32Type();
  RankedTensorType type = getTensor({rows, keys}, f32);
  Value key = IotaOp::create(speller, type, "s->ts");
  Value before = SubOp::create(speller, speller.size(keys, f32), speller.size(rows, f32));
  Value own = AddOp::create(speller, IotaOp::create(speller, type, "t->ts").getResult(), before);
  Value seen;
  if (op.getCausal())
    seen = LeOp::create(speller, key, own);
  if (auto window = static_cast<int64_t>(op.getWindow())) {
    Value width = speller.scalar(static_cast<double>(window), key);
    Value isNear = LtOp::create(speller, SubOp::create(speller, own, width).getResult(), key);
    seen = seen ? AndOp::create(speller, seen, isNear).getResult() : isNear;
  }
  return seen;
}

Spelling spell(Speller &speller, AttentionOp op) {
  AttentionSpeller attention(speller, op.getQuery(), op.getKey(), op.getValue(), "sgd");
  Value scores = attention.scaled(attention.products(), op.getScale(), op.getSoftCap());
  Value visible = seenByPlace(speller, op);
  if (visible)
    visible = speller.spread(speller.cast(visible, tensorOf(scores).getElementType()), scores,
                             "ts->tgms");
  if (op.getMask()) {
    scores = AddOp::create(speller, scores, spreadMask(speller, op, attention, scores));
    Value hidden = speller.scalar(-std::numeric_limits<double>::infinity(), scores);
    Value isFinite = LtOp::create(speller, hidden, scores);
    visible = visible ? AndOp::create(speller, visible, isFinite).getResult() : isFinite;
  }
  Powers powers(speller, scores, scoreLetters(), visible);
  Type element = tensorOf(op.getResult()).getElementType();
  return {speller.cast(attention.weighted(powers.normalised()), element)};
}

} // namespace tern::expand
