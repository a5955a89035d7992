// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// OPT: learnt positions that begin at row 2 of their table, layer norms, ReLU. Of one size (350M)
// the norms stand behind the sums, and the embedding is narrower than the stream.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::NormKind;

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config,
                       {.ffnWidth = "ffn_dim", .epsilon = "", .usualEpsilon = 1e-5});
  config.positionOffset = 2;
  config.positionRows = config.contextLength + config.positionOffset;
  config.norm = NormKind::Layer;
  config.normBias = true;
  config.isGated = false;
  config.qkvBias = config.attentionOutBias = config.ffnBias = reader.boolean("enable_bias", true);
  config.activation = readActivation(reader, "activation_function", "relu");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
  config.isPostNorm = !reader.boolean("do_layer_norm_before", true);
  if (!reader.boolean("layer_norm_elementwise_affine", true))
    reader.reject("layer_norm_elementwise_affine", "true");
  if (reader.boolean("_remove_final_layer_norm", false))
    reader.reject("_remove_final_layer_norm", "false");
  int64_t embedded = reader.integer("word_embed_proj_dim", checkpoint::kSizeRange, config.width);
  if (embedded != config.width)
    config.embeddingWidth = embedded;
  std::string scope =
      checkpoint.find("decoder.embed_tokens.weight") ? "decoder." : "model.decoder.";
  std::string layer = scope + "layers.{}.";
  config.names.embedding = scope + "embed_tokens";
  config.names.positions = scope + "embed_positions";
  config.names.embeddingIn = scope + "project_in";
  config.names.embeddingOut = scope + "project_out";
  if (!config.isPostNorm)
    config.names.finalNorm = scope + "final_layer_norm";
  config.names.head = "lm_head";
  config.names.attentionNorm = layer + "self_attn_layer_norm";
  config.names.query = layer + "self_attn.q_proj";
  config.names.key = layer + "self_attn.k_proj";
  config.names.value = layer + "self_attn.v_proj";
  config.names.attentionOut = layer + "self_attn.out_proj";
  config.names.ffnNorm = layer + "final_layer_norm";
  config.names.up = layer + "fc1";
  config.names.down = layer + "fc2";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kOpt{"opt", "", readHuggingFace, nullptr};

} // namespace tern::architecture
