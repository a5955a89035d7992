// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_OPTIONS_H
#define TERN_TOOLS_GENERATE_OPTIONS_H

#include "tools/command/CommandLine.h"
#include "tools/generate/Model.h"

#include <array>

namespace tern::generate {

enum class OutputFormat { Text, Tokens, Json };

/// What one sequence starts from.
struct Input {
  enum Kind { Text, Chat, Tokens } kind;
  std::string value;
};

/// What the command line asks to generate.
class Options {
public:
  static constexpr std::string_view group = "Generation";
  static constexpr std::string_view inputGroup = "Input (each repeatable: one sequence each)";
  static constexpr std::string_view embeddingGroup = "Embedding";
  static constexpr std::string_view samplingGroup = "Sampling (greedy by default)";
  static constexpr std::array groups{inputGroup, group, samplingGroup, embeddingGroup};

  int64_t promptLength = 0; ///< tokens fed at once; 0: all
  bool special = true;
  std::string bos = "auto";
  int64_t maxTokens = 128;
  Sampling sampling;
  std::vector<std::string> stops;
  bool ignoreEos = false;
  std::optional<OutputFormat> output; ///< none: text if there is a tokenizer, else tokens
  std::string saveLogits;
  bool embeds = false; ///< each text's vector is shown, nothing is generated
  std::string saveHidden;
  std::vector<std::string> savedOutputs; ///< of an encoder: NAME=F.npy

  void addTo(CLI::App &app);

  /// Puts the texts of the prompt files in place of their names: a pipe gives its text only once,
  /// and may have to be waited for. The second call does nothing. Throws UserError.
  void readFiles();

  /// In the order of the command line. Files must have been read.
  std::vector<Input> inputs() const;

  /// True if nothing is to be run: the prompt is only tokenised.
  bool onlyTokenises() const {
    return maxTokens == 0 && saveLogits.empty() && saveHidden.empty() && savedOutputs.empty();
  }

  /// The file for an encoder's output "embedding", "hidden" or "logits"; empty: none.
  std::string outputFile(std::string_view name) const;

  /// Throws UserError for options that do not go together.
  void check() const;

private:
  void addInputs(CLI::App &app);
  void addSampling(CLI::App &app);
  void addEmbedding(CLI::App &app);

  const CLI::App *app = nullptr;
  std::vector<std::string> texts, files, chats, tokenLists;
  bool hasFileTexts = false; ///< in place of names
};

} // namespace tern::generate

#endif
