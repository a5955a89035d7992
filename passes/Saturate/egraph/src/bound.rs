// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A cost that no choice is below, and often the best choice itself.
//!
//! Some classes are in every choice. Between them, choices of a term fall into
//! parts that no class connects: what is chosen in one part is paid there, whatever
//! is chosen elsewhere. So the least cost is at least the sum of the parts' least
//! costs. The classes of a part are decided one after the other, users first. All
//! that counts of the options so far is what they cost and which classes they leave
//! open, so of those that leave the same ones open only the cheapest is followed.
//! Where more are left than a limit, the worst are joined to one state that is no
//! worse than any of them: then what comes out is only a bound.

use std::collections::{BTreeMap, HashMap};

use crate::extract::is_less;
use crate::search::Search;
use crate::trees::{Entry, Options};

/// How many states of all classes of a part are followed.
const STATES: usize = 1 << 18;

pub struct Bound {
    pub cost: f64,
    /// By class: the options of the best choices of the parts, where they were found.
    pub chosen: Vec<Option<usize>>,
}

/// A choice whose cost is known makes the search shorter.
pub fn bound(options: &Options, known: &Search) -> Bound {
    let is_must = musts(options, known);
    let mut bound = Bound { cost: 0.0, chosen: vec![None; options.of.len()] };
    for classes in parts(options, &is_must) {
        bound.cost +=
            Part::new(options, &is_must, known, classes).solve(&is_must, &mut bound.chosen);
    }
    bound
}

/// The classes that every choice contains, which are among those of a known one.
fn musts(options: &Options, known: &Search) -> Vec<bool> {
    let needed: Vec<usize> =
        (0..options.of.len()).filter(|class| known.is_needed(*class)).collect();
    let musts = options.musts(&options.order, &needed);
    let mut is_must = vec![false; options.of.len()];
    for (bit, class) in needed.iter().enumerate() {
        is_must[*class] = options.roots.iter().any(|root| musts.holds(*root, bit));
    }
    is_must
}

