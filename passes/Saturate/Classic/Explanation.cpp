// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Explanation.h"

#include "llvm/ADT/STLExtras.h"

using llvm::ArrayRef;
using llvm::SmallVector;

namespace tern::saturate::classic {

/// The head of a term over all roots, which no table knows.
static constexpr uint32_t rootsHead = UINT32_MAX;

void Explanation::apply(uint32_t node, uint32_t result, const std::string &law, bool isBack) {
  current.insert({node, {result, law, isBack}});
}

void Explanation::replace() { all.push_back(std::exchange(current, {})); }

namespace {

/// Numbers of steps are one more than they are, 0 for what is the same.
class Writer {
public:
  explicit Writer(const Graph &graph) : graph(graph) {
    proof.terms.first.push_back(0);
    proof.first.push_back(0);
  }

  uint32_t term(uint32_t node) {
    auto known = terms.find(node);
    if (known != terms.end())
      return known->second;
    for (uint32_t each : inOrder(graph, node)) {
      if (terms.contains(each))
        continue;
      SmallVector<uint32_t> kids;
      for (uint32_t kid : graph[each].kids)
        kids.push_back(terms.at(kid));
      terms[each] = push(graph[each].head, graph[each].what, kids);
    }
    return terms.at(node);
  }

  uint32_t roots(ArrayRef<uint32_t> nodes) {
    SmallVector<uint32_t> kids;
    for (uint32_t node : nodes)
      kids.push_back(term(node));
    auto [at, isNew] = rootTerms.try_emplace(kids, 0);
    if (isNew)
      at->second = push(rootsHead, 0, kids);
    return at->second;
  }

  uint32_t step(egraph::Reason reason, uint32_t left, uint32_t right, ArrayRef<uint32_t> parts,
                uint32_t law = 0) {
    proof.steps.push_back({left, right, reason, law});
    for (uint32_t part : parts)
      proof.parts.push_back(part);
    proof.first.push_back(static_cast<uint32_t>(proof.parts.size()));
    return static_cast<uint32_t>(proof.steps.size());
  }

  uint32_t law(const std::string &name) {
    auto [at, isNew] = laws.try_emplace(name, proof.laws.size());
    if (isNew)
      proof.laws.push_back(name);
    return at->second;
  }

  egraph::Proof proof;

private:
  uint32_t push(uint32_t head, uint32_t what, ArrayRef<uint32_t> kids) {
    proof.terms.heads.push_back(head);
    for (uint32_t kid : kids)
      proof.terms.kids.push_back(kid);
    proof.terms.first.push_back(static_cast<uint32_t>(proof.terms.kids.size()));
    proof.types.push_back(what);
    return static_cast<uint32_t>(proof.terms.heads.size() - 1);
  }

  const Graph &graph;
  std::map<uint32_t, uint32_t> terms;
  std::map<SmallVector<uint32_t>, uint32_t> rootTerms;
  std::map<std::string, uint32_t> laws;
};

} // namespace

egraph::Proof Explanation::write(Graph &graph, ArrayRef<uint32_t> before) const {
  Writer writer(graph);
  SmallVector<uint32_t> now(before), chain;
  uint32_t first = writer.roots(now), last = first;
  for (const Applications &applications : all) {
    // Of each node what it became, and the step that says so.
    std::map<uint32_t, std::pair<uint32_t, uint32_t>> became;
    for (uint32_t node : inOrder(graph, now)) {
      auto applied = applications.find(node);
      if (applied != applications.end()) {
        const Application &own = applied->second;
        auto reason = own.isBack ? egraph::Reason::Back : egraph::Reason::Forth;
        uint32_t left = writer.term(node), right = writer.term(own.result);
        became[node] = {own.result, writer.step(reason, left, right, {}, writer.law(own.law))};
        continue;
      }
      SmallVector<uint32_t> kids, steps;
      for (uint32_t kid : graph[node].kids) {
        auto at = became.find(kid);
        kids.push_back(at == became.end() ? kid : at->second.first);
        steps.push_back(at == became.end() ? 0 : at->second.second);
      }
      if (kids == ArrayRef<uint32_t>(graph[node].kids))
        continue;
      uint32_t after = *graph.add(graph[node].head, kids);
      uint32_t left = writer.term(node), right = writer.term(after);
      became[node] = {after, writer.step(egraph::Reason::Kids, left, right, steps)};
    }
    SmallVector<uint32_t> steps;
    for (uint32_t &root : now) {
      auto at = became.find(root);
      steps.push_back(at == became.end() ? 0 : at->second.second);
      root = at == became.end() ? root : at->second.first;
    }
    uint32_t next = writer.roots(now);
    if (next != last)
      chain.push_back(writer.step(egraph::Reason::Kids, last, next, steps));
    last = next;
  }
  if (chain.size() == 1)
    writer.proof.last = chain[0];
  else if (!chain.empty() && first != last)
    writer.proof.last = writer.step(egraph::Reason::Chain, first, last, chain);
  writer.proof.terms.roots.push_back(first);
  writer.proof.terms.roots.push_back(last);
  return std::move(writer.proof);
}

} // namespace tern::saturate::classic
