// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Writer.h"

#include "TestModel.h"
#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "runtime/format/Print.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tern::format;
using namespace tern::test;

static Index readIndex(std::span<const std::byte> file) {
  Container container;
  Error error = Container::read(file, container);
  EXPECT_FALSE(error) << error.message();
  Index index;
  error = decodeIndex(container.bytes(*container.find(section::index)), index);
  EXPECT_FALSE(error) << error.message();
  return index;
}

TEST(Writer, WhatIsReadIsWhatWasWritten) {
  std::vector<std::byte> bytes;
  ASSERT_FALSE(serialise(makeModel(), bytes));
  Index index = readIndex(bytes);
  EXPECT_EQ(printIndex(index), printIndex(makeModel().index));
  EXPECT_EQ(encodeIndex(index), encodeIndex(makeModel().index));
}

TEST(Writer, EqualArtefactsGiveEqualBytes) {
  std::vector<std::byte> first, second;
  ASSERT_FALSE(serialise(makeModel(), first));
  ASSERT_FALSE(serialise(makeModel(), second));
  EXPECT_EQ(first, second);
  // The same by every compiler that builds this test.
  EXPECT_EQ(toHex(hashBytes(encodeIndex([] {
              Index index = makeModel().index;
              index.target.name = "fixed";
              for (Kernel &kernel : index.kernels)
                kernel.offset = 4096;
              return index;
            }()))),
            "45079e48e0480818ca3c444c1cd8089d");
}

TEST(Writer, EmptyShapesMayLieAtAnyAddress) {
  // The length of the name moves what comes after it.
  for (size_t length = 1; length <= 16; ++length) {
    Index index = makeModel().index, out;
    index.tensors.push_back({std::string(length, 'x'), 0, 0, 4, ElementType::F32, {}});
    Error error = decodeIndex(encodeIndex(index), out);
    EXPECT_FALSE(error) << length << ": " << error.message();
  }
}

TEST(Writer, FileAndBytesAreEqual) {
  TemporaryFolder folder;
  std::vector<std::byte> bytes;
  ASSERT_FALSE(serialise(makeModel(), bytes));
  EXPECT_EQ(readFile(writeModel(folder)), bytes);
}

TEST(Writer, EmbedsWeightsAndSaysSoInTheIndex) {
  Artefact artefact = makeModel();
  auto weights = sourceWeights();
  // Two more: each starts at a multiple of 64 bytes.
  artefact.index.tensors.push_back({"a", 0, 0, 4, ElementType::F32, {}});
  artefact.index.tensors.push_back({"b", 0, 0, 8, ElementType::F32, {2}});
  auto all = std::as_bytes(std::span(weights));
  artefact.embedded = {all, all.subspan(4, 4), all.subspan(8, 8)};
  std::vector<std::byte> bytes;
  ASSERT_FALSE(serialise(artefact, bytes));
  Index index = readIndex(bytes);
  EXPECT_EQ(index.tensors[0].file, SourceTensor::embedded);
  EXPECT_EQ(index.tensors[2].offset, 128u);
  EXPECT_EQ(index.embeddedBytes, 192u);
  Container container;
  ASSERT_FALSE(Container::read(bytes, container));
  std::span<const std::byte> section;
  ASSERT_FALSE(container.section(section::weights, section));
  EXPECT_EQ(std::memcmp(section.data(), weights.data(), 64), 0);
  EXPECT_EQ(std::memcmp(section.data() + 128, &weights[2], 8), 0);
}

TEST(Writer, EmbeddedBytesMustBeThoseOfTheTensors) {
  Artefact artefact = makeModel();
  std::vector<std::byte> bytes, few(8);
  artefact.embedded = {few};
  Error error = serialise(artefact, bytes);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.message(), "tensor 'w': expected 64 bytes, found 8");
}

TEST(Writer, RefusesWhatTheReaderWouldRefuse) {
  Artefact artefact = makeModel();
  artefact.index.dims[0].min = 5;
  artefact.index.dims[0].max = 4;
  std::vector<std::byte> bytes;
  Error error = serialise(artefact, bytes);
  ASSERT_TRUE(error);
  EXPECT_EQ(error.message(), "dimension 'T': expected a range within 0 .. 2^31 - 1, found 5 .. 4");
}

TEST(Writer, LeavesNothingBehindWhenItFails) {
  TemporaryFolder folder;
  Artefact artefact = makeModel();
  artefact.extra = {{"a name that is too long", "x"}};
  Error error = writeArtefact(artefact, folder.path("model.tern"));
  ASSERT_TRUE(error);
  EXPECT_NE(error.message().find("expected a name of 1 to 15 characters"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  int pieces = 3;
  error = writeArtefact(makeModel(), folder.path("model.tern"), [&] { return pieces-- > 0; });
  EXPECT_EQ(error.code(), TERN_INTERRUPTED);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  error = writeArtefact(makeModel(), folder.path("none/model.tern"));
  ASSERT_TRUE(error);
  EXPECT_NE(error.message().find("expected a file that can be written: No such file or directory"),
            std::string::npos);
}
