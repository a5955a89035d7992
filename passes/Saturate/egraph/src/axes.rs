// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Compares the axes of terms that fit a law with the law's letters.

use std::collections::HashMap;

use egg::Id;

use crate::facts::TermGraph;
use crate::heads;
use crate::law::{Comparison, Law, Order, Tier};
use crate::matcher::{Fit, Step, Value};
use crate::notebook::Axes;
use crate::pattern::{Pattern, TermPattern};
use crate::regroup::regroup;
use crate::size::Size;
use crate::term::Term;
use crate::vocabulary::Form;
use crate::wires::{Slot, Wiring};

/// An axis: a letter of the law, and its number in the letter's block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    pub letter: usize,
    pub at: usize,
}

/// The extents of each letter's block.
pub type Blocks = Vec<Option<Vec<u32>>>;

/// What the names of a law stand for at one place.
#[derive(Debug, Clone)]
pub struct Match {
    pub class: Id,
    pub vars: Vec<Option<Value>>,
    /// The axes of each variable that is a class, in the order of its own.
    pub axes: Vec<Vec<Label>>,
    /// The axes of the class.
    pub root: Vec<Label>,
    pub blocks: Blocks,
    pub numbers: Vec<Option<i64>>,
    /// The element type that the law rounds to.
    pub narrow: Option<u32>,
    /// The axes that are summed, in the order in which they are.
    pub summed: Vec<Label>,
    /// The terms that the law's operations stand for, outer ones first.
    pub steps: Vec<Step>,
}

