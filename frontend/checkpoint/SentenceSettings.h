// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_SENTENCESETTINGS_H
#define TERN_FRONTEND_CHECKPOINT_SENTENCESETTINGS_H

#include "frontend/checkpoint/ModelConfig.h"

namespace tern::checkpoint {

/// What sentence-transformers' files say of a text's vector. Without such files it is the mean of
/// the rows, as there.
struct SentenceSettings {
  Pooling pooling = Pooling::Mean;
  bool isNormalised = false;
  std::optional<int64_t> maxTokens; ///< of a text
};

/// Reads modules.json of a Hugging Face directory, the config.json of its pooling module, and
/// sentence_bert_config.json. Mistakes go to the reader.
SentenceSettings readSentenceSettings(ConfigReader &reader, const Checkpoint &checkpoint);

} // namespace tern::checkpoint

#endif
