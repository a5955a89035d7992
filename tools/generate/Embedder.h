// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_EMBEDDER_H
#define TERN_TOOLS_GENERATE_EMBEDDER_H

#include "frontend/tokenizer/Tokenizer.h"
#include "tools/command/Tensor.h"
#include "tools/generate/Options.h"

namespace tern::generate {

/// What an encoder makes of a text.
struct Encoding {
  command::Tensor embedding; ///< [D]
  command::Tensor hidden;    ///< [L+1, T, D]: the embedded text, then what each layer makes of it
  command::Tensor logits;    ///< [T, V], or none
};

/// What runs whole texts: the program `encode` of an artefact, or the reference interpreter.
class Encoder {
public:
  virtual ~Encoder() = default;

  /// True if the model has a head, and so logits of masked tokens.
  virtual bool hasLogits() const = 0;

  /// `types` says of which part of the text each token is; empty: all of part 0. Throws UserError.
  virtual Encoding encode(std::span<const int32_t> tokens, std::span<const int32_t> types,
                          bool wantsLogits) = 0;
};

/// Throws UserError if the options ask an encoder to generate, or a decoder to embed. `family` is
/// for the message.
void checkKind(const Options &options, const std::string &name, const std::string &family,
               bool isEncoder);

/// Tokenises the texts that the options ask for, checks them, and shows the vector of each, made by
/// what `load` makes ready. Returns the exit code. Throws UserError.
int embed(const Options &options, const text::Tokenizer *tokenizer, const ModelFacts &facts,
          const std::function<Encoder &()> &load);

} // namespace tern::generate

#endif
