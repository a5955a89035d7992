// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Proof.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Refusal.h"
#include "tools/tern-explain/check/Strings.h"

#include <cstdlib>
#include <map>

namespace tern::check {

namespace {

using Words = std::vector<std::string_view>;

class Reader {
public:
  explicit Reader(std::string_view text) : rest(text) {}

  Proof read() {
    try {
      expect(next() == Words{"tern-proof", "1"}, "expected a file of 'tern-proof 1'");
      Words rules = next("rules", 3);
      expect(rules[1] == "bit" || rules[1] == "real", "expected the tier bit or real");
      Proof proof{rules[1] == "bit", std::string(rules[2]), {}};
      while (!rest.empty())
        proof.functions.push_back(readFunction());
      return proof;
    } catch (const Refusal &refusal) {
      throw Refusal("line " + std::to_string(line) + ": " + refusal.what());
    }
  }

private:
  Words next() {
    size_t end = rest.find('\n');
    expect(end != std::string_view::npos, "the file ends too soon");
    Words words = split(rest.substr(0, end), " ");
    rest.remove_prefix(end + 1);
    ++line;
    expect(!contains(words, ""), "expected one blank between words");
    return words;
  }

  Words next(std::string_view name, size_t count) {
    Words words = next();
    expect(words[0] == name && words.size() == count, "expected '", name, "' and ",
           std::to_string(count - 1), " words");
    return words;
  }

  /// The number of something that stands before.
  static uint32_t index(std::string_view word, size_t count, std::string_view what) {
    int64_t number = parseInteger(word).value_or(-1);
    expect(number >= 0 && static_cast<uint64_t>(number) < count, "expected a ", what,
           " that stands before, found '", word, "'");
    return static_cast<uint32_t>(number);
  }

  static double real(std::string_view word) {
    std::string text(word);
    char *end;
    double value = std::strtod(text.c_str(), &end);
    expect(end == text.c_str() + text.size(), "expected a number, found '", word, "'");
    return value;
  }

  Function readFunction() {
    Function function;
    function.name = next("function", 2)[1];
    const char *first = rest.data();
    for (;;) {
      std::string_view before = rest;
      Words words = next();
      std::string_view key = words[0];
      if (key == "prove") {
        function.text = std::string_view(first, before.data());
        return readEnd(words, function);
      }
      if (steps.contains(key))
        readStep(words, function);
      else if (key == "type" || key == "other")
        readType(words, function);
      else
        readTerm(words, function);
    }
  }

  static void readType(const Words &words, Function &function) {
    expect(words.size() >= 2 && function.terms.empty(),
           "expected types with an element before the first term");
    Type type{words[0] == "type", std::string(words[1]), {words.begin() + 2, words.end()}, ""};
    expect(type.isTensor || type.extents.empty(), "expected the text of a type");
    for (std::string_view word : words)
      type.line += (type.line.empty() ? "" : " ") + std::string(word);
    function.types.push_back(std::move(type));
  }

  /// `leaf NAME TYPE`, `op NAME TYPE TERM...`, and properties: `KEY TYPE`, `KEY TYPE VALUE`.
  static void readTerm(const Words &words, Function &function) {
    using Kind = Term::Kind;
    static const std::map<std::string_view, Kind> kinds = {
        {"leaf", Kind::Leaf}, {"op", Kind::Operation}, {"int", Kind::Integer},
        {"real", Kind::Real}, {"text", Kind::Text},    {"splat", Kind::Splat},
        {"data", Kind::Data}, {"value", Kind::Value},  {"shape", Kind::Shape},
        {"none", Kind::None}};
    auto kind = kinds.find(words[0]);
    expect(kind != kinds.end() && function.steps.empty(),
           "expected a type, a term or a step, found '", words[0], "'");
    Term term;
    term.kind = kind->second;
    size_t count = term.kind == Kind::Shape || term.kind == Kind::None ? 2 : 3;
    size_t typeAt = term.isTerm() ? 2 : 1;
    expect(words.size() == count || (words.size() > count && term.kind == Kind::Operation),
           "expected ", std::to_string(count), " words");
    bool isTyped = term.isTerm() ? words[1] != "roots"
                                 : term.kind == Kind::Splat || term.kind == Kind::Data ||
                                       term.kind == Kind::Shape;
    expect((words[typeAt] != "-") == isTyped,
           "expected a type where there is one, and nowhere else");
    if (isTyped)
      term.type = index(words[typeAt], function.types.size(), "type");
    for (size_t at = 0; at < count; ++at)
      term.head += (at ? " " : "") + (at == typeAt && isTyped ? function.types[*term.type].line
                                                              : std::string(words[at]));
    std::string_view value = words[term.isTerm() ? 1 : count - 1];
    if (term.kind == Kind::Real || term.kind == Kind::Splat)
      term.real = real(value);
    std::optional<int64_t> integer = parseInteger(value);
    expect(term.kind != Kind::Integer || integer, "expected an integer, found '", value, "'");
    term.integer = integer.value_or(0);
    term.text = count == 3 ? value : "";
    for (size_t at = count; at < words.size(); ++at)
      term.kids.push_back(index(words[at], function.terms.size(), "term"));
    expect(std::ranges::is_partitioned(term.kids,
                                       [&](uint32_t kid) { return function.terms[kid].isTerm(); }),
           "expected operands before properties");
    function.terms.push_back(std::move(term));
  }

  static std::optional<uint32_t> part(std::string_view word, const Function &function) {
    if (word == "=")
      return std::nullopt;
    return index(word, function.steps.size(), "step");
  }

  static void readStep(const Words &words, Function &function) {
    Step step{steps.at(words[0]), "", 0, 0, {}};
    size_t at = step.isLaw() ? 2 : 1;
    expect(step.isLaw() ? words.size() == at + 2 : words.size() >= at + 2,
           "expected a step of two terms");
    if (step.isLaw())
      step.law = words[1];
    step.left = index(words[at], function.terms.size(), "term");
    step.right = index(words[at + 1], function.terms.size(), "term");
    for (size_t i = at + 2; i < words.size(); ++i)
      step.parts.push_back(part(words[i], function));
    function.steps.push_back(std::move(step));
  }

  Function readEnd(const Words &words, Function &function) {
    expect(words.size() == 5, "expected 'prove' and 4 words");
    function.before = index(words[1], function.terms.size(), "term");
    function.after = index(words[2], function.terms.size(), "term");
    function.last = part(words[3], function);
    function.hash = words[4];
    next("end", 1);
    return std::move(function);
  }

  static inline const std::map<std::string_view, Step::Kind> steps = {{"forth", Step::Kind::Forth},
                                                                      {"back", Step::Kind::Back},
                                                                      {"kids", Step::Kind::Kids},
                                                                      {"chain", Step::Kind::Chain}};

  std::string_view rest;
  size_t line = 0;
};

} // namespace

Proof readProof(std::string_view text) { return Reader(text).read(); }

} // namespace tern::check
