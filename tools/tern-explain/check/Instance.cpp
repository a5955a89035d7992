// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Instance.h"

#include "tools/tern-explain/check/Blocks.h"
#include "tools/tern-explain/check/Sum.h"

#include <algorithm>
#include <cmath>

namespace tern::check {

namespace {

using Numbers = std::vector<std::optional<Sum>>;

/// That letter stands at that axis of what the letters name.
struct Place {
  int dim;
  Letters letters;
  int64_t axis;
};

/// What the names of a law have to mean so that terms are its sides.
struct Meaning {
  std::vector<std::optional<uint32_t>> terms; ///< by variable
  std::vector<std::string> names;             ///< operations and element types, by variable
  std::string narrow;                         ///< what rnd rounds to
  std::vector<Group> groups;
  std::vector<Place> places;
  std::vector<std::pair<const Expression *, Sum>> sizes;
  Sum before;    ///< of (before n)
  int fresh = 0; ///< letters beyond the law's: the sizes of siblings
};

class Instance {
public:
  Instance(const Law &law, const Function &function, const std::vector<Facts> &facts)
      : law(law), function(function), facts(facts) {}

  void check(uint32_t left, uint32_t right) {
    if (!law.unknown.empty())
      throw Refusal(law.unknown);
    Meaning start;
    start.terms.resize(law.variables.size());
    start.names.resize(law.variables.size());
    for (Meaning &some : fit(law.left, left, start))
      for (Meaning &meaning : fit(law.right, right, some))
        if (holds(meaning))
          return;
    throw Refusal(why.empty() ? "its sides do not have the form of these terms" : why);
  }

private:
  const Type &typeOf(uint32_t term) const { return function.types[*function.terms[term].type]; }

  //===- Form -------------------------------------------------------------===//

  std::vector<Meaning> fit(const Pattern &pattern, uint32_t at, const Meaning &meaning) {
    Meaning next = meaning;
    if (pattern.kind == Pattern::Kind::Variable
            ? bind(pattern.variable, at, next)
            : pattern.kind == Pattern::Kind::Number && isNumber(pattern, at))
      return {next};
    const Term &term = function.terms[at];
    if (pattern.kind != Pattern::Kind::Term || term.kind != Term::Kind::Operation || !term.type)
      return {};
    std::vector<uint32_t> operands, properties;
    for (uint32_t kid : term.kids)
      (function.terms[kid].isTerm() ? operands : properties).push_back(kid);
    const Word &word = *pattern.word;
    bool hasEach = !pattern.kids.empty() && pattern.kids[0].kind == Pattern::Kind::Each;
    if (properties.size() != word.properties ||
        (!hasEach && operands.size() != pattern.kids.size()))
      return {};
    if (!fitHead(pattern, term, operands, next) ||
        !fitProperties(pattern, at, operands, properties, next))
      return {};
    if (hasEach)
      return fitEach(pattern, operands, properties, next);
    std::vector<Meaning> found = fitKids(pattern, operands, next);
    if (word.commutes) {
      std::swap(operands[0], operands[1]);
      std::ranges::move(fitKids(pattern, operands, next), std::back_inserter(found));
    }
    if (found.size() > most)
      throw Refusal("its form fits in more ways than can be tried");
    return found;
  }

  std::vector<Meaning> fitKids(const Pattern &pattern, const std::vector<uint32_t> &operands,
                               const Meaning &meaning) {
    std::vector<Meaning> found{meaning};
    for (size_t i = 0; i < pattern.kids.size(); ++i) {
      std::vector<Meaning> next;
      for (const Meaning &each : found)
        std::ranges::move(fit(pattern.kids[i], operands[i], each), std::back_inserter(next));
      found = std::move(next);
    }
    return found;
  }

  static bool bind(int variable, uint32_t at, Meaning &meaning) {
    std::optional<uint32_t> &bound = meaning.terms[variable];
    bound = bound.value_or(at);
    return bound == at;
  }

  static bool bindName(std::string &name, const std::string &value) {
    if (name.empty())
      name = value;
    return name == value;
  }

