// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/LoadCache.h"

#include "runtime/src/Border.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace tern::format;
namespace fs = std::filesystem;

namespace tern::runtime {

namespace {

/// The first page of an entry.
struct EntryHeader {
  static constexpr char expectedMagic[8] = {'T', 'E', 'R', 'N', '-', 'P', 'A', 'K'};

  char magic[8];
  uint64_t bytes;
  Hash key;
  Hash hash; ///< of the page with this field zero
  uint8_t padding[4096 - 48];
};
static_assert(sizeof(EntryHeader) == 4096);

EntryHeader makeHeader(const Hash &key, uint64_t bytes) {
  EntryHeader header{};
  std::memcpy(header.magic, EntryHeader::expectedMagic, sizeof header.magic);
  header.bytes = bytes;
  header.key = key;
  header.hash = hashBytes(std::as_bytes(std::span(&header, 1)));
  return header;
}

constexpr uint64_t defaultLimitBytes = 20'000'000'000;

/// A file aside that nobody finished in a day was left by a process that ended.
constexpr int64_t abandonedSeconds = 24 * 60 * 60;

} // namespace

std::string LoadCache::pathOf(const Hash &key, const char *suffix) const {
  return directory + "/" + toHex(key) + suffix;
}

std::optional<LoadCache::Entry> LoadCache::find(const Hash &key, uint64_t bytes) const {
  std::string path = pathOf(key, ".packed");
  Entry entry;
  if (MappedFile::open(path, entry.file))
    return std::nullopt;
  EntryHeader expected = makeHeader(key, bytes);
  std::span<const std::byte> found = entry.file.bytes();
  if (found.size() != sizeof expected + bytes ||
      std::memcmp(found.data(), &expected, sizeof expected) != 0) {
    unlink(path.c_str());
    return std::nullopt;
  }
  entry.bytes = found.subspan(sizeof expected);
  // The time of last change is the time of last use: oldest out.
  utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return entry;
}

bool LoadCache::writeAside(const std::string &path, std::span<const std::byte> header,
                           std::span<const std::byte> bytes) const {
  static std::atomic<unsigned> counter{0};
  std::string aside =
      path + ".part-" + std::to_string(getpid()) + "-" + std::to_string(counter.fetch_add(1));
  int file = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0)
    return false;
  bool written = true;
  for (auto part : {header, bytes})
    while (written && !part.empty()) {
      ssize_t count = write(file, part.data(), std::min(part.size(), size_t(1) << 30));
      written = count > 0;
      if (written)
        part = part.subspan(size_t(count));
    }
  close(file);
  if (written && rename(aside.c_str(), path.c_str()) == 0)
    return true;
  unlink(aside.c_str());
  return false;
}

bool LoadCache::store(const Hash &key, std::span<const std::byte> bytes) const {
  EntryHeader header = makeHeader(key, bytes.size());
  if (bytes.size() + sizeof header > limitBytes)
    return false;
  std::string path = pathOf(key, ".packed");
  if (!writeAside(path, std::as_bytes(std::span(&header, 1)), bytes))
    return false;
  makeRoom(path);
  return true;
}

void LoadCache::makeRoom(const std::string &kept) const {
  struct Candidate {
    int64_t seconds, nanoseconds;
    std::string path;
    uint64_t bytes;
  };
  std::vector<Candidate> candidates;
  uint64_t total = 0;
  std::error_code ignored;
  struct stat newest{};
  stat(kept.c_str(), &newest);
  for (const auto &item : fs::directory_iterator(directory, ignored)) {
    struct stat status{};
    std::string path = item.path().string();
    if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
      continue;
    bool aside = path.find(".part-") != std::string::npos;
    if (aside && status.st_mtim.tv_sec + abandonedSeconds < newest.st_mtim.tv_sec)
      unlink(path.c_str());
    total += uint64_t(status.st_size);
    if (!aside && path != kept)
      candidates.push_back(
          {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, path, uint64_t(status.st_size)});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate &a, const Candidate &b) {
    return std::tie(a.seconds, a.nanoseconds, a.path) < std::tie(b.seconds, b.nanoseconds, b.path);
  });
  for (const Candidate &candidate : candidates) {
    if (total <= limitBytes)
      break;
    unlink(candidate.path.c_str());
    total -= candidate.bytes;
  }
}

Hash hashContent(const MappedFile &file) {
  constexpr size_t pieceBytes = size_t(16) << 20;
  Hasher hasher;
  std::span<const std::byte> rest = file.bytes();
  while (!rest.empty()) {
    auto piece = rest.first(std::min(rest.size(), pieceBytes));
    hasher.update(piece);
    file.release(piece);
    rest = rest.subspan(piece.size());
  }
  return hasher.finish();
}

Hash LoadCache::contentHash(const MappedFile &file) const {
  Hash identity = hashBytes(std::as_bytes(std::span(file.identity())));
  std::string path = pathOf(identity, ".hash");
  MappedFile memo;
  Hash hash;
  if (!MappedFile::open(path, memo) && memo.bytes().size() == sizeof hash) {
    std::memcpy(hash.data(), memo.bytes().data(), sizeof hash);
    return hash;
  }
  hash = hashContent(file);
  writeAside(path, {}, std::as_bytes(std::span(hash)));
  return hash;
}

} // namespace tern::runtime

tern_error_t *tern_load_cache_create(const char *directory, uint64_t limit_bytes,
                                     tern_load_cache_t **out_cache) {
  return tern::runtime::atBorder(
      {{"directory", directory}, {"out_cache", out_cache}}, [&]() -> Error {
        *out_cache = nullptr;
        std::error_code error;
        fs::create_directories(directory, error);
        if (error || !fs::is_directory(directory, error))
          return makeError(TERN_BAD_FILE, "%s: cannot be used as a cache: %s", directory,
                           error ? error.message().c_str() : "it is no directory");
        auto handle = std::make_unique<tern_load_cache_t>();
        handle->cache = std::make_shared<tern::runtime::LoadCache>(
            directory, limit_bytes ? limit_bytes : tern::runtime::defaultLimitBytes);
        *out_cache = handle.release();
        return {};
      });
}

void tern_load_cache_free(tern_load_cache_t *cache) { delete cache; }
