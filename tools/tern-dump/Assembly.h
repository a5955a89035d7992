// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERNDUMP_ASSEMBLY_H
#define TERN_TOOLS_TERNDUMP_ASSEMBLY_H

#include "runtime/format/Index.h"

#include <cstddef>
#include <span>
#include <string>

namespace tern {

/// Writes the instructions of an artefact's kernels whose names have this part, "*" for all, as the
/// processor's maker spells them: a line each, with the address within the code's image.
/// Throws UserError if no kernel's name has it.
void dumpAssembly(const format::Index &index, std::span<const std::byte> code,
                  const std::string &part);

} // namespace tern

#endif
