// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Instance.h"

#include "tools/tern-explain/check/Numbers.h"
#include "tools/tern-explain/check/Sizes.h"
#include "tools/tern-explain/check/Wires.h"

#include <cmath>

namespace tern::check {

namespace {

/// What the names of a law have to mean so that terms are its sides.
struct Meaning {
  std::vector<const Term *> terms; ///< by variable
  /// Operations, element types, and what is read of a cache, by variable; the type that rnd rounds
  /// to is the last.
  std::vector<std::string> names;
  Wires wires;
  std::vector<KnownSize> sizes;
  std::vector<std::pair<Letters, const Term *>> counts; ///< (size rk), and the term that it is
  std::optional<int64_t> before;                        ///< of (before n)
  int fresh = 0; ///< letters beyond the law's: the sizes of siblings
};
using Meanings = std::vector<Meaning>;

/// An operand and where it stands.
struct Operand {
  const Term *term;
  Place law, place;
};

class Instance {
public:
  Instance(const Law &law, const Pattern &first) : law(law), first(first) {}

  void check(const Term *left, const Term *right) {
    expect(law.unknown.empty(), "'", law.unknown, "' is no operation");
    Meaning start;
    start.terms.resize(law.variables.size());
    start.names.resize(law.variables.size() + 1);
    const Letters &ofLeft = law.left.strings.result, &ofRight = law.right.strings.result;
    expect(left->isTensor() &&
               (ofLeft.empty() || ofRight.empty() || ofLeft.size() == ofRight.size()),
           "its sides are no tensors of one rank");
    Place axes, place;
    for (int dim : ofLeft.empty() ? ofRight : ofLeft)
      axes.own.push_back(start.wires.law.fresh(dim));
    for (size_t i = 0; i < ofRight.size(); ++i)
      start.wires.law.call(axes.own[i], ofRight[i]);
    for (const std::string &extent : left->type->extents)
      place.own.push_back(start.wires.term.fresh(extent));
    // A number is one along all axes.
    auto placeOf = [&](const Letters &own) { return own.empty() ? Place{{}, axes.own} : axes; };
    std::string why = "its sides do not have the form of these terms";
    Meanings some;
    fit(law.left, {left, placeOf(ofLeft), place}, start, some);
    for (const Meaning &each : some) {
      Meanings all;
      fit(law.right, {right, placeOf(ofRight), place}, each, all);
      for (const Meaning &meaning : all) {
        try {
          return checkMeaning(meaning);
        } catch (const Refusal &refusal) {
          why = refusal.what();
        }
      }
    }
    throw Refusal(why);
  }

private:
  //===- Form -------------------------------------------------------------===//

  /// Finds what the law means where the term is the pattern. perm and bcast of the law, transposes
  /// and broadcasts of the terms change the order of axes and how many there are, and are seen
  /// through.
  void fit(const Pattern &pattern, Operand at, Meaning meaning, Meanings &found) {
    meaning.wires.places.push_back({at.law.all(), at.place.all()});
    while (at.term->isOperation("tern.transpose") || at.term->isOperation("tern.broadcast")) {
      std::map<int, Wire> wires;
      at.place = placesOf(at.term->reading, at.term->reading.ways[0], at.place, meaning, wires)[0];
      at.term = at.term->kids[0];
    }
    std::string_view name = pattern.word ? std::string_view(pattern.word->name) : "";
    if (isOneOf(name, "perm bcast rnd cast sum mean amax amin lse"))
      fitOperand(pattern, at, meaning, found);
    if (isOneOf(name, "perm bcast"))
      return;
    if (isOneOf(name, "slice reshape"))
      fitUnchanged(pattern, at, meaning, found);
    if (pattern.kind == Pattern::Kind::Term)
      return fitTerm(pattern, at, meaning, found);
    if (pattern.kind == Pattern::Kind::Variable && !fitVariable(pattern.variable, at, meaning))
      return;
    if (pattern.kind == Pattern::Kind::Number && !isNumber(pattern, *at.term))
      return;
    if (pattern.kind == Pattern::Kind::Size)
      meaning.counts.emplace_back(pattern.counted, at.term);
    found.push_back(std::move(meaning));
  }

