// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Instance.h"

#include "tools/tern-explain/check/Conditions.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace tern::check {

namespace {

/// An operand and where it stands.
struct Operand {
  uint32_t term;
  Place law, place;
};

class Instance {
public:
  Instance(const Law &law, const Function &function, const std::vector<Facts> &facts)
      : law(law), function(function), facts(facts), conditions(law, function, facts) {}

  void check(uint32_t left, uint32_t right) {
    if (!law.unknown.empty())
      throw Refusal(law.unknown);
    Meaning start;
    start.terms.resize(law.variables.size());
    start.names.resize(law.variables.size());
    Place before, after, place;
    Letters ofLeft = lettersOf(law.left), ofRight = lettersOf(law.right);
    if (!typeOf(left).isTensor ||
        (!ofLeft.empty() && !ofRight.empty() && ofLeft.size() != ofRight.size()))
      throw Refusal("its sides are no tensors of one rank");
    for (int dim : ofLeft.empty() ? ofRight : ofLeft)
      before.own.push_back(start.wires.freshLaw(dim));
    after = before;
    for (size_t i = 0; i < ofRight.size(); ++i)
      after.own[i] = start.wires.named(after.own[i], ofRight[i]);
    if (ofLeft.empty())
      std::swap(before.own, before.spread);
    if (ofRight.empty())
      std::swap(after.own, after.spread);
    for (const std::string &extent : typeOf(left).extents)
      place.own.push_back(start.wires.freshTerm(extent));
    for (Meaning &some : fit(law.left, {left, before, place}, start))
      for (Meaning &meaning : fit(law.right, {right, after, place}, some))
        if (conditions.hold(meaning))
          return;
    throw Refusal(conditions.why().empty() ? "its sides do not have the form of these terms"
                                           : conditions.why());
  }

private:
  const Type &typeOf(uint32_t term) const { return function.types[*function.terms[term].type]; }

  //===- Form -------------------------------------------------------------===//

  /// The letters of the result.
  Letters lettersOf(const Pattern &pattern) const {
    if (pattern.kind == Pattern::Kind::Variable || pattern.kind == Pattern::Kind::Each)
      return law.variables[pattern.variable].letters;
    if (pattern.kind != Pattern::Kind::Term || !pattern.word)
      return {};
    if (!pattern.strings.operands.empty())
      return pattern.strings.result;
    for (const Pattern &kid : pattern.kids)
      if (Letters letters = lettersOf(kid); !letters.empty())
        return letters;
    return {};
  }

  std::vector<Meaning> fit(const Pattern &pattern, const Operand &at, const Meaning &meaning) {
    if (pattern.word && (pattern.word->name == "perm" || pattern.word->name == "bcast"))
      return fitMoved(pattern, at, meaning);
    if (const Term &term = function.terms[at.term];
        term.isOperation("tern.transpose") || term.isOperation("tern.broadcast"))
      return fit(pattern, seenThrough(at), meaning);
    Meaning next = meaning;
    next.wires.places.push_back({at.law.all(), at.place.all()});
    switch (pattern.kind) {
    case Pattern::Kind::Variable:
      if (law.variables[pattern.variable].letters.size() != at.law.own.size() ||
          !bind(pattern.variable, at.term, next))
        return {};
      if (!facts[at.term].splat)
        next.wires.standings.push_back({pattern.variable,
                                        law.variables[pattern.variable].letters,
                                        {at.law.own, at.place.own}});
      return {next};
    case Pattern::Kind::Number:
      return isNumber(pattern, at.term) ? std::vector{next} : std::vector<Meaning>();
    case Pattern::Kind::Size:
      if (!facts[at.term].splat)
        return {};
      next.counts.emplace_back(pattern.strings.result, *facts[at.term].splat);
      return {next};
    case Pattern::Kind::Each:
      return {};
    case Pattern::Kind::Term:
      return fitTerm(pattern, at, std::move(next), meaning);
    }
    return {};
  }

