// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_CACHE_COMPILER_H
#define TERN_TOOLS_CACHE_COMPILER_H

#include <string>
#include <vector>

/// The program tern-compile. It is given this program's name, so that its messages begin as ours.
/// All throw UserError.
namespace tern::compiler {

/// Beside this program, or in PATH.
std::string path();

/// Runs it and waits; returns its exit code.
int run(const std::vector<std::string> &words);

/// Ends the one that runs, if one does. Safe in a signal handler.
void interrupt();

/// Runs it in place of this program.
[[noreturn]] void become(const std::vector<std::string> &words);

} // namespace tern::compiler

#endif
