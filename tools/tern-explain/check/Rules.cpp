// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Rules.h"

#include "tools/tern-explain/check/Sum.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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

static std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    size_t end = text.find_first_of(at, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos)
      return parts;
    begin = end + 1;
  }
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
    if (word == "(") {
      open.emplace_back();
    } else if (word != ")") {
      open.back().push_back({std::string(word), {}});
    } else if (open.size() > 1 && !open.back().empty()) {
      Expression closed{"", std::move(open.back())};
      open.pop_back();
      open.back().push_back(std::move(closed));
    } else {
      open.clear();
    }
    if (open.empty() || open.size() > deepest)
      break;
  }
  if (open.size() != 1)
    throw Refusal("'" + std::string(text) + "' does not balance, or nests too deep");
  return std::move(open[0]);
}

/// `a+b*2` as `(+ a (* b 2))`.
static Expression parseEquation(std::string_view text) {
  Expression sum{"", {Expression{"+", {}}}};
  for (std::string_view term : split(text, "+")) {
    Expression product{"", {Expression{"*", {}}}};
    for (std::string_view factor : split(term, "*")) {
      if (factor.empty())
        throw Refusal("expected a sum of products, found '" + std::string(text) + "'");
      product.list.push_back({std::string(factor), {}});
    }
    sum.list.push_back(std::move(product));
  }
  return sum;
}

int Law::dim(std::string_view name) const {
  auto at = std::ranges::find(dims, name);
  return at == dims.end() ? -1 : static_cast<int>(at - dims.begin());
}

int Law::otherName(const Expression &size) const {
  if (size.list.size() != 2 || size.list[1].list.size() != 2)
    return -1;
  return dim(size.list[1].list[1].atom);
}

int Law::variable(std::string_view name) const {
  auto at = std::ranges::find(variables, name, &Variable::name);
  return at == variables.end() ? -1 : static_cast<int>(at - variables.begin());
}

namespace {

/// The lines of one law by their first word.
using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

class Reader {
public:
  explicit Reader(const Lines &lines) : lines(lines) {}

  Law read(const std::vector<std::string_view> &head) {
    if (head.size() < 4 || (head[2] != "B" && head[2] != "R") ||
        (head[3] != "=>" && head[3] != "<=>"))
      throw Refusal("expected 'law NAME TIER WAY'");
    law.name = head[1];
    law.isBit = head[2] == "B";
    readDims();
    // A letter in front of all strings, for axes that all operands share.
    if (!has("bijective") && !has("orthogonal")) {
      law.dims.push_back("<frame>");
      frame = static_cast<int>(law.dims.size()) - 1;
    }
    readVariables();
    for (std::string_view key : {"typed", "when", "guard"})
      for (std::string_view text : all(key))
        for (Expression &condition : parseAll(text))
          law.conditions.push_back(std::move(condition));
    law.left = parse(one("lhs"));
    law.right = parse(one("rhs"));
    findBlocks();
    return std::move(law);
  }

private:
  std::vector<std::string_view> all(std::string_view key) const {
    std::vector<std::string_view> found;
    for (const auto &[name, text] : lines)
      if (name == key)
        found.push_back(text);
    return found;
  }

  Expression one(std::string_view key) const {
    std::vector<std::string_view> found = all(key);
    if (found.size() != 1)
      throw Refusal("expected one line '" + std::string(key) + "'");
    std::vector<Expression> terms = parseAll(found[0]);
    if (terms.size() != 1)
      throw Refusal("expected one term in '" + std::string(found[0]) + "'");
    return std::move(terms[0]);
  }

  bool has(std::string_view condition) const {
    return std::ranges::any_of(lines, [&](const auto &line) {
      return line.second.find("(" + std::string(condition) + " ") != std::string_view::npos;
    });
  }

  void readDims() {
    for (std::string_view line : all("dims"))
      for (std::string_view word : wordsOf(line)) {
        size_t equals = word.find('=');
        law.dims.push_back(std::string(word.substr(0, equals)));
        if (equals != std::string_view::npos)
          law.equations.emplace_back(law.dims.size() - 1, parseEquation(word.substr(equals + 1)));
      }
  }

