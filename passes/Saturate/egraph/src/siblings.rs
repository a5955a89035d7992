// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Laws with the guard `(siblings w)`: matches that differ in `w` and its size
//! alone are members of one family, and each member gets the equation in which
//! `w..` is the whole family. So the merge of q, k and v is three equations with
//! one root each. Only weights of the checkpoint are members, and their products
//! with a factor; what is merged is neither, so the graph does not grow on its own
//! results.

use egg::Id;

use crate::axes::{Label, Match};
use crate::explain;
use crate::facts::{TermGraph, is_scaled_weight, is_weight};
use crate::grow::{Refusal, add};
use crate::instantiate::Siblings;
use crate::law::Law;
use crate::matcher::Value;
use crate::pattern::Pattern;

/// One family: its matches by sibling, in the order of their classes.
struct Family {
    key: Key,
    members: Vec<(Id, Match)>,
}

/// What members share: all variables but the sibling, its element type and the order
/// of its axes, all letters but those that are its own.
type Key = (Vec<Option<Value>>, u32, Vec<Vec<Label>>, Vec<Option<Vec<u32>>>);

/// The right sides of the law, each with the match that it equals, and whether there was no room for
/// one among `most` terms.
pub fn apply(
    graph: &mut TermGraph,
    law: &Law,
    sibling: usize,
    matches: Vec<Match>,
    most: usize,
) -> (Vec<(Match, Id)>, bool) {
    let own = own_letter(law, sibling);
    let mut families: Vec<Family> = vec![];
    for found in matches {
        let Some(class) = found.class_of(sibling).map(|class| graph.find(class)) else {
            continue;
        };
        if !is_weight(graph, class) && !is_scaled_weight(graph, class) {
            continue;
        }
        let key = key_of(graph, &found, sibling, own);
        let at = families.iter().position(|family| family.key == key).unwrap_or_else(|| {
            families.push(Family { key, members: vec![] });
            families.len() - 1
        });
        families[at].members.push((class, found));
    }
    let (mut equal, mut is_full) = (vec![], false);
    for family in &mut families {
        family.members.sort_by_key(|member| member.0);
        family.members.dedup_by_key(|member| member.0);
        if family.members.len() > 1 {
            let (merged, is_cut) = merge(graph, law, sibling, own, &family.members, most);
            equal.extend(merged);
            is_full |= is_cut;
        }
    }
    (equal, is_full)
}

/// The letter of the sibling that no other variable has: its own size.
fn own_letter(law: &Law, sibling: usize) -> Option<usize> {
    let others = law.vars.iter().enumerate().filter(|(var, _)| *var != sibling);
    let others: Vec<usize> = others.flat_map(|(_, var)| var.letters.clone()).collect();
    law.vars[sibling].letters.iter().copied().find(|letter| !others.contains(letter))
}

fn key_of(graph: &TermGraph, found: &Match, sibling: usize, own: Option<usize>) -> Key {
    let mut vars = found.vars.clone();
    let element = found
        .class_of(sibling)
        .map_or(0, |class| graph.analysis.notebook.element(graph[class].data.what));
    vars[sibling] = None;
    let mut blocks = found.blocks.clone();
    if let Some(own) = own {
        blocks[own] = None;
    }
    (vars, element, found.axes.clone(), blocks)
}

fn merge(
    graph: &mut TermGraph,
    law: &Law,
    sibling: usize,
    own: Option<usize>,
    members: &[(Id, Match)],
    most: usize,
) -> (Vec<(Match, Id)>, bool) {
    let members: Vec<Match> =
        members.iter().map(|member| explain::bind(graph, law, &member.1)).collect();
    let each = members.iter().filter_map(|member| member.class_of(sibling)).collect();
    let mut siblings = Siblings { each, before: 0 };
    let sizes: Option<Vec<i64>> = members.iter().map(|member| member.numbers[own?]).collect();
    let (Some(sizes), Some(whole)) = (sizes, whole_letter(law)) else {
        return (vec![], false);
    };
    let (mut equal, mut is_full) = (vec![], false);
    for (mut found, size) in members.into_iter().zip(&sizes) {
        found.numbers[whole] = Some(sizes.iter().sum());
        match add(graph, law, &found, &siblings, most) {
            Ok(right) => equal.push((found, right)),
            Err(refusal) => is_full |= refusal == Refusal::Full,
        }
        siblings.before += size;
    }
    (equal, is_full)
}

/// The letter of the right side that the left does not bind: the family's size.
fn whole_letter(law: &Law) -> Option<usize> {
    let letters = |side: &Pattern| {
        let mut all = vec![];
        side.for_each_term(&mut |term| {
            all.extend(term.strings.operands.concat());
            all.extend(&term.strings.result);
        });
        all
    };
    let left = letters(&law.lhs);
    letters(&law.rhs).into_iter().find(|letter| !left.contains(letter))
}
