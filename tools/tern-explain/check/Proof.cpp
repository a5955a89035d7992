// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Proof.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Refusal.h"
#include "tools/tern-explain/check/Strings.h"

#include <cstdlib>

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
        readFunction(proof.functions.emplace_back());
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

  /// What has that number.
  template <typename Thing>
  static const Thing *find(std::string_view word, const std::deque<Thing> &things,
                           std::string_view what) {
    int64_t number = parseInteger(word).value_or(-1);
    expect(number >= 0 && number < std::ssize(things) && std::to_string(number) == word,
           "expected a ", what, " that stands before, found '", word, "'");
    return &things[number];
  }

  static double real(std::string_view word) {
    std::string text(word);
    char *end;
    double value = std::strtod(text.c_str(), &end);
    expect(end == text.c_str() + text.size(), "expected a number, found '", word, "'");
    return value;
  }

  void readFunction(Function &function) {
    function.name = next("function", 2)[1];
    const char *first = rest.data();
    types.clear();
    known.clear();
    for (;;) {
      std::string_view before = rest;
      Words words = next();
      if (words[0] == "prove") {
        function.text = std::string_view(first, before.data());
        return readEnd(words, function);
      }
      if (isOneOf(words[0], "forth back kids chain"))
        readStep(words, function);
      else if (isOneOf(words[0], "type other"))
        readType(words, function);
      else
        readTerm(words, function);
    }
  }

  void readType(const Words &words, Function &function) {
    bool isTensor = words[0] == "type";
    expect(words.size() >= 2 && (isTensor || words.size() == 2) && function.terms.empty(),
           "expected types with an element before the first term");
    Type type{isTensor, std::string(words[1]), {words.begin() + 2, words.end()}};
    types.push_back(&*function.types.insert(std::move(type)).first);
  }

  /// `leaf NAME TYPE`, `op NAME TYPE TERM...`, and properties: `KEY TYPE`, `KEY TYPE VALUE`.
  void readTerm(Words words, Function &function) {
    Term term;
    term.number = static_cast<uint32_t>(function.terms.size());
    term.key = words[0];
    expect(isOneOf(term.key, "leaf op int real text splat data value shape none") &&
               function.steps.empty(),
           "expected a type, a term or a step, found '", term.key, "'");
    size_t count = isOneOf(term.key, "shape none") ? 2 : 3, typeAt = term.isTerm() ? 2 : 1;
    expect(words.size() == count || (words.size() > count && term.key == "op"), "expected ",
           std::to_string(count), " words");
    bool isTyped = isOneOf(term.key, "leaf op splat data shape") && words[1] != "roots";
    expect((words[typeAt] != "-") == isTyped,
           "expected a type where there is one, and nowhere else");
    if (isTyped)
      term.type = *find(words[typeAt], types, "type");
    std::string_view value = words[term.isTerm() ? 1 : count - 1];
    if (count == 3)
      term.text = value;
    if (isOneOf(term.key, "real splat"))
      term.real = real(value);
    term.integer = parseInteger(value).value_or(0);
    expect(term.key != "int" || parseInteger(value), "expected an integer, found '", value, "'");
    for (size_t at = count; at < words.size(); ++at) {
      term.kids.push_back(find(words[at], function.terms, "term"));
      expect(term.kids.back()->type || !term.kids.back()->isTerm(), "an operand is the roots");
    }
    expect(std::ranges::is_partitioned(term.kids, &Term::isTerm),
           "expected operands before properties");
    // Equal terms have one number. An operation is the same whatever its type.
    words.erase(words.begin() + typeAt);
    expect(known.emplace(std::move(words), term.key == "op" ? nullptr : term.type).second,
           "the term stands there twice");
    function.terms.push_back(std::move(term));
  }

  static const Step *findStep(std::string_view word, const Function &function) {
    return word == "=" ? nullptr : find(word, function.steps, "step");
  }

  static void readStep(const Words &words, Function &function) {
    Step step;
    step.key = words[0];
    size_t at = step.isLaw() ? 2 : 1;
    expect(step.isLaw() ? words.size() == at + 2 : words.size() >= at + 2,
           "expected a step of two terms");
    if (step.isLaw())
      step.law = words[1];
    step.left = find(words[at], function.terms, "term");
    step.right = find(words[at + 1], function.terms, "term");
    for (size_t i = at + 2; i < words.size(); ++i)
      step.parts.push_back(findStep(words[i], function));
    function.steps.push_back(std::move(step));
  }

  void readEnd(const Words &words, Function &function) {
    expect(words.size() == 5, "expected 'prove' and 4 words");
    function.before = find(words[1], function.terms, "term");
    function.after = find(words[2], function.terms, "term");
    function.last = findStep(words[3], function);
    function.hash = words[4];
    next("end", 1);
  }

  std::string_view rest;
  size_t line = 0;
  std::deque<const Type *> types;                 ///< of the function, by number
  std::set<std::pair<Words, const Type *>> known; ///< its terms
};

} // namespace

Proof readProof(std::string_view text) { return Reader(text).read(); }

} // namespace tern::check
