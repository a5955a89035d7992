// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/Reference/KVReference.h"

#include <cmath>

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;
using tern::reference::Datum;
using tern::reference::Interpreter;
using tern::reference::Tensor;

namespace tern::kv {

using Values = Interpreter::Values;

template <typename StateType> static StateType &stateOf(const Datum &value) {
  return static_cast<StateType &>(*std::get<std::shared_ptr<reference::State>>(value));
}

static std::vector<double> roundedRow(const Tensor &x, int64_t row, int64_t width, Type type,
                                      reference::Ties &ties) {
  std::vector<double> values(x.data->begin() + row * width, x.data->begin() + (row + 1) * width);
  double largest = 0;
  for (double value : values)
    largest = std::max(largest, std::abs(value));
  // f32 stands for the reals, as in tern.cast.
  if (!type.isF32())
    for (double &value : values)
      value = reference::roundTo(value, type, &ties, largest);
  return values;
}

static LogicalResult append(Operation *op, ArrayRef<Datum> operands, Values &results,
                            Interpreter &interpreter) {
  CacheType type = cast<AppendOp>(op).getCache().getType();
  auto &cache = stateOf<CacheState>(operands[0]);
  const Tensor &key = std::get<Tensor>(operands[1]), &value = std::get<Tensor>(operands[2]),
               &positions = std::get<Tensor>(operands[3]);
  auto &batch = stateOf<BatchState>(operands[4]);
  int64_t layer = std::get<int64_t>(operands[5]);
  for (size_t entry = 0; entry < batch.sequences.size(); ++entry)
    for (int64_t t = batch.starts[entry]; t < batch.starts[entry + 1]; ++t)
      for (int64_t g = 0; g < type.getHeads(); ++g)
        cache.slots[{batch.sequences[entry], layer, g}].push_back(
            {roundedRow(key, t * type.getHeads() + g, type.getKeyWidth(), type.getElementType(),
                        interpreter.ties),
             roundedRow(value, t * type.getHeads() + g, type.getValueWidth(), type.getElementType(),
                        interpreter.ties),
             static_cast<int64_t>(positions[t])});
  results.push_back(operands[0]);
  return success();
}

namespace {
/// One row of queries of one head against the slots that it sees.
struct Row {
  AttendOp op;
  const double *query;
  int64_t position;
  double slope; ///< 0 for none

  /// Adds the weighted values to `out`; returns the logarithm of the sum of e^score.
  double attend(ArrayRef<Slot> slots, double *out) {
    double scale = op.getScale().convertToDouble(), cap = op.getSoftCap().convertToDouble();
    int64_t window = op.getWindow();
    std::vector<double> scores;
    double largest = -INFINITY, total = 0;
    for (const Slot &slot : slots) {
      double score = 0;
      for (size_t d = 0; d < slot.key.size(); ++d)
        score += query[d] * slot.key[d];
      score = scale * (score + bias(slot.position) - bias(position));
      score = cap > 0 ? cap * std::tanh(score / cap) : score;
      bool hidden = window > 0 && slot.position <= position - window;
      scores.push_back(hidden ? -INFINITY : score);
      largest = std::max(largest, scores.back());
    }
    if (largest == -INFINITY)
      return -INFINITY;
    for (double &score : scores)
      total += score = std::exp(score - largest);
    for (size_t s = 0; s < slots.size(); ++s)
      for (size_t d = 0; d < slots[s].value.size(); ++d)
        out[d] += scores[s] / total * slots[s].value[d];
    return largest + std::log(total);
  }

private:
  double bias(int64_t at) {
    Type type = op.getBiasType().value_or(Float64Type::get(op.getContext()));
    auto rounded = [&](double x) { return reference::roundTo(x, type); };
    return rounded(rounded(slope) * rounded(static_cast<double>(at)));
  }
};
} // namespace

static LogicalResult attend(Operation *op, ArrayRef<Datum> operands, Values &results,
                            Interpreter &) {
  auto attendOp = cast<AttendOp>(op);
  const Tensor &query = std::get<Tensor>(operands[0]), &positions = std::get<Tensor>(operands[2]);
  auto &cache = stateOf<CacheState>(operands[1]);
  auto &batch = stateOf<BatchState>(operands[3]);
  int64_t layer = std::get<int64_t>(operands[4]);
  CacheType type = attendOp.getCache().getType();
  int64_t rows = query.shape[0], heads = query.shape[1], width = query.shape[2];
  Tensor result = Tensor::make({rows, heads, type.getValueWidth()});
  Tensor logSum = Tensor::make({rows, heads});
  for (size_t entry = 0; entry < batch.sequences.size(); ++entry)
    for (int64_t t = batch.starts[entry]; t < batch.starts[entry + 1]; ++t)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t g = h * type.getHeads() / heads, i = t * heads + h;
        ArrayRef<Slot> slots = cache.slots[{batch.sequences[entry], layer, g}];
        Row row{attendOp, query.data->data() + i * width, int64_t(positions[t]),
                attendOp.getSlopes() ? std::get<Tensor>(operands[5])[h] : 0};
        logSum[i] = row.attend(slots.drop_back(batch.starts[entry + 1] - 1 - t),
                               result.data->data() + i * type.getValueWidth());
      }
  results.push_back(result);
  if (attendOp.getScores())
    results.push_back(logSum);
  return success();
}

