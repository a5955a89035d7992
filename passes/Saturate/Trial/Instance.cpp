// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Trial/Instance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tern::trial {

using law::Property;

double Random::normal() {
  double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

namespace {

struct Shape {
  Function function;
  bool isIncreasing, isZeroAtZero;
};

const std::array<Shape, 8> &shapes() {
  static const std::array<Shape, 8> all = {{
      {{"tanh(x)", "x*y + x", [](double x) { return std::tanh(x); },
        [](double x, double y) { return x * y + x; }},
       true,
       true},
      {{"2*x + 1", "x - y", [](double x) { return 2 * x + 1; },
        [](double x, double y) { return x - y; }},
       true,
       false},
      {{"x^3", "x*y + x", [](double x) { return x * x * x; },
        [](double x, double y) { return x * y + x; }},
       true,
       true},
      {{"sin(3*x) + 1/4", "x - 2*y", [](double x) { return std::sin(3 * x) + 0.25; },
        [](double x, double y) { return x - 2 * y; }},
       false,
       false},
      {{"x^2", "x*y + x", [](double x) { return x * x; },
        [](double x, double y) { return x * y + x; }},
       false,
       true},
      {{"-x", "y - x", [](double x) { return -x; }, [](double x, double y) { return y - x; }},
       false,
       true},
      {{"3*x", "x^2 - y", [](double x) { return 3 * x; },
        [](double x, double y) { return x * x - y; }},
       true,
       true},
      {{"x - 1/2", "x + y + 1", [](double x) { return x - 0.5; },
        [](double x, double y) { return x + y + 1; }},
       true,
       false},
  }};
  return all;
}

class Maker {
public:
  Maker(const law::Law &law, Random &random, std::optional<size_t> violated)
      : law(law), random(random), violated(violated) {}

  std::optional<Instance> make();

private:
  bool chooseSizes();
  bool chooseValues(unsigned variable);
  bool chooseIntegers(unsigned variable);
  bool chooseTruths(unsigned variable);
  void chooseReals(unsigned variable);
  bool chooseFunction(unsigned variable);
  bool compares(const law::Comparison &c) const;
  /// Whether the variable has the property, has it not on purpose, or may have it.
  enum class Wish { Free, Holds, Fails };
  Wish wish(Property property, unsigned variable) const;

  const law::Law &law;
  Random &random;
  std::optional<size_t> violated;
  Instance instance;
  unsigned mode = 0; ///< 0: small integers
};

bool Maker::compares(const law::Comparison &c) const {
  int64_t a = valueOf(c.left, instance.sizes), b = valueOf(c.right, instance.sizes);
  switch (c.relation) {
  case law::Relation::Less:
    return a < b;
  case law::Relation::LessEqual:
    return a <= b;
  case law::Relation::Equal:
    return a == b;
  case law::Relation::GreaterEqual:
    return a >= b;
  case law::Relation::Greater:
    return a > b;
  }
  return false;
}

Maker::Wish Maker::wish(Property property, unsigned variable) const {
  auto is = [&](const law::Condition &condition) {
    const auto *fact = std::get_if<law::Fact>(&condition.what);
    return fact && fact->property == property && fact->variable == variable;
  };
  for (size_t i = 0; i < law.when.size(); ++i)
    if (is(law.when[i]))
      return violated == i ? Wish::Fails : Wish::Holds;
  return std::any_of(law.typed.begin(), law.typed.end(), is) ? Wish::Holds : Wish::Free;
}

bool Maker::chooseSizes() {
  static constexpr double shares[] = {0.06, 0.26, 0.6, 0.85}; // shares of 0 to 3; the rest is 4
  instance.sizes.assign(law.dims.size(), 0);
  for (int64_t &size : instance.sizes)
    size = std::upper_bound(std::begin(shares), std::end(shares), random.uniform()) -
           std::begin(shares);
  // The size of all siblings stands before the sizes of those that it is the sum of.
  for (size_t d = 0; d < law.dims.size(); ++d)
    if (const auto &value = law.dims[d].value) {
      instance.sizes[d] = valueOf(*value, instance.sizes);
      if (instance.sizes[d] < 0 || instance.sizes[d] > 256)
        return false;
    }
  for (const law::Condition &condition : law.typed)
    if (const auto *c = std::get_if<law::Comparison>(&condition.what))
      if (!compares(*c))
        return false;
  for (size_t i = 0; i < law.when.size(); ++i)
    if (const auto *c = std::get_if<law::Comparison>(&law.when[i].what))
      if (compares(*c) == (violated == i))
        return false;
  return true;
}

bool Maker::chooseIntegers(unsigned v) {
  Tensor<double> &x = instance.tensors[v];
  auto bound = uint64_t(instance.sizes[law.variables[v].bound]);
  if (bound == 0 && !x.values.empty())
    return false;
  for (double &value : x.values)
    value = double(random.below(bound));
  Wish bijective = wish(Property::Bijective, v);
  if (bijective == Wish::Holds) {
    if (x.values.size() != bound)
      return false;
    for (size_t i = 0; i < x.values.size(); ++i) {
      x.values[i] = double(i);
      std::swap(x.values[i], x.values[random.below(i + 1)]);
    }
  }
  std::vector<double> sorted = x.values;
  std::sort(sorted.begin(), sorted.end());
  bool hasRepeats = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  return bijective != Wish::Fails || hasRepeats;
}

/// (some m s): an entry at the first place along s of each row; if it is to fail, none in the
/// first row.
bool Maker::chooseTruths(unsigned v) {
  Tensor<double> &x = instance.tensors[v];
  for (double &value : x.values)
    value = random.uniform() < 0.6;
  Wish some = wish(Property::Some, v);
  if (some == Wish::Free)
    return true;
  const law::Fact *fact = law.find(Property::Some, v);
  for (size_t i = 0; i < x.values.size(); ++i) {
    bool isFirstAlong = true, isFirstRow = true;
    size_t rest = i;
    for (size_t axis = x.shape.size(); axis-- > 0;) {
      bool isFirst = rest % size_t(x.shape[axis]) == 0;
      rest /= size_t(x.shape[axis]);
      const law::Letters &along = fact->along;
      bool isAlong =
          std::find(along.begin(), along.end(), law.variables[v].letters[axis]) != along.end();
      (isAlong ? isFirstAlong : isFirstRow) &= isFirst;
    }
    if (some == Wish::Holds && isFirstAlong)
      x.values[i] = 1;
    if (some == Wish::Fails && isFirstRow)
      x.values[i] = 0;
  }
  if (some == Wish::Fails)
    return !x.values.empty();
  // A row of no entries has none.
  return !x.values.empty() || std::any_of(x.shape.begin(), x.shape.end(), [&](int64_t) {
    for (size_t axis = 0; axis < x.shape.size(); ++axis)
      if (std::find(fact->along.begin(), fact->along.end(), law.variables[v].letters[axis]) ==
              fact->along.end() &&
          x.shape[axis] == 0)
        return true;
    return false;
  });
}

/// Columns of a random matrix, made orthogonal one after the other.
void makeOrthogonal(Tensor<double> &x) {
  size_t n = size_t(x.shape[0]);
  auto at = [&](size_t row, size_t column) -> double & { return x.values[row * n + column]; };
  for (size_t c = 0; c < n; ++c)
    for (int round = 0; round < 2; ++round) {
      for (size_t b = 0; b < c; ++b) {
        double product = 0;
        for (size_t r = 0; r < n; ++r)
          product += at(r, b) * at(r, c);
        for (size_t r = 0; r < n; ++r)
          at(r, c) -= product * at(r, b);
      }
      double length = 0;
      for (size_t r = 0; r < n; ++r)
        length += at(r, c) * at(r, c);
      for (size_t r = 0; r < n; ++r)
        at(r, c) /= std::sqrt(length);
    }
}

void Maker::chooseReals(unsigned v) {
  Tensor<double> &x = instance.tensors[v];
  for (double &value : x.values) {
    double integer = double(random.below(5)) - 2;
    value = mode > 0 ? random.normal() : x.shape.empty() ? integer / 2 : integer;
    if (value == 0 && random.below(2))
      value = -0.0;
  }
  auto change = [&](Property property, auto holds, auto fails) {
    Wish w = wish(property, v);
    for (double &value : x.values)
      if (w != Wish::Free)
        value = w == Wish::Holds ? holds(value) : fails(value);
  };
  auto same = [](double y) { return y; };
  change(
      Property::Positive, [](double y) { return std::fabs(y) + 0.1; },
      [](double y) { return -std::fabs(y); });
  change(
      Property::NonNegative, [](double y) { return std::fabs(y); },
      [](double y) { return -std::fabs(y) - 0.1; });
  change(
      Property::NonZero, [](double y) { return std::fabs(y) < 0.1 ? 0.7 : y; },
      [&](double y) { return random.below(2) ? 0 : y; });
  change(
      Property::PowerOfTwo, [&](double) { return std::ldexp(1, int(random.below(7)) - 3); },
      [](double y) { return 3 + std::fabs(y); });
  change(Property::Rounded, [](double y) { return double(roundToBfloat(float(y))); }, same);
  if (wish(Property::Orthogonal, v) == Wish::Holds) {
    for (double &value : x.values)
      value = random.normal();
    makeOrthogonal(x);
  }
}

bool Maker::chooseFunction(unsigned v) {
  std::vector<const Function *> fitting;
  auto fits = [](Wish wish, bool has) {
    return wish == Wish::Free || (wish == Wish::Holds) == has;
  };
  for (const Shape &shape : shapes())
    if (fits(wish(Property::Increasing, v), shape.isIncreasing) &&
        fits(wish(Property::ZeroAtZero, v), shape.isZeroAtZero))
      fitting.push_back(&shape.function);
  if (fitting.empty())
    return false;
  instance.functions[v] = fitting[random.below(fitting.size())];
  return true;
}

bool Maker::chooseValues(unsigned v) {
  const law::Variable &variable = law.variables[v];
  if (variable.sort == law::Variable::Sort::Function)
    return chooseFunction(v);
  if (variable.sort != law::Variable::Sort::Tensor)
    return true;
  Tensor<double> &x = instance.tensors[v];
  size_t count = 1;
  for (law::Dim d : variable.letters) {
    x.shape.push_back(instance.sizes[d]);
    count *= size_t(instance.sizes[d]);
  }
  x.values.resize(count);
  switch (variable.kind) {
  case law::Kind::Integer:
    return chooseIntegers(v);
  case law::Kind::Truth:
    return chooseTruths(v);
  case law::Kind::Real:
    chooseReals(v);
  }
  return true;
}

std::optional<Instance> Maker::make() {
  constexpr int mostTries = 300;
  for (int i = 0; i < mostTries; ++i) {
    if (!chooseSizes())
      continue;
    mode = unsigned(random.below(3));
    instance.tensors.assign(law.variables.size(), {});
    instance.functions.assign(law.variables.size(), nullptr);
    bool isDone = true;
    for (unsigned v = 0; v < law.variables.size() && isDone; ++v)
      isDone = chooseValues(v);
    if (isDone)
      return instance;
  }
  return std::nullopt;
}

} // namespace

std::optional<Instance> randomInstance(const law::Law &law, Random &random,
                                       std::optional<size_t> violated) {
  return Maker(law, random, violated).make();
}

} // namespace tern::trial
