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

Result Builder::withText(uint32_t head, ArrayRef<Built> kids, const Labels &axes) {
  SmallVector<Labels> operands;
  SmallVector<uint32_t> nodes;
  for (const Built &kid : kids) {
    operands.push_back(kid.axes);
    nodes.push_back(kid.node);
  }
  auto string = text(operands, axes);
  if (!string)
    return std::nullopt;
  nodes.push_back(*string);
  return add(head, nodes, axes);
}

std::optional<SmallVector<Built>> Builder::operands(const law::Term &t, size_t count,
                                                    uint32_t element) {
  SmallVector<Built> kids;
  for (size_t at = 0; at < count; ++at) {
    Result kid = operand(t, at, std::nullopt, element);
    if (!kid)
      return std::nullopt;
    kids.push_back(*kid);
  }
  return kids;
}

Result Builder::reduction(const law::Term &t, uint32_t element) {
  auto kids = operands(t, 1, element);
  if (!kids)
    return std::nullopt;
  Labels axes;
  for (const Label &label : (*kids)[0].axes)
    if (contains(t.letters, label.letter))
      axes.push_back(label);
  if (axes.size() == (*kids)[0].axes.size())
    return (*kids)[0];
  if (!keepsOrder(t, *kids))
    return std::nullopt;
  return withText(headOf(t), *kids, axes);
}

Result Builder::pair(const law::Term &t, const Wanted &want, uint32_t element) {
  auto kids = operands(t, 2, element);
  Wanted axes = t.op == Op::Contract ? order(t.string.result, want) : labels(t.string.result);
  if (!kids || !axes)
    return std::nullopt;
  if (t.op == Op::Contract) {
    // What is known before the step stands on the right.
    if (graph[(*kids)[0].node].isLoad && !graph[(*kids)[1].node].isLoad)
      std::swap((*kids)[0], (*kids)[1]);
    if (!keepsOrder(t, *kids))
      return std::nullopt;
  }
  return withText(headOf(t), *kids, *axes);
}

bool Builder::keepsOrder(const law::Term &t, ArrayRef<Built> kids) const {
  if (law.tier != law::Tier::Bit)
    return true;
  Letters letters = summedLetters(t);
  SmallVector<size_t> places;
  SmallVector<Label> seen;
  for (const Built &kid : kids)
    for (const Label &label : kid.axes) {
      auto letter = llvm::find(letters, label.letter);
      if (letter == letters.end() || llvm::is_contained(seen, label))
        continue;
      seen.push_back(label);
      const auto *known = llvm::find(match.summed, label);
      places.push_back(known != match.summed.end() ? known - match.summed.begin()
                                                   : (letter - letters.begin()) * 64 + label.at);
    }
  return llvm::is_sorted(places);
}

Result Builder::typed(const law::Term &t, const Wanted &want, uint32_t element) {
  auto kids = operands(t, t.operands.size(), element);
  Wanted axes = order(t.string.result, want);
  if (!kids || !axes)
    return std::nullopt;
  const Built &x = (*kids)[0];
  if (t.op == Op::Bcast)
    return axes->size() == x.axes.size() ? Result(x) : broadcast(x, *axes);
  SmallVector<Labels> strings;
  SmallVector<uint32_t> nodes;
  for (const Built &kid : *kids) {
    strings.push_back(kid.axes);
    nodes.push_back(kid.node);
  }
  auto string = text(strings, *axes);
  auto type = tensor(*axes, t.op == Op::OneHot ? element : graph.element(x.node));
  if (!string || !type)
    return std::nullopt;
  nodes.append({*string, *type});
  return add(headOf(t), nodes, *axes);
}

Result Builder::iota(const law::Term &t, const Wanted &want, uint32_t element) {
  Wanted axes = order(t.string.result, want), index = labels(t.string.operands[0]);
  if (!axes || !index)
    return std::nullopt;
  auto string = text({*index}, *axes);
  auto type = tensor(*axes, element);
  return string && type ? add(headOf(t), {*string, *type}, *axes) : std::nullopt;
}

Result Builder::along(const law::Term &t, const Wanted &want, uint32_t element) {
  Result x = operand(t, 0, want, element);
  if (!x || !keepsOrder(t, *x))
    return std::nullopt;
  SmallVector<uint32_t> kids{x->node};
  for (size_t at = 1; at < arityOf(t); ++at) {
    Result other = align(operand(t, at, x->axes, graph.element(x->node)), x->axes);
    if (!other)
      return std::nullopt;
    kids.push_back(other->node);
  }
  Labels row;
  for (const Label &label : x->axes)
    if (contains(t.string.result, label.letter))
      row.push_back(label);
  auto string = text({x->axes}, row, "/");
  if (!string)
    return std::nullopt;
  kids.push_back(*string);
  if (t.op == Op::RmsNorm || t.op == Op::LayerNorm) {
    std::optional<double> epsilon = value(t.operands[1]);
    if (!epsilon)
      return std::nullopt;
    kids.push_back(*property(graph.table.makeNumber(*epsilon)));
  }
  if (t.op == Op::TopkMask) {
    std::optional<int64_t> count = valueOf(t.size, sizes);
    if (!count)
      return std::nullopt;
    kids.push_back(*property(graph.table.makeInteger(*count)));
  }
  return add(headOf(t), kids, x->axes);
}

} // namespace tern::saturate::classic
