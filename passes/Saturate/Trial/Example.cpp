// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Trial/Instance.h"
#include "passes/Saturate/Trial/Trial.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tern::trial {

/// Up to four significant digits, and no sign of 0.
static std::string print(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value == 0 ? 0 : value);
  return text;
}

/// As `[[1, 2], [3, 4]]`; the axes from `axis` on, from the element `at` on.
static std::string print(const Tensor<double> &x, size_t axis, size_t &at) {
  if (axis == x.shape.size())
    return print(x.values[at++]);
  std::string text = "[";
  for (int64_t i = 0; i < x.shape[axis]; ++i)
    text += (i ? ", " : "") + print(x, axis + 1, at);
  return text + "]";
}

static std::string print(const Tensor<double> &x) {
  size_t at = 0;
  return print(x, 0, at);
}

static bool hasFunctionOfTwo(const law::Term &term) {
  return term.isOperation(law::Op::Map2) ||
         std::any_of(term.operands.begin(), term.operands.end(), hasFunctionOfTwo);
}

/// `x = [1, 2], c = 3: [3, 6]`.
static std::string print(const law::Law &law, const Instance &instance,
                         const Tensor<double> &result) {
  std::string text;
  auto add = [&](const std::string &name, const std::string &value) {
    text += (text.empty() ? "" : ", ") + name + " = " + value;
  };
  for (size_t v = 0; v < law.variables.size(); ++v) {
    const law::Variable &variable = law.variables[v];
    if (const Function *function = instance.functions[v])
      hasFunctionOfTwo(law.lhs) ? add(variable.name + "(x, y)", function->textOfTwo)
                                : add(variable.name + "(x)", function->textOfOne);
    else if (variable.sort == law::Variable::Sort::Tensor)
      add(variable.name, print(instance.tensors[v]));
  }
  return text + (text.empty() ? "" : ": ") + print(result);
}

namespace {

/// What makes an example hard to read; the least one is taken.
struct Fault {
  bool isUndefined, isEmpty, isZero, isLong, hasFractions;
  size_t length; ///< short of the longest, or else beyond it

  auto operator<=>(const Fault &) const = default;
};

} // namespace

static bool isHalfInteger(double value) { return std::floor(2 * value) == 2 * value; }

static Fault faultOf(const Instance &instance, const Tensor<double> &result,
                     const std::string &text) {
  constexpr size_t longest = 60;
  auto all = [](const Tensor<double> &x, auto holds) {
    return std::all_of(x.values.begin(), x.values.end(), holds);
  };
  bool isFinite = all(result, [](double value) { return std::isfinite(value); });
  bool isZero = all(result, [](double value) { return value == 0; });
  bool isPlain = true, isEmpty = result.values.empty();
  for (const Tensor<double> &x : instance.tensors) {
    isPlain &= all(x, isHalfInteger);
    isEmpty |= std::ranges::count(x.shape, 0) > 0;
  }
  bool isLong = text.size() > longest;
  size_t length = isLong ? text.size() - longest : longest - text.size();
  return {!isFinite, isEmpty, isZero, isLong, !isPlain, length};
}

std::string exampleOf(const law::Law &law) {
  constexpr int instances = 200;
  Random random(1);
  std::optional<std::pair<Fault, std::string>> best;
  for (int i = 0; i < instances; ++i) {
    std::optional<Instance> instance = randomInstance(law, random);
    if (!instance)
      continue;
    Evaluator<double> evaluator(law, *instance);
    Tensor<double> result = evaluator.evaluate(law.lhs);
    if (!evaluator.error.empty() || evaluator.isTooLarge())
      continue;
    std::string text = print(law, *instance, result);
    std::pair<Fault, std::string> own{faultOf(*instance, result, text), text};
    if (!best || own.first < best->first)
      best = std::move(own);
  }
  return best ? best->second : "";
}

} // namespace tern::trial
