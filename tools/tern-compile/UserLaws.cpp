// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/UserLaws.h"

#include "passes/Saturate/Badge/Badge.h"
#include "passes/Saturate/Rules.h"
#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"

#include "llvm/Support/Error.h"

namespace tern {

void checkUserLaws(const std::vector<std::string> &paths) {
  if (llvm::Error error = saturate::checkRules(paths))
    throw command::UserError(llvm::toString(std::move(error)));
  std::map<std::string, std::string> names;
  for (const std::string &path : paths)
    for (const law::Law &law : law::readRules(path, command::readText(path), names).laws) {
      badge::Badge badge = badge::badgeOf(law);
      if (badge.kind == badge::Badge::Kind::Refuted)
        throw command::UserError(complaint(law, badge));
      if (badge.kind != badge::Badge::Kind::Proved)
        command::warn(law.place() + "expected a proof, found none: " + badge.proof.refusal +
                      "; it is used, as " + std::string(nameOf(badge.kind)));
    }
}

} // namespace tern
