// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_CLASSIC_BUILDER_H
#define TERN_PASSES_SATURATE_CLASSIC_BUILDER_H

#include "passes/Saturate/Classic/Match.h"

#include <map>

namespace tern::saturate::classic {

/// A term and its axes, in order. It may lack axes that the law names, along which it is the same
/// everywhere.
struct Built {
  uint32_t node;
  Labels axes;
};
using Result = std::optional<Built>;
using Wanted = std::optional<Labels>;

bool isPermutation(llvm::ArrayRef<Label> a, llvm::ArrayRef<Label> b);
/// The axes with the letters `from` read as `to`.
Labels readAs(llvm::ArrayRef<Label> axes, const law::Letters &from, const law::Letters &to);
Labels concat(std::initializer_list<llvm::ArrayRef<Label>> parts);

/// Builds the other side of a law. Each term keeps the order of axes that its operands have; where
/// an operation or the result needs another one, a transpose is put in.
class Builder {
public:
  Builder(Graph &graph, const Rule &rule, const Match &match, const Family &family);
  std::optional<uint32_t> root();

private:
  //===- Names ------------------------------------------------------------===//

  law::Letters lettersOf(const law::Term &t) const;
  /// The sizes of all members are known now, so that of the whole is.
  void sizeFamily(unsigned own);
  Result add(uint32_t head, llvm::ArrayRef<uint32_t> kids, Labels axes);
  std::optional<uint32_t> property(uint32_t symbol);
  /// All axes of these letters.
  Wanted labels(const law::Letters &letters) const;
  std::optional<llvm::SmallVector<uint32_t>> extents(llvm::ArrayRef<Label> axes) const;
  std::optional<uint32_t> tensor(llvm::ArrayRef<uint32_t> extents, uint32_t element);
  std::optional<uint32_t> tensor(llvm::ArrayRef<Label> axes, uint32_t element);
  /// The property that is an index string of these axes.
  std::optional<uint32_t> text(llvm::ArrayRef<Labels> operands, llvm::ArrayRef<Label> last,
                               llvm::StringRef arrow = "->");

  //===- Order of axes ----------------------------------------------------===//

  Result align(const Result &built, llvm::ArrayRef<Label> want);
  Result broadcast(const Built &built, const Labels &axes);
  /// The same with all axes of these letters.
  Result spread(const Result &built, const law::Letters &letters, const Wanted &want);
  /// The axes of these letters, as they are wanted if they are.
  Wanted order(const law::Letters &letters, const Wanted &want) const;

  //===- Parts ------------------------------------------------------------===//

  /// A constant of rank 0. Over the reals it is rounded to f32.
  Result number(double value, uint32_t element);
  /// The number that a pattern is, if it is one.
  std::optional<double> value(const law::Term &t) const;
  /// What has the type of its neighbours.
  bool isNumber(const law::Term &t) const;
  /// `(div 1 2)`, which is one number; `(exp 0)` is what a law speaks of.
  bool isFolded(const law::Term &t) const;
  Result build(const law::Term &t, const Wanted &want, uint32_t element, bool isRoot);
  /// An operand in the letters of the operation's own string.
  Result operand(const law::Term &t, size_t at, const Wanted &want, uint32_t element);
  Result buildTerm(const law::Term &t, const Wanted &want, uint32_t element);
  uint32_t headOf(const law::Term &t);

  //===- Element-wise terms -----------------------------------------------===//

  Result elements(const law::Term &t, Wanted want, uint32_t element);
  Result cast(const law::Term &t, const Wanted &want, uint32_t element);

  //===- Terms with index strings -----------------------------------------===//

  Result withText(uint32_t head, llvm::ArrayRef<Built> kids, const Labels &axes);
  std::optional<llvm::SmallVector<Built>> operands(const law::Term &t, size_t count,
                                                   uint32_t element);
  Result reduction(const law::Term &t, uint32_t element);
  Result pair(const law::Term &t, const Wanted &want, uint32_t element);
  /// Bit for bit, what is summed is summed in the order in which it was.
  bool keepsOrder(const law::Term &t, llvm::ArrayRef<Built> kids) const;
  Result typed(const law::Term &t, const Wanted &want, uint32_t element);
  Result iota(const law::Term &t, const Wanted &want, uint32_t element);
  Result along(const law::Term &t, const Wanted &want, uint32_t element);

  //===- Moves ------------------------------------------------------------===//

  /// Nothing is done if the shape is the same.
  Result reshape(const Result &built, llvm::ArrayRef<uint32_t> extents, const Labels &axes);
  /// The axes with those of `from` in place of those of `to`, if these stand side by side.
  static Wanted exchange(const Labels &axes, llvm::ArrayRef<Label> from, llvm::ArrayRef<Label> to);
  /// Regroups where axes that become others stand side by side, and else in the law's order.
  Result regrouped(const law::Term &t, const Wanted &want, uint32_t element);
  /// Where the strings of an operand and of the result differ.
  static std::optional<std::pair<law::Dim, law::Dim>> changed(const law::Letters &own,
                                                              const law::Letters &result);
  /// The wanted axes of the result, as those of an operand.
  static Wanted inOperand(const Wanted &want, std::pair<law::Dim, law::Dim> changed);
  Result cut(const law::Term &t, const Wanted &want, uint32_t element);
  Result joined(const law::Term &t, const Wanted &want, uint32_t element);

  //===- Attention --------------------------------------------------------===//

  /// The axes of an attention by what they are.
  struct Roles {
    Labels rows;   ///< of queries and result alone: tokens, and heads that share a key
    Labels groups; ///< of all operands and the result
    Labels width, keys, values;
  };
  static std::optional<Roles> rolesOf(llvm::ArrayRef<Built> operands, const law::Letters &result);
  /// All heads as one axis.
  std::optional<uint32_t> joint(const Labels &heads);
  /// `[first, heads, last]` with all heads as one axis.
  Result asHeads(const Built &x, const Label &first, const Labels &heads, const Label &last);
  /// What is spread along all axes but those, before it is.
  Built unspread(const Built &built, llvm::ArrayRef<Label> keep);
  Result mask(const law::Term &t, const Label &rows, const Label &keys, const Labels &heads,
              uint32_t element);
  Result attention(const law::Term &t, uint32_t element);

  Graph &graph;
  const Rule &rule;
  const law::Law &law;
  const Match &match;
  const Family &family;
  std::vector<std::optional<llvm::SmallVector<uint32_t, 4>>> blocks;
  std::vector<std::optional<int64_t>> sizes;
  struct Part {
    unsigned own; ///< `w`
    llvm::SmallVector<uint32_t> nodes;
  };
  std::map<unsigned, Part> parts; ///< of the variables `w.before`, `w.after`
};

} // namespace tern::saturate::classic

#endif