  static std::vector<Place> placesOf(const Reading &reading, const Strings &way, const Place &at,
                                     Meaning &meaning, std::map<int, Wire> &wires) {
    auto extentOf = [&](int letter) { return reading.extents.at(letter); };
    return meaning.wires.term.operands(way, at, extentOf, wires);
  }

  static std::vector<Place> placesOf(const Strings &strings, const Place &at, Meaning &meaning,
                                     std::map<int, Wire> &wires) {
    return meaning.wires.law.operands(strings, at, std::identity(), wires);
  }

  /// The term is the operand where an operation does nothing but name its axes: where it has the
  /// type already to which it is rounded, or where what is summed has no axes.
  void fitOperand(const Pattern &pattern, Operand at, Meaning meaning, Meanings &found) {
    if (pattern.word->form == Form::Cast &&
        !bindName(meaning.names[pattern.function], at.term->type->element))
      return;
    std::map<int, Wire> wires;
    at.law = placesOf(pattern.strings, at.law, meaning, wires)[0];
    for (int dim : pattern.strings.summed())
      meaning.wires.places.push_back({{wires.at(dim)}, {}});
    fit(pattern.kids[0], std::move(at), std::move(meaning), found);
  }

  /// The same for a slice of all that there is, and for a reshape to the same extents.
  void fitUnchanged(const Pattern &pattern, Operand at, Meaning meaning, Meanings &found) {
    const Letters &from = pattern.strings.operands[0], &to = pattern.strings.result;
    if (from.size() != to.size() || lacking(from, to).size() != 1)
      return;
    for (size_t i = 0; i < from.size(); ++i)
      for (int dim : {to[i], from[i]})
        meaning.wires.law.call(at.law.own[i], dim);
    for (const Expression &offset : pattern.sizes)
      meaning.sizes.push_back({&offset, 0});
    fit(pattern.kids[0], std::move(at), std::move(meaning), found);
  }

  bool fitVariable(int variable, const Operand &at, Meaning &meaning) const {
    if (!at.term->facts.splat) {
      meaning.wires.standings.push_back({variable, {at.law.own, at.place.own}});
      const Letters &letters = law.variables[variable].letters;
      for (size_t i = 0; i < letters.size(); ++i)
        meaning.wires.law.call(at.law.own[i], letters[i]);
    }
    return bind(variable, at.term, meaning);
  }

  void fitTerm(const Pattern &pattern, const Operand &at, const Meaning &meaning, Meanings &found) {
    std::optional<Reading> attention;
    if (pattern.word->form == Form::Attention)
      attention = readAttention(*at.term);
    const Reading &reading = attention ? *attention : at.term->reading;
    bool hasEach = !pattern.kids.empty() && pattern.kids[0].kind == Pattern::Kind::Each;
    for (const Strings &way : reading.ways)
      if (Meaning next = meaning; fitHead(pattern, reading, *at.term, next)) {
        if (hasEach)
          fitEach(pattern, at, reading, way, next, found);
        else
          fitOperation(pattern, at, reading, way, next, found);
      }
    expect(found.size() <= most, "its form fits in more ways than can be tried");
  }

  bool fitHead(const Pattern &pattern, const Reading &reading, const Term &term,
               Meaning &meaning) const {
    const Word &word = *pattern.word;
    const std::string &to = term.type->element;
    if (word.form == Form::Map) {
      const Word *plain = findOperation(reading.operation);
      return plain && plain->form == Form::Plain && plain->operands == word.operands &&
             bindName(meaning.names[pattern.function], reading.operation);
    }
    return reading.operation == word.operation &&
           (word.form != Form::Cast || bindName(meaning.names[pattern.function], to)) &&
           (word.name != "rnd" || holds(reading.operands[0]->type->element, to));
  }

  void fitOperation(const Pattern &pattern, const Operand &at, const Reading &reading,
                    const Strings &way, Meaning meaning, Meanings &found) {
    if (reading.operands.size() != pattern.kids.size() || !fitProperties(pattern, reading, meaning))
      return;
    std::vector<Operand> operands = place(pattern, at, reading, way, meaning);
    fitKids(pattern, operands, meaning, found);
    if (pattern.word->commutes) {
      std::swap(operands[0].term, operands[1].term);
      std::swap(operands[0].place, operands[1].place);
      fitKids(pattern, operands, meaning, found);
    }
  }

