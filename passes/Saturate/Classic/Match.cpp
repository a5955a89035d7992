// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The law's side and the term are walked together from the root down. Each axis of the result gets
// a name, and an operation says which of its operands' axes have the names of the result's and
// which are new. So an axis is known by the places that it passes, whatever the order of axes is at
// each of them, and a letter of the law stands for the axes that pass the same places as it does.
#include "passes/Saturate/Classic/Way.h"

#include <cmath>
#include <map>

using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

using law::Dim;
using law::Letters;
using law::Op;
using law::Size;

namespace {

/// Of more ways to match one node the first ones count.
constexpr size_t mostWays = 48;

Letters lettersOf(const law::Law &law, const law::Term &t) {
  return t.sort == law::Term::Sort::Variable ? law.variables[t.variable].letters : t.letters;
}

class Matcher {
public:
  Matcher(Graph &graph, const Rule &rule) : graph(graph), rule(rule), law(rule.law()) {}

  std::vector<Match> run(uint32_t node) {
    std::vector<Match> found;
    if (!graph.extents(node))
      return found;
    Way start;
    start.variables.resize(law.variables.size());
    Place root;
    for (Dim letter : rule.left().letters)
      root.law.push_back(start.freshLaw(letter));
    for (uint32_t extent : *graph.extents(node))
      root.own.push_back(start.freshTerm(extent));
    std::vector<Way> ways;
    fitTerm(rule.left(), node, root, true, start, ways);
    for (const Way &way : ways)
      if (std::optional<Match> match = complete(graph, rule, node, root, way))
        found.push_back(std::move(*match));
    return found;
  }

private:
  //===- Form -------------------------------------------------------------===//

  void fit(const law::Term &t, uint32_t node, const Place &place, bool isSpread, const Way &way,
           std::vector<Way> &into) {
    using Sort = law::Term::Sort;
    if (!graph.extents(node))
      return;
    if (t.sort == Sort::Operation && t.op != Op::Size) {
      bool isOfScalar = t.op == Op::Bcast && t.string.operands[0].empty();
      if (isSpread && isOfScalar && graph.rank(node) == 0) {
        // Element-wise operations spread a scalar by themselves.
        Way through = way;
        mark(place, through);
        fit(t.operands[0], node, {}, true, through, into);
      }
      return fitTerm(t, node, place, false, way, into);
    }
    Way next = way;
    mark(place, next);
    std::optional<double> splat = graph[node].splat;
    switch (t.sort) {
    case Sort::Variable:
      if (!fitVariable(t.variable, node, next))
        return;
      next.standings.push_back({t.variable, place.law, place.own});
      break;
    case Sort::Operation: // size
      if (!splat || std::floor(*splat) != *splat || std::abs(*splat) > 0x1p53)
        return;
      next.sizes.emplace_back(&t.size, static_cast<int64_t>(*splat));
      break;
    default:
      if (!splat || !isNumber(t, *splat))
        return;
    }
    into.push_back(std::move(next));
  }

  static void mark(const Place &place, Way &way) {
    Axes all = place.own;
    all.append(place.spread);
    way.places.emplace_back(place.law, all);
  }

  /// Over the reals a number of the law is also what f32 makes of it.
  bool isNumber(const law::Term &t, double number) const {
    double own = t.sort == law::Term::Sort::MinusInfinity ? -INFINITY
                 : t.sort == law::Term::Sort::Pi          ? M_PI
                                                          : t.value;
    auto isSame = [&](double a) { return a == number && std::signbit(a) == std::signbit(number); };
    return isSame(own) || (law.tier == law::Tier::Real && isSame(static_cast<float>(own)));
  }

  bool fitVariable(unsigned variable, uint32_t node, Way &way) {
    const law::Variable &own = law.variables[variable];
    const Node &facts = graph[node];
    if (own.kind == law::Kind::Truth && (!facts.sign.isTruth || facts.splat))
      return false;
    if (own.kind == law::Kind::Integer)
      return StringRef(graph.elementName(node)).starts_with("i") && way.bind(variable, Term{node});
    if (!own.letters.empty())
      return way.bind(variable, Term{node});
    if (facts.splat)
      return way.bind(variable, *facts.splat);
    return graph.rank(node) == 0 && way.bind(variable, Term{node});
  }