//===- Slots as tensors ---------------------------------------------------===//

/// Writes the numbers of one slot for row t; `isLater` if it belongs to a later row of t's entry.
using WriteSlot = llvm::function_ref<void(const Slot &, bool isLater, int64_t t, double *)>;

static LogicalResult readSlots(Operation *op, const Datum &cacheDatum, const Datum &batchDatum,
                               const Datum &layer, Values &results, Interpreter &interpreter,
                               WriteSlot write) {
  auto &cache = stateOf<CacheState>(cacheDatum);
  auto &batch = stateOf<BatchState>(batchDatum);
  auto shape = interpreter.shapeOf(op, cast<RankedTensorType>(op->getResult(0).getType()));
  if (failed(shape))
    return failure();
  Tensor result = Tensor::make(*shape);
  int64_t heads = (*shape)[1], most = (*shape)[2], width = shape->size() == 4 ? shape->back() : 1;
  for (size_t entry = 0; entry < batch.sequences.size(); ++entry)
    for (int64_t t = batch.starts[entry], end = batch.starts[entry + 1]; t < end; ++t)
      for (int64_t g = 0; g < heads; ++g) {
        const std::vector<Slot> &slots =
            cache.slots[{batch.sequences[entry], std::get<int64_t>(layer), g}];
        auto count = static_cast<int64_t>(slots.size());
        if (count > most)
          return op->emitOpError("reads a head with ")
                 << count << " slots, expected at most " << most;
        for (int64_t s = 0; s < count; ++s)
          write(slots[static_cast<size_t>(s)], s + (end - 1 - t) >= count, t,
                result.data->data() + ((t * heads + g) * most + s) * width);
      }
  results.push_back(result);
  return success();
}

static LogicalResult visible(Operation *op, ArrayRef<Datum> operands, Values &results,
                             Interpreter &interpreter) {
  const Tensor &positions = std::get<Tensor>(operands[1]);
  auto window = static_cast<int64_t>(cast<VisibleOp>(op).getWindow());
  auto write = [&](const Slot &slot, bool isLater, int64_t t, double *out) {
    bool isNear = window == 0 || slot.position > static_cast<int64_t>(positions[t]) - window;
    *out = !isLater && isNear ? 1 : 0;
  };
  return readSlots(op, operands[0], operands[2], operands[3], results, interpreter, write);
}

static void defineSlots(Interpreter &interpreter) {
  auto define = [&](StringRef name, void (*write)(const Slot &, bool, int64_t, double *)) {
    interpreter.define(name, [write](Operation *op, ArrayRef<Datum> operands, Values &results,
                                     Interpreter &references) {
      return readSlots(op, operands[0], operands[1], operands[2], results, references, write);
    });
  };
  define("kv.keys",
         [](const Slot &slot, bool, int64_t, double *out) { llvm::copy(slot.key, out); });
  define("kv.values",
         [](const Slot &slot, bool, int64_t, double *out) { llvm::copy(slot.value, out); });
  define("kv.positions", [](const Slot &slot, bool, int64_t, double *out) {
    *out = static_cast<double>(slot.position);
  });
  interpreter.define("kv.visible", visible);
}

//===- Recurrences --------------------------------------------------------===//

/// Calls `row(numbers, t)` for the rows of each entry, in order, with what the layer's state holds
/// of the entry's sequence.
static void forEachRow(const Datum &state, const Datum &batchDatum, const Datum &layer,
                       StateType type,
                       llvm::function_ref<void(std::vector<double> &, int64_t)> row) {
  auto &batch = stateOf<BatchState>(batchDatum);
  for (size_t entry = 0; entry < batch.sequences.size(); ++entry) {
    std::vector<double> &numbers =
        stateOf<RecurrentState>(state).numbers[{batch.sequences[entry], std::get<int64_t>(layer)}];
    numbers.resize(static_cast<size_t>(type.getRows() * type.getWidth()));
    for (int64_t t = batch.starts[entry]; t < batch.starts[entry + 1]; ++t)
      row(numbers, t);
  }
}

