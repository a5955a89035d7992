// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_TEXTFILE_H
#define TERN_TOOLS_COMMAND_TEXTFILE_H

#include <string>

namespace tern::command {

/// All of a file or a pipe, which may have to be waited for: at most 256 MiB. Throws UserError.
std::string readText(const std::string &path);

/// Throws UserError if no file can be written there; one that is there stays as it is.
void checkWritable(const std::string &path);

/// Writes the file anew. Throws UserError.
void writeText(const std::string &path, const std::string &text);

} // namespace tern::command

#endif
