// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Expand/Speller.h"

using namespace mlir;

namespace tern::expand {

Spelling spell(Speller &speller, MeanOp op) {
  return {speller.mean(op.getX(), RowLetters::parse(op.getAxes()))};
}

/// The mean square and epsilon, one for each row.
static Value meanSquare(Speller &speller, Value x, const RowLetters &letters,
                        llvm::APFloat epsilon) {
  Value mean = speller.mean(SquareOp::create(speller, x), letters);
  return AddOp::create(speller, mean, speller.scalar(epsilon.convertToDouble(), x));
}

/// x * rsqrt(mean(x^2) + epsilon).
Spelling spell(Speller &speller, RmsNormOp op) {
  RowLetters letters = RowLetters::parse(op.getAxes());
  Value x = op.getX();
  Value factor = RsqrtOp::create(speller, meanSquare(speller, x, letters, op.getEpsilon()));
  return {MulOp::create(speller, x, speller.spread(factor, x, letters.spread()))};
}

/// c / sqrt(mean(c^2) + epsilon) with c = x - mean(x).
Spelling spell(Speller &speller, LayerNormOp op) {
  RowLetters letters = RowLetters::parse(op.getAxes());
  Value x = op.getX();
  Value mean = speller.mean(x, letters);
  Value centred = SubOp::create(speller, x, speller.spread(mean, x, letters.spread()));
  Value deviation = SqrtOp::create(speller, meanSquare(speller, centred, letters, op.getEpsilon()));
  return {DivOp::create(speller, centred, speller.spread(deviation, x, letters.spread()))};
}

} // namespace tern::expand
