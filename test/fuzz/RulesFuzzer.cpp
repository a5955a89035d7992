// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Law.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace tern;

/// The input is a rule file. What is read of it is printed, and each mistake has its place.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::map<std::string, std::string> names;
  std::string_view text(reinterpret_cast<const char *>(data), size);
  law::RuleFile file = law::readRules("a.rules", text, names);
  for (const law::Law &law : file.laws)
    for (const law::Term *side : {&law.lhs, &law.rhs})
      if (print(law, *side).empty())
        std::abort();
  for (const std::string &error : file.errors)
    if (!error.starts_with("a.rules:"))
      std::abort();
  return 0;
}
