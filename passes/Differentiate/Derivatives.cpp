// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Differentiate/Derivatives.h"

#include "passes/Differentiate/ScalarExpansion.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numbers>

using namespace mlir;

namespace tern::differentiate {

const Gradient &Derivatives::of(Value scalar) const {
  static const Gradient none;
  auto at = gradients.find(scalar);
  return at == gradients.end() ? none : at->second;
}

static Value makeNumber(OpBuilder &builder, Location location, Type type, double value) {
  auto tensor = cast<RankedTensorType>(type);
  return ConstantOp::create(
      builder, location,
      DenseElementsAttr::get(tensor, builder.getFloatAttr(tensor.getElementType(), value)));
}

Value Derivatives::number(Operation &op, double value) {
  return makeNumber(builder, op.getLoc(), op.getResult(0).getType(), value);
}

void Derivatives::setVariable(Value scalar, int64_t number) {
  gradients[scalar][number] = makeNumber(builder, scalar.getLoc(), scalar.getType(), 1);
}

namespace {

/// Arithmetic on scalars, as it is written.
struct Writer {
  OpBuilder &builder;
  Location location;
  Type type;

  Value constant(double value) { return makeNumber(builder, location, type, value); }
  template <typename Op> Value one(Value x) { return Op::create(builder, location, x); }
  template <typename Op> Value two(Value x, Value y) { return Op::create(builder, location, x, y); }
  Value mul(Value x, Value y) { return two<MulOp>(x, y); }
  Value mul(double c, Value x) { return mul(constant(c), x); }
  Value add(Value x, Value y) { return two<AddOp>(x, y); }
  Value sub(Value x, Value y) { return two<SubOp>(x, y); }
  Value oneMinus(Value x) { return sub(constant(1), x); }
  Value where(Value condition, Value yes, Value no) {
    return WhereOp::create(builder, location, condition, yes, no);
  }
  /// sigmoid(c x) (1 + c x (1 - sigmoid(c x))), the derivative of x sigmoid(c x).
  Value swish(Value x, double c) {
    Value scaled = c == 1 ? x : mul(c, x), s = one<SigmoidOp>(scaled);
    return mul(s, add(constant(1), mul(scaled, oneMinus(s))));
  }
  /// (1 + erf(x / sqrt 2)) / 2 + x e^(-x^2 / 2) / sqrt(2 pi).
  Value gelu(Value x) {
    Value share = mul(0.5, add(constant(1), one<ErfOp>(mul(std::numbers::sqrt2 / 2, x))));
    Value bell = one<ExpOp>(mul(-0.5, one<SquareOp>(x)));
    return add(share, mul(std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2, mul(x, bell)));
  }
  /// u = sqrt(2 / pi) (x + 0.044715 x^3), t = tanh u: (1 + t) / 2 + x (1 - t^2) u' / 2.
  Value geluTanh(Value x) {
    constexpr double c = std::numbers::inv_sqrtpi * std::numbers::sqrt2, d = 0.044715;
    Value square = one<SquareOp>(x);
    Value u = mul(c, mul(x, add(constant(1), mul(d, square))));
    Value t = one<TanhOp>(u), slope = mul(c, add(constant(1), mul(3 * d, square)));
    return add(mul(0.5, add(constant(1), t)),
               mul(0.5, mul(x, mul(oneMinus(one<SquareOp>(t)), slope))));
  }
};

} // namespace

std::optional<SmallVector<Value>> Derivatives::partials(Operation &op) {
  using Partials = SmallVector<Value>;
  Value x = op.getOperand(0), r = op.getResult(0);
  Value y = op.getNumOperands() > 1 ? op.getOperand(1) : Value();
  Writer w{builder, op.getLoc(), r.getType()};
  return llvm::TypeSwitch<Operation *, std::optional<Partials>>(&op)
      .Case([&](NegOp) { return Partials{w.constant(-1)}; })
      .Case([&](AbsOp) {
        return Partials{w.where(w.two<LtOp>(x, w.constant(0)), w.constant(-1), w.constant(1))};
      })
      .Case([&](SquareOp) { return Partials{w.mul(2, x)}; })
      .Case([&](SqrtOp) { return Partials{w.two<DivOp>(w.constant(0.5), r)}; })
      .Case([&](RsqrtOp) { return Partials{w.mul(-0.5, w.mul(r, w.one<SquareOp>(r)))}; })
      .Case([&](RecipOp) { return Partials{w.one<NegOp>(w.one<SquareOp>(r))}; })
      .Case([&](ExpOp) { return Partials{r}; })
      .Case([&](LogOp) { return Partials{w.one<RecipOp>(x)}; })
      .Case([&](Log1pOp) { return Partials{w.one<RecipOp>(w.add(w.constant(1), x))}; })
      .Case([&](SinOp) { return Partials{w.one<CosOp>(x)}; })
      .Case([&](CosOp) { return Partials{w.one<NegOp>(w.one<SinOp>(x))}; })
      .Case([&](TanOp) { return Partials{w.add(w.constant(1), w.one<SquareOp>(r))}; })
      .Case([&](CotOp) { return Partials{w.sub(w.constant(-1), w.one<SquareOp>(r))}; })
      .Case([&](TanhOp) { return Partials{w.oneMinus(w.one<SquareOp>(r))}; })
      .Case([&](ErfOp) {
        Value bell = w.one<ExpOp>(w.one<NegOp>(w.one<SquareOp>(x)));
        return Partials{w.mul(2 * std::numbers::inv_sqrtpi, bell)};
      })
      .Case([&](SigmoidOp) { return Partials{w.mul(r, w.oneMinus(r))}; })
      .Case([&](SoftplusOp) { return Partials{w.one<SigmoidOp>(x)}; })
      .Case([&](ReluOp) { return Partials{w.two<LtOp>(w.constant(0), x)}; })
      .Case([&](SiluOp) { return Partials{w.swish(x, 1)}; })
      .Case([&](GeluOp) { return Partials{w.gelu(x)}; })
      .Case([&](GeluTanhOp) { return Partials{w.geluTanh(x)}; })
      .Case([&](QuickGeluOp) { return Partials{w.swish(x, 1.702)}; })
      .Case([&](AddOp) { return Partials{w.constant(1), w.constant(1)}; })
      .Case([&](SubOp) { return Partials{w.constant(1), w.constant(-1)}; })
      .Case([&](MulOp) { return Partials{y, x}; })
      .Case([&](DivOp) {
        Value slope = w.one<RecipOp>(y);
        return Partials{slope, w.one<NegOp>(w.mul(r, slope))};
      })
      .Case([&](PowOp) {
        // Where x may be negative, only a constant exponent has a derivative.
        Value byX = w.mul(y, w.two<PowOp>(x, w.sub(y, w.constant(1))));
        bool isConstant = matchPattern(y, m_Constant());
        return Partials{byX, isConstant ? Value() : w.mul(r, w.one<LogOp>(x))};
      })
      .Case([&](MaximumOp) {
        Value first = w.two<LeOp>(y, x);
        return Partials{first, w.oneMinus(first)};
      })
      .Case([&](MinimumOp) {
        Value first = w.two<LeOp>(x, y);
        return Partials{first, w.oneMinus(first)};
      })
      .Case<RintOp, NotOp>([&](auto) { return Partials(1); })
      .Case<LtOp, LeOp, EqOp, AndOp, OrOp>([&](auto) { return Partials(2); })
      .Case([&](WhereOp) {
        return Partials{Value(), w.where(x, w.constant(1), w.constant(0)),
                        w.where(x, w.constant(0), w.constant(1))};
      })
      .Case([&](CastOp) { return Partials{w.constant(1)}; })
      .Default([](Operation *) { return std::nullopt; });
}

LogicalResult Derivatives::add(Operation &op) {
  bool depends = llvm::any_of(op.getOperands(), [&](Value x) { return !of(x).empty(); });
  if (!depends || op.getNumResults() == 0)
    return success();
  std::optional<SmallVector<Value>> slopes = partials(op);
  if (!slopes)
    return op.emitOpError("has no derivative that is known");
  Gradient gradient;
  Location location = op.getLoc();
  Type type = op.getResult(0).getType();
  for (auto [operand, slope] : llvm::zip_equal(op.getOperands(), *slopes)) {
    if (!slope)
      continue;
    for (auto [variable, inner] : of(operand)) {
      Value term = inner;
      if (term.getType() != type)
        term = CastOp::create(builder, location, type, term);
      if (isNumber(term, 1))
        term = slope;
      else if (!isNumber(slope, 1))
        term = MulOp::create(builder, location, slope, term);
      Value &sum = gradient[variable];
      sum = sum ? Value(AddOp::create(builder, location, sum, term)) : term;
    }
  }
  gradients[op.getResult(0)] = std::move(gradient);
  return success();
}

} // namespace tern::differentiate
