// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Calibration.h"

#include "frontend/architecture/Architecture.h"
#include "frontend/checkpoint/Dequantise.h"
#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"
#include "tools/generate/Interrupt.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-compile/ReferenceModel.h"

#include "llvm/Support/Parallel.h"

using namespace mlir;
using tern::command::UserError;
using tern::quantise::Matrix;
using tern::reference::Datum;
using tern::reference::Interpreter;

namespace tern {

template <typename T> static T valueOf(checkpoint::Expected<T> expected) {
  if (!expected)
    throw UserError(expected.error().message);
  return std::move(*expected);
}

static std::vector<int32_t> readTokens(const generate::ModelFile &model, const std::string &path) {
  std::optional<text::Tokenizer> words = generate::readTokenizer(model.checkpoint);
  if (!words)
    throw UserError(model.checkpoint.path() + ": expected a tokenizer, with which " +
                    "--quantize-calibrate reads a text, found none");
  std::vector<uint32_t> ids = valueOf(words->encode(command::readText(path), false));
  if (ids.size() < 2)
    throw UserError(path + ": expected a text of two tokens or more, found " +
                    std::to_string(ids.size()));
  if (uint32_t largest = *std::ranges::max_element(ids); largest >= model.config.vocabulary)
    throw UserError(path + ": expected tokens below the model's " +
                    std::to_string(model.config.vocabulary) + ", found " + std::to_string(largest) +
                    " by its tokenizer");
  return {ids.begin(), ids.end()};
}

Calibration::Calibration(const generate::ModelFile &model, const std::string &textPath)
    : model(model), diagnostics(&context) {
  if (model.config.encoder || model.config.encoderDecoder)
    throw UserError(model.checkpoint.path() + ": expected a decoder, whose weights " +
                    "--quantize-calibrate knows, found " + model.config.family);
  if (model.config.experts)
    throw UserError(model.checkpoint.path() + ": expected a model without experts, of whose " +
                    "inputs a text shows too few, found " + model.config.family);
  window = std::min(kWindow, model.config.contextLength);
  if (!textPath.empty())
    tokens = readTokens(model, textPath);
  tokens.resize(std::min(tokens.size(), size_t(window * kMaxSequences)));
  architecture::ImportOptions options;
  options.maxContext = model.config.contextLength;
  options.maxRows = kWindow * kMaxSequences;
  options.maxEntries = options.maxLogitRows = kMaxSequences;
  options.cacheType = "f32";
  module = valueOf(architecture::importModel(&context, model.checkpoint, model.config, options));
  linears = findLinearGroups(*module);
  leaveLinear();
}

/// Leaves the products with matrices that a rounding is meant for. What others see is not scaled.
void Calibration::leaveLinear() {
  auto matrices = architecture::matricesOf(model.config);
  for (LinearGroup &group : linears) {
    size_t dropped = std::erase_if(group.products, [&](ContractOp product) {
      auto at = matrices.find(weightOf(product).getName().str());
      return at == matrices.end() || at->second != architecture::MatrixKind::Linear;
    });
    if (dropped != 0)
      group.makers.reset();
  }
  std::erase_if(linears, [](const LinearGroup &group) { return group.products.empty(); });
}

Matrix numbersOfTensor(const checkpoint::Tensor &tensor) {
  Matrix numbers(tensor.rows(), tensor.columns());
  checkpoint::dequantise(tensor, 0, tensor.rows(), numbers.data());
  return numbers;
}

Matrix Calibration::numbersOf(ContractOp product) const {
  Matrix numbers = numbersOfTensor(*model.checkpoint.find(weightOf(product).getName().str()));
  if (isTransposed(product))
    numbers.transposeInPlace();
  return numbers;
}

/// x W^T in f32, which is enough to see what is large. Rows side by side.
static reference::Tensor multiply(Eigen::Map<const Matrix> x, const Matrix &weight) {
  constexpr int64_t part = 256;
  using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Floats rounded = weight.cast<float>();
  reference::Tensor result = reference::Tensor::make({x.rows(), weight.rows()});
  Eigen::Map<Matrix> y(result.data->data(), x.rows(), weight.rows());
  llvm::parallelFor(0, size_t((x.rows() + part - 1) / part), [&](size_t i) {
    int64_t first = int64_t(i) * part, count = std::min(part, x.rows() - first);
    Floats rows = x.middleRows(first, count).cast<float>();
    y.middleRows(first, count) = (rows * rounded.transpose()).cast<double>();
  });
  return result;
}

void Calibration::run(const OnProduct &onProduct) {
  llvm::DenseSet<Operation *> known;
  for (const LinearGroup &group : linears)
    known.insert(group.products.begin(), group.products.end());
  ReferenceModel reference(*module, &model.checkpoint, diagnostics);
  Interpreter &interpreter = reference.interpreter();
  // A weight is used once, and all of them in f64 would fill the memory.
  interpreter.define("tern.weight",
                     [&](Operation *op, ArrayRef<Datum>, Interpreter::Values &results,
                         Interpreter &) -> LogicalResult {
                       auto weight = cast<WeightOp>(op);
                       FailureOr<reference::Tensor> numbers =
                           ReferenceWeights(&model.checkpoint)
                               .find(weight.getName(), weight.getResult().getType());
                       if (succeeded(numbers))
                         results.push_back(*numbers);
                       return numbers;
                     });
  Interpreter::Definition contract = interpreter.definition("tern.contract");
  interpreter.define("tern.contract",
                     [&](Operation *op, ArrayRef<Datum> operands, Interpreter::Values &results,
                         Interpreter &self) -> LogicalResult {
                       auto product = cast<ContractOp>(op);
                       if (generate::interrupted())
                         return failure();
                       if (!weightOf(product))
                         return contract(op, operands, results, self);
                       const auto &x = std::get<reference::Tensor>(operands[0]);
                       const auto &w = std::get<reference::Tensor>(operands[1]);
                       Eigen::Map<const Matrix> inputs(x.data->data(), x.shape[0], x.shape[1]);
                       std::optional<Matrix> weight;
                       if (known.contains(op))
                         weight = onProduct(product, inputs);
                       if (!weight) {
                         weight = Eigen::Map<const Matrix>(w.data->data(), w.shape[0], w.shape[1]);
                         if (isTransposed(product))
                           weight->transposeInPlace();
                       }
                       results.push_back(multiply(inputs, *weight));
                       return success();
                     });
  std::vector<generate::Entry> entries;
  for (int64_t first = 0; first < tokenCount(); first += window)
    entries.push_back({int32_t(entries.size()),
                       std::span(tokens).subspan(first, std::min(window, tokenCount() - first))});
  if (auto failure = reference.feed(entries, [](int32_t, std::span<const float>) {});
      failure && !generate::interrupted())
    throw UserError(*failure);
}

} // namespace tern
