// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The order of operands. Where two operands commute their order is none of the
//! search's business: terms that differ in it are one, round for round. Sums and
//! products of few are bracketed in all ways.

use std::collections::{HashMap, HashSet};

use egg::Id;

use crate::facts::TermGraph;
use crate::law::Law;
use crate::offer::{Offer, swaps};
use crate::pattern::{Head, Pattern};
use crate::rounds::Unions;
use crate::term::Term;

/// Terms up to which a sum or a product is one of few: there are 2^n - 1 parts of it.
const FEW: usize = 4;

/// Operations of which one kind of sum or product is made.
const KINDS: &[&[&str]] = &[&["add", "sub"], &["mul", "div"], &["maximum"], &["minimum"]];

/// The head of a law's left side.
fn head_of(law: &Law) -> Option<u32> {
    match &law.lhs {
        Pattern::Term(term) => match term.head {
            Head::Fixed(head) => Some(head),
            Head::Any { .. } => None,
        },
        _ => None,
    }
}

/// The law by which operands of that head change places.
pub fn commuting<'a>(laws: &'a [Law], head: u32) -> Option<&'a Law> {
    laws.iter().find(|law| head_of(law) == Some(head) && swaps(&law.lhs, &law.rhs))
}

/// Makes terms one that differ in the order of operands that commute. True if some did.
pub fn join(graph: &mut TermGraph, laws: &[Law], unions: &mut Unions) -> bool {
    let laws: HashMap<u32, &Law> = laws
        .iter()
        .filter(|law| swaps(&law.lhs, &law.rhs))
        .filter_map(|law| Some((head_of(law)?, law)))
        .collect();
    let mut classes: Vec<Id> = graph.classes().map(|class| class.id).collect();
    classes.sort_unstable();
    let mut known: HashMap<(u32, Id, Id), (Id, Term)> = HashMap::new();
    let mut equal: Vec<(Term, Term)> = vec![];
    for class in classes {
        for term in graph[class].nodes.iter().filter(|term| laws.contains_key(&term.head)) {
            let [a, b] = term.kids[..] else { continue };
            let key = (term.head, a.min(b), a.max(b));
            match known.get(&key) {
                Some((other, first)) if *other != class => {
                    equal.push((first.clone(), term.clone()));
                }
                Some(_) => {}
                None => {
                    known.insert(key, (class, term.clone()));
                }
            }
        }
    }
    let mut is_new = false;
    for (first, second) in &equal {
        let law = laws[&first.head];
        let (first, second) =
            (graph.add_uncanonical(first.clone()), graph.add_uncanonical(second.clone()));
        is_new |= unions.unite(graph, &law.name, first, second);
    }
    is_new
}

/// The classes that are sums or products of few, by the heads that laws about them have.
pub struct Few {
    of: HashMap<u32, HashSet<Id>>,
}

impl Few {
    pub fn new(graph: &TermGraph, laws: &[Law]) -> Few {
        let mut few = Few { of: HashMap::new() };
        let notebook = &graph.analysis.notebook;
        for kind in KINDS {
            let heads: Vec<u32> = kind.iter().map(|name| notebook.head(name)).collect();
            let is_about = |law: &&Law| {
                law.offer == Offer::Few && head_of(law).is_some_and(|head| heads.contains(&head))
            };
            if laws.iter().any(|law| is_about(&law)) {
                let classes = counts(graph, &heads);
                let classes: HashSet<Id> = classes
                    .into_iter()
                    .filter(|(_, count)| *count <= FEW)
                    .map(|(class, _)| class)
                    .collect();
                heads.iter().for_each(|head| {
                    few.of.insert(*head, classes.clone());
                });
            }
        }
        few
    }

    pub fn holds(&self, law: &Law, class: Id) -> bool {
        head_of(law).and_then(|head| self.of.get(&head)).is_some_and(|own| own.contains(&class))
    }
}

/// The least number of terms of each class that is a sum (or product) by one of `heads`.
fn counts(graph: &TermGraph, heads: &[u32]) -> HashMap<Id, usize> {
    let is_own = |term: &&Term| heads.contains(&term.head);
    let own: Vec<Id> = graph
        .classes()
        .filter(|class| class.nodes.iter().any(|term| is_own(&term)))
        .map(|class| class.id)
        .collect();
    let known: HashSet<Id> = own.iter().copied().collect();
    let mut counts: HashMap<Id, usize> = HashMap::new();
    let mut is_new = true;
    while is_new {
        is_new = false;
        for class in &own {
            let count = |term: &Term| {
                let kids = term.kids.iter().map(|kid| graph.find(*kid));
                kids.map(
                    |kid| {
                        if known.contains(&kid) { counts.get(&kid).copied() } else { Some(1) }
                    },
                )
                .sum::<Option<usize>>()
            };
            let least = graph[*class].nodes.iter().filter(is_own).filter_map(count).min();
            if let Some(least) = least
                && counts.get(class).is_none_or(|known| least < *known)
            {
                counts.insert(*class, least);
                is_new = true;
            }
        }
    }
    counts
}
