// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Conditions and guards of a law, at one place. What can't be shown does not hold.

use egg::Id;

use crate::axes::Match;
use crate::facts::{Facts, Sign, TermGraph};
use crate::law::{Fact, Law};
use crate::matcher::Value;
use crate::term::Term;
use crate::vocabulary::{INCREASING, ZERO_AT_ZERO};

/// How deep a term is followed.
const DEEPEST: usize = 8;

pub fn hold(graph: &TermGraph, law: &Law, found: &Match) -> bool {
    law.facts.iter().all(|fact| holds(graph, *fact, found))
}

pub fn holds(graph: &TermGraph, fact: Fact, found: &Match) -> bool {
    let value = |var: usize| found.vars[var];
    let class = |var: usize| found.class_of(var).map(|class| graph.find(class));
    let facts = |var: usize| class(var).map(|class| &graph[class].data);
    let number = |var: usize| match value(var)? {
        Value::Number(bits) => Some(f64::from_bits(bits)),
        _ => facts(var)?.splat.map(f64::from_bits),
    };
    let sign = |var: usize| match number(var) {
        Some(number) => Sign::of(number),
        None => facts(var).map(|facts| facts.sign).unwrap_or_default(),
    };
    let function = |var: usize, names: &[&'static str]| match value(var) {
        Some(Value::Head(head)) => {
            names.iter().any(|name| graph.analysis.notebook.head(name) == head)
        }
        _ => false,
    };
    match fact {
        Fact::Load(var) => number(var).is_some() || facts(var).is_some_and(|facts| facts.load),
        Fact::Exact(wide, var) => match (value(wide), facts(var)) {
            (Some(Value::Element(wide)), Some(narrow)) => {
                let narrow = graph.analysis.notebook.element(narrow.what);
                graph.analysis.oracle.holds(wide, narrow)
            }
            _ => false,
        },
        Fact::Rows(view, var) => match value(view) {
            Some(Value::View([positions, _])) => class(var) == Some(graph.find(positions)),
            _ => false,
        },
        Fact::Positive(var) => sign(var).is_positive(),
        Fact::NotNegative(var) => sign(var).not_negative,
        Fact::NotZero(var) => sign(var).not_zero,
        Fact::PowerOfTwo(var) => number(var).is_some_and(is_power_of_two),
        Fact::NotOne(var) => number(var) != Some(1.0),
        Fact::Delta(var) => number(var).is_some() || facts(var).is_some_and(|facts| facts.load),
        Fact::Increasing(var) => function(var, INCREASING),
        Fact::ZeroAtZero(var) => function(var, ZERO_AT_ZERO),
        Fact::Rounded(var) => class(var).is_some_and(|class| is_rounded(graph, class, found)),
        Fact::Bijective(var) => class(var).is_some_and(|class| is_bijective(graph, class, DEEPEST)),
        Fact::Orthogonal(var) => {
            class(var).is_some_and(|class| is_orthogonal(graph, class, DEEPEST))
        }
        Fact::Some(var, letter) => class(var).is_some_and(|class| {
            let axes = &found.axes[var];
            let own = axes.iter().position(|label| label.letter == letter);
            let is_one = axes.iter().filter(|label| label.letter == letter).count() == 1;
            own.is_some_and(|axis| is_one && has_entry(graph, class, axis, DEEPEST))
        }),
    }
}

fn is_power_of_two(number: f64) -> bool {
    number > 0.0 && number.is_normal() && number.to_bits() << 12 == 0
}

/// Widened from the type that the law rounds to.
fn is_rounded(graph: &TermGraph, class: Id, found: &Match) -> bool {
    let notebook = &graph.analysis.notebook;
    let element = |class: Id| notebook.element(graph[class].data.what);
    let narrow = found.narrow;
    let is_widening = |term: &Term| {
        graph.analysis.name(term.head) == "cast"
            && narrow.is_some_and(|narrow| element(graph.find(term.kids[0])) == narrow)
    };
    narrow == Some(element(class)) || graph[class].nodes.iter().any(is_widening)
}

