// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is said of models of other families than Llama that are wrong, and what of a file's settings
// is passed over.
#include "frontend/architecture/Families.h"
#include "test/unit/checkpoint/ChangedModel.h"

namespace tern::checkpoint {
namespace {

using Names = std::vector<std::string>;

TEST(FamilyConfig, RefusesRotaryFactorsOfAnotherLength) {
  EXPECT_EQ(
      refusal("phi3-longrope", R"({"rope_scaling":{"long_factor":[1,2,3]}})"),
      "config: rope_scaling.long_factor: expected an array of 4 finite numbers above 0, found "
      "an array of 3");
  EXPECT_EQ(refusal("phi3-longrope", R"({"rope_scaling":{"short_factor":[1,2,3,4,5]}})"),
            "config: rope_scaling.short_factor: expected an array of 4 finite numbers above 0, "
            "found an array of 5");
  EXPECT_EQ(refusal("phi3-longrope", R"({"rope_scaling":{"short_factor":[1,2,3,0]}})"),
            "config: rope_scaling.short_factor: expected an array of 4 finite numbers above 0, "
            "found 0 at index 3");
  EXPECT_EQ(refusal("phi3-longrope", R"({"rope_scaling":{"short_factor":[1,"x",3,4]}})"),
            "config: rope_scaling.short_factor: expected an array of 4 finite numbers above 0, "
            "found 'x' at index 1");
  EXPECT_EQ(
      refusal("phi3-longrope", R"({"rope_scaling":{"long_factor":2}})"),
      "config: rope_scaling.long_factor: expected an array of 4 finite numbers above 0, found "
      "2");
}

TEST(FamilyConfig, RefusesLayerTypesThatCannotBe) {
  EXPECT_EQ(refusal("gemma3_text", R"({"layer_types":["full_attention"]})"),
            "config: layer_types: expected an array of 2 times full_attention or "
            "sliding_attention, found an array of 1");
  EXPECT_EQ(refusal("gemma2", R"({"layer_types":["full_attention","linear_attention"]})"),
            "config: layer_types: expected an array of 2 times full_attention or "
            "sliding_attention, found 'linear_attention' at index 1");
  EXPECT_EQ(refusal("gemma2", R"({"layer_types":"full_attention"})"),
            "config: layer_types: expected an array of 2 times full_attention or "
            "sliding_attention, found 'full_attention'");
}

TEST(FamilyConfig, RefusesHeadsThatDoNotDivide) {
  EXPECT_EQ(refusal("gpt2", R"({"n_head":3})"),
            "config: n_embd: expected a multiple of the 3 heads, found 64");
  EXPECT_EQ(refusal("falcon-new", R"({"num_kv_heads":3})"),
            "config: num_kv_heads: expected a divisor of the 4 heads, found 3");
  EXPECT_EQ(refusal("phi", R"({"num_key_value_heads":3})"),
            "config: num_key_value_heads: expected a divisor of the 4 heads, found 3");
  EXPECT_EQ(refusal("phi", R"({"num_attention_heads":3})"),
            "config: hidden_size: expected a multiple of the 3 heads, found 64");
}

// Transformers and the models do not agree what the width is without the key.
TEST(FamilyConfig, RefusesAHeadOfUnknownWidth) {
  for (const char *model : {"gemma", "gemma2", "gemma3_text", "qwen3"})
    EXPECT_EQ(refusal(model, R"({"head_dim":null})"),
              "config: head_dim: expected an integer from 1 to 8192, found none");
}

TEST(FamilyConfig, NamesAMissingTensor) {
  auto missing = [](const std::string &model, const char *changes) {
    Changed changed(model, changes);
    return architecture::checkModel(changed.checkpoint(), *changed.config())->message;
  };
  EXPECT_EQ(missing("gpt2", "{}"),
            "model: tensor 'transformer.wte.weight': expected shape [320, 64], found no such "
            "tensor");
  EXPECT_EQ(missing("opt", R"({"max_position_embeddings":64})"),
            "model: tensor 'model.decoder.embed_tokens.weight': expected shape [320, 64], found no "
            "such tensor");
}

TEST(FamilyConfig, PutsAnEmbeddingOfOptIntoTheStream) {
  ModelConfig config = *Changed("opt-post", "{}").config();
  EXPECT_TRUE(config.isPostNorm);
  EXPECT_EQ(config.embeddingWidth, 24);
  std::vector<ExpectedTensor> tensors = architecture::tensorsOf(config);
  EXPECT_EQ(tensors[0].shape, (std::vector<int64_t>{160, 24}));
  EXPECT_EQ(tensors[1].name, "model.decoder.project_in.weight");
  EXPECT_EQ(tensors[1].shape, (std::vector<int64_t>{32, 24}));
  EXPECT_EQ(tensors[2].name, "model.decoder.project_out.weight");
  EXPECT_EQ(tensors[2].shape, (std::vector<int64_t>{24, 32}));
  EXPECT_EQ(refusal("opt-post", R"({"word_embed_proj_dim":0})"),
            "config: word_embed_proj_dim: expected an integer from 1 to 16777216, found 0");
}

TEST(FamilyConfig, RefusesSwitchesThatAFamilyDoesNotHave) {
  EXPECT_EQ(refusal("gemma2", R"({"use_bidirectional_attention":true})"),
            "config: use_bidirectional_attention: expected none in gemma2, found true");
  EXPECT_EQ(refusal("llama", R"({"num_local_experts":8})"),
            "config: num_local_experts: expected none in llama, found 8");
  EXPECT_EQ(refusal("gpt2", R"({"add_cross_attention":true})"),
            "config: add_cross_attention: expected none in gpt2, found true");
  EXPECT_EQ(refusal("deepseek_v2", R"({"norm_topk_prob":true})"),
            "config: norm_topk_prob: expected false, found true");
  EXPECT_EQ(refusal("deepseek_v3", R"({"mlp_bias":true})"),
            "config: mlp_bias: expected false, found true");
  EXPECT_EQ(refusal("phi", R"({"qk_layernorm":true})"),
            "config: qk_layernorm: expected false, found true");
}

TEST(FamilyConfig, ReadsTheSlopesOfEachHead) {
  Changed changed("falcon-alibi", R"({"num_attention_heads":8,"num_kv_heads":8})");
  Expected<ModelConfig> config = changed.config();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_FALSE(config->rotary);
  EXPECT_EQ(config->linearBias->slopes,
            (std::vector<float>{0x1p-1, 0x1p-2, 0x1p-3, 0x1p-4, 0x1p-5, 0x1p-6, 0x1p-7, 0x1p-8}));
  // Six heads: those of four, then every second one of eight.
  Changed six("falcon-alibi", R"({"num_attention_heads":6,"num_kv_heads":6,"hidden_size":96})");
  EXPECT_EQ(six.config()->linearBias->slopes,
            (std::vector<float>{0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8, 0x1p-1, 0x1p-3}));
}

/// A GGUF file of two layers of one element a head.
GgufFile model(const std::string &family) {
  GgufFile file;
  file.add("general.architecture", family.c_str());
  for (const char *key : {"vocab_size", "embedding_length", "feed_forward_length",
                          "attention.head_count", "context_length"})
    file.add(family + "." + key, 4u);
  file.add(family + ".attention.key_length", 4u).add(family + ".block_count", 2u);
  file.add(family + ".attention.layer_norm_rms_epsilon", 1e-5f);
  return file;
}

std::string refusalOf(const GgufFile &file) {
  InMemory read(file.bytes());
  if (!*read)
    return read.message();
  Expected<ModelConfig> config = architecture::readModelConfig(**read);
  return config ? "" : config.error().message;
}

std::vector<int64_t> windows(const GgufFile &file) {
  InMemory read(file.bytes());
  Expected<ModelConfig> config = architecture::readModelConfig(**read);
  EXPECT_TRUE(config) << config.error().message;
  return config ? config->windows : std::vector<int64_t>();
}

TEST(FamilyGgufConfig, ReadsWindows) {
  auto gemma = [] { return model("gemma3").add("gemma3.attention.sliding_window", 5u); };
  const std::string pattern = "gemma3.attention.sliding_window_pattern";
  using Windows = std::vector<int64_t>;
  EXPECT_EQ(windows(model("gemma3")), Windows());
  EXPECT_EQ(windows(gemma()), (Windows{5, 5}));
  EXPECT_EQ(windows(gemma().add(pattern, 2u)), (Windows{5, 0}));
  EXPECT_EQ(windows(gemma().array<uint8_t>(pattern, 7, {0, 1})), (Windows{0, 5}));
  EXPECT_EQ(windows(model("llama").add("llama.attention.sliding_window", 5u)), (Windows{5, 5}));
  EXPECT_EQ(windows(model("gemma2")), (Windows{4096, 0}));
  EXPECT_EQ(refusalOf(gemma().array<uint8_t>(pattern, 7, {0, 1, 1})),
            "file: gemma3.attention.sliding_window_pattern: expected an array of 2 truth values, "
            "found an array of 3");
  EXPECT_EQ(refusalOf(gemma().array<uint32_t>(pattern, 4, {0, 1})),
            "file: gemma3.attention.sliding_window_pattern: expected an array of 2 truth values, "
            "found 0 at index 0");
}

TEST(FamilyGgufConfig, RefusesKeysThatItDoesNotKnow) {
  EXPECT_EQ(refusalOf(model("llama").add("llama.embedding_scale", 12.0f)),
            "file: llama.embedding_scale: expected none, as nothing is known of it in llama, found "
            "12");
  EXPECT_EQ(refusalOf(model("olmo2").add("olmo2.attention.clamp_kqv", 8.0f)),
            "file: olmo2.attention.clamp_kqv: expected none, as nothing is known of it in olmo2, "
            "found 8");
  EXPECT_EQ(refusalOf(model("llama").add("general.type", "adapter")),
            "file: general.type: expected 'model', found 'adapter'");
  EXPECT_EQ(refusalOf(model("qwen3").add("qwen3.attention.causal", false)),
            "file: qwen3.attention.causal: expected true, found false");
  EXPECT_EQ(refusalOf(model("falcon")
                          .add("falcon.attention.layer_norm_epsilon", 1e-5f)
                          .add("falcon.tensor_data_layout", "grouped")),
            "file: falcon.tensor_data_layout: expected 'jploski', found 'grouped'");
}

TEST(FamilyGgufConfig, PassesOverKeysThatChangeNothing) {
  InMemory read(model("llama")
                    .add("general.name", "a name")
                    .add("quantize.imatrix.file", "a file")
                    .add("llama.rope.scaling.finetuned", true)
                    .add("llama.rope.scaling.yarn_beta_fast", 32.0f)
                    .add("llama.expert_used_count", 0u)
                    .add("other.setting", 1u)
                    .bytes());
  Expected<ModelConfig> config = architecture::readModelConfig(**read);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->unknownKeys, Names{"other.setting"});
}

TEST(FamilyGgufConfig, ScalesByAFactorWithoutAKind) {
  InMemory read(model("llama").add("llama.rope.scaling.factor", 4.0f).bytes());
  Expected<ModelConfig> config = architecture::readModelConfig(**read);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->rotary->kind, RotaryKind::Linear);
  EXPECT_EQ(config->rotary->factor, 4);
}

