// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_CLASSIC_RULE_H
#define TERN_PASSES_SATURATE_CLASSIC_RULE_H

#include "passes/Saturate/Law/Law.h"

#include "llvm/ADT/StringRef.h"

#include <memory>

namespace tern::saturate::classic {

/// A row-major regrouping of axes: those of the operand become those of the result.
struct Group {
  std::vector<size_t> before, after;
  bool isSame; ///< one axis that stays what it is
};

/// Splits two row-major lists of axes into parts of as many elements, the shortest first.
/// `isSame(i, j)` compares two axes, `isFull(i, k, j, l)` two parts. None if they have not as many
/// in all.
std::optional<std::vector<Group>>
regroup(size_t before, size_t after, llvm::function_ref<bool(size_t, size_t)> isSame,
        llvm::function_ref<bool(size_t, size_t, size_t, size_t)> isFull);

/// A law as the engine reads it: words that no operation stands for are their definitions, and all
/// strings begin with one more letter, the frame, which stands for axes that all operands share.
struct Framed {
  law::Law law;
  std::vector<bool> isBlock;      ///< of letters: any number of axes, also none
  std::vector<unsigned> siblings; ///< the variables of the guard (siblings w b)
  std::string why;                ///< why it is of no use in either direction
};

/// A law in one direction.
struct Rule {
  std::shared_ptr<const Framed> framed;
  bool isBack;
  std::string why; ///< why it is of no use; empty if it is tried

  const law::Law &law() const { return framed->law; }
  const law::Term &left() const { return isBack ? law().rhs : law().lhs; }
  const law::Term &right() const { return isBack ? law().lhs : law().rhs; }
};

/// Both directions of a law that holds both ways, from left to right first.
std::vector<Rule> rulesOf(const law::Law &law);

/// The operation of the dialect that a word stands for, without `tern.`; empty if there is none.
llvm::StringRef operationOf(law::Op op);
/// How many operands of a word are operands of the operation; those after them are properties.
size_t arityOf(const law::Term &term);
/// How many properties the operation has.
size_t propertiesOf(law::Op op);
bool isElementwise(law::Op op);
/// The two operands may change places without a change of bits.
bool commutes(law::Op op);
/// Nothing is rounded: elements are moved or picked.
bool isExact(law::Op op);
bool isAttention(law::Op op);
/// It has a cap of scores behind its scale.
bool isCapped(law::Op op);
/// The letters that an operation sums, in the order in which it does.
law::Letters summedLetters(const law::Term &term);
/// The size that a size is another name of, as in `b=a`.
std::optional<law::Dim> aliasOf(const law::Law &law, law::Dim dim);
/// The regrouping of a reshape.
std::vector<Group> groupsOf(const law::Law &law, const law::Term &term);
/// The string of an operand in the law's letters; each operand of softmax_masked has the first.
law::Letters lettersOf(const law::Term &term, size_t operand);

inline bool contains(const law::Letters &letters, law::Dim dim) {
  return std::find(letters.begin(), letters.end(), dim) != letters.end();
}

} // namespace tern::saturate::classic

#endif
