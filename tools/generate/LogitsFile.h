// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_LOGITSFILE_H
#define TERN_TOOLS_GENERATE_LOGITSFILE_H

#include <cstdint>
#include <fstream>
#include <span>
#include <string>

namespace tern::generate {

/// The file of sequence `number`: `path` itself if it is the only one, else F.0.npy and so on.
std::string numberedPath(const std::string &path, size_t number, size_t count);

/// A .npy file of f32 rows that are written as they come.
class LogitsFile {
public:
  /// Throws UserError if the file can't be written.
  LogitsFile(std::string path, int64_t columns);

  void add(std::span<const float> row);

  /// Says in the file how many rows there are. Throws UserError if the file is not whole.
  void close();

private:
  void writeHeader();

  std::string path;
  std::ofstream file;
  int64_t columns, rows = 0;
};

} // namespace tern::generate

#endif
