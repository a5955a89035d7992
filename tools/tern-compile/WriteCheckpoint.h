// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_WRITECHECKPOINT_H
#define TERN_TOOLS_TERN_COMPILE_WRITECHECKPOINT_H

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace tern {

/// Writes a model again as `output`, with its matrices in the types that `spec` gives
/// (WeightTypes): a GGUF file as one, with all its keys but general.file_type; a Hugging Face
/// directory as a folder with one model.safetensors, its config.json with what transformers reads
/// of the types, and the files of settings and words beside it. Rounds to the values that the types
/// hold: tier L, named in the files' own types. Says on standard error how many tensors became
/// what.
///
/// Throws UserError for a spec, a file or a tensor that can't be written so; nothing is left then.
void writeCheckpoint(const std::string &model, const std::string &spec, const std::string &output);

/// Makes of a Llama's config.json that of ShiftAddLLM: `omitted` are maps that stay as they are.
void sayBinary(nlohmann::json &config, int64_t bits, const std::vector<std::string> &omitted);

} // namespace tern

#endif
