// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_OPTIONS_H
#define TERN_TOOLS_GENERATE_OPTIONS_H

#include "tools/generate/Model.h"

#include <CLI/CLI.hpp>

#include <stdexcept>

namespace tern::generate {

/// A user's mistake: one sentence, exit code 1.
struct UserError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Output { Text, Tokens, Json };

/// What the command line asks to generate.
struct Options {
  std::vector<std::string> prompts, promptFiles, chats, tokens;
  int64_t promptLength = 0; ///< tokens fed at once; 0: all
  bool special = true;
  std::string bos = "auto";
  int64_t maxTokens = 128;
  Sampling sampling;
  std::vector<std::string> stops;
  bool ignoreEos = false;
  Output output = Output::Text;
  std::string saveLogits;

  /// True if no tokenizer is needed to read the input.
  bool readsTokensAlone() const { return prompts.empty() && promptFiles.empty() && chats.empty(); }
};

/// Declares the options of generation.
void addOptions(CLI::App &app, Options &options);

} // namespace tern::generate

#endif
