// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Phi 3: Llama with fused projections and, for long contexts, rotary factors of each pair.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::FusedRows;

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_act", "silu");
  readHuggingFaceWindows(reader, config);
  config.fusedRows = FusedRows::Concatenated;
  config.names.fused = "model.layers.{}.self_attn.qkv_proj";
  config.names.fusedGateUp = "model.layers.{}.mlp.gate_up_proj";
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "phi3");
  if (int64_t window = reader.integer("phi3.attention.sliding_window",
                                      {0, checkpoint::kContextRange.most}, 0))
    config.windows.assign(size_t(config.layers), window);
  config.fusedRows = FusedRows::Concatenated;
  config.names.fused = "blk.{}.attn_qkv";
  config.names.fusedGateUp = "blk.{}.ffn_up";
  return config;
}

const Family kPhi3{"phi3", "phi3", readHuggingFace, readGguf};

} // namespace tern::architecture
