// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Graph.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

static rust::Slice<const uint32_t> slice(ArrayRef<uint32_t> ids) {
  return {ids.data(), ids.size()};
}

std::optional<uint32_t> Graph::add(uint32_t head, ArrayRef<uint32_t> kids) {
  auto [at, isNew] = known.try_emplace({head, SmallVector<uint32_t, 4>(kids)}, nodes.size());
  if (!isNew)
    return at->second;
  SmallVector<uint32_t> whats;
  for (uint32_t kid : kids)
    whats.push_back(nodes[kid].what);
  uint32_t what = table.infer(head, slice(whats));
  if (what == 0) {
    known.erase(at);
    return std::nullopt;
  }
  nodes.push_back(infer(head, kids, what));
  return at->second;
}

uint32_t Graph::head(StringRef name) {
  auto [at, isNew] = heads.try_emplace(name, 0);
  if (isNew)
    at->second = table.operation(("tern." + name).str());
  return at->second;
}

StringRef Graph::name(uint32_t node) const {
  const auto *name = std::get_if<OperationName>(&table.at(nodes[node].head));
  return name ? name->getStringRef().split('.').second : StringRef();
}

const std::optional<SmallVector<uint32_t, 4>> &Graph::extents(uint32_t node) {
  uint32_t what = nodes[node].what;
  auto [at, isNew] = extentsOf.try_emplace(what);
  if (isNew)
    if (egraph::Extents own = table.extents(what); own.known)
      at->second.emplace(own.ids.begin(), own.ids.end());
  return at->second;
}

bool Graph::isWide(uint32_t node) {
  uint32_t own = element(node);
  auto [at, isNew] = wide.try_emplace(own, false);
  if (isNew) {
    std::string name(table.text(own));
    at->second = !StringRef(name).contains("f16") && !StringRef(name).starts_with("f8") &&
                 !StringRef(name).starts_with("!");
  }
  return at->second;
}

const TextAxes *Graph::axes(uint32_t property) {
  uint32_t what = nodes[property].what;
  auto [at, isNew] = axesOf.try_emplace(what);
  if (isNew) {
    std::string text(table.text(what));
    bool isAlong = text.find("->") == std::string::npos;
    auto [before, after] = StringRef(text).split(isAlong ? "/" : "->");
    if (text.find(isAlong ? "/" : "->") != std::string::npos) {
      TextAxes own{{}, after.str(), isAlong};
      SmallVector<StringRef> parts;
      before.split(parts, ',');
      for (StringRef part : parts)
        own.operands.push_back(part.str());
      at->second = own;
    }
  }
  return at->second ? &*at->second : nullptr;
}

std::optional<int64_t> Graph::integer(uint32_t what) const {
  if (what == 0)
    return std::nullopt;
  egraph::Integer own = table.integer(what);
  return own.known ? std::optional(own.value) : std::nullopt;
}

std::optional<double> Graph::number(uint32_t property) const {
  egraph::Number own = table.number(nodes[property].what);
  return own.known ? std::optional(own.value) : std::nullopt;
}

//===- Facts --------------------------------------------------------------===//

static Sign all(ArrayRef<Sign> kids) {
  Sign sign = kids.empty() ? Sign() : kids[0];
  for (const Sign &kid : kids) {
    sign.isNotNegative &= kid.isNotNegative;
    sign.isNotZero &= kid.isNotZero;
    sign.isTruth &= kid.isTruth;
  }
  return sign;
}

/// Of a term of that name over tensors of these signs.
static Sign signOf(StringRef name, ArrayRef<Sign> kids) {
  Sign first = kids.empty() ? Sign() : kids[0], each = all(kids);
  auto isAny = [&](auto holds) { return llvm::any_of(kids, holds); };
  auto isPositive = [](const Sign &kid) { return kid.isPositive(); };
  auto isOneOf = [&](std::initializer_list<StringRef> names) {
    return llvm::is_contained(names, name);
  };
  if (isOneOf({"exp", "sigmoid", "softplus", "rsqrt"}))
    return {true, true, false};
  if (isOneOf({"lt", "le", "eq", "and", "or", "not", "one_hot", "top_k_mask", "visible"}))
    return {true, false, true};
  if (isOneOf({"softmax", "masked_softmax", "iota"}))
    return {true, false, false};
  if (isOneOf({"abs", "square", "sqrt"}))
    return {true, first.isNotZero, false};
  if (name == "neg")
    return {false, first.isNotZero, false};
  if (name == "recip")
    return {first.isNotNegative, first.isNotZero, false};
  if (name == "relu")
    return {true, first.isNotZero && first.isNotNegative, first.isTruth};
  if (name == "add")
    return {each.isNotNegative, each.isNotNegative && isAny(isPositive), false};
  if (name == "mul" || name == "concat")
    return each;
  if (name == "div")
    return {each.isNotNegative, each.isNotZero, false};
  if (name == "maximum")
    return {isAny([](const Sign &kid) { return kid.isNotNegative; }), isAny(isPositive),
            each.isTruth};
  if (name == "minimum")
    return {each.isNotNegative, each.isPositive(), each.isTruth};
  if (name == "where")
    return all(kids.drop_front(std::min<size_t>(kids.size(), 1)));
  if (isOneOf({"contract", "sum", "mean", "scatter_add", "cumsum", "pad"}))
    return {each.isNotNegative, false, false};
  if (isOneOf({"amax", "amin", "broadcast", "reshape", "transpose", "slice", "gather"}))
    return first;
  if (name == "cast") // small numbers may become 0
    return {first.isNotNegative, false, first.isTruth};
  return {};
}

Node Graph::infer(uint32_t head, ArrayRef<uint32_t> kids, uint32_t what) const {
  Node node{head, SmallVector<uint32_t, 4>(kids), what, false, 0, std::nullopt, {}};
  const auto *operation = std::get_if<OperationName>(&table.at(head));
  if (!operation) {
    node.isLoad = what == head || table.isLoadLeaf(head);
    node.stage = table.stage(head);
    return node;
  }
  SmallVector<Sign> signs;
  node.isLoad = table.isStatic(what);
  for (uint32_t kid : kids) {
    const Node &own = nodes[kid];
    node.isLoad &= own.isLoad;
    node.stage = std::max(node.stage, own.stage);
    if (own.what == own.head)
      continue;
    signs.push_back(own.sign);
  }
  StringRef name = operation->getStringRef().split('.').second;
  bool isMoved = llvm::is_contained({"broadcast", "reshape", "transpose", "slice"}, name);
  if (name == "constant") {
    if (egraph::Number own = table.splat(nodes[kids[0]].what); own.known)
      node.splat = own.value;
  } else if (isMoved) {
    node.splat = nodes[kids[0]].splat;
  }
  node.sign = node.splat ? Sign::of(*node.splat) : signOf(name, signs);
  return node;
}

SmallVector<uint32_t> inOrder(const Graph &graph, ArrayRef<uint32_t> roots) {
  SmallVector<uint32_t> order;
  std::vector<bool> isSeen(graph.size());
  for (uint32_t root : roots) {
    SmallVector<std::pair<uint32_t, unsigned>> stack{{root, 0}};
    if (isSeen[root])
      continue;
    isSeen[root] = true;
    while (!stack.empty()) {
      auto &[node, next] = stack.back();
      if (next == graph[node].kids.size()) {
        order.push_back(node);
        stack.pop_back();
        continue;
      }
      uint32_t kid = graph[node].kids[next++];
      if (!isSeen[kid]) {
        isSeen[kid] = true;
        stack.push_back({kid, 0});
      }
    }
  }
  return order;
}

} // namespace tern::saturate::classic