  /// Where the operands stand. What is said of some axes is said of those that the law says it of.
  static std::vector<Operand> place(const Pattern &pattern, const Operand &at,
                                    const Reading &reading, const Strings &way, Meaning &meaning) {
    const Strings &own = pattern.strings;
    std::map<int, Wire> ofLaw, ofTerm;
    std::vector<Place> laws = placesOf(own, at.law, meaning, ofLaw),
                       places = placesOf(reading, way, at.place, meaning, ofTerm);
    std::vector<Operand> operands;
    for (size_t i = 0; i < laws.size(); ++i)
      operands.push_back({reading.operands[i], laws[i], places[i]});
    auto note = [&](std::vector<Ends> &all, const Letters &some, const Letters &others) {
      Ends &both = all.emplace_back();
      for (int letter : some)
        both.law.push_back(ofLaw.at(letter));
      for (int letter : others)
        both.term.push_back(ofTerm.at(letter));
    };
    Wires &wires = meaning.wires;
    for (size_t i = 0; i < own.marks.size() && i < way.marks.size(); ++i)
      note(wires.places, own.marks[i], way.marks[i]);
    Form form = pattern.word->form;
    if (form == Form::Reshape) {
      note(wires.orders, own.summed(), way.summed());
      note(wires.orders, lacking(own.result, own.operands[0]),
           lacking(way.result, way.operands[0]));
    } else if (form == Form::Axes) {
      note(wires.sums, own.summed(), way.summed());
      if (!own.marks.empty() && !way.marks.empty())
        note(wires.sums, own.marks[0], way.marks[0]);
    }
    return operands;
  }

  void fitKids(const Pattern &pattern, const std::vector<Operand> &operands, const Meaning &meaning,
               Meanings &found) {
    Meanings some{meaning};
    for (size_t i = 0; i < pattern.kids.size(); ++i) {
      Meanings next;
      for (const Meaning &each : some)
        fit(pattern.kids[i], operands[i], each, next);
      some = std::move(next);
    }
    std::ranges::move(some, std::back_inserter(found));
  }

  bool fitProperties(const Pattern &pattern, const Reading &reading, Meaning &meaning) const {
    const Word &word = *pattern.word;
    if (reading.sources.size() != word.sources || reading.values.size() != word.scalars)
      return false;
    for (size_t i = 0; i < word.sources; ++i)
      if (!bindName(meaning.names[pattern.sources[i]], reading.sources[i]))
        return false;
    for (size_t i = 0; i < word.scalars; ++i) {
      const Term *value = reading.values[i];
      if (value->key != (word.areSizes ? "int" : "real"))
        return false;
      if (word.areSizes)
        meaning.sizes.push_back({&pattern.sizes[i], value->integer});
      else if (const Pattern &scalar = pattern.scalars[i];
               scalar.kind == Pattern::Kind::Variable ? !bind(scalar.variable, value, meaning)
                                                      : numberOf(scalar, meaning) != value->real)
        return false;
    }
    return true;
  }

  /// The number that a scalar of the law is, of variables that are numbers.
  static std::optional<double> numberOf(const Pattern &scalar, const Meaning &meaning) {
    if (scalar.kind == Pattern::Kind::Number)
      return scalar.number;
    if (scalar.kind == Pattern::Kind::Variable) {
      const Term *bound = meaning.terms[scalar.variable];
      return bound ? bound->facts.splat : std::nullopt;
    }
    std::vector<double> numbers;
    for (const Pattern &kid : scalar.kids)
      if (std::optional<double> number = numberOf(kid, meaning))
        numbers.push_back(*number);
    bool areAll = scalar.word && numbers.size() == scalar.kids.size();
    return areAll ? evaluate(scalar.word->operation, numbers) : std::nullopt;
  }

  static bool isSame(double a, double b) { return a == b && std::signbit(a) == std::signbit(b); }

