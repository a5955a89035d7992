// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Finds the composite operations that a function spells in primitives. No cost is
//! asked for: what a law defines stands for its definition, so that whatever comes
//! after this sees one function, however it was written.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use egg::{Id, Language};

use crate::Failure;
use crate::engine::{Outcome, encode};
use crate::explain;
use crate::facts::{FactsOf, TermGraph};
use crate::law::Law;
use crate::offer::is_definition;
use crate::oracle::Oracle;
use crate::rounds::{Limits, Rounds};
use crate::term::{Graph, Term};

/// The function with its composites, and the proof that it is equal.
pub fn find(
    input: &Graph,
    laws: &[Law],
    oracle: Rc<dyn Oracle>,
    limits: Limits,
    proves: bool,
) -> Result<Outcome, Failure> {
    let laws: Vec<Law> = laws.iter().filter(|law| is_definition(law)).cloned().collect();
    let mut graph = TermGraph::new(FactsOf::new(oracle))
        .with_explanations_enabled()
        .without_explanation_length_optimization();
    let ids = encode(&mut graph, input)?;
    let mut rounds = Rounds::new(&graph, &laws, limits);
    let stop = rounds.run(&mut graph)?;
    let best = shallowest(&graph, input, &ids);
    let mut outcome = Outcome { best, stop, iterations: rounds.iterations, ..Outcome::default() };
    if proves {
        let roots: Vec<Id> = input.roots.iter().map(|root| ids[*root as usize]).collect();
        outcome.proof = Some(explain::prove(&mut graph, &laws, &roots, &outcome.best)?);
    }
    Ok(outcome)
}

/// The terms of the roots of least depth. A composite is never deeper than what it
/// stands for; where it is as deep, it goes before what was written.
fn shallowest<'a>(graph: &'a TermGraph, input: &Graph, ids: &[Id]) -> Graph {
    let canonical = |node: usize| Term {
        head: input.heads[node],
        kids: input.kids(node).iter().map(|kid| graph.find(ids[*kid as usize])).collect(),
    };
    let written: HashSet<Term> = (0..ids.len()).map(canonical).collect();
    let mut classes: Vec<Id> = graph.classes().map(|class| class.id).collect();
    // egg keeps them in a hash table.
    classes.sort_unstable();
    let mut chosen: HashMap<Id, (usize, bool, &'a Term)> = HashMap::new();
    let mut is_new = true;
    while is_new {
        is_new = false;
        for class in &classes {
            let known = |term: &'a Term| {
                let depths = term.kids.iter().map(|kid| Some(chosen.get(&graph.find(*kid))?.0 + 1));
                let depths: Option<Vec<usize>> = depths.collect();
                Some((depths?.into_iter().max().unwrap_or(0), written.contains(term), term))
            };
            let best = graph[*class].nodes.iter().filter_map(known).min();
            if best.is_some() && best != chosen.get(class).copied() {
                chosen.extend(best.map(|best| (*class, best)));
                is_new = true;
            }
        }
    }
    let mut best = Graph::default();
    let mut places: HashMap<Id, u32> = HashMap::new();
    for root in &input.roots {
        let mut stack = vec![graph.find(ids[*root as usize])];
        while let Some(&class) = stack.last() {
            let term = chosen[&class].2;
            let kids = term.children().iter().map(|kid| graph.find(*kid));
            let open: Vec<Id> = kids.clone().filter(|kid| !places.contains_key(kid)).collect();
            if !open.is_empty() && !places.contains_key(&class) {
                stack.extend(open.into_iter().rev());
                continue;
            }
            stack.pop();
            let kids: Vec<u32> = kids.map(|kid| places[&kid]).collect();
            places.entry(class).or_insert_with(|| best.push(term.head, &kids));
        }
        best.roots.push(places[&graph.find(ids[*root as usize])]);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::parse;
    use crate::testing::World;

    const LAWS: &str = "law activation-sigmoid R =>
  dims r
  vars x:r
  lhs (recip (add 1 (exp (neg x))))
  rhs (sigmoid x)
  why test

law activation-silu R =>
  dims r
  vars x:r
  lhs (mul x (sigmoid x))
  rhs (silu x)
  why test

law other R =>
  dims r
  vars x:r
  lhs (neg (neg x))
  rhs x
  why test\n";

    /// x / (1 + e^-y), and its negative twice, which no definition is about.
    fn found(is_silu: bool) -> String {
        let world = Rc::new(World::default());
        let mut graph = Graph::default();
        let leaf = |graph: &mut Graph, text: &str| graph.push(world.id(text), &[]);
        let term = |graph: &mut Graph, head: &str, kids: &[u32]| {
            graph.push(world.id(&format!("tern.{head}")), kids)
        };
        let (x, y) = (leaf(&mut graph, "x: 8 f32"), leaf(&mut graph, "y: 8 f32"));
        let value = leaf(&mut graph, "dense 1");
        let one = term(&mut graph, "constant", &[value]);
        let negative = term(&mut graph, "neg", &[if is_silu { x } else { y }]);
        let power = term(&mut graph, "exp", &[negative]);
        let sum = term(&mut graph, "add", &[power, one]);
        let part = term(&mut graph, "recip", &[sum]);
        let product = term(&mut graph, "mul", &[part, x]);
        let once = term(&mut graph, "neg", &[product]);
        graph.roots = vec![term(&mut graph, "neg", &[once])];
        let laws = parse("test.rules", LAWS, world.as_ref()).unwrap();
        let limits = Limits { iterations: 8, nodes: 1000 };
        let outcome = find(&graph, &laws, world.clone(), limits, true).unwrap();
        assert!(outcome.proof.is_some());
        world.print(&outcome.best, outcome.best.roots[0])
    }

    #[test]
    fn composites_stand_for_their_definitions_and_all_else_stays() {
        assert_eq!(found(true), "(neg (neg (silu x)))");
        assert_eq!(found(false), "(neg (neg (mul (sigmoid y) x)))");
    }
}
