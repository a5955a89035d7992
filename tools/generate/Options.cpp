// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Options.h"

#include "tools/command/TextFile.h"

#include <algorithm>
#include <map>

namespace tern::generate {

void Options::addInputs(CLI::App &app) {
  auto add = [&](const char *flag, std::vector<std::string> &values, const char *help,
                 const char *type) {
    app.add_option(flag, values, help)
        ->allow_extra_args(false)
        ->type_name(type)
        ->group(std::string(inputGroup));
  };
  add("--prompt", texts, "text to go on with", "TEXT");
  add("--prompt-file", files, "file of text to go on with", "FILE");
  add("--chat", chats, "a user's message, put into the model's chat template", "TEXT");
  add("--tokens", tokenLists, "token ids, separated by commas", "IDS");
}

void Options::addSampling(CLI::App &app) {
  auto add = [&](const char *flag, auto &value, const char *help) {
    return app.add_option(flag, value, help)->group(std::string(samplingGroup));
  };
  CLI::Validator share = command::numberAboveZero(1);
  add("--temperature", sampling.temperature, "divides the logits; 0: always the likeliest token")
      ->check(command::number(0));
  add("--top-k", sampling.topK, "only the K likeliest tokens; 0: all")
      ->check(command::wholeNumber(0, std::numeric_limits<int32_t>::max()));
  add("--top-p", sampling.topP, "only the likeliest tokens that make up this probability; 1: all")
      ->check(share);
  add("--min-p", sampling.minP,
      "only tokens at least this share as likely as the likeliest; 0: all")
      ->check(command::number(0, 1));
  add("--typical-p", sampling.typicalP,
      "only the most typical tokens that make up this probability; 1: all")
      ->check(share);
  add("--repetition-penalty", sampling.repetitionPenalty,
      "weakens the logits of tokens that occurred; 1: not at all")
      ->check(command::number(1e-30f, 1e30f));
  add("--seed", sampling.seed, "of the random numbers")->check(command::seedNumber());
}

void Options::addEmbedding(CLI::App &app) {
  std::string name(embeddingGroup);
  app.add_flag("--embed", embeds,
               "show the vector of each text, by an encoder; of length 1 if the model is a GGUF "
               "file, or a directory whose modules.json says so")
      ->group(name);
  app.add_option(
         "--save-hidden", saveHidden,
         "file for the embedded text and each layer's rows (f32); of several texts F.0.npy...")
      ->type_name("F.npy")
      ->group(name);
  app.add_option("--save-output", savedOutputs,
                 "file (f32) for each text's embedding, hidden (as above) or logits; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME=F.npy")
      ->check([](const std::string &text) {
        for (std::string_view output : {"embedding=", "hidden=", "logits="})
          if (text.starts_with(output) && text.size() > output.size())
            return std::string();
        return "expected embedding, hidden or logits=F.npy, found " + text;
      })
      ->group(name);
}

std::string Options::outputFile(std::string_view name) const {
  for (const std::string &saved : savedOutputs)
    if (saved.starts_with(std::string(name) + "="))
      return saved.substr(name.size() + 1);
  return name == "hidden" ? saveHidden : name == "logits" ? saveLogits : "";
}

void Options::check() const {
  for (const char *name : {"--special", "--bos"})
    if (texts.empty() && files.empty() && app->count(name) != 0)
      throw command::UserError(std::string(name) +
                               ": has no effect without --prompt or --prompt-file");
  if (!embeds && !saveHidden.empty())
    throw command::UserError(
        "--save-hidden: expected --embed beside it, for encoders alone save it");
  if (!embeds && !savedOutputs.empty())
    throw command::UserError(
        "--save-output: expected --embed beside it, for encoders alone save it");
  if (!embeds)
    return;
  for (const CLI::Option *option : app->get_options()) {
    const std::string name = option->get_name();
    bool generates = option->get_group() == samplingGroup || name == "--stop" ||
                     name == "--ignore-eos" || name == "--prompt-length";
    if (generates && !option->empty())
      throw command::UserError(name + ": has no effect beside --embed");
  }
}

void Options::addTo(CLI::App &given) {
  app = &given;
  std::string name(group);
  addInputs(given);
  given
      .add_option("--prompt-length", promptLength,
                  "tokens of a prompt that are fed at once, the rest one by one; 0: all")
      ->check(command::wholeNumber())
      ->group(name);
  given
      .add_flag("--special,!--no-special", special,
                "special tokens written out in a text are parsed (default), or are text")
      ->group(name);
  given.add_option("--bos", bos, "a token for the start of a text: as the model says, yes or no")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->group(name);
  given.add_option("--max-tokens", maxTokens, "most tokens to generate")
      ->check(command::wholeNumber())
      ->group(name);
  addSampling(given);
  addEmbedding(given);
  given.add_option("--stop", stops, "text that ends generation and is not shown; repeatable")
      ->allow_extra_args(false)
      ->type_name("TEXT")
      ->check([](const std::string &text) {
        return text.empty() ? "expected a text, found none" : std::string();
      })
      ->group(name);
  given.add_flag("--ignore-eos", ignoreEos, "go on after a token that ends the text")->group(name);
  const std::map<std::string, OutputFormat> formats{
      {"text", OutputFormat::Text}, {"tokens", OutputFormat::Tokens}, {"json", OutputFormat::Json}};
  given
      .add_option_function<std::string>(
          "--output", [this, formats](const std::string &word) { output = formats.at(word); },
          "how the answer is shown; default: text, or tokens without a tokenizer")
      ->check(CLI::IsMember({"text", "tokens", "json"}))
      ->group(name);
  given
      .add_option("--save-logits", saveLogits,
                  "file for the logits (f32) of each token run; of several sequences F.0.npy...")
      ->type_name("F.npy")
      ->group(name);
}

void Options::readFiles() {
  if (!hasFileTexts)
    std::ranges::transform(files, files.begin(), command::readText);
  hasFileTexts = true;
}

std::vector<Input> Options::inputs() const {
  using Kind = std::pair<Input::Kind, const std::vector<std::string> *>;
  const std::map<std::string, Kind> kinds{{"--prompt", {Input::Text, &texts}},
                                          {"--prompt-file", {Input::Text, &files}},
                                          {"--chat", {Input::Chat, &chats}},
                                          {"--tokens", {Input::Tokens, &tokenLists}}};
  std::map<const CLI::Option *, size_t> taken;
  std::vector<Input> inputs;
  for (const CLI::Option *option : app->parse_order())
    if (auto found = kinds.find(option->get_name()); found != kinds.end()) {
      auto [kind, values] = found->second;
      inputs.push_back({kind, (*values)[taken[option]++]});
    }
  return inputs;
}

} // namespace tern::generate
