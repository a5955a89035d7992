// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The cheapest choice of a term for each class, where a class that several
//! terms share counts once: local search from several starts, and a bound that
//! no choice is below.

use crate::bound::bound;
use crate::search::Search;
use crate::trees::{Options, Trees};

#[derive(Debug, Clone)]
pub struct Choice {
    /// Not negative.
    pub cost: f64,
    pub kids: Vec<usize>,
    /// The term stands in the function as it was written.
    pub is_written: bool,
}

#[derive(Debug, Clone)]
pub struct Choices {
    pub options: Vec<Vec<Choice>>,
    pub roots: Vec<usize>,
}

#[derive(Debug)]
pub struct Extraction {
    /// By class; of classes that are not needed any number.
    pub chosen: Vec<usize>,
    /// By class: the roots need it.
    pub needed: Vec<bool>,
    pub cost: f64,
    /// No choice costs less.
    pub bound: f64,
}

impl Choices {
    fn needed(&self, chosen: &[usize]) -> Vec<bool> {
        let mut needed = vec![false; self.options.len()];
        let mut stack = self.roots.clone();
        while let Some(class) = stack.pop() {
            if !std::mem::replace(&mut needed[class], true) {
                stack.extend(&self.options[class][chosen[class]].kids);
            }
        }
        needed
    }
}

/// Sums in another order differ in their last bits; that is no gain.
pub fn is_less(a: f64, b: f64) -> bool {
    a < b * (1.0 - 1e-12)
}

/// Improves the choice, and keeps it if it is the best one.
fn keep<'a>(mut search: Search<'a>, best: &mut Option<Search<'a>>) {
    search.improve(|_| true);
    if best.as_ref().is_none_or(|best| is_less(search.cost(), best.cost())) {
        *best = Some(search);
    }
}

/// The cheapest choice of terms that stand as they were written. None if a root has none.
fn written<'a>(options: &'a Options, trees: &Trees) -> Option<Search<'a>> {
    let is_finite = |kid: &usize| trees.costs[*kid].is_finite();
    if !options.roots.iter().all(is_finite) {
        return None;
    }
    let mut search = Search::new(options, trees, trees);
    search.improve(|option| option.is_written && option.kids.iter().all(is_finite));
    Some(search)
}

/// What terms cost that stand as they were written. None if a root has none.
pub fn cost_of_written(choices: &Choices) -> Option<f64> {
    let options = Options::new(choices)?;
    let trees = options.least_trees(|option| option.is_written);
    written(&options, &trees).map(|search| search.cost())
}

