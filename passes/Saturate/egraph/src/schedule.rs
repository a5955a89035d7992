// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! When laws are tried. Laws that match often can be put off, as egg's
//! `BackoffScheduler` does, so that they leave room to the others.

use crate::axes::Match;
use crate::rounds::Statistic;

/// All laws in each round, unless there is a limit of matches.
#[derive(Debug, Default)]
pub struct Schedule {
    /// Matches of a law in a round up to which it is applied, and rounds for which it is put off
    /// else. Both double with each time.
    backoff: Option<(usize, usize)>,
    /// By law.
    bans: Vec<Ban>,
}

#[derive(Debug, Clone, Default)]
struct Ban {
    count: usize,
    /// The round in which the law is tried again.
    until: usize,
    /// Matches of it were not applied.
    has_missed: bool,
}

impl Schedule {
    /// egg's own numbers are 1,000 matches and 5 rounds.
    pub fn backoff(laws: usize, matches: usize, rounds: usize) -> Schedule {
        Schedule { backoff: Some((matches, rounds)), bans: vec![Ban::default(); laws] }
    }

    pub fn is_banned(&self, law: usize, round: usize) -> bool {
        self.bans.get(law).is_some_and(|ban| round < ban.until)
    }

    /// True if the law is to be looked for in classes that did not change, too.
    pub fn has_missed(&self, law: usize) -> bool {
        self.bans.get(law).is_some_and(|ban| ban.has_missed)
    }

    /// Drops the matches of laws that have too many.
    pub fn put_off(
        &mut self,
        round: usize,
        found: &mut [Vec<Match>],
        statistics: &mut [Statistic],
    ) {
        let Some((matches, rounds)) = self.backoff else {
            return;
        };
        for ((ban, found), statistic) in self.bans.iter_mut().zip(found).zip(statistics) {
            if round < ban.until {
                ban.has_missed = true;
                continue;
            }
            ban.has_missed = found.len() > matches.saturating_mul(1 << ban.count.min(32));
            if ban.has_missed {
                ban.until = round + (rounds << ban.count.min(32));
                ban.count += 1;
                statistic.bans += 1;
                found.clear();
            }
        }
    }

    /// After a round in which nothing was new: lets the laws be tried next that were to be tried
    /// first of those put off. False if none is.
    pub fn resume(&mut self, round: usize) -> bool {
        let waiting = self.bans.iter().filter(|ban| ban.has_missed);
        let Some(first) = waiting.map(|ban| ban.until).min() else {
            return false;
        };
        let early = first.saturating_sub(round + 1);
        self.bans.iter_mut().for_each(|ban| ban.until = ban.until.saturating_sub(early));
        true
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use egg::Id;

    use super::*;
    use crate::facts::{FactsOf, TermGraph};
    use crate::law::{Law, parse};
    use crate::rounds::{Limits, Rounds, Stop};
    use crate::term::Term;
    use crate::testing::World;

    const LAWS: &str = "law cancel B =>
  dims r
  vars x:r
  lhs (neg (neg x))
  rhs x
  why test

law same B =>
  dims r
  vars x:r
  lhs (abs (abs x))
  rhs (abs x)
  why test\n";

    /// Three places of the first law and one of the second. The classes of both sides of each.
    fn graph(world: &Rc<World>) -> (TermGraph, Vec<[Id; 2]>) {
        let mut graph = TermGraph::new(FactsOf::new(world.clone())).with_explanations_enabled();
        let mut sides = vec![];
        for (name, head) in [("x", "neg"), ("y", "neg"), ("z", "neg"), ("x", "abs")] {
            let leaf = Term { head: world.id(&format!("{name}: 8 f32")), kids: vec![] };
            let leaf = graph.add_uncanonical(leaf);
            let head = world.id(&format!("tern.{head}"));
            let once = graph.add_uncanonical(Term { head, kids: vec![leaf] });
            let twice = graph.add_uncanonical(Term { head, kids: vec![once] });
            sides.push([twice, if name == "x" && sides.len() == 3 { once } else { leaf }]);
        }
        graph.rebuild();
        (graph, sides)
    }

    fn run(schedule: Schedule, nodes: usize) -> (Stop, usize, Vec<Statistic>, Vec<bool>) {
        let world = Rc::new(World::default());
        let laws: Vec<Law> = parse("test.rules", LAWS, world.as_ref()).unwrap();
        let (mut graph, sides) = graph(&world);
        let mut rounds = Rounds::new(&graph, &laws, Limits { iterations: 16, nodes });
        rounds.schedule = schedule;
        let stop = rounds.run(&mut graph).unwrap();
        let equal = sides.iter().map(|[a, b]| graph.find(*a) == graph.find(*b)).collect();
        (stop, rounds.iterations, rounds.statistics, equal)
    }

    #[test]
    fn a_law_with_many_matches_is_put_off_and_tried_later() {
        let (stop, iterations, statistics, equal) = run(Schedule::default(), 100);
        assert_eq!((stop, iterations, statistics[0].bans), (Stop::Saturated, 2, 0));
        assert_eq!(equal, [true; 4]);
        // Two matches are few enough in the first round, and four in the next try.
        let (stop, iterations, statistics, equal) = run(Schedule::backoff(2, 2, 5), 100);
        assert_eq!((stop, statistics[0].bans, statistics[1].bans), (Stop::Saturated, 1, 0));
        assert!(iterations > 2, "{iterations}");
        assert_eq!(equal, [true; 4]);
        // One match, then two, then four: put off twice.
        assert_eq!(run(Schedule::backoff(2, 1, 5), 100).2[0].bans, 2);
    }
}
