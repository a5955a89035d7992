// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Expand/Speller.h"

#include <limits>

using namespace mlir;

namespace tern::expand {

Powers::Powers(Speller &speller, Value x, const RowLetters &letters, Value visible)
    : speller(speller), letters(letters), visible(visible) {
  Value seen = x;
  if (visible)
    seen = WhereOp::create(speller, visible, x,
                           speller.scalar(-std::numeric_limits<double>::infinity(), x));
  Value largest = AmaxOp::create(speller, letters.reduction(), seen);
  Value moved = SubOp::create(speller, x, speller.spread(largest, x, letters.spread()));
  powers = ExpOp::create(speller, moved);
  if (visible)
    powers = WhereOp::create(speller, visible, powers, speller.scalar(0, x));
  total = SumOp::create(speller, letters.reduction(), powers);
}

Value Powers::normalised() const {
  Value parts = DivOp::create(speller, powers, speller.spread(total, powers, letters.spread()));
  // A row in which nothing is visible has the sum 0.
  return visible ? WhereOp::create(speller, visible, parts, speller.scalar(0, parts)).getResult()
                 : parts;
}

Spelling spell(Speller &speller, SoftmaxOp op) {
  RowLetters letters = RowLetters::parse(op.getAxes());
  return {Powers(speller, op.getX(), letters, /*visible=*/Value()).normalised()};
}

} // namespace tern::expand
