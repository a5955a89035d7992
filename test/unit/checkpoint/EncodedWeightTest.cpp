// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights in parts against the bytes of bitsandbytes, and the laws of binary codes.
#include "frontend/checkpoint/EncodedWeight.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/LinearForm.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

namespace tern::checkpoint {
namespace {

const StoredTensor &find(const EncodedWeight &weight, std::string_view name) {
  for (const StoredTensor &part : weight.parts)
    if (part.name == name)
      return part;
  throw std::runtime_error("no " + std::string(name));
}

template <typename T> std::vector<T> numbersOf(const StoredTensor &part) {
  std::vector<T> numbers(part.bytes.size() / sizeof(T));
  std::memcpy(numbers.data(), part.bytes.data(), part.bytes.size());
  return numbers;
}

/// What bitsandbytes made of rows of 512 numbers.
class BitsAndBytes : public testing::Test {
protected:
  /// In this row the reciprocal of a block's scale is infinite, so the codes are not defined.
  static constexpr int64_t denormal = 11, columns = 512;

  std::vector<float> values(const std::string &name) const {
    const Tensor &tensor = *goldens.find(name);
    std::vector<float> numbers(size_t(tensor.rows() * tensor.columns()));
    dequantise(tensor, 0, tensor.rows(), numbers.data());
    return numbers;
  }

  EncodedWeight encode(const std::string &name, const BitsAndBytesScheme &scheme) const {
    std::vector<float> numbers = values(name);
    auto rows = int64_t(numbers.size()) / columns;
    return encodeBitsAndBytes({"m", rows, columns, numbers}, scheme, "bfloat16");
  }

  /// `rowBytes` 0: all bytes count, else those of the row `denormal` do not.
  void expectBytes(const StoredTensor &part, const std::string &name, int64_t rowBytes = 0) const {
    const Tensor &expected = *goldens.find(name);
    ASSERT_EQ(part.bytes.size(), expected.bytes) << name;
    for (int64_t i = 0; i < int64_t(expected.bytes); ++i)
      if (rowBytes == 0 || i / rowBytes != denormal) {
        ASSERT_EQ(part.bytes[size_t(i)], expected.data[i]) << name << ", byte " << i;
      }
  }

  Checkpoint goldens{std::move(
      *Checkpoint::openSafetensors(TERN_TEST_DATA "/quant/bitsandbytes/case.safetensors"))};
};

TEST_F(BitsAndBytes, GivesTheBytesOfTheLibrary) {
  for (const char *table : {"nf4", "fp4"}) {
    std::string golden = table;
    EncodedWeight weight = encode("x", {false, table, false});
    expectBytes(find(weight, "m.weight"), golden + ".packed", columns / 2);
    expectBytes(find(weight, "m.weight.absmax"), golden + ".absmax");
    expectBytes(find(weight, "m.weight.quant_map"), golden + ".code");
    std::vector<float> expected = values(golden + ".values");
    for (int64_t i = 0; i < int64_t(expected.size()); ++i)
      if (i / columns != denormal) {
        ASSERT_EQ(weight.values[size_t(i)], expected[size_t(i)]) << i;
      }
  }
}

TEST_F(BitsAndBytes, GivesTheBytesOfTheLibraryWithNestedScales) {
  for (const char *table : {"nf4", "fp4"}) {
    std::string golden = std::string(table) + "-double";
    EncodedWeight weight = encode("x", {false, table, true});
    expectBytes(find(weight, "m.weight"), golden + ".packed", columns / 2);
    expectBytes(find(weight, "m.weight.absmax"), golden + ".absmax");
    expectBytes(find(weight, "m.weight.nested_absmax"), golden + ".nested_absmax");
    expectBytes(find(weight, "m.weight.nested_quant_map"), golden + ".nested_code");
    const StoredTensor &state =
        find(weight, std::string("m.weight.quant_state.bitsandbytes__") + table);
    auto json = nlohmann::json::parse(numbersOf<char>(state));
    EXPECT_EQ(json["nested_offset"].get<float>(), values(golden + ".offset")[0]);
    EXPECT_EQ(json["dtype"], "bfloat16");
    EXPECT_EQ(json["shape"], (std::vector<int64_t>{45, columns}));
  }
}

TEST_F(BitsAndBytes, GivesTheRowsOfTheLibrary) {
  EncodedWeight weight = encode("int8.x", {true, "fp4", false});
  expectBytes(find(weight, "m.weight"), "int8.packed");
  expectBytes(find(weight, "m.SCB"), "int8.scales");
  EXPECT_EQ(find(weight, "m.weight_format").bytes, std::vector{std::byte(0)});
}

TEST(BitsAndBytesRows, AreOfNumbersInHalfPrecision) {
  // 1 + 2^-12 is 1 there, so 127 is the code of both.
  std::vector<float> values{1, 1 + 0x1p-12f};
  EncodedWeight weight = encodeBitsAndBytes({"m", 1, 2, values}, {true, "fp4", false}, "float32");
  EXPECT_EQ(numbersOf<int8_t>(find(weight, "m.weight")), (std::vector<int8_t>{127, 127}));
  EXPECT_EQ(numbersOf<float>(find(weight, "m.SCB")), std::vector{1.0f});
}

/// W of the parts, by the law of BinaryForm.
std::vector<float> decodeBinary(const EncodedWeight &weight, int64_t bits, int64_t out,
                                int64_t in) {
  auto signs = numbersOf<_Float16>(find(weight, "m.binary_weight"));
  auto scales = numbersOf<float>(find(weight, "m.alpha"));
  std::vector<float> values;
  for (int64_t n = 0; n < out; ++n)
    for (int64_t k = 0; k < in; ++k) {
      float sum = 0;
      for (int64_t b = 0; b < bits; ++b) {
        int byte = int(signs[size_t((b * (in / 8) + k / 8) * out + n)]);
        float scale = scales[size_t((k / 8 * 8 + n / (out / 8)) * bits + b)];
        sum += byte >> k % 8 & 1 ? scale : -scale;
      }
      values.push_back(sum);
    }
  return values;
}

double squaredError(const std::vector<float> &a, const std::vector<float> &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += std::pow(double(a[i]) - double(b[i]), 2);
  return sum;
}

class Binary : public testing::TestWithParam<int64_t> {
protected:
  static constexpr int64_t out = 64, in = 24;