fn kid(graph: &TermGraph, term: &Term, at: usize) -> Id {
    graph.find(term.kids[at])
}

/// Each index once: the indices themselves, a permutation of such, or a choice of one
/// by the other.
fn is_bijective(graph: &TermGraph, class: Id, depth: usize) -> bool {
    depth > 0
        && graph[class].nodes.iter().any(|term| match graph.analysis.name(term.head) {
            "iota" => rank(graph, class) == Some(1),
            "cast" => is_bijective(graph, kid(graph, term, 0), depth - 1),
            "gather" => {
                [0, 1].iter().all(|at| is_bijective(graph, kid(graph, term, *at), depth - 1))
            }
            _ => false,
        })
}

/// A permutation matrix, or one turned.
fn is_orthogonal(graph: &TermGraph, class: Id, depth: usize) -> bool {
    let is_square = || {
        let extents = graph.analysis.notebook.extents(graph[class].data.what);
        extents.is_some_and(|own| own.len() == 2 && own[0] == own[1] && own[0] != 0)
    };
    depth > 0
        && graph[class].nodes.iter().any(|term| match graph.analysis.name(term.head) {
            "one_hot" => is_square() && is_bijective(graph, kid(graph, term, 0), depth - 1),
            "transpose" | "neg" => is_orthogonal(graph, kid(graph, term, 0), depth - 1),
            _ => false,
        })
}

fn rank(graph: &TermGraph, class: Id) -> Option<usize> {
    graph.analysis.notebook.extents(graph[class].data.what).map(|extents| extents.len())
}

/// Every row of a mask along `axis` has an entry.
fn has_entry(graph: &TermGraph, class: Id, axis: usize, depth: usize) -> bool {
    let class = graph.find(class);
    let facts: &Facts = &graph[class].data;
    let Some(extents) = graph.analysis.notebook.extents(facts.what) else {
        return false;
    };
    let is_filled = facts.sign.truth && facts.sign.not_zero;
    let extent = extents.get(axis).and_then(|own| graph.analysis.notebook.integer(*own));
    if is_filled && extent.is_some_and(|extent| extent > 0) {
        return true;
    }
    depth > 0
        && graph[class].nodes.iter().any(|term| match graph.analysis.name(term.head) {
            "or" | "maximum" => {
                [0, 1].iter().any(|at| has_entry(graph, kid(graph, term, *at), axis, depth - 1))
            }
            "le" => is_diagonal(graph, term, axis, &extents),
            "broadcast" | "transpose" => {
                let axes = graph.analysis.notebook.axes(graph[kid(graph, term, 1)].data.what);
                axes.is_some_and(|axes| {
                    let letter = axes.result.get(axis);
                    let own = axes.operands[0].iter().position(|own| Some(own) == letter);
                    own.is_some_and(|own| has_entry(graph, kid(graph, term, 0), own, depth - 1))
                })
            }
            _ => false,
        })
}

/// `s <= t` or `t <= s` for the indices of two axes of one extent, of which `axis` is one:
/// each t has s = t.
fn is_diagonal(graph: &TermGraph, term: &Term, axis: usize, extents: &[u32]) -> bool {
    let axis_of = |at: usize| {
        let class = kid(graph, term, at);
        graph[class].nodes.iter().find_map(|own| {
            (graph.analysis.name(own.head) == "iota").then_some(())?;
            let axes = graph.analysis.notebook.axes(graph[kid(graph, own, 0)].data.what)?;
            axes.result.iter().position(|letter| *letter == axes.operands[0][0])
        })
    };
    match (axis_of(0), axis_of(1)) {
        (Some(a), Some(b)) => {
            a != b && (a == axis || b == axis) && extents[a] == extents[b] && extents[a] != 0
        }
        _ => false,
    }
}
