// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Axes of a term as wires. Each place of a term (an operand, a result) has a slot
//! for each axis of its tensor; operations join the slots that are one axis, and
//! what is joined is a wire. A wire is known by the places that it passes, so the
//! wires of a term and those of a law find each other without a search, whatever
//! the order of axes is: a letter of the law gets all wires that pass where it does.

use std::collections::HashMap;

use crate::law::Law;
use crate::pattern::{Pattern, TermPattern, Var};
use crate::vocabulary::Form;

pub type Slot = u32;

#[derive(Debug, Default, Clone)]
pub struct Wiring {
    parent: Vec<Slot>,
    /// The slots of each place, and of each set of axes that an operation speaks of.
    places: Vec<Vec<Slot>>,
}

impl Wiring {
    pub fn fresh(&mut self, count: usize) -> Vec<Slot> {
        let first = self.parent.len() as Slot;
        self.parent.extend(first..first + count as Slot);
        (first..first + count as Slot).collect()
    }

    pub fn find(&self, slot: Slot) -> Slot {
        let mut at = slot;
        while self.parent[at as usize] != at {
            at = self.parent[at as usize];
        }
        at
    }

    pub fn join(&mut self, a: Slot, b: Slot) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    pub fn join_all(&mut self, a: &[Slot], b: &[Slot]) {
        a.iter().zip(b).for_each(|(a, b)| self.join(*a, *b));
    }

    pub fn mark(&mut self, slots: &[Slot]) {
        self.places.push(slots.to_vec());
    }

    /// The wires in the order of their first places, each with the places that it
    /// passes. None if there are too many places.
    pub fn wires(&self) -> Option<Vec<(Slot, u128)>> {
        if self.places.len() > 128 {
            return None;
        }
        let mut wires: Vec<(Slot, u128)> = vec![];
        for (at, place) in self.places.iter().enumerate() {
            for slot in place {
                let root = self.find(*slot);
                match wires.iter_mut().find(|wire| wire.0 == root) {
                    Some(wire) => wire.1 |= 1 << at,
                    None => wires.push((root, 1 << at)),
                }
            }
        }
        Some(wires)
    }
}

/// A wire of a law.
#[derive(Debug, Clone)]
pub struct LawWire {
    pub places: u128,
    /// The letters that it has somewhere.
    pub letters: Vec<usize>,
    /// It may be any number of axes.
    pub is_block: bool,
}

/// Where a variable stands: the wire of each of its letters.
#[derive(Debug, Clone)]
pub struct Standing {
    pub var: usize,
    pub wires: Vec<usize>,
}

/// The wires of the side that a law matches.
#[derive(Debug, Clone, Default)]
pub struct LawWires {
    pub wires: Vec<LawWire>,
    /// The wires that pass some places: the numbers of `wires`.
    pub by_places: HashMap<u128, Vec<usize>>,
    /// In the order of the matcher's visit.
    pub standings: Vec<Standing>,
    /// The wires of the result.
    pub root: Vec<usize>,
}

impl LawWires {
    pub fn new(side: &Pattern, vars: &[Var], may_be_block: &[bool]) -> Option<LawWires> {
        let mut visit =
            Visit { vars, wiring: Wiring::default(), letters: vec![], standings: vec![] };
        let letters = visit.letters_of(side);
        let root = visit.fresh(&letters);
        visit.pattern(side, &root);
        let Visit { wiring, letters, standings, .. } = visit;
        let own = wiring.wires()?;
        let number = |slot: &Slot| {
            let root = wiring.find(*slot);
            own.iter().position(|wire| wire.0 == root).expect("every slot is at a place")
        };
        let wires: Vec<LawWire> = own
            .iter()
            .map(|(root, places)| {
                let slots = (0..letters.len()).filter(|at| wiring.find(*at as Slot) == *root);
                let mut letters: Vec<usize> = slots.map(|at| letters[at]).collect();
                letters.sort_unstable();
                letters.dedup();
                let is_block = letters.iter().all(|letter| may_be_block[*letter]);
                LawWire { places: *places, letters, is_block }
            })
            .collect();
        let mut by_places: HashMap<u128, Vec<usize>> = HashMap::new();
        for (at, wire) in wires.iter().enumerate() {
            by_places.entry(wire.places).or_default().push(at);
        }
        let standings = standings
            .into_iter()
            .map(|(var, slots)| Standing { var, wires: slots.iter().map(number).collect() })
            .collect();
        Some(LawWires { root: root.iter().map(number).collect(), wires, by_places, standings })
    }
}

struct Visit<'a> {
    vars: &'a [Var],
    wiring: Wiring,
    /// The letter of each slot.
    letters: Vec<usize>,
    standings: Vec<(usize, Vec<Slot>)>,
}

