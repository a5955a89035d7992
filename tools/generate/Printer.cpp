// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Printer.h"

#include <nlohmann/json.hpp>

namespace tern::generate {

void Printer::add(size_t sequence, int32_t token, const std::string &text) {
  Pending &one = pending[sequence];
  if (format == OutputFormat::Text)
    one.text += text;
  else if (format == OutputFormat::Tokens)
    one.text += (one.isBegun ? "," : "") + std::to_string(token);
  one.isBegun = true;
  show();
}

void Printer::finish(size_t sequence, const std::string &text) {
  if (format == OutputFormat::Json)
    return;
  Pending &one = pending[sequence];
  if (format == OutputFormat::Text)
    one.text += text;
  one.text += "\n";
  one.isDone = true;
  show();
}

void Printer::show() {
  for (; current < pending.size(); ++current) {
    Pending &one = pending[current];
    if (one.text.empty())
      return;
    bool needsHead = format == OutputFormat::Text && pending.size() > 1 && !one.isHeaded;
    if (needsHead)
      out << "prompt " << current + 1 << ":\n";
    one.isHeaded = true;
    out << one.text << std::flush;
    one.text.clear();
    if (!one.isDone)
      return;
  }
}

static const char *nameOf(Stop stop) {
  switch (stop) {
  case Stop::Eos:
    return "eos";
  case Stop::Text:
    return "stop";
  case Stop::Context:
    return "context";
  case Stop::Interrupt:
    return "interrupt";
  case Stop::Length:
  case Stop::None:
    return "length";
  }
  __builtin_unreachable();
}

static nlohmann::ordered_json describe(const Sequence &sequence, double loadSeconds) {
  auto rate = [](size_t count, double seconds) -> nlohmann::ordered_json {
    if (count == 0 || seconds <= 0)
      return nullptr;
    return double(count) / seconds;
  };
  // The first token follows the prompt without a step.
  size_t steps = sequence.tokens.empty() ? 0 : sequence.tokens.size() - 1;
  return {{"prompt_tokens", sequence.prompt},
          {"tokens", sequence.tokens},
          {"text", sequence.text},
          {"stop", nameOf(sequence.stop)},
          {"timings",
           {{"load_seconds", loadSeconds},
            {"prompt_seconds", sequence.promptSeconds},
            {"prompt_tokens_per_s", rate(sequence.prompt.size(), sequence.promptSeconds)},
            {"generate_seconds", sequence.generateSeconds},
            {"tokens_per_s", rate(steps, sequence.generateSeconds)}}}};
}

void Printer::end(const std::vector<Sequence> &sequences, double loadSeconds) {
  if (format != OutputFormat::Json)
    return;
  auto all = nlohmann::ordered_json::array();
  for (const Sequence &sequence : sequences)
    all.push_back(describe(sequence, loadSeconds));
  // A stop text may cut the text within a character.
  const auto &shown = all.size() == 1 ? all[0] : all;
  out << shown.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

void Printer::showPrompts(const std::vector<Sequence> &sequences) {
  if (format != OutputFormat::Tokens)
    return end(sequences, 0);
  for (const Sequence &sequence : sequences) {
    for (size_t i = 0; i < sequence.prompt.size(); ++i)
      out << (i ? "," : "") << sequence.prompt[i];
    out << "\n";
  }
}

} // namespace tern::generate
