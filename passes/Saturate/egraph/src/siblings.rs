// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Laws with the guard `(siblings w)`, or `(siblings w b)`: matches that differ in
//! these and their size alone are members of one family, and each member gets the
//! equation in which `w..` is the whole family. So the merge of q, k and v is three
//! equations with one root each. Only weights of the checkpoint are members, and
//! their products with a factor; what is merged is neither, so the graph does not
//! grow on its own results.

use egg::Id;

use crate::axes::{Label, Match};
use crate::explain;
use crate::facts::{TermGraph, is_scaled_weight, is_weight};
use crate::grow::{Refusal, add};
use crate::law::Law;
use crate::matcher::Value;
use crate::pattern::Pattern;

/// The classes that `w..` stands for, by variable, and the extents of what lies before
/// the one whose equation this is.
#[derive(Default)]
pub struct Siblings {
    pub each: Vec<(usize, Vec<Id>)>,
    pub before: i64,
}

impl Siblings {
    pub fn of(&self, var: usize) -> impl Iterator<Item = Id> {
        self.each.iter().filter(move |own| own.0 == var).flat_map(|own| own.1.iter().copied())
    }
}

/// One family: its matches by sibling, in the order of their classes.
struct Family {
    key: Key,
    members: Vec<(Id, Match)>,
}

/// What members share: all variables but the siblings, their element types and the order
/// of their axes, all letters but those that are their own.
type Key = (Vec<Option<Value>>, Vec<u32>, Vec<Vec<Label>>, Vec<Option<Vec<u32>>>);

/// The right sides of the law, each with the match that it equals, and whether there was no room for
/// one among `most` terms.
pub fn apply(
    graph: &mut TermGraph,
    law: &Law,
    siblings: &[usize],
    matches: Vec<Match>,
    most: usize,
) -> (Vec<(Match, Id)>, bool) {
    let own = own_letter(law, siblings);
    let mut families: Vec<Family> = vec![];
    for found in matches {
        let classes: Option<Vec<Id>> = siblings
            .iter()
            .map(|var| found.class_of(*var).map(|class| graph.find(class)))
            .map(|class| class.filter(|id| is_weight(graph, *id) || is_scaled_weight(graph, *id)))
            .collect();
        let Some(classes) = classes else {
            continue;
        };
        let class = classes[0];
        let key = key_of(graph, &found, siblings, own);
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
            let (merged, is_cut) = merge(graph, law, siblings, own, &family.members, most);
            equal.extend(merged);
            is_full |= is_cut;
        }
    }
    (equal, is_full)
}

/// The letter of siblings that no other variable has: their own size.
fn own_letter(law: &Law, siblings: &[usize]) -> Option<usize> {
    let others = law.vars.iter().enumerate().filter(|(var, _)| !siblings.contains(var));
    let others: Vec<usize> = others.flat_map(|(_, var)| var.letters.clone()).collect();
    law.vars[siblings[0]].letters.iter().copied().find(|letter| !others.contains(letter))
}

fn key_of(graph: &TermGraph, found: &Match, siblings: &[usize], own: Option<usize>) -> Key {
    let mut vars = found.vars.clone();
    let classes = siblings.iter().filter_map(|var| found.class_of(*var));
    let elements =
        classes.map(|class| graph.analysis.notebook.element(graph[class].data.what)).collect();
    for var in siblings {
        vars[*var] = None;
    }
    let mut blocks = found.blocks.clone();
    if let Some(own) = own {
        blocks[own] = None;
    }
    (vars, elements, found.axes.clone(), blocks)
}

fn merge(
    graph: &mut TermGraph,
    law: &Law,
    vars: &[usize],
    own: Option<usize>,
    members: &[(Id, Match)],
    most: usize,
) -> (Vec<(Match, Id)>, bool) {
    let members: Vec<Match> =
        members.iter().map(|member| explain::bind(graph, law, &member.1)).collect();
    let of = |var: &usize| members.iter().filter_map(|member| member.class_of(*var)).collect();
    let each = vars.iter().map(|var| (*var, of(var))).collect();
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
