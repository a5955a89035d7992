// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/LlamaTensors.h"

namespace tern::checkpoint {
namespace {

ModelConfig readHuggingFaceLlama(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config);
  config.rotary = readHuggingFaceRotary(reader, config.headWidth, config.contextLength);
  if (config.rotary.dimensions != config.headWidth)
    reader.reject("partial_rotary_factor", "1 for llama");
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", false);
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", false);
  config.ffnBias = reader.boolean("mlp_bias", false);
  if (reader.has("quantization_config"))
    reader.reject("quantization_config", "weights that are not quantised",
                  reader.text("quantization_config.quant_method", "quantised ones"));
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

ModelConfig readGgufLlama(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config;
  readGgufSizes(reader, checkpoint, "llama", config);
  config.rotary =
      readGgufRotary(reader, checkpoint, "llama", config.headWidth, config.contextLength);
  if (config.rotary.dimensions != config.headWidth)
    reader.reject("llama.rope.dimension_count", "the head's width " + toText(config.headWidth));
  if (reader.integer("llama.expert_count", {0, kSizeRange.most}, 0) != 0)
    reader.reject("llama.expert_count", "a model without experts");
  config.tiedEmbeddings = !checkpoint.find("output.weight");
  config.qkvBias = checkpoint.find("blk.0.attn_q.bias");
  config.attentionOutBias = checkpoint.find("blk.0.attn_output.bias");
  config.ffnBias = checkpoint.find("blk.0.ffn_up.bias");
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

} // namespace

const FamilyReader kLlamaReader{"llama", readHuggingFaceLlama, readGgufLlama, llamaTensors};

} // namespace tern::checkpoint