  void fitTerm(const law::Term &t, uint32_t node, const Place &place, bool isRoot, const Way &way,
               std::vector<Way> &into) {
    // Between roundings a law without the mark L finds its operations adjacent.
    bool mayRound = isRoot || law.survivesRounding || isExact(t.op);
    size_t arity = arityOf(t);
    const Node &own = graph[node];
    if (into.size() >= mostWays || own.kids.size() != arity + propertiesOf(t.op) ||
        !isHead(t, node) || (!mayRound && !graph.isWide(node)))
      return;
    SmallVector<uint32_t> kids(own.kids.begin(), own.kids.begin() + arity);
    fitOperands(t, node, kids, false, place, isRoot, way, into);
    if (commutes(t.op) && arity == 2 && kids[0] != kids[1]) {
      std::swap(kids[0], kids[1]);
      fitOperands(t, node, kids, true, place, isRoot, way, into);
    }
  }

  bool isHead(const law::Term &t, uint32_t node) const {
    StringRef name = graph.name(node);
    if (t.op == Op::Map || t.op == Op::Map2) {
      std::optional<Op> op = law::opNamed(name);
      return op && *op != Op::Rnd && law::infoOf(*op).form == law::Form::Elements &&
             law::infoOf(*op).operands == static_cast<int>(arityOf(t));
    }
    return name == operationOf(t.op);
  }

  void fitOperands(const law::Term &t, uint32_t node, ArrayRef<uint32_t> kids, bool isSwapped,
                   const Place &place, bool isRoot, const Way &way, std::vector<Way> &into) {
    Way next = way;
    mark(place, next);
    if (!isRoot)
      next.inner.push_back(node);
    if (!fitProperties(t, node, next))
      return;
    SmallVector<Place> places(kids.size());
    if (!placeOperands(t, node, kids, isSwapped, place, places, next))
      return;
    std::vector<Way> ways{std::move(next)};
    for (size_t i = 0; i < kids.size(); ++i) {
      std::vector<Way> fitting;
      for (const Way &each : ways)
        fit(t.operands[i], kids[i], places[i], isElementwise(t.op), each, fitting);
      ways = std::move(fitting);
    }
    llvm::move(ways, std::back_inserter(into));
  }

  //===- Properties -------------------------------------------------------===//

  uint32_t property(const law::Term &t, uint32_t node, size_t at) const {
    return graph[node].kids[arityOf(t) + at];
  }
  std::optional<int64_t> integer(const law::Term &t, uint32_t node, size_t at) const {
    return graph.integer(graph[property(t, node, at)].what);
  }

  bool fitSize(const law::Term &t, std::optional<int64_t> value, Way &way) const {
    if (value)
      way.sizes.emplace_back(&t.size, *value);
    return value.has_value();
  }

  bool fitNumber(const law::Term &t, uint32_t property, Way &way) const {
    std::optional<double> number = graph.number(property);
    if (!number)
      return false;
    if (t.sort == law::Term::Sort::Variable)
      return way.bind(t.variable, *number);
    return *number == t.value;
  }

  /// What the properties say that is not about axes.
  bool fitProperties(const law::Term &t, uint32_t node, Way &way) {
    switch (t.op) {
    case Op::Map:
    case Op::Map2:
      return way.bind(t.variable, Symbol{graph[node].head});
    case Op::Cast:
      return way.bind(t.variable, Symbol{graph.element(node)});
    case Op::Rnd: {
      uint32_t own = graph.element(node), from = graph.element(graph[node].kids[0]);
      bool isKnown = way.narrow == 0 || way.narrow == own;
      way.narrow = own;
      return isKnown && (own == from || graph.table.holds(from, own));
    }
    case Op::Slice: // axis, offset, size
      return fitSize(t, integer(t, node, 1), way);
    case Op::Pad: // axis, zeros after, zeros before
      return fitSize(t, integer(t, node, 2), way);
    case Op::TopkMask:
      return fitSize(t, integer(t, node, 1), way);
    case Op::RmsNorm:
    case Op::LayerNorm:
      return fitNumber(t.operands[1], property(t, node, 1), way);
    default:
      return !isAttention(t.op) || fitAttention(t, node, way);
    }
  }

