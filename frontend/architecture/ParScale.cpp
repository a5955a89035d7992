// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ParScale (arXiv 2505.10475, github.com/QwenLM/ParScale): Qwen2 in several streams at once. One
// stream is Qwen2 itself.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kQwen2.readHuggingFace(reader, checkpoint);
  checkpoint::StreamConfig &streams = config.streams;
  constexpr int64_t kMostStreams = 64;
  streams.count = reader.integer("parscale_n", {1, kMostStreams}, 1);
  int64_t tokens = reader.integer("parscale_n_tokens", {0, checkpoint::kContextRange.most}, 48);
  bool isRough = reader.has("parscale_attn_smooth") && !reader.isSet("parscale_attn_smooth");
  double smooth = isRough ? 0 : reader.positive("parscale_attn_smooth", 0.01);
  if (smooth > 1)
    reader.reject("parscale_attn_smooth", "a share from 0 to 1");
  if (reader.boolean("enable_cross_attn", false))
    reader.reject("enable_cross_attn", "false");
  if (streams.count > 1) {
    streams.prefixTokens = tokens;
    streams.smooth = smooth;
  }
  config.names.prefixKey = "model.layers.{}.self_attn.prefix_k";
  config.names.prefixValue = "model.layers.{}.self_attn.prefix_v";
  config.names.aggregateIn = "model.aggregate_layer.0";
  config.names.aggregateOut = "model.aggregate_layer.2";
  return config;
}

const Family kParScale{"qwen2_parscale", "", readHuggingFace, nullptr};

} // namespace tern::architecture
