// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each composite against its spelling in primitives, both in f64.
#include "dialects/KV/Reference/KVReference.h"
#include "passes/Expand/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;

namespace tern::test {
namespace {

using reference::Datum;
using reference::Interpreter;
using reference::Tensor;

/// Numbers of both signs that no formula makes equal.
Tensor numbers(llvm::ArrayRef<int64_t> shape, double phase = 0) {
  Tensor tensor = Tensor::make(shape);
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor[i] = 2 * std::sin(1 + phase + 2.7 * static_cast<double>(i));
  return tensor;
}

class Program {
public:
  explicit Program(const std::string &text) {
    context.loadDialect<TernDialect, kv::KVDialect, arith::ArithDialect, func::FuncDialect>();
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
  }

  void expand() {
    PassManager passes(&context);
    passes.addPass(tern::expand::createExpandCompositesPass());
    EXPECT_TRUE(succeeded(passes.run(*module)));
  }

  bool holds(const std::string &name) {
    auto isNamed = [&](Operation *op) {
      return op->getName().getStringRef() == name ? WalkResult::interrupt() : WalkResult::advance();
    };
    return module->walk(isNamed).wasInterrupted();
  }

  Interpreter::Values call(llvm::ArrayRef<Datum> arguments) {
    Interpreter interpreter(
        *module, [](StringRef, RankedTensorType) -> FailureOr<Tensor> { return failure(); });
    reference::defineTern(interpreter);
    kv::defineKV(interpreter);
    auto results = interpreter.call("f", arguments);
    EXPECT_TRUE(succeeded(results));
    return succeeded(results) ? *results : Interpreter::Values();
  }

private:
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

void expectNear(const Interpreter::Values &found, const Interpreter::Values &expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (auto [left, right] : llvm::zip_equal(found, expected)) {
    const auto &a = std::get<Tensor>(left), &b = std::get<Tensor>(right);
    ASSERT_EQ(a.shape, b.shape);
    for (int64_t i = 0; i < a.size(); ++i)
      EXPECT_TRUE(a[i] == b[i] || std::abs(a[i] - b[i]) <= 1e-12 * (1 + std::abs(b[i])))
          << i << ": " << a[i] << " and " << b[i];
  }
}

//===- Terms --------------------------------------------------------------===//

struct Case {
  const char *name;
  const char *operation; ///< null: that of the name on one operand
  const char *types;     ///< of the operands, and of the result
  std::vector<Tensor> operands;
};

/// One function of the operation, whose operands are %0, %1...
std::string textOf(const Case &c) {
  auto [operands, result] = llvm::StringRef(c.types).split(" -> ");
  llvm::SmallVector<llvm::StringRef> types;
  operands.split(types, "; ");
  std::string text = "func.func @f(";
  for (auto [i, type] : llvm::enumerate(types))
    text += (i ? ", %" : "%") + std::to_string(i) + ": " + type.str();
  std::string operation = c.operation ? c.operation : std::string(c.name) + " %0";
  return text + ") -> " + result.str() + " {\n%r = tern." + operation + " : " +
         llvm::join(types, ", ") + "\nreturn %r : " + result.str() + "\n}";
}

class Composite : public testing::TestWithParam<Case> {};

TEST_P(Composite, IsItsSpelling) {
  const Case &c = GetParam();
  Program program(textOf(c));
  llvm::SmallVector<Datum> arguments(c.operands.begin(), c.operands.end());
  Interpreter::Values expected = program.call(arguments);
  program.expand();
  llvm::StringRef composite = c.operation ? llvm::StringRef(c.operation).split(' ').first : c.name;
  EXPECT_FALSE(program.holds("tern." + composite.str()));
  expectNear(program.call(arguments), expected);
}

const char *const kRow = "tensor<3x5xf32> -> tensor<3x5xf32>";
const char *const kTurn =
    "tensor<3x2x7xf32>; tensor<3x2xf32>; tensor<3x2xf32> -> tensor<3x2x7xf32>";

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char *name :
       {"sigmoid", "softplus", "relu", "silu", "gelu", "gelu_tanh", "quick_gelu"})
    all.push_back({name, nullptr, kRow, {numbers({3, 5})}});
  const double hidden = -INFINITY;
  Tensor mask = numbers({3, 4}, 5), none = numbers({3, 4}, 5), headMask = numbers({4, 3, 4}, 6);
  for (int64_t s = 0; s < 4; ++s)
    none[4 + s] = hidden; // the second query sees no key
  mask[2] = hidden;
  std::vector<Tensor> turn{numbers({3, 2, 7}), numbers({3, 2}, 1), numbers({3, 2}, 2)};
  std::vector<Tensor> attend{numbers({3, 4, 2}), numbers({4, 2, 2}, 1), numbers({4, 2, 5}, 2)};
  auto with = [&](const Tensor &tensor) {
    std::vector<Tensor> operands = attend;
    operands.push_back(tensor);
    return operands;
  };
  const char *plain =
      "tensor<3x4x2xf32>; tensor<4x2x2xf32>; tensor<4x2x5xf32> -> tensor<3x4x5xf32>";
  const char *masked = "tensor<3x4x2xf32>; tensor<4x2x2xf32>; tensor<4x2x5xf32>; tensor<3x4xf32> "
                       "-> tensor<3x4x5xf32>";
  const char *byHead = "tensor<3x4x2xf32>; tensor<4x2x2xf32>; tensor<4x2x5xf32>; "
                       "tensor<4x3x4xf32> -> tensor<3x4x5xf32>";
  all.insert(
      all.end(),
      {{"mean", "mean \"tk->t\" %0", "tensor<3x5xf32> -> tensor<3xf32>", {numbers({3, 5})}},
       {"mean_of_all", "mean \"tk->\" %0", "tensor<3x5xf32> -> tensor<f32>", {numbers({3, 5})}},
       {"mean_of_tokens",
        "mean \"tk->k\" %0",
        "tensor<?x5xf32, #tern.dims<T>> -> tensor<5xf32>",
        {numbers({3, 5})}},
       {"softmax", "softmax \"ts/s\" %0", kRow, {numbers({3, 5})}},
       {"softmax_of_columns", "softmax \"ts/t\" %0", kRow, {numbers({3, 5})}},
       {"softmax_of_all", "softmax \"ts/ts\" %0", kRow, {numbers({3, 5})}},
       {"rms_norm", "rms_norm \"tk/k\" %0 epsilon 1.0e-3", kRow, {numbers({3, 5})}},
       {"layer_norm", "layer_norm \"tk/k\" %0 epsilon 1.0e-3", kRow, {numbers({3, 5})}},
       {"layer_norm_of_columns", "layer_norm \"tk/t\" %0 epsilon 1.0e-3", kRow, {numbers({3, 5})}},
       {"rotary_half", "rotary half %0, %1, %2", kTurn, turn},
       {"rotary_of_rows",
        "rotary half %0, %1, %2",
        "tensor<3x7xf32>; tensor<3x2xf32>; tensor<3x2xf32> -> tensor<3x7xf32>",
        {numbers({3, 7}), numbers({3, 2}, 1), numbers({3, 2}, 2)}},
       {"rotary_interleaved", "rotary interleaved %0, %1, %2", kTurn, turn},
       {"attention", "attention %0, %1, %2 scale 0.7", plain, attend},
       {"attention_capped", "attention %0, %1, %2 scale 0.7 soft_cap 1.5", plain, attend},
       {"attention_causal", "attention %0, %1, %2 scale 0.7 causal", plain, attend},
       {"attention_windowed", "attention %0, %1, %2 scale 0.7 window 2", plain, attend},
       {"attention_by_place", "attention %0, %1, %2 mask %3 scale 0.7 causal window 2", masked,
        with(mask)},
       {"attention_masked", "attention %0, %1, %2 mask %3 scale 0.7", masked, with(mask)},
       {"attention_of_nothing", "attention %0, %1, %2 mask %3 scale 0.7", masked, with(none)},
       {"attention_by_head", "attention %0, %1, %2 mask %3 scale 0.7", byHead, with(headMask)}});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Terms, Composite, testing::ValuesIn(cases()),
                         [](const auto &info) { return info.param.name; });

//===- Attention over a cache ---------------------------------------------===//

class OverCache : public testing::TestWithParam<const char *> {};

/// Appends rows to a cache of two layers with two key heads, and lets four query heads attend.
std::string stepText(llvm::StringRef flags) {
  llvm::StringRef result = "tensor<?x4x5xf32, #tern.dims<T>>";
  llvm::StringRef sums = flags.contains("scores") ? ", tensor<?x4xf32, #tern.dims<T>>" : "";
  llvm::StringRef slopes = flags.contains("slopes") ? ", tensor<4xf32>" : "";
  return (R"(
    func.func @f(%q: tensor<?x4x3xf32, #tern.dims<T>>, %k: tensor<?x2x3xf32, #tern.dims<T>>,
                 %v: tensor<?x2x5xf32, #tern.dims<T>>, %p: tensor<?xi32, #tern.dims<T>>,
                 %s: tensor<4xf32>, %c: !kv.cache<2 x 2, 3, 5, f16>, %b: !kv.batch<T, B>)
        -> ()" +
          result + sums + R"() {
      %layer = arith.constant 1 : index
      %c1 = kv.append %c, %k, %v, %p, %b at %layer : !kv.cache<2 x 2, 3, 5, f16>,
          tensor<?x2x3xf32, #tern.dims<T>>, tensor<?x2x5xf32, #tern.dims<T>>,
          tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
      %r)" +
          (sums.empty() ? "" : ":2") + R"( = kv.attend %q, %c1, %p, %b at %layer scale 0.6 )" +
          flags + R"( : tensor<?x4x3xf32, #tern.dims<T>>, !kv.cache<2 x 2, 3, 5, f16>,
          tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>)" +
          slopes + "\nreturn " + (sums.empty() ? "%r" : "%r#0, %r#1") + " : " + result + sums +
          "\n}")
      .str();
}