/// The golden's GGUF file as bytes, with one text in place of another of the same length.
std::string edited(const std::string &model, std::string_view from, std::string_view to) {
  std::ifstream stream(TERN_TEST_DATA "/gguf/" + model + ".gguf", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  return bytes.replace(bytes.find(from), from.size(), to);
}

/// What is wrong with the golden's GGUF file when it is edited so.
std::string renamed(const std::string &model, std::string_view from, std::string_view to) {
  InMemory read(edited(model, from, to));
  if (!*read)
    return read.message();
  Expected<ModelConfig> config = architecture::readModelConfig(**read);
  if (!config)
    return config.error().message;
  Failure failure = architecture::checkModel(**read, *config);
  return failure ? failure->message : "";
}

TEST(FamilyGgufConfig, NeedsTheScaleOfLogits) {
  EXPECT_EQ(renamed("granite", "granite.logit_scale", "granite.logit_skale"),
            "file: granite.logit_scale: expected a finite number above 0, found none");
  EXPECT_EQ(renamed("cohere", "command-r.logit_scale", "command-r.logit_skale"),
            "file: command-r.logit_scale: expected a finite number above 0, found none");
}

TEST(FamilyGgufConfig, RefusesTensorsTooFewAndTooMany) {
  EXPECT_EQ(renamed("phi", "blk.1.ffn_up.bias", "blk.1.ffn_up.bios"),
            "file: tensor 'blk.1.ffn_up.bias': expected shape [128], found no such tensor");
  EXPECT_EQ(renamed("falcon-new", "blk.1.attn_norm_2.weight", "blk.1.attn_norm_3.weight"),
            "file: tensor 'blk.1.attn_norm_2.weight': expected shape [64], found no such tensor");
  EXPECT_EQ(renamed("phi3-longrope", "rope_factors_short.weight", "rope_factors_shirt.weight"),
            "file: tensor 'rope_factors_short.weight': expected shape [4], found no such tensor");
  EXPECT_EQ(renamed("llama-llama3", "rope_freqs.weight", "rope_freks.weight"),
            "file: tensor 'rope_freks.weight': expected none in llama, found shape [4]");
}

TEST(FamilyConfig, RefusesEncodersThatWouldComputeSomethingElse) {
  EXPECT_EQ(refusal("bert", R"({"position_embedding_type": "relative_key"})"),
            "config: position_embedding_type: expected 'absolute', found 'relative_key'");
  EXPECT_EQ(refusal("bert", R"({"is_decoder": true})"),
            "config: is_decoder: expected false, found true");
  EXPECT_EQ(refusal("bert", R"({"tie_word_embeddings": false})"),
            "config: tie_word_embeddings: expected true, found false");
  EXPECT_EQ(refusal("roberta", R"({"pad_token_id": 127})"),
            "config: pad_token_id: expected an integer from 0 to 126, found 127");
}

TEST(FamilyConfig, CountsPositionsBehindThePaddingToken) {
  ModelConfig config = *Changed("roberta", R"({"pad_token_id": 5})").config();
  EXPECT_EQ(config.positionOffset, 6);
  EXPECT_EQ(config.contextLength, 122);
}

TEST(FamilyConfig, RefusesOtherKindsOfT5) {
  EXPECT_EQ(refusal("extra-t5", R"({"dense_act_fn": "silu"})"),
            "config: dense_act_fn: expected relu beside feed_forward_proj relu, found 'silu'");
  EXPECT_EQ(refusal("extra-t5", R"({"is_gated_act": true})"),
            "config: is_gated_act: expected false beside feed_forward_proj relu, found true");
  EXPECT_EQ(refusal("extra-t5", R"({"feed_forward_proj": "swish", "dense_act_fn": null})"),
            "config: feed_forward_proj: expected relu, gated-gelu, gated-relu or gated-silu, found "
            "'swish'");
  EXPECT_EQ(refusal("extra-t5", R"({"relative_attention_num_buckets": 6})"),
            "config: relative_attention_num_buckets: expected a multiple of 4, found 6");
  EXPECT_EQ(refusal("extra-t5", R"({"relative_attention_max_distance": 4})"),
            "config: relative_attention_max_distance: expected more than half of the 8 buckets, "
            "found 4");
  EXPECT_EQ(refusal("extra-t5", R"({"decoder_start_token_id": 160})"),
            "config: decoder_start_token_id: expected an integer from 0 to 159, found 160");
  EXPECT_EQ(refusal("extra-t5", R"({"is_encoder_decoder": false})"),
            "config: is_encoder_decoder: expected true, found false");
}

TEST(FamilyConfig, RefusesSizesThatMambaCannotHave) {
  EXPECT_EQ(refusal("extra-mamba", R"({"conv_kernel":1})"),
            "config: conv_kernel: expected an integer from 2 to 64, found 1");
  EXPECT_EQ(refusal("extra-mamba", R"({"state_size":0})"),
            "config: state_size: expected an integer from 1 to 1024, found 0");
  EXPECT_EQ(refusal("extra-mamba", R"({"time_step_rank":"half"})"),
            "config: time_step_rank: expected an integer from 1 to 16777216, found 'half'");
  EXPECT_EQ(refusal("extra-mamba", R"({"intermediate_size":null,"hidden_size":1048576})"),
            "config: hidden_size: expected at most 1048576 channels of a layer, found 2097152");
  EXPECT_EQ(refusal("extra-mamba", R"({"is_encoder_decoder":true})"),
            "config: is_encoder_decoder: expected none in mamba, found true");
}

TEST(FamilyConfig, NormalisesWhatFalconMambaSelects) {
  EXPECT_EQ(Changed("falcon_mamba", "{}").config()->stateSpace->epsilon, 0.01);
  EXPECT_EQ(Changed("falcon_mamba", R"({"mixer_rms_eps":null})").config()->stateSpace->epsilon,
            1e-6);
  EXPECT_EQ(refusal("falcon_mamba", R"({"mixer_rms_eps":0})"),
            "config: mixer_rms_eps: expected a finite number above 0, found 0");
}

TEST(FamilyConfig, TakesWhatMambaLeavesOut) {
  ModelConfig config = *Changed("extra-mamba", R"({"intermediate_size":null,"time_step_rank":"auto",
      "hidden_size":40,"expand":3,"state_size":null,"conv_kernel":null})")
                            .config();
  EXPECT_EQ(config.stateSpace->width, 120);
  EXPECT_EQ(config.stateSpace->stepRank, 3);
  EXPECT_EQ(config.stateSpace->states, 16);
  EXPECT_EQ(config.stateSpace->kernel, 4);
}

