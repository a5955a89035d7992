// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Generator.h"

#include "tools/generate/Interrupt.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace tern::generate {

using command::UserError;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

//===- Generator ----------------------------------------------------------===//

Generator::Generator(Model &model, const ModelFacts &facts, const text::Tokenizer *tokenizer,
                     const Options &options, Printer &printer)
    : model(model), facts(facts), tokenizer(tokenizer), options(options), printer(printer) {}

/// Runs the entries; false if that was interrupted.
bool Generator::feed(std::span<const Entry> entries) {
  Model::OnLogits write;
  if (!files.empty())
    write = [&](int32_t sequence, std::span<const float> logits) {
      files[static_cast<size_t>(sequence)].add(logits);
    };
  Model::Failure failure = model.feed(entries, write);
  if (interrupted())
    return false;
  if (failure)
    throw UserError(*failure);
  return true;
}

bool Generator::feedPrompts() {
  auto headOf = [&](const Sequence &sequence) {
    size_t size = sequence.prompt.size();
    return options.promptLength ? std::min(size, static_cast<size_t>(options.promptLength)) : size;
  };
  std::vector<Entry> entries;
  size_t rest = 0, all = 0;
  for (size_t i = 0; i < sequences.size(); ++i) {
    std::span<const int32_t> prompt = sequences[i].prompt;
    size_t head = headOf(sequences[i]);
    entries.push_back({static_cast<int32_t>(i), prompt.first(head), !files.empty()});
    rest = std::max(rest, prompt.size() - head);
    all += head;
  }
  constexpr size_t longPrompt = 512;
  if (all >= longPrompt)
    command::showProgress("reading " + std::to_string(all) + " tokens");
  bool going = feed(entries);
  if (all >= longPrompt)
    command::showProgress("");
  for (size_t k = 0; going && k < rest; ++k) {
    entries.clear();
    for (size_t i = 0; i < sequences.size(); ++i)
      if (size_t at = headOf(sequences[i]) + k; at < sequences[i].prompt.size())
        entries.push_back({static_cast<int32_t>(i), std::span(sequences[i].prompt).subspan(at, 1)});
    going = feed(entries);
  }
  return going;
}

bool Generator::feedLastTokens() {
  std::vector<Entry> entries;
  for (size_t i = 0; i < sequences.size(); ++i)
    if (!sequences[i].isDone())
      entries.push_back({static_cast<int32_t>(i), std::span(sequences[i].tokens).last(1)});
  return !entries.empty() && feed(entries);
}

/// Draws a token for each sequence that goes on; false if none does.
bool Generator::sampleAll() {
  std::vector<int32_t> numbers;
  for (size_t i = 0; i < sequences.size(); ++i)
    if (!sequences[i].isDone())
      numbers.push_back(static_cast<int32_t>(i));
  std::vector<int32_t> tokens(numbers.size());
  if (!numbers.empty())
    if (Model::Failure failure = model.sample(numbers, options.sampling, tokens))
      throw UserError(*failure);
  for (size_t k = 0; k < numbers.size(); ++k)
    take(static_cast<size_t>(numbers[k]), tokens[k]);
  return !numbers.empty();
}

void Generator::take(size_t number, int32_t token) {
  Sequence &sequence = sequences[number];
  Writer &writer = writers[number];
  sequence.tokens.push_back(token);
  bool isEnd = !options.ignoreEos && std::ranges::count(facts.endTokens, token);
  std::string text;
  if (writer.stream && !isEnd) {
    auto piece = writer.stream->push(static_cast<uint32_t>(token));
    if (!piece)
      throw UserError(piece.error().message);
    text = writer.stop.push(*piece);
  }
  sequence.text += text;
  printer.add(number, token, text);
  auto count = static_cast<int64_t>(sequence.tokens.size());
  auto length =
      count + (model.readsPromptApart() ? 0 : static_cast<int64_t>(sequence.prompt.size()));
  if (isEnd)
    finish(number, Stop::Eos);
  else if (writer.stop.isFound())
    finish(number, Stop::Text);
  else if (count >= options.maxTokens)
    finish(number, Stop::Length);
  else if (length > facts.maxContext)
    finish(number, Stop::Context);
}

