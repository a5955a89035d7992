// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_EXPLAINCOSTS_H
#define TERN_TOOLS_TERN_EXPLAIN_EXPLAINCOSTS_H

#include <string>

namespace tern {

/// Prints what the compiler decided by cost, as the artefact says: for each function the time of a
/// step as it was written, as it is, and at least; the choices that the user left open; the machine
/// and the use that costs were evaluated for. `format` is "text" or "json". Throws UserError.
void explainCosts(const std::string &artefact, const std::string &format);

} // namespace tern

#endif
