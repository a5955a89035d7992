// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERNDUMP_DUMPCHECKPOINT_H
#define TERN_TOOLS_TERNDUMP_DUMPCHECKPOINT_H

#include <string>

namespace tern {

/// What of a model is shown.
struct CheckpointParts {
  bool keys, tensors, chatTemplate, unused, remarks;
  std::string spectral; ///< tensors whose names have this part, for sigma_max; "*" for all
};

/// Writes what a GGUF file or a Hugging Face directory holds. Throws UserError, also of a model
/// that cannot run.
void dumpCheckpoint(const std::string &path, const CheckpointParts &parts);

} // namespace tern

#endif