void Generator::finish(size_t number, Stop stop) {
  Sequence &sequence = sequences[number];
  std::string text;
  if (Writer &writer = writers[number]; writer.stream && stop != Stop::Text) {
    auto rest = writer.stream->finish();
    if (!rest)
      throw UserError(rest.error().message);
    text = writer.stop.push(*rest) + writer.stop.finish();
  }
  sequence.text += text;
  sequence.stop = stop;
  sequence.generateSeconds = sequence.tokens.empty() ? 0 : secondsSince(promptsRead);
  printer.finish(number, text);
}

void Generator::run(std::vector<Sequence> &given) {
  if (options.promptLength != 0 && model.readsPromptApart())
    throw UserError("--prompt-length: has no effect on " + facts.name +
                    ", whose encoder reads a prompt at once");
  sequences = given;
  for (size_t i = 0; i < sequences.size(); ++i) {
    std::optional<text::Stream> stream;
    if (tokenizer)
      stream = tokenizer->stream(/*skipSpecial=*/true);
    writers.push_back({std::move(stream), StopText(options.stops)});
    if (!options.saveLogits.empty())
      files.emplace_back(numberedPath(options.saveLogits, i, sequences.size()), facts.vocabulary);
  }
  printer.begin(sequences.size());
  Clock::time_point start = Clock::now();
  bool going = feedPrompts();
  promptsRead = Clock::now();
  for (Sequence &sequence : sequences)
    sequence.promptSeconds = std::chrono::duration<double>(promptsRead - start).count();
  for (size_t i = 0; going && options.maxTokens == 0 && i < sequences.size(); ++i)
    finish(i, Stop::Length);
  while (going && sampleAll())
    going = feedLastTokens();
  for (size_t i = 0; i < sequences.size(); ++i)
    if (!sequences[i].isDone())
      finish(i, Stop::Interrupt);
  for (LogitsFile &file : files)
    file.close();
}

//===- The whole of it ----------------------------------------------------===//

static OutputFormat formatOf(const Options &options, const text::Tokenizer *tokenizer,
                             const std::string &name) {
  OutputFormat fallback = tokenizer ? OutputFormat::Text : OutputFormat::Tokens;
  OutputFormat format = options.output.value_or(fallback);
  if (format == OutputFormat::Text && !tokenizer)
    throw UserError(name + ": expected --output=tokens, for it has no tokenizer, found text");
  return format;
}

void checkOutputs(const Options &options, const text::Tokenizer *tokenizer,
                  const std::string &name) {
  if (!options.embeds)
    formatOf(options, tokenizer, name);
  for (const char *output : {"logits", "hidden", "embedding"}) {
    std::string file = options.outputFile(output);
    std::filesystem::path folder = std::filesystem::path(file).parent_path();
    if (!file.empty() && !std::filesystem::is_directory(folder.empty() ? "." : folder))
      throw UserError(file + ": expected a folder to write to, found none");
  }
}

int generate(const Options &options, const text::Tokenizer *tokenizer, ModelFacts facts,
             const std::function<Model &(int32_t sequences)> &load) {
  Clock::time_point start = Clock::now();
  std::vector<Sequence> sequences = readInputs(options, tokenizer, facts);
  Printer printer(formatOf(options, tokenizer, facts.name), std::cout);
  if (options.onlyTokenises()) {
    printer.showPrompts(sequences);
    return command::exitcode::done;
  }
  checkPrompts(sequences, facts);
  if (tokenizer)
    for (uint32_t token : tokenizer->endTokens())
      facts.endTokens.push_back(static_cast<int32_t>(token));
  Model &model = load(static_cast<int32_t>(sequences.size()));
  double loadSeconds = secondsSince(start);
  Generator(model, facts, tokenizer, options, printer).run(sequences);
  printer.end(sequences, loadSeconds);
  return interrupted() ? command::exitcode::interrupted : command::exitcode::done;
}

} // namespace tern::generate
