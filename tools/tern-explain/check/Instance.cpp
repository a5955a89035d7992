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
  std::vector<std::optional<uint32_t>> terms; ///< by variable
  /// Operations, element types, and what is read of a cache, by variable.
  std::vector<std::string> names;
  std::string narrow; ///< what rnd rounds to
  Wires wires;
  std::vector<KnownSize> sizes;
  std::vector<std::pair<Letters, uint32_t>> counts; ///< (size rk), and the term that it is
  std::optional<int64_t> before;                    ///< of (before n)
  int fresh = 0; ///< letters beyond the law's: the sizes of siblings
};
using Meanings = std::vector<Meaning>;

/// An operand and where it stands.
struct Operand {
  uint32_t term;
  Place law, place;
};

class Instance {
public:
  Instance(const Law &law, const Terms &terms, const Pattern &first)
      : law(law), terms(terms), first(first) {}

  void check(uint32_t left, uint32_t right) {
    expect(law.unknown.empty(), "'", law.unknown, "' is no operation");
    Meaning start;
    start.terms.resize(law.variables.size());
    start.names.resize(law.variables.size());
    const Letters &ofLeft = law.left.letters, &ofRight = law.right.letters;
    expect(terms.type(left).isTensor &&
               (ofLeft.empty() || ofRight.empty() || ofLeft.size() == ofRight.size()),
           "its sides are no tensors of one rank");
    Place before, after, place;
    for (int dim : ofLeft.empty() ? ofRight : ofLeft)
      before.own.push_back(start.wires.law.fresh(dim));
    after = before;
    for (size_t i = 0; i < ofRight.size(); ++i)
      after.own[i] = start.wires.law.named(after.own[i], ofRight[i]);
    if (ofLeft.empty())
      std::swap(before.own, before.spread);
    if (ofRight.empty())
      std::swap(after.own, after.spread);
    for (const std::string &extent : terms.type(left).extents)
      place.own.push_back(start.wires.term.fresh(extent));
    for (const Meaning &some : fit(law.left, {left, before, place}, start))
      for (const Meaning &meaning : fit(law.right, {right, after, place}, some))
        if (holds(meaning))
          return;
    throw Refusal(why.empty() ? "its sides do not have the form of these terms" : why);
  }

private:
  //===- Form -------------------------------------------------------------===//

  /// perm and bcast of the law, transposes and broadcasts of the terms change the order of axes and
  /// how many there are, and are seen through.
  Meanings fit(const Pattern &pattern, Operand at, Meaning meaning) {
    std::map<int, Slot> slots;
    if (pattern.word && (pattern.word->name == "perm" || pattern.word->name == "bcast")) {
      if (pattern.letters.size() != at.law.own.size())
        return {};
      at.law = placesOf(pattern.strings, at.law, meaning, slots)[0];
      return fit(pattern.kids[0], std::move(at), std::move(meaning));
    }
    const Reading &reading = terms.readings[at.term];
    if (reading.operation == "tern.transpose" || reading.operation == "tern.broadcast") {
      at.place = placesOf(reading.ways[0], at.place, reading, meaning, slots)[0];
      at.term = reading.operands[0];
      return fit(pattern, std::move(at), std::move(meaning));
    }
    Meaning marked = meaning;
    marked.wires.places.push_back({at.law.all(), at.place.all()});
    switch (pattern.kind) {
    case Pattern::Kind::Variable:
      return fitVariable(pattern.variable, at, std::move(marked));
    case Pattern::Kind::Number:
      return isNumber(pattern, at.term) ? Meanings{marked} : Meanings();
    case Pattern::Kind::Size:
      marked.counts.emplace_back(pattern.counted, at.term);
      return {marked};
    case Pattern::Kind::Each:
      return {};
    case Pattern::Kind::Term:
      return fitTerm(pattern, at, marked, meaning);
    }
    return {};
  }

  static std::vector<Place> placesOf(const Strings &strings, const Place &at, Meaning &meaning,
                                     std::map<int, Slot> &slots) {
    return meaning.wires.law.operands(strings, at, [](int dim) { return dim; }, slots);
  }

  static std::vector<Place> placesOf(const Strings &strings, const Place &at,
                                     const Reading &reading, Meaning &meaning,
                                     std::map<int, Slot> &slots) {
    auto extentOf = [&](int letter) { return reading.extents.at(letter); };
    return meaning.wires.term.operands(strings, at, extentOf, slots);
  }

