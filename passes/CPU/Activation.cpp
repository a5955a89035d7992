// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Activation.h"

using namespace llvm;

namespace tern::cpu {

/// x plus this is x rounded to an integer (half to even), in the low bits of the significand.
static constexpr double kRounder = 12582912; // 1.5 * 2^23
static constexpr int64_t kRounderBits = 0x4B400000;
static constexpr double kSmallestNormal = 0x1p-126;

/// The code of each value, as i32.
static Values codesOf(KernelBuilder &k, mlir::ValueRange values, Value inverse) {
  Values codes;
  for (Value x : values) {
    Value shifted = k.add(k.mul(x, k.broadcast(inverse)), k.constant(x.getType(), kRounder));
    codes.push_back(k.sub(k.bitcast(shifted, k.vector(k.i32())), kRounderBits));
  }
  return codes;
}

void storeRecord(KernelBuilder &k, mlir::ValueRange values, Value record, Storage weights) {
  Value largest; // bits of absolute values are ordered as the values
  for (Value x : values) {
    Value bits = k.bitAnd(k.bitcast(x, k.vector(k.i32())), 0x7fffffff);
    largest = largest ? k.max(largest, bits) : bits;
  }
  Value amax = k.bitcast(k.reduceMax(largest), k.f32()), none = k.zero(k.f32());
  Value quotient = k.div(amax, k.constant(k.f32(), 127));
  Value isNormal =
      k.compare(KernelBuilder::FloatPredicate::OGE, quotient, k.constant(k.f32(), kSmallestNormal));
  Value scale = k.select(isNormal, quotient, none);
  Value inverse = k.select(isNormal, k.div(k.constant(k.f32(), 1), quotient), none);

  Values codes = codesOf(k, values, inverse);
  Value sum;
  for (auto [v, code] : enumerate(codes)) {
    k.store(k.truncate(code, k.i8()), record, static_cast<int64_t>(v) * k.lanes());
    sum = sum ? k.add(sum, code) : code;
  }
  sum = k.reduceAdd(sum);
  k.store(scale, record, kRecordScale);
  if (weights == Storage::Q4_1)
    k.store(k.mul(scale, k.toFloat(sum)), record, kRecordCorrection);
  else
    k.store(k.mul(sum, weights == Storage::Q8_0 ? -128 : -8), record, kRecordCorrection);
}

static Error failure(StringRef name, const Twine &message) {
  return createStringError("activation '" + name + "': " + message);
}

static Error check(StringRef name, const ActivationSpec &spec) {
  if (spec.form == ActivationForm::F32)
    return failure(name, "expected bf16, f16 or q8 to round to, found f32");
  bool records = spec.form == ActivationForm::Q8;
  if (spec.k < 1 || (records && spec.k % 32))
    return failure(name, Twine("expected K to be ") +
                             (records ? "a multiple of 32 for q8" : "at least 1") + ", found " +
                             Twine(spec.k));
  if (records && !layoutOf(spec.weights).quantised())
    return failure(name, "expected block-quantised weights to read q8 records, found " +
                             nameOf(spec.weights));
  int64_t length = records ? spec.k / 32 : spec.k;
  if (spec.sourceStride < spec.k || spec.targetStride < length)
    return failure(name, "expected strides of at least " + Twine(spec.k) + " and " + Twine(length) +
                             ", found " + Twine(spec.sourceStride) + " and " +
                             Twine(spec.targetStride));
  return Error::success();
}

static void quantiseRow(KernelBuilder &k, const ActivationSpec &spec, Value from, Value to) {
  k.loop(k.index(0), k.index(spec.k / 32), 1, [&](Value block) {
    Value source = k.address(from, k.mul(block, 4 * 32));
    Values values;
    for (int64_t first = 0; first < 32; first += k.lanes())
      values.push_back(k.load(k.vector(k.f32()), source, 4 * first));
    storeRecord(k, values, k.address(to, k.mul(block, kRecordBytes)), spec.weights);
  });
}

static void roundRow(KernelBuilder &k, const ActivationSpec &spec, Value from, Value to) {
  Type element = spec.form == ActivationForm::BF16 ? k.bf16() : k.f16();
  auto round = [&](Value first, int64_t count) {
    Value x = k.loadFirst(k.vector(k.f32()), count, k.address(from, k.mul(first, 4)));
    k.storeFirst(k.convertFloat(x, element), count, k.address(to, k.mul(first, 2)), 0, 2);
  };
  int64_t whole = spec.k / k.lanes() * k.lanes();
  k.loop(k.index(0), k.index(whole), k.lanes(), [&](Value first) { round(first, k.lanes()); });
  if (whole < spec.k)
    round(k.index(whole), spec.k - whole);
}

Error addActivation(mlir::ModuleOp module, const Target &target, StringRef name,
                    const ActivationSpec &spec) {
  if (Error error = check(name, spec))
    return error;
  bool records = spec.form == ActivationForm::Q8;
  int64_t targetBytes = spec.targetStride * (records ? kRecordBytes : 2);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    Value source = k.buffer(spec.sourceBuffer), result = k.buffer(spec.targetBuffer);
    k.forEachTile([&](Value row) {
      Value from = k.address(source, k.mul(row, 4 * spec.sourceStride));
      Value to = k.address(result, k.mul(row, targetBytes));
      records ? quantiseRow(k, spec, from, to) : roundRow(k, spec, from, to);
    });
  });
  return Error::success();
}

} // namespace tern::cpu