  void readVariables() {
    for (std::string_view line : all("vars"))
      for (std::string_view word : wordsOf(line)) {
        size_t mark = word.find_first_of(":?");
        if (mark == std::string_view::npos)
          throw Refusal("expected NAME:AXES, found '" + std::string(word) + "'");
        Variable variable{Variable::Kind::Tensor, std::string(word.substr(0, mark)), {}};
        std::string_view axes = word.substr(mark + 1);
        size_t bound = axes.find('<');
        if (axes == "fn")
          variable.kind = Variable::Kind::Function;
        else if (axes == "type" || axes == "cache" || axes == "view")
          variable.kind = Variable::Kind::Element; // or what no word that is known takes
        else if (bound != std::string_view::npos)
          variable.kind = Variable::Kind::Index;
        else if (word[mark] == '?')
          variable.kind = Variable::Kind::Truth;
        if (variable.kind != Variable::Kind::Function && variable.kind != Variable::Kind::Element &&
            axes != ".")
          variable.letters = letters(axes.substr(0, bound));
        law.variables.push_back(std::move(variable));
      }
  }

  Letters letters(std::string_view text, bool isFramed = true) const {
    Letters found;
    if (isFramed && frame >= 0 && !text.empty())
      found.push_back(frame);
    for (char letter : text) {
      int dim = law.dim(std::string_view(&letter, 1));
      if (dim < 0)
        throw Refusal("'" + std::string(1, letter) + "' in '" + std::string(text) +
                      "' is no size of the law");
      if (std::ranges::find(found, dim) != found.end())
        throw Refusal("'" + std::string(text) + "' has one letter twice");
      found.push_back(dim);
    }
    return found;
  }

  Strings strings(std::string_view text, const Word &word) const {
    Strings parsed;
    if (size_t slash = text.find('/'); slash != std::string_view::npos) {
      Letters whole = letters(text.substr(0, slash)),
              along = letters(text.substr(slash + 1), false);
      parsed.operands.assign(std::max<size_t>(word.operands, 1), whole);
      parsed.result = whole;
      if (word.form == Form::Axes) // lse rs/s x is a reduction
        std::erase_if(parsed.result,
                      [&](int dim) { return std::ranges::find(along, dim) != along.end(); });
      else
        parsed.along = along;
      return parsed;
    }
    size_t arrow = text.find("->");
    if (arrow == std::string_view::npos)
      throw Refusal("expected an index string, found '" + std::string(text) + "'");
    for (std::string_view operand : split(text.substr(0, arrow), ",")) {
      if (operand.ends_with(".."))
        operand.remove_suffix(2);
      // The axis that iota counts along is no operand's.
      parsed.operands.push_back(letters(operand, word.operands > 0 || word.form == Form::Concat));
    }
    parsed.result = letters(text.substr(arrow + 2));
    return parsed;
  }

  Pattern parse(const Expression &text) {
    if (!text.isList())
      return parseAtom(text.atom);
    if (text.list[0].isList())
      throw Refusal("expected an operation, found " + text.text());
    const std::string &name = text.list[0].atom;
    Pattern pattern;
    if (text.isCall("size", 1) && !text.list[1].isList()) {
      pattern.kind = Pattern::Kind::Size;
      const std::string &size = text.list[1].atom;
      if (int dim = law.dim(size); dim >= 0)
        pattern.strings.result = {dim};
      else
        pattern.strings.result = letters(size, false);
      return pattern;
    }
    pattern.kind = Pattern::Kind::Term;
    pattern.word = findWord(name);
    if (!pattern.word) {
      law.unknown = "'" + name + "' is no operation that the checker knows";
      return pattern;
    }
    const Word &word = *pattern.word;
    size_t at = 1;
    if (word.form == Form::Map || word.form == Form::Cast) {
      pattern.function = at < text.list.size() ? law.variable(text.list[at].atom) : -1;
      auto kind = word.form == Form::Map ? Variable::Kind::Function : Variable::Kind::Element;
      if (pattern.function < 0 || law.variables[pattern.function].kind != kind)
        throw Refusal("'" + name + "' needs a variable of its kind first");
      ++at;
    } else if (word.form != Form::Plain && word.form != Form::Round) {
      if (at >= text.list.size() || text.list[at].isList())
        throw Refusal("'" + name + "' needs an index string");
      pattern.strings = strings(text.list[at++].atom, word);
    }
    size_t operands = word.form == Form::Concat ? pattern.strings.operands.size() : word.operands;
    if (!pattern.strings.operands.empty() && word.operands > 0 &&
        pattern.strings.operands.size() != operands)
      throw Refusal("'" + name + "' has another number of strings than operands");
    if (text.list.size() < at + operands)
      throw Refusal("'" + name + "' has too few operands");
    for (size_t i = 0; i < operands; ++i)
      pattern.kids.push_back(parse(text.list[at++]));
    pattern.scalars.assign(text.list.begin() + at, text.list.end());
    bool takesOne = word.form == Form::Norm || word.form == Form::TopK ||
                    word.form == Form::Slice || word.form == Form::Pad;
    if (pattern.scalars.size() != (takesOne ? 1 : 0))
      throw Refusal("'" + name + "' takes another number of scalars");
    return pattern;
  }

