// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Qwen 2 and 3 with experts; those of Qwen 2 have a part beside them that every row uses, behind a
// gate of its own.
#include "frontend/architecture/Families.h"

#include <algorithm>

namespace tern::architecture {

using checkpoint::ExpertConfig;
using checkpoint::kExpertRange;
using checkpoint::kLayerRange;
using checkpoint::kSizeRange;
using checkpoint::toText;

void readDenseLayers(ConfigReader &reader, ModelConfig &config) {
  int64_t step = reader.integer("decoder_sparse_step", kLayerRange, 1);
  // An empty list is as good as none.
  std::vector<int64_t> dense = reader.isEmpty("mlp_only_layers")
                                   ? std::vector<int64_t>()
                                   : reader.integers("mlp_only_layers", {0, config.layers - 1});
  for (int64_t layer = 0; layer < config.layers; ++layer)
    config.experts->isDense.push_back((layer + 1) % step != 0 ||
                                      std::ranges::count(dense, layer) != 0);
}

static void readExperts(ConfigReader &reader, ModelConfig &config) {
  // transformers chooses the layers with a window in another way in each of these families.
  if (!config.windows.empty())
    reader.reject("use_sliding_window", "false");
  ExpertConfig experts;
  const bool isLocal = reader.isGiven("num_local_experts"); // newer files
  experts.count = reader.integer(isLocal ? "num_local_experts" : "num_experts", kExpertRange);
  if (reader.integer("num_experts", kExpertRange, experts.count) != experts.count)
    reader.reject("num_experts", "what num_local_experts says, " + toText(experts.count));
  experts.active = reader.integer("num_experts_per_tok", {1, experts.count});
  experts.width = reader.integer("moe_intermediate_size", kSizeRange);
  experts.isRenormalised = reader.boolean("norm_topk_prob", false);
  config.experts = experts;
  readDenseLayers(reader, config);
  const std::string part = "model.layers.{}.mlp.";
  config.names.router = part + "gate";
  config.names.expertGate = part + "experts.{}.gate_proj";
  config.names.expertUp = part + "experts.{}.up_proj";
  config.names.expertDown = part + "experts.{}.down_proj";
}

static ModelConfig readHuggingFace2(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kQwen2.readHuggingFace(reader, checkpoint);
  config.qkvBias = reader.boolean("qkv_bias", true);
  readExperts(reader, config);
  config.experts->sharedWidth = reader.integer("shared_expert_intermediate_size", kSizeRange);
  const std::string part = "model.layers.{}.mlp.";
  config.names.sharedGate = part + "shared_expert.gate_proj";
  config.names.sharedUp = part + "shared_expert.up_proj";
  config.names.sharedDown = part + "shared_expert.down_proj";
  config.names.sharedRouter = part + "shared_expert_gate";
  return config;
}

static ModelConfig readHuggingFace3(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kQwen3.readHuggingFace(reader, checkpoint);
  readExperts(reader, config);
  return config;
}

static ModelConfig readGguf2(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "qwen2moe");
  config.qkvBias = true;
  readGgufExperts(reader, checkpoint, "qwen2moe", config);
  ExpertConfig &experts = *config.experts;
  experts.sharedWidth = reader.integer("qwen2moe.expert_shared_feed_forward_length", kSizeRange);
  const std::string part = "blk.{}.ffn_";
  config.names.sharedGate = part + "gate_shexp";
  config.names.sharedUp = part + "up_shexp";
  config.names.sharedDown = part + "down_shexp";
  config.names.sharedRouter = part + "gate_inp_shexp";
  const checkpoint::Tensor *gate = checkpoint.find("blk.0.ffn_gate_inp_shexp.weight");
  experts.isGateVector = gate && gate->shape.size() == 1;
  return config;
}

static ModelConfig readGguf3(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "qwen3moe");
  config.queryKeyNorm = checkpoint::QueryKeyNorm::Head;
  config.names.queryNorm = "blk.{}.attn_q_norm";
  config.names.keyNorm = "blk.{}.attn_k_norm";
  readGgufExperts(reader, checkpoint, "qwen3moe", config);
  config.experts->isRenormalised = true;
  return config;
}

const Family kQwen2Moe{"qwen2_moe", "qwen2moe", readHuggingFace2, readGguf2};
const Family kQwen3Moe{"qwen3_moe", "qwen3moe", readHuggingFace3, readGguf3};

} // namespace tern::architecture
