// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Graph.h"

#include "llvm/ADT/STLExtras.h"

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
    for (uint32_t node : llvm::reverse(order))
      addUses(node);
    for (uint32_t node : order)
      findHost(node);
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
    unsigned memory = 0;        ///< terms of the step that read it from memory, and roots
    unsigned registers = 0;     ///< terms of the step that can take it where it is computed
    bool isAccumulator = false; ///< a contraction's kernel holds it
    bool isHosted = false;      ///< and goes on with its one user
    double read = 0;            ///< what a term that follows a contraction reads beside it
  };

  bool isProperty(uint32_t node) const { return graph[node].what == graph[node].head; }
  Kind kindOf(uint32_t node) { return graph.price(node).kind; }

  /// Known before the step, and not computed again by each kernel that reads it.
  bool isLoaded(uint32_t node) {
    const Uses &own = uses[node];
    bool isRepeated = kindOf(node) == Kind::Repeated && own.registers > 0 && own.memory == 0;
    return graph[node].isLoad && !isRepeated;
  }

  SmallVector<uint32_t, 4> operandsOf(uint32_t node) const {
    SmallVector<uint32_t, 4> operands;
    for (uint32_t kid : graph[node].kids)
      if (!isProperty(kid) && !llvm::is_contained(operands, kid))
        operands.push_back(kid);
    return operands;
  }

  void addUses(uint32_t node) {
    if (!graph.isOperation(node) || isLoaded(node))
      return;
    Kind kind = kindOf(node);
    bool isMap = kind == Kind::Pointwise || kind == Kind::Row || kind == Kind::Repeated;
    for (uint32_t kid : operandsOf(node))
      ++(isMap ? uses[kid].registers : uses[kid].memory);
  }

  /// An element-wise term can follow the contraction that gives an operand of its type, if nothing
  /// else reads that. It reads its other operands from memory.
  void findHost(uint32_t node) {
    if (!graph.isOperation(node) || graph[node].isLoad)
      return;
    Kind kind = kindOf(node);
    Uses &own = uses[node];
    own.isAccumulator = kind == Kind::Contraction;
    if (kind != Kind::Pointwise)
      return;
    SmallVector<uint32_t, 4> operands = operandsOf(node);
    const auto *host = llvm::find_if(operands, [&](uint32_t kid) {
      const Uses &its = uses[kid];
      return its.isAccumulator && its.memory == 0 && its.registers == 1 &&
             graph[kid].what == graph[node].what;
    });
    if (host == operands.end())
      return;
    own.isAccumulator = uses[*host].isHosted = true;
    for (uint32_t kid : operands) {
      if (kid == *host || kindOf(kid) == Kind::Repeated)
        continue;
      --uses[kid].registers;
      ++uses[kid].memory;
      own.read += graph.price(kid).moved;
    }
  }

  double costOf(uint32_t node) {
    const NodePrice &price = graph.price(node);
    const Uses &own = uses[node];
    if (price.kind == Kind::Choice || price.kind == Kind::Free)
      return 0;
    double read = own.registers > 0 ? price.moved : 0; // once, into registers
    if (isLoaded(node))
      return price.load + read + (own.registers + own.memory > 0 ? price.resident : 0);
    if (own.isAccumulator)
      return price.step + own.read + (own.isHosted ? 0 : price.moved + read);
    if (price.kind == Kind::Kernel || price.kind == Kind::View)
      return price.step + read;
    return price.step + (own.memory > 0 ? graph.table.launch() + price.moved : 0);
  }

  Graph &graph;
  SmallVector<uint32_t> order;
  std::vector<Uses> uses;
};

} // namespace

double costOf(Graph &graph, ArrayRef<uint32_t> roots) { return Kernels(graph, roots).cost(); }

} // namespace tern::saturate::classic
