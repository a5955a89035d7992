// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_LAWTEXTS_H
#define TERN_TOOLS_TERN_EXPLAIN_LAWTEXTS_H

#include "passes/Saturate/Law/Law.h"

#include <map>

namespace tern {

/// The shipped laws and those of these files, by name. Throws UserError for a file that can't be
/// read.
std::map<std::string, law::Law> readLaws(const std::vector<std::string> &rulesFiles);

} // namespace tern

#endif