  /// The number bit for bit; over the reals also the one nearest to it of the elements' type.
  bool isNumber(const Pattern &pattern, uint32_t at) const {
    std::optional<double> splat = facts[at].splat;
    if (!splat)
      return false;
    double number = pattern.number;
    if (!pattern.isExact) {
      if (law.isBit || !function.terms[at].type)
        return false;
      const std::string &element = typeOf(at).element;
      if (element != "f32" && element != "f64")
        return false;
      number = element == "f32" ? static_cast<float>(number) : number;
    }
    return *splat == number && std::signbit(*splat) == std::signbit(number);
  }

  bool fitHead(const Pattern &pattern, const Term &term, const std::vector<uint32_t> &operands,
               Meaning &meaning) const {
    switch (pattern.word->form) {
    case Form::Map: {
      const Word *plain = findPlain(term.text);
      return plain && plain->operands == operands.size() &&
             bindName(meaning.names[pattern.function], term.text);
    }
    case Form::Cast:
      return term.text == pattern.word->operation &&
             bindName(meaning.names[pattern.function], function.types[*term.type].element);
    case Form::Round: {
      const std::string &to = function.types[*term.type].element;
      return term.text == pattern.word->operation &&
             check::holds(typeOf(operands[0]).element, to) && bindName(meaning.narrow, to);
    }
    default:
      return term.text == pattern.word->operation;
    }
  }

  bool fitProperties(const Pattern &pattern, uint32_t at, const std::vector<uint32_t> &operands,
                     const std::vector<uint32_t> &properties, Meaning &meaning) const {
    auto property = [&](size_t i) -> const Term & { return function.terms[properties[i]]; };
    switch (pattern.word->form) {
    case Form::Plain:
    case Form::Map:
    case Form::Round:
    case Form::Cast:
      return true;
    case Form::Norm: {
      const std::string &scalar = pattern.scalars[0].atom;
      int variable = law.variable(scalar);
      bool isRight = variable >= 0 ? bind(variable, properties[1], meaning)
                                   : scalar == "0" && property(1).real == 0;
      return isRight && property(1).kind == Term::Kind::Real &&
             fitAxes(pattern, at, operands, property(0), meaning);
    }
    case Form::TopK:
      meaning.sizes.emplace_back(&pattern.scalars[0], Sum{{}, property(1).integer});
      return property(1).kind == Term::Kind::Integer &&
             fitAxes(pattern, at, operands, property(0), meaning);
    case Form::Axes:
    case Form::Along:
    case Form::Typed:
      return fitAxes(pattern, at, operands, property(0), meaning);
    case Form::Reshape:
      meaning.groups.push_back(shapes(pattern, at, operands));
      return true;
    case Form::Slice:
    case Form::Pad: {
      // Axis, offset, size; axis, zeros after, zeros before.
      const Term &offset = property(pattern.word->form == Form::Slice ? 1 : 2);
      meaning.sizes.emplace_back(&pattern.scalars[0], Sum{{}, offset.integer});
      return fitCut(pattern, at, operands, property(0).integer, meaning);
    }
    case Form::Concat:
      return pattern.kids[0].kind == Pattern::Kind::Each ||
             fitCut(pattern, at, operands, property(0).integer, meaning);
    }
    return false;
  }

  static std::vector<Axis> axesOf(const std::string &letters, const Type &type) {
    std::vector<Axis> axes;
    for (size_t i = 0; i < type.extents.size(); ++i)
      axes.push_back({i < letters.size() ? letters[i] : '\0', type.extents[i]});
    return axes;
  }

  /// The term's own index string beside the law's.
  bool fitAxes(const Pattern &pattern, uint32_t at, const std::vector<uint32_t> &operands,
               const Term &text, Meaning &meaning) const {
    std::optional<Axes> own;
    if (text.kind == Term::Kind::Text)
      own = parseAxes(text.text);
    const Strings &strings = pattern.strings;
    if (!own || own->along.empty() != !strings.along ||
        (!strings.along && own->operands.size() != strings.operands.size()))
      return false;
    Group group;
    std::map<char, std::string> extentOf;
    for (size_t i = 0; i < own->operands.size(); ++i) {
      // iota's operand is an axis of its result.
      const Type &type = typeOf(i < operands.size() ? operands[i] : at);
      if (i < operands.size() && own->operands[i].size() != type.extents.size())
        return false;
      std::vector<Axis> axes = axesOf(own->operands[i], type);
      if (i < operands.size())
        group.push_back({strings.operands[i], axes});
      for (const Axis &axis : axes)
        extentOf.try_emplace(axis.letter, axis.extent);
    }
    if (strings.along) {
      Part along{*strings.along, {}};
      for (char letter : own->along)
        along.axes.push_back({letter, extentOf[letter]});
      group.push_back(std::move(along));
    } else {
      if (own->result.size() != typeOf(at).extents.size())
        return false;
      group.push_back({strings.result, axesOf(own->result, typeOf(at))});
      if (operands.empty())
        group.push_back({strings.operands[0], {{own->operands[0][0], axisExtent(*own, at)}}});
    }
    meaning.groups.push_back(std::move(group));
    return true;
  }

