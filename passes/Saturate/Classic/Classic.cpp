// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Classic.h"

#include "passes/Saturate/Classic/Explanation.h"
#include "passes/Saturate/Classic/Match.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

//===- Rules --------------------------------------------------------------===//

void Rules::index(unsigned rule) {
  const Rule &own = rules[rule];
  if (!own.why.empty())
    return;
  law::Op op = own.left().op;
  if (op != law::Op::Map && op != law::Op::Map2) {
    byOperation[operationOf(op)].push_back(rule);
    return;
  }
  // Any operation of as many operands.
  for (auto each = law::Op::Neg; each < law::Op::Where; each = law::Op(int(each) + 1))
    if (law::infoOf(each).operands == static_cast<int>(arityOf(own.left())) && each != law::Op::Rnd)
      byOperation[operationOf(each)].push_back(rule);
}

/// Returns what is wrong with laws of the file.
std::vector<std::string> Rules::add(const egraph::RuleFile &file) {
  law::RuleFile own = law::readRules(std::string(file.name), std::string(file.text), places);
  for (const law::Law &law : own.laws)
    if (law.isLaw)
      for (Rule &rule : rulesOf(law)) {
        rules.push_back(std::move(rule));
        index(rules.size() - 1);
      }
  return std::move(own.errors);
}

llvm::Expected<Rules> Rules::read(ArrayRef<egraph::RuleFile> files) {
  auto readShipped = [&] {
    Rules shipped;
    for (const egraph::RuleFile &file : files)
      if (file.is_shipped)
        llvm::append_range(shipped.unread, shipped.add(file));
    return shipped;
  };
  static const Rules shipped = readShipped();
  Rules all = shipped;
  for (const egraph::RuleFile &file : files)
    if (!file.is_shipped)
      if (std::vector<std::string> errors = all.add(file); !errors.empty())
        return llvm::createStringError(errors[0]);
  return all;
}

ArrayRef<unsigned> Rules::of(StringRef operation) const {
  auto at = byOperation.find(operation);
  return at == byOperation.end() ? ArrayRef<unsigned>() : ArrayRef(at->second);
}

std::vector<std::string> Rules::unused() const {
  std::vector<std::string> all = unread;
  for (const Rule &rule : rules) {
    if (rule.why.empty())
      continue;
    StringRef way = !rule.law().isBothWays ? ""
                    : rule.isBack          ? " from right to left"
                                           : " from left to right";
    all.push_back("law '" + rule.law().name + "'" + way.str() + ": " + rule.why);
  }
  return all;
}

//===- Rewriting ----------------------------------------------------------===//

namespace {

/// What a rule makes of a node.
struct Candidate {
  unsigned rule;
  uint32_t node, result;
  SmallVector<uint32_t> inner;
};

class Rewriter {
public:
  Rewriter(const TermTable &table, const Rules &rules, bool isBitOnly, const Limits &limits)
      : graph(table), rules(rules), isBitOnly(isBitOnly), limits(limits), statistics(rules.size()) {
  }

  Outcome run(const egraph::Terms &terms) {
    encode(terms);
    Outcome outcome;
    total = costOf(graph, roots);
    bool isNew = true;
    while (isNew && outcome.sweeps < limits.sweeps && !isFull()) {
      ++outcome.sweeps;
      isNew = sweep();
      isNew |= joinFamilies();
      isNew |= !isNew && applyToAllUsers();
    }
    outcome.stop = isFull() ? "limit of nodes"
                   : isNew  ? "limit of iterations"
                            : "nothing is cheaper";
    outcome.nodes = graph.size();
    outcome.best = decode();
    outcome.proof = explanation.write(graph, written);
    for (auto [at, own] : llvm::enumerate(statistics))
      if (own.matches > 0) {
        own.law = rules[at].law().name + (rules[at].isBack ? "-back" : "");
        outcome.statistics.push_back(own);
      }
    return outcome;
  }

private:
  bool isFull() const { return graph.size() >= limits.nodes; }
  bool isTried(unsigned rule) const {
    return !isBitOnly || rules[rule].law().tier == law::Tier::Bit;
  }

  void encode(const egraph::Terms &terms) {
    SmallVector<uint32_t> nodes;
    for (size_t at = 0; at < terms.heads.size(); ++at) {
      SmallVector<uint32_t> kids;
      for (uint32_t i = terms.first[at]; i < terms.first[at + 1]; ++i)
        kids.push_back(nodes[terms.kids[i]]);
      nodes.push_back(*graph.add(terms.heads[at], kids));
    }
    for (uint32_t root : terms.roots)
      roots.push_back(nodes[root]);
    written = roots;
  }

  egraph::Terms decode() const {
    egraph::Terms terms;
    std::map<uint32_t, uint32_t> places;
    terms.first.push_back(0);
    for (uint32_t node : inOrder(graph, roots)) {
      places[node] = terms.heads.size();
      terms.heads.push_back(graph[node].head);
      for (uint32_t kid : graph[node].kids)
        terms.kids.push_back(places[kid]);
      terms.first.push_back(terms.kids.size());
    }
    for (uint32_t root : roots)
      terms.roots.push_back(places[root]);
    return terms;
  }

