// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Rules.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace tern::check {

static constexpr size_t deepest = 64;

bool Expression::isCall(std::string_view name, size_t parts) const {
  return list.size() == parts + 1 && list[0].atom == name;
}

std::string Expression::text() const {
  if (!isList())
    return atom;
  std::string all;
  for (const Expression &part : list)
    all += (all.empty() ? "" : " ") + part.text();
  return "(" + all + ")";
}

static std::vector<std::string_view> wordsOf(std::string_view text) {
  std::vector<std::string_view> words = split(text, " \t\r");
  std::erase(words, "");
  return words;
}

static std::vector<Expression> parseAll(std::string_view text) {
  std::string spaced;
  for (char c : text)
    spaced += c == '(' || c == ')' ? std::string{' ', c, ' '} : std::string{c};
  std::vector<std::vector<Expression>> open(1);
  for (std::string_view word : wordsOf(spaced)) {
    bool isClosed = word == ")";
    expect(open.size() < deepest && (!isClosed || (open.size() > 1 && !open.back().empty())), "'",
           text, "' does not balance, or nests too deep");
    if (word == "(") {
      open.emplace_back();
    } else if (!isClosed) {
      open.back().push_back({std::string(word), {}});
    } else {
      Expression closed{"", std::move(open.back())};
      open.pop_back();
      open.back().push_back(std::move(closed));
    }
  }
  expect(open.size() == 1, "'", text, "' does not balance");
  return std::move(open[0]);
}

/// `a+b*2` as `(+ a (* b 2))`.
static Expression parseEquation(std::string_view text, std::string_view marks = "+*") {
  expect(!text.empty(), "expected a sum of products, found ''");
  if (marks.empty())
    return {std::string(text), {}};
  Expression all{"", {{std::string(marks.substr(0, 1)), {}}}};
  for (std::string_view part : split(text, marks.substr(0, 1)))
    all.list.push_back(parseEquation(part, marks.substr(1)));
  return all.list.size() == 2 ? Expression(all.list[1]) : all;
}

int Law::dim(std::string_view name) const {
  auto at = std::ranges::find(dims, name);
  return at == dims.end() ? -1 : static_cast<int>(at - dims.begin());
}

int Law::variable(std::string_view name) const {
  auto at = std::ranges::find(variables, name, &Variable::name);
  return at == variables.end() ? -1 : static_cast<int>(at - variables.begin());
}

namespace {

/// What a word that no operation is means: `(low_rank rk,ak,na->rn x A B c)` and the other side of
/// the first law that has that as its right side, so that the law holds by definition.
struct Definition {
  Expression word, meaning;
};
using Definitions = std::map<std::string, Definition, std::less<>>;

/// Which letters of `text` the letters of `pattern` stand for: `gen,gn` for `ad,a`.
bool fitLetters(std::string_view pattern, std::string_view text,
                std::map<char, std::string> &letters, int &tries) {
  expect(--tries > 0, "'", text, "' fits in more ways than can be tried");
  if (pattern.empty())
    return text.empty();
  bool isLetter = std::isalpha(static_cast<unsigned char>(pattern[0]));
  auto known = letters.find(pattern[0]);
  if (!isLetter || known != letters.end()) {
    std::string_view own = isLetter ? std::string_view(known->second) : pattern.substr(0, 1);
    return text.starts_with(own) &&
           fitLetters(pattern.substr(1), text.substr(own.size()), letters, tries);
  }
  size_t most = std::min(text.find_first_of(",-"), text.size());
  for (size_t count = 0; count <= most; ++count) {
    size_t length = count < 2 ? std::min(most, 1 - count) : count; // one letter first
    letters[pattern[0]] = text.substr(0, length);
    if (fitLetters(pattern.substr(1), text.substr(length), letters, tries))
      return true;
    letters.erase(pattern[0]);
  }
  return false;
}

Expression substitute(const Expression &text, const std::map<std::string, Expression> &arguments,
                      const std::map<char, std::string> &letters) {
  if (auto argument = arguments.find(text.atom); argument != arguments.end())
    return argument->second;
  Expression result;
  for (char c : text.atom)
    result.atom += text.isString() && letters.contains(c) ? letters.at(c) : std::string{c};
  for (const Expression &part : text.list)
    result.list.push_back(substitute(part, arguments, letters));
  // A scale of 1 is none.
  bool isOne = result.isCall("mul", 2) && result.list[1].atom == "1";
  return isOne ? Expression(result.list[2]) : result;
}

std::optional<Expression> expand(const Expression &text, const Definitions &definitions) {
  auto known = definitions.find(text.list[0].atom);
  if (known == definitions.end())
    return std::nullopt;
  const Expression &word = known->second.word;
  std::map<char, std::string> letters;
  std::map<std::string, Expression> arguments;
  bool isRight = text.list.size() == word.list.size();
  int tries = 4096;
  for (size_t at = 1; isRight && at < text.list.size(); ++at)
    if (word.list[at].isString())
      isRight = fitLetters(word.list[at].atom, text.list[at].atom, letters, tries);
    else
      arguments[word.list[at].atom] = text.list[at];
  expect(isRight, "'", text.text(), "' is not of the form ", word.text());
  return substitute(known->second.meaning, arguments, letters);
}

/// True if the meaning of each word in it is an operation.
bool isOfWords(const Expression &text) {
  return !text.isList() || ((text.list[0].atom == "size" || findWord(text.list[0].atom)) &&
                            std::ranges::all_of(text.list, isOfWords));
}

/// The text of one law.
struct Record {
  std::string place; ///< `FILE:LINE: `
  std::vector<std::string_view> head;
  std::map<std::string_view, std::vector<std::string_view>> lines; ///< by their first word

