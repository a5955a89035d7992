// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/ShowBadges.h"

#include "passes/Saturate/Badge/Badge.h"
#include "tools/command/TextFile.h"

#include <array>
#include <iostream>

namespace tern {

using badge::Badge;

int showBadges(const command::Application &app, const std::vector<std::string> &rulesFiles) {
  std::vector<std::pair<std::string, std::string>> files = badge::shippedRules();
  if (!rulesFiles.empty())
    files.clear();
  for (const std::string &path : rulesFiles)
    files.push_back({path, command::readText(path)});
  std::map<std::string, std::string> names;
  std::array<size_t, 4> counts{};
  bool isRight = true;
  auto refuse = [&](const std::string &error) {
    app.report(error);
    isRight = false;
  };
  for (const auto &[path, text] : files) {
    law::RuleFile rules = law::readRules(path, text, names);
    for (const std::string &error : rules.errors)
      refuse(error);
    for (const law::Law &law : rules.laws) {
      Badge badge = badge::badgeOf(law);
      ++counts[size_t(badge.kind)];
      std::cout << print(law, badge) << "\n";
      if (!badge.proof.isProved())
        std::cout << "  not proved: " << badge.proof.refusal << "\n  left  " << badge.proof.left
                  << "\n  right " << badge.proof.right << "\n";
      if (std::string error = complaint(law, badge); !error.empty())
        refuse(error);
    }
  }
  std::cout << counts[0] << " proved, " << counts[1] << " tested, " << counts[2] << " assumed, "
            << counts[3] << " refuted\n";
  return isRight ? command::exitcode::done : command::exitcode::userError;
}

} // namespace tern
