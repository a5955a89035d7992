// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The cheapest choice of a term for each class, where a class that several
//! terms share counts once.

use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Choice {
    pub cost: f64,
    pub kids: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Choices {
    /// By class; the first one is the term as it was written, if one was.
    pub options: Vec<Vec<Choice>>,
    /// By class: what it costs if a class without such a price uses it, once.
    pub resident: Vec<Option<f64>>,
    pub roots: Vec<usize>,
}

#[derive(Debug)]
pub struct Extraction {
    /// By class; of classes that are not needed any number.
    pub chosen: Vec<usize>,
    pub cost: f64,
    /// The cost of the first options.
    pub cost_of_first: f64,
}

/// The best of three starts (as written, least tree, least set of classes), each
/// improved by local search. None if a root has no finite term.
pub fn extract(choices: &Choices) -> Option<Extraction> {
    let tree = least_trees(choices);
    let written = vec![0; choices.options.len()];
    let cost_of_first = choices.cost(&written).unwrap_or(f64::INFINITY);
    let mut best: Option<(f64, Vec<usize>)> = None;
    for mut start in [mix(&written, &tree, choices), tree.clone(), least_sets(choices, &tree)] {
        let Some(cost) = choices.cost(&start) else {
            continue;
        };
        let cost = improve(choices, &mut start, cost);
        if best.as_ref().is_none_or(|best| is_less(cost, best.0)) {
            best = Some((cost, start));
        }
    }
    best.map(|(cost, chosen)| Extraction { chosen, cost, cost_of_first })
}

/// Sums in another order differ in their last bits; that is no gain.
fn is_less(a: f64, b: f64) -> bool {
    a < b * (1.0 - 1e-12)
}

/// What was written where the roots need it, the least tree elsewhere.
fn mix(written: &[usize], tree: &[usize], choices: &Choices) -> Vec<usize> {
    let mut mixed = tree.to_vec();
    let mut stack = choices.roots.clone();
    let mut seen = vec![false; mixed.len()];
    while let Some(class) = stack.pop() {
        if !std::mem::replace(&mut seen[class], true) {
            mixed[class] = written[class];
            stack.extend(choices.options[class].first().map_or(&[][..], |choice| &choice.kids));
        }
    }
    mixed
}

impl Choices {
    /// The cost of all classes that the roots need. None for a cycle.
    pub fn cost(&self, chosen: &[usize]) -> Option<f64> {
        let order = self.needed(chosen)?;
        let mut total = 0.0;
        let mut is_resident = vec![false; self.options.len()];
        for class in order {
            let choice = &self.options[class][chosen[class]];
            total += choice.cost;
            if self.resident[class].is_some() {
                continue;
            }
            for kid in &choice.kids {
                if !std::mem::replace(&mut is_resident[*kid], true) {
                    total += self.resident[*kid].unwrap_or(0.0);
                }
            }
        }
        Some(total)
    }

    /// The classes that the roots need, inner ones first. None for a cycle.
    fn needed(&self, chosen: &[usize]) -> Option<Vec<usize>> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.options.len()];
        let mut order = vec![];
        let mut stack: Vec<(usize, usize)> =
            self.roots.iter().rev().map(|root| (*root, 0)).collect();
        while let Some((class, kid)) = stack.pop() {
            if kid == 0 {
                match marks[class] {
                    Mark::New => marks[class] = Mark::Open,
                    Mark::Open => return None,
                    Mark::Done => continue,
                }
            }
            match self.options[class].get(chosen[class])?.kids.get(kid) {
                Some(next) => {
                    stack.push((class, kid + 1));
                    stack.push((*next, 0));
                }
                None => {
                    marks[class] = Mark::Done;
                    order.push(class);
                }
            }
        }
        Some(order)
    }
}

/// For each class the option whose cost as a tree is least.
fn least_trees(choices: &Choices) -> Vec<usize> {
    let count = choices.options.len();
    let mut users: Vec<Vec<usize>> = vec![vec![]; count];
    for (class, options) in choices.options.iter().enumerate() {
        for kid in options.iter().flat_map(|choice| &choice.kids) {
            users[*kid].push(class);
        }
    }
    let mut costs = vec![f64::INFINITY; count];
    let mut chosen = vec![0; count];
    let mut queue: std::collections::VecDeque<usize> = (0..count).collect();
    let mut is_queued = vec![true; count];
    while let Some(class) = queue.pop_front() {
        is_queued[class] = false;
        for (option, choice) in choices.options[class].iter().enumerate() {
            let cost = choice.cost + choice.kids.iter().map(|kid| costs[*kid]).sum::<f64>();
            if is_less(cost, costs[class]) || (costs[class].is_infinite() && cost.is_finite()) {
                costs[class] = cost;
                chosen[class] = option;
                for user in &users[class] {
                    if !std::mem::replace(&mut is_queued[*user], true) {
                        queue.push_back(*user);
                    }
                }
            }
        }
    }
    chosen
}

/// For each class the option whose set of classes is least, its kids' sets being
/// what they are by then; classes in the order of their least trees.
fn least_sets(choices: &Choices, tree: &[usize]) -> Vec<usize> {
    let mut chosen = tree.to_vec();
    let Some(order) = choices.needed(tree) else {
        return chosen;
    };
    let mut sets: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    // Classes that no root's least tree needs come by the round.
    let all: Vec<usize> = order.into_iter().chain(0..choices.options.len()).collect();
    for _ in 0..3 {
        for &class in &all {
            for (option, choice) in choices.options[class].iter().enumerate() {
                let mut set = BTreeMap::from([(class, choice.cost)]);
                let kids: Option<Vec<_>> = choice.kids.iter().map(|kid| sets.get(kid)).collect();
                let Some(kids) = kids else { continue };
                if kids.iter().any(|kid| kid.contains_key(&class)) {
                    continue;
                }
                kids.into_iter().for_each(|kid| set.extend(kid));
                let total = |set: &BTreeMap<usize, f64>| set.values().sum::<f64>();
                if sets.get(&class).is_none_or(|known| is_less(total(&set), total(known))) {
                    sets.insert(class, set);
                    chosen[class] = option;
                }
            }
        }
    }
    chosen
}

