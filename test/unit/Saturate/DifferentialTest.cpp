// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random functions mean the same before and after the passes, by the reference interpreter.
#include "dialects/Tern/Reference/Interpreter.h"
#include "passes/Saturate/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir;

namespace tern {
namespace {

/// Writes a function of one argument [T, 8] and some results, of terms that the laws speak of.
class Generator {
public:
  Generator(MLIRContext *context, unsigned seed)
      : builder(context), location(builder.getUnknownLoc()), random(seed),
        module(ModuleOp::create(location)) {}

  OwningOpRef<ModuleOp> run() {
    builder.setInsertionPointToEnd(module->getBody());
    DimOp::create(builder, location, "T", 1, 16);
    Type row = rows({8});
    auto function =
        func::FuncOp::create(builder, location, "f", builder.getFunctionType({row}, {}));
    builder.setInsertionPointToStart(function.addEntryBlock());
    values.push_back(function.getArgument(0));
    for (int i = 0; i < 24; ++i)
      if (Value value = step())
        values.push_back(value);
    SmallVector<Value> results(ArrayRef(values).take_back(4));
    func::ReturnOp::create(builder, location, results);
    function.setType(builder.getFunctionType({row}, ValueRange(results).getTypes()));
    return std::move(module);
  }

private:
  int below(int n) { return static_cast<int>(random() % n); }
  Value any() { return values[below(static_cast<int>(values.size()))]; }
  static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

  RankedTensorType rows(ArrayRef<int64_t> widths) {
    SmallVector<ExtentAttr> extents{ExtentAttr::getName(builder.getContext(), "T")};
    for (int64_t width : widths)
      extents.push_back(ExtentAttr::getConstant(builder.getContext(), width));
    return getTensor(extents, builder.getF32Type());
  }

  Value weight(ArrayRef<int64_t> shape) {
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    return WeightOp::create(builder, location, type,
                            "w" + std::to_string(below(3)) + "." + std::to_string(shape[0]),
                            Value());
  }

  Value scalar() {
    auto type = RankedTensorType::get({}, builder.getF32Type());
    const float numbers[] = {0, 1, 2, -1};
    return ConstantOp::create(builder, location, type,
                              DenseElementsAttr::get(type, numbers[below(4)]));
  }

  /// The next term; null if what was drawn does not fit.
  Value step() {
    Value x = any();
    RankedTensorType type = typeOf(x);
    bool isMatrix = type.getRank() == 2 && type.isDynamicDim(0);
    switch (below(12)) {
    case 0:
      return NegOp::create(builder, location, x);
    case 1:
      return MulOp::create(builder, location, x, scalar());
    case 2:
      return AddOp::create(builder, location, x, scalar());
    case 3: {
      Value y = any();
      return y.getType() == x.getType() ? Value(SubOp::create(builder, location, x, y)) : Value();
    }
    case 4:
      return TransposeOp::create(builder, location, type.getRank() == 2 ? "ab->ba" : "abc->acb", x);
    case 5:
      return regroup(x);
    case 6:
      return isMatrix ? cut(x) : Value();
    case 7:
      return isMatrix && type.getDimSize(1) == 8
                 ? Value(ConcatOp::create(builder, location, ValueRange{x, any8()}, 1))
                 : Value();
    case 8:
    case 9:
    case 10:
      return isMatrix && type.getDimSize(1) == 8 ? project(x) : Value();
    default:
      return isMatrix && type.getDimSize(1) == 8 ? normalise(x) : Value();
    }
  }

  Value any8() {
    SmallVector<Value> fitting;
    for (Value value : values)
      if (value.getType() == rows({8}))
        fitting.push_back(value);
    return fitting[below(static_cast<int>(fitting.size()))];
  }

  Value regroup(Value x) {
    RankedTensorType type = typeOf(x);
    if (!type.isDynamicDim(0))
      return {};
    if (type.getRank() == 3)
      return ReshapeOp::create(builder, location, rows({type.getDimSize(1) * type.getDimSize(2)}),
                               x);
    int64_t width = type.getDimSize(1);
    return width % 4 == 0 ? Value(ReshapeOp::create(builder, location, rows({width / 4, 4}), x))
                          : Value();
  }