  /// The one term of the line `lhs` or `rhs`.
  Expression term(std::string_view key) {
    expect(lines[key].size() == 1, "expected one line '", key, "'");
    std::vector<Expression> terms = parseAll(lines[key][0]);
    expect(terms.size() == 1, "expected one term in '", lines[key][0], "'");
    return terms[0];
  }
};

class Reader {
public:
  Reader(Record &record, const Definitions &definitions)
      : record(record), definitions(definitions) {}

  Law read() {
    law.name = record.head[1];
    law.isBit = record.head[2] == "B";
    readDims();
    // Of guards, which say when a law pays, one is what its truth needs.
    for (std::string_view key : {"typed", "when", "guard"})
      for (std::string_view text : record.lines[key])
        for (Expression &condition : parseAll(text))
          if (key != "guard" || condition.isCall("exact", 2))
            law.conditions.push_back(std::move(condition));
    // A letter in front of all strings, for axes that all operands share.
    if (std::ranges::none_of(law.conditions, [](const Expression &condition) {
          return condition.isCall("bijective", 1) || condition.isCall("orthogonal", 1);
        })) {
      frame = static_cast<int>(law.dims.size());
      law.dims.push_back("<frame>");
    }
    readVariables();
    law.left = parse(record.term("lhs"));
    law.right = parse(record.term("rhs"));
    findBlocks();
    return std::move(law);
  }

private:
  void readDims() {
    for (std::string_view line : record.lines["dims"])
      for (std::string_view word : wordsOf(line)) {
        size_t equals = word.find('=');
        expect(equals != 0, "expected the name of a size, found '", word, "'");
        law.dims.push_back(std::string(word.substr(0, equals)));
        if (equals != std::string_view::npos)
          law.equations.emplace_back(law.dims.size() - 1, parseEquation(word.substr(equals + 1)));
      }
  }

  void readVariables() {
    for (std::string_view line : record.lines["vars"])
      for (std::string_view word : wordsOf(line)) {
        size_t mark = word.find_first_of(":?");
        expect(mark != std::string_view::npos, "expected NAME:AXES, found '", word, "'");
        Variable variable{Variable::Kind::Tensor, std::string(word.substr(0, mark)), {}};
        std::string_view axes = word.substr(mark + 1);
        size_t bound = axes.find('<');
        using Kind = Variable::Kind;
        variable.kind = axes == "fn"                      ? Kind::Function
                        : axes == "type"                  ? Kind::Element
                        : isOneOf(axes, "cache view")     ? Kind::Source
                        : bound != std::string_view::npos ? Kind::Index
                        : word[mark] == '?'               ? Kind::Truth
                                                          : Kind::Tensor;
        if (bound != std::string_view::npos)
          variable.bound = letter(axes.back());
        if (variable.kind < Variable::Kind::Function && axes != ".") {
          variable.letters = parsed(axes.substr(0, bound)).operands[0];
          addFrame(variable.letters);
        }
        law.variables.push_back(std::move(variable));
      }
  }

