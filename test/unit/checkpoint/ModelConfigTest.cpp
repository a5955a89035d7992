// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/Families.h"
#include "test/unit/checkpoint/TestFiles.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace tern::checkpoint {
namespace {

const std::string kModels = TERN_TEST_DATA "/models/";

ModelConfig golden(const std::string &name) {
  Expected<Checkpoint> checkpoint = Checkpoint::open(kModels + name);
  if (!checkpoint) {
    ADD_FAILURE() << checkpoint.error().message;
    return {};
  }
  Expected<ModelConfig> config = architecture::readModelConfig(*checkpoint);
  if (!config) {
    ADD_FAILURE() << config.error().message;
    return {};
  }
  return *config;
}

/// Reads a config.json that is the smallest legal one with `changes` merged into it; null removes.
Expected<ModelConfig> readJson(const char *changes) {
  nlohmann::json json = {{"model_type", "llama"},  {"vocab_size", 100},
                         {"hidden_size", 32},      {"intermediate_size", 64},
                         {"num_hidden_layers", 2}, {"num_attention_heads", 4}};
  json.merge_patch(nlohmann::json::parse(changes));
  std::string text = json.dump(), weights = safetensorsFile("{}", "");
  Expected<Checkpoint> checkpoint = Checkpoint::read(
      MappedFile::borrow("model", std::as_bytes(std::span(std::string_view(weights)))),
      MappedFile::borrow("config", std::as_bytes(std::span(std::string_view(text)))));
  return checkpoint ? architecture::readModelConfig(*checkpoint) : checkpoint.error();
}

std::string refusal(const char *changes) {
  Expected<ModelConfig> config = readJson(changes);
  return config ? "" : config.error().message;
}

TEST(DecoderTensors, HasABiasWhereTheSettingsSaySo) {
  auto names = [](const char *changes) {
    std::vector<std::string> names;
    for (const ExpectedTensor &tensor : architecture::tensorsOf(*readJson(changes)))
      names.push_back(tensor.name);
    return names;
  };
  EXPECT_EQ(names("{}").size(), 3u + 2 * 9);
  EXPECT_EQ(names(R"({"tie_word_embeddings": true})").size(), 2u + 2 * 9);
  std::vector<std::string> biased = names(R"({"attention_bias": true, "mlp_bias": true})");
  EXPECT_EQ(biased.size(), 3u + 2 * (9 + 7));
  EXPECT_EQ(std::count(biased.begin(), biased.end(), "model.layers.1.mlp.down_proj.bias"), 1);
}

TEST(HuggingFaceConfig, ReadsTheGoldens) {
  ModelConfig config = golden("llama");
  EXPECT_EQ(config.family, "llama");
  EXPECT_EQ(config.vocabulary, 320);
  EXPECT_EQ(config.width, 64);
  EXPECT_EQ(config.layers, 2);
  EXPECT_EQ(config.heads, 4);
  EXPECT_EQ(config.kvHeads, 2);
  EXPECT_EQ(config.headWidth, 16);
  EXPECT_EQ(config.ffnWidth, 128);
  EXPECT_EQ(config.contextLength, 128);
  EXPECT_EQ(config.epsilon, 1e-6);
  EXPECT_EQ(config.rotary->kind, RotaryKind::Default);
  EXPECT_EQ(config.rotary->layout, RotaryLayout::HalfSplit);
  EXPECT_EQ(config.rotary->theta, 10000);
  EXPECT_EQ(config.rotary->dimensions, 16);
  EXPECT_FALSE(config.tiedEmbeddings);
  EXPECT_EQ(config.bos, 1);
  EXPECT_EQ(config.eos, std::vector<int64_t>{2});
  EXPECT_EQ(config.addBos, std::nullopt);
}

TEST(HuggingFaceConfig, ReadsRotarySettingsOldAndNew) {
  RotaryConfig linear = *golden("llama-linear").rotary; // rope_scaling with "type"
  EXPECT_EQ(linear.kind, RotaryKind::Linear);
  EXPECT_EQ(linear.factor, 2.5);

  RotaryConfig dynamic = *golden("llama-dynamic").rotary; // rope_parameters
  EXPECT_EQ(dynamic.kind, RotaryKind::Dynamic);
  EXPECT_EQ(dynamic.factor, 2);
  EXPECT_EQ(dynamic.originalContext, 32);

  RotaryConfig yarn = *golden("llama-yarn").rotary; // rope_scaling with "rope_type"
  EXPECT_EQ(yarn.kind, RotaryKind::Yarn);
  EXPECT_EQ(yarn.factor, 4);
  EXPECT_EQ(yarn.originalContext, 32);

  RotaryConfig llama3 = *golden("llama-llama3").rotary;
  EXPECT_EQ(llama3.kind, RotaryKind::Llama3);
  EXPECT_EQ(llama3.theta, 500000);
  EXPECT_EQ(llama3.factor, 8);
  EXPECT_EQ(llama3.lowFrequencyFactor, 1);
  EXPECT_EQ(llama3.highFrequencyFactor, 4);
  EXPECT_EQ(llama3.originalContext, 32);
  EXPECT_TRUE(golden("llama-llama3").tiedEmbeddings);
}

TEST(HuggingFaceConfig, FillsInWhatIsAbsent) {
  Expected<ModelConfig> config = readJson("{}");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->kvHeads, 4);
  EXPECT_EQ(config->headWidth, 8);
  EXPECT_EQ(config->contextLength, 2048);
  EXPECT_EQ(config->epsilon, 1e-6);
  EXPECT_EQ(config->rotary->theta, 10000);
  EXPECT_EQ(config->activation, Activation::Silu);
  EXPECT_FALSE(config->tiedEmbeddings || config->qkvBias || config->attentionOutBias ||
               config->ffnBias);
  EXPECT_FALSE(config->bos);
  EXPECT_TRUE(config->eos.empty());
}

