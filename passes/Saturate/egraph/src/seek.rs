// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Whether the graph holds a form that somebody has in mind.

use egg::Id;

use crate::Failure;
use crate::engine::encode;
use crate::facts::TermGraph;
use crate::law::Law;
use crate::order::commuting;
use crate::rounds::Rounds;
use crate::term::{Graph, Term};

/// True if each root of `sought` is in the class of that number of `roots`. What is
/// sought is brought to the form of what is known, by laws that make no term longer:
/// the laws that do are those of `roots` alone.
pub fn holds(
    graph: &mut TermGraph,
    rounds: &mut Rounds,
    laws: &[Law],
    roots: &[Id],
    sought: &Graph,
) -> Result<bool, Failure> {
    let ids = encode(graph, sought)?;
    for id in &ids {
        commute(graph, laws, *id);
    }
    graph.rebuild();
    let is_found = |graph: &TermGraph| {
        let pairs = roots.iter().zip(&sought.roots);
        roots.len() == sought.roots.len()
            && pairs
                .into_iter()
                .all(|(own, root)| graph.find(*own) == graph.find(ids[*root as usize]))
    };
    if !is_found(graph) {
        rounds.iterations = 0;
        rounds.run(graph)?;
    }
    Ok(is_found(graph))
}

/// Adds the term with its operands in the other order, which the matcher takes for
/// the same.
fn commute(graph: &mut TermGraph, laws: &[Law], id: Id) {
    let term = graph.id_to_node(id).clone();
    if let (Some(law), [a, b]) = (commuting(laws, term.head), &term.kids[..]) {
        let other = graph.add_uncanonical(Term { head: term.head, kids: vec![*b, *a] });
        graph.union_trusted(id, other, law.name.as_str());
    }
}
