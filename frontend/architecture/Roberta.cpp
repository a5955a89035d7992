// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RoBERTa: BERT whose positions begin behind the row of the padding token. GGUF files of it are
// BERT's, without the rows before.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  bool isBare = checkpoint.find("embeddings.word_embeddings.weight");
  ModelConfig config = readHuggingFaceEncoder(reader, checkpoint, isBare ? "" : "roberta.");
  config.positionOffset = reader.integer("pad_token_id", {0, config.positionRows - 2}, 1) + 1;
  config.contextLength =
      std::min(config.contextLength, config.positionRows - config.positionOffset);
  config.encoder->hasHead = config.headBias = checkpoint.find("lm_head.bias");
  if (config.encoder->hasHead && config.activation != checkpoint::Activation::Gelu)
    reader.reject("hidden_act", "gelu, which the logits of masked tokens have in any case");
  config.names.head = "lm_head";
  config.names.headDense = "lm_head.dense";
  config.names.headNorm = "lm_head.layer_norm";
  return config;
}

const Family kRoberta{"roberta", "", readHuggingFace, nullptr};
const Family kXlmRoberta{"xlm-roberta", "", readHuggingFace, nullptr};

} // namespace tern::architecture
