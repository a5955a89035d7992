// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The words of the rule language: what each one takes, and the operation of the
//! dialect that it stands for.

use crate::pattern::Sort;

/// How a word is written and which properties its operation has, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `f x y`, all of one shape or rank 0; no properties.
    Elementwise,
    /// `rnd x`: the result's type, which is narrower.
    Round,
    /// `cast u x`: the result's type, whose elements the law names.
    Cast,
    /// `contract rk,kn->rn x w`, `gather`, `sum`: the axes.
    Axes,
    /// `lse rs/s x`: a reduction that is written with a slash.
    AxesAlong,
    /// `bcast k->rk g`, `scatter_add`, `one_hot`: the axes and the result's type.
    AxesType,
    /// `iota s->rs`: the same, without an operand.
    Iota,
    /// `perm rk->kr x`: the axes.
    Permute,
    /// `reshape rc->rhd x`: the result's type.
    Reshape,
    /// `slice rn->ra x lo`: axis, offset, size.
    Slice,
    /// `pad ra->rn x lo`: axis, zeros after, zeros before.
    Pad,
    /// `concat ra,rb->rn x y`: axis.
    Concat,
    /// `softmax rs/s x`: the axes.
    Along,
    /// `rms_norm rk/k x e`: the axes and a number.
    Norm,
    /// `topk_mask rs/s x k`: the axes and a size.
    TopK,
    /// `rope_half td,th x a`: the style; the operands are x, cos a and sin a.
    Rotary,
    /// `turn_half tmd,th x c s`: the style; the operands are x, cosines and sines.
    Turn,
    /// `keys tgsd z`, `visible tgs z y`: what a cache z holds, seen as y says.
    Slots,
    /// `attend thd->the q z y c`: attention over a cache; with slopes the positions of rows and the
    /// slopes after the queries, and after the view the types that the bias goes through.
    Attend,
    /// `grouped thd,sgd,sge->the q k w c`: heads in groups, in fixed places.
    Grouped,
    /// `attention rd,sd,sv->rv q k v c`: causal, scale, cap, window.
    Attention,
}

impl Form {
    /// The variables that say what of a cache a word reads, and as what.
    pub fn sources(self, name: &str) -> &'static [Sort] {
        use Sort::{Cache, Element, View};
        match (self, name) {
            (Form::Slots, "visible") => &[Cache, View],
            (Form::Slots, _) => &[Cache],
            (Form::Attend, "attend_sloped") => &[Cache, View, Element],
            (Form::Attend, "attend_sloped_rounded") => &[Cache, View, Element, Element],
            (Form::Attend, _) => &[Cache, View],
            _ => &[],
        }
    }

    /// How many numbers of rank 0 are properties.
    pub fn numbers(self, name: &str) -> usize {
        match (self, name) {
            (Form::Attention | Form::Attend, _) if name.contains("capped") => 2,
            (Form::Norm | Form::Attention | Form::Attend | Form::Grouped, _) => 1,
            _ => 0,
        }
    }

    pub fn properties(self) -> usize {
        match self {
            Form::Elementwise => 0,
            Form::Axes | Form::AxesAlong | Form::Permute | Form::Along => 1,
            Form::Round | Form::Cast | Form::Reshape | Form::Concat | Form::Rotary => 1,
            Form::AxesType | Form::Iota | Form::Norm | Form::TopK => 2,
            Form::Slice | Form::Pad => 3,
            Form::Turn => 1,
            // Cache, batch, layer, the name of the slots.
            Form::Slots => 4,
            // Cache, positions, batch, layer; type of the bias, scale, scores, cap, window.
            Form::Attend => 9,
            Form::Attention | Form::Grouped => 4,
        }
    }

    pub fn has_string(self) -> bool {
        !matches!(self, Form::Elementwise | Form::Round | Form::Cast)
    }

    /// It only moves elements, or picks some: nothing is rounded.
    pub fn is_exact(self) -> bool {
        use Form::*;
        matches!(
            self,
            Round | Cast | AxesType | Iota | Permute | Reshape | Slice | Pad | Concat | TopK
        )
    }
}

pub struct Word {
    pub name: &'static str,
    /// The name of the operation, without `tern.`.
    pub operation: &'static str,
    pub form: Form,
    /// Operands; 0 is any number.
    pub arity: usize,
}

const fn word(name: &'static str, operation: &'static str, form: Form, arity: usize) -> Word {
    Word { name, operation, form, arity }
}

/// Words that are the names of their operations.
pub const UNARY: &[&str] = &[
    "neg",
    "abs",
    "square",
    "sqrt",
    "rsqrt",
    "recip",
    "exp",
    "log",
    "log1p",
    "sin",
    "cos",
    "tan",
    "cot",
    "tanh",
    "erf",
    "sigmoid",
    "softplus",
    "relu",
    "silu",
    "gelu",
    "gelu_tanh",
    "quick_gelu",
    "rint",
    "not",
];
pub const BINARY: &[&str] =
    &["add", "sub", "mul", "div", "pow", "maximum", "minimum", "lt", "le", "eq", "and", "or"];

