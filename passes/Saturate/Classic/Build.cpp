// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds the other side of a law. Each term keeps the order of axes that its operands have; where
// an operation or the result needs another one, a transpose is put in.
#include "passes/Saturate/Classic/Match.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <map>

using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

using law::Dim;
using law::Letters;
using law::Op;

namespace {

/// A term and its axes, in order. It may lack axes that the law names, along which it is the same
/// everywhere.
struct Built {
  uint32_t node;
  Labels axes;
};
using Result = std::optional<Built>;
using Wanted = std::optional<Labels>;

bool isPermutation(ArrayRef<Label> a, ArrayRef<Label> b) {
  return a.size() == b.size() &&
         llvm::all_of(a, [&](const Label &label) { return llvm::is_contained(b, label); });
}

/// The axes with the letters `from` read as `to`.
Labels readAs(ArrayRef<Label> axes, const Letters &from, const Letters &to) {
  Labels read(axes);
  for (Label &label : read)
    if (auto at = llvm::find(from, label.letter); at != from.end())
      label.letter = to[at - from.begin()];
  return read;
}

Labels concat(std::initializer_list<ArrayRef<Label>> parts) {
  Labels all;
  for (ArrayRef<Label> part : parts)
    all.append(part.begin(), part.end());
  return all;
}

/// The value of an operation on numbers, where double precision says it well.
std::optional<double> evaluate(StringRef name, ArrayRef<double> numbers) {
  if (numbers.empty())
    return std::nullopt;
  double x = numbers[0], y = numbers.back();
  double value = NAN;
  if (numbers.size() == 1)
    value = llvm::StringSwitch<double>(name)
                .Case("neg", -x)
                .Case("abs", std::abs(x))
                .Case("square", x * x)
                .Case("sqrt", std::sqrt(x))
                .Case("recip", 1 / x)
                .Case("exp", x == 0 ? 1 : NAN)
                .Default(NAN);
  else if (numbers.size() == 2)
    value = llvm::StringSwitch<double>(name)
                .Case("add", x + y)
                .Case("sub", x - y)
                .Case("mul", x * y)
                .Case("div", x / y)
                .Case("maximum", std::max(x, y))
                .Case("minimum", std::min(x, y))
                .Default(NAN);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

class Builder {
public:
  Builder(Graph &graph, const Rule &rule, const Match &match, const Family &family)
      : graph(graph), rule(rule), law(rule.law()), match(match), family(family),
        blocks(match.blocks), sizes(match.sizes) {
    if (rule.framed->siblings)
      sizeFamily();
    for (auto [block, size] : llvm::zip_equal(blocks, sizes))
      if (!block && size)
        block = {graph.table.makeExtent(*size)};
  }

  std::optional<uint32_t> root() {
    const Node &target = graph[match.node];
    Letters left = lettersOf(rule.left()), right = lettersOf(rule.right());
    if (right.empty())
      right = left;
    Labels want = readAs(match.root, left, right);
    uint32_t element = graph.element(match.node);
    Result built = build(rule.right(), want, element, true);
    built = spread(built, right, want);
    built = align(built, want);
    // What comes later can't stand for it.
    bool fits =
        built && graph[built->node].what == target.what && graph[built->node].stage <= target.stage;
    return fits ? std::optional(built->node) : std::nullopt;
  }

private:
  //===- Names ------------------------------------------------------------===//

  Letters lettersOf(const law::Term &t) const {
    return t.sort == law::Term::Sort::Variable ? law.variables[t.variable].letters : t.letters;
  }

  /// The sizes of all members are known now, so that of the whole is.
  void sizeFamily() {
    unsigned own = *rule.framed->siblings;
    auto sizeOf = [&](StringRef suffix, ArrayRef<uint32_t> nodes) {
      for (unsigned v = 0; v < law.variables.size(); ++v) {
        if (law.variables[v].name != law.variables[own].name + suffix.str())
          continue;
        for (auto [axis, letter] : llvm::enumerate(law.variables[v].letters)) {
          if (law.variables[own].letters[axis] == letter)
            continue;
          Dim ofOwn = law.variables[own].letters[axis];
          const auto *place =
              llvm::find_if(match.axes[own], [&](const Label &l) { return l.letter == ofOwn; });
          int64_t all = 0;
          for (uint32_t node : nodes)
            all +=
                graph.integer((*graph.extents(node))[place - match.axes[own].begin()]).value_or(0);
          sizes[letter] = all;
        }
        parts[v] = nodes;
      }
    };
    sizeOf(".before", family.before);
    sizeOf(".after", family.after);
    for (Dim dim = 0; dim < law.dims.size(); ++dim)
      if (law.dims[dim].value && !sizes[dim])
        sizes[dim] = valueOf(*law.dims[dim].value, sizes);
  }

  Result add(uint32_t head, ArrayRef<uint32_t> kids, Labels axes) {
    if (head == 0)
      return std::nullopt;
    std::optional<uint32_t> node = graph.add(head, kids);
    return node ? Result({*node, std::move(axes)}) : std::nullopt;
  }
  std::optional<uint32_t> property(uint32_t symbol) {
    return symbol == 0 ? std::nullopt : graph.add(symbol, {});
  }

  /// All axes of these letters.
  Wanted labels(const Letters &letters) const {
    Labels all;
    for (Dim letter : letters) {
      if (!blocks[letter])
        return std::nullopt;
      for (unsigned at = 0; at < blocks[letter]->size(); ++at)
        all.push_back({letter, at});
    }
    return all;
  }
  std::optional<SmallVector<uint32_t>> extents(ArrayRef<Label> axes) const {
    SmallVector<uint32_t> all;
    for (const Label &label : axes) {
      if (!blocks[label.letter] || label.at >= blocks[label.letter]->size())
        return std::nullopt;
      all.push_back((*blocks[label.letter])[label.at]);
    }
    return all;
  }
  std::optional<uint32_t> tensor(ArrayRef<uint32_t> extents, uint32_t element) {
    return property(graph.table.makeTensor({extents.data(), extents.size()}, element));
  }
  std::optional<uint32_t> tensor(ArrayRef<Label> axes, uint32_t element) {
    auto own = extents(axes);
    return own ? tensor(ArrayRef<uint32_t>(*own), element) : std::nullopt;
  }

  /// The property that is an index string of these axes.
  std::optional<uint32_t> text(ArrayRef<Labels> operands, ArrayRef<Label> last,
                               StringRef arrow = "->") {
    std::map<Label, char> names;
    std::string all;
    auto spell = [&](ArrayRef<Label> axes) {
      for (const Label &label : axes)
        all += names.try_emplace(label, static_cast<char>('a' + names.size())).first->second;
    };
    for (size_t i = 0; i < operands.size(); ++i) {
      all += i == 0 ? "" : ",";
      spell(operands[i]);
    }
    all += arrow;
    spell(last);
    if (names.size() > 26)
      return std::nullopt;
    return property(graph.table.makeText({all.data(), all.size()}));
  }

  //===- Order of axes ----------------------------------------------------===//

  Result align(const Result &built, ArrayRef<Label> want) {
    if (!built || ArrayRef(built->axes) == want)
      return built;
    if (!isPermutation(built->axes, want))
      return std::nullopt;
    auto string = text({built->axes}, want);
    return string ? add(graph.head("transpose"), {built->node, *string}, Labels(want))
                  : std::nullopt;
  }

  Result broadcast(const Built &built, const Labels &axes) {
    if (!llvm::all_of(built.axes, [&](const Label &l) { return llvm::is_contained(axes, l); }))
      return std::nullopt;
    auto string = text({built.axes}, axes);
    auto type = tensor(axes, graph.element(built.node));
    return string && type ? add(graph.head("broadcast"), {built.node, *string, *type}, axes)
                          : std::nullopt;
  }

  /// The same with all axes of these letters.
  Result spread(const Result &built, const Letters &letters, const Wanted &want) {
    Wanted all = labels(letters);
    if (!built || !all)
      return std::nullopt;
    if (all->size() == built->axes.size())
      return built;
    return broadcast(*built, want && isPermutation(*want, *all) ? *want : *all);
  }

  /// The axes of these letters, as they are wanted if they are.
  Wanted order(const Letters &letters, const Wanted &want) const {
    Wanted all = labels(letters);
    return all && want && isPermutation(*want, *all) ? want : all;
  }

  //===- Parts ------------------------------------------------------------===//

  /// A constant of rank 0. Over the reals it is rounded to f32.
  Result number(double value, uint32_t element) {
    if (law.tier == law::Tier::Real && std::string(graph.table.text(element)) == "f32")
      value = static_cast<float>(value);
    auto splat = property(graph.table.makeSplat(value, element));
    return splat ? add(graph.head("constant"), {*splat}, {}) : std::nullopt;
  }

  /// The number that a pattern is, if it is one.
  std::optional<double> value(const law::Term &t) const {
    switch (t.sort) {
    case law::Term::Sort::Number:
      return t.value;
    case law::Term::Sort::Pi:
      return M_PI;
    case law::Term::Sort::MinusInfinity:
      return -INFINITY;
    case law::Term::Sort::Variable: {
      const auto *number = std::get_if<double>(&match.variables[t.variable]);
      return number ? std::optional(*number) : std::nullopt;
    }
    case law::Term::Sort::Operation:
      break;
    }
    if (t.op == Op::Size) {
      std::optional<int64_t> size = valueOf(t.size, sizes);
      return size ? std::optional(static_cast<double>(*size)) : std::nullopt;
    }
    SmallVector<double> numbers;
    for (const law::Term &operand : t.operands) {
      std::optional<double> own = value(operand);
      if (!own)
        return std::nullopt;
      numbers.push_back(*own);
    }
    return evaluate(nameOf(t.op), numbers);
  }

  /// What has the type of its neighbours.
  bool isNumber(const law::Term &t) const {
    using Sort = law::Term::Sort;
    if (t.sort == Sort::Variable)
      return std::holds_alternative<double>(match.variables[t.variable]);
    return t.sort != Sort::Operation || t.op == Op::Size || isFolded(t);
  }

  /// `(div 1 2)`, which is one number; `(exp 0)` is what a law speaks of.
  bool isFolded(const law::Term &t) const {
    auto isNumeral = [](const law::Term &own) { return own.sort == law::Term::Sort::Number; };
    return t.sort == law::Term::Sort::Operation && t.op != Op::Exp && !t.operands.empty() &&
           llvm::all_of(t.operands, isNumeral) && value(t).has_value();
  }

  Result build(const law::Term &t, const Wanted &want, uint32_t element, bool isRoot) {
    if (t.sort == law::Term::Sort::Variable)
      if (const auto *term = std::get_if<Term>(&match.variables[t.variable]))
        return Built{term->node, match.axes[t.variable]};
    if (isNumber(t)) {
      std::optional<double> own = value(t);
      return own ? number(*own, element) : std::nullopt;
    }
    if (t.sort != law::Term::Sort::Operation)
      return std::nullopt;
    Result built = buildTerm(t, want, element);
    // Nothing is rounded that was not before.
    bool mayRound = isRoot || isExact(t.op) || law.survivesRounding;
    return built && (mayRound || graph.isWide(built->node)) ? built : std::nullopt;
  }

  /// An operand in the letters of the operation's own string.
  Result operand(const law::Term &t, size_t at, const Wanted &want, uint32_t element) {
    const law::Term &kid = t.operands[at];
    Letters own = classic::lettersOf(t, at), letters = lettersOf(kid);
    Wanted inKid = want ? Wanted(readAs(*want, own, letters)) : std::nullopt;
    Result built = build(kid, inKid, element, false);
    if (built)
      built->axes = readAs(built->axes, letters, own);
    return spread(built, own, std::nullopt);
  }

  Result buildTerm(const law::Term &t, const Wanted &want, uint32_t element) {
    switch (t.op) {
    case Op::Rnd:
    case Op::Cast:
      return cast(t, want, element);
    case Op::Contract:
    case Op::Gather:
      return pair(t, want, element);
    case Op::Sum:
    case Op::Mean:
    case Op::Amax:
    case Op::Amin:
    case Op::Lse:
      return reduction(t, element);
    case Op::Bcast:
    case Op::OneHot:
    case Op::ScatterAdd:
      return typed(t, want, element);
    case Op::Iota:
      return iota(t, want, element);
    case Op::Perm:
      return operand(t, 0, want, element);
    case Op::Reshape:
      return regrouped(t, want, element);
    case Op::Slice:
    case Op::Pad:
      return cut(t, want, element);
    case Op::Concat:
      return joined(t, want, element);
    case Op::Softmax:
    case Op::SoftmaxMasked:
    case Op::RmsNorm:
    case Op::LayerNorm:
    case Op::Cumsum:
    case Op::TopkMask:
      return along(t, want, element);
    default:
      return isAttention(t.op) ? attention(t, element) : elements(t, want, element);
    }
  }

  uint32_t headOf(const law::Term &t) {
    if (t.op != Op::Map && t.op != Op::Map2)
      return graph.head(operationOf(t.op));
    const auto *symbol = std::get_if<Symbol>(&match.variables[t.variable]);
    return symbol ? symbol->id : 0;
  }

  //===- Element-wise terms -----------------------------------------------===//

  Result elements(const law::Term &t, Wanted want, uint32_t element) {
    SmallVector<Result> kids(t.operands.size());
    SmallVector<std::pair<size_t, const law::Term *>> numbers;
    size_t full =
        llvm::count_if(t.operands, [&](const law::Term &kid) { return !lettersOf(kid).empty(); });
    const Built *first = nullptr;
    for (auto [at, own] : llvm::enumerate(t.operands)) {
      const law::Term *kid = &own;
      // A scalar that is spread over the others' axes need not be.
      if (kid->isOperation(Op::Bcast) && kid->string.operands[0].empty() && full > 1)
        kid = &kid->operands[0];
      if (isNumber(*kid)) {
        numbers.push_back({at, kid}); // they have the type of the others
        continue;
      }
      Letters letters = lettersOf(*kid);
      Wanted inKid =
          want && !letters.empty() ? Wanted(readAs(*want, t.letters, letters)) : std::nullopt;
      Result built = build(*kid, inKid, element, false);
      if (!built)
        return std::nullopt;
      built->axes = letters.empty() ? Labels() : readAs(built->axes, letters, t.letters);
      if (!built->axes.empty()) {
        built = spread(built, t.letters, want);
        if (first)
          built = align(built, first->axes);
        if (!built)
          return std::nullopt;
        want = built->axes;
      }
      element = graph.element(built->node);
      kids[at] = built;
      if (!first && !built->axes.empty())
        first = &*kids[at];
    }
    for (auto [at, kid] : numbers)
      if (!(kids[at] = build(*kid, std::nullopt, element, false)))
        return std::nullopt;
    SmallVector<uint32_t> nodes;
    for (const Result &kid : kids)
      nodes.push_back(kid->node);
    return add(headOf(t), nodes, first ? first->axes : Labels());
  }

  Result cast(const law::Term &t, const Wanted &want, uint32_t element) {
    uint32_t to = match.narrow;
    if (t.op == Op::Cast) {
      const auto *symbol = std::get_if<Symbol>(&match.variables[t.variable]);
      to = symbol ? symbol->id : 0;
    }
    Result built = build(t.operands[0], want, element, false);
    if (!built || to == 0 || graph.element(built->node) == to)
      return to == 0 ? std::nullopt : built;
    auto type = tensor(built->axes, to);
    return type ? add(graph.head("cast"), {built->node, *type}, built->axes) : std::nullopt;
  }

  //===- Terms with index strings -----------------------------------------===//

  Result withText(uint32_t head, ArrayRef<Built> kids, const Labels &axes) {
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

  std::optional<SmallVector<Built>> operands(const law::Term &t, size_t count, uint32_t element) {
    SmallVector<Built> kids;
    for (size_t at = 0; at < count; ++at) {
      Result kid = operand(t, at, std::nullopt, element);
      if (!kid)
        return std::nullopt;
      kids.push_back(*kid);
    }
    return kids;
  }

  Result reduction(const law::Term &t, uint32_t element) {
    auto kids = operands(t, 1, element);
    if (!kids)
      return std::nullopt;
    Labels axes;
    for (const Label &label : (*kids)[0].axes)
      if (contains(t.letters, label.letter))
        axes.push_back(label);
    if (axes.size() == (*kids)[0].axes.size())
      return (*kids)[0];
    if (t.op != Op::Lse && !keepsOrder(t, *kids))
      return std::nullopt;
    return withText(headOf(t), *kids, axes);
  }

  Result pair(const law::Term &t, const Wanted &want, uint32_t element) {
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

  /// Bit for bit, what is summed is summed in the order in which it was.
  bool keepsOrder(const law::Term &t, ArrayRef<Built> kids) const {
    if (law.tier != law::Tier::Bit)
      return true;
    Letters letters = summedLetters(t);
    SmallVector<size_t> places;
    SmallVector<Label> seen;
    for (const Built &kid : kids)
      for (const Label &label : kid.axes) {
        if (contains(t.string.result, label.letter) || llvm::is_contained(seen, label))
          continue;
        seen.push_back(label);
        const auto *known = llvm::find(match.summed, label);
        auto letter = llvm::find(letters, label.letter);
        if (known != match.summed.end())
          places.push_back(known - match.summed.begin());
        else if (letter != letters.end())
          places.push_back((letter - letters.begin()) * 64 + label.at);
        else
          return false;
      }
    return llvm::is_sorted(places);
  }

  Result typed(const law::Term &t, const Wanted &want, uint32_t element) {
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

  Result iota(const law::Term &t, const Wanted &want, uint32_t element) {
    Wanted axes = order(t.string.result, want), index = labels(t.string.operands[0]);
    if (!axes || !index)
      return std::nullopt;
    auto string = text({*index}, *axes);
    auto type = tensor(*axes, element);
    return string && type ? add(headOf(t), {*string, *type}, *axes) : std::nullopt;
  }

  Result along(const law::Term &t, const Wanted &want, uint32_t element) {
    Result x = operand(t, 0, want, element);
    if (!x)
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

  //===- Moves ------------------------------------------------------------===//

  /// Nothing is done if the shape is the same.
  Result reshape(const Result &built, ArrayRef<uint32_t> extents, const Labels &axes) {
    if (!built)
      return std::nullopt;
    if (ArrayRef<uint32_t>(*graph.extents(built->node)) == extents &&
        !llvm::is_contained(extents, 0u))
      return Built{built->node, axes};
    auto type = tensor(extents, graph.element(built->node));
    return type ? add(graph.head("reshape"), {built->node, *type}, axes) : std::nullopt;
  }

  /// The axes with those of `from` in place of those of `to`, if these stand side by side.
  static Wanted exchange(const Labels &axes, ArrayRef<Label> from, ArrayRef<Label> to) {
    const auto *at =
        from.empty() ? axes.end() : std::search(axes.begin(), axes.end(), from.begin(), from.end());
    if (at == axes.end())
      return std::nullopt;
    return concat({ArrayRef(axes.begin(), at), to, ArrayRef(at + from.size(), axes.end())});
  }

  /// Regroups where axes that become others stand side by side, and else in the law's order.
  Result regrouped(const law::Term &t, const Wanted &want, uint32_t element) {
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

  /// Where the strings of an operand and of the result differ.
  static std::optional<std::pair<Dim, Dim>> changed(const Letters &own, const Letters &result) {
    std::optional<std::pair<Dim, Dim>> pair;
    for (size_t i = 0; i < own.size() && i < result.size(); ++i)
      if (own[i] != result[i])
        pair = {own[i], result[i]};
    return pair;
  }

  /// The wanted axes of the result, as those of an operand.
  static Wanted inOperand(const Wanted &want, std::pair<Dim, Dim> changed) {
    return want ? Wanted(readAs(*want, {changed.second}, {changed.first})) : std::nullopt;
  }

  Result cut(const law::Term &t, const Wanted &want, uint32_t element) {
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
    const auto *at =
        llvm::find_if(x->axes, [&](const Label &l) { return l.letter == axis->first; });
    int64_t last = t.op == Op::Slice ? *after : *offset;
    int64_t middle = t.op == Op::Slice ? *offset : *after - *before - *offset;
    if (at == x->axes.end() || middle < 0 || last < 0)
      return std::nullopt;
    auto integer = [&](int64_t number) { return *property(graph.table.makeInteger(number)); };
    return add(headOf(t), {x->node, integer(at - x->axes.begin()), integer(middle), integer(last)},
               axes);
  }

  Result joined(const law::Term &t, const Wanted &want, uint32_t element) {
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
        for (uint32_t node : part->second)
          own.push_back(
              {node, readAs(match.axes[*rule.framed->siblings],
                            law.variables[*rule.framed->siblings].letters, t.string.operands[i])});
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

  //===- Attention --------------------------------------------------------===//

  /// The axes of an attention by what they are.
  struct Roles {
    Labels rows;   ///< of queries and result alone: tokens, and heads that share a key
    Labels groups; ///< of all operands and the result
    Labels width, keys, values;
  };

  static std::optional<Roles> rolesOf(ArrayRef<Built> operands, const Letters &result) {
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

  /// `[first, heads, last]` with all heads as one axis.
  Result asHeads(const Built &x, const Label &first, const Labels &heads, const Label &last) {
    Labels order = concat({first, heads, last});
    auto ends = extents({first, last}), middle = extents(heads);
    int64_t count = 1;
    if (!ends || !middle)
      return std::nullopt;
    for (uint32_t extent : *middle) {
      std::optional<int64_t> number = graph.integer(extent);
      if (!number || __builtin_mul_overflow(count, *number, &count))
        return std::nullopt;
    }
    return reshape(align(x, order), {(*ends)[0], graph.table.makeExtent(count), (*ends)[1]}, order);
  }

  /// What is spread along all axes but those, before it is.
  Built unspread(const Built &built, ArrayRef<Label> keep) {
    const Node &node = graph[built.node];
    if (graph.name(built.node) != "broadcast")
      return built;
    const TextAxes *own = graph.axes(node.kids[1]);
    Labels axes;
    for (char letter : own->operands[0])
      axes.push_back(built.axes[own->result.find(letter)]);
    return isPermutation(axes, keep) ? Built{node.kids[0], axes} : built;
  }

  Result mask(const law::Term &t, const Label &rows, const Label &keys, const Labels &heads,
              uint32_t element) {
    const law::Term &kid = t.operands[3];
    Result built = build(kid, std::nullopt, element, false);
    if (!built)
      return std::nullopt;
    built->axes = readAs(built->axes, lettersOf(kid), classic::lettersOf(t, 3));
    Built own = unspread(*built, {rows, keys});
    if (own.axes.size() == 2)
      return align(own, {rows, keys});
    return heads.size() == 1 ? align(own, concat({heads, rows, keys})) : std::nullopt;
  }

  Result attention(const law::Term &t, uint32_t element) {
    auto own = operands(t, 3, element);
    std::optional<Roles> roles = own ? rolesOf(*own, t.string.result) : std::nullopt;
    std::optional<double> scale = value(t.operands[arityOf(t)]), cap = 0.0;
    if (t.op == Op::AttentionCapped)
      cap = value(t.operands[4]);
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

  Graph &graph;
  const Rule &rule;
  const law::Law &law;
  const Match &match;
  const Family &family;
  std::vector<std::optional<SmallVector<uint32_t, 4>>> blocks;
  std::vector<std::optional<int64_t>> sizes;
  std::map<unsigned, ArrayRef<uint32_t>> parts; ///< nodes of the variables `w.before`, `w.after`
};

} // namespace

std::optional<uint32_t> build(Graph &graph, const Rule &rule, const Match &match,
                              const Family &family) {
  return Builder(graph, rule, match, family).root();
}

} // namespace tern::saturate::classic
