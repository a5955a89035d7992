// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/TextFile.h"

#include "tools/command/CommandLine.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tern::command {

std::string readText(const std::string &path) {
  std::error_code absent;
  if (std::filesystem::is_directory(path, absent))
    throw UserError(path + ": expected a file of text, found a folder");
  // No context is so long; and some devices never end.
  constexpr size_t most = size_t(256) << 20, chunk = size_t(1) << 16;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  while (file && text.size() <= most) {
    size_t begin = text.size();
    text.resize(begin + chunk);
    file.read(text.data() + begin, chunk);
    text.resize(begin + static_cast<size_t>(file.gcount()));
  }
  if (text.size() > most)
    throw UserError(path + ": expected a text of at most 256 MiB, found more");
  if (!file.eof())
    throw UserError(path + ": expected a file of text that can be read, found an error: " +
                    std::strerror(errno));
  return text;
}

static void expectWritten(bool isWritten, const std::string &path) {
  if (!isWritten)
    throw UserError(path + ": expected a file that can be written");
}

void checkWritable(const std::string &path) {
  expectWritten(std::ofstream(path, std::ios::app).is_open(), path);
}

void writeText(const std::string &path, const std::string &text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  expectWritten(bool(file.flush()), path);
}

} // namespace tern::command