/// The results of two steps, the second with rows of three sequences of different lengths.
llvm::SmallVector<Interpreter::Values> runSteps(Program &program) {
  llvm::SmallVector<Interpreter::Values> all;
  auto cache = std::make_shared<kv::CacheState>();
  auto step = [&](std::vector<int64_t> starts, std::vector<int64_t> sequences,
                  std::vector<double> positions) {
    auto batch = std::make_shared<kv::BatchState>();
    batch->starts = std::move(starts);
    batch->sequences = std::move(sequences);
    auto rows = static_cast<int64_t>(positions.size());
    Tensor at = Tensor::make({rows});
    *at.data = std::move(positions);
    all.push_back(program.call({numbers({rows, 4, 3}), numbers({rows, 2, 3}, 1),
                                numbers({rows, 2, 5}, 2), at, numbers({4}, 3), cache, batch}));
  };
  step({0, 3, 4}, {2, 0}, {0, 1, 2, 0});
  step({0, 2, 3, 7}, {0, 1, 2}, {1, 2, 0, 3, 4, 5, 6});
  return all;
}

TEST_P(OverCache, AttentionIsItsSpelling) {
  Program program(stepText(GetParam()));
  auto expected = runSteps(program);
  program.expand();
  EXPECT_FALSE(program.holds("kv.attend"));
  for (auto [found, step] : llvm::zip_equal(runSteps(program), expected))
    expectNear(found, step);
}

INSTANTIATE_TEST_SUITE_P(Flags, OverCache,
                         testing::Values("", "window 2", "soft_cap 1.5", "slopes %s",
                                         "slopes %s in bf16",
                                         "window 3 soft_cap 2.5 slopes %s in f16"));

} // namespace
} // namespace tern::test
