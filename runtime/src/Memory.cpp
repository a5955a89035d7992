// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Memory.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {

static size_t pageSize() {
  static const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

/// The whole pages within [from, to) of memory at `start`.
static void adviseUnneeded(const std::byte *start, size_t from, size_t to) {
  size_t page = pageSize();
  from = (from + page - 1) / page * page;
  to = to / page * page;
  if (from < to)
    madvise(const_cast<std::byte *>(start) + from, to - from, MADV_DONTNEED);
}

Memory::~Memory() {
  if (start && free)
    free(context, start);
  else if (start)
    munmap(start, length);
}

Memory::Memory(Memory &&other) noexcept
    : start(std::exchange(other.start, nullptr)), length(std::exchange(other.length, 0)),
      free(other.free), context(other.context) {}

Memory &Memory::operator=(Memory &&other) noexcept {
  std::swap(start, other.start);
  std::swap(length, other.length);
  std::swap(free, other.free);
  std::swap(context, other.context);
  return *this;
}

Error Memory::reserve(uint64_t bytes, const char *purpose, Memory &out) {
  out = Memory();
  size_t length = bytes ? bytes : 1;
  void *start = mmap(nullptr, length, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED)
    return makeError(TERN_OUT_OF_MEMORY, "no memory for %s of %llu bytes: %s", purpose,
                     static_cast<unsigned long long>(bytes), std::strerror(errno));
  // Fewer misses of the address cache; a refusal costs speed alone.
  madvise(start, length, MADV_HUGEPAGE);
  out.start = static_cast<std::byte *>(start);
  out.length = length;
  return {};
}

void Memory::release(size_t from, size_t to) {
  if (!free)
    adviseUnneeded(start, from, to);
}

MappedFile::~MappedFile() {
  if (start)
    munmap(const_cast<std::byte *>(start), length);
  if (file >= 0)
    close(file);
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : start(std::exchange(other.start, nullptr)), length(std::exchange(other.length, 0)),
      file(std::exchange(other.file, -1)), marks(std::move(other.marks)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(start, other.start);
  std::swap(length, other.length);
  std::swap(file, other.file);
  std::swap(marks, other.marks);
  return *this;
}

static std::string identityOf(const std::string &path, const struct stat &status) {
  std::string text = path;
  for (uint64_t mark : {uint64_t(status.st_dev), uint64_t(status.st_ino), uint64_t(status.st_size),
                        uint64_t(status.st_mtim.tv_sec), uint64_t(status.st_mtim.tv_nsec),
                        uint64_t(status.st_ctim.tv_sec), uint64_t(status.st_ctim.tv_nsec)})
    text += "/" + std::to_string(mark);
  return text;
}

Error MappedFile::open(const std::string &path, MappedFile &out) {
  out = MappedFile();
  MappedFile mapped;
  // Opening a pipe would wait for a writer.
  mapped.file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status{};
  if (mapped.file < 0 || fstat(mapped.file, &status) != 0)
    return makeError(TERN_BAD_FILE, "%s: expected a file that can be read: %s", path.c_str(),
                     std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return makeError(TERN_BAD_FILE, "%s: expected a file, found a directory or device",
                     path.c_str());
  mapped.marks = identityOf(path, status);
  if (status.st_size > 0) {
    void *start = mmap(nullptr, size_t(status.st_size), PROT_READ, MAP_PRIVATE, mapped.file, 0);
    if (start == MAP_FAILED)
      return makeError(TERN_BAD_FILE, "%s: cannot be mapped: %s", path.c_str(),
                       std::strerror(errno));
    mapped.start = static_cast<const std::byte *>(start);
    mapped.length = size_t(status.st_size);
  }
  out = std::move(mapped);
  return {};
}

void MappedFile::release(std::span<const std::byte> part) const {
  auto from = static_cast<size_t>(part.data() - start);
  adviseUnneeded(start, from, from + part.size());
}

} // namespace tern::runtime
