// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_ENCODER_H
#define TERN_FRONTEND_ARCHITECTURE_ENCODER_H

#include "frontend/architecture/ModelBuilder.h"

namespace tern::architecture {

/// Writes the functions `encode` and `layer.N` of an encoder, and the dimensions that they use, by
/// ModelConfig alone.
void buildEncoder(ModelBuilder &model);

} // namespace tern::architecture

#endif
