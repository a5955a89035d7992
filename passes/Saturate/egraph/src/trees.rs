// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The choices without those that can't be of use, and the least tree of each class.

use std::collections::{HashMap, VecDeque};

use crate::extract::{Choice, Choices, is_less};

/// A choice that can be of use. Its kids are different classes, none of them free.
#[derive(Debug)]
pub struct Entry {
    pub cost: f64,
    pub kids: Vec<usize>,
    pub is_written: bool,
    /// Its number among the choices of its class.
    pub place: usize,
}

#[derive(Debug)]
pub struct Options {
    pub of: Vec<Vec<Entry>>,
    pub roots: Vec<usize>,
    /// The classes of finite cost, kids of all options first where there is no cycle.
    pub order: Vec<usize>,
}

/// The least cost of each class if nothing were shared, and the option that has it.
#[derive(Debug)]
pub struct Trees {
    pub costs: Vec<f64>,
    pub chosen: Vec<usize>,
    /// All classes of finite cost, kids of the chosen options first.
    pub order: Vec<usize>,
}

impl Options {
    /// None if a root has no finite term.
    pub fn new(choices: &Choices) -> Option<Options> {
        let free: Vec<bool> = choices.options.iter().map(|all| is_free(all)).collect();
        let mut options = Options { of: vec![], roots: choices.roots.clone(), order: vec![] };
        for (class, all) in choices.options.iter().enumerate() {
            let mut own = vec![];
            for (place, choice) in all.iter().enumerate() {
                if free[class] && !(choice.cost == 0.0 && choice.kids.is_empty()) {
                    continue;
                }
                let mut kids: Vec<usize> =
                    choice.kids.iter().copied().filter(|kid| !free[*kid]).collect();
                kids.sort();
                kids.dedup();
                let (cost, is_written) = (choice.cost, choice.is_written);
                own.push(Entry { cost, kids, is_written, place });
            }
            options.of.push(own);
        }
        let costs = options.least_trees(|_| true).costs;
        if options.roots.iter().any(|root| costs[*root].is_infinite()) {
            return None;
        }
        for (class, own) in options.of.iter_mut().enumerate() {
            let is_finite = |kid: &usize| *kid != class && costs[*kid].is_finite();
            own.retain(|entry| entry.kids.iter().all(is_finite));
            drop_dominated(own);
        }
        for component in options.components() {
            while component.len() > 1 && options.drop_endless(&component) {}
        }
        options.order = options.components().concat();
        options.order.retain(|class| costs[*class].is_finite());
        Some(options)
    }

    /// All classes in the largest sets each of which may need all others; what a set may need comes
    /// before it.
    fn components(&self) -> Vec<Vec<usize>> {
        // Tarjan's algorithm. `low` is the first class on the path that is known to be reached.
        let count = self.of.len();
        let (mut found, mut path, mut components) = (0, vec![], vec![]);
        let (mut index, mut low) = (vec![usize::MAX; count], vec![usize::MAX; count]);
        let kids: Vec<Vec<usize>> = self.of.iter().map(|own| kids_of(own)).collect();
        for first in 0..count {
            let mut stack = if index[first] == usize::MAX { vec![(first, 0)] } else { vec![] };
            while let Some((class, next)) = stack.pop() {
                if next == 0 {
                    (index[class], low[class]) = (found, found);
                    found += 1;
                    path.push(class);
                }
                if let Some(&kid) = kids[class].get(next) {
                    stack.push((class, next + 1));
                    if index[kid] == usize::MAX {
                        stack.push((kid, 0));
                    } else {
                        low[class] = low[class].min(low[kid]);
                    }
                    continue;
                }
                if let Some(&(user, _)) = stack.last() {
                    low[user] = low[user].min(low[class]);
                }
                if low[class] == index[class] {
                    let at = path.iter().rposition(|known| *known == class).unwrap_or(0);
                    let component = path.split_off(at);
                    component.iter().for_each(|class| low[*class] = usize::MAX);
                    components.push(component);
                }
            }
        }
        components
    }

    /// Drops options that need their own class whatever their kids are. True if there were some.
    fn drop_endless(&mut self, cycle: &[usize]) -> bool {
        let musts = self.musts(cycle, cycle);
        let mut is_new = false;
        for (bit, class) in cycle.iter().enumerate() {
            let own = &mut self.of[*class];
            let before = own.len();
            own.retain(|entry| {
                entry.kids.iter().all(|kid| !cycle.contains(kid) || !musts.holds(*kid, bit))
            });
            is_new |= own.len() < before;
        }
        is_new
    }