  static std::vector<float> normal(float scale) {
    std::mt19937 random(7);
    std::normal_distribution<float> next(0, scale);
    std::vector<float> values(out * in);
    for (float &value : values)
      value = next(random);
    return values;
  }
};

TEST_P(Binary, SaysWhatItsPartsStandFor) {
  std::vector<float> values = normal(1);
  EncodedWeight weight = encodeBinary({"m", out, in, values}, GetParam());
  EXPECT_EQ(weight.values, decodeBinary(weight, GetParam(), out, in));
}

TEST_P(Binary, HasScalesOfThreePowersOfTwo) {
  std::vector<float> values = normal(1);
  EncodedWeight weight = encodeBinary({"m", out, in, values}, GetParam());
  for (float scale : numbersOf<float>(find(weight, "m.alpha"))) {
    for (int term = 0; term < 3 && scale != 0; ++term)
      scale -= std::copysign(std::exp2(std::round(std::log2(std::fabs(scale)))), scale);
    EXPECT_EQ(scale, 0);
  }
}

// The best scales of 1, 2, 3 and 4 signs lose 36, 12, 3.5 and 1 % of a normal distribution (the
// 2-, 4-, 8- and 16-level quantisers of Max 1960, equally spaced or not); those of sums lie
// between.
TEST_P(Binary, IsNearTheBestOfNormalNumbers) {
  const std::array<double, 5> most{1, 0.37, 0.13, 0.045, 0.016};
  for (float scale : {1.0f, 1e-4f}) {
    std::vector<float> values = normal(scale), none(values.size());
    EncodedWeight weight = encodeBinary({"m", out, in, values}, GetParam());
    EXPECT_LT(squaredError(weight.values, values),
              most[size_t(GetParam())] * squaredError(none, values));
  }
}

/// What the signs of what is left lose, with its mean magnitude as their scale.
double greedyError(std::vector<float> rest, int64_t bits) {
  for (int64_t b = 0; b < bits; ++b) {
    double mean = 0;
    for (float number : rest)
      mean += std::fabs(number) / double(rest.size());
    for (float &number : rest)
      number -= float(std::copysign(mean, number));
  }
  return squaredError(rest, std::vector<float>(rest.size()));
}

TEST_P(Binary, LosesLessThanGreedySigns) {
  // With 8 rows a group is 8 neighbours.
  std::vector<float> values = normal(1);
  EncodedWeight weight = encodeBinary({"m", 8, out * in / 8, values}, GetParam());
  double greedy = 0;
  for (auto at = values.begin(); at != values.end(); at += 8)
    greedy += greedyError({at, at + 8}, GetParam());
  EXPECT_LT(squaredError(weight.values, values), 0.8 * greedy);
}

TEST_P(Binary, HoldsZeros) {
  std::vector<float> zeros(out * in);
  EXPECT_EQ(encodeBinary({"m", out, in, zeros}, GetParam()).values, zeros);
}

INSTANTIATE_TEST_SUITE_P(Bits, Binary, testing::Values(2, 3, 4));

} // namespace
} // namespace tern::checkpoint
