// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Check.h"

#include <string_view>

using namespace tern::check;

/// The input is a rule file and a proof after it, from the line `tern-proof` on.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  size_t proof = std::min(text.find("tern-proof"), text.size());
  std::vector<RuleText> rules{{"fuzzed.rules", std::string(text.substr(0, proof))}};
  // The hashes of a proof would end all but a few runs: they are written as they have to be.
  std::string own(text.substr(proof));
  for (int hashes = 0; hashes < 3; ++hashes) {
    std::string reason = check(own, rules).reason;
    size_t expected = reason.find("expected the hash "), found = reason.find(", found ");
    if (expected == std::string::npos || found == std::string::npos || found < expected)
      break;
    size_t at = own.find(reason.substr(found + 8));
    if (at == std::string::npos)
      break;
    own.replace(at, reason.size() - found - 8, reason.substr(expected + 18, 32));
  }
  return 0;
}
