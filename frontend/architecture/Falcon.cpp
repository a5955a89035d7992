// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Falcon 7B (one key-value head, one norm), 40B and 180B (the new architecture: groups of queries,
// two norms), each with attention and feed-forward part in parallel.
#include "frontend/architecture/Families.h"

#include <bit>
#include <cmath>

namespace tern::architecture {

using checkpoint::FusedRows;
using checkpoint::NormKind;

/// Key-value heads by the file's words for it.
static int64_t keyHeads(ConfigReader &reader, const ModelConfig &config, bool isNew) {
  if (isNew)
    return reader.integer("num_kv_heads", checkpoint::kHeadCountRange, config.heads);
  return reader.boolean("multi_query", true) ? 1 : config.heads;
}

/// ALiBi's slopes: a geometric series of as many numbers as the next lower power of two, then every
/// second one of the series of twice as many (transformers, build_alibi_tensor).
static std::vector<float> slopesOf(int64_t heads) {
  auto series = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(heads)));
  std::vector<float> slopes;
  for (int64_t head = 0; head < heads; ++head) {
    bool isExtra = head >= series;
    double power = isExtra ? 2.0 * static_cast<double>(head - series) + 1 : double(head + 1);
    double count = isExtra ? 2.0 * static_cast<double>(series) : double(series);
    slopes.push_back(static_cast<float>(std::exp2(-8 * power / count)));
  }
  return slopes;
}

static void nameTensors(ModelConfig &config, bool hasTwoNorms) {
  const std::string layer = "transformer.h.{}.";
  config.names.embedding = "transformer.word_embeddings";
  config.names.finalNorm = "transformer.ln_f";
  config.names.head = "lm_head";
  config.names.attentionNorm = layer + (hasTwoNorms ? "ln_attn" : "input_layernorm");
  config.names.fused = layer + "self_attention.query_key_value";
  config.names.attentionOut = layer + "self_attention.dense";
  config.names.up = layer + "mlp.dense_h_to_4h";
  config.names.down = layer + "mlp.dense_4h_to_h";
  if (hasTwoNorms)
    config.names.ffnNorm = layer + "ln_mlp";
  else if (!config.isParallel)
    config.names.ffnNorm = layer + "post_attention_layernorm";
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config,
                       {.ffnWidth = "ffn_hidden_size",
                        .epsilon = "layer_norm_epsilon",
                        .usualEpsilon = 1e-5,
                        .usualFfnFactor = 4});
  if (reader.integer("n_embed", checkpoint::kSizeRange, config.width) != config.width)
    reader.reject("n_embed", "what hidden_size says, " + checkpoint::toText(config.width));
  bool isNew = reader.boolean("new_decoder_architecture", false);
  // Each architecture has its own of these.
  reader.ignore({"num_kv_heads", "multi_query", "parallel_attn"});
  reader.ignore({"intermediate_size"}); // transformers reads ffn_hidden_size
  config.kvHeads = keyHeads(reader, config, isNew);
  if (config.heads % config.kvHeads != 0)
    reader.reject("num_kv_heads",
                  "a divisor of the " + checkpoint::toText(config.heads) + " heads");
  if (reader.boolean("alibi", false)) {
    config.linearBias = {slopesOf(config.heads), /*isRounded=*/true};
    reader.ignore({"rope_parameters", "rope_scaling", "rope_theta"});
  } else {
    config.rotary = readHuggingFaceRotary(reader, config.headWidth, config.contextLength);
  }
  config.norm = NormKind::Layer;
  config.normBias = true;
  config.isGated = false;
  config.isParallel = reader.boolean("parallel_attn", true);
  if (isNew && !config.isParallel)
    reader.reject("parallel_attn", "true beside new_decoder_architecture");
  config.fusedRows = FusedRows::Grouped;
  config.qkvBias = config.attentionOutBias = config.ffnBias = reader.boolean("bias", false);
  config.activation = readActivation(reader, "activation", "gelu");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
  int64_t norms = reader.integer("num_ln_in_parallel_attn", {1, 2}, isNew ? 2 : 1);
  if (norms == 2 && !isNew)
    reader.reject("num_ln_in_parallel_attn", "1 without new_decoder_architecture");
  nameTensors(config, norms == 2);
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

/// The projection's rows were reordered when the file was written.
static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  if (reader.text("falcon.tensor_data_layout", "jploski") != "jploski")
    reader.reject("falcon.tensor_data_layout", "'jploski'");
  ModelConfig config = readGgufDecoder(reader, checkpoint, "falcon", NormKind::Layer);
  config.normBias = true;
  config.isGated = false;
  config.isParallel = true;
  config.activation = checkpoint::Activation::Gelu;
  config.names.ffnNorm = "";
  if (checkpoint.find("blk.0.attn_norm_2.weight")) {
    config.names.attentionNorm = "blk.{}.attn_norm_2";
    config.names.ffnNorm = "blk.{}.attn_norm";
  }
  return config;
}

const Family kFalcon{"falcon", "falcon", readHuggingFace, readGguf};

} // namespace tern::architecture
