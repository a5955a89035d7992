// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/Prover/Rules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace tern::prover {

static std::vector<law::Law> readFiles(std::vector<std::filesystem::path> paths) {
  std::sort(paths.begin(), paths.end());
  std::map<std::string, std::string> names;
  std::vector<law::Law> laws;
  for (const auto &path : paths) {
    std::ifstream file(path);
    std::string text(std::istreambuf_iterator<char>(file), {});
    law::RuleFile rules = law::readRules(path.filename().string(), text, names);
    for (const std::string &error : rules.errors)
      ADD_FAILURE() << error;
    std::move(rules.laws.begin(), rules.laws.end(), std::back_inserter(laws));
  }
  return laws;
}

const std::vector<law::Law> &shippedLaws() {
  static const std::vector<law::Law> laws = [] {
    std::vector<std::filesystem::path> paths;
    for (const auto &entry :
         std::filesystem::directory_iterator(TERN_SOURCE "/passes/Saturate/rules"))
      if (entry.path().extension() == ".rules")
        paths.push_back(entry.path());
    return readFiles(std::move(paths));
  }();
  return laws;
}

const std::vector<law::Law> &nonLaws() {
  static const std::vector<law::Law> laws =
      readFiles({TERN_SOURCE "/test/data/rules/nonlaws.rules"});
  return laws;
}

law::Law read(const std::string &text) {
  std::map<std::string, std::string> names;
  law::RuleFile rules = law::readRules("test.rules", text, names);
  for (const std::string &error : rules.errors)
    ADD_FAILURE() << error;
  return rules.laws.empty() ? law::Law() : rules.laws.front();
}

} // namespace tern::prover
