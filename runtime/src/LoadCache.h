// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Hash.h"
#include "runtime/src/Memory.h"
#include "tern/cache.h"

#include <optional>

namespace tern::runtime {

/// Results of load programs, each in a file named by its key. Losing an entry
/// costs time alone, so no failure here is an error of the caller.
class LoadCache {
public:
  LoadCache(std::string directory, uint64_t limitBytes)
      : directory(std::move(directory)), limitBytes(limitBytes) {}

  /// The bytes stored under the key, if header, key and length are as written.
  struct Entry {
    MappedFile file;
    std::span<const std::byte> bytes;
  };
  std::optional<Entry> find(const format::Hash &key, uint64_t bytes) const;

  /// Writes aside, renames, then makes room for the limit. False if the entry
  /// could not be written; a larger one than the limit is not.
  bool store(const format::Hash &key, std::span<const std::byte> bytes) const;

  /// The hash of the file's content, from memory if the file did not change
  /// since it was asked for last.
  format::Hash contentHash(const MappedFile &file) const;

private:
  std::string pathOf(const format::Hash &key, const char *suffix) const;
  bool writeAside(const std::string &path, std::span<const std::byte> header,
                  std::span<const std::byte> bytes) const;
  void makeRoom(const std::string &kept) const;

  std::string directory;
  uint64_t limitBytes;
};

/// Reads the whole file once and lets its pages go again.
format::Hash hashContent(const MappedFile &file);

} // namespace tern::runtime

struct tern_load_cache_t {
  std::shared_ptr<const tern::runtime::LoadCache> cache;
};
