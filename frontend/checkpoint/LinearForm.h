// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the layers of a model make a linear map, where it is more than a product with a weight that
// the file holds. Each form says of a map by its name, `in` and `out` which tensors it is made of.
#ifndef TERN_FRONTEND_CHECKPOINT_LINEARFORM_H
#define TERN_FRONTEND_CHECKPOINT_LINEARFORM_H

#include "frontend/checkpoint/Checkpoint.h"

#include <array>
#include <cstdint>
#include <map>
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

/// Parameter sharing by hashing (ROAST, STABLE-RPS: arXiv 2310.11611): W[n,k] = scale * M[index] of
/// one vector M that all maps share, in `roast_array`, maybe times a sign each in `NAME.WHelper.G`.
struct SharedForm {
  enum class Mapper { Pareto, Roast };
  /// Numbers of M that lie side by side in W, row after row.
  struct Run {
    int64_t first, count;
  };

  Mapper mapper = Mapper::Pareto;
  int64_t size = 0;                        ///< of M
  double deviation = 1;                    ///< of M's numbers when training began
  bool hasSigns = false;                   ///< ones otherwise
  int64_t blockRows = 1, blockColumns = 1; ///< of the tiles of W^T that Roast maps
  std::array<int64_t, 4> numbers{};        ///< of the hash functions
  /// Where each map begins in the row of all their weights; others are not shared.
  std::map<std::string, int64_t, std::less<>> offsets;

  /// 1 / sqrt(in) over the deviation.
  double scaleOf(int64_t in) const;
  /// Of Pareto: the rows of W [out, in] as runs of M. Weight number i of all is
  /// M[(hash(i / size) + i) mod size].
  std::vector<Run> runsOf(int64_t offset, int64_t count) const;
  /// Of Roast: where in M the tile at each row and column of tiles of W^T [in, out] begins, row by
  /// row. A tile lies row by row in M.
  std::vector<int32_t> startsOf(int64_t offset, int64_t out, int64_t in) const;
};

/// ShiftAddLLM (arXiv 2406.05981): W[n,k] = sum over bits b of scale[b,n,k] * sign[b,n,k]. Signs
/// are the bits of bytes in `NAME.binary_weight` [bits, in / 8, out] as numbers: bit i is sign 8 c
/// + i of byte c, 1 for +1. Scales are sums of powers of two in `NAME.alpha` [in / 8, 8, bits]: 8
/// inputs and an eighth of the outputs share one.
struct BinaryForm {
  static constexpr int64_t kByte = 8, kOutputGroups = 8;
  int64_t bits = 2;
  bool usesLookup = false;          ///< products by tables of the sums of 8 inputs; else by W
  std::vector<std::string> omitted; ///< parts of names of maps that stay as they are

  bool covers(std::string_view name) const;
};

/// Layer-wise high-impact parameters (arXiv 2511.17801): W = codes * scale + minimum. Numbers of
/// high impact, those with a 1 in `NAME.mask` [out, in], have codes of more bits. `NAME.codes`
/// [out, in]; `NAME.scales` and `NAME.minima` [2, out, in / group] are those of the rest, then of
/// high impact.
struct SplitForm {
  int64_t group = 1;
  std::vector<std::string> omitted;

  bool covers(std::string_view name) const;
};

/// std::monostate: y = x W^T + b.
using LinearForm =
    std::variant<std::monostate, TokenForm, LowRankForm, SharedForm, BinaryForm, SplitForm>;

/// The tensors of a map in this form; nothing if the map is not made so.
std::vector<ExpectedTensor> tensorsOf(const LinearForm &form, const std::string &name, int64_t out,
                                      int64_t in, bool isBiased);

} // namespace tern::checkpoint

#endif
