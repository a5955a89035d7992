// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/LlamaTensors.h"

namespace tern::checkpoint {

LlamaNames LlamaNames::of(Format format, const ModelConfig &config) {
  bool gguf = format == Format::Gguf;
  std::string embedding = gguf ? "token_embd" : "model.embed_tokens";
  std::string head = config.tiedEmbeddings ? embedding : gguf ? "output" : "lm_head";
  return {embedding, gguf ? "output_norm" : "model.norm", head};
}

LlamaLayerNames LlamaLayerNames::of(Format format, int64_t layer) {
  if (format == Format::Gguf) {
    std::string scope = "blk." + std::to_string(layer) + ".";
    return {scope + "attn_norm", scope + "attn_q",      scope + "attn_k",
            scope + "attn_v",    scope + "attn_output", scope + "ffn_norm",
            scope + "ffn_gate",  scope + "ffn_up",      scope + "ffn_down"};
  }
  std::string scope = "model.layers." + std::to_string(layer) + ".";
  return {
      scope + "input_layernorm",  scope + "self_attn.q_proj", scope + "self_attn.k_proj",
      scope + "self_attn.v_proj", scope + "self_attn.o_proj", scope + "post_attention_layernorm",
      scope + "mlp.gate_proj",    scope + "mlp.up_proj",      scope + "mlp.down_proj"};
}

std::vector<ExpectedTensor> llamaTensors(Format format, const ModelConfig &config) {
  std::vector<ExpectedTensor> all;
  auto vector = [&](const std::string &name) { all.push_back({name + ".weight", {config.width}}); };
  auto linear = [&](const std::string &name, int64_t out, int64_t in, bool biased) {
    all.push_back({name + ".weight", {out, in}});
    if (biased)
      all.push_back({name + ".bias", {out}});
  };
  LlamaNames names = LlamaNames::of(format, config);
  linear(names.embedding, config.vocabulary, config.width, false);
  vector(names.norm);
  if (!config.tiedEmbeddings)
    linear(names.head, config.vocabulary, config.width, false);
  int64_t width = config.width, ffn = config.ffnWidth;
  int64_t queries = config.heads * config.headWidth, keys = config.kvHeads * config.headWidth;
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    LlamaLayerNames part = LlamaLayerNames::of(format, layer);
    vector(part.attentionNorm);
    linear(part.query, queries, width, config.qkvBias);
    linear(part.key, keys, width, config.qkvBias);
    linear(part.value, keys, width, config.qkvBias);
    linear(part.attentionOut, width, queries, config.attentionOutBias);
    vector(part.ffnNorm);
    linear(part.gate, ffn, width, config.ffnBias);
    linear(part.up, ffn, width, config.ffnBias);
    linear(part.down, width, ffn, config.ffnBias);
  }
  return all;
}

} // namespace tern::checkpoint
