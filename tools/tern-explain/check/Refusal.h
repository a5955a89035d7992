// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_REFUSAL_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_REFUSAL_H

#include <stdexcept>
#include <string>

namespace tern::check {

/// What ends a check: one sentence that says what does not hold. It never leaves `check`.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws a Refusal of these parts unless the condition holds.
template <typename... Parts> void expect(bool holds, const Parts &...parts) {
  if (!holds)
    throw Refusal((std::string() + ... + std::string(parts)));
}

} // namespace tern::check

#endif