  std::string axisExtent(const Axes &own, uint32_t at) const {
    size_t place = own.result.find(own.operands[0]);
    return place < typeOf(at).extents.size() ? typeOf(at).extents[place] : "?";
  }

  Group shapes(const Pattern &pattern, uint32_t at, const std::vector<uint32_t> &operands) const {
    Group group;
    for (size_t i = 0; i < pattern.strings.operands.size(); ++i)
      group.push_back({pattern.strings.operands[i], axesOf("", typeOf(operands[i]))});
    group.push_back({pattern.strings.result, axesOf("", typeOf(at))});
    return group;
  }

  /// Operands and result differ along one axis.
  bool fitCut(const Pattern &pattern, uint32_t at, const std::vector<uint32_t> &operands,
              int64_t axis, Meaning &meaning) const {
    meaning.groups.push_back(shapes(pattern, at, operands));
    for (const Letters &operand : pattern.strings.operands)
      if (!placeCut(operand, pattern.strings.result, axis, meaning) ||
          !placeCut(pattern.strings.result, operand, axis, meaning))
        return false;
    return true;
  }

  static bool placeCut(const Letters &letters, const Letters &others, int64_t axis,
                       Meaning &meaning) {
    auto isCut = [&](int dim) { return std::ranges::find(others, dim) == others.end(); };
    auto cut = std::ranges::find_if(letters, isCut);
    if (cut != letters.end())
      meaning.places.push_back({*cut, letters, axis});
    return std::ranges::count_if(letters, isCut) <= 1;
  }

  /// `(concat nk..->sk w..)`: any number of operands, one of which is w. Each has a size of its own
  /// along the axis; (before n) is the sum of those in front of w.
  std::vector<Meaning> fitEach(const Pattern &pattern, const std::vector<uint32_t> &operands,
                               const std::vector<uint32_t> &properties, Meaning meaning) const {
    const Strings &strings = pattern.strings;
    int64_t axis = function.terms[properties[0]].integer;
    std::optional<uint32_t> one = meaning.terms[pattern.kids[0].variable];
    Group group;
    std::vector<Meaning> found;
    std::optional<Sum> before = Sum();
    for (uint32_t operand : operands) {
      Letters letters = strings.operands[0];
      for (int &dim : letters)
        if (std::ranges::find(strings.result, dim) == strings.result.end())
          dim = static_cast<int>(law.dims.size()) + meaning.fresh++;
      group.push_back({letters, axesOf("", typeOf(operand))});
      if (!placeCut(letters, strings.result, axis, meaning))
        return {};
      if (operand == one && before) {
        found.push_back(meaning);
        found.back().before = *before;
      }
      std::optional<Sum> size = Sum::parse(typeOf(operand).extents.at(axis));
      before = before && size ? add(*before, *size) : std::nullopt;
    }
    for (Meaning &each : found) {
      each.groups.push_back(group);
      each.fresh = meaning.fresh;
      each.places = meaning.places;
    }
    return found;
  }

  //===- Letters and sizes ------------------------------------------------===//

