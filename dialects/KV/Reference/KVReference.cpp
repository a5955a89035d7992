// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/Reference/KVReference.h"

#include <cmath>

using namespace mlir;
using llvm::ArrayRef;
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

/// A batch says how many rows and entries a step has.
static LogicalResult bindBatch(Operation *op, Type type, const Datum &value,
                               Interpreter &interpreter) {
  auto batchType = dyn_cast<BatchType>(type);
  if (!batchType)
    return success();
  auto &batch = stateOf<BatchState>(value);
  if (failed(interpreter.bindDim(op, batchType.getRows(), batch.starts.back())))
    return failure();
  return interpreter.bindDim(op, batchType.getEntries(), batch.sequences.size());
}

void defineKV(Interpreter &interpreter) {
  interpreter.define("kv.append", append);
  interpreter.define("kv.attend", attend);
  interpreter.define("kv.convolve", convolve);
  interpreter.define("kv.scan", scan);
  interpreter.addBinder(bindBatch);
}

} // namespace tern::kv
