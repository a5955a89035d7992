// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Container.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

static_assert(std::endian::native == std::endian::little);

namespace tern::format {

Hash hashHeader(Header header) {
  header.hash = {};
  return hashBytes(std::as_bytes(std::span(&header, 1)));
}

/// The first bytes of every version: enough to say what differs.
static Error checkPrefix(std::span<const std::byte> file) {
  constexpr size_t prefix = offsetof(Header, hash);
  Header header{};
  std::copy_n(file.begin(), std::min(file.size(), prefix), reinterpret_cast<std::byte *>(&header));
  if (file.size() < sizeof header.magic ||
      std::memcmp(header.magic, Header::expectedMagic, sizeof header.magic) != 0)
    return makeError(TERN_BAD_FILE, "expected a file that starts with 'TERN-ART', found another");
  if (file.size() < pageBytes)
    return makeError(TERN_BAD_FILE,
                     "expected a header of %zu bytes, found %zu bytes in the whole file",
                     size_t(pageBytes), file.size());
  if (header.version != formatVersion)
    return makeError(TERN_BAD_FILE,
                     "expected format version %u, found version %u: compile the model again",
                     formatVersion, header.version);
  return {};
}

Error Container::read(std::span<const std::byte> file, Container &out) {
  if (Error error = checkPrefix(file))
    return error;
  out.file = file;
  std::memcpy(&out.header, file.data(), sizeof out.header);
  if (hashHeader(out.header) != out.header.hash)
    return makeError(TERN_BAD_FILE, "damaged header: expected hash %s, found %s",
                     toHex(out.header.hash).c_str(), toHex(hashHeader(out.header)).c_str());
  if (out.header.fileBytes != file.size())
    return makeError(TERN_BAD_FILE, "expected %llu bytes, as its header says, found %zu",
                     static_cast<unsigned long long>(out.header.fileBytes), file.size());
  return out.checkSections();
}

Error Container::checkSections() const {
  if (header.sectionCount > Header::maxSections)
    return makeError(TERN_BAD_FILE, "expected at most %u sections, found %u", Header::maxSections,
                     header.sectionCount);
  uint64_t end = pageBytes;
  for (const SectionEntry &section : sections()) {
    if (section.name[sizeof section.name - 1] != '\0' || section.name[0] == '\0')
      return makeError(TERN_BAD_FILE,
                       "section %zu: expected a name of 1 to 15 characters, found another",
                       size_t(&section - header.sections));
    if (find(section.view()) != &section)
      return makeError(TERN_BAD_FILE, "section '%s': expected it once, found it twice",
                       section.name);
    if (section.offset % pageBytes != 0 || section.offset < end ||
        section.length > header.fileBytes || section.offset > header.fileBytes - section.length)
      return makeError(TERN_BAD_FILE,
                       "section '%s': expected a page-aligned range between bytes %llu and %llu, "
                       "found %llu bytes at %llu",
                       section.name, static_cast<unsigned long long>(end),
                       static_cast<unsigned long long>(header.fileBytes),
                       static_cast<unsigned long long>(section.length),
                       static_cast<unsigned long long>(section.offset));
    end = section.offset + section.length;
  }
  return {};
}

const SectionEntry *Container::find(std::string_view name) const {
  auto all = sections();
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const SectionEntry &entry) { return entry.view() == name; });
  return found == all.end() ? nullptr : &*found;
}

Error Container::checkHash(const SectionEntry &section) const {
  Hash found = hashBytes(bytes(section));
  if (found == section.hash)
    return {};
  return makeError(TERN_BAD_FILE, "damaged section '%s': expected hash %s, found %s", section.name,
                   toHex(section.hash).c_str(), toHex(found).c_str());
}

Error Container::section(std::string_view name, std::span<const std::byte> &out) const {
  out = {};
  const SectionEntry *entry = find(name);
  if (!entry)
    return {};
  if (Error error = checkHash(*entry))
    return error;
  out = bytes(*entry);
  return {};
}

} // namespace tern::format
