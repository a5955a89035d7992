// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_PROGRAM_H
#define TERN_TOOLS_COMMAND_PROGRAM_H

#include <filesystem>
#include <string>
#include <vector>

/// Other programs that tools start.
namespace tern::command {

/// The first program of that name in `beside`, a folder relative to that of this program, or in
/// PATH; empty if there is none.
std::filesystem::path findProgram(const std::string &name, const std::filesystem::path &beside);

/// How a program ended, and all that it wrote.
struct Ended {
  int code = 0; ///< 128 and the signal, if one ended it
  std::string output;
};

/// Runs words[0], a path, with the other words and waits. Throws UserError if it can't be run.
Ended runProgram(const std::vector<std::string> &words);

/// A new folder, which goes with this object. Throws UserError.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  const std::filesystem::path path;
};

} // namespace tern::command

#endif
