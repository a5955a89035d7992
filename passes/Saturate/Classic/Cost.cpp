// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Graph.h"

using llvm::ArrayRef;
using llvm::SmallVector;

namespace tern::saturate::classic {

using egraph::Kind;

const NodePrice &Graph::price(uint32_t node) {
  auto [at, isNew] = prices.try_emplace(node);
  if (!isNew)
    return at->second;
  const Node &own = nodes[node];
  if (!isOperation(node))
    return at->second = {Kind::View, 0, 0, table.moved(own.what), 0};
  SmallVector<uint32_t> whats;
  llvm::SmallVector<bool> loads;
  for (uint32_t kid : own.kids) {
    whats.push_back(nodes[kid].what);
    loads.push_back(nodes[kid].isLoad);
  }
  rust::Slice<const uint32_t> kids(whats.data(), whats.size());
  egraph::Price step = table.price(own.head, kids, {loads.data(), loads.size()});
  NodePrice price{step.kind, step.seconds, 0, table.moved(own.what), 0};
  if (own.isLoad) {
    price.load = table.loadPrice(own.head, kids);
    price.resident = table.resident(own.what);
  }
  return at->second = price;
}

namespace {

/// How the terms that roots need become kernels.
class Kernels {
public:
  Kernels(Graph &graph, ArrayRef<uint32_t> roots)
      : graph(graph), order(inOrder(graph, roots)), uses(graph.size()) {
    for (uint32_t root : roots)
      ++uses[root].memory;
    for (uint32_t node : order)
      if (graph.isOperation(node))
        addUses(node);
  }

  double cost() {
    double seconds = 0;
    for (uint32_t node : order)
      if (graph.isOperation(node))
        seconds += costOf(node);
    return seconds;
  }

private:
  struct Uses {
    unsigned memory = 0;    ///< by what reads it from memory, the roots too
    unsigned registers = 0; ///< by what reads it where it is
    uint32_t last = 0;      ///< one of the latter
    bool isAccumulator = false;
  };

  bool isLoad(uint32_t node) const { return graph[node].isLoad; }
  static bool isMapped(Kind kind) { return kind == Kind::Pointwise || kind == Kind::Row; }

  void addUses(uint32_t node) {
    if (isLoad(node))
      return;
    Kind kind = graph.price(node).kind;
    for (uint32_t kid : graph[node].kids) {
      if (isMapped(kind) || kind == Kind::Repeated) {
        ++uses[kid].registers;
        uses[kid].last = node;
      } else {
        ++uses[kid].memory;
      }
    }
  }

  /// The element-wise user of the same type that a contraction's kernel goes on with.
  bool hasEpilogue(uint32_t node) {
    const Uses &own = uses[node];
    return own.memory == 0 && own.registers == 1 && graph.price(own.last).kind == Kind::Pointwise &&
           graph[own.last].what == graph[node].what;
  }

  double costOf(uint32_t node) {
    const NodePrice &price = graph.price(node);
    Uses &own = uses[node];
    if (price.kind == Kind::Choice || price.kind == Kind::Free)
      return 0;
    if (isLoad(node)) {
      bool isRead = own.memory + own.registers > 0;
      return price.kind == Kind::Repeated ? price.load : price.load + (isRead ? price.resident : 0);
    }
    double seconds = price.step;
    switch (price.kind) {
    case Kind::Contraction:
      own.isAccumulator = true;
      return seconds + (hasEpilogue(node) ? 0 : price.moved);
    case Kind::Row:
    case Kind::Pointwise:
      seconds += readBy(node);
      if (own.isAccumulator)
        return seconds + (hasEpilogue(node) ? 0 : price.moved);
      [[fallthrough]];
    case Kind::Movement:
      return seconds + (own.memory > 0 ? graph.table.launch() + price.moved : 0);
    default:
      return seconds;
    }
  }

  /// What an element-wise term or one of rows reads from memory; it may follow a contraction.
  double readBy(uint32_t node) {
    double seconds = 0;
    bool isHosted = false;
    for (uint32_t kid : graph[node].kids) {
      if (!graph.isOperation(kid) && graph[kid].what == graph[kid].head)
        continue; // a property
      const NodePrice &price = graph.price(kid);
      if (!isLoad(kid) && uses[kid].isAccumulator && hasEpilogue(kid) && !isHosted) {
        isHosted = true;
        continue;
      }
      bool isStored = isLoad(kid) || uses[kid].isAccumulator || price.kind == Kind::Kernel ||
                      price.kind == Kind::View;
      if (isStored && price.kind != Kind::Repeated && price.kind != Kind::Free)
        seconds += price.moved;
    }
    uses[node].isAccumulator = isHosted;
    return seconds;
  }

  Graph &graph;
  SmallVector<uint32_t> order;
  std::vector<Uses> uses;
};

} // namespace

double costOf(Graph &graph, ArrayRef<uint32_t> roots) { return Kernels(graph, roots).cost(); }

} // namespace tern::saturate::classic
