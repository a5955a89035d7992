// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Container.h"

#include "TestModel.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tern::format;

static std::vector<std::byte> modelBytes() {
  std::vector<std::byte> bytes;
  Error error = serialise(tern::test::makeModel(), bytes);
  EXPECT_FALSE(error) << error.message();
  return bytes;
}

static std::string refusal(std::span<const std::byte> bytes) {
  Container container;
  Error error = Container::read(bytes, container);
  return error ? error.message() : "";
}

/// The model with its header changed and hashed again.
template <typename Change> static std::vector<std::byte> withHeader(Change change) {
  std::vector<std::byte> bytes = modelBytes();
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  change(header);
  header.hash = hashHeader(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

TEST(Container, FindsSections) {
  std::vector<std::byte> bytes = modelBytes();
  Container container;
  ASSERT_FALSE(Container::read(bytes, container));
  std::span<const std::byte> text;
  ASSERT_FALSE(container.section(section::tokenizer, text));
  EXPECT_EQ(text.size(), std::strlen("{\"tokenizer\": 1}"));
  ASSERT_FALSE(container.section("nothing", text));
  EXPECT_TRUE(text.empty());
}

TEST(Container, EveryFlippedByteOfTheHeaderIsRefused) {
  std::vector<std::byte> bytes = modelBytes();
  for (size_t i = 0; i < pageBytes; ++i) {
    bytes[i] ^= std::byte(1);
    EXPECT_NE(refusal(bytes), "") << i;
    bytes[i] ^= std::byte(1);
  }
  EXPECT_EQ(refusal(bytes), "");
}

TEST(Container, SaysWhatTheFileIsNot) {
  std::vector<std::byte> bytes = modelBytes();
  EXPECT_NE(refusal({}).find("expected a file that starts with 'TERN-ART'"), std::string::npos);
  EXPECT_NE(refusal(std::span(bytes).first(100)).find("found 100 bytes in the whole file"),
            std::string::npos);
  EXPECT_NE(refusal(std::span(bytes).first(bytes.size() - 1)).find("as its header says"),
            std::string::npos);
  bytes[8] = std::byte(2);
  EXPECT_EQ(refusal(bytes), "expected format version 1, found version 2: compile the model again");
}

TEST(Container, SectionsMustLieInOrderWithinTheFile) {
  auto cases = {
      withHeader([](Header &header) { header.sections[1].offset = header.sections[0].offset; }),
      withHeader([](Header &header) { header.sections[0].offset += 8; }),
      withHeader([](Header &header) { header.sections[0].offset = 0; }),
      withHeader([](Header &header) { header.sections[1].length = header.fileBytes; }),
      withHeader([](Header &header) { header.sections[1].length = UINT64_MAX; }),
  };
  for (const auto &bytes : cases)
    EXPECT_NE(refusal(bytes).find("expected a page-aligned range"), std::string::npos);
}

TEST(Container, SectionsHaveNamesThatDiffer) {
  auto twice = withHeader([](Header &header) {
    std::memcpy(header.sections[1].name, header.sections[0].name, sizeof header.sections[0].name);
  });
  EXPECT_NE(refusal(twice).find("expected it once, found it twice"), std::string::npos);
  auto endless = withHeader([](Header &header) {
    std::memset(header.sections[0].name, 'x', sizeof header.sections[0].name);
  });
  EXPECT_NE(refusal(endless).find("expected a name of 1 to 15"), std::string::npos);
  auto many = withHeader([](Header &header) { header.sectionCount = 63; });
  EXPECT_NE(refusal(many).find("expected at most 62 sections"), std::string::npos);
}

TEST(Container, DamageInASectionIsFoundByItsHash) {
  std::vector<std::byte> bytes = modelBytes();
  Container container;
  ASSERT_FALSE(Container::read(bytes, container));
  for (const SectionEntry &section : container.sections()) {
    std::byte &last = bytes[section.offset + section.length - 1];
    last ^= std::byte(0x80);
    Error error = container.checkHash(section);
    ASSERT_TRUE(error) << section.name;
    EXPECT_NE(error.message().find(section.name), std::string::npos);
    last ^= std::byte(0x80);
    EXPECT_FALSE(container.checkHash(section));
  }
}
