// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/CodeImage.h"

#include "TestModel.h"

#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>

using namespace tern::format;
using tern::test::readImage;

static std::string refusal(std::span<const std::byte> bytes) {
  CodeImage image;
  Error error = readCodeImage(bytes, image);
  return error ? error.message() : "";
}

/// The good image with one structure changed in place.
template <typename T, typename Change>
static std::vector<std::byte> patched(uint64_t offset, Change change) {
  std::vector<std::byte> image = readImage();
  T value;
  std::memcpy(&value, image.data() + offset, sizeof value);
  change(value);
  std::memcpy(image.data() + offset, &value, sizeof value);
  return image;
}

static uint64_t findProgramHeader(uint32_t type) {
  std::vector<std::byte> image = readImage();
  for (uint64_t at = sizeof(Elf64_Ehdr);; at += sizeof(Elf64_Phdr)) {
    Elf64_Phdr header;
    std::memcpy(&header, image.data() + at, sizeof header);
    if (header.p_type == type)
      return at;
  }
}

static uint64_t dynamicValue(int64_t tag) {
  std::vector<std::byte> image = readImage();
  Elf64_Phdr dynamic;
  std::memcpy(&dynamic, image.data() + findProgramHeader(PT_DYNAMIC), sizeof dynamic);
  for (uint64_t at = dynamic.p_offset;; at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn entry;
    std::memcpy(&entry, image.data() + at, sizeof entry);
    if (entry.d_tag == tag)
      return entry.d_un.d_val;
  }
}

TEST(CodeImage, FindsExportedKernels) {
  CodeImage image;
  ASSERT_FALSE(readCodeImage(readImage(), image));
  ASSERT_TRUE(image.find("pack"));
  EXPECT_TRUE(image.isExecutable(image.find("pack")->address));
  EXPECT_FALSE(image.isExecutable(image.segments[0].address));
  EXPECT_FALSE(image.isExecutable(image.memoryBytes));
  EXPECT_FALSE(image.find("elsewhere"));
}

TEST(CodeImage, I1OtherFileKindsAreRefused) {
  EXPECT_NE(refusal({}).find("expected an ELF64 shared object"), std::string::npos);
  auto other = patched<Elf64_Ehdr>(0, [](Elf64_Ehdr &header) { header.e_machine = EM_S390; });
  EXPECT_NE(refusal(other).find("expected an ELF64 shared object"), std::string::npos);
  auto object = patched<Elf64_Ehdr>(0, [](Elf64_Ehdr &header) { header.e_type = ET_REL; });
  EXPECT_NE(refusal(object).find("expected an ELF64 shared object"), std::string::npos);
}

TEST(CodeImage, I2TablesOutsideTheFileAreRefused) {
  auto headers = patched<Elf64_Ehdr>(0, [](Elf64_Ehdr &header) { header.e_phoff = UINT64_MAX; });
  EXPECT_NE(refusal(headers).find("program header 0 lies outside"), std::string::npos);
  auto segment = patched<Elf64_Phdr>(findProgramHeader(PT_LOAD),
                                     [](Elf64_Phdr &header) { header.p_offset = UINT64_MAX - 5; });
  EXPECT_NE(refusal(segment).find("lies outside the"), std::string::npos);
  auto dynamic = patched<Elf64_Phdr>(findProgramHeader(PT_DYNAMIC),
                                     [](Elf64_Phdr &header) { header.p_offset = UINT64_MAX; });
  EXPECT_NE(refusal(dynamic).find("dynamic table lies outside"), std::string::npos);
}

TEST(CodeImage, I2EveryPrefixIsRefusedWithoutAFault) {
  std::vector<std::byte> image = readImage();
  CodeImage whole;
  ASSERT_FALSE(readCodeImage(image, whole));
  uint64_t needed = 0;
  for (const CodeSegment &segment : whole.segments)
    needed = std::max(needed, segment.fileOffset + segment.bytes);
  for (uint64_t length = 0; length < needed; length += 7)
    EXPECT_NE(refusal(std::span(image).first(length)), "") << length;
}

TEST(CodeImage, I3WritableSegmentsAreRefused) {
  EXPECT_NE(refusal(readImage("writable")).find("expected no writable segment"), std::string::npos);
  auto zeroed = patched<Elf64_Phdr>(findProgramHeader(PT_LOAD),
                                    [](Elf64_Phdr &header) { header.p_memsz += 1; });
  EXPECT_NE(refusal(zeroed).find("expected the file to fill each segment"), std::string::npos);
}

TEST(CodeImage, I4SegmentsOutOfOrderAreRefused) {
  auto far = patched<Elf64_Phdr>(findProgramHeader(PT_LOAD),
                                 [](Elf64_Phdr &header) { header.p_vaddr = uint64_t(1) << 40; });
  EXPECT_NE(refusal(far).find("expected segments in order below 1 GiB"), std::string::npos);
}

TEST(CodeImage, I5RelocationsAreRefused) {
  EXPECT_NE(refusal(readImage("relocation")).find("expected no relocations"), std::string::npos);
}

TEST(CodeImage, I6UndefinedSymbolsAreRefused) {
  // Addresses of the image's first segment are offsets in its file.
  auto undefined = patched<Elf64_Sym>(dynamicValue(DT_SYMTAB) + sizeof(Elf64_Sym),
                                      [](Elf64_Sym &symbol) { symbol.st_shndx = SHN_UNDEF; });
  EXPECT_NE(refusal(undefined).find("expected no undefined symbol, found '"), std::string::npos);
}
