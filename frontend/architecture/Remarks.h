// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_ARCHITECTURE_REMARKS_H
#define TERN_FRONTEND_ARCHITECTURE_REMARKS_H

#include "frontend/checkpoint/ModelConfig.h"

#include <string>
#include <vector>

namespace tern::architecture {

/// A sentence for each weight that takes more memory than in the file, and for maps that are slower
/// than their products. The model must have all its tensors.
std::vector<std::string> remarksOn(const checkpoint::Checkpoint &checkpoint,
                                   const checkpoint::ModelConfig &config);

} // namespace tern::architecture

#endif
