// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DeepSeek V2 and V3: keys and values from a latent vector, experts in groups, and a part that
// every row uses. V2 picks by the softmax of all experts, V3 by sigmoids plus a correction that
// counts for the choice alone.
#include "frontend/architecture/Families.h"

#include <cmath>

namespace tern::architecture {

using checkpoint::ExpertConfig;
using checkpoint::kExpertRange;
using checkpoint::kHeadWidthRange;
using checkpoint::kLayerRange;
using checkpoint::kSizeRange;
using checkpoint::LatentConfig;
using checkpoint::toText;

static void readLatent(ConfigReader &reader, ModelConfig &config) {
  LatentConfig latent;
  if (reader.has("q_lora_rank"))
    latent.queryRank = reader.integer("q_lora_rank", kSizeRange);
  latent.keyValueRank = reader.integer("kv_lora_rank", kSizeRange);
  latent.plainWidth = reader.integer("qk_nope_head_dim", kHeadWidthRange);
  latent.rotatedWidth = reader.integer("qk_rope_head_dim", kHeadWidthRange);
  config.latent = latent;
  config.headWidth = latent.plainWidth + latent.rotatedWidth;
  config.valueWidth = reader.integer("v_head_dim", kHeadWidthRange);
  if (config.kvHeads != config.heads)
    reader.reject("num_key_value_heads", "the " + toText(config.heads) + " heads");
  config.rotary = readHuggingFaceRotary(reader, latent.rotatedWidth, config.contextLength,
                                        {.width = "qk_rope_head_dim"});
  config.rotary->layout = checkpoint::RotaryLayout::Interleaved;
  // Yarn scales the scores, too.
  double factor = checkpoint::yarnScoreFactor(*config.rotary);
  config.attentionScale = factor * factor / std::sqrt(double(config.headWidth));

  const std::string part = "model.layers.{}.self_attn.";
  config.names.query = part + "q_proj";
  config.names.queryDown = part + "q_a_proj";
  config.names.queryDownNorm = part + "q_a_layernorm";
  config.names.queryUp = part + "q_b_proj";
  config.names.keyValueDown = part + "kv_a_proj_with_mqa";
  config.names.keyValueDownNorm = part + "kv_a_layernorm";
  config.names.keyValueUp = part + "kv_b_proj";
}

static void readGroups(ConfigReader &reader, const std::string &countKey,
                       const std::string &activeKey, ExpertConfig &experts) {
  experts.groups = reader.integer(countKey, {1, experts.count}, 1);
  experts.activeGroups = reader.integer(activeKey, {1, experts.groups}, experts.groups);
  if (experts.count % experts.groups != 0)
    reader.reject(countKey, "a divisor of the " + toText(experts.count) + " experts");
  else if (experts.activeGroups * (experts.count / experts.groups) < experts.active)
    reader.reject(activeKey,
                  "groups that hold the " + toText(experts.active) + " experts of a row");
}

/// transformers' own numbers are those of one model.
static void requireGroups(ConfigReader &reader, ModelConfig &config) {
  reader.integer("n_group", kExpertRange);
  reader.integer("topk_group", kExpertRange);
  readGroups(reader, "n_group", "topk_group", *config.experts);
}

static void checkTopTwo(ConfigReader &reader, const std::string &countKey,
                        const ExpertConfig &experts) {
  if (experts.groups > 1 && experts.count / experts.groups < 2)
    reader.reject(countKey, "groups of two experts or more");
}

static void readExperts(ConfigReader &reader, ModelConfig &config) {
  ExpertConfig experts;
  experts.count = reader.integer("n_routed_experts", kExpertRange);
  experts.active = reader.integer("num_experts_per_tok", {1, experts.count});
  experts.width = reader.integer("moe_intermediate_size", kSizeRange);
  experts.scale = reader.positive("routed_scaling_factor", 1);
  experts.sharedWidth =
      experts.width * reader.integer("n_shared_experts", {0, kExpertRange.most}, 0);
  int64_t dense = reader.integer("first_k_dense_replace", {0, config.layers}, 0);
  for (int64_t layer = 0; layer < config.layers; ++layer)
    experts.isDense.push_back(layer < dense);
  if (reader.integer("moe_layer_freq", kLayerRange, 1) != 1)
    reader.reject("moe_layer_freq", "1");
  config.experts = experts;
  const std::string part = "model.layers.{}.mlp.";
  config.names.router = part + "gate";
  config.names.expertGate = part + "experts.{}.gate_proj";
  config.names.expertUp = part + "experts.{}.up_proj";
  config.names.expertDown = part + "experts.{}.down_proj";
  config.names.sharedGate = part + "shared_experts.gate_proj";
  config.names.sharedUp = part + "shared_experts.up_proj";
  config.names.sharedDown = part + "shared_experts.down_proj";
}

static ModelConfig readDecoder(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  // head_dim, where it stands, is the rotated part's.
  readHuggingFaceSizes(reader, config);
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", false);
  for (const char *bias : {"attention_bias", "mlp_bias"})
    if (reader.boolean(bias, false))
      reader.reject(bias, "false");
  reader.ignore({"qk_head_dim"}); // the sum of two widths
  // They guess the tokens after the next one.
  config.guessLayers = reader.integer("num_nextn_predict_layers", {0, kLayerRange.most}, 0);
  config.names = huggingFaceNames();
  readLatent(reader, config);
  readExperts(reader, config);
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readHuggingFace2(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readDecoder(reader, checkpoint);
  if (reader.text("scoring_func", "softmax") != "softmax")
    reader.reject("scoring_func", "softmax");
  std::string method = reader.text("topk_method", "greedy");
  if (method == "group_limited_greedy")
    requireGroups(reader, config);
  else if (method != "greedy")
    reader.reject("topk_method", "greedy or group_limited_greedy");
  reader.ignore({"n_group", "topk_group"});
  // Transformers passes over it, the model's own code does not.
  if (reader.boolean("norm_topk_prob", false))
    reader.reject("norm_topk_prob", "false");
  return config;
}

static ModelConfig readHuggingFace3(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readDecoder(reader, checkpoint);
  // Both are on by default, and null says that they are not.
  auto isOn = [&](std::string_view key) { return reader.boolean(key, !reader.isGiven(key)); };
  if (!isOn("rope_interleave"))
    config.rotary->layout = checkpoint::RotaryLayout::HalfSplit;
  for (auto [key, known] :
       {std::pair("scoring_func", "sigmoid"), std::pair("topk_method", "noaux_tc")})
    if (reader.text(key, known) != known)
      reader.reject(key, known);
  config.experts->isSigmoid = true;
  config.experts->isRenormalised = isOn("norm_topk_prob");
  requireGroups(reader, config);
  reader.positive("routed_scaling_factor"); // transformers' own is that of one model, too
  int64_t rotated = config.latent->rotatedWidth;
  if (reader.integer("head_dim", kHeadWidthRange, rotated) != rotated)
    reader.reject("head_dim", "what qk_rope_head_dim says, " + toText(rotated));
  config.experts->groupScore = checkpoint::GroupScore::TopTwo;
  checkTopTwo(reader, "n_group", *config.experts);
  config.names.routerCorrection = "model.layers.{}.mlp.gate.e_score_correction_bias";
  return config;
}

//===- GGUF ---------------------------------------------------------------===//

static std::string key(const char *name) { return "deepseek2." + std::string(name); }

/// Newer files say in `key_length` how wide a head is as llama.cpp caches it, and in another key
/// how wide it is in the model.
static void readGgufLatent(ConfigReader &reader, const Checkpoint &checkpoint,
                           ModelConfig &config) {
  LatentConfig latent;
  latent.queryRank = reader.integer(key("attention.q_lora_rank"), {0, kSizeRange.most}, 0);
  latent.keyValueRank = reader.integer(key("attention.kv_lora_rank"), kSizeRange);
  latent.rotatedWidth = reader.integer(key("rope.dimension_count"), kHeadWidthRange);
  auto width = [&](const std::string &cached, const std::string &own) {
    reader.ignore({cached});
    return reader.integer(reader.has(own) ? own : cached, kHeadWidthRange);
  };
  config.headWidth = width(key("attention.key_length"), key("attention.key_length_mla"));
  config.valueWidth = width(key("attention.value_length"), key("attention.value_length_mla"));
  reader.ignore({key("attention.head_count_kv")});
  config.kvHeads = config.heads;
  latent.plainWidth = config.headWidth - latent.rotatedWidth;
  if (latent.plainWidth <= 0)
    reader.reject(key("rope.dimension_count"), "less than the head's " + toText(config.headWidth));
  config.latent = latent;
  config.rotary =
      readGgufRotary(reader, checkpoint, "deepseek2", latent.rotatedWidth, config.contextLength);
  // A tenth of mscale and mscale_all_dim, which are the same in all models.
  if (auto multiplier = reader.optionalPositive(key("rope.scaling.yarn_log_multiplier")))
    config.rotary->mscale = config.rotary->mscaleAllDimensions = 10 * *multiplier;
  double factor = checkpoint::yarnScoreFactor(*config.rotary);
  config.attentionScale = factor * factor / std::sqrt(double(config.headWidth));

  const std::string part = "blk.{}.attn_";
  config.names.queryDown = part + "q_a";
  config.names.queryDownNorm = part + "q_a_norm";
  config.names.queryUp = part + "q_b";
  config.names.keyValueDown = part + "kv_a_mqa";
  config.names.keyValueDownNorm = part + "kv_a_norm";
  if (checkpoint.find("blk.0.attn_kv_b.weight")) {
    config.names.keyValueUp = part + "kv_b";
  } else {
    config.names.keyUp = part + "k_b";
    config.names.valueUp = part + "v_b";
  }
}

static void readGgufRouter(ConfigReader &reader, const Checkpoint &checkpoint,
                           ModelConfig &config) {
  readGgufExperts(reader, checkpoint, "deepseek2", config);
  ExpertConfig &experts = *config.experts;
  experts.scale = reader.positive(key("expert_weights_scale"), 1);
  experts.isRenormalised = reader.boolean(key("expert_weights_norm"), false);
  experts.isSigmoid = reader.integer(key("expert_gating_func"), {1, 2}, 1) == 2;
  experts.groupScore =
      experts.isSigmoid ? checkpoint::GroupScore::TopTwo : checkpoint::GroupScore::Largest;
  readGroups(reader, key("expert_group_count"), key("expert_group_used_count"), experts);
  if (experts.isSigmoid)
    checkTopTwo(reader, key("expert_group_count"), experts);
  experts.sharedWidth =
      experts.width * reader.integer(key("expert_shared_count"), {0, kExpertRange.most}, 0);
  int64_t dense = reader.integer(key("leading_dense_block_count"), {0, config.layers}, 0);
  for (int64_t layer = 0; layer < config.layers; ++layer)
    experts.isDense.push_back(layer < dense);
  const std::string part = "blk.{}.";
  config.names.sharedGate = part + "ffn_gate_shexp";
  config.names.sharedUp = part + "ffn_up_shexp";
  config.names.sharedDown = part + "ffn_down_shexp";
  if (checkpoint.find(nameOf("blk.{}.exp_probs_b.bias", dense)))
    config.names.routerCorrection = part + "exp_probs_b.bias";
}

/// V2 and V3 have one name there.
static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readGgufSizes(reader, checkpoint, "deepseek2", config);
  config.tiedEmbeddings = !checkpoint.find("output.weight");
  config.names = ggufNames();
  readGgufLatent(reader, checkpoint, config);
  readGgufRouter(reader, checkpoint, config);
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kDeepseekV2{"deepseek_v2", "deepseek2", readHuggingFace2, readGguf};
const Family kDeepseekV3{"deepseek_v3", "", readHuggingFace3, nullptr};

} // namespace tern::architecture
