// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_ARTEFACTSOURCES_H
#define TERN_TOOLS_TERN_COMPILE_ARTEFACTSOURCES_H

#include "frontend/checkpoint/Checkpoint.h"
#include "passes/Artefact/WriteArtefact.h"

namespace tern {

/// Says where the artefact's weights lie. Reads the files once, for their hashes. `model` must
/// outlive `sources`.
void addWeights(ArtefactSources &sources, const checkpoint::Checkpoint &model);

/// Puts the bytes of the weights that the artefact names into it. `model` must live until the
/// artefact is written.
void embedWeights(format::Artefact &artefact, const checkpoint::Checkpoint &model);

} // namespace tern

#endif
