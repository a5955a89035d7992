// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Rotary.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace tern::checkpoint {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;

/// The pair, as a real number, that turns `rotations` times over the original context.
double pairOfRotations(const RotaryConfig &config, double rotations) {
  return double(config.dimensions) *
         std::log(double(config.originalContext) / (rotations * kTwoPi)) /
         (2 * std::log(config.theta));
}

/// Yarn: pairs below `low` keep their frequency, those above `high` are slowed by the factor, with
/// a ramp between.
void scaleYarn(const RotaryConfig &config, std::vector<double> &frequencies) {
  double low = pairOfRotations(config, config.betaFast);
  double high = pairOfRotations(config, config.betaSlow);
  if (config.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, double(config.dimensions - 1));
  if (low == high)
    high += 0.001;
  for (size_t i = 0; i < frequencies.size(); ++i) {
    double ramp = std::clamp((double(i) - low) / (high - low), 0.0, 1.0);
    frequencies[i] = frequencies[i] / config.factor * ramp + frequencies[i] * (1 - ramp);
  }
}

/// Llama 3.1: short waves stay, long ones are slowed by the factor, those between are mixed.
void scaleLlama3(const RotaryConfig &config, std::vector<double> &frequencies) {
  double context = double(config.originalContext);
  for (double &frequency : frequencies) {
    double wave = kTwoPi / frequency;
    if (wave < context / config.highFrequencyFactor)
      continue;
    if (wave > context / config.lowFrequencyFactor) {
      frequency /= config.factor;
      continue;
    }
    double share = (context / wave - config.lowFrequencyFactor) /
                   (config.highFrequencyFactor - config.lowFrequencyFactor);
    frequency = (1 - share) * frequency / config.factor + share * frequency;
  }
}

double yarnScale(double factor, double mscale) {
  return factor <= 1 ? 1 : 0.1 * mscale * std::log(factor) + 1;
}

} // namespace

double attentionScale(const RotaryConfig &config) {
  if (config.attentionFactor)
    return *config.attentionFactor;
  if (config.kind == RotaryKind::Long)
    return config.factor <= 1
               ? 1
               : std::sqrt(1 + std::log(config.factor) / std::log(double(config.originalContext)));
  if (config.kind != RotaryKind::Yarn)
    return 1;
  if (config.mscale && config.mscaleAllDimensions)
    return yarnScale(config.factor, *config.mscale) /
           yarnScale(config.factor, *config.mscaleAllDimensions);
  return yarnScale(config.factor, 1);
}

double yarnScoreFactor(const RotaryConfig &config) {
  if (config.kind != RotaryKind::Yarn || !config.mscaleAllDimensions)
    return 1;
  return yarnScale(config.factor, *config.mscaleAllDimensions);
}

std::vector<double> plainFrequencies(double theta, int64_t dimensions) {
  std::vector<double> frequencies(size_t(dimensions / 2));
  for (size_t i = 0; i < frequencies.size(); ++i)
    frequencies[i] = std::pow(theta, -2.0 * double(i) / double(dimensions));
  return frequencies;
}

double dynamicBase(const RotaryConfig &config, int64_t length) {
  double context = double(config.originalContext);
  double stretch =
      config.factor * std::max(double(length), context) / context - (config.factor - 1);
  double dimensions = double(config.dimensions);
  return config.theta * std::pow(stretch, dimensions / (dimensions - 2));
}

/// Divides each frequency by its factor, if there are any.
template <typename Factors>
static void divideBy(std::vector<double> &frequencies, const Factors &factors) {
  assert((factors.empty() || factors.size() == frequencies.size()) && "a factor for each pair");
  for (size_t i = 0; i < factors.size(); ++i)
    frequencies[i] /= double(factors[i]);
}

Rotary computeRotary(const RotaryConfig &config, const RotaryFactors &factors) {
  Rotary rotary{plainFrequencies(config.theta, config.dimensions), {}, attentionScale(config)};
  switch (config.kind) {
  case RotaryKind::Default:
  case RotaryKind::Dynamic:
    break;
  case RotaryKind::Long:
    rotary.longFrequencies = rotary.inverseFrequencies;
    divideBy(rotary.longFrequencies, config.longFactors);
    divideBy(rotary.longFrequencies, factors.longer);
    divideBy(rotary.inverseFrequencies, config.shortFactors);
    break;
  case RotaryKind::Linear:
    for (double &frequency : rotary.inverseFrequencies)
      frequency /= config.factor;
    break;
  case RotaryKind::Yarn:
    scaleYarn(config, rotary.inverseFrequencies);
    break;
  case RotaryKind::Llama3:
    scaleLlama3(config, rotary.inverseFrequencies);
    break;
  }
  divideBy(rotary.inverseFrequencies, factors.all);
  return rotary;
}

} // namespace tern::checkpoint
