// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Granite: Llama with factors of embeddings, scores, branches and logits.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", false);
  config.ffnBias = reader.boolean("mlp_bias", false);
  config.embeddingScale = reader.positive("embedding_multiplier", 1);
  config.attentionScale = reader.positive("attention_multiplier", 1);
  config.residualScale = reader.positive("residual_multiplier", 1);
  config.logitScale = 1 / reader.positive("logits_scaling", 1);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "granite");
  // Written with Llama's order of rows.
  config.rotary->layout = checkpoint::RotaryLayout::Interleaved;
  config.embeddingScale = reader.positive("granite.embedding_scale", 1);
  config.attentionScale = reader.optionalPositive("granite.attention.scale").value_or(0);
  config.residualScale = reader.positive("granite.residual_scale", 1);
  config.logitScale = 1 / reader.positive("granite.logit_scale");
  if (!reader.boolean("granite.rope.scaling.finetuned", true)) // here the word for "rotated"
    config.rotary.reset();
  return config;
}

const Family kGranite{"granite", "granite", readHuggingFace, readGguf};

} // namespace tern::architecture