  Meanings fitVariable(int variable, const Operand &at, Meaning meaning) const {
    const Letters &letters = law.variables[variable].letters;
    if (letters.size() != at.law.own.size() || !bind(variable, at.term, meaning))
      return {};
    if (!terms.facts[at.term].splat)
      meaning.wires.standings.push_back({variable, letters, {at.law.own, at.place.own}});
    return {meaning};
  }

  Meanings fitTerm(const Pattern &pattern, const Operand &at, const Meaning &marked,
                   const Meaning &unmarked) {
    const Word &word = *pattern.word;
    Meanings found;
    auto add = [&](Meanings some) { std::ranges::move(some, std::back_inserter(found)); };
    // What has the type already is rounded to it.
    if (word.form == Form::Round || word.form == Form::Cast) {
      Meaning same = unmarked;
      std::string &to = word.form == Form::Round ? same.narrow : same.names[pattern.function];
      if (terms.isTensor(at.term) && bindName(to, terms.type(at.term).element))
        add(fit(pattern.kids[0], at, same));
    }
    if (word.name == "slice" || word.form == Form::Reshape)
      add(fitNothing(pattern, at, unmarked));
    if (isOneOf(word.name, "sum mean amax amin lse"))
      add(fitSumOfOne(pattern, at, unmarked));
    if (pattern.letters.size() != at.law.own.size() || !terms.isTensor(at.term))
      return found;
    std::optional<Reading> attention;
    if (word.form == Form::Attention)
      attention = readAttention(terms.function, at.term);
    const Reading &reading = attention ? *attention : terms.readings[at.term];
    for (const Strings &way : reading.ways)
      if (Meaning next = marked;
          way.result.size() == at.place.own.size() && fitHead(pattern, reading, at.term, next)) {
        bool hasEach = !pattern.kids.empty() && pattern.kids[0].kind == Pattern::Kind::Each;
        add(hasEach ? fitEach(pattern, at, reading, next)
                    : fitOperation(pattern, at, reading, way, next));
      }
    expect(found.size() <= most, "its form fits in more ways than can be tried");
    return found;
  }

  /// A slice of all that there is, a reshape to the same extents: the term is their operand.
  Meanings fitNothing(const Pattern &pattern, const Operand &at, Meaning meaning) {
    const Letters &from = pattern.strings.operands[0], &to = pattern.strings.result;
    if (from.size() != to.size() || to.size() != at.law.own.size())
      return {};
    Operand kid = at;
    size_t changed = 0;
    for (size_t i = 0; i < from.size(); ++i) {
      changed += from[i] != to[i];
      kid.law.own[i] =
          meaning.wires.law.named(meaning.wires.law.named(at.law.own[i], to[i]), from[i]);
    }
    if (changed != 1)
      return {};
    for (const Expression &offset : pattern.sizes)
      meaning.sizes.push_back({&offset, 0});
    return fit(pattern.kids[0], kid, meaning);
  }

  /// What is summed along no axes: the term is the operand.
  Meanings fitSumOfOne(const Pattern &pattern, Operand at, Meaning meaning) {
    if (pattern.letters.size() != at.law.own.size())
      return {};
    std::map<int, Slot> slots;
    at.law = placesOf(pattern.strings, at.law, meaning, slots)[0];
    for (int dim : pattern.strings.summed())
      meaning.wires.places.push_back({{slots.at(dim)}, {}});
    return fit(pattern.kids[0], at, std::move(meaning));
  }

  bool fitHead(const Pattern &pattern, const Reading &reading, uint32_t at,
               Meaning &meaning) const {
    const Word &word = *pattern.word;
    const std::string &to = terms.type(at).element;
    if (word.form == Form::Map) {
      const Word *plain = findOperation(reading.operation);
      return plain && plain->form == Form::Plain && plain->operands == word.operands &&
             bindName(meaning.names[pattern.function], reading.operation);
    }
    if (reading.operation != word.operation)
      return false;
    if (word.form == Form::Cast)
      return bindName(meaning.names[pattern.function], to);
    return word.form != Form::Round || (check::holds(terms.type(reading.operands[0]).element, to) &&
                                        bindName(meaning.narrow, to));
  }

  Meanings fitOperation(const Pattern &pattern, const Operand &at, const Reading &reading,
                        const Strings &way, Meaning meaning) {
    if (reading.operands.size() != pattern.kids.size() || !fitProperties(pattern, reading, meaning))
      return {};
    std::vector<Operand> operands = place(pattern, at, reading, way, meaning);
    Meanings found = fitKids(pattern, operands, meaning);
    if (pattern.word->commutes) {
      std::swap(operands[0].term, operands[1].term);
      std::swap(operands[0].place, operands[1].place);
      std::ranges::move(fitKids(pattern, operands, meaning), std::back_inserter(found));
    }
    return found;
  }

