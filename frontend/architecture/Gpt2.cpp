// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPT-2: learnt positions, layer norms, one projection of queries, keys and values, weights stored
// as [in, out].
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::FusedRows;
using checkpoint::NormKind;

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config,
                       {.width = "n_embd",
                        .layers = "n_layer",
                        .heads = "n_head",
                        .ffnWidth = "n_inner",
                        .context = reader.has("n_positions") ? "n_positions" : "n_ctx",
                        .epsilon = "layer_norm_epsilon",
                        .usualEpsilon = 1e-5,
                        .usualFfnFactor = 4});
  config.positionRows = config.contextLength;
  config.norm = NormKind::Layer;
  config.normBias = true;
  config.isGated = false;
  config.isTransposed = true;
  config.fusedRows = FusedRows::Concatenated;
  config.qkvBias = config.attentionOutBias = config.ffnBias = true;
  config.activation = readActivation(reader, "activation_function", "gelu_new");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
  if (!reader.boolean("scale_attn_weights", true))
    config.attentionScale = 1;
  if (reader.boolean("scale_attn_by_inverse_layer_idx", false))
    reader.reject("scale_attn_by_inverse_layer_idx", "false");
  // Files of fine-tuned models have a prefix that the first one lacks.
  std::string scope = checkpoint.find("wte.weight") ? "" : "transformer.";
  config.names.embedding = scope + "wte";
  config.names.positions = scope + "wpe";
  config.names.finalNorm = scope + "ln_f";
  config.names.head = "lm_head";
  config.names.attentionNorm = scope + "h.{}.ln_1";
  config.names.fused = scope + "h.{}.attn.c_attn";
  config.names.attentionOut = scope + "h.{}.attn.c_proj";
  config.names.ffnNorm = scope + "h.{}.ln_2";
  config.names.up = scope + "h.{}.mlp.c_fc";
  config.names.down = scope + "h.{}.mlp.c_proj";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  config.norm = NormKind::Layer;
  readGgufSizes(reader, checkpoint, "gpt2", config);
  readGgufHeads(reader, "gpt2", config);
  config.positionRows = config.contextLength;
  config.normBias = true;
  config.isGated = false;
  config.fusedRows = FusedRows::Concatenated;
  config.qkvBias = config.attentionOutBias = config.ffnBias = true;
  config.activation = checkpoint::Activation::GeluTanh;
  config.tiedEmbeddings = !checkpoint.find("output.weight");
  config.names = ggufNames();
  config.names.positions = "position_embd";
  config.names.fused = "blk.{}.attn_qkv";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kGpt2{"gpt2", "gpt2", readHuggingFace, readGguf};

} // namespace tern::architecture
