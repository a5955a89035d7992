// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_LLAMATENSORS_H
#define TERN_FRONTEND_CHECKPOINT_LLAMATENSORS_H

#include "frontend/checkpoint/ModelConfig.h"

namespace tern::checkpoint {

/// What the parts of a Llama model are called: `<part>.weight`, and `<part>.bias` where it has one.
struct LlamaNames {
  std::string embedding, norm, head;

  static LlamaNames of(Format format, const ModelConfig &config);
};

struct LlamaLayerNames {
  std::string attentionNorm, query, key, value, attentionOut, ffnNorm, gate, up, down;

  static LlamaLayerNames of(Format format, int64_t layer);
};

/// Every tensor that the model needs, each once.
std::vector<ExpectedTensor> llamaTensors(Format format, const ModelConfig &config);

} // namespace tern::checkpoint

#endif
