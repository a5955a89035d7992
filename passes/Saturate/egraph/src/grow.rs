// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Puts the right side of a law into the graph where its left side was found, if there
//! is room for it.

use egg::Id;

use crate::axes::Match;
use crate::facts::TermGraph;
use crate::instantiate::{Builder, Kid};
use crate::law::{Law, Searcher};
use crate::siblings::Siblings;
use crate::term::Term;

/// Why a right side is not in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has no type, or another one than the class that it would be made equal to.
    Type,
    /// Another order of a chain of products, which costs no less.
    Dearer,
    /// With its terms the graph would hold more than it may.
    Full,
}

/// Adds the right side with the names bound as `found` says, unless the graph had more
/// than `most` terms then (as `total_size` counts them).
pub fn add(
    graph: &mut TermGraph,
    law: &Law,
    found: &Match,
    siblings: &Siblings,
    most: usize,
) -> Result<Id, Refusal> {
    let target = graph[graph.find(found.class)].data.what;
    let mut builder = Builder::new(graph, law, found, siblings);
    let root = builder.root(target).ok_or(Refusal::Type)?;
    if law.searcher == Searcher::Chain && !builder.is_cheaper() {
        return Err(Refusal::Dearer);
    }
    let terms: Vec<(u32, Vec<Kid>)> =
        builder.terms.into_iter().map(|(head, kids, _)| (head, kids)).collect();
    let is_near = graph.total_size() + terms.len() > most;
    if is_near && graph.total_size() + count_new(graph, &terms) > most {
        return Err(Refusal::Full);
    }
    let mut ids: Vec<Id> = vec![];
    for (head, kids) in terms {
        let id = |kid: &Kid| match kid {
            Kid::Class(id) => *id,
            Kid::New(at) => ids[*at],
        };
        let term = Term { head, kids: kids.iter().map(id).collect() };
        ids.push(graph.add_uncanonical(term));
    }
    Ok(match root {
        Kid::Class(id) => id,
        Kid::New(at) => ids[at],
    })
}

/// How many of the terms the graph does not hold.
fn count_new(graph: &TermGraph, terms: &[(u32, Vec<Kid>)]) -> usize {
    let mut ids: Vec<Option<Id>> = vec![];
    for (head, kids) in terms {
        let id = |kid: &Kid| match kid {
            Kid::Class(id) => Some(*id),
            Kid::New(at) => ids[*at],
        };
        let kids: Option<Vec<Id>> = kids.iter().map(id).collect();
        ids.push(kids.and_then(|kids| graph.lookup(Term { head: *head, kids })));
    }
    ids.iter().filter(|id| id.is_none()).count()
}