//===- Papers -------------------------------------------------------------===//

TEST(PaperConfig, RefusesWhatTokenFormerDoesNotHave) {
  EXPECT_EQ(refusal("tokenformer", R"({"norm_activation_type":"relu"})"),
            "config: norm_activation_type: expected softmax, gelu_l2_norm or l2_norm_gelu, found "
            "'relu'");
  EXPECT_EQ(refusal("tokenformer", R"({"norm":"layernorm"})"),
            "config: norm: expected layernorm_nonparam, found 'layernorm'");
  EXPECT_EQ(refusal("tokenformer", R"({"gpt_j_residual":true})"),
            "config: gpt_j_residual: expected false, found true");
  EXPECT_EQ(refusal("tokenformer", R"({"ffn_slot_num":null})"),
            "config: ffn_slot_num: expected an integer from 1 to 16777216, found none");
  EXPECT_EQ(refusal("tokenformer", R"({"base_ffn_slot_num":81})"),
            "config: base_ffn_slot_num: expected an integer from 1 to 80, found 81");
}

TEST(PaperConfig, RefusesRanksThatPelaCannotHave) {
  EXPECT_EQ(refusal("pela", R"({"compress_ratio":100})"),
            "config: compress_ratio: expected a ratio that leaves a rank of 1 at least, found 100");
  EXPECT_EQ(refusal("pela", R"({"compress_ratio":-1})"),
            "config: compress_ratio: expected a finite number above 0, found -1");
  EXPECT_EQ(refusal("pela", R"({"compress_ratio":1e-300})"),
            "config: compress_ratio: expected a number of 1 or more, found 1e-300");
  EXPECT_EQ(refusal("pela", R"({"name_omit":[1]})"),
            "config: name_omit: expected an array of texts, found 1 at index 0");
}