  /// Where the operands stand. What is said of some axes is said of those that the law says it of.
  std::vector<Operand> place(const Pattern &pattern, const Operand &at, const Reading &reading,
                             const Strings &way, Meaning &meaning) const {
    const Strings &own = pattern.strings;
    std::map<int, Slot> ofLaw, ofTerm;
    std::vector<Place> laws = placesOf(own, at.law, meaning, ofLaw),
                       places = placesOf(way, at.place, reading, meaning, ofTerm);
    std::vector<Operand> operands;
    for (size_t i = 0; i < laws.size(); ++i)
      operands.push_back({reading.operands[i], laws[i], places[i]});
    auto ends = [&](const Letters &some, const Letters &others) {
      Ends both;
      for (int letter : some)
        both.law.push_back(ofLaw.at(letter));
      for (int letter : others)
        both.term.push_back(ofTerm.at(letter));
      return both;
    };
    Wires &wires = meaning.wires;
    for (size_t i = 0; i < own.marks.size() && i < way.marks.size(); ++i)
      wires.places.push_back(ends(own.marks[i], way.marks[i]));
    Form form = pattern.word->form;
    if (form == Form::Reshape) {
      wires.orders.push_back(ends(own.summed(), way.summed()));
      wires.orders.push_back(
          ends(lacking(own.result, own.operands[0]), lacking(way.result, way.operands[0])));
    } else if (form == Form::Axes) {
      wires.sums.push_back(ends(own.summed(), way.summed()));
      if (!own.marks.empty() && !way.marks.empty())
        wires.sums.push_back(ends(own.marks[0], way.marks[0]));
    }
    return operands;
  }

  Meanings fitKids(const Pattern &pattern, const std::vector<Operand> &operands,
                   const Meaning &meaning) {
    Meanings found{meaning};
    for (size_t i = 0; i < pattern.kids.size(); ++i) {
      Meanings next;
      for (const Meaning &each : found)
        std::ranges::move(fit(pattern.kids[i], operands[i], each), std::back_inserter(next));
      found = std::move(next);
    }
    return found;
  }

  bool fitProperties(const Pattern &pattern, const Reading &reading, Meaning &meaning) const {
    if (reading.sources.size() != pattern.sources.size())
      return false;
    for (size_t i = 0; i < pattern.sources.size(); ++i)
      if (!bindName(meaning.names[pattern.sources[i]], reading.sources[i]))
        return false;
    if (reading.values.size() != pattern.word->scalars)
      return false;
    for (size_t i = 0; i < reading.values.size(); ++i) {
      const Term &value = terms[reading.values[i]];
      if (value.kind != (pattern.word->areSizes ? Term::Kind::Integer : Term::Kind::Real))
        return false;
      if (pattern.word->areSizes)
        meaning.sizes.push_back({&pattern.sizes[i], value.integer});
      else if (const Pattern &scalar = pattern.scalars[i]; scalar.kind == Pattern::Kind::Variable) {
        if (!bind(scalar.variable, reading.values[i], meaning))
          return false;
      } else if (numberOf(scalar, meaning) != value.real) {
        return false;
      }
    }
    return true;
  }

  /// The number that a scalar of the law is, of variables that are numbers.
  std::optional<double> numberOf(const Pattern &scalar, const Meaning &meaning) const {
    if (scalar.kind == Pattern::Kind::Number)
      return scalar.number;
    if (scalar.kind == Pattern::Kind::Variable) {
      std::optional<uint32_t> bound = meaning.terms[scalar.variable];
      return bound ? terms.facts[*bound].splat : std::nullopt;
    }
    std::vector<double> numbers;
    for (const Pattern &kid : scalar.kids)
      if (std::optional<double> number = numberOf(kid, meaning))
        numbers.push_back(*number);
    bool areAll = scalar.word && numbers.size() == scalar.kids.size();
    return areAll ? evaluate(scalar.word->operation, numbers) : std::nullopt;
  }

