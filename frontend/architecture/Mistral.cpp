// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mistral: Llama with a sliding window. In GGUF it calls itself llama.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_act", "silu");
  readHuggingFaceWindows(reader, config, {.usual = 4096});
  return config;
}

const Family kMistral{"mistral", "", readHuggingFace, nullptr};

} // namespace tern::architecture