  //===- Applications -----------------------------------------------------===//

  /// What rules make of a node, in their order. A node never changes, so neither does this.
  const std::vector<Candidate> &candidatesOf(uint32_t node) {
    auto [at, isNew] = candidates.try_emplace(node);
    if (!isNew || graph[node].splat)
      return at->second;
    std::vector<Candidate> found;
    for (unsigned rule : rules.of(graph.name(node)))
      if (isTried(rule) && rules[rule].framed->siblings.empty() && !isFull())
        addCandidates(rule, node, found);
    return candidates[node] = std::move(found);
  }

  void addCandidates(unsigned rule, uint32_t node, std::vector<Candidate> &found) {
    for (const Match &match : matches(graph, rules[rule], node)) {
      ++statistics[rule].matches;
      std::optional<uint32_t> result = build(graph, rules[rule], match);
      if (!result)
        continue;
      ++statistics[rule].applications;
      if (*result != node)
        found.push_back({rule, node, *result, match.inner});
    }
  }

  /// The roots with all these nodes replaced; none if a user has no type then.
  std::optional<SmallVector<uint32_t>> replace(ArrayRef<Candidate> changes) {
    std::map<uint32_t, uint32_t> now;
    for (const Candidate &change : changes)
      now[change.node] = change.result;
    for (uint32_t node : inOrder(graph, roots)) {
      if (now.contains(node))
        continue;
      SmallVector<uint32_t> kids;
      bool isNew = false;
      for (uint32_t kid : graph[node].kids) {
        auto at = now.find(kid);
        isNew |= at != now.end();
        kids.push_back(at == now.end() ? kid : at->second);
      }
      if (!isNew)
        continue;
      std::optional<uint32_t> same = graph.add(graph[node].head, kids);
      if (!same)
        return std::nullopt;
      now[node] = *same;
    }
    SmallVector<uint32_t> after;
    for (uint32_t root : roots) {
      auto at = now.find(root);
      after.push_back(at == now.end() ? root : at->second);
    }
    return after;
  }

  /// Replaces the nodes, if the function is cheaper then.
  bool apply(ArrayRef<Candidate> changes) {
    std::optional<SmallVector<uint32_t>> after = replace(changes);
    if (!after)
      return false;
    double cost = costOf(graph, *after);
    if (!(cost < total - leastGain))
      return false;
    for (const Candidate &change : changes) {
      const Rule &rule = rules[change.rule];
      explanation.apply(change.node, change.result, rule.law().name, rule.isBack);
      ++statistics[change.rule].unions;
    }
    explanation.replace();
    roots = *after;
    total = cost;
    return true;
  }

  bool sweep() {
    bool isNew = false;
    llvm::DenseSet<uint32_t> done;
    auto visit = [&](uint32_t node) {
      for (const Candidate &candidate : candidatesOf(node))
        if (apply(candidate))
          return true;
      return false;
    };
    for (bool goesOn = true; goesOn && !isFull();) {
      goesOn = false;
      for (uint32_t node : inOrder(graph, roots))
        if (graph.isOperation(node) && done.insert(node).second && visit(node)) {
          goesOn = isNew = true;
          break;
        }
    }
    return isNew;
  }

  //===- Several at once --------------------------------------------------===//

  /// A law that would leave a term of several users to the others, or whose new terms pay only if
  /// several users share them, is tried at all of them.
  bool applyToAllUsers() {
    SmallVector<uint32_t> order = inOrder(graph, roots);
    std::map<std::pair<unsigned, uint32_t>, std::vector<Candidate>> groups;
    for (uint32_t node : order)
      if (graph.isOperation(node))
        for (const Candidate &candidate : candidatesOf(node)) {
          SmallVector<uint32_t> shared = newTerms(candidate.result, order);
          llvm::append_range(shared, candidate.inner);
          for (uint32_t each : shared) {
            auto &group = groups[{candidate.rule, each}];
            if (group.empty() || group.back().node != node)
              group.push_back(candidate);
          }
        }
    for (const auto &[_, group] : groups)
      if (group.size() > 1 && apply(group))
        return true;
    return false;
  }

  /// The operations that a result is made of and the function does not have.
  SmallVector<uint32_t> newTerms(uint32_t result, ArrayRef<uint32_t> order) const {
    std::vector<bool> isKnown(graph.size());
    for (uint32_t node : order)
      isKnown[node] = true;
    SmallVector<uint32_t> all;
    for (uint32_t node : inOrder(graph, result))
      if (!isKnown[node] && graph.isOperation(node))
        all.push_back(node);
    return all;
  }

