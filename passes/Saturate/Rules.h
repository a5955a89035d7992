// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_RULES_H
#define TERN_PASSES_SATURATE_RULES_H

#include "passes/Saturate/bridge.h"

#include <vector>

namespace tern::saturate {

/// The files of rules/, which the build puts into the program.
std::vector<egraph::RuleFile> shippedRules();

} // namespace tern::saturate

#endif
