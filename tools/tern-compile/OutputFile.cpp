// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/OutputFile.h"

#include "tools/command/CommandLine.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace fs = std::filesystem;

namespace tern {

using command::UserError;

void checkOutputFile(const std::string &path, bool mayBeDevice) {
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  folder = folder.empty() ? "." : folder;
  if (!llvm::sys::fs::is_directory(folder))
    throw UserError(path + ": expected a folder to write to, found none");
  if (llvm::sys::fs::is_directory(path))
    throw UserError(path + ": expected a file to write to, found a folder");
  if (mayBeDevice)
    return;
  if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))
    throw UserError(path + ": expected a file to write to, found a device or a pipe");
  if (std::error_code error = llvm::sys::fs::access(folder, llvm::sys::fs::AccessMode::Write))
    throw UserError(path + ": expected a folder that can be written to: " + error.message());
}

fs::path behindLinks(fs::path path) {
  std::error_code absent;
  for (int links = 0; links < 40 && fs::is_symlink(path, absent); ++links)
    path = path.parent_path() / fs::read_symlink(path);
  return path;
}

} // namespace tern
