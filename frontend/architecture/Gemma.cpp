// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gemma 1, 2 and 3: norms that multiply by 1 + weight (in GGUF the 1 is added already), embeddings
// times the root of the width, logits by the embedding. Gemma 2 norms what each branch adds, caps
// scores and logits, and every other layer has a window; Gemma 3 norms queries and keys, caps
// nothing, and layers with a window have a rotary embedding of their own.
#include "frontend/architecture/Families.h"

#include <cmath>

namespace tern::architecture {

using checkpoint::Activation;
using checkpoint::kContextRange;
using checkpoint::QueryKeyNorm;

static ModelConfig readHuggingFaceGemma(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_activation", "gelu_pytorch_tanh");
  reader.ignore({"hidden_act"});
  reader.integer("head_dim", checkpoint::kHeadWidthRange); // transformers' own is 256
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", false);
  config.normOffset = 1;
  config.embeddingScale = std::sqrt(double(config.width));
  return config;
}

static ModelConfig readGgufGemma(ConfigReader &reader, const Checkpoint &checkpoint,
                                 std::string_view family) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, family);
  config.activation = Activation::GeluTanh;
  config.embeddingScale = std::sqrt(double(config.width));
  return config;
}

/// The file does not say the scale of scores. The largest model, alone, divides by the width that a
/// head would have if heads made up the width.
static void setScale(ModelConfig &config, int64_t layersOfLargest) {
  if (config.layers == layersOfLargest)
    config.attentionScale = 1 / std::sqrt(double(config.width / config.heads));
}

/// Every `period`-th layer sees everything; the others have a window.
static void setWindows(ModelConfig &config, int64_t window, int64_t period) {
  for (int64_t layer = 0; layer < config.layers; ++layer)
    config.windows.push_back((layer + 1) % period == 0 ? 0 : window);
}

/// The names of norms around both branches.
static void nameFourNorms(ModelConfig &config) {
  config.names.attentionPostNorm = "model.layers.{}.post_attention_layernorm";
  config.names.ffnNorm = "model.layers.{}.pre_feedforward_layernorm";
  config.names.ffnPostNorm = "model.layers.{}.post_feedforward_layernorm";
}
static void nameFourNormsOfGguf(ModelConfig &config) {
  config.names.attentionPostNorm = "blk.{}.post_attention_norm";
  config.names.ffnPostNorm = "blk.{}.post_ffw_norm";
}

/// 0 for null.
static double readCap(ConfigReader &reader, std::string_view key, double usual) {
  return reader.isGiven(key) ? reader.optionalPositive(key).value_or(0) : usual;
}

/// What Gemma 2 and 3 share.
static ModelConfig readHuggingFaceWithWindows(ConfigReader &reader, const Checkpoint &checkpoint,
                                              int64_t usualPeriod, double usualCap) {
  ModelConfig config = readHuggingFaceGemma(reader, checkpoint);
  nameFourNorms(config);
  config.attentionScale = 1 / std::sqrt(reader.positive("query_pre_attn_scalar", 256));
  config.logitCap = readCap(reader, "final_logit_softcapping", usualCap);
  if (reader.has("layer_types")) {
    readHuggingFaceWindows(reader, config, {.usual = 4096});
    reader.ignore({"sliding_window_pattern"}); // says the same
  } else {
    setWindows(config, reader.integer("sliding_window", kContextRange, 4096),
               reader.integer("sliding_window_pattern", {1, 1 << 12}, usualPeriod));
  }
  return config;
}

//===- Gemma --------------------------------------------------------------===//

static ModelConfig readHuggingFace1(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceGemma(reader, checkpoint);
  // The first files say gelu and mean its tanh form.
  Activation older = readActivation(reader, "hidden_act", "gelu");
  if (older != Activation::Gelu && older != config.activation)
    reader.reject("hidden_act", "gelu or what hidden_activation says");
  return config;
}

static ModelConfig readGguf1(ConfigReader &reader, const Checkpoint &checkpoint) {
  return readGgufGemma(reader, checkpoint, "gemma");
}

const Family kGemma{"gemma", "gemma", readHuggingFace1, readGguf1};

//===- Gemma 2 ------------------------------------------------------------===//

static ModelConfig readHuggingFace2(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceWithWindows(reader, checkpoint, 2, 30);
  config.attentionCap = readCap(reader, "attn_logit_softcapping", 50);
  if (reader.integer("sliding_window_pattern", {1, 1 << 12}, 2) != 2)
    reader.reject("sliding_window_pattern", "2 in gemma2");
  return config;
}

static ModelConfig readGguf2(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufGemma(reader, checkpoint, "gemma2");
  nameFourNormsOfGguf(config);
  config.attentionCap = reader.positive("gemma2.attn_logit_softcapping", 50);
  config.logitCap = reader.positive("gemma2.final_logit_softcapping", 30);
  readGgufWindows(reader, "gemma2", config, 2, 4096);
  setScale(config, 46);
  return config;
}

const Family kGemma2{"gemma2", "gemma2", readHuggingFace2, readGguf2};

//===- Gemma 3 ------------------------------------------------------------===//

static ModelConfig readHuggingFace3(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceWithWindows(reader, checkpoint, 6, 0);
  config.queryKeyNorm = QueryKeyNorm::Head;
  config.names.queryNorm = "model.layers.{}.self_attn.q_norm";
  config.names.keyNorm = "model.layers.{}.self_attn.k_norm";
  auto rotary = [&](checkpoint::RotaryKeys keys) {
    return readHuggingFaceRotary(reader, config.headWidth, config.contextLength, keys);
  };
  if (reader.has("rope_parameters.full_attention")) {
    config.rotary = rotary({.group = "rope_parameters.full_attention", .usualTheta = 1e6});
    config.windowRotary = rotary({.group = "rope_parameters.sliding_attention"});
  } else {
    config.rotary = rotary({.usualTheta = 1e6});
    config.windowRotary = checkpoint::RotaryConfig();
    config.windowRotary->dimensions = config.headWidth;
    config.windowRotary->theta = reader.positive("rope_local_base_freq", 10000);
  }
  return config;
}

static ModelConfig readGguf3(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufGemma(reader, checkpoint, "gemma3");
  nameFourNormsOfGguf(config);
  config.queryKeyNorm = QueryKeyNorm::Head;
  config.names.queryNorm = "blk.{}.attn_q_norm";
  config.names.keyNorm = "blk.{}.attn_k_norm";
  config.logitCap = reader.optionalPositive("gemma3.final_logit_softcapping").value_or(0);
  readGgufWindows(reader, "gemma3", config, 6);
  config.windowRotary = checkpoint::RotaryConfig();
  config.windowRotary->dimensions = config.rotary->dimensions;
  config.windowRotary->theta = reader.positive("gemma3.rope.freq_base_swa", 10000);
  setScale(config, 62);
  return config;
}

const Family kGemma3{"gemma3_text", "gemma3", readHuggingFace3, readGguf3};

} // namespace tern::architecture
