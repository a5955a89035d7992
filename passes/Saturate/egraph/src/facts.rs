// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What is known of a class: the same for all terms in it.

use std::rc::Rc;

use egg::{Analysis, DidMerge, EGraph, Id};

use crate::explain::ROOTS;
use crate::oracle::Oracle;
use crate::term::Term;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its type; of a property, the property itself.
    pub what: u32,
    /// Known before the step, and of a static type.
    pub load: bool,
    /// The bits of the one number that all elements are.
    pub splat: Option<u64>,
}

/// The operations that the analysis knows by name.
pub struct Known {
    pub constant: u32,
    pub weight: u32,
    pub product: u32,
    /// They give the elements of their first operand, in some order, some often.
    pub movers: Vec<u32>,
}

pub struct FactsOf {
    pub oracle: Rc<dyn Oracle>,
    pub known: Known,
    /// A law made two terms of different types equal: a bug of the law.
    pub conflict: bool,
}

pub type TermGraph = EGraph<Term, FactsOf>;

impl FactsOf {
    pub fn new(oracle: Rc<dyn Oracle>) -> FactsOf {
        let movers = ["broadcast", "reshape", "transpose", "slice"];
        let known = Known {
            constant: oracle.operation("tern.constant"),
            weight: oracle.operation("tern.weight"),
            product: oracle.operation("tern.mul"),
            movers: movers.iter().map(|m| oracle.operation(&format!("tern.{m}"))).collect(),
        };
        FactsOf { oracle, known, conflict: false }
    }

    /// The facts of a term over kids of these facts.
    pub fn infer(&self, head: u32, kids: &[&Facts]) -> Facts {
        if head == ROOTS {
            return Facts { what: 0, load: false, splat: None };
        }
        let whats: Vec<u32> = kids.iter().map(|kid| kid.what).collect();
        let what = self.oracle.infer(head, &whats);
        let load = if kids.is_empty() {
            what == head || self.oracle.is_load_leaf(head)
        } else {
            kids.iter().all(|kid| kid.load) && self.oracle.is_static(what)
        };
        let splat = if head == self.known.constant && kids.len() == 1 {
            self.oracle.splat(kids[0].what).map(f64::to_bits)
        } else if self.known.movers.contains(&head) && !kids.is_empty() {
            kids[0].splat
        } else {
            None
        };
        Facts { what, load, splat }
    }
}

/// A tensor of the checkpoint.
pub fn is_weight(graph: &TermGraph, class: Id) -> bool {
    graph[class].nodes.iter().any(|term| term.head == graph.analysis.known.weight)
}

/// A tensor of the checkpoint times something that is known before the step.
pub fn is_scaled_weight(graph: &TermGraph, class: Id) -> bool {
    let is_product = |term: &&Term| term.head == graph.analysis.known.product;
    let mut products = graph[class].nodes.iter().filter(is_product);
    graph[class].data.load
        && products.any(|term| term.kids.iter().any(|kid| is_weight(graph, *kid)))
}

impl Analysis<Term> for FactsOf {
    type Data = Facts;

    fn make(graph: &mut TermGraph, term: &Term, _: Id) -> Facts {
        let kids: Vec<&Facts> = term.kids.iter().map(|kid| &graph[*kid].data).collect();
        graph.analysis.infer(term.head, &kids)
    }

    fn merge(&mut self, a: &mut Facts, b: Facts) -> DidMerge {
        self.conflict |= a.what != b.what;
        let joined = Facts { what: a.what, load: a.load || b.load, splat: a.splat.or(b.splat) };
        let changed = DidMerge(*a != joined, b != joined);
        *a = joined;
        changed
    }
}
