// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_SHOWBADGES_H
#define TERN_TOOLS_TERN_EXPLAIN_SHOWBADGES_H

#include <string>
#include <vector>

namespace tern {

/// Prints the laws of the shipped files, or of `rulesFiles` instead, and the count of each badge.
/// `format` is "text", a line for each law, where what is not proved shows both sides; or "json",
/// with an example of each law in numbers. Reports mistakes of laws; returns the exit code.
int showBadges(const std::vector<std::string> &rulesFiles, const std::string &format);

} // namespace tern

#endif
