// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Builder.h"

#include "llvm/ADT/STLExtras.h"

using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

using law::Dim;
using law::Letters;
using law::Op;

std::optional<Builder::Roles> Builder::rolesOf(ArrayRef<Built> operands, const Letters &result) {
  Roles roles;
  auto has = [&](size_t at, const Label &label) {
    return llvm::is_contained(operands[at].axes, label);
  };
  auto isKept = [&](const Label &label) { return contains(result, label.letter); };
  for (const Label &label : operands[0].axes) {
    bool isOfKey = has(1, label), isOfValue = has(2, label);
    if (isOfKey != isOfValue ? isOfValue || isKept(label) : !isKept(label))
      return std::nullopt;
    (isOfKey && isOfValue ? roles.groups : isOfKey ? roles.width : roles.rows).push_back(label);
  }
  for (const Label &label : operands[1].axes) {
    if (has(0, label))
      continue;
    if (!has(2, label) || isKept(label))
      return std::nullopt;
    roles.keys.push_back(label);
  }
  for (const Label &label : operands[2].axes) {
    if (has(0, label) || has(1, label))
      continue;
    if (!isKept(label))
      return std::nullopt;
    roles.values.push_back(label);
  }
  bool isPlain = roles.width.size() == 1 && roles.keys.size() == 1 && roles.values.size() == 1;
  return isPlain && !roles.rows.empty() ? std::optional(roles) : std::nullopt;
}

std::optional<uint32_t> Builder::joint(const Labels &heads) {
  auto all = extents(heads);
  int64_t count = 1;
  if (!all)
    return std::nullopt;
  for (uint32_t extent : *all) {
    std::optional<int64_t> number = graph.integer(extent);
    if (!number || __builtin_mul_overflow(count, *number, &count))
      return std::nullopt;
  }
  return graph.table.makeExtent(count);
}

Result Builder::asHeads(const Built &x, const Label &first, const Labels &heads,
                        const Label &last) {
  Labels order = concat({first, heads, last});
  auto ends = extents({first, last});
  std::optional<uint32_t> middle = joint(heads);
  if (!ends || !middle)
    return std::nullopt;
  return reshape(align(x, order), {(*ends)[0], *middle, (*ends)[1]}, order);
}

Built Builder::unspread(const Built &built, ArrayRef<Label> keep) {
  const Node &node = graph[built.node];
  if (graph.name(built.node) != "broadcast")
    return built;
  const TextAxes *own = graph.axes(node.kids[1]);
  Labels axes;
  for (char letter : own->operands[0])
    axes.push_back(built.axes[own->result.find(letter)]);
  return isPermutation(axes, keep) ? Built{node.kids[0], axes} : built;
}

Result Builder::mask(const law::Term &t, const Label &rows, const Label &keys, const Labels &heads,
                     uint32_t element) {
  const law::Term &kid = t.operands[3];
  Result built = build(kid, std::nullopt, element, false);
  if (!built)
    return std::nullopt;
  built->axes = readAs(built->axes, lettersOf(kid), classic::lettersOf(t, 3));
  Built own = unspread(*built, {rows, keys});
  if (own.axes.size() == 2)
    return align(own, {rows, keys});
  Labels order = concat({heads, rows, keys});
  auto ends = extents({rows, keys});
  std::optional<uint32_t> first = joint(heads);
  if (!ends || !first)
    return std::nullopt;
  return reshape(align(own, order), {*first, (*ends)[0], (*ends)[1]}, order);
}

Result Builder::attention(const law::Term &t, uint32_t element) {
  auto own = operands(t, 3, element);
  std::optional<Roles> roles = own ? rolesOf(*own, t.string.result) : std::nullopt;
  std::optional<double> scale = value(t.operands[arityOf(t)]), cap = 0.0;
  if (isCapped(t.op))
    cap = value(t.operands[arityOf(t) + 1]);
  if (!roles || !scale || !cap)
    return std::nullopt;
  // The tokens are what has a name and no number, or the most.
  auto size = [&](const Label &label) {
    std::optional<int64_t> number = graph.integer((*blocks[label.letter])[label.at]);
    return number.value_or(INT64_MAX);
  };
  llvm::sort(roles->rows, [&](const Label &a, const Label &b) {
    return std::pair(size(a), a) < std::pair(size(b), b);
  });
  Label rows = roles->rows.pop_back_val();
  Label width = roles->width[0], keys = roles->keys[0], values = roles->values[0];
  Labels heads = concat({roles->groups, roles->rows});
  Result q = asHeads((*own)[0], rows, heads, width);
  Result k = asHeads((*own)[1], keys, roles->groups, width);
  Result v = asHeads((*own)[2], keys, roles->groups, values);
  if (!q || !k || !v)
    return std::nullopt;
  SmallVector<uint32_t> kids{q->node, k->node, v->node};
  if (arityOf(t) == 4) {
    Result hidden = mask(t, rows, keys, heads, element);
    if (!hidden)
      return std::nullopt;
    kids.push_back(hidden->node);
  }
  for (uint32_t symbol : {graph.table.absent(), graph.table.makeNumber(*scale),
                          graph.table.makeNumber(*cap), graph.table.makeInteger(0)})
    kids.push_back(*property(symbol));
  Labels axes = concat({rows, heads, values});
  auto whole = extents(axes);
  return whole ? reshape(add(headOf(t), kids, axes), *whole, axes) : std::nullopt;
}

} // namespace tern::saturate::classic