  /// Each time the same term, or the same number.
  bool bind(int variable, const Term *term, Meaning &meaning) const {
    const Term *&bound = meaning.terms[variable];
    bound = bound ? bound : term;
    std::optional<double> number = bound->facts.splat, other = term->facts.splat;
    if (bound == term || !number || !other)
      return bound == term;
    // Over the reals a number is what f32 makes of it.
    return isSame(*number, *other) ||
           (!law.isBit && isSame(static_cast<float>(*number), static_cast<float>(*other)));
  }

  static bool bindName(std::string &name, const std::string &value) {
    if (name.empty())
      name = value;
    return name == value;
  }

  /// The number bit for bit; over the reals also the one nearest to it of the elements' type.
  bool isNumber(const Pattern &pattern, const Term &term) const {
    const std::string &element = term.type->element;
    bool isNear = !law.isBit && isOneOf(element, "f32 f64");
    if (!term.facts.splat || (!pattern.isExact && !isNear))
      return false;
    bool isRounded = !pattern.isExact && element == "f32";
    return isSame(*term.facts.splat,
                  isRounded ? static_cast<float>(pattern.number) : pattern.number);
  }

  /// `(concat nk..->sk w..)`: any number of operands, one of which is w. Each has a size of its own
  /// along the axis; (before n) is the sum of those in front of w.
  void fitEach(const Pattern &pattern, const Operand &at, const Reading &reading,
               const Strings &way, const Meaning &start, Meanings &found) {
    size_t count = reading.operands.size();
    for (size_t own = 0; own < count; ++own) {
      Pattern each = pattern;
      Meaning meaning = start;
      each.kids.assign(count, pattern.kids[0]);
      each.kids[own].kind = Pattern::Kind::Variable;
      each.strings.operands.assign(count, pattern.strings.operands[0]);
      each.strings.spread.resize(count);
      std::optional<int64_t> before = 0;
      for (size_t i = 0; i < count; ++i) {
        int cut = lacking(way.operands[i], way.result)[0];
        if (i < own)
          before = calculate('+', before, parseInteger(reading.extents.at(cut)));
        for (int &dim : each.strings.operands[i])
          if (i != own && !contains(pattern.strings.result, dim))
            dim = static_cast<int>(law.dims.size()) + meaning.fresh++;
      }
      // What comes with each sibling stands where its own does.
      if (!before || meaning.before.value_or(*before) != *before)
        continue;
      meaning.before = before;
      fitOperation(each, at, reading, way, meaning, found);
    }
  }

  //===- Letters, sizes and conditions ------------------------------------===//

  void checkMeaning(const Meaning &meaning) const {
    for (size_t i = 0; i < law.variables.size(); ++i)
      if (meaning.terms[i])
        checkKind(law.variables[i], *meaning.terms[i]);
    std::vector<bool> mayBeBlock = law.mayBeBlock;
    mayBeBlock.resize(law.dims.size() + meaning.fresh, false);
    std::optional<Match> found = match(meaning.wires, mayBeBlock, law.variables.size(), law.isBit);
    expect(found.has_value(), "its letters do not fit the axes of the terms");
    Sizes sizes(law, found->blocks, meaning.before.value_or(0));
    expect(sizes.solve(meaning.sizes), "its sizes do not fit");
    for (const auto &[letters, term] : meaning.counts)
      expect(isCount(letters, *term, sizes), "a number is not the size that the law names");
    for (const Expression &condition : law.conditions)
      expect(isTrue(condition, meaning, *found, sizes), "the condition ", condition.text(),
             " could not be shown");
    for (int i = 0; i < std::ssize(law.variables); ++i)
      expect(!meaning.terms[i] || isBelow(i, *meaning.terms[i], found->blocks),
             law.variables[i].name, " is not known to be below its size");
  }

  static void checkKind(const Variable &variable, const Term &term) {
    using Kind = Variable::Kind;
    expect(term.isTensor() ||
               (term.key == "real" && variable.kind == Kind::Tensor && variable.letters.empty()),
           variable.name, " is no tensor");
    expect(variable.kind != Kind::Index || isOneOf(term.type->element, "i32 i64"), variable.name,
           " is no index");
    expect(variable.kind != Kind::Truth || term.facts.sign.isTruth, variable.name,
           " is not known to be 0 or 1");
  }

