// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_LAW_VOCABULARY_H
#define TERN_PASSES_SATURATE_LAW_VOCABULARY_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace tern::law {

/// The operations that terms of laws are made of; their names are those of the language, and what
/// each one is in the dialect is in docs/vocabulary.md.
enum class Op : uint8_t {
  // Of one element.
  Neg,
  Abs,
  Square,
  Sqrt,
  Rsqrt,
  Recip,
  Exp,
  Log,
  Log1p,
  Sin,
  Cos,
  Tan,
  Cot,
  Tanh,
  Erf,
  Sigmoid,
  Softplus,
  Relu,
  Silu,
  Gelu,
  GeluTanh,
  QuickGelu,
  Rnd,
  Rint,
  Not,
  // Of two elements.
  Add,
  Sub,
  Mul,
  Div,
  Maximum,
  Minimum,
  Pow,
  Lt,
  Le,
  Eq,
  And,
  Or,
  Where,
  Map,
  Map2,
  Cast,
  // With an index string.
  Contract,
  Sum,
  Mean,
  Amax,
  Amin,
  Bcast,
  Perm,
  Reshape,
  Slice,
  Pad,
  Concat,
  Gather,
  ScatterAdd,
  OneHot,
  Iota,
  Size,
  // Along rows.
  Softmax,
  SoftmaxMasked,
  Lse,
  RmsNorm,
  LayerNorm,
  Cumsum,
  TopkMask,
  RopeHalf,
  RopePair,
  TurnHalf,
  TurnPair,
  Dequant,
  Attention,
  AttentionMasked,
  AttentionBias,
  AttentionCapped,
  AttentionCappedBias,
  Grouped,
  GroupedBias,
  GroupedCausalBias,
  LowRank,
  GatedFfn,
  // Over a cache.
  Keys,
  Values,
  Slots,
  Visible,
  Attend,
  AttendCapped,
  AttendSloped,
  AttendSlopedRounded,
};

/// How an operation is written.
enum class Form : uint8_t {
  Elements, ///< (op x ...)
  Function, ///< (op f x ...)
  String,   ///< (op A,B->C x ...)
  Row,      ///< (op A,B/C x ...) or (op A,B x ...): all but lse have the axes of A
  Letters,  ///< (size rk)
  Cache,    ///< (op C z): what a cache z holds
};

/// What follows the operands; of the last four it follows the tensors, and scalars come after it: a
/// cache, a view of its slots, and the types that positions and a bias are computed in.
enum class Tail : uint8_t { None, Size, Function, Cache, View, ViewType, ViewTypes };

struct OpInfo {
  Op op;
  std::string_view name;
  Form form;
  int operands; ///< scalars among them; -1: as many as the string has
  int strings;  ///< operands in the index string; -1: at least one
  Tail tail = Tail::None;
};

const OpInfo &infoOf(Op op);
inline std::string_view nameOf(Op op) { return infoOf(op).name; }
std::optional<Op> opNamed(std::string_view name);

} // namespace tern::law

#endif
