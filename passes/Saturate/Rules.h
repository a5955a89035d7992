// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_RULES_H
#define TERN_PASSES_SATURATE_RULES_H

#include "passes/Saturate/bridge.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace tern::saturate {

/// The files of rules/, which the build puts into the program.
std::vector<egraph::RuleFile> shippedRules();

/// The shipped files, and these after them. Fails with one sentence if one can't be read, or if it
/// breaks the language, with the line.
llvm::Expected<std::vector<egraph::RuleFile>> readRules(llvm::ArrayRef<std::string> paths);

/// Fails with one sentence that names file and line if the laws of these files can't be used.
llvm::Error checkRules(llvm::ArrayRef<std::string> paths);

} // namespace tern::saturate

#endif
