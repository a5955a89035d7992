// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Expand/Speller.h"

#include <cmath>
#include <numbers>

using namespace mlir;

namespace tern::expand {

Spelling spell(Speller &speller, SigmoidOp op) { return {speller.sigmoid(op.getX())}; }

Spelling spell(Speller &speller, SoftplusOp op) {
  return {Log1pOp::create(speller, ExpOp::create(speller, op.getX()).getResult())};
}

Spelling spell(Speller &speller, ReluOp op) {
  return {MaximumOp::create(speller, op.getX(), speller.scalar(0, op.getX()))};
}

Spelling spell(Speller &speller, SiluOp op) {
  return {MulOp::create(speller, op.getX(), speller.sigmoid(op.getX()))};
}

/// x / 2 * (1 + erf(x * sqrt(1/2))).
Spelling spell(Speller &speller, GeluOp op) {
  Value x = op.getX(), half = speller.scalar(0.5, x);
  Value inner = MulOp::create(speller, x, speller.scalar(std::sqrt(0.5), x));
  Value sum =
      AddOp::create(speller, speller.scalar(1, x), ErfOp::create(speller, inner).getResult());
  return {MulOp::create(speller, MulOp::create(speller, half, x).getResult(), sum)};
}

/// 1/2 * (x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))).
Spelling spell(Speller &speller, GeluTanhOp op) {
  Value x = op.getX();
  auto number = [&](double value) { return speller.scalar(value, x); };
  Value factor = number(std::sqrt(2 / std::numbers::pi));
  Value cube =
      MulOp::create(speller, number(0.044715), PowOp::create(speller, x, number(3)).getResult());
  Value inner = MulOp::create(speller, factor, AddOp::create(speller, x, cube).getResult());
  Value sum = AddOp::create(speller, number(1), TanhOp::create(speller, inner).getResult());
  return {MulOp::create(speller, number(0.5), MulOp::create(speller, x, sum).getResult())};
}

Spelling spell(Speller &speller, QuickGeluOp op) {
  Value x = op.getX();
  Value scaled = MulOp::create(speller, speller.scalar(1.702, x), x);
  return {MulOp::create(speller, x, speller.sigmoid(scaled))};
}

} // namespace tern::expand
