// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_SUM_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_SUM_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tern::check {

/// A size: a number and named dimensions, none of which is negative, with integer factors.
struct Sum {
  std::map<std::string, int64_t> factors; ///< none is 0
  int64_t constant = 0;

  bool isNumber() const { return factors.empty(); }
  /// True if that follows from no dimension being negative.
  bool isNonNegative() const;
  bool operator==(const Sum &) const = default;

  std::string text() const;
  /// `2*S+T+1`; none for other text.
  static std::optional<Sum> parse(std::string_view text);
};

/// None if a number leaves 64 bits.
std::optional<Sum> add(const Sum &a, const Sum &b);
std::optional<Sum> subtract(const Sum &a, const Sum &b);
/// None also if neither is a number.
std::optional<Sum> multiply(const Sum &a, const Sum &b);
/// The sum that gives `a` times `b`; none if there is no single one.
std::optional<Sum> divide(const Sum &a, const Sum &b);

/// True if tensors of these extents have as many elements, whatever the named sizes are.
bool haveAsMany(const std::vector<std::string> &some, const std::vector<std::string> &others);

/// A decimal number that is all of the text.
std::optional<int64_t> parseInteger(std::string_view text);

} // namespace tern::check

#endif
