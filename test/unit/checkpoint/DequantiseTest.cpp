// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/Checkpoint.h"
#include "test/unit/checkpoint/TestFiles.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace tern::checkpoint {
namespace {

constexpr uint16_t kHalf1_5 = 0x3e00, kHalfMinus2 = 0xc000;

/// Decodes the whole of a tensor with one row a block, and checks that the double form agrees and
/// that single rows are the same values.
std::vector<float> decode(StorageType type, int64_t columns, const std::string &bytes) {
  Tensor tensor;
  tensor.type = type;
  tensor.bytes = bytes.size();
  const TypeLayout &layout = layoutOf(type);
  int64_t rows = int64_t(bytes.size()) / (columns / layout.blockElements * layout.blockBytes);
  tensor.shape = {rows, columns};
  tensor.data = reinterpret_cast<const std::byte *>(bytes.data());

  std::vector<float> values(size_t(rows * columns)), row(static_cast<size_t>(columns));
  std::vector<double> wide(values.size());
  dequantise(tensor, 0, rows, values.data());
  dequantise(tensor, 0, rows, wide.data());
  EXPECT_EQ(wide, std::vector<double>(values.begin(), values.end()));
  for (int64_t r = 0; r < rows; ++r) {
    dequantise(tensor, r, 1, row.data());
    EXPECT_EQ(row,
              std::vector<float>(values.begin() + r * columns, values.begin() + (r + 1) * columns));
  }
  dequantise(tensor, rows, 0, row.data());
  return values;
}

TEST(Dequantise, Half) {
  EXPECT_EQ(halfToFloat(0x3c00), 1);
  EXPECT_EQ(halfToFloat(kHalf1_5), 1.5f);
  EXPECT_EQ(halfToFloat(0xc000), -2);
  EXPECT_EQ(halfToFloat(0x7bff), 65504);
  EXPECT_EQ(halfToFloat(0x0400), 0x1p-14f);
  EXPECT_EQ(halfToFloat(0x0001), 0x1p-24f); // the least subnormal
  EXPECT_EQ(halfToFloat(0x83ff), -0x3ffp-24f);
  EXPECT_TRUE(std::signbit(halfToFloat(0x8000)));
  EXPECT_EQ(halfToFloat(0x7c00), INFINITY);
  EXPECT_EQ(halfToFloat(0xfc00), -INFINITY);
  EXPECT_TRUE(std::isnan(halfToFloat(0x7e00)));
}

TEST(Dequantise, Floats) {
  EXPECT_EQ(decode(StorageType::F32, 2, bytesOf(0.1f) + bytesOf(-2.0f)),
            (std::vector<float>{0.1f, -2}));
  EXPECT_EQ(decode(StorageType::F16, 1, bytesOf(kHalf1_5) + bytesOf(kHalfMinus2)),
            (std::vector<float>{1.5f, -2}));
  EXPECT_EQ(decode(StorageType::BF16, 2, bytesOf<uint16_t>(0x3f80) + bytesOf<uint16_t>(0xc0a0)),
            (std::vector<float>{1, -5}));
}

TEST(Dequantise, Q8_0) {
  std::string block = bytesOf(kHalf1_5);
  std::vector<float> expected;
  for (int i = 0; i < 32; ++i) {
    block += char(i * 8 - 128);
    expected.push_back(1.5f * float(i * 8 - 128));
  }
  EXPECT_EQ(decode(StorageType::Q8_0, 32, block), expected);
}

// Byte j holds element j below and element j + 16 above.
TEST(Dequantise, Q4) {
  std::string codes;
  std::vector<float> q4_0(64), q4_1(64);
  for (int row = 0; row < 2; ++row)
    for (int i = 0; i < 16; ++i) {
      int low = (i + row) % 16, high = (15 - i) % 16;
      codes += char(low | high << 4);
      q4_0[row * 32 + i] = 1.5f * float(low - 8);
      q4_0[row * 32 + i + 16] = 1.5f * float(high - 8);
      q4_1[row * 32 + i] = 1.5f * float(low) - 2;
      q4_1[row * 32 + i + 16] = 1.5f * float(high) - 2;
    }
  std::string scale = bytesOf(kHalf1_5), minimum = bytesOf(kHalfMinus2);
  std::string first = codes.substr(0, 16), second = codes.substr(16);
  EXPECT_EQ(decode(StorageType::Q4_0, 32, scale + first + scale + second), q4_0);
  EXPECT_EQ(decode(StorageType::Q4_1, 32, scale + minimum + first + scale + minimum + second),
            q4_1);
  EXPECT_EQ(decode(StorageType::Q4_1, 64, scale + minimum + first + scale + minimum + second),
            q4_1);
}

/// Every block type as the gguf package decodes it, bit for bit.
TEST(Dequantise, GoldenBlocks) {
  auto goldens = Checkpoint::openSafetensors(TERN_TEST_DATA "/quant/gguf/case.safetensors");
  ASSERT_TRUE(goldens) << goldens.error().message;
  for (int number = 0; number < int(StorageType::Other); ++number) {
    auto type = StorageType(number);
    const BlockFormat *format = formatOf(type);
    if (!format)
      continue;
    std::string name(layoutOf(type).name);
    EXPECT_EQ(layoutOf(type).blockElements, format->elements) << name;
    EXPECT_EQ(layoutOf(type).blockBytes, format->bytes) << name;
    const Tensor *bytes = goldens->find(name + ".bytes");
    const Tensor *values = goldens->find(name + ".values");
    ASSERT_TRUE(bytes && values) << name;
    std::vector<float> found =
        decode(type, format->elements, {reinterpret_cast<const char *>(bytes->data), bytes->bytes});
    ASSERT_EQ(found.size() * sizeof(float), values->bytes) << name;
    EXPECT_EQ(std::memcmp(found.data(), values->data, values->bytes), 0) << name;
  }
}

} // namespace
} // namespace tern::checkpoint
