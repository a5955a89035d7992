// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// BERT and the sentence encoders made of it, such as MiniLM: learnt positions, token types, norms
// behind each sum of stream and branch.
#include "frontend/architecture/Families.h"

#include "frontend/checkpoint/SentenceSettings.h"

#include <algorithm>

namespace tern::architecture {

using checkpoint::NormKind;

/// What an encoder of this type has whatever file it was read from.
static ModelConfig makeEncoder() {
  ModelConfig config;
  config.encoder.emplace();
  config.norm = NormKind::Layer;
  config.normBias = true;
  config.isGated = false;
  config.tiedEmbeddings = true;
  config.qkvBias = config.attentionOutBias = config.ffnBias = true;
  return config;
}

static void readVectorSettings(ConfigReader &reader, const Checkpoint &checkpoint,
                               ModelConfig &config) {
  checkpoint::SentenceSettings settings = readSentenceSettings(reader, checkpoint);
  config.encoder->pooling = settings.pooling;
  config.encoder->isNormalised = settings.isNormalised;
  if (settings.maxTokens)
    config.contextLength = std::min(config.contextLength, *settings.maxTokens);
}

ModelConfig readHuggingFaceEncoder(ConfigReader &reader, const Checkpoint &checkpoint,
                                   const std::string &scope) {
  ModelConfig config = makeEncoder();
  readHuggingFaceSizes(reader, config, {.epsilon = "layer_norm_eps", .usualEpsilon = 1e-12});
  config.positionRows = config.contextLength;
  config.encoder->typeRows = reader.integer("type_vocab_size", checkpoint::kSizeRange, 2);
  config.activation = readActivation(reader, "hidden_act", "gelu");
  if (reader.text("position_embedding_type", "absolute") != "absolute")
    reader.reject("position_embedding_type", "'absolute'");
  if (reader.boolean("is_decoder", false))
    reader.reject("is_decoder", "false");
  if (!reader.boolean("tie_word_embeddings", true))
    reader.reject("tie_word_embeddings", "true");
  readVectorSettings(reader, checkpoint, config);
  config.names.embedding = scope + "embeddings.word_embeddings";
  config.names.positions = scope + "embeddings.position_embeddings";
  config.names.types = scope + "embeddings.token_type_embeddings";
  config.names.embeddingNorm = scope + "embeddings.LayerNorm";
  std::string layer = scope + "encoder.layer.{}.";
  config.names.query = layer + "attention.self.query";
  config.names.key = layer + "attention.self.key";
  config.names.value = layer + "attention.self.value";
  config.names.attentionOut = layer + "attention.output.dense";
  config.names.attentionNorm = layer + "attention.output.LayerNorm";
  config.names.up = layer + "intermediate.dense";
  config.names.down = layer + "output.dense";
  config.names.ffnNorm = layer + "output.LayerNorm";
  // Files that were converted from TensorFlow's call them so.
  if (checkpoint.find(config.names.embeddingNorm + ".gamma")) {
    config.names.normWeight = ".gamma";
    config.names.normBias = ".beta";
  }
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  bool isBare = checkpoint.find("embeddings.word_embeddings.weight");
  ModelConfig config = readHuggingFaceEncoder(reader, checkpoint, isBare ? "" : "bert.");
  config.encoder->hasHead = config.headBias = checkpoint.find("cls.predictions.bias");
  config.names.head = "cls.predictions";
  config.names.headDense = "cls.predictions.transform.dense";
  config.names.headNorm = "cls.predictions.transform.LayerNorm";
  return config;
}

/// llama.cpp's converter keeps no head, and ways to pool have its numbers. Its embeddings have
/// length 1.
static ModelConfig readGguf(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = makeEncoder();
  readGgufSizes(reader, checkpoint, "bert", config);
  readGgufHeads(reader, "bert", config);
  config.positionRows = config.contextLength;
  config.activation = checkpoint::Activation::Gelu;
  config.encoder->typeRows =
      reader.integer("tokenizer.ggml.token_type_count", checkpoint::kSizeRange, 1);
  config.encoder->isNormalised = true;
  enum { None = 0, Mean = 1, First = 2 };
  int64_t pooling = reader.integer("bert.pooling_type", {None, First}, Mean);
  config.encoder->pooling =
      pooling == First ? checkpoint::Pooling::First : checkpoint::Pooling::Mean;
  config.names = ggufNames();
  config.names.finalNorm = "";
  config.names.positions = "position_embd";
  config.names.types = "token_types";
  config.names.embeddingNorm = "token_embd_norm";
  config.names.attentionNorm = "blk.{}.attn_output_norm";
  config.names.ffnNorm = "blk.{}.layer_output_norm";
  readSpecialTokens(reader, checkpoint, config);
  return config;
}

const Family kBert{"bert", "bert", readHuggingFace, readGguf};

} // namespace tern::architecture
