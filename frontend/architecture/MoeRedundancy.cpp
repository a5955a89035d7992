// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Redundancy of experts put to use for another modality (arXiv 2503.22517): Mixtral whose experts
// have low-rank additions for the tokens of images alone, so that text is what it was.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kMixtral.readHuggingFace(reader, checkpoint);
  checkpoint::ModalityConfig modality;
  modality.rank = reader.integer("lora_r", checkpoint::kSizeRange);
  modality.factor = reader.positive("lora_alpha") / double(modality.rank);
  modality.first = reader.integer("image_token_begin", {0, config.vocabulary - 1});
  modality.last = reader.integer("image_token_end", {modality.first + 1, config.vocabulary}) - 1;
  config.modality = modality;
  return config;
}

const Family kMoeRedundancy{"moe_redundancy", "", readHuggingFace, nullptr};

} // namespace tern::architecture
