// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_UNIT_PROVER_RULES_H
#define TERN_TEST_UNIT_PROVER_RULES_H

#include "passes/Saturate/Law/Law.h"

namespace tern::prover {

/// All laws of passes/Saturate/rules, in the order of their files' names.
const std::vector<law::Law> &shippedLaws();

/// test/data/rules/nonlaws.rules.
const std::vector<law::Law> &nonLaws();

/// One law. A mistake in it fails the test.
law::Law read(const std::string &text);

/// With one more axis, which all tensors share: in front of all but numbers and variables of rank
/// 0.
law::Law frame(const law::Law &law);

} // namespace tern::prover

#endif
