// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// OLMo 2: norms of the whole query and key projections, and of what each branch adds in place of
// what it reads.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint, {.usualEpsilon = 1e-5});
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", false);
  config.queryKeyNorm = checkpoint::QueryKeyNorm::Projection;
  config.names.queryNorm = "model.layers.{}.self_attn.q_norm";
  config.names.keyNorm = "model.layers.{}.self_attn.k_norm";
  config.names.attentionNorm = config.names.ffnNorm = "";
  config.names.attentionPostNorm = "model.layers.{}.post_attention_layernorm";
  config.names.ffnPostNorm = "model.layers.{}.post_feedforward_layernorm";
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "olmo2");
  config.queryKeyNorm = checkpoint::QueryKeyNorm::Projection;
  config.names.queryNorm = "blk.{}.attn_q_norm";
  config.names.keyNorm = "blk.{}.attn_k_norm";
  config.names.attentionNorm = config.names.ffnNorm = "";
  config.names.attentionPostNorm = "blk.{}.post_attention_norm";
  config.names.ffnPostNorm = "blk.{}.post_ffw_norm";
  readGgufWindows(reader, "olmo2", config, 4); // of OLMo 3
  if (!config.windows.empty()) {               // where scaling does not reach
    config.windowRotary = checkpoint::RotaryConfig();
    config.windowRotary->dimensions = config.rotary->dimensions;
    config.windowRotary->theta = reader.positive("olmo2.rope.freq_base_swa", config.rotary->theta);
  }
  return config;
}

const Family kOlmo2{"olmo2", "olmo2", readHuggingFace, readGguf};

} // namespace tern::architecture
