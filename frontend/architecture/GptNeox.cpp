// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPT-NeoX and Pythia: two norms that feed attention and feed-forward part in parallel, a part of
// each head rotated, queries, keys and values of each head side by side in one projection.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::FusedRows;
using checkpoint::NormKind;

static void complete(ModelConfig &config) {
  config.normBias = true;
  config.isGated = false;
  config.ffnBias = true;
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  config.norm = NormKind::Layer;
  readHuggingFaceSizes(reader, config, {.epsilon = "layer_norm_eps", .usualEpsilon = 1e-5});
  config.rotary = readHuggingFaceRotary(
      reader, config.headWidth, config.contextLength,
      {.theta = "rotary_emb_base", .partial = "rotary_pct", .usualPartial = 0.25});
  // Files that transformers 4 wrote have both under its usual names, too.
  if (double theta = config.rotary->theta; reader.positive("rope_theta", theta) != theta)
    reader.reject("rope_theta", "what rotary_emb_base says, " + checkpoint::toText(theta));
  if (reader.has("rotary_pct"))
    if (double share = reader.positive("rotary_pct");
        reader.positive("partial_rotary_factor", share) != share)
      reader.reject("partial_rotary_factor", "what rotary_pct says, " + checkpoint::toText(share));
  complete(config);
  config.isParallel = reader.boolean("use_parallel_residual", true);
  config.fusedRows = FusedRows::Grouped;
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", true);
  config.activation = readActivation(reader, "hidden_act", "gelu");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", false);
  config.names.embedding = "gpt_neox.embed_in";
  config.names.finalNorm = "gpt_neox.final_layer_norm";
  config.names.head = "embed_out";
  config.names.attentionNorm = "gpt_neox.layers.{}.input_layernorm";
  config.names.fused = "gpt_neox.layers.{}.attention.query_key_value";
  config.names.attentionOut = "gpt_neox.layers.{}.attention.dense";
  config.names.ffnNorm = "gpt_neox.layers.{}.post_attention_layernorm";
  config.names.up = "gpt_neox.layers.{}.mlp.dense_h_to_4h";
  config.names.down = "gpt_neox.layers.{}.mlp.dense_4h_to_h";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

/// The projection's rows were reordered when the file was written.
static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "gptneox", NormKind::Layer);
  complete(config);
  config.isParallel = reader.boolean("gptneox.use_parallel_residual", true);
  config.activation = checkpoint::Activation::Gelu;
  return config;
}

const Family kGptNeox{"gpt_neox", "gptneox", readHuggingFace, readGguf};

} // namespace tern::architecture
