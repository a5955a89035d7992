// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One form for all spellings of a sum or product, and derivatives against differences.
#include "dialects/Tern/Reference/Interpreter.h"
#include "passes/Differentiate/Passes.h"
#include "passes/Normalise/Passes.h"
#include "passes/Saturate/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir;

namespace tern {
namespace {

struct CollectScalarsTest : testing::Test {
  CollectScalarsTest() { context.loadDialect<TernDialect, func::FuncDialect>(); }
  MLIRContext context;
};

/// @f(a, b, ...) of `count` symbols, joined two by two in an order that the seed says.
OwningOpRef<ModuleOp> joinInSomeOrder(MLIRContext &context, int count, bool isSum, unsigned seed) {
  OpBuilder builder(&context);
  Location location = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, location);
  builder.setInsertionPointToEnd(module->getBody());
  Type scalar = RankedTensorType::get({}, builder.getF64Type());
  SmallVector<Type> inputs(count, scalar);
  auto function =
      func::FuncOp::create(builder, location, "f", builder.getFunctionType(inputs, scalar));
  builder.setInsertionPointToStart(function.addEntryBlock());
  std::vector<Value> open(function.getArguments().begin(), function.getArguments().end());
  std::mt19937 random(seed);
  auto take = [&] {
    size_t at = random() % open.size();
    Value value = open[at];
    open.erase(open.begin() + static_cast<long>(at));
    return value;
  };
  while (open.size() > 1) {
    Value a = take(), b = take();
    open.push_back(isSum ? Value(AddOp::create(builder, location, a, b))
                         : Value(MulOp::create(builder, location, a, b)));
  }
  func::ReturnOp::create(builder, location, open);
  return module;
}

std::string saturated(ModuleOp module) {
  PassManager passes(module.getContext());
  passes.addPass(saturate::createCollectScalarsPass());
  passes.addPass(saturate::createSaturatePass({}));
  passes.addPass(normalise::createSortTermsPass());
  EXPECT_TRUE(succeeded(passes.run(module)));
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}

TEST_F(CollectScalarsTest, allOrdersAndBracketsAreOneProgram) {
  for (bool isSum : {true, false})
    for (int count : {10, 11}) {
      std::string first = saturated(*joinInSomeOrder(context, count, isSum, 0));
      for (unsigned seed = 1; seed < 1000; ++seed)
        ASSERT_EQ(saturated(*joinInSomeOrder(context, count, isSum, seed)), first)
            << count << (isSum ? " added" : " multiplied") << ", seed " << seed;
    }
}

std::vector<std::vector<double>> call(ModuleOp module, StringRef name,
                                      const std::vector<double> &x) {
  reference::Interpreter interpreter(module, nullptr);
  reference::defineTern(interpreter);
  reference::Tensor input = reference::Tensor::make({static_cast<int64_t>(x.size())});
  std::ranges::copy(x, input.data->begin());
  FailureOr<reference::Interpreter::Values> results = interpreter.call(name, {input});
  EXPECT_TRUE(succeeded(results));
  std::vector<std::vector<double>> numbers;
  for (const reference::Datum &value : *results) {
    const auto &tensor = std::get<reference::Tensor>(value);
    numbers.emplace_back(tensor.data->begin(), tensor.data->end());
  }
  return numbers;
}

TEST_F(CollectScalarsTest, derivativesAreThoseOfDifferences) {
  const char *unary[] = {"neg",  "abs",  "square",    "sqrt",       "rsqrt",    "recip",
                         "exp",  "log",  "log1p",     "sin",        "cos",      "tan",
                         "cot",  "tanh", "erf",       "sigmoid",    "softplus", "relu",
                         "silu", "gelu", "gelu_tanh", "quick_gelu", "rint",     "not"};
  const char *binary[] = {"add",     "sub", "mul", "div", "pow", "maximum",
                          "minimum", "lt",  "le",  "eq",  "and", "or"};
  std::string body;
  int count = 0;
  std::string results, types;
  auto write = [&](const std::string &operation) {
    body += "%r" + std::to_string(count) + " = tern." + operation + "\n";
    results += (count ? ", %r" : "%r") + std::to_string(count);
    types += count ? ", tensor<1xf64>" : "tensor<1xf64>";
    ++count;
  };
  for (const char *name : unary)
    write(std::string(name) + " %a : tensor<1xf64>");
  for (const char *name : binary)
    write(std::string(name) + " %a, %b : tensor<1xf64>, tensor<1xf64>");
  write("where %a, %b, %a : tensor<1xf64>, tensor<1xf64>, tensor<1xf64>");
  std::string vector = "tensor<" + std::to_string(count) + "xf64>";
  std::string text = "func.func @f(%x: tensor<2xf64>) -> " + vector +
                     " {\n%a = tern.slice %x axis 0 from 0 size 1 : tensor<2xf64>\n"
                     "%b = tern.slice %x axis 0 from 1 size 1 : tensor<2xf64>\n" +
                     body + "%all = tern.concat " + results + " axis 0 : " + types +
                     "\nreturn %all : " + vector + "\n}";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  PassManager passes(&context);
  differentiate::DifferentiatePassOptions options;
  options.function = "f";
  passes.addPass(differentiate::createDifferentiatePass(options));
  passes.addPass(saturate::createCollectScalarsPass());
  ASSERT_TRUE(succeeded(passes.run(*module)));
  for (std::vector<double> x : {std::vector{0.7, 1.3}, std::vector{2.25, 0.5}}) {
    std::vector<std::vector<double>> jacobian = call(*module, "f.jacobian", x);
    std::vector<double> dense(static_cast<size_t>(2 * count), 0);
    for (size_t i = 0; i < jacobian[0].size(); ++i)
      dense[static_cast<size_t>(2 * jacobian[1][i] + jacobian[2][i])] = jacobian[0][i];
    for (size_t column = 0; column < 2; ++column) {
      std::vector<double> above = x, below = x;
      above[column] += 1e-5;
      below[column] -= 1e-5;
      std::vector<double> high = call(*module, "f", above)[0], low = call(*module, "f", below)[0];
      for (size_t row = 0; row < high.size(); ++row)
        // The third derivatives are below 100: the difference errs by 2e-9.
        EXPECT_NEAR(dense[2 * row + column], (high[row] - low[row]) / 2e-5, 1e-8)
            << "result " << row << " by " << column;
    }
  }
}

} // namespace
} // namespace tern