  bool holds(const Meaning &meaning) {
    std::vector<Group> groups = meaning.groups;
    for (size_t i = 0; i < law.variables.size(); ++i) {
      if (!meaning.terms[i])
        continue;
      const Variable &variable = law.variables[i];
      const Term &term = function.terms[*meaning.terms[i]];
      if (term.isTerm() && term.type)
        groups.push_back({{variable.letters, axesOf("", typeOf(*meaning.terms[i]))}});
      else if (term.kind != Term::Kind::Real || !variable.letters.empty())
        return false;
      if (!hasKind(variable, *meaning.terms[i]))
        return false;
    }
    std::vector<bool> mayBeBlock = law.mayBeBlock;
    mayBeBlock.resize(law.dims.size() + meaning.fresh, false);
    return findBlocks(groups, mayBeBlock, [&](const Blocks &blocks) {
      auto isAt = [&](const Place &place) { return axisOf(place, blocks) == place.axis; };
      if (!std::ranges::all_of(meaning.places, isAt))
        return refuse("an axis is another than its letters say");
      std::optional<Numbers> numbers = solve(meaning, blocks);
      if (!numbers)
        return refuse("its sizes do not fit");
      return std::ranges::all_of(law.conditions, [&](const Expression &condition) {
        return isTrue(condition, meaning, *numbers) ||
               refuse("the condition " + condition.text() + " could not be shown");
      });
    });
  }

  bool refuse(std::string reason) {
    why = std::move(reason);
    return false;
  }

  bool hasKind(const Variable &variable, uint32_t term) {
    if (variable.kind == Variable::Kind::Index) {
      const std::string &element = typeOf(term).element;
      return element == "i32" || element == "i64" || refuse(variable.name + " is no index");
    }
    if (variable.kind == Variable::Kind::Truth && !facts[term].isTruth)
      return refuse(variable.name + " is not known to be 0 or 1");
    return true;
  }

  static int64_t axisOf(const Place &place, const Blocks &blocks) {
    int64_t axis = 0;
    for (int dim : place.letters) {
      if (dim == place.dim)
        return axis;
      axis += blocks[dim] ? static_cast<int64_t>(blocks[dim]->size()) : 0;
    }
    return -1;
  }

  std::optional<Sum> value(const Expression &size, const Numbers &numbers,
                           const Sum &before) const {
    if (!size.isList()) {
      if (std::optional<int64_t> number = parseInteger(size.atom))
        return Sum{{}, *number};
      int dim = law.dim(size.atom);
      return dim < 0 ? std::nullopt : numbers[dim];
    }
    const std::string &name = size.list[0].atom;
    if (size.isCall("before", 1))
      return before;
    if ((name != "+" && name != "-" && name != "*") || size.list.size() < 2)
      return std::nullopt;
    std::optional<Sum> result = value(size.list[1], numbers, before);
    for (size_t i = 2; i < size.list.size() && result; ++i) {
      std::optional<Sum> next = value(size.list[i], numbers, before);
      if (!next)
        return std::nullopt;
      result = name == "+"   ? add(*result, *next)
               : name == "-" ? subtract(*result, *next)
                             : multiply(*result, *next);
    }
    return result;
  }

  /// Gives the one size in `size` that is open, if it is the only one, what makes all of it `goal`.
  void solveFor(const Expression &size, std::optional<Sum> goal, Numbers &numbers,
                const Sum &before) const {
    if (!goal || value(size, numbers, before))
      return;
    if (!size.isList()) {
      if (int dim = law.dim(size.atom); dim >= 0)
        numbers[dim] = goal;
      return;
    }
    const std::string &name = size.list[0].atom;
    const Expression *open = nullptr;
    for (size_t i = 1; i < size.list.size(); ++i) {
      std::optional<Sum> part = value(size.list[i], numbers, before);
      if (!part && open)
        return;
      if (!part)
        open = &size.list[i];
      else if (name == "+")
        goal = goal ? subtract(*goal, *part) : goal;
      else if (name == "*")
        goal = goal ? divide(*goal, *part) : goal;
      else if (name == "-" && size.list.size() == 3 && i == 1)
        goal = goal ? subtract(*part, *goal) : goal; // part - open = goal
      else if (name == "-" && size.list.size() == 3)
        goal = goal ? add(*goal, *part) : goal; // open - part = goal
      else
        return;
    }
    if (open)
      solveFor(*open, goal, numbers, before);
  }