TEST(HuggingFaceConfig, ReadsWhatIsThere) {
  Expected<ModelConfig> config = readJson(
      R"({"num_key_value_heads":1,"head_dim":20,"attention_bias":true,"mlp_bias":true,
          "hidden_act":"gelu_new","eos_token_id":[9,7,9],"bos_token_id":3,"rms_norm_eps":1})");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->kvHeads, 1);
  EXPECT_EQ(config->headWidth, 20);
  EXPECT_TRUE(config->qkvBias && config->attentionOutBias && config->ffnBias);
  EXPECT_EQ(config->activation, Activation::GeluTanh);
  EXPECT_EQ(config->eos, (std::vector<int64_t>{7, 9}));
  EXPECT_EQ(config->bos, 3);
  EXPECT_EQ(config->epsilon, 1);
}

TEST(HuggingFaceConfig, ReadsAllOfYarn) {
  Expected<ModelConfig> config = readJson(
      R"({"rope_parameters":{"rope_type":"yarn","rope_theta":1e6,"factor":4,"beta_fast":16,
          "beta_slow":2,"mscale":1.5,"mscale_all_dim":0.5,"attention_factor":1.25,
          "truncate":false,"original_max_position_embeddings":512}})");
  ASSERT_TRUE(config) << config.error().message;
  const RotaryConfig &rotary = *config->rotary;
  EXPECT_EQ(rotary.theta, 1e6);
  EXPECT_EQ(rotary.betaFast, 16);
  EXPECT_EQ(rotary.betaSlow, 2);
  EXPECT_EQ(rotary.mscale, 1.5);
  EXPECT_EQ(rotary.mscaleAllDimensions, 0.5);
  EXPECT_EQ(rotary.attentionFactor, 1.25);
  EXPECT_FALSE(rotary.truncate);
  EXPECT_EQ(rotary.originalContext, 512);
}

// The attention factor is a setting of yarn; elsewhere transformers does not look at it.
TEST(HuggingFaceConfig, ScalesAttentionInYarnAlone) {
  Expected<ModelConfig> config =
      readJson(R"({"rope_scaling":{"type":"linear","factor":2,"attention_factor":1.25}})");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(computeRotary(*config->rotary).scale, 1);
}

