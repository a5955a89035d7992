// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Options.h"

namespace tern::generate {

static void addInputs(CLI::App &app, Options &options) {
  const char *group = "Input, each repeatable: one sequence each";
  app.add_option("--prompt", options.prompts, "text to go on with")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--prompt-file", options.promptFiles, "file of text to go on with")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--chat", options.chats, "a user's message, put into the chat template")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--tokens", options.tokens, "token ids, separated by commas")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--prompt-length", options.promptLength,
                 "tokens fed at once, the rest one by one; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--special,!--no-special", options.special,
               "special tokens in the text are parsed, not text (default: parsed)");
  app.add_option("--bos", options.bos, "a BOS token in front: auto (as the model says), yes, no")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->capture_default_str();
}

static void addSampling(CLI::App &app, Options &options) {
  const char *group = "Sampling (greedy by default)";
  Sampling &sampling = options.sampling;
  app.add_option("--temperature", sampling.temperature, "0: the likeliest token, always")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group(group);
  app.add_option("--top-k", sampling.topK, "the K likeliest tokens; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group(group);
  app.add_option("--top-p", sampling.topP, "the likeliest tokens that make up P; 1: all")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group(group);
  app.add_option("--min-p", sampling.minP, "tokens at least P times as likely as the likeliest")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group(group);
  app.add_option("--typical-p", sampling.typicalP, "the most typical tokens that make up P; 1: all")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group(group);
  app.add_option("--repetition-penalty", sampling.repetitionPenalty,
                 "divides the scores of tokens seen before; 1: none")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  app.add_option("--seed", sampling.seed, "of the random numbers")
      ->capture_default_str()
      ->group(group);
}

void addOptions(CLI::App &app, Options &options) {
  addInputs(app, options);
  app.add_option("--max-tokens", options.maxTokens, "tokens to generate, at most")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  addSampling(app, options);
  app.add_option("--stop", options.stops, "text at which generation ends (repeatable)")
      ->allow_extra_args(false);
  app.add_flag("--ignore-eos", options.ignoreEos, "go on after a token that ends the text");
  std::map<std::string, Output> outputs{
      {"text", Output::Text}, {"tokens", Output::Tokens}, {"json", Output::Json}};
  app.add_option("--output", options.output, "text, tokens or json (default: text)")
      ->transform(CLI::CheckedTransformer(outputs));
  app.add_option("--save-logits", options.saveLogits,
                 "file for the logits of each token run, f32 (several sequences: FILE.0.npy...)");
}

} // namespace tern::generate
