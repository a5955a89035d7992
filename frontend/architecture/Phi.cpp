// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Phi 1 and 2: attention and feed-forward part in parallel on one norm, a part of each head
// rotated.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::NormKind;

/// What is the same in both formats.
static void complete(ModelConfig &config) {
  config.norm = NormKind::Layer;
  config.normBias = true;
  config.isParallel = true;
  config.isGated = false;
  config.qkvBias = config.attentionOutBias = config.ffnBias = config.headBias = true;
  config.names.ffnNorm = config.names.gate = "";
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config,
                       {.epsilon = "layer_norm_eps", .usualEpsilon = 1e-5, .usualFfnFactor = 4});
  config.rotary =
      readHuggingFaceRotary(reader, config.headWidth, config.contextLength, {.usualPartial = 0.5});
  config.activation = readActivation(reader, "hidden_act", "gelu_new");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", false);
  if (reader.boolean("qk_layernorm", false))
    reader.reject("qk_layernorm", "false");
  config.names = huggingFaceNames();
  complete(config);
  config.names.finalNorm = "model.final_layernorm";
  config.names.attentionOut = "model.layers.{}.self_attn.dense";
  config.names.up = "model.layers.{}.mlp.fc1";
  config.names.down = "model.layers.{}.mlp.fc2";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "phi2", NormKind::Layer);
  complete(config);
  config.activation = checkpoint::Activation::GeluTanh;
  config.tiedEmbeddings = false;
  return config;
}

const Family kPhi{"phi", "phi2", readHuggingFace, readGguf};

} // namespace tern::architecture
