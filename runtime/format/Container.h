// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"
#include "runtime/format/Hash.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// The file around the sections. Page 0 is the header with the table of
/// sections, hashed as a whole; each section starts on a page of its own and
/// has a hash. All numbers are little endian.
namespace tern::format {

inline constexpr uint64_t pageBytes = 4096;
inline constexpr uint32_t formatVersion = 1;

/// Names of sections. A reader ignores names that it does not know.
namespace section {
inline constexpr std::string_view index = "index";                ///< artefact.fbs
inline constexpr std::string_view code = "code";                  ///< an ELF64 image (CodeImage.h)
inline constexpr std::string_view ptx = "ptx";                    ///< text of a GPU's kernels
inline constexpr std::string_view cubin = "cubin";                ///< the same as machine code
inline constexpr std::string_view constants = "constants";        ///< Space::Constant
inline constexpr std::string_view weights = "weights";            ///< embedded source tensors
inline constexpr std::string_view tokenizer = "tokenizer";        ///< bytes of a tokenizer.json
inline constexpr std::string_view chatTemplate = "chat-template"; ///< Jinja text
inline constexpr std::string_view decisions = "decisions";        ///< JSON
inline constexpr std::string_view proof = "proof"; ///< tools/tern-explain/check/Proof.h
} // namespace section

struct SectionEntry {
  char name[16]; ///< padded with zeros, the last byte always zero
  uint64_t offset;
  uint64_t length;
  Hash hash;
  uint64_t reserved[2];

  std::string_view view() const { return name; }
};

struct Header {
  static constexpr char expectedMagic[8] = {'T', 'E', 'R', 'N', '-', 'A', 'R', 'T'};
  static constexpr uint32_t maxSections = 62;

  char magic[8];
  uint32_t version;
  uint32_t sectionCount;
  uint64_t fileBytes;
  Hash hash; ///< of the page with this field zero
  uint64_t reserved[3];
  SectionEntry sections[maxSections];
  uint8_t padding[64];
};
static_assert(sizeof(SectionEntry) == 64 && sizeof(Header) == pageBytes);

Hash hashHeader(Header header);

/// A file's bytes with a header that was checked. Borrows the bytes.
class Container {
public:
  /// Checks magic, version, length, the header's hash, and that sections lie
  /// in the file, in order, without overlap.
  static Error read(std::span<const std::byte> file, Container &out);

  std::span<const SectionEntry> sections() const { return {header.sections, header.sectionCount}; }

  /// NULL if there is none of that name.
  const SectionEntry *find(std::string_view name) const;

  std::span<const std::byte> bytes(const SectionEntry &section) const {
    return file.subspan(section.offset, section.length);
  }

  /// Fails if the section's bytes do not have the hash that the table says.
  Error checkHash(const SectionEntry &section) const;

  /// The section's bytes after its hash was checked; empty if there is none.
  Error section(std::string_view name, std::span<const std::byte> &out) const;

private:
  Error checkSections() const;

  std::span<const std::byte> file;
  Header header{};
};

} // namespace tern::format
