// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a model may have that its family does not read: keys of config.json, and tensors.
#include "test/unit/checkpoint/ChangedModel.h"

#include <numeric>

namespace tern::checkpoint {
namespace {

using Names = std::vector<std::string>;

TEST(FamilyConfig, PassesOverWhatChangesNothing) {
  Changed changed("llama", R"({"attention_dropout":0.5,"summary_type":"first","sep_token_id":9,
                               "alibi":false,"num_local_experts":0,"clip_qkv":null,
                               "mood":"good","rope_scaling":{"factor":4},
                               "embedding_multiplier":1,"layer_types":["full_attention",
                               "full_attention"],"sliding_window":64,"use_sliding_window":false})");
  Expected<ModelConfig> config = changed.config();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->unknownKeys, (Names{"mood"}));
}

// What a family does not read, and what another one's graph changes by.
TEST(FamilyConfig, RefusesKeysThatChangeTheGraphOfOthers) {
  auto refuses = [](const std::string &model, const char *changes, const std::string &sentence) {
    EXPECT_EQ(refusal(model, changes), "config: " + sentence);
  };
  refuses("llama", R"({"embedding_multiplier":2})",
          "embedding_multiplier: expected none or 1 in llama, found 2");
  refuses("llama", R"({"logit_scale":0.5})", "logit_scale: expected none or 1 in llama, found 0.5");
  refuses("llama", R"({"query_pre_attn_scalar":64})",
          "query_pre_attn_scalar: expected none in llama, found 64");
  refuses("llama", R"({"no_rope_layers":[1,0]})",
          "no_rope_layers: expected none in llama, found an array");
  refuses("llama", R"({"sliding_window":8})", "sliding_window: expected none in llama, found 8");
  refuses("llama", R"({"layer_types":["full_attention","sliding_attention"]})",
          "layer_types: expected an array of 2 times full_attention, found 'sliding_attention' at "
          "index 1");
  refuses("qwen2", R"({"layer_types":["full_attention","linear_attention"]})",
          "layer_types: expected an array of 2 times full_attention, found 'linear_attention' at "
          "index 1");
  refuses("qwen2", R"({"layer_types":["full_attention"]})",
          "layer_types: expected an array of 2 times full_attention, found an array of 1");
  refuses("qwen2", R"({"use_mrope":true})", "use_mrope: expected none in qwen2, found true");
  refuses("llama-yarn", R"({"rope_scaling":{"foo":1}})",
          "rope_scaling.foo: expected none in llama, found 1");
  refuses("gemma3_text",
          R"({"rope_theta":null,"rope_local_base_freq":null,
              "rope_parameters":{"full_attention":{"foo":1},"sliding_attention":{}}})",
          "rope_parameters.full_attention.foo: expected none in gemma3_text, found 1");
  refuses("llama-llama3", R"({"rope_theta":5000})",
          "rope_theta: expected what rope_parameters.rope_theta says, 500000, found 5000");
  refuses("gpt2", R"({"rope_scaling":{"type":"linear"}})",
          "rope_scaling: expected none in gpt2, found an object");
}

TEST(FamilyConfig, ReadsARotaryEmbeddingOfEachTypeOfLayer) {
  Changed changed("gemma3_text",
                  R"({"rope_theta":null,"rope_local_base_freq":null,"rope_parameters":{
      "full_attention":{"rope_type":"linear","factor":8,"rope_theta":3e6},
      "sliding_attention":{"rope_type":"default","rope_theta":2e4}}})");
  Expected<ModelConfig> config = changed.config();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->rotary->theta, 3e6);
  EXPECT_EQ(config->rotary->kind, RotaryKind::Linear);
  EXPECT_EQ(config->windowRotary->theta, 2e4);
}

TEST(FamilyConfig, RefusesOtherWaysToChooseExperts) {
  for (const char *model : {"deepseek_v2", "deepseek_v3"}) {
    bool isFirst = model == std::string("deepseek_v2");
    EXPECT_EQ(refusal(model, R"({"scoring_func":"foo"})"),
              std::string("config: scoring_func: expected ") + (isFirst ? "softmax" : "sigmoid") +
                  ", found 'foo'");
    EXPECT_EQ(refusal(model, R"({"topk_method":"foo"})"),
              std::string("config: topk_method: expected ") +
                  (isFirst ? "greedy or group_limited_greedy" : "noaux_tc") + ", found 'foo'");
    EXPECT_EQ(refusal(model, R"({"moe_layer_freq":2})"),
              "config: moe_layer_freq: expected 1, found 2");
  }
  EXPECT_EQ(refusal("mixtral", R"({"norm_topk_prob":true})"),
            "config: norm_topk_prob: expected none in mixtral, found true");
}

