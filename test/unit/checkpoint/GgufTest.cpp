// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/checkpoint/TestFiles.h"

namespace tern::checkpoint {
namespace {

const std::string kFloats8(8 * sizeof(float), '\1');
const std::string kBlock8_0(34, '\1');

GgufFile smallFile() {
  GgufFile file;
  file.add("general.architecture", "llama");
  file.tensor("a", {4, 2}, 0, kFloats8);
  file.tensor("b", {32}, 8, kBlock8_0);
  return file;
}

std::string refusal(const GgufFile &file) { return InMemory(file.bytes()).message(); }

TEST(Gguf, ReadsTensorsRowsFirst) {
  InMemory file(smallFile().bytes());
  ASSERT_TRUE(*file) << file.message();
  const Checkpoint &checkpoint = **file;
  EXPECT_EQ(checkpoint.format(), Format::Gguf);
  ASSERT_EQ(checkpoint.tensors().size(), 2u);

  const Tensor *a = checkpoint.find("a");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->type, StorageType::F32);
  EXPECT_EQ(a->shape, (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(a->rows(), 2);
  EXPECT_EQ(a->columns(), 4);
  EXPECT_EQ(a->bytes, 32u);
  EXPECT_EQ(a->offset % 32, 0u);

  const Tensor *b = checkpoint.find("b");
  ASSERT_TRUE(b);
  EXPECT_EQ(b->type, StorageType::Q8_0);
  EXPECT_EQ(b->typeName, "Q8_0");
  EXPECT_EQ(b->offset, a->offset + 32);
  EXPECT_EQ(b->data, a->data + 32);
  EXPECT_FALSE(checkpoint.find("c"));
}

TEST(Gguf, ReadsVersion2) {
  GgufFile file = smallFile();
  file.version = bytesOf<uint32_t>(2);
  EXPECT_EQ(refusal(file), "");
}

TEST(Gguf, ReadsEveryTypeOfValue) {
  GgufFile file;
  file.raw("u8", 0, bytesOf<uint8_t>(200)).raw("i8", 1, bytesOf<int8_t>(-5));
  file.raw("u16", 2, bytesOf<uint16_t>(60000)).raw("i16", 3, bytesOf<int16_t>(-300));
  file.raw("u32", 4, bytesOf<uint32_t>(4000000000)).raw("i32", 5, bytesOf<int32_t>(-70000));
  file.add("f32", 1.5f).add("bool", true).add("string", "text");
  file.raw("u64", 10, bytesOf<uint64_t>(1ull << 40)).raw("i64", 11, bytesOf<int64_t>(-1));
  file.raw("f64", 12, bytesOf(0.1)).raw("huge", 10, bytesOf(~uint64_t(0)));
  file.add("strings", std::vector<std::string>{"x", "", "yz"});
  file.array<int32_t>("ints", 5, {1, -2}).array<float>("floats", 6, {0.5f});
  InMemory read(file.bytes());
  ASSERT_TRUE(*read) << read.message();
  const GgufMetadata &metadata = (*read)->metadata();

  EXPECT_EQ(metadata.find("u8")->integer(), 200);
  EXPECT_EQ(metadata.find("i8")->integer(), -5);
  EXPECT_EQ(metadata.find("u16")->integer(), 60000);
  EXPECT_EQ(metadata.find("i16")->integer(), -300);
  EXPECT_EQ(metadata.find("u32")->integer(), 4000000000);
  EXPECT_EQ(metadata.find("i32")->integer(), -70000);
  EXPECT_EQ(metadata.find("u64")->integer(), int64_t(1) << 40);
  EXPECT_EQ(metadata.find("i64")->integer(), -1);
  EXPECT_EQ(metadata.find("huge")->integer(), std::nullopt);
  EXPECT_EQ(metadata.find("f32")->real(), 1.5);
  EXPECT_EQ(metadata.find("f64")->real(), 0.1);
  EXPECT_EQ(metadata.find("i32")->real(), -70000);
  EXPECT_EQ(metadata.find("f32")->integer(), std::nullopt);
  EXPECT_EQ(metadata.find("bool")->boolean(), true);
  EXPECT_EQ(metadata.find("u8")->boolean(), std::nullopt);
  EXPECT_EQ(metadata.find("string")->text(), "text");
  EXPECT_EQ(metadata.find("strings")->texts(), (std::vector<std::string_view>{"x", "", "yz"}));
  EXPECT_EQ(metadata.find("strings")->text(), std::nullopt);
  EXPECT_EQ(metadata.find("ints")->integers(), (std::vector<int64_t>{1, -2}));
  EXPECT_EQ(metadata.find("ints")->floats(), std::nullopt);
  EXPECT_EQ(metadata.find("floats")->floats(), std::vector<float>{0.5f});
  EXPECT_EQ(metadata.find("none"), nullptr);
}

TEST(Gguf, FindsEveryKeyAmongMany) {
  GgufFile file;
  for (uint32_t i = 0; i < 100; ++i)
    file.add("key" + std::to_string(i * 37 % 100), i);
  InMemory read(file.bytes());
  ASSERT_TRUE(*read) << read.message();
  for (uint32_t i = 0; i < 100; ++i)
    EXPECT_EQ((*read)->metadata().find("key" + std::to_string(i * 37 % 100))->integer(), i);
}

// Whatever the length, what is left out is missed and nothing beyond the end is read.
TEST(Gguf, RefusesEveryTruncation) {
  std::string whole = smallFile().bytes();
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(InMemory(std::string_view(whole).substr(0, size)).message(), "") << size;
}

TEST(Gguf, RefusesOtherVersions) {
  GgufFile file = smallFile();
  file.version = bytesOf<uint32_t>(1);
  EXPECT_EQ(refusal(file), "file: byte 8: expected GGUF version 2 or 3, found 1");
  file.version = bytesOf<uint32_t>(3 << 24);
  EXPECT_EQ(refusal(file),
            "file: byte 8: expected a little-endian GGUF file, found a big-endian one");
}

TEST(Gguf, RefusesCountsBeyondTheFile) {
  GgufFile file = smallFile();
  file.tensorCount = ~uint64_t(0);
  EXPECT_EQ(refusal(file), "file: byte 24: expected at most 6 tensors in what is left of the file, "
                           "found a count of 18446744073709551615");
  file = smallFile();
  file.entryCount = uint64_t(1) << 62;
  EXPECT_EQ(refusal(file), "file: byte 24: expected at most 15 keys in what is left of the file, "
                           "found a count of 4611686018427387904");
}

TEST(Gguf, RefusesTextBeyondTheFile) {
  GgufFile file;
  file.raw("k", 8, bytesOf(~uint64_t(0)));
  EXPECT_EQ(refusal(file), "file: byte 45: expected 18446744073709551615 bytes of a string, found "
                           "19 to the end of the file");
}

// The file ends one byte before its last string does.
TEST(Gguf, RefusesTextThatIsOneByteShort) {
  std::string bytes = GgufFile().add("key", "text").bytes();
  bytes.resize(bytes.find("text") + 3);
  EXPECT_EQ(InMemory(bytes).message(),
            "file: byte 47: expected 4 bytes of a string, found 3 to the "
            "end of the file");
}

TEST(Gguf, RefusesArraysWhoseSizeOverflows) {
  GgufFile file;
  file.raw("k", 9, bytesOf<uint32_t>(12) + bytesOf<uint64_t>(1ull << 61));
  EXPECT_EQ(refusal(file), "file: byte 49: key 'k': expected 2305843009213693952 values of f64, "
                           "found 15 bytes to the end of the file");
  file = GgufFile();
  file.raw("k", 9, bytesOf<uint32_t>(8) + bytesOf<uint64_t>(1ull << 61));
  EXPECT_NE(refusal(file), "");
}

TEST(Gguf, RefusesOtherTypesOfValue) {
  GgufFile file;
  file.raw("k", 13, bytesOf<uint64_t>(0));
  EXPECT_EQ(refusal(file), "file: byte 37: key 'k': expected a value type from 0 to 12, found 13");
  file = GgufFile();
  file.raw("k", 9, bytesOf<uint32_t>(9) + bytesOf<uint64_t>(1));
  EXPECT_EQ(refusal(file),
            "file: byte 41: key 'k': expected an array of values, found nested arrays");
  file = GgufFile();
  file.raw("k", 7, bytesOf<uint8_t>(2));
  EXPECT_EQ(refusal(file), "file: byte 37: key 'k': expected a bool of 0 or 1, found 2");
}

TEST(Gguf, RefusesKeysAndTensorsThatOccurTwice) {
  GgufFile file = smallFile();
  file.add("x", 1u).add("y", 1u).add("x", 2u);
  EXPECT_NE(refusal(file).find("expected each key once, found 'x' twice"), std::string::npos);
  file = smallFile();
  file.tensor("a", {8}, 0, kFloats8);
  EXPECT_EQ(refusal(file), "file: expected each tensor once, found 'a' twice");
}

TEST(Gguf, RefusesPartsOfModels) {
  EXPECT_EQ(refusal(GgufFile().raw("split.count", 2, bytesOf<uint16_t>(1))), "");
  EXPECT_EQ(refusal(GgufFile().raw("split.count", 2, bytesOf<uint16_t>(3))),
            "file: byte 49: split.count: expected a whole model, found one of 3 parts");
}

TEST(Gguf, TakesOtherAlignments) {
  for (uint32_t alignment : {1u, 8u, 64u, 1u << 20}) {
    GgufFile file;
    file.alignment = alignment;
    file.add("general.alignment", alignment);
    file.tensor("a", {4, 2}, 0, kFloats8).tensor("b", {4, 2}, 0, kFloats8);
    EXPECT_EQ(refusal(file), "") << alignment;
  }
}

TEST(Gguf, RefusesOddAlignments) {
  for (uint32_t alignment : {0u, 3u, 24u, 1u << 21, ~0u}) {
    GgufFile file = smallFile();
    file.add("general.alignment", alignment);
    EXPECT_NE(
        refusal(file).find("general.alignment: expected a power of two up to 1048576, found " +
                           std::to_string(alignment)),
        std::string::npos)
        << refusal(file);
  }
  GgufFile file = smallFile();
  file.add("general.alignment", "32");
  EXPECT_NE(refusal(file).find("general.alignment: expected an integer, found string"),
            std::string::npos);
}

TEST(Gguf, RefusesTensorsThatCannotBe) {
  auto refused = [](const std::vector<uint64_t> &sizes, uint32_t type) {
    std::string message = refusal(GgufFile().record("t", sizes, type, 0));
    return message.substr(message.find("tensor"));
  };
  EXPECT_EQ(refused({}, 0), "tensor 't': expected 1 to 4 dimensions, found 0");
  EXPECT_EQ(refused({1, 1, 1, 1, 1}, 0), "tensor 't': expected 1 to 4 dimensions, found 5");
  EXPECT_EQ(refused({4, 0}, 0),
            "tensor 't': expected sizes from 1 with a product below 2^63, found size 0");
  EXPECT_EQ(refused({1ull << 32, 1ull << 31}, 0),
            "tensor 't': expected sizes from 1 with a product below 2^63, found size 2147483648");
  EXPECT_EQ(refused({1ull << 62}, 0),
            "tensor 't': 4611686018427387904 elements of F32 exceed any file");
  EXPECT_EQ(refused({33, 2}, 8),
            "tensor 't': expected rows of whole Q8_0 blocks of 32, found rows of 33");
  EXPECT_EQ(refused({32}, 4), "tensor 't': expected a known storage type, found number 4");
  EXPECT_EQ(refused({32}, 1000), "tensor 't': expected a known storage type, found number 1000");
}

// An overlap, a gap and an odd place, each with enough data behind it.
TEST(Gguf, RefusesTensorsOutOfPlace) {
  for (uint64_t offset : {0, 33, 64}) {
    GgufFile file;
    file.record("a", {8}, 0, 0).record("b", {8}, 0, offset);
    file.data.resize(offset + 32);
    EXPECT_EQ(refusal(file), "file: tensor 'b': expected its data at offset 32, directly after the "
                             "tensor before it, found offset " +
                                 std::to_string(offset));
  }
}

TEST(Gguf, RefusesDataThatIsTooShortOrTooLong) {
  GgufFile file;
  file.record("a", {9}, 0, 0);
  file.data = kFloats8;
  EXPECT_EQ(refusal(file), "file: tensor 'a': expected 36 bytes at 64, found a file of 96 bytes");
  file = smallFile();
  file.data.resize(96);
  EXPECT_EQ(refusal(file), ""); // padding
  file.data.resize(97);
  EXPECT_EQ(refusal(file), "file: expected the file to end with its last tensor at byte 256, found "
                           "257 bytes");
}

// What is known by name is kept for a message by whoever needs the tensor.
TEST(Gguf, KeepsTypesThatAreNotRead) {
  GgufFile file;
  file.tensor("a", {256}, 22, std::string(82, '\0'));
  InMemory read(file.bytes());
  ASSERT_TRUE(*read) << read.message();
  EXPECT_EQ((*read)->find("a")->type, StorageType::Other);
  EXPECT_EQ((*read)->find("a")->typeName, "IQ2_S");
  ExpectedTensor wanted{"a", {256}};
  EXPECT_EQ(checkTensors(**read, {&wanted, 1})->message,
            "file: tensor 'a': expected storage type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, "
            "Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or MXFP4, found 'IQ2_S'");
}

TEST(Gguf, ShowsHostileNamesHarmlessly) {
  std::string message = refusal(GgufFile().record("\x1b[2J'" + std::string(500, 'x'), {}, 0, 0));
  EXPECT_NE(message.find("tensor '\\x1b[2J\\x27xxx"), std::string::npos) << message;
  EXPECT_LT(message.size(), 250u);
}

} // namespace
} // namespace tern::checkpoint