  /// causal, scale, soft_cap, window
  bool fitAttention(const law::Term &t, uint32_t node, Way &way) const {
    bool isPlain = graph[property(t, node, 0)].what == graph.table.absent() &&
                   integer(t, node, 3).value_or(0) == 0;
    uint32_t cap = property(t, node, 2);
    size_t arity = arityOf(t);
    if (!isPlain || (graph.number(cap).value_or(0) != 0) != isCapped(t.op))
      return false;
    return fitNumber(t.operands[arity], property(t, node, 1), way) &&
           (!isCapped(t.op) || fitNumber(t.operands[arity + 1], cap, way));
  }

  //===- Axes -------------------------------------------------------------===//

  bool placeOperands(const law::Term &t, uint32_t node, ArrayRef<uint32_t> kids, bool isSwapped,
                     const Place &place, SmallVector<Place> &places, Way &way) {
    if (isElementwise(t.op))
      return placeElements(t, kids, place, places, way);
    if (!place.spread.empty() && t.op != Op::Bcast)
      return false;
    if (isAttention(t.op))
      return nameLetters(t, place, places, way) && placeAttention(kids, place, places, way);
    switch (t.op) {
    case Op::Reshape:
      return placeRegrouped(t, kids[0], place, places[0], way);
    case Op::Slice:
    case Op::Pad:
    case Op::Concat: {
      std::optional<int64_t> axis = integer(t, node, 0);
      return axis && nameLetters(t, place, places, way) &&
             placeCut(*axis, kids, place, places, way);
    }
    default:
      return placeText(t, node, kids, isSwapped, place, places, way);
    }
  }

  bool placeElements(const law::Term &t, ArrayRef<uint32_t> kids, const Place &place,
                     SmallVector<Place> &places, Way &way) {
    for (size_t i = 0; i < kids.size(); ++i) {
      Letters letters = lettersOf(law, t.operands[i]);
      if (letters.empty())
        continue; // a scalar
      if (letters.size() != place.law.size())
        return false;
      for (auto [axis, letter] : llvm::zip_equal(place.law, letters))
        way.name(axis, letter);
      places[i] = place;
      if (graph.rank(kids[i]) == place.own.size())
        continue;
      if (graph.rank(kids[i]) != 0)
        return false;
      places[i].spread.insert(places[i].spread.begin(), place.own.begin(), place.own.end());
      places[i].own.clear();
    }
    return true;
  }

  /// The axes of the law's operands: those of the result by letter, and new ones.
  bool nameLetters(const law::Term &t, const Place &place, SmallVector<Place> &places, Way &way) {
    std::map<Dim, Axis> known;
    if (place.law.size() != t.letters.size())
      return false;
    for (auto [axis, letter] : llvm::zip_equal(place.law, t.letters)) {
      way.name(axis, letter);
      known[letter] = axis;
    }
    for (size_t i = 0; i < places.size(); ++i) {
      Letters own = classic::lettersOf(t, i), kid = lettersOf(law, t.operands[i]);
      if (own.size() != kid.size())
        return false;
      for (auto [letter, inKid] : llvm::zip_equal(own, kid)) {
        auto at = known.find(letter);
        bool isLocal = t.op == Op::Concat && !contains(t.string.result, letter);
        Axis axis = at != known.end() ? at->second : way.freshLaw(letter);
        if (at == known.end() && !isLocal)
          known[letter] = axis;
        way.name(axis, inKid);
        places[i].law.push_back(axis);
      }
    }
    along.clear();
    if (law::infoOf(t.op).form == law::Form::Row)
      for (Dim letter : t.string.result)
        along.push_back(known.at(letter));
    if (t.op == Op::Iota)
      along.push_back(known.at(t.string.operands[0][0]));
    return true;
  }

