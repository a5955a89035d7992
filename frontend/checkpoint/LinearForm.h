// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the layers of a model make a linear map, where it is more than a product with a weight that
// the file holds. Each form says of a map by its name, `in` and `out` which tensors it is made of.
#ifndef TERN_FRONTEND_CHECKPOINT_LINEARFORM_H
#define TERN_FRONTEND_CHECKPOINT_LINEARFORM_H

#include "frontend/checkpoint/Checkpoint.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tern::checkpoint {

/// What makes scores of products with keys: softmax(a) * n, normed(gelu(a)) or gelu(normed(a)),
/// with normed(a) = a / ||a|| * sqrt(n).
enum class TokenScore { Softmax, GeluNorm, NormGelu };

/// TokenFormer (arXiv 2410.23168): y = score(x K^T) V, with learnt keys K [slots, in] and values
/// V [slots, out] in `NAME.key_param_tokens` and `NAME.value_param_tokens`.
struct TokenForm {
  /// The maps whose names end so.
  struct Part {
    std::string ending;
    int64_t slots = 0;
    int64_t scaleSlots = 0; ///< n of the score: `slots`, or what they were before the model grew
  };
  TokenScore score = TokenScore::NormGelu;
  std::vector<Part> parts;

  /// Null for a map of another form.
  const Part *find(std::string_view name) const;
};

/// PELA (arXiv 2310.10700): y = (x A^T) B^T + b, with A [rank, in] in `NAME.0.weight`, B [out,
/// rank] in `NAME.1.weight` and b in `NAME.1.bias`.
struct LowRankForm {
  double ratio = 1;
  std::vector<std::string> omitted; ///< parts of names of maps that stay whole

  /// in out / (ratio (in + out)), rounded down; 0 for a map that stays whole.
  int64_t rankOf(std::string_view name, int64_t out, int64_t in) const;
};

/// std::monostate: y = x W^T + b.
using LinearForm = std::variant<std::monostate, TokenForm, LowRankForm>;

/// The tensors of a map in this form; nothing if the map is not made so.
std::vector<ExpectedTensor> tensorsOf(const LinearForm &form, const std::string &name, int64_t out,
                                      int64_t in, bool isBiased);

} // namespace tern::checkpoint

#endif
