// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tern/Reference/Interpreter.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using llvm::ArrayRef;

namespace tern::reference {

using Values = Interpreter::Values;

namespace {

/// A row of `parameters`.
struct SamplingParameters {
  double temperature, topK, topP, minP, typicalP, penalty, uniform;

  static SamplingParameters read(const double *row) {
    return {row[0], row[1], row[2], row[3], row[4], row[5], row[6]};
  }
};

/// The scores of one row; those that are out are -infinity.
class Scores {
public:
  explicit Scores(ArrayRef<double> logits) : scores(logits) {}

  void penalise(ArrayRef<double> history, double penalty) {
    std::vector<bool> isSeen(scores.size(), false);
    for (double token : history)
      if (token >= 0 && token < static_cast<double>(scores.size()))
        isSeen[static_cast<size_t>(token)] = true;
    for (size_t i = 0; i < scores.size(); ++i)
      if (isSeen[i])
        scores[i] = scores[i] < 0 ? scores[i] * penalty : scores[i] / penalty;
  }

  void divide(double temperature) {
    for (double &score : scores)
      score /= temperature;
  }

  size_t largest() const { return llvm::max_element(scores) - scores.begin(); }

  std::vector<double> softmax() const {
    std::vector<double> p(scores.size());
    double top = scores[largest()], total = 0;
    for (size_t i = 0; i < p.size(); ++i)
      total += p[i] = std::exp(scores[i] - top);
    for (double &probability : p)
      probability /= total;
    return p;
  }

  void keepTopK(size_t k) {
    std::vector<double> sorted = scores;
    llvm::sort(sorted, std::greater<>());
    double least = sorted[std::min(k, sorted.size()) - 1];
    removeIf([&](size_t i) { return scores[i] < least; });
  }

  void keepTopP(double mass) {
    std::vector<double> p = softmax();
    std::vector<size_t> order = orderBy(scores);
    double sum = 0;
    order.pop_back();
    for (size_t i : order)
      if ((sum += p[i]) <= 1 - mass)
        scores[i] = -INFINITY;
  }

  void keepMinP(double share) {
    std::vector<double> p = softmax();
    double least = share * *llvm::max_element(p);
    removeIf([&](size_t i) { return p[i] < least; });
  }

  void keepTypical(double mass) {
    std::vector<double> p = softmax(), distance(p.size(), INFINITY);
    double entropy = 0, sum = 0;
    for (double probability : p)
      entropy -= probability > 0 ? probability * std::log(probability) : 0;
    for (size_t i = 0; i < p.size(); ++i)
      if (p[i] > 0)
        distance[i] = std::abs(-std::log(p[i]) - entropy);
    double furthest = INFINITY;
    for (size_t i : orderBy(distance))
      if ((sum += p[i]) >= mass) {
        furthest = distance[i];
        break;
      }
    removeIf([&](size_t i) { return distance[i] > furthest; });
  }

private:
  /// Indices by rising value, of equal ones the lower first.
  static std::vector<size_t> orderBy(const std::vector<double> &values) {
    std::vector<size_t> order(values.size());
    std::iota(order.begin(), order.end(), 0);
    llvm::sort(order, [&](size_t a, size_t b) {
      return std::pair(values[a], a) < std::pair(values[b], b);
    });
    return order;
  }

  template <typename Condition> void removeIf(Condition isOut) {
    for (size_t i = 0; i < scores.size(); ++i)
      if (isOut(i))
        scores[i] = -INFINITY;
  }

  std::vector<double> scores;
};

} // namespace

/// The least index at which the running sum is above `uniform`; rounding may keep the sum below it,
/// then the last token that can be drawn.
static size_t draw(const std::vector<double> &probabilities, double uniform) {
  double sum = 0;
  size_t last = 0;
  for (size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] > 0)
      last = i;
    if ((sum += probabilities[i]) > uniform)
      return i;
  }
  return last;
}

static std::pair<size_t, std::vector<double>> sampleRow(Scores scores, ArrayRef<double> history,
                                                        const SamplingParameters &given) {
  scores.penalise(history, given.penalty);
  if (given.temperature == 0) {
    size_t token = scores.largest();
    std::vector<double> certain(scores.softmax().size(), 0);
    certain[token] = 1;
    return {token, certain};
  }
  scores.divide(given.temperature);
  if (given.topK > 0)
    scores.keepTopK(static_cast<size_t>(given.topK));
  if (given.topP < 1)
    scores.keepTopP(given.topP);
  if (given.minP > 0)
    scores.keepMinP(given.minP);
  if (given.typicalP < 1)
    scores.keepTypical(given.typicalP);
  std::vector<double> probabilities = scores.softmax();
  return {draw(probabilities, given.uniform), probabilities};
}

static LogicalResult sample(Operation *, ArrayRef<Datum> operands, Values &results, Interpreter &) {
  const Tensor &logits = std::get<Tensor>(operands[0]), &history = std::get<Tensor>(operands[1]),
               &starts = std::get<Tensor>(operands[2]), &parameters = std::get<Tensor>(operands[3]);
  int64_t rows = logits.shape[0], vocabulary = logits.shape[1];
  Tensor token = Tensor::make({rows}), probabilities = Tensor::make(logits.shape);
  for (int64_t row = 0; row < rows; ++row) {
    auto first = static_cast<size_t>(starts[row]), end = static_cast<size_t>(starts[row + 1]);
    auto [drawn, p] = sampleRow(Scores(ArrayRef(*logits.data).slice(row * vocabulary, vocabulary)),
                                ArrayRef(*history.data).slice(first, end - first),
                                SamplingParameters::read(parameters.data->data() + row * 8));
    token[row] = static_cast<double>(drawn);
    llvm::copy(p, probabilities.data->begin() + row * vocabulary);
  }
  results.assign({token, probabilities});
  return success();
}

void defineSampling(Interpreter &interpreter) { interpreter.define("tern.sample", sample); }

} // namespace tern::reference
