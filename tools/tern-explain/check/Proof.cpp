// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Proof.h"

#include "tools/tern-explain/check/Rules.h"
#include "tools/tern-explain/check/Sum.h"

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
      Words head = next();
      if (head != Words{"tern-proof", "1"})
        throw Refusal("expected a file of 'tern-proof 1'");
      Words rules = next("rules", 3);
      if (rules[1] != "bit" && rules[1] != "real")
        throw Refusal("expected the tier bit or real");
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
    if (end == std::string_view::npos)
      throw Refusal("the file ends too soon");
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    ++line;
    Words words;
    for (size_t begin = 0; begin <= text.size();) {
      size_t blank = std::min(text.find(' ', begin), text.size());
      if (blank == begin)
        throw Refusal("expected one blank between words");
      words.push_back(text.substr(begin, blank - begin));
      begin = blank + 1;
    }
    return words;
  }

  Words next(std::string_view name, size_t count) {
    Words words = next();
    if (words[0] != name || words.size() != count)
      throw Refusal("expected '" + std::string(name) + "' and " + std::to_string(count - 1) +
                    " words");
    return words;
  }

  static std::string decode(std::string_view word) {
    std::string text;
    if (word == "%")
      return text;
    auto digit = [](char c) -> int {
      return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    for (size_t at = 0; at < word.size(); ++at) {
      if (word[at] != '%') {
        text += word[at];
        continue;
      }
      if (at + 2 >= word.size() || digit(word[at + 1]) < 0 || digit(word[at + 2]) < 0)
        throw Refusal("expected two digits after %");
      text += static_cast<char>(digit(word[at + 1]) * 16 + digit(word[at + 2]));
      at += 2;
    }
    return text;
  }

  /// The number of something that stands before.
  static uint32_t index(std::string_view word, size_t count, std::string_view what) {
    std::optional<int64_t> number = parseInteger(word);
    if (!number || *number < 0 || static_cast<uint64_t>(*number) >= count)
      throw Refusal("expected a " + std::string(what) + " that stands before, found '" +
                    std::string(word) + "'");
    return static_cast<uint32_t>(*number);
  }

  static int64_t integer(std::string_view word) {
    std::optional<int64_t> number = parseInteger(word);
    if (!number)
      throw Refusal("expected an integer, found '" + std::string(word) + "'");
    return *number;
  }

  static double real(std::string_view word) {
    std::string text(word);
    char *end;
    double value = std::strtod(text.c_str(), &end);
    if (end != text.c_str() + text.size())
      throw Refusal("expected a number, found '" + text + "'");
    return value;
  }

  Function readFunction() {
    Function function;
    function.name = decode(next("function", 2)[1]);
    for (;;) {
      Words words = next();
      std::string_view key = words[0];
      if (key == "type" || key == "other")
        readType(words, function);
      else if (key == "forth" || key == "back" || key == "kids" || key == "chain")
        readStep(words, function);
      else if (key == "prove")
        return readEnd(words, function);
      else
        readTerm(words, function);
    }
  }

  static void readType(const Words &words, Function &function) {
    if (words.size() < 2 || !function.terms.empty())
      throw Refusal("expected types with an element before the first term");
    Type type{words[0] == "type", decode(words[1]), {}, ""};
    for (size_t at = 2; at < words.size(); ++at)
      type.extents.push_back(decode(words[at]));
    if (!type.isTensor && !type.extents.empty())
      throw Refusal("expected the text of a type");
    for (std::string_view word : words)
      type.line += (type.line.empty() ? "" : " ") + std::string(word);
    for (const std::string &extent : type.extents)
      if (extent != "?" && !Sum::parse(extent))
        throw Refusal("expected a size, found '" + extent + "'");
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
    if (kind == kinds.end() || !function.steps.empty())
      throw Refusal("expected a type, a term or a step, found '" + std::string(words[0]) + "'");
    Term term;
    term.kind = kind->second;
    size_t count = term.kind == Kind::Shape || term.kind == Kind::None ? 2 : 3;
    size_t typeAt = term.isTerm() ? 2 : 1;
    if (words.size() < count || (words.size() > count && term.kind != Kind::Operation))
      throw Refusal("expected " + std::to_string(count) + " words");
    bool isTyped = term.isTerm() ? words[1] != "roots"
                                 : term.kind == Kind::Splat || term.kind == Kind::Data ||
                                       term.kind == Kind::Shape;
    if ((words[typeAt] != "-") != isTyped)
      throw Refusal("expected a type where there is one, and nowhere else");
    if (isTyped)
      term.type = index(words[typeAt], function.types.size(), "type");
    for (size_t at = 0; at < count; ++at)
      term.head += (at ? " " : "") + (at == typeAt && isTyped ? function.types[*term.type].line
                                                              : std::string(words[at]));
    std::string_view value = words[term.isTerm() ? 1 : count - 1];
    if (term.kind == Kind::Real || term.kind == Kind::Splat)
      term.real = real(value);
    else if (term.kind == Kind::Integer)
      term.integer = integer(value);
    else if (count == 3)
      term.text = decode(value);
    for (size_t at = count; at < words.size(); ++at)
      term.kids.push_back(index(words[at], function.terms.size(), "term"));
    function.terms.push_back(std::move(term));
  }

  static std::optional<uint32_t> part(std::string_view word, const Function &function) {
    if (word == "=")
      return std::nullopt;
    return index(word, function.steps.size(), "step");
  }

  static void readStep(const Words &words, Function &function) {
    using Kind = Step::Kind;
    bool isLaw = words[0] == "forth" || words[0] == "back";
    size_t at = isLaw ? 2 : 1;
    if (words.size() < at + 2 || (isLaw && words.size() != at + 2))
      throw Refusal("expected a step of two terms");
    Step step;
    step.kind = words[0] == "forth"  ? Kind::Forth
                : words[0] == "back" ? Kind::Back
                : words[0] == "kids" ? Kind::Kids
                                     : Kind::Chain;
    if (isLaw)
      step.law = decode(words[1]);
    step.left = index(words[at], function.terms.size(), "term");
    step.right = index(words[at + 1], function.terms.size(), "term");
    for (size_t i = at + 2; i < words.size(); ++i)
      step.parts.push_back(part(words[i], function));
    function.steps.push_back(std::move(step));
  }

  Function readEnd(const Words &words, Function &function) {
    if (words.size() != 5)
      throw Refusal("expected 'prove' and 4 words");
    function.before = index(words[1], function.terms.size(), "term");
    function.after = index(words[2], function.terms.size(), "term");
    function.last = part(words[3], function);
    function.hash = words[4];
    next("end", 1);
    return std::move(function);
  }

  std::string_view rest;
  size_t line = 0;
};

} // namespace

Proof readProof(std::string_view text) { return Reader(text).read(); }

} // namespace tern::check
