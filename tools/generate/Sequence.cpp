// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Sequence.h"

#include <charconv>

namespace tern::generate {

using command::UserError;

static std::vector<int32_t> parseTokens(const std::string &text) {
  std::vector<int32_t> tokens;
  const char *at = text.data(), *end = at + text.size();
  while (at != end) {
    int32_t token = 0;
    auto [next, error] = std::from_chars(at, end, token);
    bool isLast = next == end;
    if (error == std::errc::result_out_of_range)
      throw UserError("--tokens: expected ids below 2147483648, found '" + std::string(at, next) +
                      "'");
    if (error != std::errc() || token < 0 || (!isLast && (*next != ',' || next + 1 == end)))
      throw UserError("--tokens: expected ids separated by commas, found '" + text + "'");
    tokens.push_back(token);
    at = isLast ? end : next + 1;
  }
  return tokens;
}

namespace {
/// Turns inputs into token ids.
class InputReader {
public:
  InputReader(const Options &options, const text::Tokenizer *tokenizer, const ModelFacts &facts)
      : options(options), tokenizer(tokenizer), facts(facts), model(facts.name) {}

  std::vector<int32_t> read(const Input &input) const {
    if (input.kind == Input::Tokens)
      return parseTokens(input.value);
    if (!tokenizer)
      throw UserError(model + ": expected --tokens, for it has no tokenizer, found text");
    if (input.kind == Input::Chat)
      return readChat(input.value);
    text::Bos bos = options.bos == "yes"  ? text::Bos::Yes
                    : options.bos == "no" ? text::Bos::No
                                          : text::Bos::Auto;
    return encode(input.value, options.special, bos);
  }

private:
  template <typename T> T valueOf(text::Expected<T> expected) const {
    if (!expected)
      throw UserError(model + ": " + expected.error().message);
    return std::move(*expected);
  }

  std::vector<int32_t> readChat(const std::string &content) const {
    text::ChatMessage message{"user", content};
    // The template writes its special tokens out, the first one included.
    return encode(valueOf(tokenizer->applyChatTemplate({&message, 1})), true, text::Bos::No);
  }

  std::vector<int32_t> encode(const std::string &text, bool special, text::Bos bos) const {
    refuseFarTooLong(text, special, bos);
    std::vector<uint32_t> ids = valueOf(tokenizer->encode(text, special, bos));
    return {ids.begin(), ids.end()};
  }

  /// Of a text of megabytes the beginning tells: words are split alike whatever comes after them.
  void refuseFarTooLong(const std::string &text, bool special, text::Bos bos) const {
    constexpr size_t bytesOfToken = 8;
    auto context = static_cast<size_t>(facts.maxContext);
    if (options.onlyTokenises() || context == 0 || text.size() / bytesOfToken <= 2 * context)
      return;
    size_t end = bytesOfToken * context;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) // inside a character
      --end;
    size_t count = valueOf(tokenizer->encode(text.substr(0, end), special, bos)).size();
    if (count > context + context / 4)
      throw UserError(model + ": prompt: expected at most " + std::to_string(context) +
                      " tokens, the model's context, found " + std::to_string(count) +
                      " in its first " + std::to_string(end) + " bytes");
  }

  const Options &options;
  const text::Tokenizer *tokenizer;
  const ModelFacts &facts;
  const std::string &model;
};
} // namespace

std::vector<Sequence> readInputs(const Options &options, const text::Tokenizer *tokenizer,
                                 const ModelFacts &facts) {
  if (!tokenizer && !options.stops.empty())
    throw UserError(facts.name + ": has no tokenizer, so --stop has no effect");
  InputReader reader(options, tokenizer, facts);
  std::vector<Sequence> sequences;
  for (const Input &input : options.inputs()) {
    Sequence &sequence = sequences.emplace_back();
    sequence.prompt = reader.read(input);
    if (!sequence.prompt.empty() || options.onlyTokenises())
      continue;
    // Something must come before the first token: an empty text begins as texts do.
    if (!tokenizer || !tokenizer->bos())
      throw UserError("expected a prompt of one token or more, found none");
    sequence.prompt.push_back(static_cast<int32_t>(*tokenizer->bos()));
  }
  if (sequences.empty())
    throw UserError("expected --prompt, --prompt-file, --chat or --tokens, found none of them");
  return sequences;
}

void checkPrompts(std::span<const Sequence> sequences, const ModelFacts &facts) {
  for (const Sequence &sequence : sequences) {
    std::string where = facts.name + ": prompt";
    if (sequences.size() > 1)
      where += " " + std::to_string(&sequence - sequences.data() + 1);
    auto length = static_cast<int64_t>(sequence.prompt.size());
    if (length > facts.maxContext)
      throw UserError(where + ": expected at most " + std::to_string(facts.maxContext) +
                      " tokens, the model's context, found " + std::to_string(length));
    for (int32_t token : sequence.prompt)
      if (token >= facts.vocabulary)
        throw UserError(where + ": expected tokens below " + std::to_string(facts.vocabulary) +
                        ", the model's vocabulary, found " + std::to_string(token));
  }
}

} // namespace tern::generate
