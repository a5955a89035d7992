// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Files whose keys contradict each other, or leave out what transformers has a value of its own
// for.
#include "test/unit/checkpoint/ChangedModel.h"

namespace tern::checkpoint {
namespace {

using Windows = std::vector<int64_t>;

ModelConfig read(const std::string &model, const char *changes, bool keepsNull = false) {
  Expected<ModelConfig> config = Changed(model, changes, keepsNull).config();
  EXPECT_TRUE(config) << config.error().message;
  return config ? *config : ModelConfig();
}

Windows windows(const std::string &model, const char *changes, bool keepsNull = false) {
  return read(model, changes, keepsNull).windows;
}

/// The sentence without the file's name.
void refuses(const std::string &model, const char *changes, const std::string &sentence) {
  EXPECT_EQ(refusal(model, changes), "config: " + sentence) << model;
}

TEST(Contradiction, OfTheContextBeforeItGrew) {
  refuses("phi3-longrope", R"({"rope_scaling":{"original_max_position_embeddings":64}})",
          "rope_scaling.original_max_position_embeddings: expected what "
          "original_max_position_embeddings says, 32, found 64");
  refuses("llama-yarn", R"({"original_max_position_embeddings":64})",
          "rope_scaling.original_max_position_embeddings: expected what "
          "original_max_position_embeddings says, 64, found 32");
  // Phi 3 has one of its own; others were made for the length that they have.
  RotaryConfig phi = *read("phi3-longrope", R"({"original_max_position_embeddings":null})").rotary;
  EXPECT_EQ(phi.originalContext, 4096);
  EXPECT_EQ(phi.factor, 128.0 / 4096);
  const char *longrope = R"({"rope_scaling":{"type":"longrope","short_factor":[1,1,1,1,1,1,1,1],
                             "long_factor":[2,2,2,2,2,2,2,2]}})";
  EXPECT_EQ(read("llama", longrope).rotary->originalContext, 128);
  EXPECT_EQ(read("llama-yarn", R"({"original_max_position_embeddings":16,
                 "rope_scaling":{"original_max_position_embeddings":null}})")
                .rotary->originalContext,
            16);
  // What the file says goes before what the lengths say.
  EXPECT_EQ(read("phi3-longrope", R"({"rope_scaling":{"factor":2}})").rotary->factor, 2);
}

TEST(Contradiction, OfRotarySettings) {
  refuses("phi3-longrope", R"({"rope_scaling":{"rope_type":"linear","factor":2}})",
          "rope_scaling.rope_type: expected default, longrope or su, found 'linear'");
  refuses("phi3-longrope", R"({"rope_scaling":{"type":"linear"}})",
          "rope_scaling.type: expected what rope_scaling.rope_type says, found 'linear'");
  EXPECT_EQ(refusal("phi3-longrope", R"({"rope_scaling":{"type":"su"}})"), "");
  refuses("phi", R"({"partial_rotary_factor":0.25})",
          "rope_parameters.partial_rotary_factor: expected what partial_rotary_factor says, 0.25, "
          "found 0.5");
  refuses("deepseek_v3", R"({"head_dim":16})",
          "head_dim: expected what qk_rope_head_dim says, 8, found 16");
  refuses("deepseek_v2", R"({"qk_rope_head_dim":9})",
          "qk_rope_head_dim: expected an even number of rotated elements in a head, found 9");
}

