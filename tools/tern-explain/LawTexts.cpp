// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/LawTexts.h"

#include "passes/Saturate/Badge/Badge.h"
#include "tools/command/TextFile.h"

namespace tern {

std::map<std::string, law::Law> readLaws(const std::vector<std::string> &rulesFiles) {
  std::vector<std::pair<std::string, std::string>> files = badge::shippedRules();
  for (const std::string &path : rulesFiles)
    files.push_back({path, command::readText(path)});
  std::map<std::string, law::Law> laws;
  std::map<std::string, std::string> names;
  for (const auto &[path, text] : files)
    for (law::Law &law : law::readRules(path, text, names).laws)
      laws.emplace(law.name, law);
  return laws;
}

} // namespace tern
