// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_STREAMS_H
#define TERN_FRONTEND_ARCHITECTURE_STREAMS_H

#include "frontend/architecture/ModelBuilder.h"

namespace tern::architecture {

/// What attention over some keys gave [T, heads, D], and the logarithm of the sum of e^score that
/// it was divided by [T, heads].
struct Attended {
  mlir::Value values, logSum;
};

/// Attention over the text and the prefixes of layer `layer` as one softmax: `text` is what
/// attention over the text alone gave.
mlir::Value writePrefix(ModelBuilder &model, int64_t layer, mlir::Value query, double scale,
                        Attended text);

} // namespace tern::architecture

#endif
