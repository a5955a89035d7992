// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// WideNet (arXiv 2107.11817; keys as in ColossalAI's Widenet): one block of attention and experts
// that runs `depth` times, with norms of its own each time. Here it reads text from left to right,
// where the paper's image classifier sees all patches.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::ExpertConfig;
using checkpoint::kExpertRange;

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config,
                       {.width = "d_model",
                        .layers = "depth",
                        .heads = "num_heads",
                        .headWidth = "d_kv",
                        .ffnWidth = "d_ff",
                        .epsilon = "layer_norm_eps",
                        .usualEpsilon = 1e-6});
  config.positionRows = config.contextLength;
  config.norm = checkpoint::NormKind::Layer;
  config.normBias = true;
  config.fusedRows = checkpoint::FusedRows::Concatenated;
  config.qkvBias = config.attentionOutBias = true;
  config.activation = readActivation(reader, "hidden_act", "gelu");
  config.tiedEmbeddings = true;
  // Else what an expert drops depends on the whole batch.
  if (reader.boolean("drop_tks", true))
    reader.reject("drop_tks", "false");
  reader.ignore({"capacity_factor_train", "capacity_factor_eval"});
  ExpertConfig experts;
  experts.count = reader.integer("num_experts", {2, kExpertRange.most});
  experts.active = 2;
  experts.width = config.ffnWidth;
  experts.isStacked = true;
  config.experts = experts;
  config.names.embedding = "widenet.embedding";
  config.names.positions = "widenet.position_embedding";
  config.names.finalNorm = "widenet.norm";
  config.names.attentionNorm = "widenet.blocks.{}.norm1";
  config.names.ffnNorm = "widenet.blocks.{}.norm2";
  config.names.fused = "widenet.shared_sa.dense1";
  config.names.attentionOut = "widenet.shared_sa.dense2";
  config.names.router = "widenet.shared_router";
  config.names.expertUp = "widenet.shared_experts.w1";
  config.names.expertUpBias = "widenet.shared_experts.b1";
  config.names.expertDown = "widenet.shared_experts.w2";
  config.names.expertDownBias = "widenet.shared_experts.b2";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kWideNet{"widenet", "", readHuggingFace, nullptr};

} // namespace tern::architecture
