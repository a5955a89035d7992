// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ReferenceModule.h"

#include "dialects/KV/Reference/KVReference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;

namespace tern::test {

ReferenceModule::ReferenceModule(llvm::StringRef text) {
  context.loadDialect<TernDialect, kv::KVDialect, arith::ArithDialect, func::FuncDialect>();
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    reported += diagnostic.str() + "\n";
    return success();
  });
  module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_TRUE(module) << reported << text.str();
  interpreter = std::make_unique<reference::Interpreter>(
      *module,
      [](llvm::StringRef, RankedTensorType) -> FailureOr<reference::Tensor> { return failure(); });
  reference::defineTern(*interpreter);
  kv::defineKV(*interpreter);
}

reference::Interpreter::Values ReferenceModule::call(ArrayRef<reference::Datum> arguments) {
  FailureOr<reference::Interpreter::Values> results = interpreter->call("f", arguments);
  return succeeded(results) ? *results : reference::Interpreter::Values();
}

reference::Tensor tensor(ArrayRef<int64_t> shape, std::vector<double> numbers) {
  reference::Tensor result = reference::Tensor::make(shape);
  EXPECT_EQ(result.size(), static_cast<int64_t>(numbers.size()));
  *result.data = std::move(numbers);
  return result;
}

std::vector<double> numbersOf(const reference::Datum &datum) {
  return *std::get<reference::Tensor>(datum).data;
}

bool areNear(const std::vector<double> &found, const std::vector<double> &expected) {
  return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                    [](double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); });
}

std::vector<double> evaluate(llvm::StringRef signature, llvm::StringRef operation,
                             ArrayRef<reference::Datum> arguments) {
  ReferenceModule module(("func.func @f" + signature + " {\n" + operation + "\n}").str());
  reference::Interpreter::Values results = module.call(arguments);
  EXPECT_EQ(results.size(), 1u) << module.errors();
  return results.empty() ? std::vector<double>() : numbersOf(results[0]);
}

} // namespace tern::test