/// A golden's tensors, without their numbers, and others of f32.
struct Other {
  std::string name;
  std::vector<int64_t> shape;
  float number = 0;
};
std::string refusalOf(const std::string &model, const char *changes,
                      const std::vector<Other> &others) {
  Changed changed(model, changes);
  ModelConfig config = *changed.config();
  std::vector<Other> all;
  for (const ExpectedTensor &tensor : architecture::tensorsOf(*Changed(model, "{}").config()))
    all.push_back({tensor.name, tensor.shape, 1});
  all.insert(all.end(), others.begin(), others.end());
  nlohmann::json header;
  std::string data;
  for (const Other &tensor : all) {
    size_t begin = data.size();
    for (int64_t i = std::accumulate(tensor.shape.begin(), tensor.shape.end(), int64_t(1),
                                     std::multiplies<>());
         i > 0; --i)
      data.append(reinterpret_cast<const char *>(&tensor.number), sizeof tensor.number);
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string file = safetensorsFile(header.dump(), data);
  Expected<Checkpoint> checkpoint = Checkpoint::read(
      MappedFile::borrow("model", std::as_bytes(std::span(std::string_view(file)))),
      MappedFile::borrow("config", std::as_bytes(std::span(std::string_view("{}")))));
  if (!checkpoint)
    return checkpoint.error().message;
  Failure failure = architecture::checkModel(*checkpoint, config);
  return failure ? failure->message : "";
}

TEST(FamilyTensors, RefusesWhatNobodyReads) {
  EXPECT_EQ(refusalOf("llama", "{}", {{"model.layers.2.mlp.up_proj.weight", {2, 2}}}),
            "model: tensor 'model.layers.2.mlp.up_proj.weight': expected none in llama, found "
            "shape [2, 2]");
  EXPECT_EQ(refusalOf("llama", "{}", {{"model.layers.0.self_attn.q_proj.bias", {64}, 0.5}}),
            "model: tensor 'model.layers.0.self_attn.q_proj.bias': expected none in llama, found "
            "shape [64]");
  EXPECT_EQ(refusalOf("opt", R"({"enable_bias":false})", {}),
            "model: tensor 'model.decoder.layers.0.self_attn.q_proj.bias': expected none in opt, "
            "found shape [64]");
  EXPECT_EQ(refusalOf("gpt_neox", R"({"attention_bias":false})", {}),
            "model: tensor 'gpt_neox.layers.0.attention.query_key_value.bias': expected none in "
            "gpt_neox, found shape [192]");
  EXPECT_EQ(refusalOf("extra-mamba", R"({"use_conv_bias":false})", {}),
            "model: tensor 'backbone.layers.0.mixer.conv1d.bias': expected none in mamba, found "
            "shape [64]");
  EXPECT_EQ(refusalOf("gpt2", "{}", {{"lm_head.weight", {320, 64}, 2}}),
            "model: tensor 'lm_head.weight': expected a copy of the embedding, as "
            "tie_word_embeddings says, found other numbers of shape [320, 64]");
  EXPECT_EQ(refusalOf("deepseek_v3", "{}", {{"model.layers.3.eh_proj.weight", {1}}}),
            "model: tensor 'model.layers.3.eh_proj.weight': expected none in deepseek_v3, found "
            "shape [1]");
}

TEST(FamilyTensors, PassesOverWhatChangesNothing) {
  EXPECT_EQ(refusalOf("llama", "{}",
                      {{"model.layers.0.self_attn.rotary_emb.inv_freq", {4}, 1},
                       {"model.layers.0.self_attn.q_proj.bias", {64}, 0}}),
            "");
  EXPECT_EQ(refusalOf("gpt2", "{}",
                      {{"lm_head.weight", {320, 64}, 1},
                       {"transformer.h.0.attn.bias", {1, 1, 2, 2}, 1},
                       {"transformer.h.0.attn.masked_bias", {1}, -1e4}}),
            "");
  EXPECT_EQ(refusalOf("bert", "{}",
                      {{"bert.embeddings.position_ids", {1, 4}, 1},
                       {"bert.pooler.dense.weight", {4, 4}, 1}}),
            "");
  EXPECT_EQ(
      refusalOf(
          "extra-t5", "{}",
          {{"encoder.embed_tokens.weight", {160, 32}, 1},
           {"decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", {8, 2}, 1}}),
      "");
  EXPECT_EQ(refusalOf("deepseek_v3", R"({"num_nextn_predict_layers":1})",
                      {{"model.layers.2.eh_proj.weight", {1}, 1}}),
            "");
}

} // namespace
} // namespace tern::checkpoint
