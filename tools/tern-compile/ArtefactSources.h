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

/// What was decided by cost, as JSON: the machine's figures, the use, for each function the seconds
/// of a step as it was written, as it is now, and at least, and the choices. Empty if there was
/// nothing to decide.
std::string decisionsOf(mlir::ModuleOp module);

/// Adds the machine code of the artefact's PTX, if it has some, by that ptxas, or if none is named
/// the one that is found. `model` is what messages name. Throws UserError.
void assemble(format::Artefact &artefact, const std::string &ptxas, const std::string &model);

} // namespace tern

#endif