  /// A tensor of the checkpoint, or one times what is known before the step.
  std::optional<std::string> weightName(uint32_t node) const {
    if (graph.name(node) == "weight") // perhaps a layer's index, then its name and its type
      return std::string(graph.table.text(graph[*(graph[node].kids.end() - 2)].what));
    if (graph.name(node) != "mul" || !graph[node].isLoad)
      return std::nullopt;
    for (uint32_t kid : graph[node].kids)
      if (graph.name(kid) == "weight")
        return weightName(kid);
    return std::nullopt;
  }

  struct Member {
    std::string name;
    Match match;
  };

  /// Matches that differ in the siblings and their size alone are of one family.
  bool isOneFamily(const Rule &rule, const Match &a, const Match &b) const {
    const law::Law &law = rule.law();
    ArrayRef<unsigned> own = rule.framed->siblings;
    auto isOwn = [&](unsigned v) {
      return llvm::any_of(own, [&](unsigned sibling) {
        return v == sibling ||
               StringRef(law.variables[v].name).starts_with(law.variables[sibling].name + ".");
      });
    };
    for (unsigned v = 0; v < a.variables.size(); ++v)
      if (!llvm::is_contained(own, v) && a.variables[v] != b.variables[v])
        return false;
    if (a.axes != b.axes || a.root.size() != b.root.size() || !llvm::all_of(own, [&](unsigned v) {
          return graph.element(*a.nodeOf(v)) == graph.element(*b.nodeOf(v));
        }))
      return false;
    auto isShared = [&](law::Dim letter) {
      return llvm::any_of(llvm::enumerate(law.variables), [&](const auto &variable) {
        return !isOwn(variable.index()) && contains(variable.value().letters, letter);
      });
    };
    for (law::Dim letter : law.variables[own[0]].letters)
      if (isShared(letter) && a.blocks[letter] != b.blocks[letter])
        return false;
    return true;
  }

  bool joinFamilies() {
    bool isNew = false;
    for (unsigned rule = 0; rule < rules.size(); ++rule)
      if (!rules[rule].framed->siblings.empty() && rules[rule].why.empty() && isTried(rule))
        isNew |= joinFamilies(rule);
    return isNew;
  }

  bool joinFamilies(unsigned number) {
    const Rule &rule = rules[number];
    std::vector<std::vector<Member>> families;
    for (uint32_t node : inOrder(graph, roots)) {
      if (graph.name(node) != operationOf(rule.left().op))
        continue;
      for (Match &match : matches(graph, rule, node)) {
        auto nameOf = [&](unsigned sibling) {
          std::optional<uint32_t> own = match.nodeOf(sibling);
          return own ? weightName(*own) : std::nullopt;
        };
        if (!llvm::all_of(rule.framed->siblings, nameOf))
          continue;
        std::string name = *nameOf(rule.framed->siblings[0]);
        ++statistics[number].matches;
        auto family = llvm::find_if(families, [&](const std::vector<Member> &own) {
          return isOneFamily(rule, own[0].match, match);
        });
        if (family == families.end())
          families.push_back({{name, match}});
        else
          family->push_back({name, match});
      }
    }
    return llvm::any_of(families, [&](auto &family) { return joinFamily(number, family); });
  }

  bool joinFamily(unsigned number, std::vector<Member> &members) {
    const Rule &rule = rules[number];
    auto nodeOf = [&](const Member &member) {
      return *member.match.nodeOf(rule.framed->siblings[0]);
    };
    // However the function asks for them: by their names.
    llvm::sort(members, [&](const Member &a, const Member &b) {
      return std::pair(StringRef(a.name), nodeOf(a)) < std::pair(StringRef(b.name), nodeOf(b));
    });
    members.erase(
        std::unique(members.begin(), members.end(),
                    [&](const Member &a, const Member &b) { return nodeOf(a) == nodeOf(b); }),
        members.end());
    if (members.size() < 2)
      return false;
    SmallVector<Candidate> changes;
    for (size_t at = 0; at < members.size(); ++at) {
      Family family;
      for (size_t i = 0; i < members.size(); ++i)
        if (i != at)
          (i < at ? family.before : family.after).push_back(&members[i].match);
      const Match &match = members[at].match;
      std::optional<uint32_t> result = build(graph, rule, match, family);
      if (!result)
        return false;
      ++statistics[number].applications;
      changes.push_back({number, match.node, *result, {}});
    }
    return apply(changes);
  }

  Graph graph;
  const Rules &rules;
  bool isBitOnly;
  Limits limits;
  SmallVector<uint32_t> written, roots;
  double total = 0; ///< what the roots cost
  std::map<uint32_t, std::vector<Candidate>> candidates;
  std::vector<egraph::Statistic> statistics; ///< by rule
  Explanation explanation;
};

} // namespace

Outcome rewrite(const TermTable &table, const egraph::Terms &terms, const Rules &rules,
                bool isBitOnly, const Limits &limits) {
  return Rewriter(table, rules, isBitOnly, limits).run(terms);
}

} // namespace tern::saturate::classic
