// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Phi 3: Llama with fused projections and, for long contexts, rotary factors of each pair.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::FusedRows;

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config =
      readHuggingFaceDecoder(reader, checkpoint, {.usualContext = 4096, .usualEpsilon = 1e-5},
                             {.usualOriginal = 4096, .isLongAlone = true});
  config.activation = readActivation(reader, "hidden_act", "silu");
  readHuggingFaceWindows(reader, config, {.isOfAll = true});
  reader.ignore({"attention_bias"}); // of files for other code; transformers does not look at it
  config.fusedRows = FusedRows::Concatenated;
  config.names.fused = "model.layers.{}.self_attn.qkv_proj";
  config.names.fusedGateUp = "model.layers.{}.mlp.gate_up_proj";
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "phi3");
  readGgufWindows(reader, "phi3", config, 0);
  config.names.fusedGateUp = "blk.{}.ffn_up";
  return config;
}

const Family kPhi3{"phi3", "phi3", readHuggingFace, readGguf};

} // namespace tern::architecture
