// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/EveryProof.h"

#include "passes/Saturate/Passes.h"
#include "tools/tern-explain/check/Check.h"

#include <cstdlib>

namespace tern {

void checkProofsInTests() {
  if (!std::getenv("TERN_CHECK_PROOFS"))
    return;
  saturate::checkEveryProof(
      [](llvm::StringRef proof, llvm::ArrayRef<std::pair<std::string, std::string>> rules) {
        std::vector<check::RuleText> texts;
        for (const auto &[name, text] : rules)
          texts.push_back({name, text});
        return check::check(proof, texts).reason;
      });
}

} // namespace tern
