// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMPILE_USERLAWS_H
#define TERN_TOOLS_COMPILE_USERLAWS_H

#include <string>
#include <vector>

namespace tern {

/// Reads the files of laws that a user adds. Throws UserError for one that can't be read and for a
/// law that is refuted by an instance; warns of one that is not proved, which is used.
void checkUserLaws(const std::vector<std::string> &paths);

} // namespace tern

#endif