TEST(HuggingFaceConfig, PrefersGenerationConfigForEos) {
  TestDirectory directory;
  std::filesystem::copy(kModels + "llama", directory.path(),
                        std::filesystem::copy_options::recursive);
  directory.write("generation_config.json", R"({"eos_token_id":[5,4]})");
  Expected<Checkpoint> checkpoint = Checkpoint::open(directory.path());
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(architecture::readModelConfig(*checkpoint)->eos, (std::vector<int64_t>{4, 5}));

  directory.write("generation_config.json", R"({"eos_token_id":320})");
  checkpoint = Checkpoint::open(directory.path());
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(architecture::readModelConfig(*checkpoint).error().message,
            directory.path() + "/generation_config.json: eos_token_id: expected integers from 0 to "
                               "319, found 320");
}

TEST(HuggingFaceConfig, RefusesByName) {
  std::string family = refusal(R"({"model_type":"rwkv"})");
  EXPECT_TRUE(family.starts_with("config: model_type: expected one of llama, ")) << family;
  EXPECT_TRUE(family.ends_with(", found 'rwkv'")) << family;
  EXPECT_EQ(refusal(R"({"model_type":null})"), "config: model_type: expected text, found none");
  EXPECT_EQ(refusal(R"({"hidden_act":"mish"})"),
            "config: hidden_act: expected one of silu, swish, gelu, gelu_new, relu, "
            "gelu_pytorch_tanh, gelu_fast, quick_gelu, found 'mish'");
  EXPECT_EQ(refusal(R"({"rope_scaling":{"type":"ntk","factor":2}})"),
            "config: rope_scaling.type: expected default, linear, dynamic, yarn, llama3, longrope "
            "or su, found 'ntk'");
  EXPECT_EQ(refusal(R"({"rope_scaling":{"type":"longrope","short_factor":[1,1,1]}})"),
            "config: rope_scaling.short_factor: expected an array of 4 finite numbers above 0, "
            "found an array of 3");
  EXPECT_EQ(refusal(R"({"quantization_config":{"quant_method":"gptq"}})"),
            "config: quantization_config.bits: expected an integer from 2 to 8, found none");
}

TEST(HuggingFaceConfig, RefusesSizesThatCannotBe) {
  EXPECT_EQ(refusal(R"({"hidden_size":null})"),
            "config: hidden_size: expected an integer from 1 to 16777216, found none");
  EXPECT_EQ(refusal(R"({"hidden_size":0})"),
            "config: hidden_size: expected an integer from 1 to 16777216, found 0");
  EXPECT_EQ(refusal(R"({"hidden_size":-32})"),
            "config: hidden_size: expected an integer from 1 to 16777216, found -32");
  EXPECT_EQ(refusal(R"({"num_hidden_layers":2.5})"),
            "config: num_hidden_layers: expected an integer from 1 to 4096, found 2.5");
  EXPECT_EQ(refusal(R"({"vocab_size":"many"})"),
            "config: vocab_size: expected an integer from 1 to 16777216, found 'many'");
  EXPECT_EQ(refusal(R"({"vocab_size":18446744073709551615})"),
            "config: vocab_size: expected an integer from 1 to 16777216, found 1.84467e+19");
  EXPECT_EQ(refusal(R"({"max_position_embeddings":4294967296})"),
            "config: max_position_embeddings: expected an integer from 1 to 1073741824, found "
            "4294967296");
  EXPECT_EQ(refusal(R"({"num_attention_heads":[4]})"),
            "config: num_attention_heads: expected an integer from 1 to 16384, found an array");
  EXPECT_EQ(refusal(R"({"num_attention_heads":3})"),
            "config: hidden_size: expected a multiple of the 3 heads, found 32");
  EXPECT_EQ(refusal(R"({"head_dim":8194})"),
            "config: head_dim: expected an integer from 1 to 8192, found 8194");
  EXPECT_EQ(refusal(R"({"hidden_size":65536})"),
            "config: hidden_size: expected heads of at most 8192 elements, found 16384");
  EXPECT_EQ(refusal(R"({"num_key_value_heads":3})"),
            "config: num_key_value_heads: expected a divisor of the 4 heads, found 3");
}

