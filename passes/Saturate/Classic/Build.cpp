// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Builder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

namespace tern::saturate::classic {

using law::Dim;
using law::Letters;
using law::Op;

bool isPermutation(ArrayRef<Label> a, ArrayRef<Label> b) {
  return a.size() == b.size() &&
         llvm::all_of(a, [&](const Label &label) { return llvm::is_contained(b, label); });
}

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
static std::optional<double> evaluate(StringRef name, ArrayRef<double> numbers) {
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

Builder::Builder(Graph &graph, const Rule &rule, const Match &match, const Family &family)
    : graph(graph), rule(rule), law(rule.law()), match(match), family(family), blocks(match.blocks),
      sizes(match.sizes) {
  for (unsigned own : rule.framed->siblings)
    sizeFamily(own);
  for (auto [block, size] : llvm::zip_equal(blocks, sizes))
    if (!block && size)
      block = {graph.table.makeExtent(*size)};
}

std::optional<uint32_t> Builder::root() {
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

Letters Builder::lettersOf(const law::Term &t) const {
  return t.sort == law::Term::Sort::Variable ? law.variables[t.variable].letters : t.letters;
}

void Builder::sizeFamily(unsigned own) {
  auto sizeOf = [&](StringRef suffix, ArrayRef<const Match *> members) {
    auto nodes = llvm::map_to_vector(members, [&](const Match *m) { return *m->nodeOf(own); });
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
          all += graph.integer((*graph.extents(node))[place - match.axes[own].begin()]).value_or(0);
        sizes[letter] = all;
      }
      parts[v] = {own, nodes};
    }
  };
  sizeOf(".before", family.before);
  sizeOf(".after", family.after);
  for (Dim dim = 0; dim < law.dims.size(); ++dim)
    if (law.dims[dim].value && !sizes[dim])
      sizes[dim] = valueOf(*law.dims[dim].value, sizes);
}

Result Builder::add(uint32_t head, ArrayRef<uint32_t> kids, Labels axes) {
  if (head == 0)
    return std::nullopt;
  std::optional<uint32_t> node = graph.add(head, kids);
  return node ? Result({*node, std::move(axes)}) : std::nullopt;
}

std::optional<uint32_t> Builder::property(uint32_t symbol) {
  return symbol == 0 ? std::nullopt : graph.add(symbol, {});
}

Wanted Builder::labels(const Letters &letters) const {
  Labels all;
  for (Dim letter : letters) {
    if (!blocks[letter])
      return std::nullopt;
    for (unsigned at = 0; at < blocks[letter]->size(); ++at)
      all.push_back({letter, at});
  }
  return all;
}

std::optional<SmallVector<uint32_t>> Builder::extents(ArrayRef<Label> axes) const {
  SmallVector<uint32_t> all;
  for (const Label &label : axes) {
    if (!blocks[label.letter] || label.at >= blocks[label.letter]->size())
      return std::nullopt;
    all.push_back((*blocks[label.letter])[label.at]);
  }
  return all;
}

std::optional<uint32_t> Builder::tensor(ArrayRef<uint32_t> extents, uint32_t element) {
  return property(graph.table.makeTensor({extents.data(), extents.size()}, element));
}

std::optional<uint32_t> Builder::tensor(ArrayRef<Label> axes, uint32_t element) {
  auto own = extents(axes);
  return own ? tensor(ArrayRef<uint32_t>(*own), element) : std::nullopt;
}

std::optional<uint32_t> Builder::text(ArrayRef<Labels> operands, ArrayRef<Label> last,
                                      StringRef arrow) {
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

Result Builder::align(const Result &built, ArrayRef<Label> want) {
  if (!built || ArrayRef(built->axes) == want)
    return built;
  if (!isPermutation(built->axes, want))
    return std::nullopt;
  auto string = text({built->axes}, want);
  return string ? add(graph.head("transpose"), {built->node, *string}, Labels(want)) : std::nullopt;
}

Result Builder::broadcast(const Built &built, const Labels &axes) {
  if (!llvm::all_of(built.axes, [&](const Label &l) { return llvm::is_contained(axes, l); }))
    return std::nullopt;
  auto string = text({built.axes}, axes);
  auto type = tensor(axes, graph.element(built.node));
  return string && type ? add(graph.head("broadcast"), {built.node, *string, *type}, axes)
                        : std::nullopt;
}

Result Builder::spread(const Result &built, const Letters &letters, const Wanted &want) {
  Wanted all = labels(letters);
  if (!built || !all)
    return std::nullopt;
  if (all->size() == built->axes.size())
    return built;
  return broadcast(*built, want && isPermutation(*want, *all) ? *want : *all);
}

Wanted Builder::order(const Letters &letters, const Wanted &want) const {
  Wanted all = labels(letters);
  return all && want && isPermutation(*want, *all) ? want : all;
}

Result Builder::number(double value, uint32_t element) {
  if (law.tier == law::Tier::Real && std::string(graph.table.text(element)) == "f32")
    value = static_cast<float>(value);
  auto splat = property(graph.table.makeSplat(value, element));
  return splat ? add(graph.head("constant"), {*splat}, {}) : std::nullopt;
}

std::optional<double> Builder::value(const law::Term &t) const {
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

bool Builder::isNumber(const law::Term &t) const {
  using Sort = law::Term::Sort;
  if (t.sort == Sort::Variable)
    return std::holds_alternative<double>(match.variables[t.variable]);
  return t.sort != Sort::Operation || t.op == Op::Size || isFolded(t);
}

bool Builder::isFolded(const law::Term &t) const {
  auto isNumeral = [](const law::Term &own) { return own.sort == law::Term::Sort::Number; };
  return t.sort == law::Term::Sort::Operation && t.op != Op::Exp && !t.operands.empty() &&
         llvm::all_of(t.operands, isNumeral) && value(t).has_value();
}

Result Builder::build(const law::Term &t, const Wanted &want, uint32_t element, bool isRoot) {
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

Result Builder::operand(const law::Term &t, size_t at, const Wanted &want, uint32_t element) {
  const law::Term &kid = t.operands[at];
  Letters own = classic::lettersOf(t, at), letters = lettersOf(kid);
  Wanted inKid = want ? Wanted(readAs(*want, own, letters)) : std::nullopt;
  Result built = build(kid, inKid, element, false);
  if (built)
    built->axes = readAs(built->axes, letters, own);
  return spread(built, own, std::nullopt);
}

Result Builder::buildTerm(const law::Term &t, const Wanted &want, uint32_t element) {
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

uint32_t Builder::headOf(const law::Term &t) {
  if (t.op != Op::Map && t.op != Op::Map2)
    return graph.head(operationOf(t.op));
  const auto *symbol = std::get_if<Symbol>(&match.variables[t.variable]);
  return symbol ? symbol->id : 0;
}

Result Builder::elements(const law::Term &t, Wanted want, uint32_t element) {
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

Result Builder::cast(const law::Term &t, const Wanted &want, uint32_t element) {
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

std::optional<uint32_t> build(Graph &graph, const Rule &rule, const Match &match,
                              const Family &family) {
  return Builder(graph, rule, match, family).root();
}

} // namespace tern::saturate::classic
