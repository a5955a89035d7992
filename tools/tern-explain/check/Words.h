// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_WORDS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_WORDS_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tern::check {

/// How a word of the rule language is written, and where the axes of its operation are.
enum class Form {
  Plain,     ///< `add x y`: one shape, or rank 0
  Map,       ///< `map f x`: any operation that is Plain
  Cast,      ///< `rnd x`, `cast u x`
  Axes,      ///< `contract rk,kn->rn x w`, `softmax rs/s x`: as the index string says
  Reshape,   ///< `reshape rc->rhd x`
  Cut,       ///< `slice rn->ra x lo`, `pad ra->rn x lo`
  Concat,    ///< `concat ra,rb->rn x y`
  Turn,      ///< `turn_half tmd,th x c s`
  Slots,     ///< `keys tgsd z`, `visible tgs z y`
  Attend,    ///< `attend thd->the x z y c`
  Attention, ///< `attention rd,sd,sv->rv q k v c`
  Grouped,   ///< `grouped thd,sgd,sge->the q k v c`
};

struct Word {
  std::string name, operation;
  Form form;
  size_t operands;       ///< of Concat: any number
  size_t scalars = 0;    ///< that follow the operands and are properties
  bool areSizes = false; ///< the scalars are integers, in terms of the law's sizes
  bool commutes = false; ///< operands may be swapped, bit for bit
  size_t sources = 0;    ///< a cache, a view of it, element types, before the scalars
};

/// NULL if no operation of the dialect is known to be this word.
const Word *findWord(std::string_view name);

/// The first word that is this operation; NULL if there is none.
const Word *findOperation(std::string_view operation);

/// What the operation makes of numbers, in double precision; none of most operations.
std::optional<double> evaluate(std::string_view operation, const std::vector<double> &x);

/// Of an operation of one operand: `increasing` strictly wherever it is defined, `zero_at_zero`.
bool isKnown(std::string_view fact, std::string_view operation);

} // namespace tern::check

#endif