  /// Each time the same term, or the same number.
  bool bind(int variable, uint32_t at, Meaning &meaning) const {
    std::optional<uint32_t> &bound = meaning.terms[variable];
    bound = bound.value_or(at);
    std::optional<double> number = terms.facts[*bound].splat, other = terms.facts[at].splat;
    if (bound == at || !number || !other)
      return bound == at;
    auto isSame = [](double a, double b) { return a == b && std::signbit(a) == std::signbit(b); };
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
  bool isNumber(const Pattern &pattern, uint32_t at) const {
    std::optional<double> splat = terms.facts[at].splat;
    if (!splat)
      return false;
    double number = pattern.number;
    if (!pattern.isExact) {
      if (law.isBit || !terms[at].type)
        return false;
      const std::string &element = terms.type(at).element;
      if (element != "f32" && element != "f64")
        return false;
      number = element == "f32" ? static_cast<float>(number) : number;
    }
    return *splat == number && std::signbit(*splat) == std::signbit(number);
  }

  /// `(concat nk..->sk w..)`: any number of operands, one of which is w. Each has a size of its own
  /// along the axis; (before n) is the sum of those in front of w.
  Meanings fitEach(const Pattern &pattern, const Operand &at, const Reading &reading,
                   const Meaning &start) {
    Pattern each = pattern, one = pattern.kids[0];
    one.kind = Pattern::Kind::Variable;
    Meanings found;
    size_t count = reading.operands.size();
    const Strings &way = reading.ways[0];
    for (size_t own = 0; own < count; ++own) {
      Meaning meaning = start;
      each.strings.operands.assign(count, pattern.strings.operands[0]);
      each.strings.spread.resize(count);
      for (size_t i = 0; i < count; ++i)
        for (int &dim : each.strings.operands[i])
          if (i != own && !contains(pattern.letters, dim))
            dim = static_cast<int>(law.dims.size()) + meaning.fresh++;
      std::vector<Operand> operands = place(each, at, reading, way, meaning);
      std::optional<int64_t> before = 0;
      for (size_t i = 0; i < count; ++i) {
        if (i != own)
          meaning.wires.places.push_back({operands[i].law.all(), operands[i].place.all()});
        if (i < own) {
          int cut = lacking(way.operands[i], way.result)[0];
          before = calculate('+', before, parseInteger(reading.extents.at(cut)));
        }
      }
      // What comes with each sibling stands where its own does.
      if (!before || meaning.before.value_or(*before) != *before)
        continue;
      meaning.before = before;
      std::ranges::move(fit(one, operands[own], meaning), std::back_inserter(found));
    }
    return found;
  }

  //===- Letters, sizes and conditions ------------------------------------===//

  bool holds(const Meaning &meaning) {
    for (size_t i = 0; i < law.variables.size(); ++i)
      if (meaning.terms[i] && !hasKind(law.variables[i], *meaning.terms[i]))
        return false;
    std::vector<bool> mayBeBlock = law.mayBeBlock;
    mayBeBlock.resize(law.dims.size() + meaning.fresh, false);
    std::optional<Match> found = match(meaning.wires, mayBeBlock, law.variables.size(), law.isBit);
    if (!found)
      return refuse("its letters do not fit the axes of the terms");
    Sizes sizes(law, found->blocks, meaning.before.value_or(0));
    if (!sizes.solve(meaning.sizes))
      return refuse("its sizes do not fit");
    for (const auto &[letters, term] : meaning.counts)
      if (!isCount(letters, term, sizes))
        return refuse("a number is not the size that the law names");
    for (const Expression &condition : law.conditions)
      if (!isTrue(condition, meaning, *found, sizes))
        return refuse("the condition " + condition.text() + " could not be shown");
    for (int i = 0; i < std::ssize(law.variables); ++i)
      if (meaning.terms[i] && !isBelow(i, *meaning.terms[i], found->blocks))
        return refuse(law.variables[i].name + " is not known to be below its size");
    return true;
  }

  /// What is no index; an index by which the step's first side takes from as many elements as its
  /// size, for a place that there is not is an error; a permutation of so many.
  bool isBelow(int variable, uint32_t term, const Blocks &blocks) const {
    int size = law.variables[variable].bound;
    return size < 0 || takes(first, variable, size) ||
           (blocks[size] == terms.type(term).extents && isBijective(terms, term));
  }

  static bool takes(const Pattern &pattern, int index, int size) {
    const Strings &strings = pattern.strings;
    return (pattern.word && pattern.word->name == "gather" && pattern.kids[1].variable == index &&
            lacking(strings.operands[0], strings.result) == Letters{size}) ||
           std::ranges::any_of(pattern.kids,
                               [&](const Pattern &kid) { return takes(kid, index, size); });
  }

  /// A number, or `tern.size` of the axes that the letters stand for.
  bool isCount(const Letters &letters, uint32_t term, const Sizes &sizes) const {
    if (std::optional<double> number = terms.facts[term].splat)
      return sizes.countOf(letters) == *number;
    if (!terms[term].isOperation("tern.size"))
      return false;
    const std::string &text = terms[terms[term].kids[0]].text; // #tern.dims<T,%2064>
    size_t first = text.find('<') + 1;
    return sizes.areExtents(letters, text.substr(first, text.rfind('>') - first));
  }

  bool refuse(std::string reason) {
    why = std::move(reason);
    return false;
  }

  bool hasKind(const Variable &variable, uint32_t term) {
    if (!terms.isTensor(term))
      return terms[term].kind == Term::Kind::Real && variable.kind == Variable::Kind::Tensor &&
             variable.letters.empty();
    if (variable.kind == Variable::Kind::Index) {
      const std::string &element = terms.type(term).element;
      return element == "i32" || element == "i64" || refuse(variable.name + " is no index");
    }
    if (variable.kind == Variable::Kind::Truth && !terms.facts[term].sign.isTruth)
      return refuse(variable.name + " is not known to be 0 or 1");
    return true;
  }

  bool isTrue(const Expression &condition, const Meaning &meaning, const Match &found,
              const Sizes &sizes) const {
    if (condition.list.empty())
      return false;
    const std::string &name = condition.list[0].atom;
    if (condition.list.size() == 3 && std::ispunct(static_cast<unsigned char>(name[0])))
      return sizes.compares(name, condition.list[1], condition.list[2]);
    int variable = condition.list.size() < 2 ? -1 : law.variable(condition.list[1].atom);
    if (variable < 0)
      return false;
    const std::string &named = meaning.names[variable];
    if (condition.list.size() == 2 && isKnown(name, named))
      return true;
    if (condition.isCall("exact", 2)) {
      int narrow = law.variable(condition.list[2].atom);
      return narrow >= 0 && meaning.terms[narrow] && terms.isTensor(*meaning.terms[narrow]) &&
             check::holds(named, terms.type(*meaning.terms[narrow]).element);
    }
    if (!meaning.terms[variable])
      return false;
    uint32_t term = *meaning.terms[variable];
    if (condition.isCall("some", 2))
      return isSome(term, law.dim(condition.list[2].atom), found.axes[variable], sizes,
                    condition.list[2]);
    return condition.list.size() == 2 && isFact(name, term, meaning);
  }

  /// Each row of a mask along the axis of that letter has an entry.
  bool isSome(uint32_t mask, int dim, const Letters &axes, const Sizes &sizes,
              const Expression &letter) const {
    if (terms.facts[mask].splat)
      return terms.facts[mask].sign.isNonZero && sizes.compares(">=", letter, {"1", {}});
    auto axis = std::ranges::find(axes, dim);
    return std::ranges::count(axes, dim) == 1 &&
           hasEntry(terms, mask, static_cast<size_t>(axis - axes.begin()));
  }

  bool isFact(const std::string &name, uint32_t term, const Meaning &meaning) const {
    const Facts &known = terms.facts[term];
    int exponent;
    if (name == "pos")
      return known.sign.isPositive();
    if (name == "nonneg")
      return known.sign.isNonNegative;
    if (name == "nonzero")
      return known.sign.isNonZero;
    if (name == "pow2")
      return known.splat && std::isfinite(*known.splat) &&
             std::frexp(*known.splat, &exponent) == 0.5;
    if (!terms.isTensor(term))
      return false;
    if (name == "bijective")
      return isBijective(terms, term);
    if (name == "orthogonal")
      return isOrthogonal(terms, term);
    return name == "rounded" && isRounded(term, meaning.narrow);
  }

  /// Of the type that the law rounds to, or widened from it.
  bool isRounded(uint32_t term, const std::string &narrow) const {
    bool isCast = terms[term].isOperation("tern.cast");
    return terms.type(isCast ? terms[term].kids[0] : term).element == narrow &&
           check::holds(terms.type(term).element, narrow);
  }

  static constexpr size_t most = 4096;

  const Law &law;
  const Terms &terms;
  const Pattern &first; ///< the side that the step begins with
  std::string why;
};

} // namespace

void checkInstance(const Law &law, const Terms &terms, uint32_t left, uint32_t right,
                   bool isForth) {
  Instance(law, terms, isForth ? law.left : law.right).check(left, right);
}

} // namespace tern::check
