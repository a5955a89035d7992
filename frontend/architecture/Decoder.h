// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_DECODER_H
#define TERN_FRONTEND_ARCHITECTURE_DECODER_H

#include "frontend/architecture/ModelBuilder.h"

namespace tern::architecture {

/// What a layer is given beside the stream: the layer's index, where rows stand and in whose cache.
struct LayerContext {
  int64_t number;
  mlir::Value layer;
  llvm::SmallVector<mlir::Value, 2> caches; ///< one, or the states of a state space
  mlir::Value positions, batch;
  RotaryTables rotary;  ///< of this layer; null without rotary embedding
  mlir::Value modality; ///< [T]: 1 where the token is of the modality; null without one
};

/// What a branch adds to each stream, and the caches after it. The streams are normed already.
struct BranchResult {
  llvm::SmallVector<mlir::Value> out;
  llvm::SmallVector<mlir::Value, 2> caches;
};
BranchResult writeAttention(ModelBuilder &model, const LayerContext &context,
                            llvm::ArrayRef<mlir::Value> streams);

/// What a state space keeps of sequences: the rows before of its convolution, and its states.
llvm::SmallVector<mlir::Type> stateTypes(ModelBuilder &model);
BranchResult writeStateSpace(ModelBuilder &model, const LayerContext &context, mlir::Value x);

/// What a versatile feed-forward part makes of the stream, which it norms itself.
mlir::Value writeVersatile(ModelBuilder &model, int64_t layer, mlir::Value x);

/// The streams' last states [R, width] as one.
mlir::Value aggregateStreams(ModelBuilder &model, llvm::ArrayRef<mlir::Value> streams);

/// What the layer's experts make of normed rows.
mlir::Value writeExperts(ModelBuilder &model, const LayerContext &context, mlir::Value x);

/// Writes the functions `step` and `layer.N` of a decoder, by ModelConfig alone.
void buildDecoder(ModelBuilder &model, const checkpoint::RotaryFactors &factors);

} // namespace tern::architecture

#endif