  Value cut(Value x) {
    int width = static_cast<int>(typeOf(x).getDimSize(1));
    int offset = 4 * below(std::max(width / 4, 1)), size = std::min(8, width - offset);
    return SliceOp::create(builder, location, x, 1, offset, size);
  }

  Value project(Value x) {
    int64_t width = below(2) ? 8 : 4;
    if (below(3) == 0) {
      Value turned = TransposeOp::create(builder, location, "ab->ba", weight({8, 8}));
      return ContractOp::create(builder, location, "rk,nk->rn", x, turned, Value());
    }
    return ContractOp::create(builder, location, "rk,nk->rn", x, weight({width, 8}), Value());
  }

  Value normalise(Value x) {
    Value normed = RmsNormOp::create(builder, location, "rk/k", x, APFloat(1e-5));
    Value scale = BroadcastOp::create(builder, location, x.getType(), "k->rk", weight({8}));
    return MulOp::create(builder, location, normed, scale);
  }

  OpBuilder builder;
  Location location;
  std::mt19937 random;
  OwningOpRef<ModuleOp> module;
  SmallVector<Value> values;
};

/// Numbers between -1 and 1 that the name and the place decide.
FailureOr<reference::Tensor> weightOf(StringRef name, RankedTensorType type) {
  reference::Tensor tensor = reference::Tensor::make(type.getShape());
  std::mt19937 random(static_cast<unsigned>(name[1]));
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor[i] = static_cast<double>(random() % 2001) / 1000 - 1;
  return tensor;
}

reference::Interpreter::Values call(ModuleOp module) {
  reference::Interpreter interpreter(module, weightOf);
  reference::defineTern(interpreter);
  reference::Tensor x = reference::Tensor::make({3, 8});
  for (int64_t i = 0; i < x.size(); ++i)
    x[i] = std::sin(static_cast<double>(i));
  FailureOr<reference::Interpreter::Values> results = interpreter.call("f", {x});
  return succeeded(results) ? *results : reference::Interpreter::Values();
}

class Differential : public testing::TestWithParam<unsigned> {
protected:
  Differential() { context.loadDialect<TernDialect, func::FuncDialect>(); }

  void compare(saturate::RuleSet rules, bool split, double tolerance) {
    OwningOpRef<ModuleOp> module = Generator(&context, GetParam()).run();
    ASSERT_TRUE(succeeded(verify(*module)));
    reference::Interpreter::Values before = call(*module);
    ASSERT_FALSE(before.empty());
    PassManager passes(&context);
    saturate::SaturatePassOptions options;
    options.rules = rules;
    passes.addPass(saturate::createSaturatePass(options));
    if (split)
      passes.addPass(saturate::createSplitLoadPass());
    ASSERT_TRUE(succeeded(passes.run(*module)));
    reference::Interpreter::Values after = call(*module);
    ASSERT_EQ(before.size(), after.size());
    for (auto [a, b] : llvm::zip_equal(before, after))
      expectClose(std::get<reference::Tensor>(a), std::get<reference::Tensor>(b), tolerance);
  }

  static void expectClose(const reference::Tensor &a, const reference::Tensor &b,
                          double tolerance) {
    ASSERT_EQ(a.shape, b.shape);
    double largest = 0;
    for (double number : *a.data)
      largest = std::max(largest, std::abs(number));
    for (int64_t i = 0; i < a.size(); ++i)
      EXPECT_NEAR(a[i], b[i], tolerance * largest);
  }

  MLIRContext context;
};

TEST_P(Differential, LawsOfTheRealNumbersKeepTheMeaning) {
  compare(saturate::RuleSet::Real, false, 1e-9);
}

TEST_P(Differential, LawsOfBitsKeepEveryBit) { compare(saturate::RuleSet::Bit, false, 0); }

TEST_P(Differential, TheSplitKeepsEveryBit) { compare(saturate::RuleSet::None, true, 0); }

TEST_P(Differential, LawsAndSplitKeepTheMeaning) { compare(saturate::RuleSet::Real, true, 1e-9); }

INSTANTIATE_TEST_SUITE_P(Seeds, Differential, testing::Range(0u, 60u));

} // namespace
} // namespace tern
