// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Encoders against the bytes of the `gguf` Python package and of ggml (test/data/make_quant.py).
#include "frontend/checkpoint/Quantise.h"
#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/Dequantise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>

namespace tern::checkpoint {
namespace {

struct Case {
  const char *type;
  const char *folder; ///< of test/data/quant
  const char *bytes;  ///< the tensor's name
};

class Quantise : public testing::TestWithParam<Case> {
protected:
  Quantise()
      : goldens(std::move(*Checkpoint::openSafetensors(
            TERN_TEST_DATA "/quant/" + std::string(GetParam().folder) + "/case.safetensors"))) {}

  const Tensor &find(const std::string &name) { return *goldens.find(name); }

  Checkpoint goldens;
};

TEST_P(Quantise, GivesTheBytesOfTheLibrary) {
  const BlockEncoder *encoder = findEncoder(GetParam().type);
  ASSERT_TRUE(encoder);
  const Tensor &x = find("x"), &expected = find(GetParam().bytes);
  for (int64_t row = 0; row < x.rows(); ++row) {
    constexpr int64_t denormal = 11;
    std::vector<float> values(x.columns());
    dequantise(x, row, 1, values.data());
    std::vector<std::byte> found(expected.columns());
    ASSERT_EQ(x.columns() / encoder->elements * encoder->bytes, expected.columns());
    encoder->encodeAll(values, found.data());
    // Its scale's reciprocal is infinite, so its codes are not defined, but what they stand for is.
    if (row == denormal) {
      Tensor view;
      view.type = ggufType(encoder->number)->type;
      view.shape = {1, x.columns()};
      view.data = found.data();
      dequantise(view, 0, 1, values.data());
      if (encoder->elements > 1) { // bf16 has such numbers
        EXPECT_EQ(values, std::vector<float>(values.size()));
      }
      continue;
    }
    const std::byte *wanted = expected.data + row * expected.columns();
    auto [at, other] = std::mismatch(found.begin(), found.end(), wanted);
    EXPECT_EQ(at, found.end()) << "row " << row << ", byte " << at - found.begin();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, Quantise,
    testing::Values(Case{"bf16", "gguf", "BF16.bytes"}, Case{"q8_0", "gguf", "Q8_0.bytes"},
                    Case{"q4_0", "gguf", "Q4_0.bytes"}, Case{"q4_1", "gguf", "Q4_1.bytes"},
                    Case{"q5_0", "gguf", "Q5_0.bytes"}, Case{"q5_1", "gguf", "Q5_1.bytes"},
                    Case{"mxfp4", "gguf", "MXFP4.bytes"}, Case{"q2_k", "ggml", "q2_K.bytes"},
                    Case{"q3_k", "ggml", "q3_K.bytes"}, Case{"q4_k", "ggml", "q4_K.bytes"},
                    Case{"q5_k", "ggml", "q5_K.bytes"}, Case{"q6_k", "ggml", "q6_K.bytes"},
                    Case{"iq4_nl", "ggml", "iq4_nl.bytes"}, Case{"iq4_xs", "ggml", "iq4_xs.bytes"}),
    [](const auto &info) { return std::string(info.param.type); });

/// The codes of a block whose scale is 1: its values are `value` and the end of the range.
std::vector<int> codesOf(const char *type, float end, float value) {
  std::array<float, 32> values{};
  values[0] = end;
  values[1] = value;
  const BlockEncoder &encoder = *findEncoder(type);
  std::vector<std::byte> block(size_t(encoder.bytes));
  encoder.encodeAll(values, block.data());
  size_t codes = block.size() - 16;
  return {int(block[codes] & std::byte(15)), int(block[codes + 1] & std::byte(15))};
}

// Such values are common where weights were rounded before.
TEST(QuantiseTies, AreThoseOfSumsInF32) {
  float half = std::nextafter(0.5f, 0.0f);
  EXPECT_EQ(codesOf("q4_1", 15, half), (std::vector{15, 1}));
  EXPECT_EQ(codesOf("q5_1", 31, half), (std::vector{15, 1}));
  float below = std::nextafter(-0.5f, -1.0f);
  EXPECT_EQ(codesOf("q4_0", -8, below), (std::vector{0, 8}));
  EXPECT_EQ(codesOf("q5_0", -16, below), (std::vector{0, 0}));
}

TEST(QuantiseNames, AreListedForMessages) {
  EXPECT_EQ(findEncoder("q4_2"), nullptr);
  EXPECT_EQ(namesOfEncoders(),
            "f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q2_k, q3_k, q4_k, q5_k, "
            "q6_k, iq4_nl, iq4_xs or mxfp4");
}

} // namespace
} // namespace tern::checkpoint
