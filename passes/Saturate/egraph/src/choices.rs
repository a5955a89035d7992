// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The graph as extraction sees it: classes by number, their terms as choices.

use egg::Id;

use crate::extract::{Choice, Choices};
use crate::facts::TermGraph;
use crate::term::{Graph, Term};

/// The graph as plain arrays: classes by number, their terms as choices.
pub struct Table<'a> {
    graph: &'a TermGraph,
    pub classes: Vec<Id>,
    nodes: Vec<Vec<&'a Term>>,
    pub choices: Choices,
}

impl<'a> Table<'a> {
    pub fn new(graph: &'a TermGraph, input: &Graph, ids: &[Id]) -> Table<'a> {
        let mut classes: Vec<Id> = graph.classes().map(|class| class.id).collect();
        classes.sort();
        let number = |id: Id| classes.binary_search(&graph.find(id)).expect("a class of the graph");
        let stages = stages(graph, &classes, &number);
        let mut written = vec![None; classes.len()];
        for (node, id) in ids.iter().enumerate() {
            let kids = input.kids(node).iter().map(|kid| graph.find(ids[*kid as usize])).collect();
            written[number(*id)].get_or_insert(Term { head: input.heads[node], kids });
        }
        let (mut nodes, mut options) = (vec![], vec![]);
        for (at, class) in classes.iter().enumerate() {
            // What needs a later value than the class itself can't stand for it.
            let is_early = |term: &&Term| stage(graph, term, &number, &stages) <= stages[at];
            let mut own: Vec<&Term> = graph[*class].nodes.iter().filter(is_early).collect();
            own.sort();
            // The term as it was written comes first: it wins among equals.
            own.sort_by_key(|term| written[at].as_ref() != Some(*term));
            let choice = |term: &&Term| Choice {
                cost: cost(graph, *class, term),
                kids: term.kids.iter().map(|kid| number(*kid)).collect(),
            };
            options.push(own.iter().map(choice).collect());
            nodes.push(own);
        }
        let roots = input.roots.iter().map(|root| number(ids[*root as usize])).collect();
        let price = |class: &Id| {
            let facts = &graph[*class].data;
            facts.load.then(|| graph.analysis.oracle.resident_cost(facts.what))
        };
        let resident = classes.iter().map(price).collect();
        let choices = Choices { options, resident, roots };
        Table { graph, classes: classes.clone(), nodes, choices }
    }

    /// Appends the chosen term of a class, inner terms first, and returns its place.
    pub fn emit(
        &self,
        root: usize,
        chosen: &[usize],
        places: &mut [Option<u32>],
        into: &mut Graph,
    ) -> u32 {
        let mut stack = vec![root];
        while let Some(&class) = stack.last() {
            if places[class].is_some() {
                stack.pop();
                continue;
            }
            let kids = &self.choices.options[class][chosen[class]].kids;
            let open: Vec<usize> =
                kids.iter().rev().copied().filter(|kid| places[*kid].is_none()).collect();
            if open.is_empty() {
                let kids: Vec<u32> = kids.iter().filter_map(|kid| places[*kid]).collect();
                places[class] = Some(into.push(self.nodes[class][chosen[class]].head, &kids));
                stack.pop();
            }
            stack.extend(open);
        }
        debug_assert_eq!(self.graph.find(self.classes[root]), self.classes[root]);
        places[root].unwrap_or_default()
    }
}

fn cost(graph: &TermGraph, class: Id, term: &Term) -> f64 {
    if term.kids.is_empty() {
        return 0.0;
    }
    let facts = &graph[class].data;
    let kids: Vec<u32> = term.kids.iter().map(|kid| graph[*kid].data.what).collect();
    graph.analysis.oracle.cost(term.head, &kids, facts.what, facts.load)
}

fn stage(graph: &TermGraph, term: &Term, number: &dyn Fn(Id) -> usize, stages: &[u32]) -> u32 {
    if term.kids.is_empty() {
        return graph.analysis.oracle.stage(term.head);
    }
    term.kids.iter().map(|kid| stages[number(*kid)]).max().unwrap_or(0)
}

/// The earliest stage at which each class can be had.
fn stages(graph: &TermGraph, classes: &[Id], number: &dyn Fn(Id) -> usize) -> Vec<u32> {
    let mut stages = vec![u32::MAX; classes.len()];
    loop {
        let mut is_new = false;
        for (at, class) in classes.iter().enumerate() {
            let least =
                graph[*class].nodes.iter().map(|term| stage(graph, term, number, &stages)).min();
            let least = least.unwrap_or(u32::MAX);
            is_new |= least < stages[at];
            stages[at] = stages[at].min(least);
        }
        if !is_new {
            return stages;
        }
    }
}
