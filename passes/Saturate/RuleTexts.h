// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_RULETEXTS_H
#define TERN_PASSES_SATURATE_RULETEXTS_H

#include <string>
#include <utility>
#include <vector>

namespace tern::saturate {

/// Name and text of the files of rules/, which the build puts into the program.
std::vector<std::pair<std::string, std::string>> ruleTexts();

} // namespace tern::saturate

#endif
