// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_SEQUENCE_H
#define TERN_TOOLS_GENERATE_SEQUENCE_H

#include "frontend/tokenizer/Tokenizer.h"
#include "tools/generate/Options.h"

namespace tern::generate {

/// Why a sequence ended.
enum class Stop { None, Eos, Text, Length, Context, Interrupt };

/// One sequence of the answer.
struct Sequence {
  std::vector<int32_t> prompt, tokens; ///< given, generated
  std::string text;                    ///< generated, without what --stop cuts off
  Stop stop = Stop::None;
  double promptSeconds = 0;   ///< from the start until the prompt was read
  double generateSeconds = 0; ///< from then on

  bool isDone() const { return stop != Stop::None; }
};

/// The sequences that the options ask for. `tokenizer` may be null if all are token ids. Throws
/// UserError, also for a text that is far longer than the context.
std::vector<Sequence> readInputs(const Options &options, const text::Tokenizer *tokenizer,
                                 const ModelFacts &facts);

/// Throws UserError if a prompt is longer than the context or has a token beyond the vocabulary.
void checkPrompts(std::span<const Sequence> sequences, const ModelFacts &facts);

} // namespace tern::generate

#endif