  /// The sizes that letters, properties and the law's equations determine; none if they do not all
  /// agree.
  std::optional<Numbers> solve(const Meaning &meaning, const Blocks &blocks) const {
    Numbers numbers(law.dims.size());
    for (size_t dim = 0; dim < numbers.size(); ++dim)
      if (blocks[dim] && blocks[dim]->size() == 1)
        numbers[dim] = Sum::parse((*blocks[dim])[0]);
    Numbers ofAxes = numbers;
    for (size_t round = 0; round < numbers.size() + 1; ++round) {
      for (const auto &[size, goal] : meaning.sizes)
        solveFor(*size, goal, numbers, meaning.before);
      for (const auto &[dim, size] : law.equations) {
        if (numbers[dim])
          solveFor(size, numbers[dim], numbers, meaning.before);
        else
          numbers[dim] = value(size, numbers, meaning.before);
      }
    }
    for (const auto &[size, goal] : meaning.sizes)
      if (value(*size, numbers, meaning.before) != goal)
        return std::nullopt;
    for (const auto &[dim, size] : law.equations)
      if (!numbers[dim] || value(size, numbers, meaning.before) != numbers[dim])
        return std::nullopt;
    for (size_t dim = 0; dim < numbers.size(); ++dim)
      if (numbers[dim] && !ofAxes[dim] && !numbers[dim]->isNonNegative())
        return std::nullopt;
    return numbers;
  }

  //===- Conditions -------------------------------------------------------===//

  bool isTrue(const Expression &condition, const Meaning &meaning, const Numbers &numbers) const {
    if (condition.list.empty())
      return false;
    const std::string &name = condition.list[0].atom;
    // How a searcher found the place, and whether it pays: nothing about the terms.
    for (std::string_view search :
         {"siblings", "sibling-searcher", "chain-searcher", "every-user-linear", "delta"})
      if (name == search)
        return true;
    if (condition.list.size() == 3 && std::ispunct(static_cast<unsigned char>(name[0])))
      return compares(name, value(condition.list[1], numbers, meaning.before),
                      value(condition.list[2], numbers, meaning.before));
    int variable = condition.list.size() < 2 ? -1 : law.variable(condition.list[1].atom);
    if (variable < 0)
      return false;
    const std::string &named = meaning.names[variable];
    if (condition.list.size() == 2 && isKnown(name, named))
      return true;
    if (condition.isCall("exact", 2)) {
      int narrow = law.variable(condition.list[2].atom);
      return narrow >= 0 && isTensor(meaning.terms[narrow]) &&
             check::holds(named, typeOf(*meaning.terms[narrow]).element);
    }
    if (!meaning.terms[variable])
      return false;
    uint32_t term = *meaning.terms[variable];
    if (condition.isCall("some", 2)) {
      std::optional<Sum> extent = value(condition.list[2], numbers, meaning.before);
      return facts[term].splat.value_or(0) != 0 && compares(">=", extent, Sum{{}, 1});
    }
    return condition.list.size() == 2 && isFact(name, term);
  }

  bool isTensor(std::optional<uint32_t> term) const {
    return term && function.terms[*term].isTerm() && function.terms[*term].type;
  }

  bool isFact(const std::string &name, uint32_t term) const {
    const Facts &known = facts[term];
    int exponent;
    if (name == "pos")
      return known.isPositive;
    if (name == "nonneg")
      return known.isNonNegative;
    if (name == "nonzero")
      return known.isNonZero;
    if (name == "pow2")
      return known.splat && std::isfinite(*known.splat) &&
             std::frexp(*known.splat, &exponent) == 0.5;
    if (name == "not-one")
      return known.splat != 1.0;
    if (name == "load")
      return known.isLoad;
    if (name == "weight")
      return function.terms[term].isOperation("tern.weight");
    if (name == "f32")
      return isTensor(term) && typeOf(term).element == "f32";
    return false;
  }

  static bool compares(const std::string &name, const std::optional<Sum> &left,
                       const std::optional<Sum> &right) {
    if (!left || !right)
      return false;
    if (name == "=")
      return left == right;
    bool isLess = name[0] == '<', isStrict = name.size() == 1;
    if ((name[0] != '<' && name[0] != '>') || (!isStrict && name.substr(1) != "="))
      return false;
    std::optional<Sum> gap = isLess ? subtract(*right, *left) : subtract(*left, *right);
    gap = gap && isStrict ? subtract(*gap, Sum{{}, 1}) : gap;
    return gap && gap->isNonNegative();
  }

  static constexpr size_t most = 4096;

  const Law &law;
  const Function &function;
  const std::vector<Facts> &facts;
  std::string why;
};

} // namespace

void checkInstance(const Law &law, const Function &function, const std::vector<Facts> &facts,
                   uint32_t left, uint32_t right) {
  Instance(law, function, facts).check(left, right);
}

} // namespace tern::check
