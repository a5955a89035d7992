// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Qwen 3: Llama with norms of each head's query and key.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", false);
  config.queryKeyNorm = checkpoint::QueryKeyNorm::Head;
  config.names.queryNorm = "model.layers.{}.self_attn.q_norm";
  config.names.keyNorm = "model.layers.{}.self_attn.k_norm";
  reader.integer("head_dim", checkpoint::kHeadWidthRange); // transformers' own is 128
  readQwenWindows(reader, config);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "qwen3");
  config.queryKeyNorm = checkpoint::QueryKeyNorm::Head;
  config.names.queryNorm = "blk.{}.attn_q_norm";
  config.names.keyNorm = "blk.{}.attn_k_norm";
  return config;
}

const Family kQwen3{"qwen3", "qwen3", readHuggingFace, readGguf};

} // namespace tern::architecture