TEST(PaperConfig, RefusesWhatWideNetDoesNotHave) {
  EXPECT_EQ(refusal("widenet", R"({"drop_tks":null})"),
            "config: drop_tks: expected false, found none");
  EXPECT_EQ(refusal("widenet", R"({"num_experts":1})"),
            "config: num_experts: expected an integer from 2 to 4096, found 1");
  EXPECT_EQ(refusal("widenet", R"({"d_ff":null})"),
            "config: d_ff: expected an integer from 1 to 16777216, found none");
}

TEST(PaperConfig, RefusesWhatParScaleDoesNotHave) {
  EXPECT_EQ(refusal("parscale", R"({"parscale_n":65})"),
            "config: parscale_n: expected an integer from 1 to 64, found 65");
  EXPECT_EQ(refusal("parscale", R"({"parscale_attn_smooth":1.5})"),
            "config: parscale_attn_smooth: expected a share from 0 to 1, found 1.5");
  EXPECT_EQ(refusal("parscale", R"({"enable_cross_attn":true})"),
            "config: enable_cross_attn: expected false, found true");
  EXPECT_EQ(refusal("parscale", R"({"parscale_n_tokens":-1})"),
            "config: parscale_n_tokens: expected an integer from 0 to 1073741824, found -1");
}

TEST(PaperConfig, RefusesWhatVersatileFfnDoesNotHave) {
  EXPECT_EQ(refusal("versatileffn", R"({"mlp_hidden_size":120})"),
            "config: mlp_hidden_size: expected a feed-forward width that is a multiple of 16, "
            "found 120");
  EXPECT_EQ(refusal("versatileffn", R"({"block_type":"llama"})"),
            "config: block_type: expected versatile, found 'llama'");
  EXPECT_EQ(refusal("versatileffn", R"({"alibi":true})"),
            "config: alibi: expected false, found true");
  EXPECT_EQ(refusal("versatileffn", R"({"rope":false})"),
            "config: rope: expected true, found false");
  EXPECT_EQ(refusal("versatileffn", R"({"embedding_size":80})"),
            "config: embedding_size: expected an integer from 90 to 16777216, found 80");
}

