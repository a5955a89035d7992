// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Trial/Trial.h"

#include "passes/Saturate/Trial/Instance.h"

#include <cmath>

namespace tern::trial {

/// Infinite and undefined results at the same places; cancellation of what is larger than 1e9
/// leaves nothing to compare.
static bool areClose(double a, double b) {
  if (std::isfinite(a) != std::isfinite(b))
    return false;
  return !std::isfinite(a) || std::fabs(a) > 1e9 || std::fabs(a - b) <= 1e-7 * (1 + std::fabs(a));
}

static bool areIdentical(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

/// Returns what is wrong, or "". None for an instance that is too large.
template <class T>
static std::optional<std::string> compareSides(const law::Law &law, const Instance &instance,
                                               auto areEqual) {
  Evaluator<T> evaluator(law, instance);
  Tensor<T> left = evaluator.evaluate(law.lhs), right = evaluator.evaluate(law.rhs);
  if (evaluator.isTooLarge())
    return std::nullopt;
  if (!evaluator.error.empty())
    return evaluator.error;
  if (left.shape != right.shape)
    return "the sides have other shapes";
  for (size_t i = 0; i < left.values.size(); ++i)
    if (!areEqual(double(left.values[i]), double(right.values[i])))
      return std::to_string(double(left.values[i])) + " and " +
             std::to_string(double(right.values[i]));
  return "";
}

static std::optional<std::string> compareSides(const law::Law &law, const Instance &instance) {
  std::optional<std::string> error = compareSides<double>(law, instance, areClose);
  if (error == "" && law.tier == law::Tier::Bit)
    error = compareSides<float>(law, instance, areIdentical);
  if (error == "" && law.tier == law::Tier::Bit)
    error = compareSides<Bfloat>(law, instance, areIdentical);
  if (!error || error->empty())
    return error;
  for (law::Dim d = 0; d < law.dims.size(); ++d)
    *error += (d ? ", " : " at ") + law.dims[d].name + "=" + std::to_string(instance.sizes[d]);
  return error;
}

static Trial run(const law::Law &law, std::optional<size_t> violated, unsigned count) {
  uint64_t seed = 0xcbf29ce484222325; // of the name, by FNV-1a
  for (char c : law.name)
    seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  Random random(seed);
  Trial trial;
  for (unsigned i = 0; i < count && trial.counterexample.empty(); ++i)
    if (std::optional<Instance> instance = randomInstance(law, random, violated))
      if (std::optional<std::string> error = compareSides(law, *instance)) {
        ++trial.instances;
        trial.counterexample = *error;
      }
  return trial;
}

Trial tryLaw(const law::Law &law, unsigned count) { return run(law, std::nullopt, count); }

Trial tryWithout(const law::Law &law, size_t condition, unsigned count) {
  return run(law, condition, count);
}

} // namespace tern::trial
