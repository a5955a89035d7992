// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_ARCHITECTURE_H
#define TERN_FRONTEND_ARCHITECTURE_ARCHITECTURE_H

#include "frontend/architecture/Families.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tern::architecture {

/// What an import may choose.
struct ImportOptions {
  int64_t maxContext = 0;    ///< slots of a sequence
  int64_t maxRows = 512;     ///< new tokens of a step, over all sequences
  int64_t maxEntries = 64;   ///< sequences of a step
  int64_t maxLogitRows = 64; ///< rows of a step whose logits are wanted
  std::string cacheType;     ///< f32, f16 or bf16
};

/// The module of stage `import`: one function a layer, weights by name, and of a decoder the
/// functions `step` and `sample`.
///
///     step(tokens[T], positions[T], lengths[T], batch, logitRows[R], cache) -> (logits[R,V],
///     cache)
///
/// `lengths[t]` is the length of row t's sequence when its prompt is complete (dynamic rotary
/// scaling follows it).
///
///     sample(logits[R,V], history[H], historyStart[R+1], parameters[R,8])
///         -> (token[R], probabilities[R,V])
///
/// An encoder has one function, which reads one text. The arguments and results in parentheses are
/// there if the model has a head of masked tokens.
///
///     encode(tokens[T], positions[T], types[T], (logitRows[R]))
///         -> (embedding[D], hidden[L+1,T,D], (logits[R,V]))
///
/// `hidden` is the embedded text, then what each of the L layers makes of it.
///
/// An encoder and a decoder beside it have two, and `sample`. W is the width of all layers' keys
/// and values; the caller appends the rows of `state` to those of `past`.
///
///     encode(tokens[T], positions[T]) -> (hidden[T,D], cross[T,W])
///     decode(tokens[T], positions[T], slotPositions[P+T], logitRows[R], past[P,W], cross[S,W])
///         -> (logits[R,V], state[T,W])
///
/// Fails if a tensor is missing or has another shape or type than the family says.
checkpoint::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importModel(mlir::MLIRContext *context, const checkpoint::Checkpoint &checkpoint,
            const checkpoint::ModelConfig &config, const ImportOptions &options);

} // namespace tern::architecture

#endif
