// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Generator.h"

#include "tools/generate/Npy.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace tern::generate {

//===- Inputs -------------------------------------------------------------===//

static std::vector<int32_t> parseTokens(const std::string &text) {
  std::vector<int32_t> tokens;
  const char *at = text.data(), *end = at + text.size();
  while (at != end) {
    int32_t token;
    auto [next, error] = std::from_chars(at, end, token);
    if (error != std::errc() || (next != end && *next != ','))
      throw UserError("--tokens: expected ids separated by commas, found '" + text + "'");
    tokens.push_back(token);
    at = next == end ? next : next + 1;
  }
  return tokens;
}

static std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file)
    throw UserError(path + ": expected a file that can be read, found none");
  return text;
}

template <typename T> static T valueOf(text::Expected<T> expected) {
  if (!expected)
    throw UserError(expected.error().message);
  return std::move(*expected);
}

static Sequence encode(const text::Tokenizer &tokenizer, const std::string &text, bool special,
                       text::Bos bos) {
  std::vector<uint32_t> ids = valueOf(tokenizer.encode(text, special, bos));
  return {{ids.begin(), ids.end()}, {}, "", "", {}};
}

std::vector<Sequence> readInputs(const Options &options, const text::Tokenizer *tokenizer) {
  std::vector<Sequence> sequences;
  if (!options.readsTokensAlone() && !tokenizer)
    throw UserError("the model has no tokenizer, so it takes --tokens and no text");
  text::Bos bos = options.bos == "yes"  ? text::Bos::Yes
                  : options.bos == "no" ? text::Bos::No
                                        : text::Bos::Auto;
  for (const std::string &prompt : options.prompts)
    sequences.push_back(encode(*tokenizer, prompt, options.special, bos));
  for (const std::string &path : options.promptFiles)
    sequences.push_back(encode(*tokenizer, readFile(path), options.special, bos));
  for (const std::string &chat : options.chats) {
    text::ChatMessage message{"user", chat};
    std::string text = valueOf(tokenizer->applyChatTemplate({&message, 1}));
    sequences.push_back(encode(*tokenizer, text, true, text::Bos::No));
  }
  for (const std::string &ids : options.tokens)
    sequences.push_back({parseTokens(ids), {}, "", "", {}});
  if (sequences.empty())
    throw UserError("expected --prompt, --prompt-file, --chat or --tokens, found none of them");
  for (Sequence &sequence : sequences) {
    // An empty text starts from the token that starts texts.
    if (sequence.prompt.empty() && tokenizer && tokenizer->bos())
      sequence.prompt.push_back(static_cast<int32_t>(*tokenizer->bos()));
    if (sequence.prompt.empty())
      throw UserError("expected a prompt of one token or more, found none");
  }
  return sequences;
}

//===- Generation ---------------------------------------------------------===//

Generator::Generator(Model &model, const text::Tokenizer *tokenizer, std::vector<int32_t> endTokens,
                     const Options &options, std::ostream &out)
    : model(model), tokenizer(tokenizer), endTokens(std::move(endTokens)), options(options),
      out(out) {}

static void check(const Model::Failure &failure) {
  if (failure)
    throw UserError(*failure);
}

void Generator::feed(std::vector<Sequence> &sequences, std::span<const Entry> entries) {
  std::vector<float> logits;
  check(model.feed(entries, logits));
  size_t row = 0, width = static_cast<size_t>(model.vocabulary());
  for (const Entry &entry : entries) {
    size_t rows = entry.wantsAllLogits ? entry.tokens.size() : 1;
    auto from = logits.begin() + static_cast<ptrdiff_t>(row * width);
    auto end = from + static_cast<ptrdiff_t>(rows * width);
    Sequence &sequence = sequences[static_cast<size_t>(entry.sequence)];
    if (!options.saveLogits.empty())
      sequence.logits.insert(sequence.logits.end(), from, end);
    lastLogits[static_cast<size_t>(entry.sequence)].assign(end - static_cast<ptrdiff_t>(width),
                                                           end);
    row += rows;
  }
}

void Generator::feedPrompts(std::vector<Sequence> &sequences) {
  bool wantsAll = !options.saveLogits.empty();
  std::vector<Entry> entries;
  size_t longest = 0;
  auto head = [&](const Sequence &sequence) {
    size_t size = sequence.prompt.size();
    return options.promptLength ? std::min(size, static_cast<size_t>(options.promptLength)) : size;
  };
  for (size_t i = 0; i < sequences.size(); ++i) {
    const Sequence &sequence = sequences[i];
    auto count = static_cast<ptrdiff_t>(head(sequence));
    entries.push_back({static_cast<int32_t>(i),
                       {sequence.prompt.begin(), sequence.prompt.begin() + count},
                       static_cast<int64_t>(count),
                       wantsAll});
    longest = std::max(longest, sequence.prompt.size() - static_cast<size_t>(count));
  }
  feed(sequences, entries);
  // What follows the first --prompt-length tokens comes one by one, as when decoding.
  for (size_t k = 0; k < longest; ++k) {
    entries.clear();
    for (size_t i = 0; i < sequences.size(); ++i)
      if (size_t at = head(sequences[i]) + k; at < sequences[i].prompt.size())
        entries.push_back({static_cast<int32_t>(i),
                           {sequences[i].prompt[at]},
                           static_cast<int64_t>(at + 1),
                           wantsAll});
    feed(sequences, entries);
  }
}

