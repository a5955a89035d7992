// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Calibration.h"

#include "dialects/KV/Reference/KVReference.h"
#include "frontend/architecture/Architecture.h"
#include "frontend/checkpoint/Dequantise.h"
#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"
#include "tools/generate/Interrupt.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-compile/Meeting.h"
#include "tools/tern-compile/ReferenceModel.h"

#include "llvm/Support/Parallel.h"

#include <numeric>
#include <thread>

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

//===- Text ---------------------------------------------------------------===//

namespace {

using Tokens = std::vector<int32_t>;

/// A text as tokens, and those that the model puts around it.
struct ReadText {
  Tokens tokens, before, after;
};

} // namespace

static ReadText readTokens(const generate::ModelFile &model, const std::string &path) {
  std::optional<text::Tokenizer> words = generate::readTokenizer(model.checkpoint);
  if (!words)
    throw UserError(model.checkpoint.path() + ": expected a tokenizer, with which " +
                    "--quantize-calibrate reads a text, found none");
  const std::string text = command::readText(path);
  std::vector<uint32_t> own = valueOf(words->encode(text, false, text::Bos::No));
  if (own.size() < 2)
    throw UserError(path + ": expected a text of two tokens or more, found " +
                    std::to_string(own.size()));
  std::vector<uint32_t> all = valueOf(words->encode(text, false));
  if (uint32_t largest = *std::ranges::max_element(all); largest >= model.config.vocabulary)
    throw UserError(path + ": expected tokens below the model's " +
                    std::to_string(model.config.vocabulary) + ", found " + std::to_string(largest) +
                    " by its tokenizer");
  auto found = std::ranges::search(all, own);
  return {{own.begin(), own.end()}, {all.begin(), found.begin()}, {found.end(), all.end()}};
}

/// The parts of a text one after the other.
static std::vector<Tokens> split(const Tokens &tokens, int64_t size) {
  std::vector<Tokens> parts;
  for (int64_t first = 0;
       first < int64_t(tokens.size()) && int64_t(parts.size()) < Calibration::kMaxSequences;
       first += size) {
    auto begin = tokens.begin() + first;
    parts.emplace_back(begin, begin + std::min(size, int64_t(tokens.size()) - first));
  }
  return parts;
}

