// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Expand/Speller.h"

using namespace mlir;

namespace tern::expand {

static Value slice(Speller &speller, Value x, int64_t axis, int64_t offset, int64_t size) {
  return SliceOp::create(speller, x, axis, offset, size);
}

/// (a, b) turned by the angles of these cosines and sines.
static std::pair<Value, Value> turned(Speller &speller, Value a, Value b, Value cos, Value sin) {
  auto times = [&](Value x, Value y) { return MulOp::create(speller, x, y).getResult(); };
  return {SubOp::create(speller, times(a, cos), times(b, sin)),
          AddOp::create(speller, times(b, cos), times(a, sin))};
}

/// "tn->t..n" for a tensor of that rank: along the axes between the first and the last.
static std::string spreadOfAngles(int64_t rank) {
  return "tn->t" + std::string("abcdefghijklm").substr(0, static_cast<size_t>(rank - 2)) + "n";
}

/// The planes of `x`, which has no other elements: halves, or neighbours.
static Value turnedPlanes(Speller &speller, Value x, RotaryOp op) {
  SmallVector<ExtentAttr> extents = getExtents(tensorOf(x));
  int64_t planes = tensorOf(op.getCos()).getDimSize(1), last = tensorOf(x).getRank() - 1;
  bool isHalf = op.getStyle() == RotaryStyle::half;
  SmallVector<ExtentAttr> part(extents);
  part.back() = speller.fixed(planes);
  SmallVector<ExtentAttr> pair(part);
  pair.push_back(speller.fixed(2));
  auto take = [&](int64_t number) {
    if (isHalf)
      return slice(speller, x, last, number * planes, planes);
    return speller.regroup(slice(speller, speller.regroup(x, pair), last + 1, number, 1), part);
  };
  Value a = take(0), b = take(1);
  std::string axes = spreadOfAngles(last + 1);
  auto [first, second] = turned(speller, a, b, speller.spread(op.getCos(), a, axes),
                                speller.spread(op.getSin(), a, axes));
  if (isHalf)
    return ConcatOp::create(speller, ValueRange{first, second}, last);
  pair.back() = speller.fixed(1);
  first = speller.regroup(first, pair);
  second = speller.regroup(second, pair);
  return speller.regroup(ConcatOp::create(speller, ValueRange{first, second}, last + 1), extents);
}

Spelling spell(Speller &speller, RotaryOp op) {
  Value x = op.getX();
  int64_t last = tensorOf(x).getRank() - 1, width = tensorOf(x).getShape().back();
  int64_t turning = 2 * tensorOf(op.getCos()).getDimSize(1);
  if (turning == width)
    return {turnedPlanes(speller, x, op)};
  Value planes = turnedPlanes(speller, slice(speller, x, last, 0, turning), op);
  Value rest = slice(speller, x, last, turning, width - turning);
  return {ConcatOp::create(speller, ValueRange{planes, rest}, last)};
}

} // namespace tern::expand
