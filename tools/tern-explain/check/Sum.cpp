// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Sum.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace tern::check {

std::optional<int64_t> parseInteger(std::string_view text) {
  int64_t value;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

bool Sum::isNonNegative() const {
  return constant >= 0 && std::ranges::all_of(factors, [](const auto &f) { return f.second > 0; });
}

std::string Sum::text() const {
  std::string text;
  for (const auto &[name, factor] : factors)
    text += (text.empty() ? "" : "+") + (factor == 1 ? "" : std::to_string(factor) + "*") + name;
  if (constant != 0 || text.empty())
    text += (text.empty() ? "" : "+") + std::to_string(constant);
  return text;
}

/// a + factor b.
static std::optional<Sum> combine(Sum a, const Sum &b, int64_t factor) {
  auto accumulate = [&](int64_t &into, int64_t value) {
    int64_t product;
    return !__builtin_mul_overflow(value, factor, &product) &&
           !__builtin_add_overflow(into, product, &into);
  };
  if (!accumulate(a.constant, b.constant))
    return std::nullopt;
  for (const auto &[name, value] : b.factors) {
    int64_t &into = a.factors[name];
    if (!accumulate(into, value))
      return std::nullopt;
    if (into == 0)
      a.factors.erase(name);
  }
  return a;
}

std::optional<Sum> add(const Sum &a, const Sum &b) { return combine(a, b, 1); }

std::optional<Sum> subtract(const Sum &a, const Sum &b) { return combine(a, b, -1); }

std::optional<Sum> multiply(const Sum &a, const Sum &b) {
  if (b.isNumber())
    return combine({}, a, b.constant);
  return a.isNumber() ? combine({}, b, a.constant) : std::nullopt;
}

std::optional<Sum> divide(const Sum &a, const Sum &b) {
  if (!b.isNumber() || b.constant <= 0 || a.constant % b.constant != 0)
    return std::nullopt;
  Sum quotient{{}, a.constant / b.constant};
  for (const auto &[name, value] : a.factors) {
    if (value % b.constant != 0)
      return std::nullopt;
    quotient.factors[name] = value / b.constant;
  }
  return quotient;
}

bool haveAsMany(const std::vector<std::string> &some, const std::vector<std::string> &others) {
  auto count = [](const std::vector<std::string> &extents) {
    std::pair<std::optional<int64_t>, std::multiset<std::string>> all{1, {}};
    for (const std::string &extent : extents) {
      std::optional<int64_t> number = parseInteger(extent);
      int64_t product;
      if (!number)
        all.second.insert(extent);
      else if (all.first && !__builtin_mul_overflow(*all.first, *number, &product))
        all.first = product;
      else
        all.first.reset();
    }
    return all;
  };
  auto a = count(some), b = count(others);
  return a.first && a == b && !a.second.contains("?");
}

static std::optional<Sum> parseFactor(std::string_view text) {
  if (std::optional<int64_t> number = parseInteger(text))
    return Sum{{}, *number};
  int64_t sign = text.starts_with('-') ? -1 : 1;
  text.remove_prefix(sign < 0 ? 1 : 0);
  bool isName = !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0])) &&
                text.find_first_of("-?") == std::string_view::npos;
  return isName ? std::optional(Sum{{{std::string(text), sign}}, 0}) : std::nullopt;
}

std::optional<Sum> Sum::parse(std::string_view text) {
  std::optional<Sum> sum = Sum();
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('+', begin), text.size());
    std::string_view term = text.substr(begin, end - begin);
    size_t star = std::min(term.find('*'), term.size());
    std::optional<Sum> value = parseFactor(term.substr(0, star));
    if (star < term.size()) {
      std::optional<Sum> other = parseFactor(term.substr(star + 1));
      value = value && other ? multiply(*value, *other) : std::nullopt;
    }
    sum = value ? add(*sum, *value) : std::nullopt;
    if (!sum)
      return std::nullopt;
    begin = end + 1;
  }
  return sum;
}

} // namespace tern::check
