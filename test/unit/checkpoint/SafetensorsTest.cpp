// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/checkpoint/TestFiles.h"

namespace tern::checkpoint {
namespace {

const std::string kData16(16, '\1');

std::string refusal(std::string_view header, std::string_view data = kData16) {
  return InMemory(safetensorsFile(header, data)).message();
}

/// A header with a tensor "t" of the given fields.
std::string fields(std::string_view text) { return "{\"t\":{" + std::string(text) + "}}"; }

TEST(Safetensors, ReadsTensorsByTheirPlace) {
  std::string header = R"({"__metadata__":{"format":"pt"},
    "b":{"shape":[2],"dtype":"F32","data_offsets":[8,16]},
    "a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}})";
  InMemory read(safetensorsFile(header, kData16));
  ASSERT_TRUE(*read) << read.message();
  const Checkpoint &checkpoint = **read;
  EXPECT_EQ(checkpoint.format(), Format::Safetensors);
  ASSERT_EQ(checkpoint.tensors().size(), 2u);
  EXPECT_EQ(checkpoint.tensors()[0].name, "a");
  EXPECT_EQ(checkpoint.tensors()[0].type, StorageType::BF16);
  EXPECT_EQ(checkpoint.tensors()[0].shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(checkpoint.tensors()[0].offset, 8 + header.size());
  EXPECT_EQ(checkpoint.find("b")->bytes, 8u);
  EXPECT_EQ(checkpoint.find("b")->data, checkpoint.find("a")->data + 8);
}

TEST(Safetensors, ReadsScalarsAndEmptyTensors) {
  InMemory read(safetensorsFile(R"({"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
    "empty":{"dtype":"F32","shape":[3,0,9223372036854775807],"data_offsets":[4,4]}})",
                                "1234"));
  ASSERT_TRUE(*read) << read.message();
  EXPECT_EQ((*read)->find("scalar")->columns(), 1);
  EXPECT_EQ((*read)->find("scalar")->rows(), 1);
  EXPECT_EQ((*read)->find("empty")->bytes, 0u);
  EXPECT_EQ((*read)->find("empty")->rows(), 0);
}

TEST(Safetensors, ReadsAFileWithoutTensors) {
  EXPECT_EQ(refusal("{}", ""), "");
  EXPECT_EQ(refusal("{}  ", ""), "");
  EXPECT_EQ(refusal(R"({"__metadata__":{}})", ""), "");
}

TEST(Safetensors, KeepsUnknownTypesByName) {
  InMemory read(
      safetensorsFile(R"({"t":{"dtype":"F4_E2M1","shape":[32],"data_offsets":[0,16]}})", kData16));
  ASSERT_TRUE(*read) << read.message();
  EXPECT_EQ((*read)->find("t")->type, StorageType::Other);
  ExpectedTensor wanted{"t", {32}};
  EXPECT_EQ(checkTensors(**read, {&wanted, 1})->message,
            "file: tensor 't': expected storage type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, "
            "Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or MXFP4, found 'F4_E2M1'");
}

TEST(Safetensors, RefusesEveryTruncation) {
  std::string whole =
      safetensorsFile(R"({"t":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", kData16);
  EXPECT_EQ(InMemory(whole).message(), "");
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(InMemory(std::string_view(whole).substr(0, size)).message(), "") << size;
}

TEST(Safetensors, RefusesHeadersBeyondTheFile) {
  EXPECT_EQ(InMemory("1234").message(),
            "file: expected a safetensors header, found a file of 4 bytes");
  EXPECT_EQ(InMemory(bytesOf<uint64_t>(3) + "{}").message(),
            "file: expected a header of at most 2 bytes, found a length of 3");
  EXPECT_EQ(InMemory(bytesOf(~uint64_t(0)) + "{}").message(),
            "file: expected a header of at most 2 bytes, found a length of 18446744073709551615");
}

TEST(Safetensors, RefusesWhatIsNotJson) {
  EXPECT_EQ(refusal(""), "file: header byte 1: expected JSON, found ''");
  EXPECT_EQ(refusal("{\"t"), "file: header byte 4: expected JSON, found '\"t'");
  EXPECT_EQ(refusal("{} {}"), "file: header byte 4: expected JSON, found '{} {'");
  EXPECT_EQ(refusal("{\"\xff\":{}}"), "file: header byte 3: expected JSON, found '\"\\xff'");
}

TEST(Safetensors, RefusesOtherDocuments) {
  EXPECT_EQ(refusal("[]"), "file: header: expected an object, found an array");
  EXPECT_EQ(refusal("null"), "file: header: expected an object, found null");
  EXPECT_EQ(refusal("true"), "file: header: expected an object, found a Boolean");
  EXPECT_EQ(refusal("-1"), "file: header: expected an object, found -1");
  EXPECT_EQ(refusal(R"({"t":"x"})"), "file: tensor 't': expected an object, found 'x'");
  EXPECT_EQ(refusal(R"({"t":7})"), "file: tensor 't': expected an object, found 7");
  EXPECT_EQ(refusal(R"({"__metadata__":{"a":1}})"),
            "file: header: expected text in __metadata__, found 1");
  EXPECT_EQ(refusal(R"({"__metadata__":{"a":{}}})"),
            "file: header: expected text in __metadata__, found an object");
  EXPECT_EQ(refusal(R"({"__metadata__":{},"__metadata__":{}})"),
            "file: header: expected __metadata__ once, found it twice");
}

// A bomb ends at the first level that the format does not have.
TEST(Safetensors, RefusesNesting) {
  std::string bomb(1 << 20, '[');
  EXPECT_EQ(refusal(bomb), "file: header: expected an object, found an array");
  EXPECT_EQ(refusal(fields("\"shape\":" + bomb)),
            "file: tensor 't': expected a shape of whole numbers, found an array");
  EXPECT_EQ(refusal(fields("\"dtype\":{\"a\":")),
            "file: tensor 't': expected a dtype in quotes, found an object");
}

TEST(Safetensors, RefusesOtherFields) {
  EXPECT_EQ(refusal(fields(R"("dtype":"F32","shape":[4])")),
            "file: tensor 't': expected dtype, shape and data_offsets, found no data_offsets");
  EXPECT_EQ(refusal(fields(R"("dtype":"F32","data_offsets":[0,16])")),
            "file: tensor 't': expected dtype, shape and data_offsets, found no shape");
  EXPECT_EQ(refusal(fields(R"("shape":[4],"data_offsets":[0,16])")),
            "file: tensor 't': expected dtype, shape and data_offsets, found no dtype");
  EXPECT_EQ(refusal(fields(R"("type":"F32")")),
            "file: tensor 't': expected dtype, shape and data_offsets, found 'type'");
  EXPECT_EQ(refusal(fields(R"("dtype":"F32","dtype":"F32")")),
            "file: tensor 't': expected dtype once, found it twice");
  EXPECT_EQ(refusal(fields(R"("dtype":3)")),
            "file: tensor 't': expected a dtype in quotes, found 3");
}

TEST(Safetensors, RefusesShapesThatCannotBe) {
  EXPECT_EQ(refusal(fields(R"("shape":[-4])")),
            "file: tensor 't': expected a shape of whole numbers, found -4");
  EXPECT_EQ(refusal(fields(R"("shape":[4.0])")),
            "file: tensor 't': expected a shape of whole numbers, found '4.0'");
  EXPECT_EQ(refusal(fields(R"("shape":4)")),
            "file: tensor 't': expected a shape of whole numbers, found 4");
  EXPECT_EQ(refusal(fields(R"("shape":[9223372036854775808])")),
            "file: tensor 't': expected sizes below 2^63, found 9223372036854775808");
  EXPECT_EQ(refusal(fields(R"("shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1])")),
            "file: tensor 't': expected at most 16 dimensions, found more");
  EXPECT_EQ(
      refusal(fields(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])")),
      "file: tensor 't': expected fewer than 2^63 elements, found the shape [4294967296, "
      "4294967296]");
}

TEST(Safetensors, RefusesOffsetsThatContradict) {
  auto offsets = [](std::string_view text) {
    return refusal(fields("\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":" + std::string(text)));
  };
  EXPECT_EQ(offsets("[0,12]"),
            "file: tensor 't': expected data_offsets that hold F32 of shape [4], "
            "found 12 bytes");
  EXPECT_EQ(offsets("[16,0]"),
            "file: tensor 't': expected two rising data_offsets, found 16 and 0");
  EXPECT_EQ(offsets("[0]"), "file: tensor 't': expected two rising data_offsets, found 1");
  EXPECT_EQ(offsets("[0,16,16]"), "file: tensor 't': expected two data_offsets, found more");
  EXPECT_EQ(offsets("[-1,16]"), "file: tensor 't': expected two data_offsets, found -1");
  EXPECT_EQ(offsets("[1,17]"), "file: tensor 't': expected data_offsets that begin at 0, where the "
                               "tensor before it ends, found 1");
  EXPECT_EQ(offsets("[18446744073709551600,18446744073709551616]"),
            "file: tensor 't': expected two data_offsets, found '18446744073709551616'");
}

TEST(Safetensors, RefusesGapsOverlapsAndWhatIsBeyond) {
  auto two = [](std::string_view a, std::string_view b, size_t size) {
    std::string header = R"({"a":{"dtype":"U8","shape":[8],"data_offsets":)" + std::string(a) +
                         R"(},"b":{"dtype":"U8","shape":[8],"data_offsets":)" + std::string(b) +
                         "}}";
    return refusal(header, std::string(size, '\1'));
  };
  EXPECT_EQ(two("[0,8]", "[8,16]", 16), "");
  EXPECT_EQ(two("[0,8]", "[4,12]", 16), "file: tensor 'b': expected data_offsets that begin at 8, "
                                        "where the tensor before it ends, found 4");
  EXPECT_EQ(two("[0,8]", "[0,8]", 16), "file: tensor 'b': expected data_offsets that begin at 8, "
                                       "where the tensor before it ends, found 0");
  EXPECT_EQ(two("[0,8]", "[9,17]", 17), "file: tensor 'b': expected data_offsets that begin at 8, "
                                        "where the tensor before it ends, found 9");
  EXPECT_EQ(two("[0,8]", "[8,16]", 15),
            "file: tensor 'b': expected data_offsets up to 15, the end of the file, found 16");
  EXPECT_EQ(two("[0,8]", "[8,16]", 17), "file: expected 16 bytes of data, found 17");
}

TEST(Safetensors, RefusesTensorsThatOccurTwice) {
  EXPECT_EQ(refusal(R"({"t":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},
                        "t":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}})"),
            "file: expected each tensor once, found 't' twice");
}

} // namespace
} // namespace tern::checkpoint
