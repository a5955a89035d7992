// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_OUTPUTFILE_H
#define TERN_TOOLS_TERN_COMPILE_OUTPUTFILE_H

#include <filesystem>
#include <string>

namespace tern {

/// Throws UserError for a path that no file can take the place of: in no folder, or in one that
/// can't be written to, or a folder, or a device or a pipe unless these may be written to.
void checkOutputFile(const std::string &path, bool mayBeDevice = false);

/// What the path names, so that a link stays one when that is replaced.
std::filesystem::path behindLinks(std::filesystem::path path);

} // namespace tern

#endif