  int letter(char name) const {
    int dim = law.dim(std::string_view(&name, 1));
    expect(dim >= 0, "'", std::string(1, name), "' is no size of the law");
    return dim;
  }

  void addFrame(Letters &letters) const {
    if (frame >= 0 && !letters.empty())
      letters.insert(letters.begin(), frame);
  }

  Strings parsed(std::string_view text) const {
    return parseStrings(text, [&](char name) { return letter(name); });
  }

  Strings strings(std::string text, const Word &word) const {
    std::erase(text, '.'); // nk..
    Strings own = parsed(text);
    expect(own.marks.empty() || word.form == Form::Axes, "'", text, "' goes along no axis");
    complete(own, word);
    for (Letters &operand : own.operands)
      addFrame(operand);
    addFrame(own.result);
    if (word.name == "bcast" || word.name == "perm")
      own.spreadAll();
    own.spread.resize(own.operands.size());
    return own;
  }

  /// What the text of some words leaves out.
  static void complete(Strings &own, const Word &word) {
    auto letterAt = [](const Letters &letters, size_t at) {
      expect(at < letters.size(), "the string has too few letters");
      return letters[at];
    };
    Form form = word.form;
    own.areJoined = form == Form::Concat;
    if (form == Form::Axes && word.operands == 0)
      own.marks = std::exchange(own.operands, {}); // what it counts along
    else if (!own.marks.empty())
      own.operands.resize(word.operands, own.result);
    for (const Letters &mark : own.marks)
      expect(lacking(mark, own.result).empty(), "'", word.name, "' goes along another axis");
    if (word.name == "lse" && !own.marks.empty())
      own.result = lacking(own.result, std::exchange(own.marks, {})[0]);
    if (form == Form::Turn) {
      expect(own.operands.size() == 2, "'", word.name, "' needs two groups of letters");
      const Letters x = own.result = own.operands[0], table = own.operands[1];
      own.operands.push_back(table);
      own.marks = {{letterAt(x, x.size() - 1)}};
      if (word.name.starts_with("turn_"))
        own.marks.push_back({x[0]});
      Letters between = lacking(lacking(x, table), own.marks[0]);
      own.spread = {{}, between, between};
    } else if (form == Form::Slots) {
      own.result = std::exchange(own.operands, {})[0];
      for (int letter : own.result)
        own.marks.push_back({letter});
    } else if (form == Form::Attend || form == Form::Grouped) {
      own.marks = {{letterAt(own.result, 0)}, {letterAt(own.result, 1)}};
      if (form == Form::Grouped && own.operands.size() > 1)
        own.marks.push_back({letterAt(own.operands[1], 0)});
    } else if (form == Form::Attention && word.operands == 4 && own.operands.size() == 3) {
      // The bias has rows of queries, then keys.
      const Letters &q = own.operands[0], &k = own.operands[1];
      Letters bias = lacking(q, lacking(q, own.result));
      std::ranges::copy(lacking(lacking(k, q), own.result), std::back_inserter(bias));
      own.operands.push_back(bias);
    }
  }

  Pattern parse(const Expression &text) {
    if (!text.isList())
      return parseAtom(text.atom);
    expect(!text.list[0].isList(), "expected an operation, found ", text.text());
    if (text.isCall("size", 1)) {
      int dim = law.dim(text.list[1].atom);
      return {.kind = Pattern::Kind::Size,
              .counted = dim < 0 ? parsed(text.list[1].atom).operands[0] : Letters{dim}};
    }
    const std::string &name = text.list[0].atom;
    Pattern pattern{.kind = Pattern::Kind::Term, .word = findWord(name)};
    if (!pattern.word) {
      std::optional<Expression> meaning = expand(text, definitions);
      if (meaning && ++expansions < 64)
        return parse(*meaning);
      law.unknown = name;
      return pattern;
    }
    parseParts(text, pattern);
    std::vector<double> numbers;
    for (const Pattern &kid : pattern.kids)
      if (kid.kind == Pattern::Kind::Number)
        numbers.push_back(kid.number);
    std::optional<double> value = evaluate(pattern.word->operation, numbers);
    if (!value || numbers.size() < pattern.kids.size())
      return pattern;
    return {.kind = Pattern::Kind::Number, .number = *value, .isExact = false};
  }

