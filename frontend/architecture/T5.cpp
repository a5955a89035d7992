// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// T5: an encoder and a decoder of pre-norm layers, positions by a bias of each head for the
// distance of two tokens, scores without a scale (Raffel et al. 2020, arXiv:1910.10683).
#include "frontend/architecture/Families.h"

#include <cmath>

namespace tern::architecture {

using checkpoint::EncoderDecoderConfig;
using checkpoint::TensorNames;

/// From which on all distances are in the last bucket.
constexpr int64_t kUsualDistance = 128;

/// `stack` is "encoder" or "decoder", whose layers have cross attention between the other two
/// parts.
static TensorNames namesOf(const std::string &stack, bool isGated) {
  TensorNames names;
  const std::string layer = stack + ".block.{}.layer.", self = layer + "0.SelfAttention.";
  const std::string cross = layer + "1.EncDecAttention.",
                    ffn = layer + (stack == "encoder" ? "1" : "2");
  names.relative = stack + ".block.0.layer.0.SelfAttention.relative_attention_bias";
  names.attentionNorm = layer + "0.layer_norm";
  names.query = self + "q";
  names.key = self + "k";
  names.value = self + "v";
  names.attentionOut = self + "o";
  names.crossNorm = layer + "1.layer_norm";
  names.crossQuery = cross + "q";
  names.crossKey = cross + "k";
  names.crossValue = cross + "v";
  names.crossOut = cross + "o";
  names.ffnNorm = ffn + ".layer_norm";
  names.gate = ffn + ".DenseReluDense.wi_0";
  names.up = ffn + (isGated ? ".DenseReluDense.wi_1" : ".DenseReluDense.wi");
  names.down = ffn + ".DenseReluDense.wo";
  names.finalNorm = stack + ".final_layer_norm";
  names.embedding = "shared";
  names.head = "lm_head";
  return names;
}

/// "relu", or "gated-" and the gate's activation, of which "gelu" is the one by tanh.
static void readFeedForward(ConfigReader &reader, ModelConfig &config) {
  std::string kind = reader.text("feed_forward_proj", "relu");
  config.isGated = kind.starts_with("gated-");
  if (kind == "gated-gelu")
    config.activation = checkpoint::Activation::GeluTanh;
  else if (kind == "relu" || kind == "gated-relu")
    config.activation = checkpoint::Activation::Relu;
  else if (kind == "gated-silu")
    config.activation = checkpoint::Activation::Silu;
  else
    reader.reject("feed_forward_proj", "relu, gated-gelu, gated-relu or gated-silu");
  // Say the same in newer files.
  std::string gate = kind == "gated-gelu" ? "gelu_new" : kind.substr(config.isGated ? 6 : 0);
  if (reader.text("dense_act_fn", gate) != gate)
    reader.reject("dense_act_fn", gate + " beside feed_forward_proj " + kind);
  if (reader.boolean("is_gated_act", config.isGated) != config.isGated)
    reader.reject("is_gated_act", std::string(config.isGated ? "true" : "false") +
                                      " beside feed_forward_proj " + kind);
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config,
                       {.width = "d_model",
                        .layers = "num_layers",
                        .heads = "num_heads",
                        .kvHeads = "num_heads",
                        .headWidth = "d_kv",
                        .ffnWidth = "d_ff",
                        .context = "n_positions",
                        .epsilon = "layer_norm_epsilon"});
  if (!reader.has("n_positions"))
    config.contextLength = 512;
  EncoderDecoderConfig &pair = config.encoderDecoder.emplace();
  pair.decoderLayers = reader.integer("num_decoder_layers", checkpoint::kLayerRange, config.layers);
  pair.buckets = reader.integer("relative_attention_num_buckets", {4, 1 << 12}, 32);
  pair.maxDistance =
      reader.integer("relative_attention_max_distance", {1, 1 << 16}, kUsualDistance);
  if (pair.buckets % 4 != 0)
    reader.reject("relative_attention_num_buckets", "a multiple of 4");
  if (pair.maxDistance <= pair.buckets / 2)
    reader.reject("relative_attention_max_distance",
                  "more than half of the " + checkpoint::toText(pair.buckets) + " buckets");
  pair.start = reader.integer("decoder_start_token_id", {0, config.vocabulary - 1}, 0);
  if (!reader.boolean("is_encoder_decoder", true))
    reader.reject("is_encoder_decoder", "true");
  readFeedForward(reader, config);
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
  bool isNull = reader.isGiven("scale_decoder_outputs"); // without a value it says no
  if (reader.boolean("scale_decoder_outputs", config.tiedEmbeddings && !isNull))
    config.logitScale = 1 / std::sqrt(double(config.width));
  config.attentionScale = 1;
  config.names = namesOf("encoder", config.isGated);
  pair.names = namesOf("decoder", config.isGated);
  readSpecialTokens(reader, checkpoint, config);
  config.bos = pair.start; // of the decoder's text
  return config;
}

