// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Local search: a choice of options whose cost is known after each switch, at
//! the price of what the switch changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::is_less;
use crate::trees::{Entry, Options, Trees};

/// An option for each class. Those that the roots need form no cycle.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    options: &'a Options,
    chosen: Vec<usize>,
    /// By class: how many roots and needed options need it.
    uses: Vec<u32>,
    /// By class: how many kids of its option are counted in `uses` and ordered.
    linked: Vec<usize>,
    /// All classes; of needed ones the kids come first.
    order: Vec<usize>,
    /// By class: where it stands in `order`.
    rank: Vec<usize>,
    cost: f64,
}

type Switch = (usize, usize);

impl<'a> Search<'a> {
    /// Starts from least trees where the roots need them, and from `others` elsewhere.
    pub fn new(options: &'a Options, start: &Trees, others: &Trees) -> Search<'a> {
        let mut chosen = others.chosen.clone();
        let mut stack = options.roots.clone();
        let mut seen = vec![false; chosen.len()];
        while let Some(class) = stack.pop() {
            if !std::mem::replace(&mut seen[class], true) {
                chosen[class] = start.chosen[class];
                stack.extend(&options.of[class][chosen[class]].kids);
            }
        }
        Search::from(options, &chosen, start).expect("least trees form no cycle")
    }

    /// None if the options form a cycle below the roots.
    pub fn from(options: &'a Options, chosen: &[usize], near: &Trees) -> Option<Search<'a>> {
        let count = chosen.len();
        let mut order = near.order.clone();
        let mut is_in = vec![false; count];
        order.iter().for_each(|class| is_in[*class] = true);
        order.extend((0..count).filter(|class| !is_in[*class]));
        let mut rank = vec![0; count];
        order.iter().enumerate().for_each(|(at, class)| rank[*class] = at);
        let (uses, linked) = (vec![0; count], vec![0; count]);
        let chosen = chosen.to_vec();
        let mut search = Search { options, chosen, uses, linked, order, rank, cost: 0.0 };
        for root in &options.roots {
            search.uses[*root] += 1;
            if search.uses[*root] == 1 {
                search.cost += search.entry(*root).cost;
                if !search.link(*root) {
                    return None;
                }
            }
        }
        search.cost = search.exact_cost();
        Some(search)
    }

    /// Classes that are not needed get the options of `others`.
    pub fn leave_rest_to(&mut self, others: &Trees) {
        for class in (0..self.chosen.len()).filter(|class| self.uses[*class] == 0) {
            self.chosen[class] = others.chosen[class];
        }
    }

    pub fn cost(&self) -> f64 {
        self.cost
    }

    pub fn is_needed(&self, class: usize) -> bool {
        self.uses[class] > 0
    }

    /// Its options, but others where there are some.
    pub fn mixed(&self, others: &[Option<usize>]) -> Vec<usize> {
        self.chosen.iter().zip(others).map(|(own, other)| other.unwrap_or(*own)).collect()
    }

    /// Of each class the number of the choice that its option is.
    pub fn places(&self) -> Vec<usize> {
        let place = |(class, option): (usize, &usize)| {
            self.options.of[class].get(*option).map_or(0, |entry| entry.place)
        };
        self.chosen.iter().enumerate().map(place).collect()
    }

    pub fn entry(&self, class: usize) -> &'a Entry {
        &self.options.of[class][self.chosen[class]]
    }

    /// The sum in a fixed order, without what switches leave in the last bits.
    fn exact_cost(&self) -> f64 {
        let needed = (0..self.chosen.len()).filter(|class| self.is_needed(*class));
        needed.map(|class| self.entry(class).cost).fold(0.0, |sum, cost| sum + cost)
    }

    /// Switches single classes, and all classes together that can use one shared class, as long as
    /// the cost falls.
    pub fn improve(&mut self, is_allowed: impl Fn(&Entry) -> bool) {
        loop {
            let before = self.cost;
            for class in self.needed_users_first() {
                for option in 0..self.options.of[class].len() {
                    if is_allowed(&self.options.of[class][option]) {
                        self.try_single(class, option);
                    }
                }
            }
            for group in self.groups(&is_allowed) {
                self.try_group(&group);
            }
            self.cost = self.exact_cost();
            if !is_less(self.cost, before) {
                return;
            }
        }
    }

    fn needed_users_first(&self) -> Vec<usize> {
        self.order.iter().rev().copied().filter(|class| self.is_needed(*class)).collect()
    }

    /// The needed classes that have an option with a kid in common, and that option, by the kid.
    fn groups(&self, is_allowed: impl Fn(&Entry) -> bool) -> Vec<Vec<Switch>> {
        let mut users: BTreeMap<usize, Vec<Switch>> = BTreeMap::new();
        for class in (0..self.chosen.len()).filter(|class| self.is_needed(*class)) {
            for (option, entry) in self.options.of[class].iter().enumerate() {
                if !is_allowed(entry) {
                    continue;
                }
                for kid in &entry.kids {
                    let group = users.entry(*kid).or_default();
                    if group.last().is_none_or(|last| last.0 != class) {
                        group.push((class, option));
                    }
                }
            }
        }
        users.into_values().filter(|group| group.len() > 1).collect()
    }

    fn try_single(&mut self, class: usize, option: usize) -> bool {
        let (before, old) = (self.cost, self.chosen[class]);
        if option == old || !self.is_needed(class) {
            return false;
        }
        if !self.switch(class, option) {
            return false;
        }
        if is_less(self.cost, before) {
            return true;
        }
        self.switch(class, old);
        self.cost = before;
        false
    }

    /// Keeps the group, less the members that are better off without, if that is cheaper.
    fn try_group(&mut self, group: &[Switch]) {
        let before = self.cost;
        let mut undo: Vec<Switch> = vec![];
        for &(class, option) in group {
            let old = self.chosen[class];
            if option == old || !self.is_needed(class) {
                continue;
            }
            if self.switch(class, option) {
                undo.push((class, old));
            }
        }
        if undo.len() > 1 {
            for &(class, old) in &undo {
                self.try_single(class, old);
            }
            if is_less(self.cost, before) {
                return;
            }
        }
        for (class, old) in undo.into_iter().rev() {
            self.switch(class, old);
        }
        self.cost = before;
    }

    /// Gives the class another option. False if that would make a cycle: nothing changes then.
    fn switch(&mut self, class: usize, option: usize) -> bool {
        let (before, old) = (self.cost, self.chosen[class]);
        let old_entry = self.entry(class);
        self.chosen[class] = option;
        if !self.is_needed(class) {
            return true;
        }
        self.cost += self.entry(class).cost - old_entry.cost;
        self.linked[class] = 0;
        if self.link(class) {
            self.unlink(old_entry);
            return true;
        }
        self.unlink(self.entry(class));
        self.chosen[class] = old;
        for (at, kid) in old_entry.kids.iter().enumerate() {
            self.linked[class] = at;
            self.put_before(*kid, class);
        }
        self.linked[class] = old_entry.kids.len();
        self.cost = before;
        false
    }

    /// Counts and orders what a needed class needs. False if there is a cycle: then all is counted,
    /// but not all is ordered.
    fn link(&mut self, class: usize) -> bool {
        let mut is_acyclic = true;
        let mut stack = vec![class];
        while let Some(&user) = stack.last() {
            let Some(&kid) = self.entry(user).kids.get(self.linked[user]) else {
                stack.pop();
                continue;
            };
            self.linked[user] += 1;
            self.uses[kid] += 1;
            if self.uses[kid] == 1 {
                self.cost += self.entry(kid).cost;
                self.linked[kid] = 0;
                stack.push(kid);
            }
            is_acyclic = is_acyclic && self.put_before(kid, user);
        }
        is_acyclic
    }

    fn unlink(&mut self, old: &'a Entry) {
        let mut stack = vec![old];
        while let Some(entry) = stack.pop() {
            for kid in &entry.kids {
                self.uses[*kid] -= 1;
                if self.uses[*kid] == 0 {
                    let entry = self.entry(*kid);
                    self.cost -= entry.cost;
                    stack.push(entry);
                }
            }
        }
    }

    /// Moves the kid, and what it needs that stands behind the user, to the user's place. False if
    /// the user is among that.
    fn put_before(&mut self, kid: usize, user: usize) -> bool {
        let (first, last) = (self.rank[user], self.rank[kid]);
        if last < first {
            return true;
        }
        let mut moved = vec![kid];
        let mut is_moved = BTreeSet::from([kid]);
        let mut at = 0;
        while let Some(&class) = moved.get(at) {
            at += 1;
            if class == user {
                return false;
            }
            for next in &self.entry(class).kids[..self.linked[class]] {
                if self.rank[*next] >= first && is_moved.insert(*next) {
                    moved.push(*next);
                }
            }
        }
        moved.sort_by_key(|class| self.rank[*class]);
        let rest = self.order[first..=last].iter().filter(|class| !is_moved.contains(*class));
        moved.extend(rest);
        for (offset, class) in moved.into_iter().enumerate() {
            self.order[first + offset] = class;
            self.rank[class] = first + offset;
        }
        true
    }
}