  void parseParts(const Expression &text, Pattern &pattern) {
    const Word &word = *pattern.word;
    size_t at = 1;
    auto next = [&]() -> const Expression & {
      expect(at < text.list.size(), "'", word.name, "' has too few parts");
      return text.list[at++];
    };
    auto variableOf = [&](Variable::Kind kind) {
      int variable = law.variable(next().atom);
      expect(variable >= 0 && law.variables[variable].kind == kind, "'", word.name,
             "' needs a variable of its kind");
      return variable;
    };
    bool hasString = word.form != Form::Plain && word.form != Form::Map && word.form != Form::Cast;
    if (word.form == Form::Map)
      pattern.function = variableOf(Variable::Kind::Function);
    else if (word.name == "cast")
      pattern.function = variableOf(Variable::Kind::Element);
    else if (word.name == "rnd") // the one type that the law rounds to
      pattern.function = static_cast<int>(law.variables.size());
    else if (hasString)
      pattern.strings = strings(next().atom, word);
    size_t count = word.form == Form::Concat ? pattern.strings.operands.size() : word.operands;
    for (size_t i = 0; i < count; ++i)
      pattern.kids.push_back(parse(next()));
    auto isEach = [](const Pattern &kid) { return kid.kind == Pattern::Kind::Each; };
    expect(std::ranges::none_of(pattern.kids, isEach) || (word.form == Form::Concat && count == 1),
           "'", word.name, "' reads operands one by one");
    for (size_t i = 0; i < word.sources; ++i)
      pattern.sources.push_back(
          variableOf(i < 2 ? Variable::Kind::Source : Variable::Kind::Element));
    for (size_t i = 0; i < word.scalars; ++i)
      if (word.areSizes)
        pattern.sizes.push_back(next());
      else
        pattern.scalars.push_back(parse(next()));
    expect(at == text.list.size(), "'", word.name, "' takes another number of scalars");
    if (!hasString) {
      for (const Pattern &kid : pattern.kids)
        if (pattern.strings.result.empty())
          pattern.strings.result = kid.strings.result;
      for (const Pattern &kid : pattern.kids)
        pattern.strings.operands.push_back(kid.strings.result.empty() ? Letters()
                                                                      : pattern.strings.result);
      pattern.strings.spreadAll();
    }
    if (!law.unknown.empty())
      return;
    auto sizeOf = [](const Pattern &kid) { return kid.strings.result.size(); };
    expect(std::ranges::equal(pattern.kids, pattern.strings.operands, {}, sizeOf, &Letters::size),
           "'", word.name, "' reads operands of other axes");
  }

  Pattern parseAtom(const std::string &atom) {
    bool isEach = atom.ends_with("..");
    int at = law.variable(std::string_view(atom).substr(0, atom.size() - 2 * isEach));
    if (at < 0) {
      auto [number, isExact] = parseNumber(atom);
      return {.kind = Pattern::Kind::Number, .number = number, .isExact = isExact};
    }
    const Variable &variable = law.variables[at];
    expect(variable.kind < Variable::Kind::Function, "'", atom, "' stands where a tensor does");
    return {.kind = isEach ? Pattern::Kind::Each : Pattern::Kind::Variable,
            .variable = at,
            .strings = {.result = variable.letters}};
  }

  /// `2`, `-1/3`, `0.5`, `-inf`, `pi`, and whether the double is that very number.
  static std::pair<double, bool> parseNumber(const std::string &atom) {
    if (atom == "pi")
      return {M_PI, false};
    size_t slash = atom.find('/');
    auto parse = [&](std::string_view text) {
      double value;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      expect(error == std::errc() && end == text.data() + text.size() && !std::isnan(value), "'",
             atom, "' is neither a variable of the law nor a number");
      return value;
    };
    double above = parse(std::string_view(atom).substr(0, slash));
    if (slash == std::string::npos)
      return {above, atom.find('.') == std::string::npos || std::fmod(above * 65536, 1) == 0};
    double below = parse(std::string_view(atom).substr(slash + 1));
    return {above / below, std::fma(above / below, below, -above) == 0};
  }