  Pattern parseAtom(const std::string &atom) {
    Pattern pattern;
    pattern.kind = Pattern::Kind::Variable;
    if (atom.ends_with("..")) {
      pattern.kind = Pattern::Kind::Each;
      pattern.variable = law.variable(std::string_view(atom).substr(0, atom.size() - 2));
    } else {
      pattern.variable = law.variable(atom);
    }
    if (pattern.variable >= 0) {
      auto kind = law.variables[pattern.variable].kind;
      if (kind == Variable::Kind::Function || kind == Variable::Kind::Element)
        throw Refusal("'" + atom + "' stands where a tensor does");
      return pattern;
    }
    pattern.kind = Pattern::Kind::Number;
    std::tie(pattern.number, pattern.isExact) = parseNumber(atom);
    return pattern;
  }

  /// `2`, `-1/3`, `0.5`, `-inf`, `pi`, and whether the double is that very number.
  static std::pair<double, bool> parseNumber(const std::string &atom) {
    if (atom == "pi")
      return {M_PI, false};
    size_t slash = atom.find('/');
    auto parse = [&](std::string_view text) {
      double value;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size() || std::isnan(value))
        throw Refusal("'" + atom + "' is neither a variable of the law nor a number");
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
      if (law.otherName(size) >= 0)
        continue; // as many elements, whatever the axes are
      law.mayBeBlock[dim] = false;
      useSizes(size);
    }
    for (const Expression &condition : law.conditions)
      if (std::ispunct(
              static_cast<unsigned char>(condition.list.empty() ? 'a' : condition.list[0].atom[0])))
        useSizes(condition); // a comparison
    useLetters(law.left);
    useLetters(law.right);
  }

  void useSizes(const Expression &size) {
    if (int dim = size.isList() ? -1 : law.dim(size.atom); dim >= 0)
      law.mayBeBlock[dim] = false;
    for (const Expression &part : size.list)
      useSizes(part);
  }

  void useLetters(const Pattern &pattern) {
    if (pattern.word && pattern.word->form != Form::Norm)
      for (const Expression &scalar : pattern.scalars)
        useSizes(scalar);
    for (const Pattern &kid : pattern.kids)
      useLetters(kid);
    if (!pattern.word)
      return;
    const Strings &strings = pattern.strings;
    Form form = pattern.word->form;
    std::string_view name = pattern.word->name;
    auto useUnlike = [&](const Letters &some, const Letters &others) {
      for (int dim : some)
        if (std::ranges::find(others, dim) == others.end())
          law.mayBeBlock[dim] = false;
    };
    if (form == Form::Slice || form == Form::Pad || form == Form::Concat)
      for (const Letters &operand : strings.operands) {
        useUnlike(operand, strings.result);
        useUnlike(strings.result, operand);
      }
    if (name == "gather")
      useUnlike(strings.operands[0], strings.result);
    if (name == "scatter_add" || name == "one_hot")
      useUnlike(strings.result, strings.operands[0]);
    if (name == "iota")
      useUnlike(strings.operands[0], {});
    if ((form == Form::TopK || name == "cumsum") && strings.along)
      useUnlike(*strings.along, {});
  }

  const Lines &lines;
  Law law{};
  int frame = -1;
};

} // namespace

std::map<std::string, Law, std::less<>> readRules(const std::vector<RuleText> &files) {
  std::map<std::string, Law, std::less<>> laws;
  for (const RuleText &file : files) {
    std::vector<std::string_view> text = split(file.text, "\n");
    for (size_t at = 0; at < text.size();) {
      std::string place = file.name + ":" + std::to_string(at + 1) + ": ";
      auto clean = [](std::string_view line) { return line.substr(0, line.find(';')); };
      std::vector<std::string_view> head = wordsOf(clean(text[at++]));
      if (head.empty())
        continue;
      if (head[0] != "law")
        throw Refusal(place + "expected a law");
      Lines lines;
      for (; at < text.size(); ++at) {
        std::string_view line = clean(text[at]);
        std::vector<std::string_view> words = wordsOf(line);
        if (!words.empty() && words[0] == "law")
          break;
        if (!words.empty())
          lines.emplace_back(words[0],
                             line.substr(words[0].data() + words[0].size() - line.data()));
      }
      try {
        Law law = Reader(lines).read(head);
        if (!laws.try_emplace(law.name, law).second)
          throw Refusal("there is another law '" + law.name + "'");
      } catch (const Refusal &refusal) {
        throw Refusal(place + refusal.what());
      }
    }
  }
  return laws;
}

} // namespace tern::check