/// Operands may change places without a change of bits.
pub const COMMUTATIVE: &[&str] = &["add", "mul", "maximum", "minimum", "eq", "and", "or"];
/// Of `map f`: they pick one of their operands, or give 0 or 1.
pub const EXACT: &[&str] =
    &["neg", "abs", "relu", "maximum", "minimum", "lt", "le", "eq", "and", "or", "not", "where"];
/// Strictly increasing wherever they are defined.
pub const INCREASING: &[&str] = &["exp", "tanh", "erf", "sigmoid", "softplus"];
/// 0 at 0.
pub const ZERO_AT_ZERO: &[&str] = &[
    "neg",
    "abs",
    "square",
    "sqrt",
    "sin",
    "tan",
    "tanh",
    "erf",
    "relu",
    "silu",
    "gelu",
    "gelu_tanh",
    "quick_gelu",
];

const WORDS: &[Word] = &[
    word("where", "where", Form::Elementwise, 3),
    word("rnd", "cast", Form::Round, 1),
    word("cast", "cast", Form::Cast, 1),
    word("contract", "contract", Form::Axes, 2),
    word("gather", "gather", Form::Axes, 2),
    word("sum", "sum", Form::Axes, 1),
    word("mean", "mean", Form::Axes, 1),
    word("amax", "amax", Form::Axes, 1),
    word("amin", "amin", Form::Axes, 1),
    word("lse", "logsumexp", Form::AxesAlong, 1),
    word("bcast", "broadcast", Form::AxesType, 1),
    word("scatter_add", "scatter_add", Form::AxesType, 2),
    word("one_hot", "one_hot", Form::AxesType, 1),
    word("iota", "iota", Form::Iota, 0),
    word("perm", "transpose", Form::Permute, 1),
    word("reshape", "reshape", Form::Reshape, 1),
    word("slice", "slice", Form::Slice, 1),
    word("pad", "pad", Form::Pad, 1),
    word("concat", "concat", Form::Concat, 0),
    word("softmax", "softmax", Form::Along, 1),
    word("softmax_masked", "masked_softmax", Form::Along, 2),
    word("cumsum", "cumsum", Form::Along, 1),
    word("rms_norm", "rms_norm", Form::Norm, 1),
    word("layer_norm", "layer_norm", Form::Norm, 1),
    word("topk_mask", "top_k_mask", Form::TopK, 1),
    word("rope_half", "rotary", Form::Rotary, 2),
    word("rope_pair", "rotary", Form::Rotary, 2),
    word("turn_half", "rotary", Form::Turn, 3),
    word("turn_pair", "rotary", Form::Turn, 3),
    word("keys", "kv.keys", Form::Slots, 0),
    word("values", "kv.values", Form::Slots, 0),
    word("slots", "kv.positions", Form::Slots, 0),
    word("visible", "kv.visible", Form::Slots, 0),
    word("attend", "kv.attend", Form::Attend, 1),
    word("attend_capped", "kv.attend", Form::Attend, 1),
    word("attend_sloped", "kv.attend", Form::Attend, 3),
    word("attend_sloped_rounded", "kv.attend", Form::Attend, 3),
    word("grouped", "attention", Form::Grouped, 3),
    word("grouped_bias", "attention", Form::Grouped, 4),
    word("grouped_causal_bias", "attention", Form::Grouped, 4),
    word("attention", "attention", Form::Attention, 3),
    word("attention_masked", "attention", Form::Attention, 4),
    word("attention_bias", "attention", Form::Attention, 4),
    word("attention_capped", "attention", Form::Attention, 3),
    word("attention_capped_bias", "attention", Form::Attention, 4),
];

/// What the name stands for: operation, form and operands.
pub fn find(name: &str) -> Option<Word> {
    let same = |names: &'static [&'static str], arity| {
        let known = names.iter().find(|known| **known == name)?;
        Some(word(known, known, Form::Elementwise, arity))
    };
    let own = WORDS.iter().find(|word| word.name == name);
    own.map(|own| word(own.name, own.operation, own.form, own.arity))
        .or_else(|| same(UNARY, 1))
        .or_else(|| same(BINARY, 2))
}

/// The operation's name with its dialect.
pub fn full_name(operation: &str) -> String {
    if operation.contains('.') { operation.into() } else { format!("tern.{operation}") }
}

/// All operations that words stand for, and those that hold what they speak of.
pub fn operations() -> Vec<&'static str> {
    let own = WORDS.iter().map(|word| word.operation);
    own.chain(UNARY.iter().copied())
        .chain(BINARY.iter().copied())
        .chain(["constant", "weight"])
        .collect()
}
