// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Elementwise.h"

#include "passes/CPU/Functions.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace tern::cpu {

bool isExactInDouble(Operation *op) {
  return isa<NegOp, AbsOp, SquareOp, SqrtOp, RsqrtOp, RecipOp, ReluOp, RintOp, DivOp>(op);
}

bool isRealFunction(Operation *op) {
  return isExactInDouble(op) ||
         isa<ExpOp, LogOp, Log1pOp, SinOp, CosOp, TanOp, CotOp, TanhOp, ErfOp, SigmoidOp,
             SoftplusOp, SiluOp, GeluOp, GeluTanhOp, QuickGeluOp, PowOp>(op);
}

bool isOperator(Operation *op) {
  return isa<AddOp, SubOp, MulOp, MaximumOp, MinimumOp, LtOp, LeOp, EqOp, AndOp, OrOp, NotOp,
             WhereOp, CastOp>(op);
}

Value truth(KernelBuilder &k, Value condition) {
  Value zero = k.zero(condition.getType());
  if (isa<FloatType>(getElementTypeOrSelf(condition.getType())))
    return k.compare(KernelBuilder::FloatPredicate::UNE, condition, zero);
  return k.compare(KernelBuilder::IntPredicate::ne, condition, zero);
}

Type computedType(KernelBuilder &k, Type element) {
  if (isa<BlockType>(element))
    return k.f32();
  int64_t bits = element.getIntOrFloatBitWidth();
  if (isa<FloatType>(element))
    return bits > 32 ? element : k.f32();
  return bits > 32 ? element : k.i32();
}

static Value toWider(KernelBuilder &k, Value x, Type to) {
  ImplicitLocOpBuilder &ops = k.builder();
  Type from = getElementTypeOrSelf(x.getType()), wide = KernelBuilder::withElement(x, to);
  if (from == to)
    return x;
  if (isa<FloatType>(from))
    return isa<IntegerType>(to) ? Value(arith::FPToSIOp::create(ops, wide, x))
           : to.isF64()         ? Value(arith::ExtFOp::create(ops, wide, x))
                                : Value(arith::TruncFOp::create(ops, wide, x));
  if (isa<FloatType>(to))
    return arith::SIToFPOp::create(ops, wide, x);
  return to.isInteger(64) ? k.extendSigned(x, to) : k.truncate(x, to);
}

Value convert(KernelBuilder &k, Value x, Type to) {
  x = toWider(k, x, computedType(k, to));
  if (to.isBF16() || to.isF16())
    return k.convertFloat(k.convertFloat(x, to), k.f32());
  if (to.isInteger(8) || to.isInteger(16))
    return k.extendSigned(k.truncate(x, to), k.i32());
  return x;
}

Value indicator(KernelBuilder &k, Value holds, Type type) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(type));
  return k.select(holds, isFloat ? k.constant(type, 1.0) : k.integer(type, 1), k.zero(type));
}

Value applyUnary(KernelBuilder &k, Operation *op, Value x) {
  auto one = [&] { return k.constant(x.getType(), 1.0); };
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](NegOp) { return k.neg(x); })
      .Case([&](AbsOp) { return k.abs(x); })
      .Case([&](SquareOp) { return k.mul(x, x); })
      .Case([&](SqrtOp) { return k.sqrt(x); })
      .Case([&](RsqrtOp) { return k.div(one(), k.sqrt(x)); })
      .Case([&](RecipOp) { return k.div(one(), x); })
      .Case([&](ExpOp) { return functions::exp(k, x); })
      .Case([&](LogOp) { return functions::log(k, x); })
      .Case([&](Log1pOp) { return functions::log1p(k, x); })
      .Case([&](SinOp) { return functions::sin(k, x); })
      .Case([&](CosOp) { return functions::cos(k, x); })
      .Case([&](TanOp) { return functions::tan(k, x); })
      .Case([&](CotOp) { return functions::cot(k, x); })
      .Case([&](TanhOp) { return functions::tanh(k, x); })
      .Case([&](ErfOp) { return functions::erf(k, x); })
      .Case([&](SigmoidOp) { return functions::sigmoid(k, x); })
      .Case([&](SoftplusOp) { return functions::softplus(k, x); })
      .Case([&](ReluOp) { return k.max(x, k.zero(x.getType())); })
      .Case([&](SiluOp) { return functions::silu(k, x); })
      .Case([&](GeluOp) { return functions::gelu(k, x); })
      .Case([&](GeluTanhOp) { return functions::geluTanh(k, x); })
      .Case([&](QuickGeluOp) { return functions::quickGelu(k, x); })
      .Case([&](RintOp) { return k.rint(x); })
      .Case([&](NotOp) { return indicator(k, k.bitXor(truth(k, x), 1), x.getType()); })
      .Default([](Operation *) -> Value {
        llvm_unreachable("checked before (RowAnalysis.cpp, LoopAnalysis.cpp)");
      });
}

/// 1 or 0 for each lane of `x` compared with `y`.
static Value compare(KernelBuilder &k, Value x, Value y, KernelBuilder::FloatPredicate ordered,
                     KernelBuilder::IntPredicate whole) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(x.getType()));
  return indicator(k, isFloat ? k.compare(ordered, x, y) : k.compare(whole, x, y), x.getType());
}

Value applyBinary(KernelBuilder &k, Operation *op, Value x, Value y) {
  using F = KernelBuilder::FloatPredicate;
  using I = KernelBuilder::IntPredicate;
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](AddOp) { return k.add(x, y); })
      .Case([&](SubOp) { return k.sub(x, y); })
      .Case([&](MulOp) { return k.mul(x, y); })
      .Case([&](DivOp) { return k.div(x, y); })
      .Case([&](PowOp) { return functions::pow(k, x, y); })
      .Case([&](MaximumOp) { return k.max(x, y); })
      .Case([&](MinimumOp) { return k.min(x, y); })
      .Case([&](LtOp) { return compare(k, x, y, F::OLT, I::slt); })
      .Case([&](LeOp) { return compare(k, x, y, F::OLE, I::sle); })
      .Case([&](EqOp) { return compare(k, x, y, F::OEQ, I::eq); })
      .Case([&](AndOp) { return indicator(k, k.bitAnd(truth(k, x), truth(k, y)), x.getType()); })
      .Case([&](OrOp) { return indicator(k, k.bitOr(truth(k, x), truth(k, y)), x.getType()); })
      .Default([](Operation *) -> Value {
        llvm_unreachable("checked before (RowAnalysis.cpp, LoopAnalysis.cpp)");
      });
}

} // namespace tern::cpu