TEST(Contradiction, OfWindows) {
  EXPECT_EQ(windows("mistral", R"({"sliding_window":null})"), (Windows{4096, 4096}));
  EXPECT_EQ(windows("mistral", R"({"sliding_window":null})", /*keepsNull=*/true), Windows());
  EXPECT_EQ(windows("gemma3_text", R"({"sliding_window":null,
                    "layer_types":["full_attention","sliding_attention"]})"),
            (Windows{0, 4096}));
  EXPECT_EQ(windows("gemma2", R"({"layer_types":null,"sliding_window":4})"), (Windows{4, 0}));
  refuses("gemma2", R"({"layer_types":null,"sliding_window_pattern":1})",
          "sliding_window_pattern: expected 2 in gemma2, found 1");
  refuses("phi3-longrope", R"({"sliding_window":0})",
          "sliding_window: expected an integer from 1 to 1073741824, found 0");
  refuses("mistral", R"({"use_sliding_window":false})",
          "use_sliding_window: expected true beside sliding_window, found false");
  refuses("mixtral", R"({"sliding_window":4,"layer_types":["sliding_attention","full_attention"]})",
          "layer_types: expected sliding_attention in all layers, found full_attention");
  refuses("mixtral", R"({"layer_types":["sliding_attention","full_attention"]})",
          "layer_types: expected full_attention in all layers, as there is no sliding_window, "
          "found sliding_attention");
}

TEST(Contradiction, OfWindowsOfQwen) {
  for (const char *model : {"qwen2", "qwen3"}) {
    auto changed = [&](const char *changes) { return windows(model, changes); };
    EXPECT_EQ(changed(R"({"use_sliding_window":true,"sliding_window":4,"layer_types":null})"),
              (Windows{0, 0}));
    EXPECT_EQ(changed(R"({"use_sliding_window":true,"sliding_window":4,"layer_types":null,
                          "max_window_layers":null})"),
              (Windows{0, 0}));
    EXPECT_EQ(changed(R"({"use_sliding_window":true,"sliding_window":null,"layer_types":null,
                          "max_window_layers":1})"),
              (Windows{0, 4096}));
    EXPECT_EQ(changed(R"({"sliding_window":4})"), Windows());
  }
  EXPECT_EQ(windows("qwen2", R"({"use_sliding_window":true,"sliding_window":null,
                    "layer_types":["full_attention","full_attention"]})",
                    /*keepsNull=*/true),
            Windows());
  for (const char *model : {"qwen2_moe", "qwen3_moe"})
    refuses(model, R"({"use_sliding_window":true,"sliding_window":4})",
            "use_sliding_window: expected false, found true");
}

TEST(Contradiction, OfExperts) {
  refuses("qwen3_moe", R"({"num_experts":99})",
          "num_experts: expected what num_local_experts says, 6, found 99");
  EXPECT_EQ(Changed("qwen3_moe", R"({"num_local_experts":null})", /*keepsNull=*/true).refusal(),
            "config: num_local_experts: expected an integer from 1 to 4096, found null");
  refuses("qwen2_moe", R"({"mlp_only_layers":[0,2]})",
          "mlp_only_layers: expected integers from 0 to 1, found 2 at index 1");
  refuses("deepseek_v2", R"({"num_key_value_heads":2})",
          "num_key_value_heads: expected the 4 heads, found 2");
  refuses("deepseek_v2", R"({"topk_group":null})",
          "topk_group: expected an integer from 1 to 4096, found none");
  for (const char *key : {"n_group", "topk_group"})
    refuses("deepseek_v3", ("{\"" + std::string(key) + "\":null}").c_str(),
            std::string(key) + ": expected an integer from 1 to 4096, found none");
  refuses("deepseek_v3", R"({"routed_scaling_factor":null})",
          "routed_scaling_factor: expected a finite number above 0, found none");
  EXPECT_EQ(read("deepseek_v3", R"({"rms_norm_eps":1e-5})").latent->epsilon, 1e-6);
  ModelConfig off = read("deepseek_v3", R"({"norm_topk_prob":null,"rope_interleave":null})",
                         /*keepsNull=*/true);
  EXPECT_FALSE(off.experts->isRenormalised);
  EXPECT_EQ(off.rotary->layout, RotaryLayout::HalfSplit);
}