/// Classes that may be needed, connected by options and their kids, but for kids that all choices
/// contain.
fn parts(options: &Options, is_must: &[bool]) -> Vec<Vec<usize>> {
    let mut above: Vec<usize> = (0..options.of.len()).collect();
    fn top(above: &mut [usize], mut class: usize) -> usize {
        while above[class] != class {
            above[class] = above[above[class]];
            class = above[class];
        }
        class
    }
    let mut is_reached = vec![false; options.of.len()];
    let mut stack = options.roots.clone();
    while let Some(class) = stack.pop() {
        if std::mem::replace(&mut is_reached[class], true) {
            continue;
        }
        for kid in options.of[class].iter().flat_map(|entry| &entry.kids) {
            stack.push(*kid);
            if !is_must[*kid] {
                let (a, b) = (top(&mut above, class), top(&mut above, *kid));
                above[a.max(b)] = a.min(b);
            }
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    // Users come first.
    for &class in options.order.iter().rev().filter(|class| is_reached[**class]) {
        parts.entry(top(&mut above, class)).or_default().push(class);
    }
    parts.into_values().collect()
}

/// What the options of the classes so far leave open: classes, and the cost.
struct State {
    open: Vec<usize>,
    cost: f64,
    /// The last step that led here, none for a state that stands for several.
    path: Option<usize>,
}

/// An option of a class, after another step.
struct Step {
    before: Option<usize>,
    class: usize,
    option: usize,
}

struct Part<'a> {
    options: &'a Options,
    classes: Vec<usize>,
    number: HashMap<usize, usize>,
    /// By class: the least of what it costs, without its kids and with its shares of them.
    least: Vec<f64>,
    shared: Vec<f64>,
    /// By class: those that may use it and share its cost, in order; of what all choices contain
    /// none.
    users: Vec<Vec<usize>>,
    /// What a known choice pays here.
    known: f64,
    steps: Vec<Step>,
}

impl<'a> Part<'a> {
    fn new(
        options: &'a Options,
        is_must: &[bool],
        known: &Search,
        classes: Vec<usize>,
    ) -> Part<'a> {
        let number = classes.iter().enumerate().map(|(at, class)| (*class, at)).collect();
        let needed = classes.iter().filter(|class| known.is_needed(**class));
        let known = needed.map(|class| known.entry(*class).cost).sum();
        let count = classes.len();
        let (least, shared) = (vec![0.0; count], vec![0.0; count]);
        let users = vec![vec![]; count];
        let mut part =
            Part { options, classes, number, least, shared, users, known, steps: vec![] };
        part.share(is_must);
        part
    }

    fn share(&mut self, is_must: &[bool]) {
        for class in 0..self.classes.len() {
            for entry in &self.options.of[self.classes[class]] {
                for kid in self.kids(class, entry) {
                    if !is_must[self.classes[kid]] && self.users[kid].last() != Some(&class) {
                        self.users[kid].push(class);
                    }
                }
            }
        }
        for class in (0..self.classes.len()).rev() {
            let cost = |entry: &Entry| {
                let kids = self.kids(class, entry).into_iter();
                let shared = kids.filter(|kid| !self.users[*kid].is_empty());
                let shares = shared.map(|kid| self.shared[kid] / self.users[kid].len() as f64);
                entry.cost + shares.sum::<f64>()
            };
            let entries = self.options.of[self.classes[class]].iter();
            self.shared[class] = entries.clone().map(cost).fold(f64::INFINITY, f64::min);
            self.least[class] = entries.map(|entry| entry.cost).fold(f64::INFINITY, f64::min);
        }
    }

    /// The kids that are in this part. One that comes before the class is part of a cycle, and not
    /// asked for.
    fn kids(&self, class: usize, entry: &Entry) -> Vec<usize> {
        let kids = entry.kids.iter().filter_map(|kid| self.number.get(kid).copied());
        kids.filter(|kid| *kid > class).collect()
    }

    /// The cost, and the least that is to come after the class is decided: what the open classes
    /// cost on their own, or with their shares of what is below them. In the second sum a class
    /// counts for the shares of the users that are decided, for the others count theirs.
    fn worth(&self, cost: f64, open: &[usize], class: usize) -> f64 {
        let due = |open: &usize| {
            let users = &self.users[*open];
            let before = users.partition_point(|user| *user <= class);
            let part = if users.is_empty() { 1.0 } else { before as f64 / users.len() as f64 };
            self.shared[*open] * part
        };
        let own: f64 = open.iter().map(|open| self.least[*open]).sum();
        cost + own.max(open.iter().map(due).sum())
    }

    /// The least cost, or what it is not below. The options of a choice that is cheaper than the
    /// known one go to `chosen`.
    fn solve(mut self, is_must: &[bool], chosen: &mut [Option<usize>]) -> f64 {
        let open = (0..self.classes.len()).filter(|at| is_must[self.classes[*at]]).collect();
        let mut states = vec![State { open, cost: 0.0, path: None }];
        let width = (STATES / self.classes.len()).max(16);
        for class in 0..self.classes.len() {
            states = self.decide(states, class);
            if states.len() > width {
                self.join(&mut states, class, width);
            }
        }
        // Nothing is open in what is left, which may be no state.
        let Some(best) = states.iter().min_by(|a, b| a.cost.total_cmp(&b.cost)) else {
            return self.known;
        };
        let mut path = best.path;
        while let Some(step) = path {
            let Step { before, class, option } = self.steps[step];
            chosen[self.classes[class]] = Some(option);
            path = before;
        }
        best.cost.min(self.known)
    }

    /// Takes all options of the class where it is open. Of equal sets the cheapest state stays.
    fn decide(&mut self, states: Vec<State>, class: usize) -> Vec<State> {
        let mut place: HashMap<Vec<usize>, usize> = HashMap::new();
        let mut next: Vec<State> = vec![];
        let options = &self.options.of[self.classes[class]];
        for state in states {
            let Ok(at) = state.open.binary_search(&class) else {
                add(&mut next, &mut place, state);
                continue;
            };
            for (option, entry) in options.iter().enumerate() {
                let mut open = state.open.clone();
                open.remove(at);
                open.extend(self.kids(class, entry));
                open.sort();
                open.dedup();
                let cost = state.cost + entry.cost;
                if is_less(self.worth(cost, &open, class), self.known) {
                    self.steps.push(Step { before: state.path, class, option });
                    let path = Some(self.steps.len() - 1);
                    add(&mut next, &mut place, State { open, cost, path });
                }
            }
        }
        next
    }

    /// Makes one state of the worst: it costs what the cheapest of them does, and leaves open what
    /// all of them do.
    fn join(&self, states: &mut Vec<State>, class: usize, width: usize) {
        let worth = |state: &State| self.worth(state.cost, &state.open, class);
        states.sort_by(|a, b| worth(a).total_cmp(&worth(b)).then_with(|| a.open.cmp(&b.open)));
        let rest = states.split_off(width / 2);
        let cost = rest.iter().map(|state| state.cost).fold(f64::INFINITY, f64::min);
        let mut open = rest[0].open.clone();
        for state in &rest {
            open.retain(|class| state.open.binary_search(class).is_ok());
        }
        states.push(State { open, cost, path: None });
    }
}

fn add(states: &mut Vec<State>, place: &mut HashMap<Vec<usize>, usize>, state: State) {
    match place.get(&state.open) {
        None => {
            place.insert(state.open.clone(), states.len());
            states.push(state);
        }
        Some(&at) if state.cost < states[at].cost => states[at] = state,
        Some(_) => {}
    }
}
