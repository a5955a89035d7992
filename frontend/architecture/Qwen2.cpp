// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Qwen 2 and 2.5: Llama with biases of queries, keys and values.
#include "frontend/architecture/Families.h"

#include <algorithm>

namespace tern::architecture {

void readQwenWindows(ConfigReader &reader, ModelConfig &config) {
  if (!reader.boolean("use_sliding_window", false))
    return reader.ignore({"sliding_window", "max_window_layers"});
  readHuggingFaceWindows(reader, config, {.usual = 4096});
  // Before there were layer_types, the first layers saw everything.
  int64_t first = reader.integer("max_window_layers", {0, checkpoint::kLayerRange.most}, 28);
  if (!reader.has("layer_types") && !config.windows.empty())
    std::fill_n(config.windows.begin(), std::min(first, config.layers), 0);
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.qkvBias = true;
  readQwenWindows(reader, config);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "qwen2");
  config.qkvBias = true;
  return config;
}

const Family kQwen2{"qwen2", "qwen2", readHuggingFace, readGguf};

} // namespace tern::architecture