/// Switches single classes, and all classes together that can use one shared
/// class, as long as the cost falls.
fn improve(choices: &Choices, chosen: &mut Vec<usize>, mut cost: f64) -> f64 {
    loop {
        let Some(needed) = choices.needed(chosen) else {
            return cost;
        };
        let before = cost;
        for moves in singles(choices, &needed).into_iter().chain(groups(choices, &needed)) {
            let mut tried = chosen.clone();
            for (class, option) in moves {
                tried[class] = option;
            }
            if let Some(new) = choices.cost(&tried)
                && is_less(new, cost)
            {
                cost = new;
                *chosen = tried;
            }
        }
        if !is_less(cost, before) {
            return cost;
        }
    }
}

type Moves = Vec<(usize, usize)>;

fn singles(choices: &Choices, needed: &[usize]) -> Vec<Moves> {
    let options = |class: &usize| {
        let class = *class;
        (0..choices.options[class].len()).map(move |option| vec![(class, option)])
    };
    needed.iter().flat_map(options).collect()
}

fn groups(choices: &Choices, needed: &[usize]) -> Vec<Moves> {
    let mut users: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
    for class in needed {
        for (option, choice) in choices.options[*class].iter().enumerate() {
            for kid in choice.kids.iter().filter(|kid| *kid != class) {
                users.entry(*kid).or_default().entry(*class).or_insert(option);
            }
        }
    }
    let groups = users.into_values().filter(|group| group.len() > 1);
    groups.map(|group| group.into_iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(cost: f64, kids: &[usize]) -> Choice {
        Choice { cost, kids: kids.to_vec() }
    }

    fn choices(options: Vec<Vec<Choice>>, roots: &[usize]) -> Choices {
        Choices { resident: vec![None; options.len()], options, roots: roots.to_vec() }
    }

    #[test]
    fn memory_that_the_load_leaves_counts_once() {
        // Two users (1, 2) of a weight (3); one of them has a cheaper form over another (4).
        let users = [vec![choice(2.0, &[3])], vec![choice(2.0, &[3]), choice(1.0, &[4])]];
        let mut options = vec![vec![choice(0.0, &[1, 2])]];
        options.extend(users);
        options.extend([vec![choice(0.0, &[])], vec![choice(0.0, &[3])]]);
        let mut choices = choices(options, &[0]);
        choices.resident = vec![None, None, None, Some(5.0), Some(5.0)];
        assert_eq!(extract(&choices).unwrap().cost, 9.0);
        // Without the other user the weight itself is not resident.
        choices.roots = vec![2];
        assert_eq!(extract(&choices).unwrap().cost, 6.0);
    }

    #[test]
    fn shared_classes_count_once() {
        // q, k, v (1, 2, 3) each cost 10, or 1 over a merged class (4) of cost 15.
        let mut options = vec![vec![choice(0.0, &[1, 2, 3])]];
        options.extend((0..3).map(|_| vec![choice(10.0, &[]), choice(1.0, &[4])]));
        options.push(vec![choice(15.0, &[])]);
        let mut choices = choices(options, &[0]);
        let merged = extract(&choices).unwrap();
        assert_eq!((merged.cost_of_first, merged.cost), (30.0, 18.0));
        assert_eq!(merged.chosen[1..4], [1, 1, 1]);
        // The next-to-equal case: merging costs more than it saves.
        choices.options[4][0].cost = 28.0;
        assert_eq!(extract(&choices).unwrap().cost, 30.0);
    }

    #[test]
    fn a_term_never_holds_itself() {
        let options = vec![vec![choice(5.0, &[1])], vec![choice(1.0, &[0]), choice(9.0, &[])]];
        let extraction = extract(&choices(options, &[0])).unwrap();
        assert_eq!((extraction.chosen[1], extraction.cost), (1, 14.0));
        let endless = vec![vec![choice(1.0, &[0])]];
        assert!(extract(&choices(endless, &[0])).is_none());
    }

    #[test]
    fn what_was_written_wins_among_equals() {
        let options = vec![vec![choice(0.0, &[1])], vec![choice(2.0, &[]), choice(2.0, &[])]];
        assert_eq!(extract(&choices(options, &[0])).unwrap().chosen[1], 0);
    }

    /// All choices of small random graphs, one after the other.
    #[test]
    fn is_close_to_the_best_of_all_choices() {
        let mut state = 1u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % below
        };
        let (mut found, mut least) = (0.0, 0.0);
        for _ in 0..200 {
            let option = |random: &mut dyn FnMut(u64) -> u64, class: u64| {
                let kids = (0..random(3).min(class)).map(|_| random(class) as usize).collect();
                Choice { cost: (1 + random(9)) as f64, kids }
            };
            let options: Vec<Vec<Choice>> = (0..8)
                .map(|class| (0..1 + random(2)).map(|_| option(&mut random, class)).collect())
                .collect();
            let choices = choices(options, &[7, 6]);
            let all = (0..256usize).map(|bits| (0..8).map(|at| bits >> at & 1).collect::<Vec<_>>());
            let costs = all.filter_map(|chosen| choices.cost(&chosen));
            least += costs.fold(f64::INFINITY, f64::min);
            found += extract(&choices).unwrap().cost;
        }
        assert!(found >= least && found < 1.01 * least, "{found} against {least}");
    }
}
