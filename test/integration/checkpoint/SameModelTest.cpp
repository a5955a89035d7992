// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Families.h"
#include "frontend/checkpoint/Dequantise.h"

#include <cmath>
#include <gtest/gtest.h>

namespace tern::checkpoint {
namespace {

/// A tiny model in the Hugging Face layout, and what make_gguf.py made of it in one storage type.
struct Case {
  const char *model;
  const char *type;
  double error; ///< of a decoded value, relative to the largest of its block of 32
};

void PrintTo(const Case &c, std::ostream *out) { *out << c.model << '.' << c.type; }

class SameModel : public testing::TestWithParam<Case> {
protected:
  Expected<Checkpoint> original =
      Checkpoint::open(std::string(TERN_TEST_DATA "/models/") + GetParam().model);
  Expected<Checkpoint> gguf = Checkpoint::open(std::string(TERN_TINY_GGUF "/") + GetParam().model +
                                               "." + GetParam().type + ".gguf");

  void SetUp() override {
    ASSERT_TRUE(original) << original.error().message;
    ASSERT_TRUE(gguf) << gguf.error().message;
  }
};

std::vector<float> decode(const Checkpoint &checkpoint, const std::string &name) {
  const Tensor *tensor = checkpoint.find(name);
  EXPECT_TRUE(tensor) << name;
  if (!tensor)
    return {};
  std::vector<float> values(size_t(tensor->rows() * tensor->columns()));
  dequantise(*tensor, 0, tensor->rows(), values.data());
  return values;
}

TEST_P(SameModel, SettingsAgree) {
  Expected<ModelConfig> a = architecture::readModelConfig(*original),
                        b = architecture::readModelConfig(*gguf);
  ASSERT_TRUE(a) << a.error().message;
  ASSERT_TRUE(b) << b.error().message;
  EXPECT_EQ(a->vocabulary, b->vocabulary);
  EXPECT_EQ(a->width, b->width);
  EXPECT_EQ(a->layers, b->layers);
  EXPECT_EQ(a->heads, b->heads);
  EXPECT_EQ(a->kvHeads, b->kvHeads);
  EXPECT_EQ(a->headWidth, b->headWidth);
  EXPECT_EQ(a->ffnWidth, b->ffnWidth);
  EXPECT_EQ(a->contextLength, b->contextLength);
  EXPECT_EQ(float(a->epsilon), float(b->epsilon));
  EXPECT_EQ(a->tiedEmbeddings, b->tiedEmbeddings);
}

// The file has f32 settings, and Llama 3.1's scaling as a tensor of f32 divisors.
TEST_P(SameModel, RotaryFrequenciesAgree) {
  Expected<ModelConfig> a = architecture::readModelConfig(*original),
                        b = architecture::readModelConfig(*gguf);
  ASSERT_TRUE(a && b);
  Rotary one = computeRotary(*a->rotary);
  Rotary other = computeRotary(*b->rotary, *readRotaryFactors(*gguf, *b->rotary));
  EXPECT_NEAR(one.scale, other.scale, 1e-12);
  ASSERT_EQ(one.inverseFrequencies.size(), other.inverseFrequencies.size());
  for (size_t i = 0; i < one.inverseFrequencies.size(); ++i)
    EXPECT_NEAR(one.inverseFrequencies[i], other.inverseFrequencies[i],
                1e-7 * one.inverseFrequencies[i]);
}

TEST_P(SameModel, WeightsAgree) {
  for (auto [name, ggufName] :
       {std::pair("model.embed_tokens.weight", "token_embd.weight"),
        std::pair("model.layers.1.mlp.down_proj.weight", "blk.1.ffn_down.weight"),
        std::pair("model.layers.0.self_attn.v_proj.weight", "blk.0.attn_v.weight")}) {
    std::vector<float> a = decode(*original, name), b = decode(*gguf, ggufName);
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      float largest = 0;
      for (size_t j = i / 32 * 32; j < i / 32 * 32 + 32; ++j)
        largest = std::max(largest, std::fabs(a[j]));
      ASSERT_NEAR(a[i], b[i], GetParam().error * largest) << name << " " << i;
    }
  }
  EXPECT_EQ(decode(*original, "model.norm.weight"), decode(*gguf, "output_norm.weight"));
}

// Rows of a head go from halves to neighbours: rotating pairs gives the same scores.
TEST_P(SameModel, QueryRowsArePermuted) {
  Expected<ModelConfig> config = architecture::readModelConfig(*original);
  ASSERT_TRUE(config) << config.error().message;
  std::vector<float> a = decode(*original, "model.layers.0.self_attn.q_proj.weight");
  std::vector<float> b = decode(*gguf, "blk.0.attn_q.weight");
  ASSERT_EQ(a.size(), b.size());
  int64_t half = config->headWidth / 2, columns = config->width;
  for (int64_t head = 0; head < config->heads; ++head)
    for (int64_t pair = 0; pair < half; ++pair)
      for (int64_t part = 0; part < 2; ++part) {
        int64_t from = head * 2 * half + part * half + pair;
        int64_t to = head * 2 * half + 2 * pair + part;
        float largest = 0;
        for (int64_t c = 0; c < columns; ++c)
          largest = std::max(largest, std::fabs(a[size_t(from * columns + c)]));
        for (int64_t c = 0; c < columns; ++c)
          ASSERT_NEAR(a[size_t(from * columns + c)], b[size_t(to * columns + c)],
                      GetParam().error * largest);
      }
}

// Half a step of the code, and the rounding of scale and minimum to f16: q4_0 rounds to steps of
// 1/8 and cuts off the end opposite its scale, q4_1 to 15ths of a range of at most 2.
INSTANTIATE_TEST_SUITE_P(
    Types, SameModel,
    testing::Values(Case{"llama", "f32", 0}, Case{"llama", "f16", 0x1p-11},
                    Case{"llama", "bf16", 0x1p-8}, Case{"llama", "q8_0", 0.5 / 127 + 0x1p-10},
                    Case{"llama", "q4_0", 1.0 / 8 + 0x1p-10},
                    Case{"llama", "q4_1", 1.0 / 15 + 0x1p-9}, Case{"llama-bf16", "bf16", 0},
                    Case{"llama-linear", "f32", 0}, Case{"llama-llama3", "f32", 0},
                    Case{"llama-yarn", "f32", 0}),
    [](const auto &info) { return std::to_string(info.index); });

} // namespace
} // namespace tern::checkpoint
