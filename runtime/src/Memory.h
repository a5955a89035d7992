// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace tern::runtime {

/// Zeroed pages of its own, taken from the system when they are first touched, or what a device
/// gave.
class Memory {
public:
  Memory() = default;
  ~Memory();
  Memory(Memory &&other) noexcept;
  Memory &operator=(Memory &&other) noexcept;

  /// Of a device, whose `free` takes it back. The host may not be able to touch it.
  using Free = void (*)(void *context, std::byte *start);
  Memory(std::byte *start, size_t length, Free free, void *context)
      : start(start), length(length), free(free), context(context) {}

  /// `purpose` is named if the memory cannot be had.
  static format::Error reserve(uint64_t bytes, const char *purpose, Memory &out);

  std::span<std::byte> bytes() const { return {start, length}; }
  std::byte *data() const { return start; }
  size_t size() const { return length; }

  /// Gives the whole pages of [from, to) back to the system; they are zero
  /// when touched again. A device's memory stays as it is.
  void release(size_t from, size_t to);

private:
  std::byte *start = nullptr;
  size_t length = 0;
  Free free = nullptr; ///< null: pages of the system
  void *context = nullptr;
};

/// A whole file, read-only.
class MappedFile {
public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;

  static format::Error open(const std::string &path, MappedFile &out);

  std::span<const std::byte> bytes() const { return {start, length}; }
  int descriptor() const { return file; }

  /// Differs whenever the file does, in content or in being another: path,
  /// device, inode, size, and times of last change.
  const std::string &identity() const { return marks; }

  /// Tells the system that the whole pages of `part` are not needed now.
  void release(std::span<const std::byte> part) const;

private:
  const std::byte *start = nullptr;
  size_t length = 0;
  int file = -1;
  std::string marks;
};

} // namespace tern::runtime