static LogicalResult convolve(Operation *op, ArrayRef<Datum> operands, Values &results,
                              Interpreter &) {
  StateType type = cast<ConvolveOp>(op).getState().getType();
  const Tensor &x = std::get<Tensor>(operands[0]), &weight = std::get<Tensor>(operands[1]);
  int64_t width = type.getWidth();
  Tensor result = Tensor::make(x.shape);
  forEachRow(
      operands[2], operands[3], operands[4], type, [&](std::vector<double> &rows, int64_t t) {
        rows.insert(rows.end(), x.data->begin() + t * width, x.data->begin() + (t + 1) * width);
        for (int64_t j = 0; j <= type.getRows(); ++j)
          for (int64_t c = 0; c < width; ++c)
            result[t * width + c] +=
                weight[c * (type.getRows() + 1) + j] * rows[static_cast<size_t>(j * width + c)];
        rows.erase(rows.begin(), rows.begin() + width);
      });
  results.append({result, operands[2]});
  return success();
}

static LogicalResult scan(Operation *op, ArrayRef<Datum> operands, Values &results, Interpreter &) {
  StateType type = cast<ScanOp>(op).getState().getType();
  const Tensor &x = std::get<Tensor>(operands[0]), &step = std::get<Tensor>(operands[1]),
               &rate = std::get<Tensor>(operands[2]), &in = std::get<Tensor>(operands[3]),
               &out = std::get<Tensor>(operands[4]);
  int64_t rows = type.getRows(), width = type.getWidth();
  Tensor result = Tensor::make(x.shape);
  forEachRow(operands[5], operands[6], operands[7], type,
             [&](std::vector<double> &state, int64_t t) {
               for (int64_t n = 0; n < rows; ++n)
                 for (int64_t c = 0; c < width; ++c) {
                   double &h = state[static_cast<size_t>(n * width + c)];
                   double size = step[t * width + c];
                   h = std::exp(size * rate[c * rows + n]) * h +
                       size * x[t * width + c] * in[t * rows + n];
                   result[t * width + c] += out[t * rows + n] * h;
                 }
             });
  results.append({result, operands[5]});
  return success();
}

//===- Named dimensions ---------------------------------------------------===//

/// The most slots that a head of a cache holds of one of the batch's sequences with its rows.
static int64_t mostSlots(ArrayRef<Datum> arguments, TypeRange types, const BatchState &batch) {
  int64_t most = 0;
  for (size_t entry = 0; entry < batch.sequences.size(); ++entry) {
    size_t held = 0;
    for (auto [type, argument] : llvm::zip_equal(types, arguments))
      if (isa<CacheType>(type))
        for (const auto &[place, slots] : stateOf<CacheState>(argument).slots)
          if (std::get<0>(place) == batch.sequences[entry])
            held = std::max(held, slots.size());
    most = std::max(most, int64_t(held) + batch.starts[entry + 1] - batch.starts[entry]);
  }
  return most;
}

/// A batch says how many rows and entries a step has, and with the caches how many slots.
static LogicalResult bindBatch(func::FuncOp function, ArrayRef<Datum> arguments,
                               Interpreter &interpreter) {
  TypeRange types = function.getArgumentTypes();
  for (auto [type, argument] : llvm::zip_equal(types, arguments)) {
    auto batchType = dyn_cast<BatchType>(type);
    if (!batchType)
      continue;
    auto &batch = stateOf<BatchState>(argument);
    if (failed(interpreter.bindDim(function, batchType.getRows(), batch.starts.back())) ||
        failed(interpreter.bindDim(function, batchType.getEntries(), batch.sequences.size())))
      return failure();
    int64_t most = mostSlots(arguments, types, batch);
    auto bind = [&](Operation *op) -> WalkResult {
      bool readsSlots = isa<KeysOp, ValuesOp, PositionsOp, VisibleOp>(op);
      return WalkResult(readsSlots
                            ? interpreter.bindDim(op, op->getAttrOfType<StringAttr>("slots"), most)
                            : success());
    };
    if (function->getParentOp()->walk(bind).wasInterrupted())
      return failure();
  }
  return success();
}

void defineKV(Interpreter &interpreter) {
  interpreter.define("kv.append", append);
  interpreter.define("kv.attend", attend);
  defineSlots(interpreter);
  interpreter.define("kv.convolve", convolve);
  interpreter.define("kv.scan", scan);
  interpreter.addBinder(bindBatch);
}

} // namespace tern::kv
