// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Qwen 2 and 2.5: Llama with biases of queries, keys and values.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.qkvBias = true;
  if (!reader.boolean("use_sliding_window", false)) {
    reader.ignore({"sliding_window", "max_window_layers", "layer_types"});
    return config;
  }
  readHuggingFaceWindows(reader, config);
  // Before there were layer_types, the first layers saw everything.
  if (!reader.has("layer_types"))
    for (int64_t layer = 0; layer < reader.integer("max_window_layers", {0, config.layers}, 28);
         ++layer)
      config.windows[size_t(layer)] = 0;
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "qwen2");
  config.qkvBias = true;
  return config;
}

const Family kQwen2{"qwen2", "qwen2", readHuggingFace, readGguf};

} // namespace tern::architecture
