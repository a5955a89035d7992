// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Expected.h"

namespace tern::checkpoint {

std::string quote(std::string_view text) {
  constexpr size_t kLimit = 96;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string result = "'";
  for (unsigned char c : text.substr(0, kLimit)) {
    if (c >= 0x20 && c <= 0x7e && c != '\'' && c != '\\') {
      result += char(c);
      continue;
    }
    result += "\\x";
    result += kDigits[c >> 4];
    result += kDigits[c & 15];
  }
  if (text.size() > kLimit)
    result += "...";
  return result + "'";
}

} // namespace tern::checkpoint