TEST(HuggingFaceConfig, RefusesOtherSettings) {
  EXPECT_EQ(refusal(R"({"rms_norm_eps":0})"),
            "config: rms_norm_eps: expected a finite number above 0, found 0");
  EXPECT_EQ(refusal(R"({"rms_norm_eps":"small"})"),
            "config: rms_norm_eps: expected a finite number above 0, found 'small'");
  EXPECT_EQ(refusal(R"({"attention_bias":1})"),
            "config: attention_bias: expected true or false, found 1");
  EXPECT_EQ(refusal(R"({"eos_token_id":100})"),
            "config: eos_token_id: expected integers from 0 to 99, found 100");
  EXPECT_EQ(refusal(R"({"eos_token_id":["x"]})"),
            "config: eos_token_id: expected integers from 0 to 99, found 'x' at index 0");
  EXPECT_EQ(refusal(R"({"eos_token_id":[5,100]})"),
            "config: eos_token_id: expected integers from 0 to 99, found 100 at index 1");
  EXPECT_EQ(refusal(R"({"eos_token_id":[]})"),
            "config: eos_token_id: expected integers from 0 to 99, found an array of 0");
  EXPECT_EQ(refusal(R"({"bos_token_id":-1})"),
            "config: bos_token_id: expected an integer from 0 to 99, found -1");
}

TEST(HuggingFaceConfig, RefusesRotarySettingsThatCannotBe) {
  auto rope = [](std::string text) {
    return refusal(("{\"rope_parameters\":{" + text + "}}").c_str());
  };
  EXPECT_EQ(refusal(R"({"rope_theta":1})"), "config: rope_theta: expected a base above 1, found 1");
  EXPECT_EQ(refusal(R"({"head_dim":7})"),
            "config: head_dim: expected an even number of rotated elements in a head, found 7");
  EXPECT_EQ(refusal(R"({"partial_rotary_factor":0.5})"),
            "config: partial_rotary_factor: expected 1 for llama, found 0.5");
  EXPECT_EQ(refusal(R"({"rope_scaling":"linear"})"),
            "config: rope_scaling: expected an object, found 'linear'");
  EXPECT_EQ(rope(R"("rope_theta":-1)"),
            "config: rope_parameters.rope_theta: expected a finite number above 0, found -1");
  EXPECT_EQ(rope(R"("rope_type":"linear")"),
            "config: rope_parameters.factor: expected a finite number above 0, found none");
  EXPECT_EQ(rope(R"("rope_type":"dynamic","factor":0.5)"),
            "config: rope_parameters.factor: expected at least 1 for dynamic scaling, found 0.5");
  EXPECT_EQ(
      rope(R"("rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4)"),
      "config: rope_parameters.high_freq_factor: expected more than low_freq_factor, which is "
      "4, found 4");
  EXPECT_EQ(
      rope(R"("rope_type":"yarn","factor":8,"beta_fast":0.5)"),
      "config: rope_parameters.beta_fast: expected at least beta_slow, which is 1, found 0.5");
  EXPECT_EQ(rope(R"("full_attention":{"rope_type":"default"})"),
            "config: rope_parameters.full_attention: expected none in llama, found an object");
  EXPECT_EQ(refusal(R"({"head_dim":2,"rope_scaling":{"type":"dynamic","factor":2}})"),
            "config: head_dim: expected at least 4 rotated elements for dynamic scaling, found 2");
}

/// The keys of a small GGUF model that are numbers.
const std::map<std::string, uint32_t> kGgufSizes = {
    {"llama.vocab_size", 100},         {"llama.embedding_length", 32},
    {"llama.block_count", 2},          {"llama.feed_forward_length", 64},
    {"llama.attention.head_count", 4}, {"llama.attention.head_count_kv", 2},
    {"llama.context_length", 256},
};

GgufFile ggufModel(const std::string &without = "") {
  GgufFile file;
  file.add("general.architecture", "llama");
  file.add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  for (auto &[key, value] : kGgufSizes)
    if (key != without)
      file.add(key, value);
  return file;
}

Expected<ModelConfig> readGguf(const GgufFile &file) {
  InMemory read(file.bytes());
  if (!*read)
    return (*read).error();
  return architecture::readModelConfig(**read);
}

std::string refusal(const GgufFile &file) {
  Expected<ModelConfig> config = readGguf(file);
  return config ? "" : config.error().message;
}

