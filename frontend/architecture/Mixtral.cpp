// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mixtral: Mistral with experts, two of them for each row. In GGUF it calls itself llama.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config =
      readHuggingFaceDecoder(reader, checkpoint, {.usualEpsilon = 1e-5}, {.usualTheta = 1e6});
  config.activation = readActivation(reader, "hidden_act", "silu");
  readHuggingFaceWindows(reader, config, {.isOfAll = true});
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

void readGgufExperts(ConfigReader &reader, const Checkpoint &checkpoint, std::string_view family,
                     ModelConfig &config) {
  auto key = [&](const char *name) { return std::string(family) + "." + name; };
  checkpoint::ExpertConfig experts;
  experts.count = reader.integer(key("expert_count"), checkpoint::kExpertRange);
  experts.active = reader.integer(key("expert_used_count"), {1, experts.count});
  experts.width =
      reader.integer(key("expert_feed_forward_length"), checkpoint::kSizeRange, config.ffnWidth);
  config.experts = experts;
  bool isEach = checkpoint.find("blk.0.ffn_gate.0.weight");
  auto name = [&](const char *part) {
    return "blk.{}." + std::string(part) + (isEach ? ".{}" : "_exps");
  };
  config.names.router = "blk.{}.ffn_gate_inp";
  config.names.expertGate = name("ffn_gate");
  config.names.expertUp = name("ffn_up");
  config.names.expertDown = name("ffn_down");
}

const Family kMixtral{"mixtral", "", readHuggingFace, nullptr};

} // namespace tern::architecture