TEST(PaperConfig, RefusesWhatRoastDoesNotHave) {
  EXPECT_EQ(refusal("roast", R"({"sparsity":1.5})"),
            "config: sparsity: expected a share of the weights, at most 1, found 1.5");
  EXPECT_EQ(refusal("roast", R"({"sparsity":1e-9})"),
            "config: sparsity: expected a share that leaves 2 to 2147483647 numbers, found 0");
  EXPECT_EQ(refusal("roast", R"({"mapper_args":{"mapper":"hashednet"}})"),
            "config: mapper_args.mapper: expected pareto or roast, found 'hashednet'");
  EXPECT_EQ(refusal("roast", R"({"mapper_args":{"random_numbers":[1,2,3]}})"),
            "config: mapper_args.random_numbers: expected 4 integers, found 3 of them");
  EXPECT_EQ(refusal("roast", R"({"mapper_args":{"hasher":"mhash"}})"),
            "config: mapper_args.hasher: expected uhash, found 'mhash'");
  EXPECT_EQ(refusal("roast", R"({"hidden_size":16777216,"intermediate_size":16777216,
                                 "num_hidden_layers":4096,"head_dim":8})"),
            "config: hidden_size: expected layers of 2^53 weights at most, found 16777216");
  EXPECT_EQ(refusal("roast-tiles", R"({"mapper_args":{"block_k":0}})"),
            "config: mapper_args.block_k: expected an integer from 1 to 4096, found 0");
}