  /// Operations whose index string is a property.
  bool placeText(const law::Term &t, uint32_t node, ArrayRef<uint32_t> kids, bool isSwapped,
                 const Place &place, SmallVector<Place> &places, Way &way) {
    const TextAxes *text = graph.axes(property(t, node, 0));
    if (!text || !nameLetters(t, place, places, way))
      return false;
    const std::string &result = text->isAlong ? text->operands[0] : text->result;
    bool hasStrings = text->isAlong || text->operands.size() == kids.size() || kids.empty();
    if (result.size() != place.own.size() || !hasStrings)
      return false;
    std::map<char, Axis> known;
    for (auto [letter, axis] : llvm::zip_equal(result, place.own))
      known[letter] = axis;
    std::string summed;
    for (size_t i = 0; i < kids.size(); ++i) {
      const std::string &own =
          text->isAlong ? text->operands[0] : text->operands[isSwapped ? 1 - i : i];
      if (own.size() != graph.rank(kids[i]))
        return false;
      for (auto [letter, extent] : llvm::zip_equal(own, *graph.extents(kids[i]))) {
        auto [at, isNew] = known.try_emplace(letter, 0);
        if (isNew)
          at->second = way.freshTerm(extent);
        places[i].own.push_back(at->second);
      }
      if (t.op == Op::Bcast)
        places[i].spread = place.spread;
    }
    for (const std::string &own : text->operands)
      for (char letter : own)
        if (!StringRef(result).contains(letter) && !StringRef(summed).contains(letter))
          summed += letter;
    bool isRow = law::infoOf(t.op).form == law::Form::Row;
    if (isRow || t.op == Op::Iota) {
      Axes own;
      for (char letter : t.op == Op::Lse    ? summed
                         : t.op == Op::Iota ? text->operands[0]
                                            : text->result)
        own.push_back(known.at(letter));
      way.places.emplace_back(along, own);
    }
    if (Letters letters = summedLetters(t); !letters.empty()) {
      Axes own;
      for (char letter : text->isAlong ? text->operands[0] : summed)
        if (!text->isAlong || StringRef(text->result).contains(letter))
          own.push_back(known.at(letter));
      way.sums.emplace_back(own, letters);
    }
    return true;
  }

  bool placeCut(int64_t axis, ArrayRef<uint32_t> kids, const Place &place,
                SmallVector<Place> &places, Way &way) {
    for (size_t i = 0; i < kids.size(); ++i) {
      const auto &extents = *graph.extents(kids[i]);
      if (extents.size() != place.own.size())
        return false;
      for (size_t at = 0; at < extents.size(); ++at)
        places[i].own.push_back(static_cast<int64_t>(at) == axis ? way.freshTerm(extents[at])
                                                                 : place.own[at]);
    }
    return true;
  }

