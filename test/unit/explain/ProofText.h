// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_UNIT_EXPLAIN_PROOFTEXT_H
#define TERN_TEST_UNIT_EXPLAIN_PROOFTEXT_H

#include "tools/tern-explain/check/Check.h"

#include <string>
#include <vector>

namespace tern::test {

std::vector<check::RuleText> shippedRules();

/// The verdict on a proof of one function under one file of rules, whose hashes are those that the
/// checker expects. `body` holds types, terms and steps; `ends` is `L R STEP`.
check::Verdict checkBody(const std::string &rules, const std::string &body, const std::string &ends,
                         bool isBitOnly = false);

/// The proof that tern-compile writes of a model of test/data.
std::string proofOf(const std::string &model, const std::string &rules,
                    const std::string &import = "composite");

/// The proof that tern-opt writes of test/passes/Saturate/NAME.mlir.
std::string proofOfModule(const std::string &name, const std::string &rules);

} // namespace tern::test

#endif