  /// What is no index; an index by which the step's first side takes from as many elements as its
  /// size, for a place that there is not is an error; a permutation of so many.
  bool isBelow(int variable, const Term &term, const Blocks &blocks) const {
    int size = law.variables[variable].bound;
    return size < 0 || takes(first, variable, size) ||
           (blocks[size] == term.type->extents && term.facts.isBijective);
  }

  static bool takes(const Pattern &pattern, int index, int size) {
    const Strings &strings = pattern.strings;
    return (pattern.word && pattern.word->name == "gather" && pattern.kids[1].variable == index &&
            lacking(strings.operands[0], strings.result) == Letters{size}) ||
           std::ranges::any_of(pattern.kids,
                               [&](const Pattern &kid) { return takes(kid, index, size); });
  }

  /// A number, or `tern.size` of the axes that the letters stand for.
  static bool isCount(const Letters &letters, const Term &term, const Sizes &sizes) {
    if (term.facts.splat)
      return sizes.countOf(letters) == *term.facts.splat;
    if (!term.isOperation("tern.size"))
      return false;
    const std::string &text = term.kids[0]->text; // #tern.dims<T,%2064>
    size_t begin = text.find('<') + 1;
    return sizes.areExtents(letters, text.substr(begin, text.rfind('>') - begin));
  }

  bool isTrue(const Expression &condition, const Meaning &meaning, const Match &found,
              const Sizes &sizes) const {
    const std::vector<Expression> &parts = condition.list;
    if (parts.size() == 3 && std::ispunct(static_cast<unsigned char>(parts[0].atom[0])))
      return sizes.compares(parts[0].atom, parts[1], parts[2]);
    int variable = parts.size() < 2 ? -1 : law.variable(parts[1].atom);
    if (variable < 0)
      return false;
    const std::string &named = meaning.names[variable];
    const Term *term = meaning.terms[variable];
    if (condition.isCall("exact", 2)) {
      int narrow = law.variable(parts[2].atom);
      const Term *from = narrow < 0 ? nullptr : meaning.terms[narrow];
      return from && from->isTensor() && holds(named, from->type->element);
    }
    if (condition.isCall("some", 2))
      return term &&
             isSome(*term, law.variables[variable].letters, parts[2], found.axes[variable], sizes);
    return parts.size() == 2 && (isKnown(parts[0].atom, named) ||
                                 (term && isFact(parts[0].atom, *term, meaning.names.back())));
  }

  /// Each row of a mask along the axis of that letter has an entry.
  bool isSome(const Term &mask, const Letters &letters, const Expression &letter,
              const std::vector<size_t> &axes, const Sizes &sizes) const {
    if (mask.facts.splat)
      return mask.facts.sign.isNonZero && sizes.compares(">=", letter, {"1", {}});
    std::vector<bool> haveEntry;
    for (size_t axis = 0; axis < axes.size(); ++axis)
      if (letters[axes[axis]] == law.dim(letter.atom))
        haveEntry.push_back(mask.facts.haveEntry.at(axis));
    return haveEntry == std::vector<bool>{true};
  }

  static bool isFact(const std::string &name, const Term &term, const std::string &narrow) {
    const Facts &known = term.facts;
    int exponent;
    const std::pair<std::string_view, bool> facts[] = {
        {"pos", known.sign.isPositive()},
        {"nonneg", known.sign.isNonNegative},
        {"nonzero", known.sign.isNonZero},
        {"pow2", known.splat && std::frexp(*known.splat, &exponent) == 0.5},
        {"bijective", known.isBijective},
        {"orthogonal", known.isOrthogonal},
        {"rounded", term.isTensor() && isRounded(term, narrow)},
    };
    return contains(facts, std::pair<std::string_view, bool>(name, true));
  }

  /// Of the type that the law rounds to, or widened from it.
  static bool isRounded(const Term &term, const std::string &narrow) {
    const Term *from = term.isOperation("tern.cast") ? term.kids[0] : &term;
    return from->type->element == narrow && holds(term.type->element, narrow);
  }

  static constexpr size_t most = 4096;

  const Law &law;
  const Pattern &first; ///< the side that the step begins with
};

} // namespace

void checkInstance(const Law &law, const Term *left, const Term *right, bool isForth) {
  Instance(law, isForth ? law.left : law.right).check(left, right);
}

} // namespace tern::check
