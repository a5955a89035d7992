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

Result Builder::reshape(const Result &built, ArrayRef<uint32_t> extents, const Labels &axes) {
  if (!built)
    return std::nullopt;
  if (ArrayRef<uint32_t>(*graph.extents(built->node)) == extents &&
      !llvm::is_contained(extents, 0u))
    return Built{built->node, axes};
  auto type = tensor(extents, graph.element(built->node));
  return type ? add(graph.head("reshape"), {built->node, *type}, axes) : std::nullopt;
}

Wanted Builder::exchange(const Labels &axes, ArrayRef<Label> from, ArrayRef<Label> to) {
  const auto *at =
      from.empty() ? axes.end() : std::search(axes.begin(), axes.end(), from.begin(), from.end());
  if (at == axes.end())
    return std::nullopt;
  return concat({ArrayRef(axes.begin(), at), to, ArrayRef(at + from.size(), axes.end())});
}

Result Builder::regrouped(const law::Term &t, const Wanted &want, uint32_t element) {
  const Letters &before = t.string.operands[0], &after = t.string.result;
  Wanted from = labels(before), to = labels(after);
  if (!from || !to)
    return std::nullopt;
  SmallVector<std::pair<Labels, Labels>> changes;
  Letters sameBefore, sameAfter;
  for (const Group &group : groupsOf(law, t)) {
    if (group.isSame) {
      sameBefore.push_back(before[group.before[0]]);
      sameAfter.push_back(after[group.after[0]]);
      continue;
    }
    Letters old, made;
    for (size_t at : group.before)
      old.push_back(before[at]);
    for (size_t at : group.after)
      made.push_back(after[at]);
    changes.push_back({*labels(old), *labels(made)});
  }
  Wanted inKid;
  if (want && isPermutation(*want, *to))
    inKid = readAs(*want, sameAfter, sameBefore);
  for (const auto &[old, made] : changes)
    inKid = inKid ? exchange(*inKid, made, old) : std::nullopt;
  Result x = operand(t, 0, inKid, element);
  Wanted axes = x ? Wanted(x->axes) : std::nullopt;
  for (const auto &[old, made] : changes)
    axes = axes ? exchange(*axes, old, made) : std::nullopt;
  if (axes) {
    axes = readAs(*axes, sameBefore, sameAfter);
  } else {
    x = align(x, *from);
    axes = to;
  }
  auto own = extents(*axes);
  return own ? reshape(x, *own, *axes) : std::nullopt;
}

std::optional<std::pair<Dim, Dim>> Builder::changed(const Letters &own, const Letters &result) {
  std::optional<std::pair<Dim, Dim>> pair;
  for (size_t i = 0; i < own.size() && i < result.size(); ++i)
    if (own[i] != result[i])
      pair = {own[i], result[i]};
  return pair;
}

Wanted Builder::inOperand(const Wanted &want, std::pair<Dim, Dim> changed) {
  return want ? Wanted(readAs(*want, {changed.second}, {changed.first})) : std::nullopt;
}

Result Builder::cut(const law::Term &t, const Wanted &want, uint32_t element) {
  auto axis = changed(t.string.operands[0], t.string.result);
  std::optional<int64_t> offset = valueOf(t.size, sizes);
  if (!axis || !offset)
    return std::nullopt;
  Result x = operand(t, 0, inOperand(want, *axis), element);
  std::optional<int64_t> before = sizes[axis->first], after = sizes[axis->second];
  if (!x || !before || !after)
    return std::nullopt;
  Labels axes = readAs(x->axes, {axis->first}, {axis->second});
  if (t.op == Op::Slice && *offset == 0 && *before == *after)
    return Built{x->node, axes};
  const auto *at = llvm::find_if(x->axes, [&](const Label &l) { return l.letter == axis->first; });
  int64_t last = t.op == Op::Slice ? *after : *offset;
  int64_t middle = t.op == Op::Slice ? *offset : *after - *before - *offset;
  if (at == x->axes.end() || middle < 0 || last < 0)
    return std::nullopt;
  auto integer = [&](int64_t number) { return *property(graph.table.makeInteger(number)); };
  return add(headOf(t), {x->node, integer(at - x->axes.begin()), integer(middle), integer(last)},
             axes);
}

Result Builder::joined(const law::Term &t, const Wanted &want, uint32_t element) {
  std::optional<Labels> axes;
  std::optional<size_t> axis;
  SmallVector<uint32_t> nodes;
  for (size_t i = 0; i < t.operands.size(); ++i) {
    auto letters = changed(t.string.operands[i], t.string.result);
    if (!letters)
      return std::nullopt;
    SmallVector<Built> own;
    const law::Term &kid = t.operands[i];
    auto part = kid.sort == law::Term::Sort::Variable ? parts.find(kid.variable) : parts.end();
    if (part != parts.end()) {
      for (uint32_t node : part->second.nodes)
        own.push_back(
            {node, readAs(match.axes[part->second.own], law.variables[part->second.own].letters,
                          t.string.operands[i])});
    } else {
      Wanted inKid = axes ? inOperand(axes, *letters) : inOperand(want, *letters);
      Result built = operand(t, i, inKid, element);
      if (!built)
        return std::nullopt;
      own.push_back(*built);
    }
    for (Built &each : own) {
      Labels whole = readAs(each.axes, {letters->first}, {letters->second});
      if (!axes) {
        axes = whole;
        const auto *at =
            llvm::find_if(whole, [&](const Label &l) { return l.letter == letters->second; });
        if (at == whole.end())
          return std::nullopt;
        axis = at - whole.begin();
      }
      Result aligned = align(Built{each.node, whole}, *axes);
      if (!aligned)
        return std::nullopt;
      nodes.push_back(aligned->node);
    }
  }
  if (!axes)
    return std::nullopt;
  nodes.push_back(*property(graph.table.makeInteger(static_cast<int64_t>(*axis))));
  return add(headOf(t), nodes, *axes);
}

} // namespace tern::saturate::classic
