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
    {"silu", Activation::Silu},          {"swish", Activation::Silu},
    {"gelu", Activation::Gelu},          {"gelu_new", Activation::GeluTanh},
    {"relu", Activation::Relu},          {"gelu_pytorch_tanh", Activation::GeluTanh},
    {"gelu_fast", Activation::GeluTanh}, {"quick_gelu", Activation::QuickGelu},
};

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

int64_t readGgufVocabulary(ConfigReader &reader, const Checkpoint &checkpoint,
                           std::string_view family) {
  const std::string key = std::string(family) + ".vocab_size";
  const GgufValue *tokens = checkpoint.metadata().find("tokenizer.ggml.tokens");
  if (reader.has(key) || !tokens || !tokens->isArray())
    return reader.integer(key, kSizeRange);
  if (tokens->count() < uint64_t(kSizeRange.least) || tokens->count() > uint64_t(kSizeRange.most))
    reader.reject("tokenizer.ggml.tokens", "1 to " + toText(kSizeRange.most) + " tokens",
                  toText(tokens->count()));
  return int64_t(tokens->count());
}

void readHuggingFaceSizes(ConfigReader &reader, ModelConfig &config, const SizeKeys &keys) {
  config.vocabulary = reader.integer("vocab_size", kSizeRange);
  config.width = reader.integer(keys.width, kSizeRange);
  config.layers = reader.integer(keys.layers, kLayerRange);
  config.heads = reader.integer(keys.heads, kHeadCountRange);
  config.kvHeads = reader.integer(keys.kvHeads, kHeadCountRange, config.heads);
  config.ffnWidth = reader.has(keys.ffnWidth) || keys.usualFfnFactor == 0
                        ? reader.integer(keys.ffnWidth, kSizeRange)
                        : keys.usualFfnFactor * config.width;
  config.contextLength = reader.integer(keys.context, kContextRange, keys.usualContext);
  config.epsilon =
      keys.epsilon.empty() ? keys.usualEpsilon : reader.positive(keys.epsilon, keys.usualEpsilon);
  config.headWidth = reader.integer(keys.headWidth, kHeadWidthRange, config.width / config.heads);
  checkHeads(reader, config, !reader.has(keys.headWidth), keys.width, keys.kvHeads);
  // Other names that transformers has for the same settings of every family.
  const SizeKeys usual;
  for (auto [name, own] :
       {std::pair(usual.width, keys.width), std::pair(usual.layers, keys.layers),
        std::pair(usual.heads, keys.heads), std::pair(usual.context, keys.context),
        std::pair(usual.headWidth, keys.headWidth)})
    if (int64_t said = reader.integer(own, kContextRange, 0);
        said != 0 && reader.integer(name, kContextRange, said) != said)
      reader.reject(name, "what " + std::string(own) + " says, " + toText(said));
}

void readHuggingFaceWindows(ConfigReader &reader, ModelConfig &config, const WindowKeys &keys) {
  static constexpr std::string_view kinds[] = {"full_attention", "sliding_attention"};
  std::vector<size_t> types(size_t(config.layers), 1);
  if (reader.has("layer_types"))
    types = reader.choices("layer_types", types.size(), kinds);
  const bool isGiven = reader.isGiven("sliding_window");
  if (isGiven ? !reader.has("sliding_window") : keys.usual == 0) {
    if (reader.has("layer_types") && std::ranges::count(types, 1) != 0)
      reader.reject("layer_types", "full_attention in all layers, as there is no sliding_window",
                    "sliding_attention");
    return;
  }
  if (!reader.boolean("use_sliding_window", true))
    reader.reject("use_sliding_window", "true beside sliding_window");
  if (keys.isOfAll && std::ranges::count(types, 0) != 0)
    reader.reject("layer_types", "sliding_attention in all layers", "full_attention");
  int64_t window = reader.integer("sliding_window", kContextRange, keys.usual);
  for (size_t type : types)
    config.windows.push_back(type == 0 ? 0 : window);
}

void readGgufWindows(ConfigReader &reader, std::string_view family, ModelConfig &config,
                     int64_t usualPeriod, int64_t usualWindow) {
  const std::string key = std::string(family) + ".attention.sliding_window";
  const std::string patternKey = key + "_pattern";
  int64_t window = reader.integer(key, {0, kContextRange.most}, usualWindow);
  if (window == 0) {
    reader.ignore({patternKey});
    return;
  }
  std::vector<bool> hasWindow;
  if (reader.isArray(patternKey)) {
    hasWindow = reader.booleans(patternKey, size_t(config.layers));
  } else {
    int64_t period = reader.integer(patternKey, {0, kLayerRange.most}, usualPeriod);
    for (int64_t layer = 0; layer < config.layers; ++layer)
      hasWindow.push_back(period == 0 || (layer + 1) % period != 0);
  }
  for (bool has : hasWindow)
    config.windows.push_back(has ? window : 0);
}

void readGgufSizes(ConfigReader &reader, const Checkpoint &checkpoint, std::string_view family,
                   ModelConfig &config) {
  auto key = [&](const char *name) { return std::string(family) + "." + name; };
  config.vocabulary = readGgufVocabulary(reader, checkpoint, family);
  config.width = reader.integer(key("embedding_length"), kSizeRange);
  config.layers = reader.integer(key("block_count"), kLayerRange);
  config.heads = reader.integer(key("attention.head_count"), kHeadCountRange);
  config.ffnWidth = reader.integer(key("feed_forward_length"), kSizeRange);
  config.contextLength = reader.integer(key("context_length"), kContextRange);
  config.epsilon =
      reader.positive(key(config.norm == NormKind::Rms ? "attention.layer_norm_rms_epsilon"
                                                       : "attention.layer_norm_epsilon"));

  bool isCausal = !config.encoder;
  if (reader.boolean(key("attention.causal"), isCausal) != isCausal)
    reader.reject(key("attention.causal"), isCausal ? "true" : "false");
}

void readGgufHeads(ConfigReader &reader, std::string_view family, ModelConfig &config) {
  auto key = [&](const char *name) { return std::string(family) + "." + name; };
  config.kvHeads = reader.integer(key("attention.head_count_kv"), kHeadCountRange, config.heads);
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

} // namespace tern::checkpoint
