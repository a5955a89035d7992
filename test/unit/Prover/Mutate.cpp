// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/Prover/Mutate.h"

#include <algorithm>
#include <iterator>

namespace tern::prover {
namespace {

using law::Op;
using law::Term;

class Mutator {
public:
  Mutator(law::Law &law, std::mt19937_64 &random) : law(law), random(random) {}

  void change() {
    std::vector<Term *> terms;
    collect(law.lhs, terms);
    collect(law.rhs, terms);
    Term &t = *terms[below(terms.size())];
    switch (below(12)) {
    case 0:
      if (t.operands.size() >= 2)
        std::swap(t.operands[below(t.operands.size())], t.operands[below(t.operands.size())]);
      break;
    case 1:
    case 2:
      changeOperation(t);
      break;
    case 3:
    case 4:
      changeString(t);
      break;
    case 5:
      wrap(t);
      break;
    case 6:
      changeNumber(t);
      break;
    case 7:
      if (t.sort == Term::Sort::Variable || t.isOperation(Op::Map) || t.isOperation(Op::Map2))
        changeVariable(t);
      break;
    case 8:
      changeSize(t.size);
      break;
    case 9:
      if (!t.operands.empty()) {
        Term inner = t.operands[below(t.operands.size())];
        t = std::move(inner);
      }
      break;
    case 10:
      if (!law.when.empty())
        law.when.erase(law.when.begin() + long(below(law.when.size())));
      break;
    default:
      law.tier = law.tier == law::Tier::Bit ? law::Tier::Real : law::Tier::Bit;
    }
  }

private:
  size_t below(size_t bound) { return size_t(random() % bound); }

  void collect(Term &t, std::vector<Term *> &terms) {
    terms.push_back(&t);
    for (Term &operand : t.operands)
      collect(operand, terms);
  }

  void changeOperation(Term &t) {
    if (t.sort != Term::Sort::Operation || t.op == Op::Cast)
      return;
    const law::OpInfo &own = law::infoOf(t.op);
    std::vector<Op> others;
    for (int i = 0; i <= int(Op::GatedFfn); ++i) {
      const law::OpInfo &info = law::infoOf(Op(i));
      if (info.form == own.form && info.operands == own.operands && info.strings == own.strings &&
          info.tail == own.tail && info.op != Op::Cast)
        others.push_back(info.op);
    }
    if (!others.empty())
      t.op = others[below(others.size())];
  }

  void changeString(Term &t) {
    std::vector<law::Letters *> all = {&t.string.result};
    for (law::Letters &letters : t.string.operands)
      all.push_back(&letters);
    law::Letters &one = *all[below(all.size())];
    if (one.empty())
      return;
    switch (below(3)) {
    case 0:
      std::swap(one[below(one.size())], one[below(one.size())]);
      break;
    case 1:
      one[below(one.size())] = law::Dim(below(law.dims.size()));
      break;
    default: { // one letter for another in the whole string
      law::Dim from = one[below(one.size())], to = law::Dim(below(law.dims.size()));
      for (law::Letters *letters : all)
        std::replace(letters->begin(), letters->end(), from, to);
    }
    }
  }

  void wrap(Term &t) {
    static constexpr Op ops[] = {Op::Neg, Op::Neg, Op::Abs, Op::Relu, Op::Square, Op::Rnd};
    Term outer;
    outer.sort = Term::Sort::Operation;
    outer.op = ops[below(std::size(ops))];
    outer.operands.push_back(t);
    t = std::move(outer);
  }

  void changeNumber(Term &t) {
    static constexpr std::pair<int, int> numbers[] = {{0, 1}, {1, 1}, {-1, 1},
                                                      {2, 1}, {1, 2}, {3, 1}};
    bool isScalar = t.sort == Term::Sort::Number || t.letters.empty();
    if (!isScalar)
      return;
    auto [top, bottom] = numbers[below(std::size(numbers))];
    Term number;
    number.number = law::Rational(top, bottom);
    number.value = number.number.toDouble();
    t = std::move(number);
  }

  /// A variable stands where its kind can.
  void changeVariable(Term &t) {
    auto other = unsigned(below(law.variables.size()));
    if (law.variables[other].sort == law.variables[t.variable].sort)
      t.variable = other;
  }

  void changeSize(law::Size &size) {
    if (size.kind == law::Size::Kind::Dim)
      size.dim = law::Dim(below(law.dims.size()));
    else if (size.kind == law::Size::Kind::Number)
      size.number += int64_t(below(3)) - 1;
    else if (!size.operands.empty())
      changeSize(size.operands[below(size.operands.size())]);
  }

  law::Law &law;
  std::mt19937_64 &random;
};

} // namespace

std::optional<law::Law> mutate(const law::Law &law, std::mt19937_64 &random) {
  law::Law mutant = law;
  for (uint64_t changes = 1 + random() % 3; changes > 0; --changes)
    Mutator(mutant, random).change();
  if (!law::checkTypes(mutant).empty() || !law::checkConditions(mutant).empty())
    return std::nullopt;
  bool isSame = mutant.lhs == law.lhs && mutant.rhs == law.rhs && mutant.tier == law.tier &&
                mutant.when.size() == law.when.size();
  return isSame ? std::nullopt : std::optional(mutant);
}

} // namespace tern::prover
