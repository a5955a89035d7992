// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_LATENTATTENTION_H
#define TERN_FRONTEND_ARCHITECTURE_LATENTATTENTION_H

#include "frontend/architecture/Decoder.h"

namespace tern::architecture {

/// What attention is given: query [T, heads, D], key [T, kvHeads, D], value [T, kvHeads, Dv].
struct Heads {
  mlir::Value query, key, value;
};

/// Queries, keys and values by way of latent vectors, rotated.
Heads writeLatentHeads(ModelBuilder &model, const LayerContext &context, mlir::Value x);

/// Rotary embedding of heads by tables, in the model's layout.
mlir::Value rotate(ModelBuilder &model, mlir::Value heads, const RotaryTables &tables);

} // namespace tern::architecture

#endif
