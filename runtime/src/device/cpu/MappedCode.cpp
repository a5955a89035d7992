// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cpu/MappedCode.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using tern::format::CodeImage;
using tern::format::CodeSegment;
using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {

static uint64_t pageDown(uint64_t address) {
  return address / uint64_t(sysconf(_SC_PAGESIZE)) * uint64_t(sysconf(_SC_PAGESIZE));
}

static uint64_t pageUp(uint64_t address) {
  return pageDown(address + uint64_t(sysconf(_SC_PAGESIZE)) - 1);
}

MappedCode::~MappedCode() {
  if (base)
    munmap(base, length);
}

Error MappedCode::map(const MappedFile &file, uint64_t offset, uint64_t length,
                      const CodeImage &image, std::unique_ptr<LoadedCode> &out) {
  auto code = std::make_unique<MappedCode>();
  code->length = pageUp(image.memoryBytes);
  void *base = mmap(nullptr, code->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED)
    return makeError(TERN_OUT_OF_MEMORY, "no memory for %llu bytes of code: %s",
                     static_cast<unsigned long long>(image.memoryBytes), std::strerror(errno));
  code->base = static_cast<std::byte *>(base);
  if (!code->mapPages(file.descriptor(), offset, image) &&
      !code->copyPages(file.bytes().subspan(offset, length), image))
    return makeError(TERN_UNSUPPORTED, "the system lets no memory be made executable: %s",
                     std::strerror(errno));
  out = std::move(code);
  return {};
}

bool MappedCode::mapPages(int descriptor, uint64_t fileOffset, const CodeImage &image) {
  uint64_t end = 0;
  for (const CodeSegment &segment : image.segments) {
    uint64_t from = pageDown(segment.address), to = pageUp(segment.address + segment.bytes);
    uint64_t inFile = fileOffset + segment.fileOffset;
    if (segment.bytes == 0)
      continue;
    if (from < end || pageDown(inFile) != inFile - (segment.address - from))
      return false;
    end = to;
    int protection = PROT_READ | (segment.executable ? PROT_EXEC : 0);
    if (mmap(base + from, to - from, protection, MAP_PRIVATE | MAP_FIXED, descriptor,
             off_t(pageDown(inFile))) == MAP_FAILED)
      return false;
  }
  return true;
}

bool MappedCode::copyPages(std::span<const std::byte> code, const CodeImage &image) {
  if (mmap(base, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
      MAP_FAILED)
    return false;
  for (const CodeSegment &segment : image.segments)
    std::memcpy(base + segment.address, code.data() + segment.fileOffset, segment.bytes);
  if (mprotect(base, length, PROT_READ) != 0)
    return false;
  for (const CodeSegment &segment : image.segments) {
    uint64_t from = pageDown(segment.address);
    if (segment.executable && mprotect(base + from, pageUp(segment.address + segment.bytes) - from,
                                       PROT_READ | PROT_EXEC) != 0)
      return false;
  }
  __builtin___clear_cache(reinterpret_cast<char *>(base), reinterpret_cast<char *>(base + length));
  return true;
}

} // namespace tern::runtime
