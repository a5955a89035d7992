// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Law.h"

#include <algorithm>

namespace tern::law {

/// Products that no law needs more of.
static constexpr size_t kMostProducts = 256, kHighestDegree = 16;

static std::optional<Polynomial> multiply(const Polynomial &a, const Polynomial &b) {
  Polynomial product;
  for (const auto &[m, c] : a)
    for (const auto &[n, d] : b) {
      std::vector<Dim> both = m;
      both.insert(both.end(), n.begin(), n.end());
      std::sort(both.begin(), both.end());
      Rational &sum = product[both];
      sum = sum + c * d;
      if (!sum.fits() || both.size() > kHighestDegree || product.size() > kMostProducts)
        return std::nullopt;
    }
  return product;
}

static bool add(Polynomial &sum, const Polynomial &more, Rational factor) {
  for (const auto &[m, c] : more) {
    Rational &total = sum[m];
    total = total + c * factor;
    if (!total.fits())
      return false;
    if (total == 0)
      sum.erase(m);
  }
  return sum.size() <= kMostProducts;
}

/// The number that a condition such as (= a 0) fixes a size to.
static std::optional<int64_t> fixedValue(const Law &law, Dim dim) {
  for (const std::vector<Condition> *conditions : {&law.typed, &law.when})
    for (const Condition &condition : *conditions) {
      const auto *c = std::get_if<Comparison>(&condition.what);
      if (c && c->relation == Relation::Equal && c->left == sizeOf(dim) &&
          c->right.kind == Size::Kind::Number)
        return c->right.number;
    }
  return std::nullopt;
}

std::optional<Polynomial> valueOf(const Law &law, const Size &size) {
  Polynomial value;
  switch (size.kind) {
  case Size::Kind::Number:
    if (size.number != 0)
      value[{}] = size.number;
    return value;
  case Size::Kind::Dim:
    if (const auto &equation = law.dims[size.dim].value)
      return valueOf(law, *equation);
    if (auto fixed = fixedValue(law, size.dim))
      return valueOf(law, {Size::Kind::Number, *fixed, 0, {}});
    value[{size.dim}] = 1;
    return value;
  case Size::Kind::Mul:
    value[{}] = 1;
    for (const Size &operand : size.operands) {
      auto factor = valueOf(law, operand);
      auto next = factor ? multiply(value, *factor) : std::nullopt;
      if (!next)
        return std::nullopt;
      value = std::move(*next);
    }
    return value;
  case Size::Kind::Add:
  case Size::Kind::Sub:
    break;
  }
  for (const Size &operand : size.operands) {
    bool isTaken = size.kind == Size::Kind::Sub && &operand != &size.operands.front();
    auto part = valueOf(law, operand);
    if (!part || !add(value, *part, isTaken ? -1 : 1))
      return std::nullopt;
  }
  return value;
}

Size sizeOf(Dim dim) { return {Size::Kind::Dim, 0, dim, {}}; }

Size product(const Letters &letters) {
  Size size{Size::Kind::Mul, 0, 0, {}};
  for (Dim d : letters)
    size.operands.push_back(sizeOf(d));
  return size;
}

bool haveOneExtent(const Law &law, Dim a, Dim b) {
  if (a == b)
    return true;
  auto x = valueOf(law, sizeOf(a)), y = valueOf(law, sizeOf(b));
  return x && y && *x == *y;
}

std::optional<Dim> quotient(const Law &law, Dim whole, Dim part) {
  auto value = valueOf(law, sizeOf(whole));
  for (Dim d = 0; d < law.dims.size(); ++d)
    if (auto all = valueOf(law, product({part, d})); all && value && *all == *value)
      return d;
  return std::nullopt;
}

} // namespace tern::law
