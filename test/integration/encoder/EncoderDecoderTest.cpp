// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Encoders with a decoder against the results of transformers in f64.
#include "test/integration/encoder/Encoders.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>

namespace tern::test {
namespace {

using generate::EncoderDecoder;

class EncoderDecoderGolden : public testing::TestWithParam<const char *> {
protected:
  Golden golden{GetParam()};

  generate::RunFunction compiled() const {
    return compiledFunctions(golden.model(), "--numerics=exact");
  }

  static void feed(EncoderDecoder &model, std::span<const int32_t> tokens, Logits &rows) {
    generate::Entry entry{.sequence = 0, .tokens = tokens, .wantsAllLogits = true};
    auto keep = [&](int32_t, std::span<const float> row) {
      rows.emplace_back(row.begin(), row.end());
    };
    if (auto failure = model.feed({&entry, 1}, keep))
      throw std::runtime_error(*failure);
  }

  /// Logits after each of the decoder's tokens, which are fed `count` at a time.
  Logits logits(const generate::RunFunction &run, int prompt, size_t count) const {
    std::vector<int32_t> tokens = golden.decoded(prompt);
    EncoderDecoder model(run, tokens[0]);
    Logits rows;
    feed(model, golden.prompt(prompt), rows);
    for (size_t at = 1; at < tokens.size(); at += count)
      feed(model, std::span(tokens).subspan(at, std::min(count, tokens.size() - at)), rows);
    return rows;
  }

  Logits encoded(const generate::RunFunction &run, int prompt) const {
    std::vector<int32_t> tokens = golden.prompt(prompt), positions(tokens.size());
    std::iota(positions.begin(), positions.end(), 0);
    std::vector<command::Tensor> inputs;
    for (const std::vector<int32_t> &values : {tokens, positions}) {
      auto count = static_cast<int64_t>(values.size());
      inputs.push_back(command::Tensor::make(command::NumberType::I32, {count}));
      for (int64_t i = 0; i < count; ++i)
        inputs.back().set(i, values[size_t(i)]);
    }
    return rowsOf(run("encode", inputs)[0]);
  }

  void expectGolden(const generate::RunFunction &run, double tolerance) const {
    for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
      EXPECT_LE(distance(encoded(run, prompt), golden.encoderHidden(prompt)).relative(), tolerance);
      EXPECT_LE(distance(logits(run, prompt, 1), golden.logits(prompt)).relative(), tolerance);
    }
  }
};

// The goldens are in f32, which loses 6e-8 of a logit.
TEST_P(EncoderDecoderGolden, ReferencesComputeWhatTransformersDoes) {
  expectGolden(referenceFunctions(golden.model()), 1e-6);
}

TEST_P(EncoderDecoderGolden, PrimitivesComputeWhatTransformersDoes) {
  expectGolden(referenceFunctions(golden.model(), Spelling::Primitive), 1e-6);
}

TEST_P(EncoderDecoderGolden, CompiledCodeComputesWhatTransformersDoes) {
  expectGolden(compiled(), 2e-4);
}

TEST_P(EncoderDecoderGolden, GivesTheSameBitsHoweverTokensAreFed) {
  for (size_t count : {5, 23})
    EXPECT_TRUE(isSame(logits(compiled(), 2, count), logits(compiled(), 2, 1))) << count;
}

TEST_P(EncoderDecoderGolden, ContinuesGreedily) {
  for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
    std::vector<int32_t> expected = golden.greedy(prompt), found;
    EncoderDecoder model(compiled(), golden.decoded(prompt)[0]);
    Logits rows;
    feed(model, golden.prompt(prompt), rows);
    const int32_t sequence[] = {0};
    while (found.size() < expected.size()) {
      int32_t token = 0;
      ASSERT_FALSE(model.sample(sequence, {}, {&token, 1}));
      found.push_back(token);
      feed(model, {&token, 1}, rows);
    }
    EXPECT_EQ(found, expected) << prompt;
  }
}

TEST_P(EncoderDecoderGolden, RunsRaggedBatches) {
  std::vector<std::vector<int32_t>> prompts, decoded;
  for (int prompt = 0; prompt < Golden::prompts; ++prompt) {
    prompts.push_back(golden.prompt(prompt));
    decoded.push_back(golden.decoded(prompt));
  }
  EncoderDecoder model(compiled(), decoded[0][0]);
  std::vector<Logits> found(prompts.size());
  auto keep = [&](int32_t sequence, std::span<const float> row) {
    found[size_t(sequence)].emplace_back(row.begin(), row.end());
  };
  auto feedAll = [&](const std::vector<std::vector<int32_t>> &tokens) {
    std::vector<generate::Entry> entries;
    for (size_t i = 0; i < tokens.size(); ++i)
      entries.push_back({.sequence = int32_t(i), .tokens = tokens[i], .wantsAllLogits = true});
    return model.feed(entries, keep);
  };
  ASSERT_FALSE(feedAll(prompts));
  for (size_t at = 1; at < decoded[0].size(); ++at) {
    std::vector<std::vector<int32_t>> next;
    for (const std::vector<int32_t> &tokens : decoded)
      next.push_back({tokens[at]});
    ASSERT_FALSE(feedAll(next));
  }
  for (int prompt = 0; prompt < Golden::prompts; ++prompt)
    EXPECT_TRUE(isSame(found[size_t(prompt)], logits(compiled(), prompt, 1))) << prompt;
}

TEST_P(EncoderDecoderGolden, HasKernelsOfTheBestSchemasAlone) {
  EXPECT_EQ(remarksOf(golden.model(), "--numerics=exact"), "");
}

/// The file has the first 64 tokens, and tells distances apart up to 128.
TEST_P(EncoderDecoderGolden, IsTheSameModelInGguf) {
  std::string folder = testing::TempDir() + GetParam() + "-far";
  std::filesystem::copy(golden.model(), folder,
                        std::filesystem::copy_options::overwrite_existing |
                            std::filesystem::copy_options::recursive);
  nlohmann::json config = nlohmann::json::parse(std::ifstream(golden.model() + "/config.json"));
  config["relative_attention_max_distance"] = 128;
  std::ofstream(folder + "/config.json") << config;
  std::string file = std::string(TERN_TEST_DATA "/gguf/") + GetParam() + ".gguf";

  std::vector<int32_t> prompt(40), tokens(30);
  for (size_t i = 0; i < prompt.size(); ++i)
    prompt[i] = int32_t(i * 7 % 64);
  for (size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = int32_t(i * 5 % 64);
  auto rows = [&](const generate::RunFunction &run) {
    EncoderDecoder model(run, 0);
    Logits rows;
    feed(model, prompt, rows);
    feed(model, tokens, rows);
    return rows;
  };
  Logits expected = rows(referenceFunctions(folder));
  for (std::vector<float> &row : expected)
    row.resize(64);
  EXPECT_LE(distance(rows(referenceFunctions(file)), expected).relative(), 1e-6);
  EXPECT_LE(distance(rows(compiledFunctions(file, "--numerics=exact")), expected).relative(), 2e-4);
}

INSTANTIATE_TEST_SUITE_P(Models, EncoderDecoderGolden, testing::Values("extra-t5"));

} // namespace
} // namespace tern::test
