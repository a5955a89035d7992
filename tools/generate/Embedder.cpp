// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Embedder.h"

#include "tools/generate/Interrupt.h"
#include "tools/generate/LogitsFile.h"
#include "tools/generate/Printer.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace tern::generate {

using command::UserError;

void checkKind(const Options &options, const std::string &name, const std::string &family,
               bool isEncoder) {
  if (options.embeds && !isEncoder)
    throw UserError(name + ": expected an encoder for --embed, found a decoder, " + family);
  if (!options.embeds && isEncoder)
    throw UserError(name + ": expected --embed, for it is an encoder, " + family +
                    ", which generates no text");
}

/// The numbers in as many digits as tell them apart.
static void showLine(const command::Tensor &vector) {
  char digits[32];
  for (int64_t i = 0; i < vector.size(); ++i) {
    std::snprintf(digits, sizeof digits, "%s%.9g", i ? " " : "", vector.get(i));
    std::cout << digits;
  }
  std::cout << "\n";
}

static nlohmann::ordered_json describe(const Sequence &sequence, const command::Tensor &vector) {
  std::vector<float> numbers;
  for (int64_t i = 0; i < vector.size(); ++i)
    numbers.push_back(static_cast<float>(vector.get(i)));
  return {{"prompt_tokens", sequence.prompt}, {"embedding", numbers}};
}

static void save(const Options &options, const Encoding &encoding, size_t number, size_t count) {
  const std::pair<const char *, const command::Tensor *> outputs[] = {
      {"embedding", &encoding.embedding},
      {"hidden", &encoding.hidden},
      {"logits", &encoding.logits}};
  for (auto [name, tensor] : outputs)
    if (std::string path = options.outputFile(name); !path.empty())
      command::writeNpy(numberedPath(path, number, count), *tensor);
}

int embed(const Options &options, const text::Tokenizer *tokenizer, const ModelFacts &facts,
          const std::function<Encoder &()> &load) {
  std::vector<Sequence> sequences = readInputs(options, tokenizer, facts);
  OutputFormat format = options.output.value_or(OutputFormat::Text);
  if (options.onlyTokenises()) {
    Printer(format, std::cout).showPrompts(sequences);
    return command::exitcode::done;
  }
  if (format == OutputFormat::Tokens)
    throw UserError("--output=tokens: expected text or json beside --embed");
  checkPrompts(sequences, facts);
  Encoder &encoder = load();
  bool wantsLogits = !options.outputFile("logits").empty();
  if (wantsLogits && !encoder.hasLogits())
    throw UserError(facts.name + ": expected a head of masked tokens for its logits, found none");
  auto all = nlohmann::ordered_json::array();
  for (size_t i = 0; i < sequences.size(); ++i) {
    Encoding encoding = encoder.encode(sequences[i].prompt, {}, wantsLogits);
    if (interrupted())
      return command::exitcode::interrupted;
    save(options, encoding, i, sequences.size());
    if (format == OutputFormat::Text)
      showLine(encoding.embedding);
    else
      all.push_back(describe(sequences[i], encoding.embedding));
  }
  if (format == OutputFormat::Json)
    std::cout << (all.size() == 1 ? all[0] : all).dump() << "\n";
  return command::exitcode::done;
}

} // namespace tern::generate
