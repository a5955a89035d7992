// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_MAPPEDFILE_H
#define TERN_FRONTEND_CHECKPOINT_MAPPEDFILE_H

#include "frontend/checkpoint/Expected.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tern::checkpoint {

/// XXH3 with 128 bits.
struct ContentHash {
  uint64_t high = 0;
  uint64_t low = 0;

  bool operator==(const ContentHash &) const = default;

  /// 32 hexadecimal digits, as xxh128sum prints it.
  std::string hex() const;
};

/// A regular file, mapped read-only. Whoever writes to the file or cuts it while it is mapped
/// changes what is read, or stops the reader by a signal: the operating system offers no remedy.
class MappedFile {
public:
  static Expected<MappedFile> open(const std::string &path);

  /// Bytes that stand for a file called `path` and outlive this object.
  static MappedFile borrow(std::string path, std::span<const std::byte> bytes);

  MappedFile(MappedFile &&other) noexcept { *this = std::move(other); }
  MappedFile &operator=(MappedFile &&other) noexcept;
  ~MappedFile();

  const std::string &path() const { return filePath; }
  std::span<const std::byte> bytes() const { return content; }
  uint64_t size() const { return content.size(); }
  std::string_view text() const {
    return {reinterpret_cast<const char *>(content.data()), content.size()};
  }

  /// Reads the whole file; callers keep the result.
  ContentHash hash() const;

private:
  MappedFile() = default;

  std::string filePath;
  std::span<const std::byte> content;
  bool owned = false;
};

} // namespace tern::checkpoint

#endif
