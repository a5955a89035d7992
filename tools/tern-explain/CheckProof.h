// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECKPROOF_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECKPROOF_H

#include <string>
#include <vector>

namespace tern {

/// Checks the proof in a file, or in an artefact, against the shipped rules and those of these
/// files. Prints what was shown, as `format` says, "text" or "json". Throws UserError with the
/// reason if the proof is refused; as JSON the answer has it, too.
void checkProof(const std::string &path, const std::vector<std::string> &rulesFiles,
                const std::string &format);

} // namespace tern

#endif
