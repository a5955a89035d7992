// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cohere's Command R: attention and feed-forward part in parallel on one layer norm without a bias,
// neighbouring elements rotated, logits scaled.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::NormKind;
using checkpoint::RotaryLayout;

static void complete(ModelConfig &config) {
  config.norm = NormKind::Layer;
  config.isParallel = true;
  config.names.ffnNorm = "";
  config.rotary->layout = RotaryLayout::Interleaved;
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config, {.epsilon = "layer_norm_eps", .usualEpsilon = 1e-5});
  config.rotary =
      readHuggingFaceRotary(reader, config.headWidth, config.contextLength, {.usualTheta = 5e5});
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", false);
  config.logitScale = reader.positive("logit_scale", 0.0625);
  if (reader.boolean("use_qk_norm", false))
    reader.reject("use_qk_norm", "false");
  config.names = huggingFaceNames();
  complete(config);
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "command-r", NormKind::Layer);
  config.logitScale = reader.positive("command-r.logit_scale");
  complete(config);
  return config;
}

const Family kCohere{"cohere", "command-r", readHuggingFace, readGguf};

} // namespace tern::architecture
