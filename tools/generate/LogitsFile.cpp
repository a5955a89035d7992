// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/LogitsFile.h"

#include "tools/command/CommandLine.h"
#include "tools/command/Tensor.h"

namespace tern::generate {

std::string numberedPath(const std::string &path, size_t number, size_t count) {
  if (count == 1)
    return path;
  size_t end = path.ends_with(".npy") ? path.size() - 4 : path.size();
  return path.substr(0, end) + "." + std::to_string(number) + path.substr(end);
}

LogitsFile::LogitsFile(std::string givenPath, int64_t columns)
    : path(std::move(givenPath)), file(path, std::ios::binary | std::ios::trunc), columns(columns) {
  writeHeader();
  if (!file.flush())
    throw command::UserError(path + ": expected a file that can be written");
}

void LogitsFile::writeHeader() {
  const int64_t shape[] = {rows, columns};
  std::string header = command::npyHeader(command::NumberType::F32, shape);
  file.seekp(0).write(header.data(), static_cast<std::streamsize>(header.size()));
}

void LogitsFile::add(std::span<const float> row) {
  file.write(reinterpret_cast<const char *>(row.data()),
             static_cast<std::streamsize>(row.size_bytes()));
  ++rows;
}

void LogitsFile::close() {
  writeHeader();
  file.close();
  if (!file)
    throw command::UserError(path + ": the logits could not be written");
}

} // namespace tern::generate