  /// A letter that nothing looks inside may stand for a block of axes.
  void findBlocks() {
    law.mayBeBlock.assign(law.dims.size(), true);
    for (const auto &[dim, size] : law.equations) {
      if (law.dim(size.atom) >= 0)
        continue; // as many elements, whatever the axes are
      law.mayBeBlock[dim] = false;
      useSizes(size);
    }
    useLetters(law.left);
    useLetters(law.right);
  }

  void useSizes(const Expression &size) {
    if (int dim = law.dim(size.atom); dim >= 0)
      law.mayBeBlock[dim] = false;
    for (const Expression &part : size.list)
      useSizes(part);
  }

  void useLetters(const Pattern &pattern) {
    std::ranges::for_each(pattern.sizes, [&](const Expression &size) { useSizes(size); });
    std::ranges::for_each(pattern.kids, [&](const Pattern &kid) { useLetters(kid); });
    if (!pattern.word)
      return;
    const Strings &strings = pattern.strings;
    Form form = pattern.word->form;
    std::string_view name = pattern.word->name;
    auto use = [&](const Letters &letters) {
      for (int dim : letters)
        law.mayBeBlock[dim] = false;
    };
    if (form == Form::Cut || form == Form::Concat || name == "gather")
      for (const Letters &operand : strings.operands)
        use(lacking(operand, strings.result));
    if (form == Form::Cut || form == Form::Concat || name == "scatter_add" || name == "one_hot")
      use(lacking(strings.result, strings.operands[0]));
    // Of softmax and norms the axes may be several.
    if (form != Form::Axes || name == "cumsum" || name == "topk_mask" || name == "iota")
      std::ranges::for_each(strings.marks, use);
    if (form == Form::Turn)
      use(lacking(strings.operands[1], strings.operands[0]));
  }

  Record &record;
  const Definitions &definitions;
  Law law{};
  int frame = -1;
  int expansions = 0;
};

} // namespace

static std::vector<Record> readRecords(const RuleText &file) {
  std::vector<Record> records;
  size_t number = 0;
  for (std::string_view line : split(file.text, "\n")) {
    ++number;
    line = line.substr(0, line.find(';'));
    std::vector<std::string_view> words = wordsOf(line);
    if (words.empty())
      continue;
    std::string place = file.name + ":" + std::to_string(number) + ": ";
    if (words[0] != "law") {
      expect(!records.empty(), place, "expected a law");
      line.remove_prefix(words[0].data() + words[0].size() - line.data());
      records.back().lines[words[0]].push_back(line);
      continue;
    }
    expect(words.size() >= 4 && isOneOf(words[2], "B R") && isOneOf(words[3], "=> <=>"), place,
           "expected 'law NAME TIER WAY'");
    records.push_back({place, words, {}});
  }
  return records;
}

static void define(Record &record, Definitions &definitions) {
  Expression word = record.term("rhs"), meaning = record.term("lhs");
  bool isOfAtoms = word.list.size() > 2 && std::ranges::none_of(word.list, &Expression::isList);
  if (isOfAtoms && !findWord(word.list[0].atom) && isOfWords(meaning) &&
      !record.lines.contains("when") && !record.lines.contains("typed"))
    definitions.try_emplace(word.list[0].atom, Definition{word, meaning});
}

std::map<std::string, Law, std::less<>> readRules(const std::vector<RuleText> &files) {
  std::map<std::string, Law, std::less<>> laws;
  Definitions definitions;
  for (auto [word, meaning] :
       {std::pair("(attention_masked S q k v m c)", "(attention_bias S q k v (where m 0 -inf) c)"),
        std::pair("(rope_half S x a)", "(turned_half S x (cos a) (sin a))"),
        std::pair("(rope_pair S x a)", "(turned_pair S x (cos a) (sin a))")})
    definitions[parseAll(word)[0].list[0].atom] = {parseAll(word)[0], parseAll(meaning)[0]};
  std::vector<Record> records;
  for (const RuleText &file : files)
    std::ranges::move(readRecords(file), std::back_inserter(records));
  for (bool defines : {true, false})
    for (Record &record : records) {
      try {
        if (defines)
          define(record, definitions);
        else if (Law law = Reader(record, definitions).read();
                 !laws.try_emplace(law.name, law).second)
          throw Refusal("there is another law '" + law.name + "'");
      } catch (const Refusal &refusal) {
        throw Refusal(record.place + refusal.what());
      }
    }
  return laws;
}

} // namespace tern::check
