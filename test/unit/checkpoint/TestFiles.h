// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_UNIT_CHECKPOINT_TESTFILES_H
#define TERN_TEST_UNIT_CHECKPOINT_TESTFILES_H

#include "frontend/checkpoint/Checkpoint.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tern::checkpoint {

/// The bytes of a number as a file has them.
template <typename T> std::string bytesOf(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

/// Bytes of a GGUF file, written as told, right or wrong.
struct GgufFile {
  std::string version = bytesOf<uint32_t>(3);
  std::string entries, tensors, data;
  uint64_t entryCount = 0, tensorCount = 0;
  uint64_t alignment = 32;

  static std::string text(std::string_view value) {
    return bytesOf<uint64_t>(value.size()) + std::string(value);
  }

  /// Adds a key whose value is given as bytes.
  GgufFile &raw(std::string_view key, uint32_t type, std::string_view value) {
    entries += text(key) + bytesOf(type) + std::string(value);
    ++entryCount;
    return *this;
  }
  GgufFile &add(std::string_view key, std::string_view value) { return raw(key, 8, text(value)); }
  GgufFile &add(std::string_view key, const char *value) {
    return add(key, std::string_view(value));
  }
  GgufFile &add(std::string_view key, uint32_t value) { return raw(key, 4, bytesOf(value)); }
  GgufFile &add(std::string_view key, float value) { return raw(key, 6, bytesOf(value)); }
  GgufFile &add(std::string_view key, bool value) { return raw(key, 7, bytesOf<uint8_t>(value)); }
  GgufFile &add(std::string_view key, const std::vector<std::string> &values) {
    std::string bytes = bytesOf<uint32_t>(8) + bytesOf<uint64_t>(values.size());
    for (const std::string &value : values)
      bytes += text(value);
    return raw(key, 9, bytes);
  }
  template <typename T>
  GgufFile &array(std::string_view key, uint32_t type, const std::vector<T> &values) {
    std::string bytes = bytesOf(type) + bytesOf<uint64_t>(values.size());
    for (T value : values)
      bytes += bytesOf(value);
    return raw(key, 9, bytes);
  }

  /// Adds a record of the tensor table; `sizes` begins with the contiguous one.
  GgufFile &record(std::string_view name, const std::vector<uint64_t> &sizes, uint32_t type,
                   uint64_t offset) {
    tensors += text(name) + bytesOf(uint32_t(sizes.size()));
    for (uint64_t size : sizes)
      tensors += bytesOf(size);
    tensors += bytesOf(type) + bytesOf(offset);
    ++tensorCount;
    return *this;
  }
  /// Adds a record and its data where it belongs.
  GgufFile &tensor(std::string_view name, const std::vector<uint64_t> &sizes, uint32_t type,
                   std::string_view values) {
    data.resize((data.size() + alignment - 1) / alignment * alignment);
    record(name, sizes, type, data.size());
    data += values;
    return *this;
  }

  std::string bytes() const {
    std::string head =
        "GGUF" + version + bytesOf(tensorCount) + bytesOf(entryCount) + entries + tensors;
    head.resize((head.size() + alignment - 1) / alignment * alignment);
    return head + data;
  }
};

/// Bytes of a safetensors file.
inline std::string safetensorsFile(std::string_view header, std::string_view data) {
  return bytesOf<uint64_t>(header.size()) + std::string(header) + std::string(data);
}

/// Reads bytes as a file called "file". They lie in a block of exactly their size on the heap, so
/// that a sanitizer sees each read beyond them.
class InMemory {
public:
  explicit InMemory(std::string_view bytes)
      : copy(new std::byte[bytes.size()]),
        checkpoint(Checkpoint::read(MappedFile::borrow(
            "file", {static_cast<std::byte *>(std::memcpy(copy.get(), bytes.data(), bytes.size())),
                     bytes.size()}))) {}

  const Expected<Checkpoint> &operator*() const { return checkpoint; }
  std::string message() const { return checkpoint ? "" : checkpoint.error().message; }

private:
  std::unique_ptr<std::byte[]> copy;
  Expected<Checkpoint> checkpoint;
};

/// A directory that is removed with its content at the end of a test.
class TestDirectory {
public:
  TestDirectory() {
    std::string pattern = testing::TempDir() + "tern-XXXXXX";
    root = mkdtemp(pattern.data());
  }
  TestDirectory(const TestDirectory &) = delete;
  ~TestDirectory() { std::filesystem::remove_all(root); }

  const std::string &path() const { return root; }
  std::string write(const std::string &name, std::string_view bytes) const {
    std::string file = root + "/" + name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

private:
  std::string root;
};

} // namespace tern::checkpoint

#endif
