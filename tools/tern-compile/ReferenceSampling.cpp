// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ReferenceSampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tern {

static constexpr double dropped = -std::numeric_limits<double>::infinity();

static std::vector<double> softmax(std::span<const double> scores) {
  double most = *std::ranges::max_element(scores), sum = 0;
  std::vector<double> probabilities;
  for (double score : scores) {
    probabilities.push_back(std::exp(score - most));
    sum += probabilities.back();
  }
  for (double &probability : probabilities)
    probability /= sum;
  return probabilities;
}

/// The tokens by rising key; equals in their own order.
template <typename Key> static std::vector<size_t> sortedBy(size_t count, Key key) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t(0));
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(key(i), i); });
  return order;
}

static void penalise(std::vector<double> &scores, std::span<const int32_t> history,
                     double penalty) {
  std::vector<bool> seen(scores.size());
  for (int32_t token : history)
    seen[static_cast<size_t>(token)] = true;
  for (size_t i = 0; i < scores.size(); ++i)
    if (seen[i])
      scores[i] = scores[i] < 0 ? scores[i] * penalty : scores[i] / penalty;
}

/// Equals of the k-th largest stay.
static void keepTop(std::vector<double> &scores, size_t k) {
  std::vector<double> sorted = scores;
  auto kth = sorted.begin() + static_cast<ptrdiff_t>(std::min(k, scores.size()) - 1);
  std::ranges::nth_element(sorted, kth, std::greater<>());
  for (double &score : scores)
    if (score < *kth)
      score = dropped;
}

static void keepNucleus(std::vector<double> &scores, double mass) {
  std::vector<double> probabilities = softmax(scores);
  std::vector<size_t> order = sortedBy(scores.size(), [&](size_t i) { return scores[i]; });
  double below = 0;
  for (size_t i : std::span(order).first(order.size() - 1)) {
    below += probabilities[i];
    if (below <= 1 - mass)
      scores[i] = dropped;
  }
}

static void keepLikely(std::vector<double> &scores, double share) {
  std::vector<double> probabilities = softmax(scores);
  double least = share * *std::ranges::max_element(probabilities);
  for (size_t i = 0; i < scores.size(); ++i)
    if (probabilities[i] < least)
      scores[i] = dropped;
}

static void keepTypical(std::vector<double> &scores, double mass) {
  std::vector<double> probabilities = softmax(scores);
  double entropy = 0;
  for (double p : probabilities)
    entropy -= p > 0 ? p * std::log(p) : 0;
  std::vector<size_t> order = sortedBy(
      scores.size(), [&](size_t i) { return std::fabs(-std::log(probabilities[i]) - entropy); });
  double before = 0;
  for (size_t i : order) {
    if (before >= mass)
      scores[i] = dropped;
    before += probabilities[i];
  }
}

std::vector<double> tokenProbabilities(std::span<const double> logits,
                                       std::span<const int32_t> history,
                                       const generate::Sampling &sampling) {
  std::vector<double> scores(logits.begin(), logits.end());
  if (sampling.repetitionPenalty != 1)
    penalise(scores, history, sampling.repetitionPenalty);
  if (sampling.temperature == 0) {
    std::vector<double> certain(scores.size());
    certain[static_cast<size_t>(std::ranges::max_element(scores) - scores.begin())] = 1;
    return certain;
  }
  for (double &score : scores)
    score /= sampling.temperature;
  if (sampling.topK > 0)
    keepTop(scores, static_cast<size_t>(sampling.topK));
  if (sampling.topP < 1)
    keepNucleus(scores, sampling.topP);
  if (sampling.minP > 0)
    keepLikely(scores, sampling.minP);
  if (sampling.typicalP < 1)
    keepTypical(scores, sampling.typicalP);
  return softmax(scores);
}

int32_t drawToken(std::span<const double> probabilities, double uniform) {
  double sum = 0;
  size_t last = 0;
  for (size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] > 0)
      last = i;
    sum += probabilities[i];
    if (sum > uniform)
      return static_cast<int32_t>(i);
  }
  // Rounding left the whole sum below the number.
  return static_cast<int32_t>(last);
}

} // namespace tern
