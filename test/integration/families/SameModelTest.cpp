// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One model as a Hugging Face directory and as a GGUF file (make_family_gguf.py): the same settings
// under other names, the same weights in another order, the same logits.
#include "frontend/architecture/Families.h"
#include "test/integration/decoder/Golden.h"
#include "test/integration/decoder/ReferenceLogits.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

namespace tern::test {
namespace {

using checkpoint::Checkpoint;
using checkpoint::ModelConfig;

/// The file's vocabulary: the directory's first tokens.
constexpr size_t kVocabulary = 64;

/// The model's directory. No key of GGUF has the epsilon of Falcon Mamba's inner norms: its file
/// is that of the model which has one for all.
std::string directoryOf(const std::string &name) {
  const std::string stored = TERN_TEST_DATA "/models/" + name;
  if (name != "falcon_mamba")
    return stored;
  std::string folder = testing::TempDir() + name + "-epsilon";
  fs::copy(stored, folder, fs::copy_options::overwrite_existing | fs::copy_options::recursive);
  nlohmann::json config = nlohmann::json::parse(std::ifstream(stored + "/config.json"));
  config["mixer_rms_eps"] = config["layer_norm_epsilon"];
  std::ofstream(folder + "/config.json") << config;
  return folder;
}

class FamilySameModel : public testing::TestWithParam<const char *> {
protected:
  std::string directory = directoryOf(GetParam());
  std::string file = std::string(TERN_TEST_DATA "/gguf/") + GetParam() + ".gguf";
};

struct Opened {
  Checkpoint checkpoint;
  ModelConfig config;
};

Opened open(const std::string &path) {
  auto checkpoint = Checkpoint::open(path);
  if (!checkpoint)
    throw std::runtime_error(checkpoint.error().message);
  auto config = architecture::readModelConfig(*checkpoint);
  if (!config)
    throw std::runtime_error(config.error().message);
  return {std::move(*checkpoint), std::move(*config)};
}

/// Longer than every window and than the first context of the long factors, which is 32.
std::vector<int32_t> prompt() {
  std::vector<int32_t> tokens;
  for (int32_t i = 0; i < 48; ++i)
    tokens.push_back((7 * i * i + 3 * i + 5) % 61 + 3);
  return tokens;
}

// Settings and norms that 1 was added to are rounded to f32, relatively 6e-8.
TEST_P(FamilySameModel, LogitsAgree) {
  Logits original = referenceLogits(directory, false, "f32", prompt());
  for (auto &row : original)
    row.resize(kVocabulary);
  EXPECT_LE(distance(referenceLogits(file, false, "f32", prompt()), original).relative(), 1e-6);
}

TEST_P(FamilySameModel, SizesAgree) {
  ModelConfig a = open(directory).config, b = open(file).config;
  EXPECT_EQ(b.vocabulary, int64_t(kVocabulary));
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.layers, b.layers);
  EXPECT_EQ(a.heads, b.heads);
  EXPECT_EQ(a.kvHeads, b.kvHeads);
  EXPECT_EQ(a.headWidth, b.headWidth);
  EXPECT_EQ(a.ffnWidth, b.ffnWidth);
  EXPECT_EQ(a.contextLength, b.contextLength);
  EXPECT_EQ(a.positionRows, b.positionRows);
  EXPECT_EQ(a.bos, b.bos);
  EXPECT_EQ(a.eos, b.eos);
  for (int64_t layer = 0; layer < a.layers; ++layer)
    EXPECT_EQ(a.windowOf(layer), b.windowOf(layer)) << layer;
}

TEST_P(FamilySameModel, GraphsAgree) {
  ModelConfig a = open(directory).config, b = open(file).config;
  EXPECT_EQ(a.norm, b.norm);
  EXPECT_EQ(a.normBias, b.normBias);
  EXPECT_EQ(a.queryKeyNorm, b.queryKeyNorm);
  EXPECT_EQ(a.activation, b.activation);
  EXPECT_EQ(a.isGated, b.isGated);
  EXPECT_EQ(a.isParallel, b.isParallel);
  EXPECT_EQ(a.tiedEmbeddings, b.tiedEmbeddings);
  EXPECT_EQ(a.qkvBias, b.qkvBias);
  EXPECT_EQ(a.attentionOutBias, b.attentionOutBias);
  EXPECT_EQ(a.ffnBias, b.ffnBias);
  EXPECT_EQ(a.headBias, b.headBias);
}

TEST_P(FamilySameModel, FactorsAgree) {
  ModelConfig a = open(directory).config, b = open(file).config;
  EXPECT_FLOAT_EQ(float(a.epsilon), float(b.epsilon));
  EXPECT_FLOAT_EQ(float(a.attentionCap), float(b.attentionCap));
  EXPECT_FLOAT_EQ(float(a.logitCap), float(b.logitCap));
  EXPECT_FLOAT_EQ(float(a.embeddingScale), float(b.embeddingScale));
  EXPECT_FLOAT_EQ(float(a.residualScale), float(b.residualScale));
  EXPECT_FLOAT_EQ(float(a.logitScale), float(b.logitScale));
}

void expectSame(const checkpoint::Rotary &a, const checkpoint::Rotary &b) {
  EXPECT_FLOAT_EQ(float(a.scale), float(b.scale));
  ASSERT_EQ(a.inverseFrequencies.size(), b.inverseFrequencies.size());
  ASSERT_EQ(a.longFrequencies.size(), b.longFrequencies.size());
  for (size_t i = 0; i < a.inverseFrequencies.size(); ++i)
    EXPECT_FLOAT_EQ(float(a.inverseFrequencies[i]), float(b.inverseFrequencies[i]));
  for (size_t i = 0; i < a.longFrequencies.size(); ++i)
    EXPECT_FLOAT_EQ(float(a.longFrequencies[i]), float(b.longFrequencies[i]));
}

TEST_P(FamilySameModel, FrequenciesAgree) {
  Opened a = open(directory), b = open(file);
  ASSERT_EQ(a.config.rotary.has_value(), b.config.rotary.has_value());
  ASSERT_EQ(a.config.windowRotary.has_value(), b.config.windowRotary.has_value());
  if (!a.config.rotary)
    return;
  auto factors = readRotaryFactors(b.checkpoint, *b.config.rotary);
  ASSERT_TRUE(factors) << factors.error().message;
  expectSame(computeRotary(*a.config.rotary), computeRotary(*b.config.rotary, *factors));
  if (a.config.windowRotary)
    expectSame(computeRotary(*a.config.windowRotary), computeRotary(*b.config.windowRotary));
}

TEST_P(FamilySameModel, NothingIsLeftOver) {
  for (const std::string &path : {directory, file}) {
    Opened model = open(path);
    EXPECT_EQ(model.config.unknownKeys, std::vector<std::string>());
    EXPECT_TRUE(architecture::unusedTensors(model.checkpoint, model.config).empty());
    auto failure = architecture::checkModel(model.checkpoint, model.config);
    EXPECT_FALSE(failure) << failure->message;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, FamilySameModel,
                         testing::Values("llama-llama3", "llama-yarn", "mistral", "qwen2", "qwen3",
                                         "gemma", "gemma2", "gemma3_text", "phi", "phi3-longrope",
                                         "gpt2", "gpt_neox", "falcon", "falcon-new", "granite",
                                         "olmo2", "cohere", "mixtral", "qwen2_moe", "qwen3_moe",
                                         "deepseek_v2", "deepseek_v3", "extra-mamba",
                                         "falcon_mamba"));

} // namespace
} // namespace tern::test
