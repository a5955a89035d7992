// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mixtral: Mistral with experts, two of them for each row. In GGUF it calls itself llama.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_act", "silu");
  readHuggingFaceWindows(reader, config);
  checkpoint::ExpertConfig experts;
  experts.count = reader.integer("num_local_experts", checkpoint::kExpertRange);
  experts.active = reader.integer("num_experts_per_tok", {1, experts.count});
  experts.width = config.ffnWidth;
  experts.isRenormalised = true;
  config.experts = experts;
  const std::string part = "model.layers.{}.block_sparse_moe.";
  config.names.router = part + "gate";
  config.names.expertGate = part + "experts.{}.w1";
  config.names.expertUp = part + "experts.{}.w3";
  config.names.expertDown = part + "experts.{}.w2";
  return config;
}

const Family kMixtral{"mixtral", "", readHuggingFace, nullptr};

} // namespace tern::architecture
