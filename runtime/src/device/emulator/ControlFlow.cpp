// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Decode.h"

#include <algorithm>

namespace tern::runtime::emulator {

namespace {

/// Basic blocks of a kernel; the last one is its end, where all ways lead.
struct Graph {
  std::vector<uint32_t> first; ///< operation of each block
  std::vector<std::vector<uint32_t>> next, previous;
  std::vector<uint32_t> blockOf; ///< by operation
};

bool isJump(const Operation &op) { return op.kind == Class::Branch; }

/// Where a jump may go: its target, its list of targets, the end of the kernel; and on.
void successors(const Code &code, const Graph &graph, uint32_t last, uint32_t end,
                std::vector<uint32_t> &out) {
  const Operation &op = code.operations[last];
  bool goesOn = true;
  if (isJump(op)) {
    goesOn = op.isGuarded;
    if (op.isList)
      for (uint32_t target : code.targetLists[op.detail])
        out.push_back(graph.blockOf[target]);
    else
      out.push_back(op.target == noTarget ? end : graph.blockOf[op.target]);
  }
  if (goesOn)
    out.push_back(last + 1 < code.operations.size() ? graph.blockOf[last + 1] : end);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

Graph makeGraph(Code &code) {
  size_t size = code.operations.size();
  std::vector<bool> isLeader(size + 1, false);
  isLeader[0] = true;
  for (size_t i = 0; i < size; ++i) {
    const Operation &op = code.operations[i];
    if (!isJump(op))
      continue;
    isLeader[i + 1] = true;
    if (op.isList)
      for (uint32_t target : code.targetLists[op.detail])
        isLeader[target] = true;
    else if (op.target != noTarget)
      isLeader[op.target] = true;
  }
  Graph graph;
  for (size_t i = 0; i < size; ++i) {
    if (isLeader[i])
      graph.first.push_back(static_cast<uint32_t>(i));
    code.operations[i].isLeader = isLeader[i];
    graph.blockOf.push_back(static_cast<uint32_t>(graph.first.size() - 1));
  }
  uint32_t end = static_cast<uint32_t>(graph.first.size());
  graph.next.resize(end + 1);
  graph.previous.resize(end + 1);
  for (uint32_t block = 0; block < end; ++block) {
    uint32_t last = (block + 1 < end ? graph.first[block + 1] : static_cast<uint32_t>(size)) - 1;
    successors(code, graph, last, end, graph.next[block]);
    for (uint32_t next : graph.next[block])
      graph.previous[next].push_back(block);
  }
  return graph;
}

/// Blocks in an order in which each comes after those that it leads to, as far as loops allow:
/// post-order from the end on the graph turned round. Blocks that never end are left out.
std::vector<uint32_t> orderFromEnd(const Graph &graph) {
  uint32_t end = static_cast<uint32_t>(graph.first.size());
  std::vector<uint32_t> order;
  std::vector<bool> isSeen(end + 1, false);
  std::vector<std::pair<uint32_t, size_t>> stack{{end, 0}};
  isSeen[end] = true;
  while (!stack.empty()) {
    auto &[block, child] = stack.back();
    if (child == graph.previous[block].size()) {
      order.push_back(block);
      stack.pop_back();
      continue;
    }
    uint32_t next = graph.previous[block][child++];
    if (!isSeen[next]) {
      isSeen[next] = true;
      stack.push_back({next, 0});
    }
  }
  return order;
}

} // namespace

/// Cooper, Harvey, Kennedy: "A simple, fast dominance algorithm", on the graph turned round.
void findReconvergence(Code &code) {
  Graph graph = makeGraph(code);
  uint32_t end = static_cast<uint32_t>(graph.first.size());
  std::vector<uint32_t> order = orderFromEnd(graph);
  constexpr uint32_t unknown = ~0u;
  std::vector<uint32_t> rank(end + 1, unknown), parent(end + 1, unknown);
  for (uint32_t i = 0; i < order.size(); ++i)
    rank[order[i]] = i;
  parent[end] = end;
  bool changes = true;
  while (changes) {
    changes = false;
    for (size_t i = order.size(); i-- > 0;) {
      uint32_t block = order[i];
      if (block == end)
        continue;
      uint32_t meet = unknown;
      for (uint32_t next : graph.next[block]) {
        if (parent[next] == unknown)
          continue;
        if (meet == unknown) {
          meet = next;
          continue;
        }
        uint32_t other = next;
        while (meet != other) {
          while (rank[meet] < rank[other])
            meet = parent[meet];
          while (rank[other] < rank[meet])
            other = parent[other];
        }
      }
      changes |= parent[block] != meet;
      parent[block] = meet;
    }
  }
  for (size_t i = 0; i < code.operations.size(); ++i) {
    Operation &op = code.operations[i];
    uint32_t meet = isJump(op) ? parent[graph.blockOf[i]] : unknown;
    op.reconvergence = meet == unknown || meet == end ? noTarget : graph.first[meet];
  }
}

} // namespace tern::runtime::emulator
