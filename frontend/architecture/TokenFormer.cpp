// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// TokenFormer (arXiv 2410.23168, github.com/Haiyang-W/TokenFormer): GPT-NeoX's pre-norm blocks, in
// which each linear map and the whole feed-forward part is attention to learnt tokens. Norms of
// layers have no weights.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::TokenForm;
using checkpoint::TokenScore;

static TokenScore readScore(ConfigReader &reader) {
  std::string name = reader.text("norm_activation_type", "l2_norm_gelu");
  if (name == "softmax")
    return TokenScore::Softmax;
  if (name == "gelu_l2_norm")
    return TokenScore::GeluNorm;
  if (name != "l2_norm_gelu")
    reader.reject("norm_activation_type", "softmax, gelu_l2_norm or l2_norm_gelu");
  return TokenScore::NormGelu;
}

/// The slots of the maps that end so. A model that grew by keys of zero keeps its function if the
/// scale keeps counting the slots that it had: `base_KEY`.
static void readPart(ConfigReader &reader, TokenForm &form, const std::string &key,
                     std::initializer_list<std::string_view> endings) {
  int64_t slots = reader.integer(key, checkpoint::kSizeRange);
  int64_t base = reader.integer("base_" + key, {1, slots}, slots);
  for (std::string_view ending : endings)
    form.parts.push_back({std::string(ending), slots, base});
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  config.norm = checkpoint::NormKind::Layer;
  readHuggingFaceSizes(reader, config,
                       {.layers = "num_layers",
                        .epsilon = "layernorm_epsilon",
                        .usualEpsilon = 1e-5,
                        .usualFfnFactor = 4});
  config.rotary = readHuggingFaceRotary(
      reader, config.headWidth, config.contextLength,
      {.theta = "rotary_emb_base", .partial = "rotary_pct", .usualPartial = 1});
  if (reader.text("norm", "layernorm_nonparam") != "layernorm_nonparam")
    reader.reject("norm", "layernorm_nonparam");
  if (reader.text("final_norm", "layernorm") != "layernorm")
    reader.reject("final_norm", "layernorm");
  if (reader.text("pos_emb", "rotary") != "rotary")
    reader.reject("pos_emb", "rotary");
  for (const char *key : {"gpt_j_residual", "use_bias_in_attn_linear"})
    if (reader.boolean(key, false))
      reader.reject(key, "false");
  config.normBias = true;
  config.hasPlainNorms = true;
  config.tiedEmbeddings = !reader.boolean("no_weight_tying", false);
  TokenForm form;
  form.score = readScore(reader);
  readPart(reader, form, "qkv_slot_num", {".query", ".key", ".value"});
  readPart(reader, form, "proj_slot_num", {".proj"});
  readPart(reader, form, "ffn_slot_num", {".mlp"});
  config.linear = form;
  config.names.embedding = "gpt_neox.embed_in";
  config.names.finalNorm = "gpt_neox.final_layer_norm";
  config.names.head = "embed_out";
  config.names.attentionNorm = "gpt_neox.layers.{}.input_layernorm";
  config.names.ffnNorm = "gpt_neox.layers.{}.post_attention_layernorm";
  config.names.query = "gpt_neox.layers.{}.attention.query";
  config.names.key = "gpt_neox.layers.{}.attention.key";
  config.names.value = "gpt_neox.layers.{}.attention.value";
  config.names.attentionOut = "gpt_neox.layers.{}.attention.proj";
  config.names.down = "gpt_neox.layers.{}.mlp";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kTokenFormer{"tokenformer", "", readHuggingFace, nullptr};

} // namespace tern::architecture
