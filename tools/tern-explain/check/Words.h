// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_CHECK_WORDS_H
#define TERN_TOOLS_TERN_EXPLAIN_CHECK_WORDS_H

#include <cstddef>
#include <string>
#include <string_view>

namespace tern::check {

/// What a word of the rule language is followed by, and which properties follow the operands of the
/// operation that it stands for.
enum class Form {
  Plain,   ///< `add x y`: no string, no properties
  Map,     ///< `map f x`: any operation that is Plain
  Round,   ///< `rnd x`: the result's type
  Cast,    ///< `cast u x`: the result's type
  Axes,    ///< `contract rk,kn->rn x w`: the index string
  Along,   ///< `softmax rs/s x`: the index string
  Norm,    ///< `rms_norm rk/k x e`: the index string, a number
  TopK,    ///< `topk_mask rs/s x k`: the index string, a size
  Typed,   ///< `bcast k->rk x`: the index string, the result's type
  Reshape, ///< `reshape rc->rhd x`: the result's type
  Slice,   ///< `slice rn->ra x lo`: axis, offset, size
  Pad,     ///< `pad ra->rn x lo`: axis, zeros after, zeros before
  Concat,  ///< `concat ra,rb->rn x y`: axis
};

struct Word {
  std::string name, operation;
  Form form;
  size_t operands; ///< of Concat: any number
  size_t properties;
  bool commutes = false; ///< operands may be swapped, bit for bit
};

/// NULL if no operation of the dialect is known to be this word.
const Word *findWord(std::string_view name);

/// The Plain word that is this operation; NULL if there is none.
const Word *findPlain(std::string_view operation);

/// Of an operation of one operand: `increasing` strictly wherever it is defined, `zero_at_zero`.
bool isKnown(std::string_view fact, std::string_view operation);

} // namespace tern::check

#endif
