// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Numbers.h"

#include <charconv>
#include <set>

namespace tern::check {

std::optional<int64_t> parseInteger(std::string_view text) {
  int64_t value;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool isWhole = error == std::errc() && end == text.data() + text.size();
  return isWhole ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> calculate(char operation, std::optional<int64_t> a,
                                 std::optional<int64_t> b) {
  int64_t value;
  if (!a || !b ||
      (operation == '+'   ? __builtin_add_overflow(*a, *b, &value)
       : operation == '-' ? __builtin_sub_overflow(*a, *b, &value)
                          : operation != '*' || __builtin_mul_overflow(*a, *b, &value)))
    return std::nullopt;
  return value;
}

bool haveAsMany(const std::vector<std::string> &some, const std::vector<std::string> &others) {
  auto count = [](const std::vector<std::string> &extents) {
    std::pair<std::optional<int64_t>, std::multiset<std::string>> all{1, {}};
    for (const std::string &extent : extents)
      if (std::optional<int64_t> number = parseInteger(extent))
        all.first = calculate('*', all.first, number);
      else
        all.second.insert(extent);
    return all;
  };
  auto a = count(some), b = count(others);
  return a.first && a == b && !a.second.contains("?");
}

} // namespace tern::check