TEST(GgufConfig, ReadsAModel) {
  Expected<ModelConfig> config = readGguf(ggufModel());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->vocabulary, 100);
  EXPECT_EQ(config->headWidth, 8);
  EXPECT_EQ(config->kvHeads, 2);
  EXPECT_EQ(config->epsilon, double(1e-5f));
  EXPECT_EQ(config->rotary->layout, RotaryLayout::Interleaved);
  EXPECT_EQ(config->rotary->dimensions, 8);
  EXPECT_EQ(config->rotary->theta, 10000);
  EXPECT_TRUE(config->tiedEmbeddings);
  EXPECT_EQ(config->addBos, std::nullopt);
}

TEST(GgufConfig, LooksAtTensorsForHeadAndBiases) {
  GgufFile file = ggufModel();
  std::string value = bytesOf(1.0f);
  file.tensor("output.weight", {1}, 0, value).tensor("blk.0.attn_q.bias", {1}, 0, value);
  file.tensor("blk.0.attn_output.bias", {1}, 0, value).tensor("blk.0.ffn_up.bias", {1}, 0, value);
  Expected<ModelConfig> config = readGguf(file);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_FALSE(config->tiedEmbeddings);
  EXPECT_TRUE(config->qkvBias && config->attentionOutBias && config->ffnBias);
}

TEST(GgufConfig, CountsTokensWhereNoKeySaysHowMany) {
  GgufFile file = ggufModel("llama.vocab_size");
  file.add("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b", "c"});
  file.add("tokenizer.ggml.bos_token_id", 1u).add("tokenizer.ggml.eos_token_id", 2u);
  file.add("tokenizer.ggml.eot_token_id", 0u).add("tokenizer.ggml.add_bos_token", true);
  Expected<ModelConfig> config = readGguf(file);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->vocabulary, 3);
  EXPECT_EQ(config->bos, 1);
  EXPECT_EQ(config->eos, (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(config->addBos, true);
}

TEST(GgufConfig, ReadsScaling) {
  Expected<ModelConfig> config = readGguf(
      ggufModel().add("llama.rope.scaling.type", "linear").add("llama.rope.scaling.factor", 4.0f));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->rotary->kind, RotaryKind::Linear);
  EXPECT_EQ(config->rotary->factor, 4);

  config = readGguf(ggufModel().add("llama.rope.scale_linear", 2.0f));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->rotary->kind, RotaryKind::Linear);
  EXPECT_EQ(config->rotary->factor, 2);

  config = readGguf(ggufModel()
                        .add("llama.rope.scaling.type", "yarn")
                        .add("llama.rope.scaling.factor", 4.0f)
                        .add("llama.rope.scaling.original_context_length", 64u)
                        .add("llama.rope.scaling.attn_factor", 0.5f)
                        .add("llama.rope.scaling.yarn_ext_factor", 1.0f)
                        .add("llama.rope.scaling.yarn_beta_fast", 16.0f)
                        .add("llama.rope.scaling.yarn_beta_slow", 2.0f));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->rotary->kind, RotaryKind::Yarn);
  EXPECT_EQ(config->rotary->originalContext, 64);
  EXPECT_EQ(config->rotary->betaFast, 16);
  EXPECT_EQ(config->rotary->betaSlow, 2);
  EXPECT_NEAR(computeRotary(*config->rotary).scale, 0.5 * (0.1 * std::log(4.0) + 1), 1e-15);
}

TEST(GgufConfig, ReadsFrequencyFactors) {
  auto read = [](const std::vector<float> &factors) {
    std::string bytes;
    for (float factor : factors)
      bytes += bytesOf(factor);
    InMemory file(ggufModel().tensor("rope_freqs.weight", {factors.size()}, 0, bytes).bytes());
    EXPECT_TRUE(*file) << file.message();
    Expected<ModelConfig> config = architecture::readModelConfig(**file);
    EXPECT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->rotary->factorsTensor, "rope_freqs.weight");
    return readRotaryFactors(**file, *config->rotary);
  };
  EXPECT_EQ(read({1, 1, 4, 8})->all, (std::vector<float>{1, 1, 4, 8}));
  EXPECT_EQ(read({1, 1, 4}).error().message,
            "file: tensor 'rope_freqs.weight': expected shape [4], found [3]");
  EXPECT_EQ(read({1, 1, 4, 0}).error().message,
            "file: tensor 'rope_freqs.weight': expected finite values above 0, found 0");
  EXPECT_EQ(read({1, 1, 4, NAN}).error().message,
            "file: tensor 'rope_freqs.weight': expected finite values above 0, found nan");
  InMemory without(ggufModel().bytes());
  EXPECT_TRUE(
      readRotaryFactors(**without, *architecture::readModelConfig(**without)->rotary)->all.empty());
}

