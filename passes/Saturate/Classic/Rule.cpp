// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Classic/Rule.h"

#include "passes/Saturate/Law/Bindings.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using llvm::StringRef;

namespace tern::saturate::classic {

using law::Dim;
using law::Form;
using law::Letters;
using law::Op;
using law::Size;
using law::Term;

//===- Words --------------------------------------------------------------===//

StringRef operationOf(Op op) {
  switch (op) {
  case Op::Rnd:
  case Op::Cast:
    return "cast";
  case Op::Lse:
    return "logsumexp";
  case Op::Bcast:
    return "broadcast";
  case Op::Perm:
    return "transpose";
  case Op::SoftmaxMasked:
    return "masked_softmax";
  case Op::TopkMask:
    return "top_k_mask";
  case Op::Attention:
  case Op::AttentionMasked:
  case Op::AttentionBias:
  case Op::AttentionCapped:
  case Op::AttentionCappedBias:
    return "attention";
  case Op::Contract:
  case Op::Sum:
  case Op::Mean:
  case Op::Amax:
  case Op::Amin:
  case Op::Reshape:
  case Op::Slice:
  case Op::Pad:
  case Op::Concat:
  case Op::Gather:
  case Op::ScatterAdd:
  case Op::OneHot:
  case Op::Iota:
  case Op::Softmax:
  case Op::RmsNorm:
  case Op::LayerNorm:
  case Op::Cumsum:
    return nameOf(op);
  default:
    return law::infoOf(op).form == Form::Elements ? nameOf(op) : "";
  }
}

bool isAttention(Op op) { return op >= Op::Attention && op <= Op::AttentionCappedBias; }

bool isCapped(Op op) { return op == Op::AttentionCapped || op == Op::AttentionCappedBias; }

size_t arityOf(const Term &term) {
  switch (term.op) {
  case Op::RmsNorm:
  case Op::LayerNorm:
    return 1;
  case Op::Attention:
  case Op::AttentionCapped:
    return 3;
  case Op::AttentionMasked:
  case Op::AttentionBias:
  case Op::AttentionCappedBias:
    return 4;
  default:
    return term.operands.size();
  }
}

size_t propertiesOf(Op op) {
  switch (op) {
  case Op::Slice:
  case Op::Pad:
    return 3;
  case Op::Bcast:
  case Op::ScatterAdd:
  case Op::OneHot:
  case Op::Iota:
  case Op::RmsNorm:
  case Op::LayerNorm:
  case Op::TopkMask:
    return 2;
  case Op::Rnd:
  case Op::Cast:
    return 1;
  default:
    return isAttention(op) ? 4 : isElementwise(op) ? 0 : 1;
  }
}

bool isElementwise(Op op) {
  Form form = law::infoOf(op).form;
  return form == Form::Elements || form == Form::Function;
}

bool commutes(Op op) {
  return llvm::is_contained(
      {Op::Add, Op::Mul, Op::Maximum, Op::Minimum, Op::Eq, Op::And, Op::Or, Op::Contract}, op);
}

bool isExact(Op op) {
  return llvm::is_contained({Op::Rnd,    Op::Cast,     Op::Bcast,   Op::ScatterAdd, Op::OneHot,
                             Op::Iota,   Op::Perm,     Op::Reshape, Op::Slice,      Op::Pad,
                             Op::Concat, Op::TopkMask, Op::Gather,  Op::Neg,        Op::Abs,
                             Op::Relu,   Op::Maximum,  Op::Minimum, Op::Lt,         Op::Le,
                             Op::Eq,     Op::And,      Op::Or,      Op::Not,        Op::Where},
                            op);
}

Letters summedLetters(const Term &term) {
  if (law::infoOf(term.op).form == law::Form::Row)
    return term.string.result;
  Letters summed;
  if (!llvm::is_contained({Op::Contract, Op::Sum, Op::Mean, Op::Amax, Op::Amin}, term.op))
    return summed;
  for (const Letters &letters : term.string.operands)
    for (Dim dim : letters)
      if (!contains(term.string.result, dim) && !contains(summed, dim))
        summed.push_back(dim);
  return summed;
}

Letters lettersOf(const Term &term, size_t operand) {
  const std::vector<Letters> &own = term.string.operands;
  if (operand < own.size())
    return own[operand];
  if (!isAttention(term.op))
    return own[0];
  Letters mask; // rows of the scores, and keys
  for (Dim dim : own[0])
    if (contains(term.string.result, dim))
      mask.push_back(dim);
  for (Dim dim : own[1])
    if (contains(own[2], dim) && !contains(term.string.result, dim))
      mask.push_back(dim);
  return mask;
}

//===- Regroupings --------------------------------------------------------===//

std::optional<std::vector<Group>>
regroup(size_t before, size_t after, llvm::function_ref<bool(size_t, size_t)> isSame,
        llvm::function_ref<bool(size_t, size_t, size_t, size_t)> isFull) {
  std::vector<Group> groups;
  auto range = [](size_t from, size_t to) {
    std::vector<size_t> all;
    for (; from < to; ++from)
      all.push_back(from);
    return all;
  };
  for (size_t i = 0, j = 0; i < before || j < after;) {
    if (i < before && j < after && isSame(i, j)) {
      groups.push_back({{i++}, {j++}, true});
      continue;
    }
    std::optional<std::pair<size_t, size_t>> end;
    for (size_t length = 1; !end && length <= before - i + after - j; ++length)
      for (size_t k = i; !end && k <= std::min(before, i + length); ++k)
        if (size_t l = j + length - (k - i); l <= after && isFull(i, k, j, l))
          end = {k, l};
    if (!end)
      return std::nullopt;
    groups.push_back({range(i, end->first), range(j, end->second), false});
    std::tie(i, j) = *end;
  }
  return groups;
}

std::optional<Dim> aliasOf(const law::Law &law, Dim dim) {
  const Size *value = law.dims[dim].value ? &*law.dims[dim].value : nullptr;
  while (value && value->kind != Size::Kind::Dim)
    value = value->operands.size() == 1 ? &value->operands[0] : nullptr;
  return value ? std::optional(value->dim) : std::nullopt;
}

std::vector<Group> groupsOf(const law::Law &law, const Term &term) {
  const Letters &before = term.string.operands[0], &after = term.string.result;
  auto count = [&](const Letters &letters, size_t from, size_t to) {
    return valueOf(law, law::product(Letters(letters.begin() + from, letters.begin() + to)));
  };
  auto groups = regroup(
      before.size(), after.size(),
      [&](size_t i, size_t j) {
        return before[i] == after[j] ||
               (haveOneExtent(law, before[i], after[j]) && !aliasOf(law, after[j]));
      },
      [&](size_t i, size_t k, size_t j, size_t l) {
        return count(before, i, k) == count(after, j, l);
      });
  return groups.value_or(std::vector<Group>());
}

//===- Reading ------------------------------------------------------------===//

static Term operation(Op op, std::vector<Term> operands, Letters letters,
                      law::IndexString string = {}) {
  Term term;
  term.sort = Term::Sort::Operation;
  term.op = op;
  term.operands = std::move(operands);
  term.string = std::move(string);
  term.letters = std::move(letters);
  term.kind = law::Kind::Real;
  return term;
}

static Letters without(const Letters &letters, const Letters &others) {
  Letters rest;
  for (Dim dim : letters)
    if (!contains(others, dim))
      rest.push_back(dim);
  return rest;
}

/// The product of `x` and `w` over the letters that they share, with the result's letters.
static Term contract(const Letters &x, const Letters &w, const Letters &result, Term a, Term b) {
  return operation(Op::Contract, {std::move(a), std::move(b)}, result, {{x, w}, result});
}

static Letters joined(const Letters &x, const Letters &w) {
  Letters letters = without(x, w), more = without(w, x);
  letters.insert(letters.end(), more.begin(), more.end());
  return letters;
}

/// c (x A^T) B^T
static Term lowRank(const Term &t) {
  const std::vector<Letters> &own = t.string.operands;
  Letters inner = joined(own[0], own[1]);
  Term down = contract(own[0], own[1], inner, t.operands[0], t.operands[1]);
  Term up = contract(inner, own[2], t.string.result, std::move(down), t.operands[2]);
  const Term &scale = t.operands[3];
  if (scale.sort == Term::Sort::Number && scale.number == 1)
    return up;
  return operation(Op::Mul, {scale, std::move(up)}, t.string.result);
}

/// (f(x gate^T) * x up^T) down^T
static Term gated(const Term &t) {
  const std::vector<Letters> &own = t.string.operands;
  Letters inner = joined(own[0], own[1]), other = joined(own[0], own[2]);
  Term gate = contract(own[0], own[1], inner, t.operands[0], t.operands[1]);
  Term up = contract(own[0], own[2], other, t.operands[0], t.operands[2]);
  Term mapped = operation(Op::Map, {std::move(gate)}, inner);
  mapped.variable = t.variable;
  Term both = operation(Op::Mul, {std::move(mapped), std::move(up)}, inner);
  return contract(inner, own[3], t.string.result, std::move(both), t.operands[3]);
}

/// (q - z) s, the scales and zero points spread
static Term dequant(const Term &t) {
  const Letters &whole = t.string.operands[0], &shared = t.string.operands[1];
  auto spread = [&](const Term &x) { return operation(Op::Bcast, {x}, whole, {{shared}, whole}); };
  Term difference = operation(Op::Sub, {t.operands[0], spread(t.operands[2])}, whole);
  return operation(Op::Mul, {std::move(difference), spread(t.operands[1])}, whole);
}

/// Definitions in place of the words that no operation stands for. The operation adds a mask.
static void define(Term &t) {
  for (Term &operand : t.operands)
    define(operand);
  if (t.isOperation(Op::LowRank))
    t = lowRank(t);
  else if (t.isOperation(Op::GatedFfn))
    t = gated(t);
  else if (t.isOperation(Op::Dequant))
    t = dequant(t);
  else if (t.isOperation(Op::AttentionMasked)) {
    Term zero, hidden;
    hidden.sort = Term::Sort::MinusInfinity;
    Letters letters = t.operands[3].letters;
    t.operands[3] = operation(Op::Where, {t.operands[3], zero, hidden}, letters);
  }
}

static void frame(Letters &letters, Dim dim) {
  if (!letters.empty())
    letters.insert(letters.begin(), dim);
}

static void frame(Term &t, Dim dim) {
  frame(t.letters, dim);
  if (t.sort != Term::Sort::Operation)
    return;
  if (t.op != Op::Iota)
    for (Letters &letters : t.string.operands)
      frame(letters, dim);
  if (law::infoOf(t.op).form != Form::Row)
    frame(t.string.result, dim);
  for (Term &operand : t.operands)
    frame(operand, dim);
}

static void addDims(const Size &size, std::vector<bool> &dims) {
  if (size.kind == Size::Kind::Dim)
    dims[size.dim] = true;
  for (const Size &operand : size.operands)
    addDims(operand, dims);
}

/// Marks the letters of which an operation says that they are one axis.
static void markSingles(const law::Law &law, const Term &t, std::vector<bool> &isSingle) {
  if (t.sort != Term::Sort::Operation)
    return;
  for (const Term &operand : t.operands)
    markSingles(law, operand, isSingle);
  const std::vector<Letters> &in = t.string.operands;
  const Letters &out = t.string.result;
  auto mark = [&](const Letters &letters) {
    for (Dim dim : letters)
      isSingle[dim] = true;
  };
  switch (t.op) {
  case Op::Slice:
  case Op::Pad:
  case Op::Concat:
    for (const Letters &own : in) {
      mark(without(own, out));
      mark(without(out, own));
    }
    addDims(t.size, isSingle);
    break;
  case Op::Reshape:
    for (const Group &group : groupsOf(law, t)) {
      bool isWhole = group.before.size() == 1 && group.after.size() == 1;
      if (group.isSame || isWhole)
        continue;
      for (size_t i : group.before)
        mark({in[0][i]});
      for (size_t j : group.after)
        mark({out[j]});
    }
    break;
  case Op::Gather:
    mark(without(in[0], out));
    break;
  case Op::OneHot:
  case Op::ScatterAdd:
    mark(without(out, in[0]));
    break;
  case Op::Iota:
    mark(in[0]);
    break;
  case Op::Cumsum:
    mark(out);
    break;
  case Op::TopkMask:
    mark(out);
    addDims(t.size, isSingle);
    break;
  default:
    break;
  }
}

static std::vector<bool> findBlocks(const law::Law &law) {
  std::vector<bool> isSingle(law.dims.size());
  for (Dim dim = 0; dim < law.dims.size(); ++dim)
    if (law.dims[dim].value && !aliasOf(law, dim)) {
      isSingle[dim] = true;
      addDims(*law.dims[dim].value, isSingle);
    }
  for (const law::Variable &variable : law.variables)
    if (variable.sort == law::Variable::Sort::Tensor && variable.kind == law::Kind::Integer)
      isSingle[variable.bound] = true;
  markSingles(law, law.lhs, isSingle);
  markSingles(law, law.rhs, isSingle);
  isSingle.flip();
  return isSingle;
}

/// Conditions that speak of a whole operand leave no room for axes that it shares with others.
static bool canBeFramed(const law::Law &law) {
  return llvm::none_of(law.when, [](const law::Condition &condition) {
    const auto *fact = std::get_if<law::Fact>(&condition.what);
    return fact && (fact->property == law::Property::Bijective ||
                    fact->property == law::Property::Orthogonal);
  });
}

/// The word that no operation stands for, if there is one.
static StringRef findUnknown(const Term &t) {
  if (t.sort != Term::Sort::Operation)
    return "";
  bool isKnown =
      !operationOf(t.op).empty() || llvm::is_contained({Op::Size, Op::Map, Op::Map2}, t.op);
  if (!isKnown)
    return nameOf(t.op);
  for (const Term &operand : t.operands)
    if (StringRef unknown = findUnknown(operand); !unknown.empty())
      return unknown;
  return "";
}

static std::shared_ptr<const Framed> framedOf(const law::Law &given) {
  auto framed = std::make_shared<Framed>();
  law::Law &law = framed->law = given;
  for (Term *side : {&law.lhs, &law.rhs})
    define(*side);
  if (StringRef word = findUnknown(law.lhs); !word.empty())
    framed->why = "no operation stands for '" + word.str() + "'";
  else if (StringRef word = findUnknown(law.rhs); !word.empty())
    framed->why = "no operation stands for '" + word.str() + "'";
  using Sort = law::Variable::Sort;
  for (const law::Variable &variable : law.variables)
    if (!llvm::is_contained({Sort::Tensor, Sort::Function, Sort::ElementType}, variable.sort))
      framed->why = "no term stands for '" + variable.name + "'";
  for (const law::Guard &guard : law.guards)
    if (guard.name == "siblings")
      framed->siblings = guard.variables;
  if (canBeFramed(law)) {
    Dim dim = law.dims.size();
    law.dims.push_back({"<frame>", std::nullopt});
    for (law::Variable &variable : law.variables)
      frame(variable.letters, dim);
    for (Term *side : {&law.lhs, &law.rhs})
      frame(*side, dim);
  }
  framed->isBlock = findBlocks(law);
  return framed;
}

//===- Directions ---------------------------------------------------------===//

/// The side that is not reached from the other one: it overflows where the other does not, or
/// loses digits by cancellation. docs/decisions/rules.md, "What rounding does".
static bool isUnsafe(StringRef law, bool isBack) {
  static constexpr StringRef forth[] = {"activation-gelu-tanh-sigmoid",
                                        "activation-sigmoid-neg",
                                        "activation-tanh-exp",
                                        "activation-tanh-sigmoid",
                                        "norm-variance",
                                        "scalar-cos-double",
                                        "scalar-log1p",
                                        "softmax-delay"};
  static constexpr StringRef back[] = {
      "activation-gelu-neg", "activation-sigmoid", "activation-silu-div", "activation-silu-neg",
      "activation-softplus", "norm-layer",         "scalar-exp-neg",      "scalar-exp-power",
      "scalar-exp-sum",      "softmax-from-lse",   "softmax-log",         "softmax-lse",
      "softmax-naive",       "softmax-stable"};
  return isBack ? llvm::is_contained(back, law) : llvm::is_contained(forth, law);
}

/// A property is a number or a variable; a term of them would have to be solved.
static bool hasSolvable(const Term &t) {
  for (size_t i = 0; i < t.operands.size(); ++i)
    if (i >= arityOf(t) ? t.operands[i].sort == Term::Sort::Operation : hasSolvable(t.operands[i]))
      return true;
  return false;
}

/// Whether the term has a meaning only if the indices are below the size that the law says.
static bool bounds(const law::Law &law, const Term &t, unsigned indices) {
  if (t.sort != Term::Sort::Operation)
    return false;
  auto isIndices = [&](size_t at) {
    return at < t.operands.size() && t.operands[at].sort == Term::Sort::Variable &&
           t.operands[at].variable == indices;
  };
  Letters axis;
  if (t.op == Op::Gather && isIndices(1))
    axis = without(t.string.operands[0], t.string.result);
  else if ((t.op == Op::ScatterAdd && isIndices(1)) || (t.op == Op::OneHot && isIndices(0)))
    axis = without(t.string.result, t.string.operands[0]);
  if (axis.size() == 1 && haveOneExtent(law, axis[0], law.variables[indices].bound))
    return true;
  return llvm::any_of(t.operands,
                      [&](const Term &operand) { return bounds(law, operand, indices); });
}

static std::string whyNot(const Rule &rule) {
  const Framed &framed = *rule.framed;
  if (!framed.why.empty())
    return framed.why;
  if (rule.left().sort != Term::Sort::Operation)
    return "there is no operation to be found";
  if (isUnsafe(rule.law().name, rule.isBack))
    return "it leads to terms that overflow or cancel";
  if (hasSolvable(rule.left()))
    return "a number would have to be solved for";
  for (auto [at, variable] : llvm::enumerate(rule.law().variables))
    if (variable.sort == law::Variable::Sort::Tensor && variable.kind == law::Kind::Integer &&
        !bounds(rule.law(), rule.left(), at))
      return "nothing says that '" + variable.name + "' is below '" +
             rule.law().dims[variable.bound].name + "'";
  if (!framed.siblings.empty())
    return rule.isBack ? "a family is joined and never split" : "";
  return checkBindingsOf(rule.law(), rule.isBack);
}

std::vector<Rule> rulesOf(const law::Law &law) {
  std::vector<Rule> rules{{framedOf(law), false, ""}};
  if (law.isBothWays)
    rules.push_back({rules[0].framed, true, ""});
  for (Rule &rule : rules)
    rule.why = whyNot(rule);
  return rules;
}

} // namespace tern::saturate::classic
