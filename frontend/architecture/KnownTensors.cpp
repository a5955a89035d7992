// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which tensors of a checkpoint a model reads, and which others may be there. One that nobody reads
// and nobody knows is refused: a bias or a layer that is passed over is another model.
#include "frontend/architecture/Families.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <map>
#include <set>
#include <sstream>

namespace tern::architecture {

using checkpoint::ExpectedTensor;
using checkpoint::Tensor;

std::vector<const Tensor *> unusedTensors(const Checkpoint &checkpoint, const ModelConfig &config) {
  std::set<std::string, std::less<>> used;
  for (ExpectedTensor &tensor : tensorsOf(config)) {
    if (auto weight = findQuantised(checkpoint, config.quantisation, tensor); weight && *weight)
      for (std::string &part : namesOfParts(**weight, tensor.name))
        used.insert(std::move(part));
    used.insert(std::move(tensor.name));
  }
  if (config.rotary)
    used.insert({config.rotary->factorsTensor, config.rotary->longFactorsTensor});
  std::vector<const Tensor *> unused;
  for (const Tensor &tensor : checkpoint.tensors())
    if (!used.contains(tensor.name))
      unused.push_back(&tensor);
  return unused;
}

namespace {

/// What transformers stores and makes again, whatever the file has: frequencies, masks, places.
constexpr std::string_view kBuffers[] = {
    ".attn_rot_embd.weight",                              // of each layer in the oldest GGUF files
    ".cos_cached",           ".inv_freq",     ".k_scale", // of a cache in 8 bits
    ".masked_bias",          ".position_ids", ".sin_cached", ".v_scale",
};

/// What encoders are trained with, or what is put behind them: no part of a vector or of logits.
constexpr std::string_view kOtherHeads[] = {"classifier.", "cls.seq_relationship.", "pooler.",
                                            "qa_outputs."};

bool isMask(const Tensor &tensor) {
  return tensor.shape.size() == 4 &&
         (tensor.name.ends_with("attn.bias") || tensor.name.ends_with("attention.bias"));
}

/// Several kinds of quantisation give each map a bias, of zeros where the model has none.
bool isZeroBias(const Tensor &tensor) {
  return tensor.name.ends_with(".bias") &&
         std::all_of(tensor.data, tensor.data + tensor.bytes,
                     [](std::byte b) { return b == std::byte(0); });
}

bool isCopyOf(const Tensor &tensor, const Tensor *other) {
  return other && tensor.type == other->type && tensor.shape == other->shape &&
         tensor.bytes == other->bytes && std::memcmp(tensor.data, other->data, tensor.bytes) == 0;
}

/// Of the layers behind the last, which guess the tokens after the next one.
bool isOfGuess(const ModelConfig &config, const std::string &name) {
  for (int64_t layer = config.layers; layer < config.layers + config.guessLayers; ++layer)
    if (name.starts_with(nameOf("model.layers.{}.", layer)))
      return true;
  return false;
}

/// True for what changes nothing that a model computes here.
bool isHarmless(const Checkpoint &checkpoint, const ModelConfig &config, const Tensor &tensor) {
  const std::string &name = tensor.name;
  auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
  auto holds = [&](std::string_view part) { return name.find(part) != name.npos; };
  if (std::ranges::any_of(kBuffers, ends) || isMask(tensor) || isZeroBias(tensor) ||
      isOfGuess(config, name))
    return true;
  if (config.encoder && std::ranges::any_of(kOtherHeads, holds))
    return true;
  // Of the first T5, which adds no bias there.
  if (config.encoderDecoder && ends("EncDecAttention.relative_attention_bias.weight"))
    return true;
  return isCopyOf(tensor, checkpoint.find(config.names.embedding + ".weight")) ||
         isCopyOf(tensor, checkpoint.find(config.names.head + ".bias"));
}

checkpoint::Failure checkUnused(const Checkpoint &checkpoint, const ModelConfig &config,
                                const Tensor &tensor) {
  if (isHarmless(checkpoint, config, tensor))
    return std::nullopt;
  bool isHead = config.tiedEmbeddings && tensor.name == config.names.head + ".weight";
  return checkpoint::makeError(
      checkpoint.fileOf(tensor), ": tensor ", checkpoint::quote(tensor.name), ": expected ",
      isHead ? "a copy of the embedding, as tie_word_embeddings says" : "none in " + config.family,
      ", found ", isHead ? "other numbers of shape " : "shape ", checkpoint::toText(tensor.shape));
}

/// What quantization_config says of a model all of whose weights are plain.
checkpoint::Error refusePlain(const Checkpoint &checkpoint, const ModelConfig &config,
                              const std::vector<ExpectedTensor> &plain) {
  auto matrix = std::ranges::find_if(plain, [&](const ExpectedTensor &tensor) {
    return tensor.shape.size() == 2 && tensor.name != config.names.embedding + ".weight";
  });
  const Tensor &first = *checkpoint.find(matrix == plain.end() ? plain.front().name : matrix->name);
  return checkpoint::makeError(
      checkpoint.configPath(),
      ": quantization_config: expected codes in some weights, found none: ",
      checkpoint::quote(first.name), " is plain ", first.typeName);
}

/// What a weight is in every layer and expert: its name without numbers.
std::string placeOf(const std::string &name) {
  std::string place;
  std::istringstream parts(name);
  for (std::string part; std::getline(parts, part, '.');)
    if (!std::ranges::all_of(part, [](unsigned char letter) { return std::isdigit(letter); }))
      place += "." + part;
  return place;
}

/// `coded` has a weight with codes for each place that has one.
checkpoint::Failure checkPlain(const Checkpoint &checkpoint, const ModelConfig &config,
                               const std::map<std::string, std::string> &coded,
                               const std::vector<ExpectedTensor> &plain) {
  for (const ExpectedTensor &tensor : plain) {
    auto other = coded.find(placeOf(tensor.name));
    std::string module = tensor.name.substr(0, tensor.name.rfind('.'));
    if (other == coded.end() || mayBePlain(config.quantisation, module))
      continue;
    const Tensor &found = *checkpoint.find(tensor.name);
    return checkpoint::makeError(
        checkpoint.fileOf(found), ": tensor ", checkpoint::quote(tensor.name),
        ": expected codes as ", checkpoint::quote(other->second),
        " has, as quantization_config leaves neither out, found plain ", found.typeName);
  }
  return std::nullopt;
}

} // namespace

checkpoint::Failure checkModel(const Checkpoint &checkpoint, const ModelConfig &config) {
  if (config.rotary)
    if (auto factors = readRotaryFactors(checkpoint, *config.rotary); !factors)
      return factors.error();
  std::vector<ExpectedTensor> plain;
  std::map<std::string, std::string> coded;
  for (ExpectedTensor &tensor : tensorsOf(config)) {
    auto weight = findQuantised(checkpoint, config.quantisation, tensor);
    if (!weight)
      return weight.error();
    if (!*weight) {
      plain.push_back(std::move(tensor));
      continue;
    }
    if (checkpoint::Failure failure = checkNumbers(checkpoint, **weight))
      return failure;
    coded.try_emplace(placeOf(tensor.name), tensor.name);
  }
  if (checkpoint::Failure failure = checkTensors(checkpoint, plain))
    return failure;
  if (config.quantisation.kind.index() != 0 && coded.empty())
    return refusePlain(checkpoint, config, plain);
  if (checkpoint::Failure failure = checkPlain(checkpoint, config, coded, plain))
    return failure;
  for (const Tensor *tensor : unusedTensors(checkpoint, config))
    if (checkpoint::Failure failure = checkUnused(checkpoint, config, *tensor))
      return failure;
  return std::nullopt;
}

} // namespace tern::architecture
