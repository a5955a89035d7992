// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tern::test {

/// "T 7 f32" as tensor<?x7xf32, #tern.dims<T>>.
static std::string typeOf(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> words;
  text.split(words, ' ', -1, /*KeepEmpty=*/false);
  std::string shape, dims;
  for (llvm::StringRef axis : llvm::ArrayRef(words).drop_back()) {
    bool isName = !llvm::isDigit(axis[0]);
    shape += (isName ? "?" : axis.str()) + "x";
    if (isName)
      dims += (dims.empty() ? "" : ", ") + axis.str();
  }
  return "tensor<" + shape + words.back().str() +
         (dims.empty() ? "" : ", #tern.dims<" + dims + ">") + ">";
}

static std::vector<std::string> typesOf(const char *list) {
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::StringRef(list).split(parts, "; ");
  std::vector<std::string> types;
  for (llvm::StringRef part : parts)
    types.push_back(typeOf(part));
  return types;
}

static std::string replaced(std::string text, const std::string &from, const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

static std::string moduleOf(const DispatchLaw &law, Schema schema) {
  std::vector<std::string> inputs = typesOf(law.inputs), results = typesOf(law.results);
  std::string header, operands, arguments, body = law.body;
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::string name(1, static_cast<char>('a' + i)), separator = i ? ", " : "";
    header += separator + "%o" + name + ": " + inputs[i];
    operands += separator + "%o" + name;
    arguments += separator + "%" + name + ": " + inputs[i];
  }
  std::vector<std::string> all = inputs;
  all.insert(all.end(), results.begin(), results.end());
  for (size_t i = 0; i < all.size(); ++i)
    body = replaced(body, "{" + std::to_string(i) + "}", all[i]);
  std::string types = llvm::join(results, ", "), returned;
  std::string count = results.size() > 1 ? ":" + std::to_string(results.size()) : "";
  for (size_t i = 0; i < results.size(); ++i)
    returned += std::string(i ? ", " : "") + "%r" + (count.empty() ? "" : "#" + std::to_string(i));
  return "tern.dim @T from 0 to 200\ntern.dim @S from 0 to 200\nfunc.func @f(" + header + ") -> (" +
         types + ") {\n%r" + count + " = tern.dispatch " + stringifySchema(schema).str() + " (" +
         operands + ") : (" + llvm::join(inputs, ", ") + ") -> (" + types + ") {\n^bb0(" +
         arguments + "):\n" + body + "\n}\nreturn " + returned + " : " + types + "\n}";
}

static std::vector<std::vector<double>> inputsOf(const DispatchRunner &runner,
                                                 const DispatchLaw &law, const Dims &dims) {
  std::vector<std::vector<double>> inputs;
  for (mlir::Type type : runner.dispatch().getInputs().getTypes()) {
    int64_t count = 1;
    for (int64_t extent : runner.shapeOf(type, dims))
      count *= extent;
    auto seed = static_cast<uint32_t>(inputs.size() + 17);
    bool isInteger =
        mlir::isa<mlir::IntegerType>(mlir::cast<mlir::RankedTensorType>(type).getElementType());
    inputs.push_back(randomNumbers(count, seed, isInteger ? 1 : law.scale));
    for (double &number : inputs.back())
      if (isInteger)
        number = std::floor(std::abs(number) * static_cast<double>(law.integers));
  }
  return inputs;
}

std::string refusalOf(const DispatchLaw &law, Schema schema, EmitFunction emit,
                      const cpu::Target &target) {
  DispatchRunner runner(moduleOf(law, schema), emit, target);
  return runner.compiled() ? "" : runner.diagnostic();
}

void checkLaw(const DispatchLaw &law, Schema schema, EmitFunction emit, const cpu::Target &target,
              const std::vector<std::pair<int64_t, int64_t>> &sizes) {
  if (target.warp && llvm::StringRef(law.body).contains("tern.quantise"))
    return; // activations in blocks are a CPU's
  DispatchRunner runner(moduleOf(law, schema), emit, target);
  ASSERT_TRUE(runner.compiled()) << law.name << ": " << runner.diagnostic();
  for (auto [rows, others] : sizes) {
    SCOPED_TRACE(std::string(law.name) + ", T " + std::to_string(rows) + ", S " +
                 std::to_string(others));
    Dims dims{{"T", rows}, {"S", others}};
    auto inputs = inputsOf(runner, law, dims);
    auto got = runner.run(inputs, dims), expected = runner.refer(inputs, dims);
    for (size_t i = 0; i < expected.size(); ++i)
      EXPECT_LE(relativeError(got[i], expected[i]), law.tolerance) << "result " << i;
    EXPECT_EQ(runner.run(inputs, dims, /*tileByTile=*/true), got);
  }
}

std::string targetName(const cpu::Target &target) {
  std::string name = target.cpu;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

} // namespace tern::test
