// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_DECODER_H
#define TERN_FRONTEND_ARCHITECTURE_DECODER_H

#include "frontend/architecture/ModelBuilder.h"

namespace tern::architecture {

/// What a layer is given beside the stream: the layer's index, where rows stand and in whose cache.
struct LayerContext {
  int64_t number;
  mlir::Value layer, cache, positions, batch;
  RotaryTables rotary; ///< of this layer; null without rotary embedding
};

/// What attention adds to the stream, and the cache after it. `x` is normed already.
struct AttentionResult {
  mlir::Value out, cache;
};
AttentionResult writeAttention(ModelBuilder &model, const LayerContext &context, mlir::Value x);

/// What the experts of layer `layer` make of normed rows.
mlir::Value writeExperts(ModelBuilder &model, int64_t layer, mlir::Value x);

/// Writes the functions `step` and `layer.N` of a decoder, by ModelConfig alone.
void buildDecoder(ModelBuilder &model, const checkpoint::RotaryFactors &factors);

} // namespace tern::architecture

#endif