// Products of the hash wrap as int64 does in torch; the number is numpy's.
TEST(SharedForm, HashesFarPlacesAsInt64) {
  SharedForm form;
  form.size = 1000;
  form.numbers = {1234567891, 987654321, 1122334455, 77};
  std::vector<SharedForm::Run> runs = form.runsOf(int64_t(10'000'000'000) * 1000, 3);
  ASSERT_FALSE(runs.empty());
  EXPECT_EQ(runs[0].first, 214);
}

// The dense model: what STABLE-RPS calls Pareto continuity.
TEST(SharedForm, MapsEachNumberOnceWithoutCompression) {
  SharedForm form;
  form.size = 1000;
  form.numbers = {1234567891, 987654321, 1122334455, 77};
  std::vector<int> uses(1000);
  for (SharedForm::Run run : form.runsOf(0, 1000))
    for (int64_t i = run.first; i < run.first + run.count; ++i)
      ++uses.at(size_t(i));
  EXPECT_EQ(uses, std::vector<int>(1000, 1));
}

TEST(PaperConfig, RefusesWhatShiftAddDoesNotHave) {
  EXPECT_EQ(refusal("shiftaddllm", R"({"wbits":9})"),
            "config: wbits: expected an integer from 1 to 8, found 9");
  EXPECT_EQ(refusal("shiftaddllm", R"({"acc":true})"), "config: acc: expected false, found true");
  EXPECT_EQ(refusal("shiftaddllm", R"({"intermediate_size":52})"),
            "config: intermediate_size: expected a width that is a multiple of 8, found 52");
}

TEST(PaperConfig, RefusesSplitsThatContradictThemselves) {
  EXPECT_EQ(refusal("high_impact", R"({"group_size":5})"),
            "config: group_size: expected a divisor of the width 32, found 5");
  EXPECT_EQ(refusal("high_impact", R"({"high_impact_ratios":[0.1]})"),
            "config: high_impact_ratios: expected an array of 2 finite numbers above 0, found an "
            "array of 1");
}

TEST(PaperConfig, RefusesTokensOfImagesThatCannotBe) {
  EXPECT_EQ(refusal("moe_redundancy", R"({"image_token_end":70})"),
            "config: image_token_end: expected an integer from 71 to 96, found 70");
  EXPECT_EQ(refusal("moe_redundancy", R"({"lora_r":0})"),
            "config: lora_r: expected an integer from 1 to 16777216, found 0");
}

/// A key and its value, as GGUF writes an integer after the key's text.
std::string setting(const std::string &key, uint32_t value) {
  uint32_t type = 4;
  std::string text = key;
  text.append(reinterpret_cast<const char *>(&type), sizeof type);
  return text.append(reinterpret_cast<const char *>(&value), sizeof value);
}

TEST(FamilyGgufConfig, RefusesExpertsThatDoNotMatchTheirTensors) {
  auto changed = [](const std::string &model, const std::string &key, uint32_t from, uint32_t to) {
    return renamed(model, setting(key, from), setting(key, to));
  };
  EXPECT_EQ(changed("mixtral", "llama.expert_count", 4, 8),
            "file: tensor 'blk.0.ffn_gate_inp.weight': expected shape [8, 64], found [4, 64]");
  EXPECT_EQ(changed("mixtral", "llama.expert_used_count", 2, 5),
            "file: llama.expert_used_count: expected an integer from 1 to 4, found 5");
  EXPECT_EQ(changed("mixtral", "llama.expert_count", 4, 0),
            "file: llama.expert_used_count: expected none, as nothing is known of it in llama, "
            "found 2");
  EXPECT_EQ(changed("qwen2_moe", "qwen2moe.expert_feed_forward_length", 32, 48),
            "file: tensor 'blk.0.ffn_gate_exps.weight': expected shape [6, 48, 64], found "
            "[6, 32, 64]");
  EXPECT_EQ(changed("qwen2_moe", "qwen2moe.expert_shared_feed_forward_length", 64, 32),
            "file: tensor 'blk.0.ffn_gate_shexp.weight': expected shape [32, 64], found [64, 64]");
  EXPECT_EQ(renamed("qwen3_moe", "blk.1.ffn_up_exps.weight", "blk.1.ffn_up_exqs.weight"),
            "file: tensor 'blk.1.ffn_up_exps.weight': expected shape [6, 32, 64], found no such "
            "tensor");
}

TEST(FamilyGgufConfig, RefusesStatesOfMambaThatDoNotMatchTheirTensors) {
  auto changed = [](const char *key, uint32_t from, uint32_t to) {
    std::string whole = "mamba.ssm." + std::string(key);
    return renamed("extra-mamba", setting(whole, from), setting(whole, to));
  };
  EXPECT_EQ(changed("conv_kernel", 4, 3),
            "file: tensor 'blk.0.ssm_conv1d.weight': expected shape [64, 3], found [64, 4]");
  EXPECT_EQ(changed("state_size", 8, 4),
            "file: tensor 'blk.0.ssm_x.weight': expected shape [12, 64], found [20, 64]");
  EXPECT_EQ(changed("time_step_rank", 4, 12),
            "file: tensor 'blk.0.ssm_x.weight': expected shape [28, 64], found [20, 64]");
  EXPECT_EQ(renamed("extra-mamba", "blk.1.ssm_d", "blk.1.ssm_e"),
            "file: tensor 'blk.1.ssm_d': expected shape [64], found no such tensor");
}

TEST(FamilyGgufConfig, NormalisesWhatFalconMambaSelects) {
  auto setting = [](char value) { // of type 7, true or false
    return "mamba.ssm.dt_b_c_rms" + std::string{7, 0, 0, 0, value};
  };
  for (char isFalcon : {0, 1}) {
    InMemory read(edited("extra-mamba", setting(0), setting(isFalcon)));
    Expected<ModelConfig> config = architecture::readModelConfig(**read);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->stateSpace->epsilon,
              isFalcon ? std::optional(config->epsilon) : std::nullopt);
  }
}

TEST(FamilyGgufConfig, RefusesWhatT5CannotBe) {
  auto changed = [](const char *key, uint32_t from, uint32_t to) {
    std::string whole = "t5." + std::string(key);
    return renamed("extra-t5", setting(whole, from), setting(whole, to));
  };
  EXPECT_EQ(changed("attention.relative_buckets_count", 8, 6),
            "file: t5.attention.relative_buckets_count: expected a multiple of 4, found 6");
  EXPECT_EQ(changed("attention.relative_buckets_count", 8, 256),
            "file: t5.attention.relative_buckets_count: expected an integer from 4 to 252, found "
            "256");
  EXPECT_EQ(changed("attention.relative_buckets_count", 8, 12),
            "file: tensor 'enc.blk.0.attn_rel_b.weight': expected shape [12, 4], found [8, 4]");
  EXPECT_EQ(changed("decoder_start_token_id", 0, 64),
            "file: t5.decoder_start_token_id: expected an integer from 0 to 63, found 64");
  EXPECT_EQ(changed("decoder_block_count", 2, 3),
            "file: tensor 'dec.blk.2.attn_norm.weight': expected shape [32], found no such tensor");
  EXPECT_EQ(changed("decoder_block_count", 2, 1),
            "file: tensor 'dec.blk.1.attn_k.weight': expected none in t5, found shape [32, 32]");
  EXPECT_EQ(renamed("extra-t5", "t5.attention.relative_buckets_count",
                    "t5.attention.relative_buckets_kount"),
            "file: t5.attention.relative_buckets_count: expected an integer from 4 to 252, found "
            "none");
}

TEST(FamilyGgufConfig, RefusesGroupsAndWidthsOfDeepseekThatCannotBe) {
  auto changed = [](const char *key, uint32_t from, uint32_t to) {
    std::string whole = "deepseek2." + std::string(key);
    return renamed("deepseek_v3", setting(whole, from), setting(whole, to));
  };
  EXPECT_EQ(changed("expert_group_count", 2, 3),
            "file: deepseek2.expert_group_count: expected a divisor of the 8 experts, found 3");
  EXPECT_EQ(changed("expert_group_count", 2, 8),
            "file: deepseek2.expert_group_used_count: expected groups that hold the 2 experts of a "
            "row, found 1");
  EXPECT_EQ(changed("expert_gating_func", 2, 3),
            "file: deepseek2.expert_gating_func: expected an integer from 1 to 2, found 3");
  EXPECT_EQ(changed("leading_dense_block_count", 1, 3),
            "file: deepseek2.leading_dense_block_count: expected an integer from 0 to 2, found 3");
  EXPECT_EQ(changed("rope.dimension_count", 8, 20),
            "file: deepseek2.rope.dimension_count: expected less than the head's 20, found 20");
  EXPECT_EQ(changed("attention.kv_lora_rank", 16, 18),
            "file: tensor 'blk.0.attn_kv_a_mqa.weight': expected shape [26, 64], found [24, 64]");
}

// Yarn scales DeepSeek's scores; the directory says so in words, the file by a tenth.
TEST(FamilyGgufConfig, ScalesScoresOfDeepseekByYarn) {
  Changed directory("deepseek_v3", R"({"rope_parameters":{"rope_type":"yarn","factor":4,
      "original_max_position_embeddings":32,"mscale":0.7,"mscale_all_dim":0.7}})");
  Expected<ModelConfig> a = directory.config();
  ASSERT_TRUE(a) << a.error().message;
  GgufFile file = model("deepseek2");
  file.add("deepseek2.attention.value_length", 10u).add("deepseek2.attention.kv_lora_rank", 16u);
  file.add("deepseek2.attention.key_length_mla", 20u).add("deepseek2.rope.dimension_count", 8u);
  file.add("deepseek2.expert_count", 4u).add("deepseek2.expert_used_count", 2u);
  file.add("deepseek2.rope.scaling.type", "yarn").add("deepseek2.rope.scaling.factor", 4.0f);
  file.add("deepseek2.rope.scaling.yarn_log_multiplier", 0.07f);
  InMemory read(file.bytes());
  Expected<ModelConfig> b = architecture::readModelConfig(**read);
  ASSERT_TRUE(b) << b.error().message;
  EXPECT_GT(a->attentionScale, 1.1 / std::sqrt(20));
  EXPECT_NEAR(a->attentionScale, b->attentionScale, 1e-7);
  EXPECT_EQ(computeRotary(*b->rotary).scale, 1);
}

} // namespace
} // namespace tern::checkpoint
