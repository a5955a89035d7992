// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Vocabulary.h"

#include <array>

namespace tern::law {

static constexpr std::array kOps = {
    // clang-format off
    OpInfo{Op::Neg, "neg", Form::Elements, 1, 0},
    OpInfo{Op::Abs, "abs", Form::Elements, 1, 0},
    OpInfo{Op::Square, "square", Form::Elements, 1, 0},
    OpInfo{Op::Sqrt, "sqrt", Form::Elements, 1, 0},
    OpInfo{Op::Rsqrt, "rsqrt", Form::Elements, 1, 0},
    OpInfo{Op::Recip, "recip", Form::Elements, 1, 0},
    OpInfo{Op::Exp, "exp", Form::Elements, 1, 0},
    OpInfo{Op::Log, "log", Form::Elements, 1, 0},
    OpInfo{Op::Log1p, "log1p", Form::Elements, 1, 0},
    OpInfo{Op::Sin, "sin", Form::Elements, 1, 0},
    OpInfo{Op::Cos, "cos", Form::Elements, 1, 0},
    OpInfo{Op::Tan, "tan", Form::Elements, 1, 0},
    OpInfo{Op::Cot, "cot", Form::Elements, 1, 0},
    OpInfo{Op::Tanh, "tanh", Form::Elements, 1, 0},
    OpInfo{Op::Erf, "erf", Form::Elements, 1, 0},
    OpInfo{Op::Sigmoid, "sigmoid", Form::Elements, 1, 0},
    OpInfo{Op::Softplus, "softplus", Form::Elements, 1, 0},
    OpInfo{Op::Relu, "relu", Form::Elements, 1, 0},
    OpInfo{Op::Silu, "silu", Form::Elements, 1, 0},
    OpInfo{Op::Gelu, "gelu", Form::Elements, 1, 0},
    OpInfo{Op::GeluTanh, "gelu_tanh", Form::Elements, 1, 0},
    OpInfo{Op::QuickGelu, "quick_gelu", Form::Elements, 1, 0},
    OpInfo{Op::Rnd, "rnd", Form::Elements, 1, 0},
    OpInfo{Op::Rint, "rint", Form::Elements, 1, 0},
    OpInfo{Op::Not, "not", Form::Elements, 1, 0},
    OpInfo{Op::Add, "add", Form::Elements, 2, 0},
    OpInfo{Op::Sub, "sub", Form::Elements, 2, 0},
    OpInfo{Op::Mul, "mul", Form::Elements, 2, 0},
    OpInfo{Op::Div, "div", Form::Elements, 2, 0},
    OpInfo{Op::Maximum, "maximum", Form::Elements, 2, 0},
    OpInfo{Op::Minimum, "minimum", Form::Elements, 2, 0},
    OpInfo{Op::Pow, "pow", Form::Elements, 2, 0},
    OpInfo{Op::Lt, "lt", Form::Elements, 2, 0},
    OpInfo{Op::Le, "le", Form::Elements, 2, 0},
    OpInfo{Op::Eq, "eq", Form::Elements, 2, 0},
    OpInfo{Op::And, "and", Form::Elements, 2, 0},
    OpInfo{Op::Or, "or", Form::Elements, 2, 0},
    OpInfo{Op::Where, "where", Form::Elements, 3, 0},
    OpInfo{Op::Map, "map", Form::Function, 1, 0},
    OpInfo{Op::Map2, "map2", Form::Function, 2, 0},
    OpInfo{Op::Cast, "cast", Form::Function, 1, 0},
    OpInfo{Op::Contract, "contract", Form::String, 2, 2},
    OpInfo{Op::Sum, "sum", Form::String, 1, 1},
    OpInfo{Op::Mean, "mean", Form::String, 1, 1},
    OpInfo{Op::Amax, "amax", Form::String, 1, 1},
    OpInfo{Op::Amin, "amin", Form::String, 1, 1},
    OpInfo{Op::Bcast, "bcast", Form::String, 1, 1},
    OpInfo{Op::Perm, "perm", Form::String, 1, 1},
    OpInfo{Op::Reshape, "reshape", Form::String, 1, 1},
    OpInfo{Op::Slice, "slice", Form::String, 1, 1, Tail::Size},
    OpInfo{Op::Pad, "pad", Form::String, 1, 1, Tail::Size},
    OpInfo{Op::Concat, "concat", Form::String, -1, -1},
    OpInfo{Op::Gather, "gather", Form::String, 2, 2},
    OpInfo{Op::ScatterAdd, "scatter_add", Form::String, 2, 2},
    OpInfo{Op::OneHot, "one_hot", Form::String, 1, 1},
    OpInfo{Op::Iota, "iota", Form::String, 0, 1},
    OpInfo{Op::Size, "size", Form::Letters, 0, 0},
    OpInfo{Op::Softmax, "softmax", Form::Row, 1, 1},
    OpInfo{Op::SoftmaxMasked, "softmax_masked", Form::Row, 2, 1},
    OpInfo{Op::Lse, "lse", Form::Row, 1, 1},
    OpInfo{Op::RmsNorm, "rms_norm", Form::Row, 2, 1},
    OpInfo{Op::LayerNorm, "layer_norm", Form::Row, 2, 1},
    OpInfo{Op::Cumsum, "cumsum", Form::Row, 1, 1},
    OpInfo{Op::TopkMask, "topk_mask", Form::Row, 1, 1, Tail::Size},
    OpInfo{Op::RopeHalf, "rope_half", Form::Row, 2, 2},
    OpInfo{Op::RopePair, "rope_pair", Form::Row, 2, 2},
    OpInfo{Op::TurnHalf, "turn_half", Form::Row, 3, 2},
    OpInfo{Op::TurnPair, "turn_pair", Form::Row, 3, 2},
    OpInfo{Op::Dequant, "dequant", Form::Row, 3, 2},
    OpInfo{Op::Attention, "attention", Form::String, 4, 3},
    OpInfo{Op::AttentionMasked, "attention_masked", Form::String, 5, 3},
    OpInfo{Op::AttentionBias, "attention_bias", Form::String, 5, 3},
    OpInfo{Op::AttentionCapped, "attention_capped", Form::String, 5, 3},
    OpInfo{Op::AttentionCappedBias, "attention_capped_bias", Form::String, 6, 3},
    OpInfo{Op::Grouped, "grouped", Form::String, 4, 3},
    OpInfo{Op::GroupedBias, "grouped_bias", Form::String, 5, 4},
    OpInfo{Op::GroupedCausalBias, "grouped_causal_bias", Form::String, 5, 4},
    OpInfo{Op::LowRank, "low_rank", Form::String, 4, 3},
    OpInfo{Op::GatedFfn, "gated_ffn", Form::String, 4, 4, Tail::Function},
    OpInfo{Op::Keys, "keys", Form::Cache, 0, 0, Tail::Cache},
    OpInfo{Op::Values, "values", Form::Cache, 0, 0, Tail::Cache},
    OpInfo{Op::Slots, "slots", Form::Cache, 0, 0, Tail::Cache},
    OpInfo{Op::Visible, "visible", Form::Cache, 0, 0, Tail::View},
    OpInfo{Op::Attend, "attend", Form::String, 2, 1, Tail::View},
    OpInfo{Op::AttendCapped, "attend_capped", Form::String, 3, 1, Tail::View},
    OpInfo{Op::AttendSloped, "attend_sloped", Form::String, 4, 3, Tail::ViewType},
    OpInfo{Op::AttendSlopedRounded, "attend_sloped_rounded", Form::String, 4, 3, Tail::ViewTypes},
    // clang-format on
};

const OpInfo &infoOf(Op op) { return kOps[static_cast<size_t>(op)]; }

std::optional<Op> opNamed(std::string_view name) {
  for (const OpInfo &info : kOps)
    if (info.name == name)
      return info.op;
  return std::nullopt;
}

} // namespace tern::law