/// `stack` is "enc" or "dec".
static TensorNames ggufNamesOf(const std::string &stack) {
  TensorNames names;
  const std::string layer = stack + ".blk.{}.";
  names.relative = stack + ".blk.0.attn_rel_b";
  names.attentionNorm = layer + "attn_norm";
  names.query = layer + "attn_q";
  names.key = layer + "attn_k";
  names.value = layer + "attn_v";
  names.attentionOut = layer + "attn_o";
  names.crossNorm = layer + "cross_attn_norm";
  names.crossQuery = layer + "cross_attn_q";
  names.crossKey = layer + "cross_attn_k";
  names.crossValue = layer + "cross_attn_v";
  names.crossOut = layer + "cross_attn_o";
  names.ffnNorm = layer + "ffn_norm";
  names.gate = layer + "ffn_gate";
  names.up = layer + "ffn_up";
  names.down = layer + "ffn_down";
  names.finalNorm = stack + ".output_norm";
  names.embedding = "token_embd";
  names.head = "output";
  return names;
}

/// No key says how far distances are told apart, how gates are activated and that logits of the
/// embedding are scaled: as in the published models, which llama.cpp runs by the same numbers.
static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readGgufSizes(reader, checkpoint, "t5", config);
  readGgufHeads(reader, "t5", config);
  if (config.kvHeads != config.heads)
    reader.reject("t5.attention.head_count_kv",
                  "the " + checkpoint::toText(config.heads) + " heads");
  EncoderDecoderConfig &pair = config.encoderDecoder.emplace();
  pair.decoderLayers =
      reader.integer("t5.decoder_block_count", checkpoint::kLayerRange, config.layers);
  pair.maxDistance = kUsualDistance;
  pair.buckets = reader.integer("t5.attention.relative_buckets_count", {4, 2 * kUsualDistance - 4});
  if (pair.buckets % 4 != 0)
    reader.reject("t5.attention.relative_buckets_count", "a multiple of 4");
  pair.start = reader.integer("t5.decoder_start_token_id", {0, config.vocabulary - 1}, 0);
  config.isGated = checkpoint.find("enc.blk.0.ffn_gate.weight");
  config.activation =
      config.isGated ? checkpoint::Activation::GeluTanh : checkpoint::Activation::Relu;
  config.tiedEmbeddings = !checkpoint.find("output.weight");
  if (config.tiedEmbeddings)
    config.logitScale = 1 / std::sqrt(double(config.width));
  config.attentionScale = 1;
  config.names = ggufNamesOf("enc");
  pair.names = ggufNamesOf("dec");
  readSpecialTokens(reader, checkpoint, config);
  config.bos = pair.start; // of the decoder's text
  return config;
}

const Family kT5{"t5", "t5", readHuggingFace, readGguf};

} // namespace tern::architecture
