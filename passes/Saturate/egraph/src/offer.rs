// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Which directions of which laws are tried, and when.

use crate::law::{Fact, Law, Searcher, check};
use crate::pattern::{Pattern, Sort};
use crate::vocabulary::Form;

/// How a law is used in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Wherever it matches: it makes terms no longer.
    Free,
    /// Of what was written alone: it makes terms longer.
    Longer,
    /// Of sums and products of few.
    Few,
    /// By a searcher, which the law names or which does what it says: siblings, chains.
    Searcher,
    /// It holds by itself: the two sides are one term here, since operands that
    /// commute match either way, and composite words are read as their definitions.
    Same,
    /// Back to terms that are no shorter: the other way is enough.
    OneWay,
    /// A free choice (where to split, what to mask) that nothing here makes.
    Choice,
    /// Towards terms that overflow or cancel.
    Unsafe,
    /// Nothing that it matches shows that an index is below its bound.
    Unbounded,
    /// Nothing to match, or a number that would have to be solved for.
    Unmatched,
    /// The dialect lacks one of its operations.
    Missing,
}

impl Offer {
    /// Of a law that the user gave: whatever its sides weigh, it is tried.
    pub fn of_user(self) -> Offer {
        if self == Offer::OneWay { Offer::Longer } else { self }
    }
}

/// What passes/Expand spells, each from primitives to the composite, and how what it
/// regroups meets what is around it.
const DEFINITIONS: &[&str] = &[
    "activation-gelu",
    "activation-gelu-tanh",
    "activation-quick-gelu",
    "activation-relu",
    "activation-sigmoid",
    "activation-silu",
    "activation-softplus",
    "attention-grouped",
    "attention-grouped-bias",
    "attention-grouped-causal-bias",
    "cache-attend",
    "cache-attend-capped",
    "cache-attend-sloped",
    "cache-attend-sloped-rounded",
    "layout-reshape-any",
    "layout-reshape-identity",
    "norm-layer",
    "norm-rms",
    "reduction-mean",
    "rotary-half-definition",
    "rotary-half-part",
    "rotary-pair-definition",
    "rotary-pair-part",
    "softmax-masked-definition",
    "softmax-stable",
];

/// True for the way that leads to a composite.
pub fn is_definition(law: &Law) -> bool {
    !law.is_back && DEFINITIONS.contains(&law.name.as_str())
}

/// Brackets.
const BRACKETS: &[&str] = &[
    "sum-assoc",
    "sum-minus-assoc",
    "sum-minus-swap",
    "product-assoc",
    "product-div-reassoc",
    "extremum-assoc",
];

/// What the searcher for siblings does, and what a concatenation of many is.
const BY_SEARCHER: &[&str] = &["moe-gate-up", "layout-concat-assoc"];

/// The side that is not reached from the other one: it overflows where the other
/// does not, or loses all digits by cancellation.
const ONE_WAY: &[&str] = &[
    "activation-gelu-tanh-sigmoid",
    "activation-tanh-exp",
    "activation-tanh-sigmoid",
    "norm-variance",
    "scalar-cos-double",
    "scalar-log1p",
    "softmax-delay",
    "activation-sigmoid-neg",
];
/// The same from right to left.
const ONE_WAY_BACK: &[&str] = &[
    "activation-gelu-neg",
    "activation-silu-neg",
    "activation-sigmoid",
    "activation-silu-div",
    "activation-softplus",
    "scalar-exp-sum",
    "scalar-exp-neg",
    "scalar-exp-power",
    "softmax-from-lse",
    "softmax-log",
    "softmax-lse",
    "softmax-naive",
    "softmax-stable",
    "norm-layer",
];

/// Laws of which both sides may pay, as long as they are.
const BOTH_WAYS: &[&str] = &[
    "adapter-fold",
    "adapter-fold-plain",
    "attention-value-output",
    "contraction-scale",
    "contraction-scale-column",
    "contraction-scale-pow2",
    "gather-map",
    "layout-bcast-where",
    "layout-slice-map",
    "moe-soft-merge",
    "product-square",
    "rotary-scale",
    "rotary-scale-pow2",
    "scalar-pow-half",
];