/// None if a root has no finite term.
pub fn extract(choices: &Choices) -> Option<Extraction> {
    let options = Options::new(choices)?;
    let tree = options.least_trees(|_| true);
    let own = options.least_trees(|option| option.is_written);
    let mut best: Option<Search> = None;
    // The terms as they were written are the first start, so they win among equals.
    if let Some(mut search) = written(&options, &own) {
        search.leave_rest_to(&tree);
        keep(search, &mut best);
    }
    keep(Search::new(&options, &tree, &tree), &mut best);
    let known = best.as_ref()?;
    let bound = bound(&options, known);
    let start: Vec<usize> = known.mixed(&bound.chosen);
    if let Some(search) = Search::from(&options, &start, &tree) {
        keep(search, &mut best);
    }
    let best = best?;
    let cost = best.cost();
    let chosen = best.places();
    let needed = choices.needed(&chosen);
    Some(Extraction { chosen, needed, cost, bound: bound.cost.min(cost) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(cost: f64, kids: &[usize]) -> Choice {
        Choice { cost, kids: kids.to_vec(), is_written: false }
    }

    /// The first option of each class is the written one.
    fn choices(mut options: Vec<Vec<Choice>>, roots: &[usize]) -> Choices {
        options.iter_mut().for_each(|own| own[0].is_written = true);
        Choices { options, roots: roots.to_vec() }
    }

    #[test]
    fn shared_classes_count_once() {
        // q, k, v (1, 2, 3) each cost 10, or 1 over a merged class (4) of cost 15.
        let mut options = vec![vec![choice(0.0, &[1, 2, 3])]];
        options.extend((0..3).map(|_| vec![choice(10.0, &[]), choice(1.0, &[4])]));
        options.push(vec![choice(15.0, &[])]);
        let mut choices = choices(options, &[0]);
        let merged = extract(&choices).unwrap();
        assert_eq!(cost_of_written(&choices), Some(30.0));
        assert_eq!((merged.cost, merged.bound), (18.0, 18.0));
        assert_eq!(merged.chosen[1..4], [1, 1, 1]);
        // The next-to-equal case: merging costs more than it saves.
        choices.options[4][0].cost = 28.0;
        let apart = extract(&choices).unwrap();
        assert_eq!((apart.cost, apart.bound), (30.0, 30.0));
    }

    #[test]
    fn a_group_leaves_out_who_is_better_off_without() {
        // As above, but k has a third form for 2, and v none over the merged class alone.
        let mut options = vec![vec![choice(0.0, &[1, 2, 3])]];
        options.extend((0..3).map(|_| vec![choice(10.0, &[]), choice(1.0, &[4])]));
        options[2][0].cost = 0.5;
        options.push(vec![choice(15.0, &[])]);
        let found = extract(&choices(options, &[0])).unwrap();
        assert_eq!((found.cost, found.chosen[2]), (17.5, 0));
    }

    #[test]
    fn what_was_written_costs_no_less_for_what_was_not() {
        // A value in memory (1) or in registers (2), where only another form is cheap.
        let options = vec![
            vec![choice(0.0, &[1]), choice(0.0, &[2])],
            vec![choice(10.0, &[])],
            vec![choice(20.0, &[]), choice(1.0, &[])],
        ];
        let mut choices = choices(options, &[0]);
        choices.options[0][1].is_written = true;
        let found = extract(&choices).unwrap();
        assert_eq!((cost_of_written(&choices), found.cost), (Some(10.0), 1.0));
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
        let options = vec![
            vec![choice(0.0, &[1])],
            vec![choice(2.0, &[]), choice(2.0, &[2])],
            vec![choice(0.0, &[])],
        ];
        for written in [0, 1] {
            let mut choices = choices(options.clone(), &[0]);
            choices.options[1].iter_mut().enumerate().for_each(|(at, choice)| {
                choice.is_written = at == written;
            });
            assert_eq!(extract(&choices).unwrap().chosen[1], written);
        }
    }

    /// All choices of small random graphs, one after the other.
    #[test]
    fn is_close_to_the_best_of_all_choices() {
        let mut random = crate::testing::random(1);
        let (mut found, mut bound, mut least) = (0.0, 0.0, 0.0);
        for _ in 0..300 {
            let option = |random: &mut dyn FnMut(u64) -> u64| {
                let kids = (0..random(3)).map(|_| random(8) as usize).collect();
                Choice { cost: (1 + random(9)) as f64, kids, is_written: true }
            };
            let options: Vec<Vec<Choice>> =
                (0..8).map(|_| (0..1 + random(2)).map(|_| option(&mut random)).collect()).collect();
            let choices = Choices { options, roots: vec![7, 6] };
            let all = (0..256usize).map(|bits| (0..8).map(|at| bits >> at & 1).collect::<Vec<_>>());
            let best =
                all.filter_map(|chosen| cost(&choices, &chosen)).fold(f64::INFINITY, f64::min);
            let Some(extraction) = extract(&choices) else {
                assert!(best.is_infinite());
                continue;
            };
            assert_eq!(cost(&choices, &extraction.chosen), Some(extraction.cost));
            assert!(extraction.bound <= best * (1.0 + 1e-12) && best <= extraction.cost);
            (found, bound, least) =
                (found + extraction.cost, bound + extraction.bound, least + best);
        }
        assert!(found < 1.005 * least, "{found} against {least}");
        assert!(bound > 0.95 * least, "{bound} against {least}");
    }

    /// Layers of three projections of a norm that are cheaper as one, over the norm or over it
    /// scaled, and two more whose merge costs more than it saves; 10 classes each.
    fn layers(count: usize) -> Choices {
        let mut options = vec![vec![choice(0.0, &[])]];
        for layer in 0..count {
            let (x, at) = (10 * layer, 10 * layer + 1);
            let (norm, scaled) = (at, at + 1);
            options.push(vec![choice(2.0, &[x])]);
            options.push(vec![choice(0.3, &[norm])]);
            for _ in 0..3 {
                let own = [choice(7.0, &[scaled]), choice(7.1, &[norm]), choice(0.1, &[at + 5])];
                options.push(own.to_vec());
            }
            options.push(vec![choice(16.0, &[scaled]), choice(16.2, &[norm])]);
            for _ in 0..2 {
                options.push(vec![choice(9.0, &[at + 2, at + 3, at + 4]), choice(0.1, &[at + 8])]);
            }
            options.push(vec![choice(18.0, &[at + 2, at + 3, at + 4])]);
            options.push(vec![choice(1.0, &[x, at + 6, at + 7])]);
        }
        choices(options, &[10 * count])
    }

    #[test]
    fn finds_and_proves_the_best_of_deep_graphs() {
        for count in [1, 8, 200] {
            let extraction = extract(&layers(count)).unwrap();
            // Each layer: the norm, one contraction over it, three cuts, two more terms and the sum.
            let best = (2.0 + 16.2 + 0.3 + 18.0 + 1.0) * count as f64;
            for found in [extraction.cost, extraction.bound] {
                assert!((found - best).abs() < 1e-9 * best, "{found} of {best}");
            }
        }
    }

    /// What a choice costs, by the definition. None for a cycle.
    fn cost(choices: &Choices, chosen: &[usize]) -> Option<f64> {
        fn visit(
            class: usize,
            choices: &Choices,
            chosen: &[usize],
            path: &mut Vec<usize>,
            seen: &mut std::collections::BTreeSet<usize>,
        ) -> Option<()> {
            if path.contains(&class) {
                return None;
            }
            path.push(class);
            for kid in &choices.options[class].get(chosen[class])?.kids {
                visit(*kid, choices, chosen, path, seen)?;
            }
            seen.insert(class);
            path.pop();
            Some(())
        }
        let (mut seen, mut path) = (Default::default(), vec![]);
        for root in &choices.roots {
            visit(*root, choices, chosen, &mut path, &mut seen)?;
        }
        Some(seen.into_iter().map(|class| choices.options[class][chosen[class]].cost).sum())
    }
}