void Generator::show(const std::string &text) {
  if (options.output == Output::Json)
    return;
  out << text << std::flush;
}

void Generator::takeText(Sequence &sequence, size_t number, const std::string &piece) {
  sequence.text += piece;
  size_t held = 0;
  for (const std::string &stop : options.stops) {
    size_t from = sequence.text.size() - std::min(sequence.text.size(), piece.size() + stop.size());
    size_t at = stop.empty() ? std::string::npos : sequence.text.find(stop, from);
    if (at != std::string::npos) {
      sequence.text.resize(at);
      sequence.stop = "stop";
    }
    held = std::max(held, stop.size());
  }
  // Text that may be the start of a stop text waits.
  size_t ready = sequence.isDone() || held == 0 || sequence.text.size() < held
                     ? (sequence.isDone() || held == 0 ? sequence.text.size() : 0)
                     : sequence.text.size() - held + 1;
  if (number == 0 && shown.size() == 1 && options.output == Output::Text && ready > shown[0]) {
    // Never between the bytes of one character.
    while (ready < sequence.text.size() && (sequence.text[ready] & 0xc0) == 0x80)
      --ready;
    show(sequence.text.substr(shown[0], ready - shown[0]));
    shown[0] = ready;
  }
}

void Generator::take(Sequence &sequence, size_t number, int32_t token) {
  sequence.tokens.push_back(token);
  bool ends = !options.ignoreEos && std::ranges::find(endTokens, token) != endTokens.end();
  if (options.output == Output::Tokens && shown.size() == 1)
    show((sequence.tokens.size() > 1 ? "," : "") + std::to_string(token));
  if (ends)
    sequence.stop = "eos";
  else if (tokenizer)
    takeText(sequence, number, valueOf(streams[number].push(static_cast<uint32_t>(token))));
  int64_t length = static_cast<int64_t>(sequence.prompt.size() + sequence.tokens.size());
  if (!sequence.isDone() && static_cast<int64_t>(sequence.tokens.size()) >= options.maxTokens)
    sequence.stop = "length";
  if (!sequence.isDone() && length >= model.maxContext())
    sequence.stop = "context";
}

bool Generator::step(std::vector<Sequence> &sequences) {
  std::vector<Entry> entries;
  for (size_t i = 0; i < sequences.size(); ++i) {
    Sequence &sequence = sequences[i];
    if (sequence.isDone())
      continue;
    std::vector<int32_t> history = sequence.prompt;
    history.insert(history.end(), sequence.tokens.begin(), sequence.tokens.end());
    int32_t token = 0;
    check(model.sample(lastLogits[i], history, options.sampling, static_cast<int32_t>(i),
                       static_cast<int64_t>(sequence.tokens.size()), token));
    take(sequence, i, token);
    if (!sequence.isDone())
      entries.push_back({static_cast<int32_t>(i),
                         {token},
                         static_cast<int64_t>(history.size() + 1),
                         !options.saveLogits.empty()});
  }
  if (entries.empty())
    return false;
  feed(sequences, entries);
  return true;
}

void Generator::finish(std::vector<Sequence> &sequences) {
  for (size_t i = 0; i < sequences.size(); ++i) {
    Sequence &sequence = sequences[i];
    if (sequence.stop.empty())
      sequence.stop = options.maxTokens == 0 ? "length" : "interrupt";
    if (tokenizer && sequence.stop != "stop")
      sequence.text += valueOf(streams[i].finish());
    if (options.output == Output::Text)
      show(sequence.text.substr(std::min(shown[i], sequence.text.size())) + "\n");
    if (options.output == Output::Tokens) {
      std::string ids;
      for (int32_t token : sequence.tokens)
        ids += (ids.empty() ? "" : ",") + std::to_string(token);
      show((shown.size() == 1 ? "" : ids) + "\n");
    }
    if (!options.saveLogits.empty()) {
      std::string path = options.saveLogits;
      if (sequences.size() > 1)
        path.insert(path.ends_with(".npy") ? path.size() - 4 : path.size(),
                    "." + std::to_string(i));
      saveNpy(path, sequence.logits, model.vocabulary());
    }
  }
}

void Generator::run(std::vector<Sequence> &sequences) {
  for (const Sequence &sequence : sequences)
    if (static_cast<int64_t>(sequence.prompt.size()) > model.maxContext())
      throw UserError("a prompt of " + std::to_string(sequence.prompt.size()) +
                      " tokens exceeds the context of " + std::to_string(model.maxContext()));
  for (size_t i = 0; tokenizer && i < sequences.size(); ++i)
    streams.push_back(tokenizer->stream(true));
  lastLogits.resize(sequences.size());
  shown.assign(sequences.size(), 0);
  bool isTokenisedOnly = options.maxTokens == 0 && options.saveLogits.empty();
  if (!isTokenisedOnly) {
    feedPrompts(sequences);
    while (options.maxTokens > 0 && !interrupted && step(sequences)) {
    }
  }
  finish(sequences);
}

void writeJson(const std::vector<Sequence> &sequences, std::ostream &out) {
  nlohmann::json all = nlohmann::json::array();
  for (const Sequence &sequence : sequences)
    all.push_back({{"prompt_tokens", sequence.prompt},
                   {"tokens", sequence.tokens},
                   {"text", sequence.text},
                   {"stop", sequence.stop}});
  out << (sequences.size() == 1 ? all[0] : all).dump() << "\n";
}

} // namespace tern::generate
