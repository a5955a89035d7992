// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_MODELFILE_H
#define TERN_TOOLS_GENERATE_MODELFILE_H

#include "frontend/architecture/Families.h"

namespace tern::generate {

/// A GGUF file or a Hugging Face directory whose settings were checked, and that has every tensor
/// that they ask for.
struct ModelFile {
  checkpoint::Checkpoint checkpoint;
  checkpoint::ModelConfig config;

  /// Reads the heads of the files alone. Throws UserError.
  static ModelFile open(const std::string &path);
};

/// What to tell the user whose sequences may become longer than the model was made for; empty if
/// they may not, or the model has learned positions, with which it is refused.
std::string describeExtension(const ModelFile &model, int64_t maxContext);

} // namespace tern::generate

#endif
