// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/Reference/Interpreter.h"

#include <cmath>

using namespace mlir;
using llvm::ArrayRef;

namespace tern::reference {

using Values = Interpreter::Values;

static LogicalResult rotary(Operation *op, ArrayRef<Datum> operands, Values &results,
                            Interpreter &) {
  const Tensor &x = std::get<Tensor>(operands[0]), &cos = std::get<Tensor>(operands[1]),
               &sin = std::get<Tensor>(operands[2]);
  bool isHalf = cast<RotaryOp>(op).getStyle() == RotaryStyle::half;
  int64_t rows = x.shape[0], width = x.shape.back(), planes = cos.shape[1];
  int64_t heads = 1;
  for (int64_t extent : ArrayRef(x.shape).drop_front().drop_back())
    heads *= extent;
  Tensor result{x.shape, std::make_shared<std::vector<double>>(*x.data)};
  for (int64_t t = 0; t < rows; ++t)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < planes; ++i) {
        int64_t start = (t * heads + h) * width;
        int64_t first = start + (isHalf ? i : 2 * i), second = isHalf ? first + planes : first + 1;
        double c = cos[t * planes + i], s = sin[t * planes + i], a = x[first], b = x[second];
        result[first] = a * c - b * s;
        result[second] = b * c + a * s;
      }
  results.push_back(result);
  return success();
}

static LogicalResult attention(Operation *op, ArrayRef<Datum> operands, Values &results,
                               Interpreter &) {
  auto attend = cast<AttentionOp>(op);
  const Tensor &query = std::get<Tensor>(operands[0]), &key = std::get<Tensor>(operands[1]),
               &value = std::get<Tensor>(operands[2]);
  const Tensor *mask = operands.size() > 3 ? &std::get<Tensor>(operands[3]) : nullptr;
  int64_t rows = query.shape[0], heads = query.shape[1], width = query.shape[2];
  int64_t slots = key.shape[0], groups = key.shape[1], out = value.shape[2];
  int64_t window = attend.getWindow();
  double scale = attend.getScale().convertToDouble(), cap = attend.getSoftCap().convertToDouble();
  Tensor result = Tensor::make({rows, heads, out});
  std::vector<double> scores(slots);
  for (int64_t t = 0; t < rows; ++t)
    for (int64_t h = 0; h < heads; ++h) {
      int64_t g = h * groups / heads, last = slots - rows + t;
      double largest = -INFINITY, total = 0;
      for (int64_t s = 0; s < slots; ++s) {
        double score = 0;
        for (int64_t d = 0; d < width; ++d)
          score += query[(t * heads + h) * width + d] * key[(s * groups + g) * width + d];
        score *= scale;
        score = cap > 0 ? cap * std::tanh(score / cap) : score;
        if (mask)
          score += (*mask)[((mask->shape.size() == 3 ? h * rows : 0) + t) * slots + s];
        bool hidden = (attend.getCausal() && s > last) || (window > 0 && s <= last - window);
        scores[s] = hidden ? -INFINITY : score;
        largest = std::max(largest, scores[s]);
      }
      for (int64_t s = 0; s < slots; ++s)
        total += scores[s] = largest == -INFINITY ? 0 : std::exp(scores[s] - largest);
      for (int64_t s = 0; s < slots; ++s)
        for (int64_t d = 0; total > 0 && d < out; ++d)
          result[(t * heads + h) * out + d] +=
              scores[s] / total * value[(s * groups + g) * out + d];
    }
  results.push_back(result);
  return success();
}

void defineTransformer(Interpreter &interpreter) {
  interpreter.define("tern.rotary", rotary);
  interpreter.define("tern.attention", attention);
}

} // namespace tern::reference
