// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_GENERATOR_H
#define TERN_TOOLS_GENERATE_GENERATOR_H

#include "frontend/tokenizer/Tokenizer.h"
#include "tools/generate/Options.h"

#include <atomic>
#include <functional>
#include <ostream>

namespace tern::generate {

/// One sequence of the answer.
struct Sequence {
  std::vector<int32_t> prompt, tokens; ///< given, generated
  std::string text;                    ///< generated
  std::string stop;                    ///< "eos", "stop", "length", "context" or "interrupt"
  std::vector<float> logits;           ///< of each token run, if they are to be saved
  bool isDone() const { return !stop.empty(); }
};

/// Turns the options' inputs into token ids. `tokenizer` may be null if all are ids. Throws
/// UserError.
std::vector<Sequence> readInputs(const Options &options, const text::Tokenizer *tokenizer);

/// Runs sequences together until each is done.
class Generator {
public:
  /// `tokenizer` may be null: then tokens are shown in place of text. `endTokens` end a sequence.
  Generator(Model &model, const text::Tokenizer *tokenizer, std::vector<int32_t> endTokens,
            const Options &options, std::ostream &out);

  /// Generates, showing text or tokens as they come, and saves logits. Throws UserError.
  void run(std::vector<Sequence> &sequences);

  /// Set by a signal handler: what there is by then is the answer.
  std::atomic<bool> interrupted{false};

private:
  void feedPrompts(std::vector<Sequence> &sequences);
  void feed(std::vector<Sequence> &sequences, std::span<const Entry> entries);
  bool step(std::vector<Sequence> &sequences);
  void take(Sequence &sequence, size_t number, int32_t token);
  void takeText(Sequence &sequence, size_t number, const std::string &piece);
  void show(const std::string &text);
  void finish(std::vector<Sequence> &sequences);

  Model &model;
  const text::Tokenizer *tokenizer;
  std::vector<int32_t> endTokens;
  const Options &options;
  std::ostream &out;
  std::vector<text::Stream> streams;
  std::vector<std::vector<float>> lastLogits; ///< by sequence
  std::vector<size_t> shown;                  ///< bytes of each sequence's text that were written
};

/// Writes the sequences as the JSON that --output=json promises.
void writeJson(const std::vector<Sequence> &sequences, std::ostream &out);

} // namespace tern::generate

#endif
