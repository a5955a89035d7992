// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

namespace tern::checkpoint {

std::string ContentHash::hex() const {
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return digits;
}

Expected<MappedFile> MappedFile::open(const std::string &path) {
  // Without O_NONBLOCK opening a named pipe would wait for a writer.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return makeError(path, ": expected a file that can be read: ", std::strerror(errno));

  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    return makeError(path, ": expected a regular file, found something else");
  }

  MappedFile file;
  file.filePath = path;
  if (status.st_size == 0) { // mmap refuses empty ranges
    close(descriptor);
    return file;
  }
  void *address = mmap(nullptr, size_t(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
  int reason = errno;
  close(descriptor);
  if (address == MAP_FAILED)
    return makeError(path, ": expected a file that can be mapped: ", std::strerror(reason));
  file.content = {static_cast<const std::byte *>(address), size_t(status.st_size)};
  file.owned = true;
  return file;
}

MappedFile MappedFile::borrow(std::string path, std::span<const std::byte> bytes) {
  MappedFile file;
  file.filePath = std::move(path);
  file.content = bytes;
  return file;
}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(filePath, other.filePath);
  std::swap(content, other.content);
  std::swap(owned, other.owned);
  return *this;
}

MappedFile::~MappedFile() {
  if (owned)
    munmap(const_cast<std::byte *>(content.data()), content.size());
}

ContentHash MappedFile::hash() const {
  XXH128_hash_t hash = XXH3_128bits(content.data(), content.size());
  return {hash.high64, hash.low64};
}

} // namespace tern::checkpoint