TEST(GgufConfig, RefusesEachMissingSize) {
  for (auto &[key, value] : kGgufSizes) {
    if (key == "llama.attention.head_count_kv")
      continue; // as many as heads
    std::string message = refusal(ggufModel(key));
    EXPECT_TRUE(message.starts_with("file: " + key + ": expected an integer from 1 to ") &&
                message.ends_with(", found none"))
        << message;
  }
}

TEST(GgufConfig, RefusesByName) {
  EXPECT_EQ(refusal(GgufFile()), "file: general.architecture: expected text, found none");
  std::string family = refusal(GgufFile().add("general.architecture", "rwkv"));
  EXPECT_TRUE(family.starts_with("file: general.architecture: expected one of llama, ")) << family;
  EXPECT_TRUE(family.ends_with(", found 'rwkv'")) << family;
  EXPECT_EQ(
      refusal(ggufModel().add("llama.rope.scaling.type", "longrope")),
      "file: llama.rope.scaling.type: expected a tensor 'rope_factors_long.weight' beside it, "
      "found 'longrope'");
  EXPECT_EQ(refusal(ggufModel().add("llama.expert_count", 8u).add("llama.expert_used_count", 9u)),
            "file: llama.expert_used_count: expected an integer from 1 to 8, found 9");
}

TEST(GgufConfig, RefusesSettingsThatCannotBe) {
  EXPECT_EQ(refusal(ggufModel("llama.attention.head_count").add("llama.attention.head_count", 3u)),
            "file: llama.embedding_length: expected a multiple of the 3 heads, found 32");
  EXPECT_EQ(
      refusal(ggufModel("llama.attention.head_count_kv").add("llama.attention.head_count_kv", 3u)),
      "file: llama.attention.head_count_kv: expected a divisor of the 4 heads, found 3");
  EXPECT_EQ(refusal(ggufModel("llama.attention.head_count_kv")
                        .array<int32_t>("llama.attention.head_count_kv", 5, {2, 2})),
            "file: llama.attention.head_count_kv: expected an integer from 1 to 16384, found an "
            "array");
  EXPECT_EQ(refusal(ggufModel().add("llama.attention.value_length", 16u)),
            "file: llama.attention.value_length: expected the key length 8, found 16");
  EXPECT_EQ(refusal(ggufModel().add("llama.rope.dimension_count", 4u)),
            "file: llama.rope.dimension_count: expected the head's width 8, found 4");
  EXPECT_EQ(refusal(ggufModel().add("llama.rope.freq_base", INFINITY)),
            "file: llama.rope.freq_base: expected a finite number above 0, found inf");
  EXPECT_EQ(refusal(ggufModel()
                        .add("llama.rope.scaling.type", "yarn")
                        .add("llama.rope.scaling.factor", 4.0f)
                        .add("llama.rope.scaling.yarn_ext_factor", 0.5f)),
            "file: llama.rope.scaling.yarn_ext_factor: expected 1, found 0.5");
  EXPECT_EQ(
      refusal(ggufModel()
                  .add("llama.rope.scaling.type", "yarn")
                  .add("llama.rope.scaling.factor", 4.0f)
                  .add("llama.rope.scaling.yarn_log_multiplier", 0.1f)),
      "file: llama.rope.scaling.yarn_log_multiplier: expected none, as nothing is known of it "
      "in llama, found 0.1");
  EXPECT_EQ(refusal(ggufModel().add("tokenizer.ggml.eos_token_id", 100u)),
            "file: tokenizer.ggml.eos_token_id: expected an integer from 0 to 99, found 100");
}

} // namespace
} // namespace tern::checkpoint
