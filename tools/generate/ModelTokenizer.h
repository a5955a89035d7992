// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_MODELTOKENIZER_H
#define TERN_TOOLS_GENERATE_MODELTOKENIZER_H

#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/tokenizer/Tokenizer.h"

namespace tern::generate {

/// The tokenizer that a GGUF file or a Hugging Face directory holds; none if there is none. Throws
/// UserError if it is not understood.
std::optional<text::Tokenizer> readTokenizer(const checkpoint::Checkpoint &checkpoint);

/// The tokenizer in this section of the artefact at `path`; none if the section is empty. Throws
/// UserError.
std::optional<text::Tokenizer> readTokenizer(std::string_view section, const std::string &path);

} // namespace tern::generate

#endif
