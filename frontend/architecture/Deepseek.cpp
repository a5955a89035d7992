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
  config.kvHeads = config.heads;
  config.rotary = readHuggingFaceRotary(reader, latent.rotatedWidth, config.contextLength);
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

static void readExperts(ConfigReader &reader, ModelConfig &config) {
  ExpertConfig experts;
  experts.count = reader.integer("n_routed_experts", kExpertRange);
  experts.active = reader.integer("num_experts_per_tok", {1, experts.count});
  experts.width = reader.integer("moe_intermediate_size", kSizeRange);
  experts.scale = reader.positive("routed_scaling_factor", 1);
  experts.groups = reader.integer("n_group", {1, experts.count}, 1);
  experts.activeGroups = reader.integer("topk_group", {1, experts.groups}, experts.groups);
  if (experts.count % experts.groups != 0)
    reader.reject("n_group", "a divisor of the " + toText(experts.count) + " experts");
  else if (experts.activeGroups * (experts.count / experts.groups) < experts.active)
    reader.reject("topk_group",
                  "groups that hold the " + toText(experts.active) + " experts of a row");
  experts.sharedWidth =
      experts.width * reader.integer("n_shared_experts", {0, kExpertRange.most}, 0);
  int64_t dense = reader.integer("first_k_dense_replace", {0, config.layers}, 0);
  for (int64_t layer = 0; layer < config.layers; ++layer)
    experts.isDense.push_back(layer < dense);
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
  if (reader.boolean("attention_bias", false))
    reader.reject("attention_bias", "false");
  config.names = huggingFaceNames();
  readLatent(reader, config);
  readExperts(reader, config);
  refuseQuantised(reader);
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readHuggingFace2(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readDecoder(reader, checkpoint);
  std::string method = reader.text("topk_method", "greedy");
  if (method == "greedy")
    config.experts->groups = config.experts->activeGroups = 1;
  else if (method != "group_limited_greedy")
    reader.reject("topk_method", "greedy or group_limited_greedy");
  return config;
}

static ModelConfig readHuggingFace3(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readDecoder(reader, checkpoint);
  config.experts->isSigmoid = true;
  config.experts->isRenormalised = reader.boolean("norm_topk_prob", true);
  config.experts->groupScore = checkpoint::GroupScore::TopTwo;
  if (config.experts->groups > 1 && config.experts->count / config.experts->groups < 2)
    reader.reject("n_group", "groups of two experts or more");
  config.names.routerCorrection = "model.layers.{}.mlp.gate.e_score_correction_bias";
  return config;
}

const Family kDeepseekV2{"deepseek_v2", "", readHuggingFace2, nullptr};
const Family kDeepseekV3{"deepseek_v3", "", readHuggingFace3, nullptr};

} // namespace tern::architecture