/// Longer terms that may pay: a division less, a copy less, a weight that stays as it is.
const LONGER: &[&str] = &[
    "adapter-fold",
    "adapter-fold-plain",
    "adapter-task-vector",
    "attention-scores-concat",
    "attention-single-key",
    "contraction-concat-inner",
    "contraction-kronecker",
    "contraction-kronecker-sum",
    "contraction-sum-right",
    "dequant-code-table",
    "dequant-zero-point",
    "gather-concat-features",
    "layout-slice-concat-straddle",
    "product-div-as-recip",
    "product-div-pow2",
    "scalar-log-div",
    "scalar-log-mul",
    "softmax-fill",
    "softmax-hide",
    "softmax-log",
    "sum-minus-as-neg",
];

/// They save an operation by joining operands of the step, which is a copy.
const COPIES: &[&str] = &["attention-scores-concat", "contraction-join-inner"];

/// What a law's split or mask would be.
const CHOICES: &[&str] = &["contraction-split-inner", "where-sum-split", "dequant-outlier-split"];

pub fn offer(law: &Law, has_wires: bool) -> Offer {
    let name = law.name.strip_suffix("-back").filter(|_| law.is_back).unwrap_or(&law.name);
    let (before, after) = (law.lhs.weight(), law.rhs.weight());
    if !law.missing.is_empty() {
        return Offer::Missing;
    }
    if CHOICES.contains(&name) {
        return Offer::Choice;
    }
    if law.lhs == law.rhs || swaps(&law.lhs, &law.rhs) {
        return Offer::Same;
    }
    if law.searcher != Searcher::None || BY_SEARCHER.contains(&name) {
        return Offer::Searcher;
    }
    let one_way = if law.is_back { ONE_WAY_BACK } else { ONE_WAY };
    if one_way.contains(&name) {
        return Offer::Unsafe;
    }
    if !has_wires || check(law).is_err() || !can_match(&law.lhs) {
        return Offer::Unmatched;
    }
    if BRACKETS.contains(&name) {
        return Offer::Few;
    }
    if !law.vars.iter().enumerate().all(|(var, _)| is_bounded(law, var)) {
        return Offer::Unbounded;
    }
    // What moves to the load is no longer there in the step.
    let grows = law.grows && !law.is_back;
    let has_guard = law.facts.iter().any(|fact| matches!(fact, Fact::NotOne(_) | Fact::Load(_)));
    if COPIES.contains(&name) && after < before {
        return Offer::OneWay;
    }
    if law.is_back && after >= before && !BOTH_WAYS.contains(&name) {
        return Offer::OneWay;
    }
    match (after > before || grows) && !has_guard {
        true if LONGER.contains(&name) => Offer::Longer,
        true => Offer::OneWay,
        false => Offer::Free,
    }
}

/// `f x y` and `f y x`, which the matcher takes for one.
pub fn swaps(left: &Pattern, right: &Pattern) -> bool {
    let (Pattern::Term(left), Pattern::Term(right)) = (left, right) else {
        return false;
    };
    let is_same_head = left.name == right.name && left.commutes && left.kids.len() == 2;
    is_same_head
        && left.kids[0] == right.kids[1]
        && left.kids[1] == right.kids[0]
        && left.letters == right.letters
}

/// True for what is no index, and for an index by which the left side takes from as many elements
/// as the index has for its bound: then it is below that, for a place that there is not is an error.
fn is_bounded(law: &Law, var: usize) -> bool {
    let Sort::Index(bound) = law.vars[var].sort else {
        return true;
    };
    let mut is_bounded = false;
    law.lhs.for_each_term(&mut |term| {
        let is_taken = |letter: &usize| !term.strings.result.contains(letter);
        is_bounded |= term.name == "gather"
            && term.kids.last() == Some(&Pattern::Var(var))
            && term.strings.operands[0].iter().copied().filter(is_taken).eq([bound]);
    });
    is_bounded
}

/// Scalars of a pattern are numbers or variables.
fn can_match(side: &Pattern) -> bool {
    let mut can = true;
    side.for_each_term(&mut |term| {
        can &= term.scalars.iter().all(|scalar| !matches!(scalar, Pattern::Term(_)));
        can &= term.form != Form::Iota || term.kids.is_empty();
    });
    can
}