TEST(Contradiction, OfNames) {
  refuses("gpt2", R"({"num_hidden_layers":1})",
          "num_hidden_layers: expected what n_layer says, 2, found 1");
  refuses("gpt2", R"({"max_position_embeddings":64})",
          "max_position_embeddings: expected what n_positions says, 128, found 64");
  refuses("extra-t5", R"({"hidden_size":64})",
          "hidden_size: expected what d_model says, 32, found 64");
  refuses("extra-t5", R"({"head_dim":4})", "head_dim: expected what d_kv says, 8, found 4");
  refuses("falcon", R"({"n_embed":32})", "n_embed: expected what hidden_size says, 64, found 32");
  EXPECT_EQ(refusal("gpt2", R"({"num_hidden_layers":2})"), "");
  refuses("gpt_neox", R"({"rope_theta":500})",
          "rope_theta: expected what rotary_emb_base says, 10000, found 500");
  refuses("gpt_neox", R"({"partial_rotary_factor":0.5})",
          "partial_rotary_factor: expected what rotary_pct says, 0.25, found 0.5");
  EXPECT_EQ(refusal("gpt_neox", R"({"rope_theta":10000,"partial_rotary_factor":0.25})"), "");
}

TEST(Contradiction, OfActivations) {
  refuses("gemma", R"({"hidden_act":"relu"})",
          "hidden_act: expected gelu or what hidden_activation says, found 'relu'");
  EXPECT_EQ(refusal("gemma", R"({"hidden_act":"gelu"})"), "");
  EXPECT_EQ(refusal("gemma", R"({"hidden_act":"relu","hidden_activation":"relu"})"), "");
  for (const char *model : {"extra-mamba", "falcon_mamba"})
    refuses(model, R"({"hidden_act":"gelu"})",
            "hidden_act: expected silu, which gates have in any case, found 'gelu'");
}

TEST(Contradiction, OfFalconsArchitectures) {
  refuses("falcon-new", R"({"parallel_attn":false})",
          "parallel_attn: expected true beside new_decoder_architecture, found false");
  refuses("falcon", R"({"num_ln_in_parallel_attn":2})",
          "num_ln_in_parallel_attn: expected 1 without new_decoder_architecture, found 2");
}

TEST(Contradiction, OfCaps) {
  refuses("gemma3_text", R"({"attn_logit_softcapping":50.0})",
          "attn_logit_softcapping: expected none in gemma3_text, found 50");
  const char *noCaps = R"({"attn_logit_softcapping":null,"final_logit_softcapping":null})";
  EXPECT_EQ(read("gemma2", noCaps).attentionCap, 50);
  EXPECT_EQ(read("gemma2", noCaps).logitCap, 30);
  EXPECT_EQ(read("gemma2", noCaps, /*keepsNull=*/true).attentionCap, 0);
  EXPECT_EQ(read("gemma2", noCaps, /*keepsNull=*/true).logitCap, 0);
  EXPECT_EQ(read("gemma3_text", noCaps).logitCap, 0);
}

TEST(Contradiction, OfWhatAFileLeavesOut) {
  for (const char *model : {"mixtral", "olmo2", "phi3-longrope"})
    EXPECT_EQ(read(model, R"({"rms_norm_eps":null})").epsilon, 1e-5) << model;
  EXPECT_EQ(read("opt", R"({"rms_norm_eps":0.5})").epsilon, 1e-5); // no key of OPT's
  const char *noBase = R"({"rope_theta":null,"rope_parameters":null})";
  EXPECT_EQ(read("mixtral", noBase).rotary->theta, 1e6);
  EXPECT_EQ(read("cohere", noBase).rotary->theta, 5e5);
  EXPECT_EQ(read("phi3-longrope", R"({"max_position_embeddings":null})").contextLength, 4096);
  EXPECT_NE(read("extra-t5", R"({"scale_decoder_outputs":null})").logitScale, 1);
  EXPECT_EQ(read("extra-t5", R"({"scale_decoder_outputs":null})", /*keepsNull=*/true).logitScale,
            1);
}

} // namespace
} // namespace tern::checkpoint
