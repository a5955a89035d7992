// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/ModelConfig.h"

#include <algorithm>

namespace tern::checkpoint {
namespace {

struct NamedActivation {
  std::string_view name;
  Activation activation;
};

constexpr NamedActivation kActivations[] = {
    {"silu", Activation::Silu},
    {"swish", Activation::Silu},
    {"gelu", Activation::Gelu},
    {"gelu_new", Activation::GeluTanh},
    {"relu", Activation::Relu},
    {"gelu_pytorch_tanh", Activation::GeluTanh},
    {"quick_gelu", Activation::QuickGelu},
};

/// The number of tokens: a key of its own in newer files, else the tokenizer's list.
int64_t readGgufVocabulary(ConfigReader &reader, const Checkpoint &checkpoint,
                           const std::string &key) {
  const GgufValue *tokens = checkpoint.metadata().find("tokenizer.ggml.tokens");
  if (reader.has(key) || !tokens || !tokens->isArray())
    return reader.integer(key, kSizeRange);
  if (tokens->count() < uint64_t(kSizeRange.least) || tokens->count() > uint64_t(kSizeRange.most))
    reader.reject("tokenizer.ggml.tokens", "1 to " + toText(kSizeRange.most) + " tokens",
                  toText(tokens->count()));
  return int64_t(tokens->count());
}

/// `derived`: the head's width is the model's, divided by the heads.
void checkHeads(ConfigReader &reader, const ModelConfig &config, bool derived,
                std::string_view widthKey, std::string_view kvHeadsKey) {
  if (derived && config.width % config.heads != 0)
    reader.reject(widthKey, "a multiple of the " + toText(config.heads) + " heads");
  if (derived && config.headWidth > kHeadWidthRange.most)
    reader.reject(widthKey, "heads of at most " + toText(kHeadWidthRange.most) + " elements",
                  toText(config.headWidth));
  if (config.heads % config.kvHeads != 0)
    reader.reject(kvHeadsKey, "a divisor of the " + toText(config.heads) + " heads",
                  toText(config.kvHeads));
}

} // namespace

void readHuggingFaceSizes(ConfigReader &reader, ModelConfig &config) {
  config.vocabulary = reader.integer("vocab_size", kSizeRange);
  config.width = reader.integer("hidden_size", kSizeRange);
  config.layers = reader.integer("num_hidden_layers", kLayerRange);
  config.heads = reader.integer("num_attention_heads", kHeadCountRange);
  config.kvHeads = reader.integer("num_key_value_heads", kHeadCountRange, config.heads);
  config.ffnWidth = reader.integer("intermediate_size", kSizeRange);
  config.contextLength = reader.integer("max_position_embeddings", kContextRange, 2048);
  config.epsilon = reader.positive("rms_norm_eps", 1e-6);
  config.headWidth = reader.integer("head_dim", kHeadWidthRange, config.width / config.heads);
  checkHeads(reader, config, !reader.has("head_dim"), "hidden_size", "num_key_value_heads");
}

void readGgufSizes(ConfigReader &reader, const Checkpoint &checkpoint, std::string_view family,
                   ModelConfig &config) {
  auto key = [&](const char *name) { return std::string(family) + "." + name; };
  config.vocabulary = readGgufVocabulary(reader, checkpoint, key("vocab_size"));
  config.width = reader.integer(key("embedding_length"), kSizeRange);
  config.layers = reader.integer(key("block_count"), kLayerRange);
  config.heads = reader.integer(key("attention.head_count"), kHeadCountRange);
  config.kvHeads = reader.integer(key("attention.head_count_kv"), kHeadCountRange, config.heads);
  config.ffnWidth = reader.integer(key("feed_forward_length"), kSizeRange);
  config.contextLength = reader.integer(key("context_length"), kContextRange);
  config.epsilon = reader.positive(key("attention.layer_norm_rms_epsilon"));

  const std::string keyLength = key("attention.key_length");
  const std::string valueLength = key("attention.value_length");
  config.headWidth = reader.integer(keyLength, kHeadWidthRange, config.width / config.heads);
  if (reader.integer(valueLength, kHeadWidthRange, config.headWidth) != config.headWidth)
    reader.reject(valueLength, "the key length " + toText(config.headWidth));
  checkHeads(reader, config, !reader.has(keyLength), key("embedding_length"),
             key("attention.head_count_kv"));
}

Activation readActivation(ConfigReader &reader, std::string_view key, std::string_view ifAbsent) {
  std::string name = reader.text(key, ifAbsent);
  std::string known;
  for (const NamedActivation &entry : kActivations) {
    if (entry.name == name)
      return entry.activation;
    known += known.empty() ? "one of " : ", ";
    known += entry.name;
  }
  reader.reject(key, known);
  return Activation::Silu;
}

void readSpecialTokens(ConfigReader &reader, const Checkpoint &checkpoint, ModelConfig &config) {
  const Range ids{0, config.vocabulary - 1};
  bool gguf = checkpoint.format() == Format::Gguf;
  auto one = [&](std::string_view key) {
    return reader.has(key) ? std::optional(reader.integer(key, ids)) : std::nullopt;
  };
  if (gguf) {
    config.bos = one("tokenizer.ggml.bos_token_id");
    for (std::string_view key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                 "tokenizer.ggml.eom_token_id"})
      if (std::optional<int64_t> id = one(key))
        config.eos.push_back(*id);
    config.addBos = reader.optionalBoolean("tokenizer.ggml.add_bos_token");
  } else {
    ConfigReader generation(checkpoint, ConfigReader::Source::Generation);
    config.bos = one("bos_token_id");
    config.eos = generation.has("eos_token_id") ? generation.integers("eos_token_id", ids)
                                                : reader.integers("eos_token_id", ids);
    reader.adopt(generation);
  }
  std::sort(config.eos.begin(), config.eos.end());
  config.eos.erase(std::unique(config.eos.begin(), config.eos.end()), config.eos.end());
}

Expected<std::string> readFamily(const Checkpoint &checkpoint) {
  ConfigReader reader(checkpoint);
  std::string family =
      reader.text(checkpoint.format() == Format::Gguf ? "general.architecture" : "model_type");
  if (reader.failure())
    return *reader.failure();
  return family;
}

Expected<ModelConfig> readModelConfig(const Checkpoint &checkpoint,
                                      std::span<const FamilyReader> families) {
  Expected<std::string> name = readFamily(checkpoint);
  if (!name)
    return name.error();
  ConfigReader reader(checkpoint);
  bool gguf = checkpoint.format() == Format::Gguf;
  std::string known;
  for (const FamilyReader &family : families) {
    if (family.name != *name) {
      known += (known.empty() ? "" : ", ") + std::string(family.name);
      continue;
    }
    ModelConfig config = (gguf ? family.readGguf : family.readHuggingFace)(reader, checkpoint);
    config.family = *name;
    if (reader.failure())
      return *reader.failure();
    return config;
  }
  reader.reject(gguf ? "general.architecture" : "model_type", known);
  return *reader.failure();
}

Failure checkModel(const Checkpoint &checkpoint, const ModelConfig &config,
                   std::span<const FamilyReader> families) {
  if (auto factors = readRotaryFactors(checkpoint, config.rotary); !factors)
    return factors.error();
  auto family = std::find_if(families.begin(), families.end(), [&](const FamilyReader &reader) {
    return reader.name == config.family;
  });
  return checkTensors(checkpoint, family->tensors(checkpoint.format(), config));
}

} // namespace tern::checkpoint
