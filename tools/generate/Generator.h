// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_GENERATOR_H
#define TERN_TOOLS_GENERATE_GENERATOR_H

#include "tools/generate/LogitsFile.h"
#include "tools/generate/Printer.h"
#include "tools/generate/StopText.h"

#include <chrono>

namespace tern::generate {

/// Runs sequences together, as one ragged batch, until each is done.
class Generator {
public:
  /// `tokenizer` may be null. The facts must outlive the generator.
  Generator(Model &model, const ModelFacts &facts, const text::Tokenizer *tokenizer,
            const Options &options, Printer &printer);

  /// Generates from prompts that were checked, showing what comes, and saves logits; ends early if
  /// interrupted. Throws UserError.
  void run(std::vector<Sequence> &sequences);

private:
  /// How a sequence's tokens become text.
  struct Writer {
    std::optional<text::Stream> stream;
    StopText stop;
  };

  bool feed(std::span<const Entry> entries);
  bool feedPrompts();
  bool feedLastTokens();
  bool sampleAll();
  void take(size_t number, int32_t token);
  void finish(size_t number, Stop stop);

  Model &model;
  const ModelFacts &facts;
  const text::Tokenizer *tokenizer;
  const Options &options;
  Printer &printer;
  std::span<Sequence> sequences;
  std::vector<Writer> writers;
  std::vector<LogitsFile> files;
  std::chrono::steady_clock::time_point promptsRead;
};

/// Throws UserError for an output that can't be: text of a model named `name` that has no
/// tokenizer, a file in no folder.
void checkOutputs(const Options &options, const text::Tokenizer *tokenizer,
                  const std::string &name);

/// Tokenises what the options ask for, checks it, and runs it on what `load` makes ready for that
/// many sequences. Returns the exit code. Throws UserError.
int generate(const Options &options, const text::Tokenizer *tokenizer, ModelFacts facts,
             const std::function<Model &(int32_t sequences)> &load);

} // namespace tern::generate

#endif
