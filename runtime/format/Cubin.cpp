// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Verify.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <optional>
#include <unordered_set>

namespace tern::format {

namespace {

/// The names of the sections of an ELF64 file for NVIDIA's GPUs.
class SectionNames {
public:
  explicit SectionNames(std::span<const std::byte> file) : file(file) {}

  Error read(std::unordered_set<std::string_view> &names) const {
    auto header = at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_CUDA)
      return makeError(TERN_BAD_FILE, "cubin: expected an ELF64 file for NVIDIA's GPUs");
    std::optional<Elf64_Shdr> strings = section(*header, header->e_shstrndx);
    for (unsigned i = 0; i < header->e_shnum; ++i) {
      std::optional<Elf64_Shdr> entry = section(*header, i);
      std::optional<std::string_view> name;
      if (entry && strings)
        name = nameAt(*strings, entry->sh_name);
      if (!name || (entry->sh_type != SHT_NOBITS && !isInside(entry->sh_offset, entry->sh_size)))
        return makeError(TERN_BAD_FILE, "cubin: section %u lies outside the %zu bytes", i,
                         file.size());
      names.insert(*name);
    }
    return {};
  }

private:
  bool isInside(uint64_t offset, uint64_t bytes) const {
    return offset <= file.size() && bytes <= file.size() - offset;
  }

  template <typename T> std::optional<T> at(uint64_t offset) const {
    if (!isInside(offset, sizeof(T)))
      return std::nullopt;
    T value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
  }

  std::optional<Elf64_Shdr> section(const Elf64_Ehdr &header, uint64_t number) const {
    if (header.e_shoff > file.size())
      return std::nullopt;
    return at<Elf64_Shdr>(header.e_shoff + number * sizeof(Elf64_Shdr));
  }

  std::optional<std::string_view> nameAt(const Elf64_Shdr &strings, uint64_t offset) const {
    if (!isInside(strings.sh_offset, strings.sh_size) || offset >= strings.sh_size)
      return std::nullopt;
    auto *begin = reinterpret_cast<const char *>(file.data()) + strings.sh_offset;
    const char *end = std::find(begin + offset, begin + strings.sh_size, '\0');
    if (end == begin + strings.sh_size)
      return std::nullopt;
    return std::string_view(begin + offset, end);
  }

  std::span<const std::byte> file;
};

} // namespace

Error verifyCubin(const Index &index, std::span<const std::byte> cubin) { // V18
  if (cubin.empty() != index.assembler.name.empty() ||
      (!cubin.empty() && index.device.name.empty()))
    return makeError(TERN_BAD_FILE,
                     "cubin: expected it to come with a device and an assembler, found %zu bytes "
                     "for device '%s' by '%s'",
                     cubin.size(), index.device.name.c_str(), index.assembler.name.c_str());
  if (cubin.empty())
    return {};
  std::unordered_set<std::string_view> names;
  if (Error error = SectionNames(cubin).read(names))
    return error;
  for (const Kernel &kernel : index.kernels)
    if (kernel.isForDevice() && !names.contains(".text." + kernel.name))
      return makeError(TERN_BAD_FILE, "cubin: expected the code of kernel '%s', found none",
                       kernel.name.c_str());
  return {};
}

} // namespace tern::format
