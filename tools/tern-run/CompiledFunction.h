// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_RUN_COMPILEDFUNCTION_H
#define TERN_TOOLS_TERN_RUN_COMPILEDFUNCTION_H

#include "tools/tern-run/RunOptions.h"

#include "tern/tern.hpp"

namespace tern {

/// Runs one function of an artefact, and prints or compares what it gives. Throws UserError and
/// tern::Error.
void runCompiledFunction(const Artefact &artefact, const RunOptions &options);

} // namespace tern

#endif
