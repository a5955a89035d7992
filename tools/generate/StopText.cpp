// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/StopText.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tern::generate {

std::string StopText::push(const std::string &piece) {
  if (found)
    return "";
  waiting += piece;
  size_t end = std::string::npos;
  for (const std::string &stop : stops)
    end = std::min(end, waiting.find(stop));
  if (end != std::string::npos) {
    found = true;
    waiting.resize(end);
    return std::exchange(waiting, "");
  }
  // The longest end of the text that a stop text starts with has to wait.
  size_t held = 0;
  for (const std::string &stop : stops)
    for (size_t n = std::min(stop.size() - 1, waiting.size()); n > held; --n)
      if (waiting.ends_with(std::string_view(stop).substr(0, n)))
        held = n;
  std::string passed = waiting.substr(0, waiting.size() - held);
  waiting.erase(0, passed.size());
  return passed;
}

std::string StopText::finish() { return std::exchange(waiting, ""); }

} // namespace tern::generate
