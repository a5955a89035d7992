// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Llama 1 to 3 and what shares their graph: pre-norm blocks of grouped-query attention with rotary
// embedding and a gated feed-forward part.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::TensorNames;
using checkpoint::toText;

TensorNames huggingFaceNames() {
  TensorNames names;
  names.embedding = "model.embed_tokens";
  names.finalNorm = "model.norm";
  names.head = "lm_head";
  names.attentionNorm = "model.layers.{}.input_layernorm";
  names.query = "model.layers.{}.self_attn.q_proj";
  names.key = "model.layers.{}.self_attn.k_proj";
  names.value = "model.layers.{}.self_attn.v_proj";
  names.attentionOut = "model.layers.{}.self_attn.o_proj";
  names.ffnNorm = "model.layers.{}.post_attention_layernorm";
  names.gate = "model.layers.{}.mlp.gate_proj";
  names.up = "model.layers.{}.mlp.up_proj";
  names.down = "model.layers.{}.mlp.down_proj";
  return names;
}

TensorNames ggufNames() {
  TensorNames names;
  names.embedding = "token_embd";
  names.finalNorm = "output_norm";
  names.head = "output";
  names.attentionNorm = "blk.{}.attn_norm";
  names.query = "blk.{}.attn_q";
  names.key = "blk.{}.attn_k";
  names.value = "blk.{}.attn_v";
  names.attentionOut = "blk.{}.attn_output";
  names.ffnNorm = "blk.{}.ffn_norm";
  names.gate = "blk.{}.ffn_gate";
  names.up = "blk.{}.ffn_up";
  names.down = "blk.{}.ffn_down";
  return names;
}

ModelConfig readHuggingFaceDecoder(ConfigReader &reader, const Checkpoint &checkpoint,
                                   const checkpoint::SizeKeys &sizes,
                                   const checkpoint::RotaryKeys &rotary) {
  ModelConfig config;
  readHuggingFaceSizes(reader, config, sizes);
  config.rotary = readHuggingFaceRotary(reader, config.headWidth, config.contextLength, rotary);
  config.tiedEmbeddings = reader.boolean("tie_word_embeddings", false);
  config.names = huggingFaceNames();
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

ModelConfig readGgufDecoder(ConfigReader &reader, const Checkpoint &checkpoint,
                            std::string_view family, checkpoint::NormKind norm) {
  ModelConfig config;
  config.norm = norm;
  readGgufSizes(reader, checkpoint, family, config);
  readGgufHeads(reader, family, config);
  config.rotary =
      readGgufRotary(reader, checkpoint, family, config.headWidth, config.contextLength);
  config.rotary->layout = checkpoint::RotaryLayout::HalfSplit;
  config.tiedEmbeddings = !checkpoint.find("output.weight");
  config.qkvBias = checkpoint.find("blk.0.attn_q.bias") || checkpoint.find("blk.0.attn_qkv.bias");
  config.attentionOutBias = checkpoint.find("blk.0.attn_output.bias");
  config.ffnBias = checkpoint.find("blk.0.ffn_up.bias");
  config.headBias = checkpoint.find("output.bias");
  config.names = ggufNames();
  if (checkpoint.find("blk.0.attn_qkv.weight")) {
    config.fusedRows = checkpoint::FusedRows::Concatenated;
    config.names.fused = "blk.{}.attn_qkv";
  }
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readHuggingFaceDecoder(reader, checkpoint);
  if (config.rotary->dimensions != config.headWidth)
    reader.reject("partial_rotary_factor", "1 for llama");
  config.activation = readActivation(reader, "hidden_act", "silu");
  config.qkvBias = config.attentionOutBias = reader.boolean("attention_bias", false);
  config.ffnBias = reader.boolean("mlp_bias", false);
  return config;
}

static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = readGgufDecoder(reader, checkpoint, "llama");
  // The rows of queries and keys were reordered when the file was written.
  config.rotary->layout = checkpoint::RotaryLayout::Interleaved;
  if (config.rotary->dimensions != config.headWidth)
    reader.reject("llama.rope.dimension_count", "the head's width " + toText(config.headWidth));
  readGgufWindows(reader, "llama", config, 0); // of Mistral
  if (reader.isSet("llama.expert_count")) {    // of Mixtral
    readGgufExperts(reader, checkpoint, "llama", config);
    config.experts->isRenormalised = true;
  }
  reader.ignore({"llama.tensor_data_layout"}); // rows are in the same order whoever wrote them
  return config;
}

const Family kLlama{"llama", "llama", readHuggingFace, readGguf};

} // namespace tern::architecture