  /// perm and bcast change the order of axes, and how many there are: the term is one of all
  /// others.
  std::vector<Meaning> fitMoved(const Pattern &pattern, const Operand &at, Meaning meaning) {
    const Strings &strings = pattern.strings;
    if (strings.result.size() != at.law.own.size())
      return {};
    Operand kid{at.term, {{}, at.law.spread}, at.place};
    std::map<int, Slot> slots;
    for (size_t i = 0; i < strings.result.size(); ++i)
      slots[strings.result[i]] = meaning.wires.named(at.law.own[i], strings.result[i]);
    for (int dim : strings.operands[0]) {
      if (!slots.contains(dim))
        return {};
      kid.law.own.push_back(slots[dim]);
      slots.erase(dim);
    }
    for (auto [dim, slot] : slots)
      kid.law.spread.push_back(slot);
    return fit(pattern.kids[0], kid, meaning);
  }

  /// The same of the operand of a transpose or of a broadcast, whose types were checked.
  Operand seenThrough(const Operand &at) const {
    const std::vector<uint32_t> &kids = function.terms[at.term].kids;
    auto isTerm = [&](uint32_t kid) { return function.terms[kid].isTerm(); };
    auto isText = [&](uint32_t kid) { return function.terms[kid].kind == Term::Kind::Text; };
    Axes own = *parseAxes(function.terms[*std::ranges::find_if(kids, isText)].text);
    Operand kid{*std::ranges::find_if(kids, isTerm), at.law, {{}, at.place.spread}};
    for (char letter : own.operands[0])
      kid.place.own.push_back(at.place.own.at(own.result.find(letter)));
    for (size_t i = 0; i < own.result.size(); ++i)
      if (own.operands[0].find(own.result[i]) == std::string::npos)
        kid.place.spread.push_back(at.place.own.at(i));
    return kid;
  }

  std::vector<Meaning> fitTerm(const Pattern &pattern, const Operand &at, Meaning meaning,
                               const Meaning &unmarked) {
    const Term &term = function.terms[at.term];
    const Word &word = *pattern.word;
    std::vector<Meaning> found;
    // What has the type already is rounded to it.
    if (word.form == Form::Round || word.form == Form::Cast) {
      Meaning same = unmarked;
      std::string &to = word.form == Form::Round ? same.narrow : same.names[pattern.function];
      if (term.isTerm() && term.type && bindName(to, typeOf(at.term).element))
        found = fit(pattern.kids[0], at, same);
    }
    if (word.form == Form::Slice || word.form == Form::Reshape)
      found = fitNothing(pattern, at, unmarked);
    if (term.kind != Term::Kind::Operation || !term.type ||
        typeOf(at.term).extents.size() != at.place.own.size() ||
        lettersOf(pattern).size() != at.law.own.size())
      return found;
    std::vector<uint32_t> terms, properties;
    for (uint32_t kid : term.kids)
      (function.terms[kid].isTerm() ? terms : properties).push_back(kid);
    bool hasEach = !pattern.kids.empty() && pattern.kids[0].kind == Pattern::Kind::Each;
    if (properties.size() != word.properties || (!hasEach && terms.size() != pattern.kids.size()) ||
        !std::ranges::all_of(terms, [&](uint32_t kid) { return isTensor(kid); }) ||
        !fitHead(pattern, term, terms, meaning))
      return found;
    std::vector<Operand> operands(terms.size());
    for (size_t i = 0; i < terms.size(); ++i)
      operands[i].term = terms[i];
    if (hasEach) {
      std::ranges::move(fitEach(pattern, at, operands, properties, meaning),
                        std::back_inserter(found));
      return found;
    }
    if (!fitOperands(pattern, at, operands, properties, meaning))
      return found;
    std::ranges::move(fitKids(pattern, operands, meaning), std::back_inserter(found));
    if (word.commutes) {
      std::swap(operands[0].term, operands[1].term);
      std::swap(operands[0].place, operands[1].place);
      std::ranges::move(fitKids(pattern, operands, meaning), std::back_inserter(found));
    }
    if (found.size() > most)
      throw Refusal("its form fits in more ways than can be tried");
    return found;
  }