  bool placeRegrouped(const law::Term &t, uint32_t kid, const Place &place, Place &own, Way &way) {
    std::vector<Group> groups = groupsOf(law, t);
    const Letters &before = t.string.operands[0], &after = t.string.result;
    Letters inKid = lettersOf(law, t.operands[0]);
    if (place.law.size() != after.size() || inKid.size() != before.size())
      return false;
    for (auto [axis, letter] : llvm::zip_equal(place.law, after))
      way.name(axis, letter);
    auto isWhole = [](const Group &group) {
      return !group.isSame && group.before.size() == 1 && group.after.size() == 1;
    };
    auto whole = llvm::find_if(groups, isWhole);
    for (size_t i = 0; i < before.size(); ++i)
      own.law.push_back(way.freshLaw(before[i]));
    const auto &from = *graph.extents(kid);
    for (uint32_t extent : from)
      own.own.push_back(way.freshTerm(extent));
    if (whole != groups.end()) {
      for (const Group &group : groups)
        if (group.isSame)
          own.law[group.before[0]] = place.law[group.after[0]];
      for (auto [axis, letter] : llvm::zip_equal(own.law, inKid))
        way.name(axis, letter);
      // The shapes have nothing in common.
      way.places.emplace_back(Axes{own.law[whole->before[0]]}, own.own);
      way.places.emplace_back(Axes{place.law[whole->after[0]]}, place.own);
      return true;
    }
    auto extent = [&](size_t j) { return way.extents[place.own[j]]; };
    SmallVector<uint32_t> to;
    for (size_t j = 0; j < place.own.size(); ++j)
      to.push_back(extent(j));
    auto found = regroup(
        from.size(), to.size(),
        [&](size_t i, size_t j) { return from[i] == to[j] && from[i] != 0; },
        [&](size_t i, size_t k, size_t j, size_t l) {
          auto a = elementsOf(graph, ArrayRef(from).slice(i, k - i)),
               b = elementsOf(graph, ArrayRef(to).slice(j, l - j));
          return a && a == b;
        });
    if (!found)
      return false;
    std::vector<Group> changed, foundChanged;
    for (const Group &group : groups) {
      if (group.isSame)
        own.law[group.before[0]] = place.law[group.after[0]];
      else
        changed.push_back(group);
    }
    for (auto [axis, letter] : llvm::zip_equal(own.law, inKid))
      way.name(axis, letter);
    for (const auto &[group, letter] : llvm::zip(own.law, before))
      way.name(group, letter);
    for (const Group &group : *found) {
      if (group.isSame)
        own.own[group.before[0]] = place.own[group.after[0]];
      else
        foundChanged.push_back(group);
    }
    if (changed.size() != foundChanged.size())
      return false;
    for (auto [ofLaw, ofTerm] : llvm::zip_equal(changed, foundChanged)) {
      if (ofLaw.before.size() != ofTerm.before.size() || ofLaw.after.size() != ofTerm.after.size())
        return false;
      // Each of these axes has its place.
      for (auto [i, j] : llvm::zip_equal(ofLaw.before, ofTerm.before))
        way.places.emplace_back(Axes{own.law[i]}, Axes{own.own[j]});
      for (auto [i, j] : llvm::zip_equal(ofLaw.after, ofTerm.after))
        way.places.emplace_back(Axes{place.law[i]}, Axes{place.own[j]});
    }
    return true;
  }

  /// q [t, h, d], k [s, g, d], v [s, g, e], a mask [t, s] or [h, t, s]. Keys that several heads
  /// share have an axis of their own only if it is one head.
  bool placeAttention(ArrayRef<uint32_t> kids, const Place &place, SmallVector<Place> &places,
                      Way &way) {
    const auto &q = *graph.extents(kids[0]), &k = *graph.extents(kids[1]);
    const auto &v = *graph.extents(kids[2]);
    if (place.own.size() != 3 || q.size() != 3 || k.size() != 3 || v.size() != 3)
      return false;
    std::optional<int64_t> heads = graph.integer(q[1]), groups = graph.integer(k[1]);
    if (!heads || !groups || (*heads != *groups && *groups != 1))
      return false;
    Axis t = place.own[0], h = place.own[1], e = place.own[2];
    Axis d = way.freshTerm(q[2]), s = way.freshTerm(k[0]);
    Axis g = *heads == *groups ? h : way.freshTerm(k[1]);
    places[0].own = {t, h, d};
    places[1].own = {s, g, d};
    places[2].own = {s, g, e};
    if (kids.size() < 4)
      return true;
    if (graph.rank(kids[3]) == 2) {
      places[3].own = {t, s};
      places[3].spread.push_back(h);
    } else {
      places[3].own = {h, t, s};
    }
    if (g != h)
      places[3].spread.push_back(g);
    return true;
  }

  Graph &graph;
  const Rule &rule;
  const law::Law &law;
  Axes along; ///< of the law, where a row, or the axis of iota, is
};

} // namespace

std::vector<Match> matches(Graph &graph, const Rule &rule, uint32_t node) {
  return Matcher(graph, rule).run(node);
}

} // namespace tern::saturate::classic
