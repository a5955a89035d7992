// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/CodeImage.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <optional>

namespace tern::format {

bool CodeImage::isExecutable(uint64_t address) const {
  return std::any_of(segments.begin(), segments.end(), [&](const CodeSegment &segment) {
    return segment.executable && address >= segment.address &&
           address - segment.address < segment.bytes;
  });
}

const CodeSymbol *CodeImage::find(std::string_view name) const {
  auto found = std::find_if(symbols.begin(), symbols.end(),
                            [&](const CodeSymbol &symbol) { return symbol.name == name; });
  return found == symbols.end() ? nullptr : &*found;
}

namespace {

constexpr uint64_t maxImageBytes = uint64_t(1) << 30;
constexpr size_t maxNameBytes = 1024;

#if defined(__x86_64__)
constexpr uint16_t hostMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t hostMachine = EM_AARCH64;
#endif

class Reader {
public:
  Reader(std::span<const std::byte> file, CodeImage &image) : file(file), image(image) {}

  Error run() {
    if (Error error = readHeader())
      return error;
    if (Error error = readSegments())
      return error;
    if (Error error = readDynamic())
      return error;
    return readSymbols();
  }

private:
  Error readHeader();
  Error readSegments();
  Error addSegment(const Elf64_Phdr &entry);
  Error readDynamic();
  Error readSymbols();
  std::string nameAt(uint64_t offset) const;

  template <typename T> std::optional<T> at(uint64_t offset) const {
    if (offset > file.size() || file.size() - offset < sizeof(T))
      return std::nullopt;
    T value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
  }

  /// An entry of a table that lies in a mapped segment.
  template <typename T> std::optional<T> mapped(uint64_t address) const {
    for (const CodeSegment &segment : image.segments)
      if (address >= segment.address && address - segment.address < segment.bytes &&
          segment.bytes - (address - segment.address) >= sizeof(T))
        return at<T>(segment.fileOffset + (address - segment.address));
    return std::nullopt;
  }

  std::span<const std::byte> file;
  CodeImage &image;
  Elf64_Ehdr header{};
  Elf64_Phdr dynamic{};
  uint64_t symbolTable = 0, stringTable = 0, hashTable = 0;
};

Error Reader::readHeader() {
  auto found = at<Elf64_Ehdr>(0);
  if (!found || std::memcmp(found->e_ident, ELFMAG, SELFMAG) != 0 ||
      found->e_ident[EI_CLASS] != ELFCLASS64 || found->e_ident[EI_DATA] != ELFDATA2LSB ||
      found->e_type != ET_DYN || found->e_machine != hostMachine) // I1
    return makeError(TERN_BAD_FILE, "code: expected an ELF64 shared object for this processor");
  header = *found;
  return {};
}

Error Reader::readSegments() {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    auto entry = header.e_phoff > file.size()
                     ? std::nullopt
                     : at<Elf64_Phdr>(header.e_phoff + uint64_t(i) * sizeof(Elf64_Phdr));
    if (!entry) // I2
      return makeError(TERN_BAD_FILE, "code: program header %u lies outside the %zu bytes", i,
                       file.size());
    if (entry->p_type == PT_DYNAMIC)
      dynamic = *entry;
    if (entry->p_type == PT_LOAD)
      if (Error error = addSegment(*entry))
        return error;
  }
  return {};
}

Error Reader::addSegment(const Elf64_Phdr &entry) {
  if (entry.p_offset > file.size() || entry.p_filesz > file.size() - entry.p_offset) // I2
    return makeError(TERN_BAD_FILE,
                     "code: a segment of %llu bytes at %llu lies outside the %zu bytes",
                     static_cast<unsigned long long>(entry.p_filesz),
                     static_cast<unsigned long long>(entry.p_offset), file.size());
  if (entry.p_flags & PF_W) // I3
    return makeError(TERN_BAD_FILE, "code: expected no writable segment, found one at address %llu",
                     static_cast<unsigned long long>(entry.p_vaddr));
  if (entry.p_memsz != entry.p_filesz) // I3
    return makeError(TERN_BAD_FILE,
                     "code: expected the file to fill each segment, found %llu bytes for %llu",
                     static_cast<unsigned long long>(entry.p_filesz),
                     static_cast<unsigned long long>(entry.p_memsz));
  if (entry.p_vaddr < image.memoryBytes || entry.p_vaddr > maxImageBytes ||
      entry.p_filesz > maxImageBytes) // I4
    return makeError(
        TERN_BAD_FILE,
        "code: expected segments in order below 1 GiB, found %llu bytes at address %llu",
        static_cast<unsigned long long>(entry.p_filesz),
        static_cast<unsigned long long>(entry.p_vaddr));
  image.segments.push_back(
      {entry.p_vaddr, entry.p_offset, entry.p_filesz, (entry.p_flags & PF_X) != 0});
  image.memoryBytes = entry.p_vaddr + entry.p_filesz;
  return {};
}

Error Reader::readDynamic() {
  for (uint64_t i = 0; i < dynamic.p_filesz / sizeof(Elf64_Dyn); ++i) {
    auto entry =
        at<Elf64_Dyn>(std::min<uint64_t>(dynamic.p_offset, file.size()) + i * sizeof(Elf64_Dyn));
    if (!entry) // I2
      return makeError(TERN_BAD_FILE, "code: the dynamic table lies outside the %zu bytes",
                       file.size());
    switch (entry->d_tag) {
    case DT_NULL:
      return {};
    case DT_RELA:
    case DT_REL:
    case DT_JMPREL:
    case DT_RELR:
    case DT_TEXTREL: // I5
      return makeError(TERN_BAD_FILE, "code: expected no relocations, found some");
    case DT_NEEDED:
    case DT_INIT:
    case DT_INIT_ARRAY: // I5
      return makeError(TERN_BAD_FILE, "code: expected no needed library or initialiser, found one");
    case DT_SYMTAB:
      symbolTable = entry->d_un.d_ptr;
      break;
    case DT_STRTAB:
      stringTable = entry->d_un.d_ptr;
      break;
    case DT_HASH:
      hashTable = entry->d_un.d_ptr;
      break;
    default:
      break;
    }
  }
  return {};
}

std::string Reader::nameAt(uint64_t offset) const {
  std::string name;
  for (auto letter = mapped<char>(stringTable + offset);
       letter && *letter && name.size() < maxNameBytes;
       letter = mapped<char>(stringTable + offset + name.size()))
    name += *letter;
  return name;
}

Error Reader::readSymbols() {
  if (!hashTable || !symbolTable || !stringTable)
    return makeError(TERN_BAD_FILE, "code: expected a symbol table with a sysv hash table");
  // The second word of a sysv hash table is the number of symbols.
  auto count = mapped<uint32_t>(hashTable + sizeof(uint32_t));
  for (uint64_t i = 1; count && i < *count; ++i) {
    auto symbol = mapped<Elf64_Sym>(symbolTable + i * sizeof(Elf64_Sym));
    if (!symbol) // I2
      return makeError(TERN_BAD_FILE, "code: the symbol table lies outside the segments");
    std::string name = nameAt(symbol->st_name);
    if (symbol->st_shndx == SHN_UNDEF) // I6
      return makeError(TERN_BAD_FILE, "code: expected no undefined symbol, found '%s'",
                       name.c_str());
    image.symbols.push_back({std::move(name), symbol->st_value});
  }
  return {};
}

} // namespace

Error readCodeImage(std::span<const std::byte> file, CodeImage &out) {
  out = {};
  return Reader(file, out).run();
}

} // namespace tern::format