  /// A slice of all that there is, a reshape to the same extents: the term is their operand.
  std::vector<Meaning> fitNothing(const Pattern &pattern, const Operand &at, Meaning meaning) {
    const Letters &from = pattern.strings.operands[0], &to = pattern.strings.result;
    if (from.size() != to.size() || to.size() != at.law.own.size())
      return {};
    Operand kid = at;
    size_t changed = 0;
    for (size_t i = 0; i < from.size(); ++i) {
      changed += from[i] != to[i];
      kid.law.own[i] = meaning.wires.named(meaning.wires.named(at.law.own[i], to[i]), from[i]);
    }
    if (changed != 1)
      return {};
    if (pattern.word->form == Form::Slice)
      meaning.sizes.emplace_back(&pattern.scalars[0], Sum());
    return fit(pattern.kids[0], kid, meaning);
  }

  std::vector<Meaning> fitKids(const Pattern &pattern, const std::vector<Operand> &operands,
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

  /// Each time the same term, or the same number.
  bool bind(int variable, uint32_t at, Meaning &meaning) const {
    std::optional<uint32_t> &bound = meaning.terms[variable];
    bound = bound.value_or(at);
    std::optional<double> number = facts[*bound].splat, other = facts[at].splat;
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

  /// Where the operands stand, and what the properties say.
  bool fitOperands(const Pattern &pattern, const Operand &at, std::vector<Operand> &operands,
                   const std::vector<uint32_t> &properties, Meaning &meaning) const {
    auto property = [&](size_t i) -> const Term & { return function.terms[properties[i]]; };
    switch (pattern.word->form) {
    case Form::Plain:
    case Form::Map:
    case Form::Round:
    case Form::Cast:
      return fitElementwise(pattern, at, operands);
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
      return fitReshape(pattern, at, operands[0], meaning);
    case Form::Slice:
    case Form::Pad: {
      // Axis, offset, size; axis, zeros after, zeros before.
      const Term &offset = property(pattern.word->form == Form::Slice ? 1 : 2);
      meaning.sizes.emplace_back(&pattern.scalars[0], Sum{{}, offset.integer});
      return fitCut(pattern.strings, at, operands, property(0).integer, meaning);
    }
    case Form::Concat:
      return fitCut(pattern.strings, at, operands, property(0).integer, meaning);
    }
    return false;
  }

  /// Operands without axes are spread over the result's.
  bool fitElementwise(const Pattern &pattern, const Operand &at,
                      std::vector<Operand> &operands) const {
    for (size_t i = 0; i < operands.size(); ++i) {
      Operand &operand = operands[i];
      Letters letters = lettersOf(pattern.kids[i]);
      operand.law = letters.empty() ? Place{{}, at.law.all()} : at.law;
      operand.place = typeOf(operand.term).extents.empty() ? Place{{}, at.place.all()} : at.place;
      if (letters.size() != operand.law.own.size() ||
          typeOf(operand.term).extents.size() != operand.place.own.size())
        return false;
    }
    return true;
  }

  /// The slots of the result's letters.
  std::map<int, Slot> lawSlots(const Letters &result, const Operand &at, Meaning &meaning) const {
    std::map<int, Slot> slots;
    for (size_t i = 0; i < result.size(); ++i)
      slots[result[i]] = meaning.wires.named(at.law.own[i], result[i]);
    return slots;
  }

  static std::vector<Slot> lawPlace(const Letters &letters, std::map<int, Slot> &slots,
                                    Meaning &meaning) {
    std::vector<Slot> own;
    for (int dim : letters) {
      auto known = slots.find(dim);
      if (known == slots.end())
        known = slots.emplace(dim, meaning.wires.freshLaw(dim)).first;
      own.push_back(known->second);
    }
    return own;
  }

  /// The term's own index string beside the law's.
  bool fitAxes(const Pattern &pattern, const Operand &at, std::vector<Operand> &operands,
               const Term &text, Meaning &meaning) const {
    std::optional<Axes> own;
    if (text.kind == Term::Kind::Text)
      own = parseAxes(text.text);
    const Strings &strings = pattern.strings;
    if (!own || own->along.empty() != !strings.along || own->result.size() != at.place.own.size() ||
        (!strings.along && own->operands.size() != strings.operands.size()))
      return false;
    std::map<int, Slot> ofLaw = lawSlots(strings.result, at, meaning);
    std::map<char, Slot> ofTerm;
    for (size_t i = 0; i < own->result.size(); ++i)
      ofTerm[own->result[i]] = at.place.own[i];
    for (size_t i = 0; i < operands.size(); ++i) {
      const std::string &letters = strings.along ? own->result : own->operands[i];
      const Type &type = typeOf(operands[i].term);
      if (letters.size() != type.extents.size())
        return false;
      operands[i].law = {lawPlace(strings.operands[i], ofLaw, meaning), at.law.spread};
      operands[i].place = {{}, at.place.spread};
      for (size_t axis = 0; axis < letters.size(); ++axis) {
        auto known = ofTerm.find(letters[axis]);
        if (known == ofTerm.end())
          known = ofTerm.emplace(letters[axis], meaning.wires.freshTerm(type.extents[axis])).first;
        operands[i].place.own.push_back(known->second);
      }
    }
    Ends along;
    auto addAlong = [&](const Letters &dims, const std::string &letters) {
      for (int dim : dims)
        if (ofLaw.contains(dim))
          along.law.push_back(ofLaw[dim]);
      for (char letter : letters)
        if (ofTerm.contains(letter))
          along.term.push_back(ofTerm[letter]);
    };
    if (strings.along) {
      std::string inOrder;
      for (char letter : own->result)
        if (own->along.find(letter) != std::string::npos)
          inOrder += letter;
      addAlong(*strings.along, inOrder);
    } else if (operands.empty()) {
      addAlong(strings.operands[0], own->operands[0]); // the axis that iota counts along
    } else {
      Letters dims;
      std::string letters;
      for (const Letters &operand : strings.operands)
        for (int dim : operand)
          if (!contains(strings.result, dim) && !contains(dims, dim))
            dims.push_back(dim);
      for (const std::string &operand : own->operands)
        for (char letter : operand)
          if (!contains(own->result, letter) && !contains(letters, letter))
            letters += letter;
      addAlong(dims, letters);
      meaning.wires.sums.push_back(along);
      return true;
    }
    meaning.wires.places.push_back(along);
    meaning.wires.sums.push_back(along);
    return true;
  }

  static bool contains(const auto &all, auto one) {
    return std::ranges::find(all, one) != all.end();
  }

  /// Row-major regroupings: an axis stays, or some axes become others of as many elements.
  bool fitReshape(const Pattern &pattern, const Operand &at, Operand &kid, Meaning &meaning) const {
    const Letters &before = pattern.strings.operands[0], &after = pattern.strings.result;
    std::map<int, Slot> slots = lawSlots(after, at, meaning);
    kid.law = {lawPlace(before, slots, meaning), at.law.spread};
    Ends old, made;
    for (int dim : before)
      if (!contains(after, dim))
        old.law.push_back(slots[dim]);
    for (int dim : after)
      if (!contains(before, dim))
        made.law.push_back(slots[dim]);
    // Letters that stay keep their order.
    Letters staying, stayed;
    std::ranges::copy_if(before, std::back_inserter(staying),
                         [&](int dim) { return contains(after, dim); });
    std::ranges::copy_if(after, std::back_inserter(stayed),
                         [&](int dim) { return contains(before, dim); });
    const std::vector<std::string> &from = typeOf(kid.term).extents, &to = typeOf(at.term).extents;
    kid.place = {{}, at.place.spread};
    for (const std::string &extent : from)
      kid.place.own.push_back(meaning.wires.freshTerm(extent));
    size_t i = 0, j = 0;
    while (i < from.size() || j < to.size()) {
      if (i < from.size() && j < to.size() && from[i] == to[j] && from[i] != "?") {
        meaning.wires.term.join(at.place.own[j++], kid.place.own[i++]);
        continue;
      }
      auto [k, l] = groupAt(from, to, i, j);
      if (k == i && l == j)
        return false;
      for (; i < k; ++i)
        old.term.push_back(kid.place.own[i]);
      for (; j < l; ++j)
        made.term.push_back(at.place.own[j]);
    }
    meaning.wires.orders.push_back(old);
    meaning.wires.orders.push_back(made);
    return staying == stayed;
  }

  /// Where the shortest parts from `i` and `j` on end that have as many elements; there if none do.
  static std::pair<size_t, size_t> groupAt(const std::vector<std::string> &from,
                                           const std::vector<std::string> &to, size_t i, size_t j) {
    for (size_t length = 1; length <= from.size() - i + to.size() - j; ++length)
      for (size_t k = i; k <= std::min(from.size(), i + length); ++k) {
        size_t l = j + length - (k - i);
        if (l <= to.size() &&
            haveAsMany({from.begin() + i, from.begin() + k}, {to.begin() + j, to.begin() + l}))
          return {k, l};
      }
    return {i, j};
  }

  /// Operands and result differ along one axis.
  bool fitCut(const Strings &strings, const Operand &at, std::vector<Operand> &operands,
              int64_t axis, Meaning &meaning) const {
    std::map<int, Slot> slots = lawSlots(strings.result, at, meaning);
    if (axis < 0 || axis >= static_cast<int64_t>(at.place.own.size()))
      return false;
    for (size_t i = 0; i < operands.size(); ++i) {
      const Letters &letters = strings.operands[i];
      auto isCut = [&](int dim) { return !contains(strings.result, dim); };
      if (std::ranges::count_if(letters, isCut) != 1 || letters.size() != strings.result.size())
        return false;
      operands[i].law = {lawPlace(letters, slots, meaning), at.law.spread};
      operands[i].place = at.place;
      operands[i].place.own[axis] =
          meaning.wires.freshTerm(typeOf(operands[i].term).extents.at(axis));
    }
    return true;
  }

  /// `(concat nk..->sk w..)`: any number of operands, one of which is w. Each has a size of its own
  /// along the axis; (before n) is the sum of those in front of w.
  std::vector<Meaning> fitEach(const Pattern &pattern, const Operand &at,
                               std::vector<Operand> operands,
                               const std::vector<uint32_t> &properties, const Meaning &start) {
    int64_t axis = function.terms[properties[0]].integer;
    Pattern one = pattern.kids[0];
    one.kind = Pattern::Kind::Variable;
    std::vector<Meaning> found;
    for (size_t own = 0; own < operands.size(); ++own) {
      Meaning meaning = start;
      Strings strings = pattern.strings;
      strings.operands.assign(operands.size(), pattern.strings.operands[0]);
      for (size_t i = 0; i < operands.size(); ++i)
        for (int &dim : strings.operands[i])
          if (i != own && !contains(strings.result, dim))
            dim = static_cast<int>(law.dims.size()) + meaning.fresh++;
      if (!fitCut(strings, at, operands, axis, meaning))
        return {};
      std::optional<Sum> before = Sum();
      for (size_t i = 0; i < operands.size(); ++i) {
        if (i == own)
          continue;
        meaning.wires.places.push_back({operands[i].law.all(), operands[i].place.all()});
        std::optional<Sum> size = Sum::parse(typeOf(operands[i].term).extents.at(axis));
        if (i < own)
          before = before && size ? add(*before, *size) : std::nullopt;
      }
      if (!before)
        continue;
      meaning.before = *before;
      std::ranges::move(fit(one, operands[own], meaning), std::back_inserter(found));
    }
    return found;
  }

  bool isTensor(std::optional<uint32_t> term) const {
    return term && function.terms[*term].isTerm() && function.terms[*term].type;
  }

  static constexpr size_t most = 4096;

  const Law &law;
  const Function &function;
  const std::vector<Facts> &facts;
  Conditions conditions;
};

} // namespace

void checkInstance(const Law &law, const Function &function, const std::vector<Facts> &facts,
                   uint32_t left, uint32_t right) {
  Instance(law, function, facts).check(left, right);
}

} // namespace tern::check