impl Visit<'_> {
    fn letters_of(&self, pattern: &Pattern) -> Vec<usize> {
        match pattern {
            Pattern::Var(var) | Pattern::Each(var) => self.vars[*var].letters.clone(),
            Pattern::Number(_) | Pattern::Size(_) => vec![],
            Pattern::Term(term) => term.letters.clone(),
        }
    }

    fn fresh(&mut self, letters: &[usize]) -> Vec<Slot> {
        self.letters.extend(letters);
        self.wiring.fresh(letters.len())
    }

    fn pattern(&mut self, pattern: &Pattern, slots: &[Slot]) {
        self.wiring.mark(slots);
        match pattern {
            Pattern::Var(var) | Pattern::Each(var) => self.standings.push((*var, slots.to_vec())),
            Pattern::Number(_) | Pattern::Size(_) => {}
            Pattern::Term(term) => self.term(term, slots),
        }
    }

    fn term(&mut self, term: &TermPattern, result: &[Slot]) {
        let kids: Vec<Vec<Slot>> = term
            .kids
            .iter()
            .map(|kid| {
                let letters = self.letters_of(kid);
                self.fresh(&letters)
            })
            .collect();
        if term.form.has_string() {
            self.join_strings(term, &kids, result);
        } else {
            kids.iter().for_each(|kid| self.wiring.join_all(kid, result));
        }
        for (kid, slots) in term.kids.iter().zip(&kids) {
            self.pattern(kid, slots);
        }
    }

    fn join_strings(&mut self, term: &TermPattern, kids: &[Vec<Slot>], result: &[Slot]) {
        let strings = &term.strings;
        if term.form == Form::Reshape {
            let (mut i, mut j) = (0, 0);
            for group in &term.groups {
                let before = &kids[0][i..i + group.before.len()];
                let after = &result[j..j + group.after.len()];
                (i, j) = (i + before.len(), j + after.len());
                if group.is_same {
                    self.wiring.join_all(before, after);
                } else {
                    before.iter().chain(after).for_each(|slot| self.wiring.mark(&[*slot]));
                }
            }
            return;
        }
        // The name of an axis of its own is one place's only.
        let is_local =
            |letter: &usize| term.form == Form::Concat && !strings.result.contains(letter);
        let mut first: HashMap<usize, Slot> = HashMap::new();
        let parts = strings.operands.iter().zip(kids);
        let parts = parts.map(|(own, slots)| (own, &slots[..]));
        for (own, slots) in parts.chain([(&strings.result, result)]) {
            for (letter, slot) in own.iter().zip(slots) {
                if is_local(letter) {
                    continue;
                }
                match first.get(letter) {
                    Some(known) => self.wiring.join(*known, *slot),
                    None => {
                        first.insert(*letter, *slot);
                    }
                }
            }
        }
        match term.form {
            Form::Slots => {
                // Each axis has its place; one in front that all share has none.
                let own = axes_of_slots(&term.name);
                result.iter().rev().take(own).for_each(|slot| self.wiring.mark(&[*slot]));
            }
            Form::Turn => {
                let (x, c) = (&kids[0], &kids[1]);
                for slot in [c[c.len() - 2], x[x.len() - 1], c[c.len() - 1]] {
                    self.wiring.mark(&[slot]);
                }
            }
            _ => {}
        }
        let along: Vec<Slot> = match term.form {
            Form::Iota => strings.operands[0].iter().map(|letter| first[letter]).collect(),
            _ => strings.along.iter().map(|letter| first[letter]).collect(),
        };
        if matches!(
            term.form,
            Form::Along | Form::Norm | Form::TopK | Form::AxesAlong | Form::Rotary | Form::Iota
        ) {
            self.wiring.mark(&along);
        }
    }
}

/// A letter that no size, cut or regrouping refers to may be a block of axes, also
/// of none; so may one that regroups to another of as many elements.
pub fn find_blocks(law: &Law) -> Vec<bool> {
    let mut used = vec![];
    for (dim, size) in &law.equations {
        if !matches!(size, crate::size::Size::Dim(_)) {
            used.push(*dim);
            size.dims(&mut used);
        }
    }
    for var in &law.vars {
        if let crate::pattern::Sort::Index(bound) = var.sort {
            used.push(bound);
        }
    }
    for side in [&law.lhs, &law.rhs] {
        side.for_each_term(&mut |term| used.extend(single_axes(term)));
    }
    (0..law.dims.len()).map(|dim| !used.contains(&dim)).collect()
}

/// Keys and values have their own elements in each slot.
fn axes_of_slots(name: &str) -> usize {
    if matches!(name, "keys" | "values") { 4 } else { 3 }
}

/// The letters of which the operation says that they are one axis.
fn single_axes(term: &TermPattern) -> Vec<usize> {
    let strings = &term.strings;
    let mut single = vec![];
    if let Some(size) = &term.size {
        size.dims(&mut single);
    }
    let lacks = |a: &[usize], b: &[usize]| {
        a.iter().filter(|letter| !b.contains(letter)).copied().collect::<Vec<usize>>()
    };
    match (term.form, term.name.as_str()) {
        (Form::Slice | Form::Pad | Form::Concat, _) => {
            for operand in &strings.operands {
                single.extend(lacks(operand, &strings.result));
                single.extend(lacks(&strings.result, operand));
            }
        }
        (Form::Reshape, _) => {
            for group in term.groups.iter().filter(|group| !group.is_same && !group.is_whole()) {
                single.extend(group.before.iter().chain(&group.after));
            }
        }
        (Form::Axes, "gather") => single.extend(lacks(&strings.operands[0], &strings.result)),
        (Form::AxesType, "one_hot" | "scatter_add") => {
            single.extend(lacks(&strings.result, &strings.operands[0]));
        }
        (Form::Iota, _) => single.extend(&strings.operands[0]),
        (Form::Along, "cumsum") | (Form::TopK, _) => single.extend(&strings.along),
        (Form::Slots, name) => {
            single.extend(strings.result.iter().rev().take(axes_of_slots(name)));
        }
        (Form::Turn, _) => {
            let [x, c, _] = &strings.operands[..] else { return single };
            single.extend(x.last().into_iter().chain(c.iter().rev().take(2)));
        }
        (Form::Rotary, _) => {
            single.extend(&strings.along);
            single.extend(strings.operands[1].last());
        }
        _ => {}
    }
    single
}
