// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_STOPTEXT_H
#define TERN_TOOLS_GENERATE_STOPTEXT_H

#include <string>
#include <vector>

namespace tern::generate {

/// Lets text pass up to the first of some stop texts. What may be the start of one waits until more
/// text has decided.
class StopText {
public:
  /// None of `stops` is empty.
  explicit StopText(const std::vector<std::string> &stops) : stops(stops) {}

  /// Takes more text; returns what passes now.
  std::string push(const std::string &piece);
  /// Ends the text; returns what waited.
  std::string finish();

  bool isFound() const { return found; }

private:
  const std::vector<std::string> &stops;
  std::string waiting;
  bool found = false;
};

} // namespace tern::generate

#endif
