// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Record.h"

#include "llvm/ADT/StringSwitch.h"

namespace tern::cpu {

Correction correctionNamed(llvm::StringRef name) {
  return llvm::StringSwitch<Correction>(name)
      .Case("-8", Correction::Minus8)
      .Case("-128", Correction::Minus128)
      .Case("scaled", Correction::ScaledSum)
      .Case("halves", Correction::HalfSums)
      .Default(Correction::None);
}

/// `halves` are the sums of the codes of each half.
static Value correctionOf(KernelBuilder &k, Correction correction, const Values &halves,
                          Value scale) {
  if (correction == Correction::HalfSums)
    return k.bitOr(k.bitAnd(k.reduceAdd(halves[0]), 0xffff),
                   k.shiftLeft(k.reduceAdd(halves[1]), 16));
  Value sum = k.reduceAdd(k.add(halves[0], halves[1]));
  switch (correction) {
  case Correction::None:
    return k.zero(k.i32());
  case Correction::Minus8:
    return k.mul(sum, -8);
  case Correction::Minus128:
    return k.mul(sum, -128);
  case Correction::ScaledSum:
    return k.mul(scale, k.toFloat(sum));
  case Correction::HalfSums:
    break;
  }
  llvm_unreachable("every correction has a value");
}

void storeRecord(KernelBuilder &k, llvm::ArrayRef<Value> x, Value address, Correction correction) {
  // 1.5 * 2^23: a number added to it is rounded to an integer in the low bits.
  constexpr double kShift = 12582912.0;
  constexpr int64_t kShiftBits = 0x4b400000;
  Value largest = k.abs(x[0]);
  for (Value part : x.drop_front())
    largest = k.max(largest, k.abs(part));
  Value quotient = k.div(k.reduceMax(largest), k.constant(k.f32(), 127.0)), zero = k.zero(k.f32());
  Value isNormal =
      k.compare(KernelBuilder::FloatPredicate::OGE, quotient, k.constant(k.f32(), 0x1p-126));
  Value scale = k.select(isNormal, quotient, zero);
  Value inverse = k.select(isNormal, k.div(k.constant(k.f32(), 1.0), quotient), zero);
  int64_t lanes = KernelBuilder::laneCount(x[0]);
  inverse = k.broadcast(inverse, lanes);
  Values halves(2);
  for (auto [part, numbers] : llvm::enumerate(x)) {
    Value shifted = k.add(k.mul(numbers, inverse), k.constant(numbers.getType(), kShift));
    Value bits = k.bitcast(shifted, KernelBuilder::withElement(numbers, k.i32()));
    k.store(k.truncate(bits, k.i8()), address, static_cast<int64_t>(part) * lanes, 1);
    Value codes = k.sub(bits, kShiftBits);
    Value &sum = halves[2 * part / x.size()];
    sum = sum ? k.add(sum, codes) : codes;
  }
  k.store(scale, address, kRecordScale);
  k.store(correctionOf(k, correction, halves, scale), address, kRecordCorrection);
}

} // namespace tern::cpu