    /// Which of the `candidates` each of `classes` must contain: itself and, whatever option is
    /// taken, what the kids must: the largest such sets.
    pub fn musts(&self, classes: &[usize], candidates: &[usize]) -> Musts {
        let words = candidates.len().div_ceil(64);
        let mut musts = Musts { sets: HashMap::new() };
        for class in classes {
            musts.sets.insert(*class, vec![u64::MAX; words]);
        }
        let bits: HashMap<usize, usize> =
            candidates.iter().enumerate().map(|(bit, class)| (*class, bit)).collect();
        let mut is_new = true;
        while is_new {
            is_new = false;
            for class in classes {
                let mut set = vec![u64::MAX; words];
                for entry in &self.of[*class] {
                    let mut own = vec![0; words];
                    for kid in entry.kids.iter().filter_map(|kid| musts.sets.get(kid)) {
                        own.iter_mut().zip(kid).for_each(|(own, kid)| *own |= kid);
                    }
                    set.iter_mut().zip(own).for_each(|(set, own)| *set &= own);
                }
                if let Some(bit) = bits.get(class) {
                    set[bit / 64] |= 1 << (bit % 64);
                }
                is_new |= musts.sets.insert(*class, set.clone()) != Some(set);
            }
        }
        musts
    }

    /// Of the options that `is_allowed`, those of least cost. Options of classes of infinite cost
    /// are left at 0.
    pub fn least_trees(&self, is_allowed: impl Fn(&Entry) -> bool) -> Trees {
        let count = self.of.len();
        let mut users: Vec<Vec<usize>> = vec![vec![]; count];
        for (class, own) in self.of.iter().enumerate() {
            for kid in own.iter().flat_map(|entry| &entry.kids) {
                if users[*kid].last() != Some(&class) {
                    users[*kid].push(class);
                }
            }
        }
        let (mut costs, mut chosen) = (vec![f64::INFINITY; count], vec![0; count]);
        let mut queue: VecDeque<usize> = (0..count).collect();
        let mut is_queued = vec![true; count];
        while let Some(class) = queue.pop_front() {
            is_queued[class] = false;
            for (option, entry) in self.of[class].iter().enumerate() {
                let cost = entry.cost + entry.kids.iter().map(|kid| costs[*kid]).sum::<f64>();
                let is_first = costs[class].is_infinite() && cost.is_finite();
                if !is_allowed(entry) || !(is_first || is_less(cost, costs[class])) {
                    continue;
                }
                (costs[class], chosen[class]) = (cost, option);
                for user in &users[class] {
                    if !std::mem::replace(&mut is_queued[*user], true) {
                        queue.push_back(*user);
                    }
                }
            }
        }
        let order = self.order(&costs, &chosen);
        Trees { costs, chosen, order }
    }

    fn order(&self, costs: &[f64], chosen: &[usize]) -> Vec<usize> {
        let mut order = vec![];
        let mut next = vec![0; costs.len()];
        for first in (0..costs.len()).filter(|class| costs[*class].is_finite()) {
            let mut stack = if next[first] == 0 { vec![first] } else { vec![] };
            while let Some(&class) = stack.last() {
                let kids = &self.of[class][chosen[class]].kids;
                next[class] += 1;
                match kids.get(next[class] - 1) {
                    Some(kid) if next[*kid] == 0 => stack.push(*kid),
                    Some(_) => {}
                    None => {
                        order.push(class);
                        stack.pop();
                    }
                }
            }
        }
        order
    }
}

/// Sets of candidates by class.
pub struct Musts {
    sets: HashMap<usize, Vec<u64>>,
}

impl Musts {
    /// True if the class must contain the candidate of that number.
    pub fn holds(&self, class: usize, bit: usize) -> bool {
        self.sets.get(&class).is_some_and(|set| set[bit / 64] >> (bit % 64) & 1 == 1)
    }
}

fn kids_of(own: &[Entry]) -> Vec<usize> {
    let mut kids: Vec<usize> = own.iter().flat_map(|entry| entry.kids.iter().copied()).collect();
    kids.sort();
    kids.dedup();
    kids
}

/// True if nothing is cheaper than a term that costs nothing and needs nothing, such as a leaf. One
/// that was not written does not hide what was.
fn is_free(all: &[Choice]) -> bool {
    let is_leaf = |choice: &&Choice| choice.cost == 0.0 && choice.kids.is_empty();
    let has_written = all.iter().any(|choice| choice.is_written);
    all.iter().filter(is_leaf).any(|choice| choice.is_written || !has_written)
}

/// Drops options that need what another one needs, and more, and cost no less. What was written
/// stays.
fn drop_dominated(own: &mut Vec<Entry>) {
    let is_subset =
        |few: &[usize], many: &[usize]| few.iter().all(|kid| many.binary_search(kid).is_ok());
    let mut is_kept = vec![true; own.len()];
    for (at, entry) in own.iter().enumerate().filter(|(_, entry)| !entry.is_written) {
        is_kept[at] = !own.iter().enumerate().any(|(other, better)| {
            let is_same = better.cost == entry.cost && better.kids.len() == entry.kids.len();
            other != at
                && is_kept[other]
                && better.cost <= entry.cost
                && is_subset(&better.kids, &entry.kids)
                && (!is_same || other < at || better.is_written)
        });
    }
    let mut is_kept = is_kept.into_iter();
    own.retain(|_| is_kept.next().unwrap_or(true));
}
