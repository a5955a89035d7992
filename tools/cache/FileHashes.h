// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_CACHE_FILEHASHES_H
#define TERN_TOOLS_CACHE_FILEHASHES_H

#include <filesystem>
#include <string>

namespace tern {

/// Hashes of files' contents, remembered in a folder by path, inode, size and time, so that a warm
/// start does not read a model.
class FileHashes {
public:
  explicit FileHashes(std::filesystem::path folder) : folder(std::move(folder)) {}

  /// 32 hexadecimal digits. Throws UserError if the file can't be read.
  std::string of(const std::filesystem::path &file) const;

private:
  std::filesystem::path folder;
};

/// The hash of a text, 32 hexadecimal digits.
std::string hashText(const std::string &text);

} // namespace tern

#endif
