// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/fuzz/CheckpointUse.h"
#include "frontend/architecture/Families.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/TokenizerMetadata.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string_view>

namespace tern::checkpoint {
namespace {

/// A broken promise of the reader: stops with a signal that fuzzers report.
void require(bool holds, const char *promise) {
  if (holds)
    return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// FNV-1a over everything that is added; changes with any of it.
class Digest {
public:
  void add(std::string_view bytes) {
    for (unsigned char byte : bytes)
      state = (state ^ byte) * 0x100000001b3;
  }
  template <typename T> void addValues(const std::vector<T> &values) {
    if (!values.empty())
      add({reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)});
  }
  std::string text() const { return std::to_string(state); }

private:
  uint64_t state = 0xcbf29ce484222325;
};

std::string useTensor(const Checkpoint &checkpoint, const Tensor &tensor) {
  const MappedFile &file = checkpoint.files()[tensor.file];
  require(tensor.offset <= file.size() && tensor.bytes <= file.size() - tensor.offset,
          "a tensor lies in its file");
  require(tensor.data == file.bytes().data() + tensor.offset, "a tensor's data is at its offset");
  require(checkpoint.find(tensor.name) == &tensor, "a tensor is found by its name");
  Digest digest;
  if (tensor.type != StorageType::Other && tensor.bytes != 0) {
    std::vector<float> row(size_t(tensor.columns()));
    for (int64_t i = 0; i < tensor.rows(); ++i) {
      dequantise(tensor, i, 1, row.data());
      digest.addValues(row);
    }
  }
  return quote(tensor.name) + " " + quote(tensor.typeName) + " " + toText(tensor.shape) + " " +
         digest.text() + "\n";
}

/// What the scheme makes of each module with a tensor here, as a weight of the model's width.
std::string useQuantised(const Checkpoint &checkpoint, const ModelConfig &config) {
  Digest digest;
  for (const Tensor &tensor : checkpoint.tensors()) {
    std::string module = tensor.name.substr(0, tensor.name.find_last_of('.'));
    for (int64_t out : {config.width, config.ffnWidth}) {
      ExpectedTensor wanted{module + ".weight", {out, config.width}};
      auto weight = findQuantised(checkpoint, config.quantisation, wanted);
      digest.add(weight ? "" : weight.error().message);
      if (!weight || !*weight)
        continue;
      std::vector<std::string> parts = namesOfParts(**weight, wanted.name);
      require(checkpoint.find(parts[0]) && checkpoint.find(parts[1]),
              "a quantised weight's codes and scales are there");
      if (auto *codes = std::get_if<TableCodes>(&**weight))
        require(codes->numbers.size() == 16 && out * config.width % codes->block == 0,
                "there is a number for each code, and a scale for each block");
      if (auto *codes = std::get_if<GroupedCodes>(&**weight))
        require(config.width % codes->group == 0, "groups divide a row");
      HeldForm form = heldForm(checkpoint, **weight, config.width, /*isFactor=*/true);
      require(form.blocks.empty() != form.reason.empty(),
              "what no blocks hold has a reason for it");
    }
  }
  return "quantised " + digest.text() + "\n";
}

std::string useConfig(const Checkpoint &checkpoint) {
  Expected<ModelConfig> config = architecture::readModelConfig(checkpoint);
  if (!config)
    return config.error().message + "\n";
  std::string text = "sizes";
  for (int64_t value :
       {config->vocabulary, config->width, config->layers, config->heads, config->kvHeads,
        config->headWidth, config->ffnWidth, config->contextLength, int64_t(config->activation),
        int64_t(config->tiedEmbeddings), int64_t(config->qkvBias),
        int64_t(config->attentionOutBias), int64_t(config->ffnBias), config->bos.value_or(-1),
        int64_t(config->addBos.value_or(false))})
    text += " " + toText(value);
  text += " epsilon " + toText(config->epsilon) + " eos " + toText(config->eos) + "\n";
  text += useQuantised(checkpoint, *config);

  if (!config->rotary)
    return text;
  Expected<RotaryFactors> factors = readRotaryFactors(checkpoint, *config->rotary);
  if (!factors)
    return text + factors.error().message + "\n";
  Rotary rotary = computeRotary(*config->rotary, *factors);
  Digest digest;
  digest.addValues(rotary.inverseFrequencies);
  digest.addValues(rotary.longFrequencies);
  if (config->rotary->kind == RotaryKind::Dynamic)
    require(!std::isnan(dynamicBase(*config->rotary, INT64_MAX)), "the dynamic base is a number");
  return text + "rotary " + digest.text() + " " + toText(rotary.scale) + "\n";
}

std::string useTokenizer(const Checkpoint &checkpoint) {
  Expected<TokenizerMetadata> tokenizer = readTokenizerMetadata(checkpoint);
  if (!tokenizer)
    return tokenizer.error().message + "\n";
  Digest digest;
  digest.add(tokenizer->model);
  digest.add(tokenizer->pre);
  digest.add(tokenizer->chatTemplate);
  for (std::string_view token : tokenizer->tokens)
    digest.add(token);
  for (std::string_view merge : tokenizer->merges)
    digest.add(merge);
  digest.addValues(tokenizer->scores);
  digest.addValues(tokenizer->types);
  for (auto id : {tokenizer->bos, tokenizer->eos, tokenizer->eot, tokenizer->unknown,
                  tokenizer->separator, tokenizer->padding}) {
    require(!id || *id < tokenizer->tokens.size(), "special tokens are tokens");
    digest.add(id ? toText(*id) : "none");
  }
  digest.addValues(tokenizer->charsmap);
  for (auto flag : {tokenizer->addBos, tokenizer->addEos, tokenizer->addSpacePrefix,
                    tokenizer->removeExtraWhitespaces})
    digest.add(flag ? toText(*flag) : "none");
  return "tokenizer " + toText(tokenizer->tokens.size()) + " " + digest.text() + "\n";
}

} // namespace

std::string useCheckpoint(const Checkpoint &checkpoint) {
  std::string text;
  for (const Tensor &tensor : checkpoint.tensors())
    text += useTensor(checkpoint, tensor);
  for (const GgufEntry &entry : checkpoint.metadata().entries())
    require(checkpoint.metadata().find(entry.key) == &entry.value, "a key is found by its name");
  if (checkpoint.format() != Format::Safetensors)
    text += useConfig(checkpoint);
  if (checkpoint.format() == Format::Gguf)
    text += useTokenizer(checkpoint);
  return text;
}

} // namespace tern::checkpoint
