// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_NUMBERS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_NUMBERS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tern::check {

/// A decimal number that is all of the text.
std::optional<int64_t> parseInteger(std::string_view text);

/// `a + b`, `a - b` or `a * b`; none if a number is none or leaves 64 bits.
std::optional<int64_t> calculate(char operation, std::optional<int64_t> a,
                                 std::optional<int64_t> b);

/// True if tensors of these extents have as many elements, whatever the named sizes are.
bool haveAsMany(const std::vector<std::string> &some, const std::vector<std::string> &others);

} // namespace tern::check

#endif