impl Match {
    pub fn class_of(&self, var: usize) -> Option<Id> {
        match self.vars[var] {
            Some(Value::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// True if both say the same of the law's names.
    pub fn is_like(&self, other: &Match) -> bool {
        (&self.vars, &self.axes, &self.root) == (&other.vars, &other.axes, &other.root)
            && (&self.blocks, &self.numbers) == (&other.blocks, &other.numbers)
    }
}

/// The axes of a place; those from `own` on belong to the places around it, over
/// which a scalar or a smaller operand is spread.
#[derive(Clone)]
pub(crate) struct Place {
    pub slots: Vec<Slot>,
    pub own: usize,
}

/// The match that terms are, if their axes are as the law says.
pub fn complete(graph: &TermGraph, law: &Law, class: Id, fit: &Fit) -> Option<Match> {
    let mut visit = Visit {
        graph,
        law,
        wiring: Wiring::default(),
        extents: vec![],
        standings: vec![],
        summed: vec![],
        steps: fit.steps.iter(),
    };
    let root = visit.fresh(class)?;
    visit.pattern(&law.lhs, class, root.clone())?;
    visit.assign(class, &root, fit)
}

struct Visit<'a> {
    graph: &'a TermGraph,
    law: &'a Law,
    wiring: Wiring,
    /// The extent of each slot.
    extents: Vec<u32>,
    standings: Vec<Place>,
    /// What each contraction and reduction sums, and the law's letters of it.
    summed: Vec<(Vec<Slot>, Vec<usize>)>,
    steps: std::slice::Iter<'a, Step>,
}

impl<'a> Visit<'a> {
    fn fresh(&mut self, class: Id) -> Option<Place> {
        let extents = self.graph.analysis.notebook.extents(self.graph[class].data.what)?;
        self.extents.extend(extents.iter());
        let slots = self.wiring.fresh(extents.len());
        Some(Place { own: slots.len(), slots })
    }

    fn pattern(&mut self, pattern: &'a Pattern, class: Id, place: Place) -> Option<()> {
        self.wiring.mark(&place.slots);
        match pattern {
            Pattern::Var(_) | Pattern::Each(_) => {
                self.standings.push(place);
                Some(())
            }
            Pattern::Number(_) | Pattern::Size(_) => Some(()),
            Pattern::Term(pattern) => match self.steps.next()? {
                Step::Splat => {
                    let kid = Place { slots: vec![], own: 0 };
                    self.pattern(&pattern.kids[0], class, kid)
                }
                Step::Term { term, is_swapped, .. } => self.term(pattern, term, *is_swapped, place),
            },
        }
    }

    fn term(
        &mut self,
        pattern: &'a TermPattern,
        term: &Term,
        is_swapped: bool,
        result: Place,
    ) -> Option<()> {
        let mut operands = term.kids[..pattern.kids.len()].to_vec();
        if is_swapped {
            operands.swap(0, 1);
        }
        let mut kids = vec![];
        for operand in &operands {
            kids.push(self.fresh(self.graph.find(*operand))?);
        }
        if pattern.form.has_string() {
            let may_be_spread = pattern.name == "bcast";
            if result.own != result.slots.len() && !may_be_spread {
                return None;
            }
            self.join(pattern, term, is_swapped, &mut kids, &result)?;
        } else {
            self.join_elementwise(pattern, &mut kids, &result)?;
        }
        for ((kid, operand), place) in pattern.kids.iter().zip(operands).zip(kids) {
            self.pattern(kid, self.graph.find(operand), place)?;
        }
        Some(())
    }

    fn join_elementwise(
        &mut self,
        pattern: &TermPattern,
        kids: &mut [Place],
        result: &Place,
    ) -> Option<()> {
        for (kid, own) in kids.iter_mut().zip(&pattern.kids) {
            let is_scalar = match own {
                Pattern::Var(var) => self.law.vars[*var].letters.is_empty(),
                Pattern::Term(term) => term.letters.is_empty(),
                _ => true,
            };
            if is_scalar {
                *kid = Place { slots: vec![], own: 0 };
            } else if kid.own == result.own {
                self.wiring.join_all(&kid.slots, &result.slots[..result.own]);
                kid.slots.extend(&result.slots[result.own..]);
            } else if kid.own == 0 {
                kid.slots.extend(&result.slots);
            } else {
                return None;
            }
        }
        Some(())
    }

    fn join(
        &mut self,
        pattern: &TermPattern,
        term: &Term,
        is_swapped: bool,
        kids: &mut [Place],
        result: &Place,
    ) -> Option<()> {
        let notebook = &self.graph.analysis.notebook;
        let property = |at: usize| self.graph[term.kids[pattern.kids.len() + at]].data.what;
        match pattern.form {
            Form::Reshape => self.join_regrouped(pattern, &kids[0], result),
            Form::Slice | Form::Pad | Form::Concat => {
                let axis = usize::try_from(notebook.integer(property(0))?).ok()?;
                for kid in kids.iter() {
                    for at in (0..result.own).filter(|at| *at != axis) {
                        self.wiring.join(*kid.slots.get(at)?, result.slots[at]);
                    }
                }
                Some(())
            }
            Form::Slots => {
                // Each axis has its place.
                result.slots.iter().rev().for_each(|slot| self.wiring.mark(&[*slot]));
                Some(())
            }
            Form::Turn => {
                let (x, c, s) = (&kids[0].slots, &kids[1].slots, &kids[2].slots);
                self.wiring.join_all(x, &result.slots);
                self.wiring.join_all(c, s);
                self.wiring.join(*c.first()?, *x.first()?);
                for slot in [x.first()?, x.last()?, c.last()?] {
                    self.wiring.mark(&[*slot]);
                }
                Some(())
            }
            Form::Rotary => heads::join_rotary(&mut self.wiring, kids, result),
            Form::Attention => {
                let extents = &self.extents;
                let integer = |slot: Slot| notebook.integer(extents[slot as usize]);
                heads::join_attention(&mut self.wiring, integer, kids, result)
            }
            _ => {
                let axes = notebook.axes(property(0))?;
                self.join_axes(pattern, &axes, is_swapped, kids, result)?;
                if pattern.name == "bcast" {
                    kids[0].slots.extend(&result.slots[result.own..]);
                }
                if !summed_letters(pattern).is_empty() {
                    self.note_summed(pattern, &axes, is_swapped, kids);
                }
                Some(())
            }
        }
    }

    /// Joins the slots that have one letter of the term's own string.
    fn join_axes(
        &mut self,
        pattern: &TermPattern,
        axes: &Axes,
        is_swapped: bool,
        kids: &[Place],
        result: &Place,
    ) -> Option<()> {
        let mut first: HashMap<u8, Slot> = HashMap::new();
        let mut parts: Vec<(&[u8], &[Slot])> = vec![];
        let whole = &axes.operands[0];
        if axes.is_along {
            parts.extend(kids.iter().map(|kid| (&whole[..], &kid.slots[..])));
            parts.push((whole, &result.slots));
        } else if pattern.form == Form::Iota {
            parts.push((&axes.result, &result.slots));
        } else {
            if axes.operands.len() != kids.len() {
                return None;
            }
            let own = |at: usize| &axes.operands[if is_swapped { 1 - at } else { at }][..];
            parts.extend(kids.iter().enumerate().map(|(at, kid)| (own(at), &kid.slots[..])));
            parts.push((&axes.result, &result.slots[..result.own]));
        }
        for (letters, slots) in parts {
            if letters.len() != slots.len() {
                return None;
            }
            for (letter, slot) in letters.iter().zip(slots) {
                match first.get(letter) {
                    Some(known) => self.wiring.join(*known, *slot),
                    None => {
                        first.insert(*letter, *slot);
                    }
                }
            }
        }
        let along: Vec<u8> = match pattern.form {
            Form::Iota => axes.operands[0].clone(),
            Form::AxesAlong => {
                whole.iter().filter(|letter| !axes.result.contains(letter)).copied().collect()
            }
            _ if axes.is_along => axes.result.clone(),
            _ => return Some(()),
        };
        let along: Option<Vec<Slot>> = along.iter().map(|c| first.get(c).copied()).collect();
        self.wiring.mark(&along?);
        Some(())
    }

    fn note_summed(
        &mut self,
        pattern: &TermPattern,
        axes: &Axes,
        is_swapped: bool,
        kids: &[Place],
    ) {
        let mut slots: Vec<Slot> = vec![];
        let mut seen: Vec<u8> = vec![];
        for (at, own) in axes.operands.iter().enumerate() {
            let kid = &kids[if is_swapped { 1 - at } else { at }];
            for (letter, slot) in own.iter().zip(&kid.slots) {
                if axes.result.contains(letter) == axes.is_along && !seen.contains(letter) {
                    seen.push(*letter);
                    slots.push(*slot);
                }
            }
        }
        self.summed.push((slots, summed_letters(pattern)));
    }

    fn join_regrouped(&mut self, pattern: &TermPattern, kid: &Place, result: &Place) -> Option<()> {
        let whole = pattern.groups.iter().any(|group| group.is_whole());
        if whole {
            self.wiring.mark(&kid.slots);
            self.wiring.mark(&result.slots);
            return Some(());
        }
        let extent = |slot: usize| self.extents[slot];
        let numbers = |slots: &[Slot]| slots.iter().map(|slot| *slot as usize).collect::<Vec<_>>();
        let count = |slots: &[usize]| {
            let extents: Vec<u32> = slots.iter().map(|slot| extent(*slot)).collect();
            count(self.graph, &extents)
        };
        let groups = regroup(
            &numbers(&kid.slots),
            &numbers(&result.slots),
            |a, b| extent(a) == extent(b) && extent(a) != 0,
            |a, b| count(a).is_some() && count(a) == count(b),
        )?;
        for group in groups.iter().filter(|group| group.is_same) {
            self.wiring.join(group.before[0] as Slot, group.after[0] as Slot);
        }
        let own: Vec<_> = pattern.groups.iter().filter(|group| !group.is_same).collect();
        let found: Vec<_> = groups.iter().filter(|group| !group.is_same).collect();
        if own.len() != found.len() {
            return None;
        }
        for (own, found) in own.iter().zip(found) {
            let fits =
                own.before.len() == found.before.len() && own.after.len() == found.after.len();
            if !fits {
                return None;
            }
            for slot in found.before.iter().chain(&found.after) {
                self.wiring.mark(&[*slot as Slot]);
            }
        }
        Some(())
    }

    /// Gives each letter of the law its wires.
    fn assign(&self, class: Id, root: &Place, fit: &Fit) -> Option<Match> {
        let law = &self.law.wires;
        let mut by_places: HashMap<u128, Vec<Slot>> = HashMap::new();
        for (wire, places) in self.wiring.wires()? {
            by_places.entry(places).or_default().push(wire);
        }
        if by_places.keys().any(|places| !law.by_places.contains_key(places)) {
            return None;
        }
        let mut owner: HashMap<Slot, (usize, usize)> = HashMap::new();
        for (places, candidates) in &law.by_places {
            let wires = by_places.get(places).map_or(&[][..], Vec::as_slice);
            let singles = candidates.iter().filter(|at| !law.wires[**at].is_block).count();
            let mut spare = wires.len().checked_sub(singles)?;
            if singles == candidates.len() && spare > 0 {
                return None;
            }
            let mut rest = wires.iter();
            for at in candidates {
                let take = if law.wires[*at].is_block { std::mem::take(&mut spare) } else { 1 };
                for (number, wire) in rest.by_ref().take(take).enumerate() {
                    owner.insert(*wire, (*at, number));
                }
            }
        }
        let axes = self.label_variables(&mut owner)?;
        let label = |slot: &Slot, wires: &[usize], letters: &[usize]| {
            let (wire, at) = owner[&self.wiring.find(*slot)];
            let place = wires.iter().position(|own| *own == wire)?;
            Some(Label { letter: letters[place], at })
        };
        let Pattern::Term(side) = &self.law.lhs else { return None };
        let root: Option<Vec<Label>> =
            root.slots.iter().map(|slot| label(slot, &law.root, &side.letters)).collect();
        let blocks = self.blocks(&owner)?;
        let summed = self.summed_labels(&owner)?;
        let numbers = self.numbers(&blocks, fit)?;
        let (vars, steps) = (fit.vars.clone(), fit.steps.clone());
        let narrow = fit.narrow;
        Some(Match { class, vars, axes, root: root?, blocks, numbers, narrow, summed, steps })
    }

    /// The axes of each variable. Where it stands twice, its axes have one number each.
    fn label_variables(
        &self,
        owner: &mut HashMap<Slot, (usize, usize)>,
    ) -> Option<Vec<Vec<Label>>> {
        let vars = &self.law.vars;
        let mut axes: Vec<Option<Vec<Label>>> = vec![None; vars.len()];
        for is_check in [false, true] {
            for (standing, own) in self.standings.iter().zip(&self.law.wires.standings) {
                let letters = &vars[own.var].letters;
                if letters.is_empty() {
                    axes[own.var].get_or_insert_default();
                    continue;
                }
                let slots = &standing.slots[..standing.own];
                let mut labels = vec![];
                for (axis, slot) in slots.iter().enumerate() {
                    let wire = self.wiring.find(*slot);
                    let entry = owner.get_mut(&wire)?;
                    let place = own.wires.iter().position(|wire| *wire == entry.0)?;
                    if let (Some(known), false) = (&axes[own.var], is_check) {
                        entry.1 = known.get(axis)?.at;
                    }
                    labels.push(Label { letter: letters[place], at: entry.1 });
                }
                match &axes[own.var] {
                    Some(known) if *known != labels => return None,
                    Some(_) => {}
                    None => axes[own.var] = Some(labels),
                }
            }
        }
        Some(axes.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// The extents of all letters, if those of one letter are the same everywhere.
    fn blocks(&self, owner: &HashMap<Slot, (usize, usize)>) -> Option<Blocks> {
        let law = &self.law.wires;
        let mut by_wire: Vec<Vec<(usize, u32)>> = vec![vec![]; law.wires.len()];
        for (slot, (wire, at)) in owner {
            by_wire[*wire].push((*at, self.extents[*slot as usize]));
        }
        let mut blocks: Blocks = vec![None; self.law.dims.len()];
        for (wire, mut block) in law.wires.iter().zip(by_wire) {
            block.sort_unstable();
            if block.iter().enumerate().any(|(at, own)| own.0 != at) {
                return None;
            }
            let extents: Vec<u32> = block.into_iter().map(|own| own.1).collect();
            for letter in &wire.letters {
                match &blocks[*letter] {
                    Some(known) if *known != extents || known.contains(&0) => return None,
                    Some(_) => {}
                    None => blocks[*letter] = Some(extents.clone()),
                }
            }
        }
        for (dim, size) in &self.law.equations {
            let Size::Dim(other) = size else { continue };
            match (&blocks[*dim], &blocks[*other]) {
                (Some(a), Some(b)) => {
                    let (a, b) = (count(self.graph, a), count(self.graph, b));
                    if a.is_none() || a != b {
                        return None;
                    }
                }
                (Some(a), None) => blocks[*other] = Some(a.clone()),
                (None, Some(b)) => blocks[*dim] = Some(b.clone()),
                (None, None) => {}
            }
        }
        Some(blocks)
    }

    /// What is summed, in order. Bit for bit the law's letters are summed in its order.
    fn summed_labels(&self, owner: &HashMap<Slot, (usize, usize)>) -> Option<Vec<Label>> {
        let mut all = vec![];
        for (slots, letters) in &self.summed {
            let (mut last, mut last_known) = (0, 0);
            for slot in slots {
                let (wire, at) = owner[&self.wiring.find(*slot)];
                let own = &self.law.wires.wires[wire].letters;
                let place = letters.iter().position(|letter| own.contains(letter))?;
                if self.law.tier == Tier::Bit && place < last {
                    return None;
                }
                last = place;
                let label = Label { letter: letters[place], at };
                match all.iter().position(|own| *own == label) {
                    // Wherever they are summed, in one order.
                    Some(known) if self.law.tier == Tier::Bit && known < last_known => return None,
                    Some(known) => last_known = known,
                    None => all.push(label),
                }
            }
        }
        Some(all)
    }

    /// The sizes that are numbers, if the law's equations and conditions hold.
    fn numbers(&self, blocks: &Blocks, fit: &Fit) -> Option<Vec<Option<i64>>> {
        let notebook = &self.graph.analysis.notebook;
        let number = |block: &Option<Vec<u32>>| {
            let extents = block.as_ref()?.iter().map(|extent| notebook.integer(*extent));
            extents.into_iter().try_fold(1i64, |all, own| all.checked_mul(own?))
        };
        let mut numbers: Vec<Option<i64>> = blocks.iter().map(number).collect();
        // Each round that changes nothing is the last.
        loop {
            let before = numbers.clone();
            if !fit.sizes.iter().all(|(size, value)| size.solve(*value, &mut numbers)) {
                return None;
            }
            for (dim, size) in &self.law.equations {
                let known = numbers[*dim];
                if known.is_some_and(|value| !size.solve(value, &mut numbers)) {
                    return None;
                }
                numbers[*dim] = known.or_else(|| size.value(&numbers, 0));
            }
            if numbers == before {
                break;
            }
        }
        let holds = |comparison: &Comparison| {
            let sides = comparison.left.value(&numbers, 0).zip(comparison.right.value(&numbers, 0));
            sides.is_some_and(|(a, b)| match comparison.order {
                Order::Less => a < b,
                Order::AtMost => a <= b,
                Order::Equal => a == b,
            })
        };
        let is_open = |(size, _): &(Size, i64)| size.value(&numbers, 0).is_none();
        if fit.sizes.iter().any(is_open) || numbers.iter().flatten().any(|number| *number < 0) {
            return None;
        }
        // An equation between sizes that are no numbers can't be checked, but that two
        // letters are one block was seen.
        let is_right = |(dim, size): &(usize, Size)| match size {
            Size::Dim(_) => true,
            _ => numbers[*dim].is_some() && size.value(&numbers, 0) == numbers[*dim],
        };
        let is_count = |(letters, value): &(Vec<usize>, f64)| {
            let all = letters.iter().try_fold(1i64, |all, own| all.checked_mul(numbers[*own]?));
            all.is_some_and(|all| all as f64 == *value)
        };
        let is_length = |(letters, property): &(Vec<usize>, u32)| {
            let own: Option<Vec<u32>> = letters
                .iter()
                .try_fold(vec![], |all, letter| Some([all, blocks[*letter].clone()?].concat()));
            let count_of = |extents: &[u32]| count(self.graph, extents);
            let other = notebook.extents(*property);
            own.is_some_and(|own| {
                other.is_some_and(|other| {
                    count_of(&own).is_some() && count_of(&own) == count_of(&other)
                })
            })
        };
        let fits = self.law.equations.iter().all(is_right)
            && self.law.comparisons.iter().all(holds)
            && fit.counts.iter().all(is_count)
            && fit.lengths.iter().all(is_length);
        fits.then_some(numbers)
    }
}

/// The letters that an operation sums, in the order of appearance.
pub fn summed_letters(pattern: &TermPattern) -> Vec<usize> {
    let strings = &pattern.strings;
    match pattern.name.as_str() {
        "softmax" | "softmax_masked" | "rms_norm" | "layer_norm" => return strings.along.clone(),
        "contract" | "sum" | "mean" | "lse" | "amax" | "amin" => {}
        _ => return vec![],
    }
    let mut letters: Vec<usize> = vec![];
    for letter in strings.operands.iter().flatten() {
        if !strings.result.contains(letter) && !letters.contains(letter) {
            letters.push(*letter);
        }
    }
    letters
}

/// How many elements axes of these extents have: a number, and the names of what is
/// no number. None if an extent has no name.
pub fn count(graph: &TermGraph, extents: &[u32]) -> Option<(i64, Vec<u32>)> {
    let (mut all, mut names) = (1i64, vec![]);
    for extent in extents {
        match graph.analysis.notebook.integer(*extent) {
            Some(number) => all = all.checked_mul(number)?,
            None if *extent == 0 => return None,
            None => names.push(*extent),
        }
    }
    names.sort_unstable();
    Some((all, names))
}
