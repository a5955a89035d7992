// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_WRITECHECKPOINT_H
#define TERN_TOOLS_TERN_COMPILE_WRITECHECKPOINT_H

#include <string>

namespace tern {

/// Writes the GGUF file `model` again as `output`, with its matrices in the types that `spec`
/// gives: parts PATTERN=TYPE or TYPE for all, with commas between; the first that fits a tensor's
/// name counts. A type whose blocks are longer than fits the rows gives way to a shorter one of as
/// many bits, as in llama.cpp. Vectors, tables of positions and routers stay as they are, and so do
/// all keys but general.file_type. Rounds to the values that the types hold: tier L, named in the
/// file's own types. Says on standard error how many tensors became what.
///
/// Throws UserError for a spec, a file or a tensor that can't be written so; nothing is left then.
void writeCheckpoint(const std::string &model, const std::string &spec, const std::string &output);

} // namespace tern

#endif
