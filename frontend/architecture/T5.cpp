// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// T5: an encoder and a decoder of pre-norm layers, positions by a bias of each head for the
// distance of two tokens, scores without a scale (Raffel et al. 2020, arXiv:1910.10683).
#include "frontend/architecture/Families.h"

#include <cmath>

namespace tern::architecture {

using checkpoint::EncoderDecoderConfig;
using checkpoint::TensorNames;

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
  reader.ignore({"dense_act_fn", "is_gated_act"}); // say the same
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
  pair.maxDistance = reader.integer("relative_attention_max_distance", {1, 1 << 16}, 128);
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
  if (reader.boolean("scale_decoder_outputs", config.tiedEmbeddings))
    config.logitScale = 1 / std::sqrt(double(config.width));
  config.attentionScale = 1;
  config.names = namesOf("encoder", config.isGated);
  pair.names = namesOf("decoder", config.isGated);
  readSpecialTokens(reader, checkpoint, config);
  config.bos = pair.start; // of the decoder's text
  return config;
}

const Family kT5{"t5", "", readHuggingFace, nullptr};

} // namespace tern::architecture