static Tokens joined(std::initializer_list<llvm::ArrayRef<int32_t>> parts) {
  Tokens all;
  for (llvm::ArrayRef<int32_t> part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

Calibration::Calibration(const generate::ModelFile &model, const std::string &textPath)
    : model(model), diagnostics(&context) {
  const checkpoint::ModelConfig &config = model.config;
  ReadText text = readTokens(model, textPath);
  int64_t window = std::min(kWindow, config.contextLength);
  if (!config.encoder && !config.encoderDecoder)
    for (Tokens &part : split(joined({text.before, text.tokens, text.after}), window))
      sequences.push_back({std::move(part), {}});
  auto around = int64_t(text.before.size() + text.after.size());
  if (config.encoder)
    for (const Tokens &part : split(text.tokens, std::max<int64_t>(window - around, 1)))
      sequences.push_back({joined({text.before, part, text.after}), {}});
  if (config.encoderDecoder)
    for (const Tokens &part : split(text.tokens, std::max<int64_t>(window - around, 2))) {
      llvm::ArrayRef<int32_t> all(part);
      size_t half = (all.size() + 1) / 2;
      auto start = int32_t(config.encoderDecoder->start);
      sequences.push_back({joined({text.before, all.take_front(half), text.after}),
                           joined({start, all.drop_front(half)})});
    }
  architecture::ImportOptions options;
  options.maxContext = config.contextLength;
  options.maxRows = kWindow * kMaxSequences;
  options.maxEntries = options.maxLogitRows = kMaxSequences;
  options.cacheType = "f32";
  module = valueOf(architecture::importModel(&context, model.checkpoint, config, options));
  linears = findLinearGroups(*module);
  leaveLinear();
}

int64_t Calibration::tokenCount() const {
  int64_t count = 0;
  for (const Sequence &sequence : sequences)
    count += int64_t(sequence.tokens.size() + sequence.written.size());
  return count;
}

/// Leaves the maps by matrices that a rounding is meant for. What others see is not scaled.
void Calibration::leaveLinear() {
  auto matrices = architecture::matricesOf(model.config);
  for (LinearGroup &group : linears) {
    size_t dropped = std::erase_if(group.maps, [&](LinearMap map) {
      auto at = matrices.find(map.weight.getName().str());
      return at == matrices.end() || at->second != architecture::MatrixKind::Linear;
    });
    if (dropped != 0)
      group.makers.reset();
  }
  std::erase_if(linears, [](const LinearGroup &group) { return group.maps.empty(); });
}

Matrix numbersOfTensor(const checkpoint::Tensor &tensor) {
  Matrix numbers(tensor.rows(), tensor.columns());
  checkpoint::dequantise(tensor, 0, tensor.rows(), numbers.data());
  return numbers;
}

Matrix Calibration::numbersOf(LinearMap map) const {
  Matrix numbers = numbersOfTensor(*model.checkpoint.find(map.weight.getName().str()));
  if (isTransposed(map))
    numbers.transposeInPlace();
  return numbers;
}

//===- Products -----------------------------------------------------------===//

namespace {

/// f32 is enough to see what is large.
using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// What a product multiplies in one of the programs.
struct Factors {
  ContractOp product;
  Eigen::Map<const Matrix> rows;
  const reference::Tensor *experts; ///< that each row chooses; null without experts

  static Factors of(ContractOp product, ArrayRef<Datum> operands) {
    const auto &x = std::get<reference::Tensor>(operands[0]);
    int64_t width = x.shape.back();
    return {product,
            {x.data->data(), x.size() / width, width},
            operands.size() == 3 ? &std::get<reference::Tensor>(operands[2]) : nullptr};
  }

  /// The rows that choose the expert.
  std::vector<Eigen::Index> placesOf(int64_t expert) const {
    std::vector<Eigen::Index> places;
    for (Eigen::Index row = 0; row < rows.rows(); ++row)
      if (!experts || int64_t((*experts)[row]) == expert)
        places.push_back(row);
    return places;
  }
};

} // namespace

/// All rows that an expert sees, those of each program after the other.
static Matrix rowsOf(ArrayRef<const Factors *> all, int64_t expert) {
  std::vector<std::vector<Eigen::Index>> places;
  Eigen::Index count = 0;
  for (const Factors *factors : all)
    count += Eigen::Index(places.emplace_back(factors->placesOf(expert)).size());
  Matrix inputs(count, all.front()->rows.cols());
  count = 0;
  for (auto [factors, own] : llvm::zip_equal(all, places)) {
    auto size = Eigen::Index(own.size());
    inputs.middleRows(count, size) = factors->rows(own, Eigen::all);
    count += size;
  }
  return inputs;
}

/// x W^T, with W of each row's expert. Rows side by side.
static reference::Tensor multiply(const Factors &factors, ArrayRef<int64_t> shape,
                                  ArrayRef<Floats> weights) {
  constexpr size_t part = 256;
  reference::Tensor result = reference::Tensor::make(shape);
  Eigen::Map<Matrix> y(result.data->data(), factors.rows.rows(), shape.back());
  for (auto [expert, weight] : llvm::enumerate(weights)) {
    std::vector<Eigen::Index> places = factors.placesOf(int64_t(expert));
    llvm::parallelFor(0, (places.size() + part - 1) / part, [&](size_t i) {
      auto own = ArrayRef(places).slice(i * part).take_front(part);
      Floats rows = factors.rows(own, Eigen::all).cast<float>();
      y(own, Eigen::all) = (rows * weight.transpose()).cast<double>();
    });
  }
  return result;
}

/// A program for each text that goes through the model on its own, or one for all.
class Calibration::Programs {
public:
  Programs(Calibration &calibration, const OnMap &onMap) : calibration(calibration), onMap(onMap) {
    for (const LinearGroup &group : calibration.linears)
      for (LinearMap map : group.maps)
        known.insert(map.product);
    for (Operation *op : known)
      passOver(cast<ContractOp>(op).getRhs());
  }

  void run() {
    const checkpoint::ModelConfig &config = calibration.model.config;
    if (!config.encoder && !config.encoderDecoder)
      return meetAll(1, [&](size_t) { return decode(); });
    meetAll(calibration.sequences.size(), [&](size_t number) {
      const Sequence &sequence = calibration.sequences[number];
      Interpreter interpreter(*calibration.module, {});
      reference::defineTern(interpreter);
      kv::defineKV(interpreter);
      define(interpreter, number);
      return config.encoder ? encode(interpreter, sequence) : translate(interpreter, sequence);
    });
  }

private:
  /// Of weights that `onMap` gives nobody else asks for the numbers.
  void passOver(Value matrix) {
    Operation *op = matrix.getDefiningOp();
    passedOver.insert(op);
    for (Value operand : op->getOperands())
      passOver(operand);
  }

  void meetAll(size_t count, llvm::function_ref<LogicalResult(size_t)> program) {
    meeting.emplace(count, [&](ArrayRef<const Factors *> all) { decide(all); });
    std::vector<std::thread> threads;
    for (size_t number = 0; number < count; ++number)
      threads.emplace_back(
          [&, number] { meeting->attend([&] { return succeeded(program(number)); }); });
    for (std::thread &thread : threads)
      thread.join();
    meeting->rethrow();
    if (meeting->isOver() && !generate::interrupted())
      throw UserError(calibration.diagnostics.take("the reference of the model failed"));
  }

  //===- The programs -----------------------------------------------------===//

  static Datum column(ArrayRef<int32_t> values) {
    reference::Tensor tensor = reference::Tensor::make({int64_t(values.size())});
    tensor.data->assign(values.begin(), values.end());
    return tensor;
  }

  /// 0, step, 2 step, ... below `last`.
  static Datum range(size_t last, int32_t step = 1) {
    std::vector<int32_t> values;
    for (int32_t value = 0; size_t(value) < last; value += step)
      values.push_back(value);
    return column(values);
  }

  /// All texts side by side.
  LogicalResult decode() {
    Diagnostics &diagnostics = calibration.diagnostics;
    ReferenceModel reference(*calibration.module, &calibration.model.checkpoint, diagnostics);
    define(reference.interpreter(), 0);
    std::vector<generate::Entry> entries;
    for (const Sequence &sequence : calibration.sequences)
      entries.push_back({int32_t(entries.size()), sequence.tokens});
    auto failed = reference.feed(entries, [](int32_t, std::span<const float>) {});
    if (failed)
      emitError(calibration.module->getLoc()) << *failed;
    return LogicalResult::success(!failed);
  }

  LogicalResult encode(Interpreter &interpreter, const Sequence &sequence) {
    // Training masks a share of the tokens that is about as large.
    constexpr int32_t kMasked = 8;
    size_t count = sequence.tokens.size();
    SmallVector<Datum> arguments{column(sequence.tokens), range(count),
                                 column(std::vector<int32_t>(count))};
    if (calibration.model.config.encoder->hasHead)
      arguments.push_back(range(count, kMasked));
    return interpreter.call("encode", arguments);
  }

  LogicalResult translate(Interpreter &interpreter, const Sequence &sequence) {
    size_t count = sequence.written.size();
    FailureOr<Interpreter::Values> read =
        interpreter.call("encode", {column(sequence.tokens), range(sequence.tokens.size())});
    if (failed(read))
      return failure();
    const auto &cross = std::get<reference::Tensor>((*read)[1]);
    Datum past = reference::Tensor::make({0, cross.shape[1]});
    return interpreter.call(
        "decode", {column(sequence.written), range(count), range(count), column({}), past, cross});
  }

  //===- What operations do -----------------------------------------------===//

  void define(Interpreter &interpreter, size_t number) {
    interpreter.define("tern.weight",
                       [&](Operation *op, ArrayRef<Datum>, Interpreter::Values &results,
                           Interpreter &) { return readWeight(cast<WeightOp>(op), results); });
    for (const char *name : {"tern.weight", "tern.cast", "tern.reshape", "tern.concat"})
      interpreter.define(name, [this, usual = interpreter.definition(name)](
                                   Operation *op, ArrayRef<Datum> operands,
                                   Interpreter::Values &results, Interpreter &self) {
        if (!passedOver.contains(op))
          return usual(op, operands, results, self);
        results.push_back(reference::Tensor());
        return success();
      });
    interpreter.define(
        "tern.contract", [this, number, usual = interpreter.definition("tern.contract")](
                             Operation *op, ArrayRef<Datum> operands, Interpreter::Values &results,
                             Interpreter &self) {
          auto product = cast<ContractOp>(op);
          if (!known.contains(op) && (product.getGroups() || mapsOf(product).empty()))
            return usual(op, operands, results, self);
          auto type = product.getResult().getType();
          FailureOr<SmallVector<int64_t>> shape = self.shapeOf(op, type);
          if (failed(shape))
            return failure();
          return multiplyTogether(product, operands, *shape, number, results);
        });
  }

  /// Programs that read a weight at the same time share it; all weights in f64 would fill the
  /// memory, so it dies with its last use.
  LogicalResult readWeight(WeightOp weight, Interpreter::Values &results) {
    std::scoped_lock lock(mutex);
    auto type = weight.getResult().getType();
    std::weak_ptr<std::vector<double>> &numbers = shared[weight.getName()];
    if (auto alive = numbers.lock()) {
      results.push_back(reference::Tensor{llvm::to_vector(type.getShape()), alive});
      return success();
    }
    FailureOr<reference::Tensor> read =
        ReferenceWeights(&calibration.model.checkpoint).find(weight.getName(), type);
    if (failed(read))
      return failure();
    numbers = read->data;
    results.push_back(*read);
    return success();
  }

  LogicalResult multiplyTogether(ContractOp product, ArrayRef<Datum> operands,
                                 ArrayRef<int64_t> shape, size_t number,
                                 Interpreter::Values &results) {
    Factors factors = Factors::of(product, operands);
    if (!known.contains(product)) {
      const auto &w = std::get<reference::Tensor>(operands[1]);
      Floats weight =
          Eigen::Map<const Matrix>(w.data->data(), w.shape[0], w.shape[1]).cast<float>();
      if (isTransposed({product, {}}))
        weight.transposeInPlace();
      results.push_back(multiply(factors, shape, weight));
      return success();
    }
    if (!meeting->meet(number, factors))
      return failure();
    results.push_back(multiply(factors, shape, chosen));
    return success();
  }

  /// The weights with which all programs go on.
  void decide(ArrayRef<const Factors *> all) {
    if (generate::interrupted())
      return meeting->end();
    chosen.clear();
    for (LinearMap map : mapsOf(ContractOp(all.front()->product))) {
      std::optional<Matrix> weight = onMap(map, rowsOf(all, map.expert));
      chosen.push_back((weight ? *weight : calibration.numbersOf(map)).cast<float>());
    }
  }

  Calibration &calibration;
  const OnMap &onMap;
  llvm::DenseSet<Operation *> known, passedOver;
  std::optional<Meeting<Factors>> meeting;
  std::vector<Floats> chosen;
  std::mutex mutex;
  llvm::StringMap<std::weak_ptr<std::vector<double>>> shared;
};

void Calibration::run(const OnMap &onMap) { Programs(*this, onMap).run(); }

} // namespace tern
