// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Proofs. A union stands between the very instances of a law's two sides, so each
//! step of an explanation is one law at one place, and a checker needs nothing
//! but the two terms. What the analysis knows of a class is true of each of its
//! terms but can be read off some of them only: variables and numbers whose facts
//! count are bound to such terms.

use std::collections::HashMap;
use std::rc::Rc;

use egg::{Id, TreeTerm};

use crate::Failure;
use crate::facts::{Facts, TermGraph};
use crate::law::{Fact, Law};
use crate::matcher::Match;
use crate::pattern::Pattern;
use crate::term::{Graph, Term};

/// The head of a term over all roots, which no oracle knows.
pub const ROOTS: u32 = u32::MAX;

/// What can be read off a term.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Load,
    Weight,
    Splat,
}

impl Reading {
    fn is_of(self, facts: &Facts) -> bool {
        match self {
            Reading::Load => facts.load,
            Reading::Splat => facts.splat.is_some(),
            Reading::Weight => false,
        }
    }

    /// True if the term itself says so, over kids of which it can be read.
    fn is_of_term(self, graph: &TermGraph, term: &Term) -> bool {
        let kids: Vec<&Facts> = term.kids.iter().map(|kid| &graph[*kid].data).collect();
        match self {
            Reading::Weight => term.head == graph.analysis.known.weight,
            _ => self.is_of(&graph.analysis.infer(term.head, &kids)),
        }
    }
}

/// A term of `class` off which `reading` can be read; its class if there is none.
fn witness(graph: &mut TermGraph, class: Id, reading: Reading) -> Id {
    let mut known = HashMap::new();
    find_witness(graph, class, reading, &mut known).unwrap_or(class)
}

/// `known` holds what was found, and nothing for what is being looked for.
fn find_witness(
    graph: &mut TermGraph,
    class: Id,
    reading: Reading,
    known: &mut HashMap<Id, Option<Id>>,
) -> Option<Id> {
    let class = graph.find(class);
    if let Some(found) = known.get(&class) {
        return *found;
    }
    known.insert(class, None);
    let own = graph.id_to_node(class).clone();
    let others = graph[class].nodes.clone();
    'terms: for mut term in std::iter::once(own).chain(others) {
        if !reading.is_of_term(graph, &term) {
            continue;
        }
        for kid in &mut term.kids {
            if reading.is_of(&graph[*kid].data) {
                match find_witness(graph, *kid, reading, known) {
                    Some(found) => *kid = found,
                    None => continue 'terms,
                }
            }
        }
        let found = graph.add_uncanonical(term);
        known.insert(class, Some(found));
        return Some(found);
    }
    known.remove(&class);
    None
}

/// The match with its variables bound to terms off which the law's facts can be read.
pub fn bind(graph: &mut TermGraph, law: &Law, found: &Match) -> Match {
    let mut bound = found.clone();
    for fact in &law.facts {
        let (var, reading) = match fact {
            Fact::Load(var) => (*var, Reading::Load),
            Fact::Weight(var) => (*var, Reading::Weight),
            Fact::F32(_) | Fact::Exact(..) => continue,
        };
        if let Some(class) = found.class_of(var) {
            bound.vars[var] = Some(usize::from(witness(graph, class, reading)) as u32);
        }
    }
    bound
}

/// The instance of the law's left side at a match.
pub fn left(graph: &mut TermGraph, law: &Law, found: &Match) -> Id {
    let mut terms = found.trace.iter();
    add_left(graph, &law.lhs, found.class, found, &mut terms)
}

fn add_left(
    graph: &mut TermGraph,
    pattern: &Pattern,
    class: Id,
    found: &Match,
    terms: &mut std::slice::Iter<(Term, bool)>,
) -> Id {
    match pattern {
        Pattern::Var(var) | Pattern::Each(var) => found.class_of(*var).unwrap_or(class),
        Pattern::Number(_) => witness(graph, class, Reading::Splat),
        Pattern::Term(pattern) => {
            let Some((term, is_swapped)) = terms.next() else {
                return class;
            };
            let mut term = term.clone();
            for (at, kid) in pattern.kids.iter().enumerate() {
                let at = if *is_swapped { 1 - at } else { at };
                term.kids[at] = add_left(graph, kid, term.kids[at], found, terms);
            }
            graph.add_uncanonical(term)
        }
    }
}

/// Why two terms are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reason {
    /// One side is an instance of the law's left side, the other of its right side.
    Law { law: String, is_forward: bool },
    /// The heads are one, and each kid is equal by the step of that number, or the
    /// same (none).
    Kids(Vec<Option<u32>>),
    /// One step after the other.
    Chain(Vec<u32>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    pub left: u32,
    pub right: u32,
    pub reason: Reason,
}

/// Steps over shared terms, each after those that it needs.
#[derive(Debug, Default)]
pub struct Proof {
    /// The root is a term [`ROOTS`] over what was written, then one over what was chosen.
    pub terms: Graph,
    /// The type of each term, or the property that it is.
    pub types: Vec<u32>,
    pub steps: Vec<Step>,
    /// Why the roots are equal; none if they are the same.
    pub last: Option<u32>,
}

/// The proof that the roots of `best` equal the terms `roots`.
pub fn prove(
    graph: &mut TermGraph,
    laws: &[Law],
    roots: &[Id],
    best: &Graph,
) -> Result<Proof, Failure> {
    let mut ids: Vec<Id> = vec![];
    for (node, head) in best.heads.iter().enumerate() {
        let kids = best.kids(node).iter().map(|kid| ids[*kid as usize]).collect();
        ids.push(graph.add_uncanonical(Term { head: *head, kids }));
    }
    let chosen = best.roots.iter().map(|root| ids[*root as usize]).collect();
    let before = graph.add_uncanonical(Term { head: ROOTS, kids: roots.to_vec() });
    let after = graph.add_uncanonical(Term { head: ROOTS, kids: chosen });
    graph.rebuild();
    let trees = graph.explain_id_equivalence(before, after).explanation_trees;
    let mut writer = Writer {
        graph,
        laws,
        proof: Proof::default(),
        terms: HashMap::new(),
        steps: HashMap::new(),
        trees: HashMap::new(),
    };
    let (first, last, step) = writer.chain(&trees)?;
    writer.proof.terms.roots = vec![first, last];
    writer.proof.last = step;
    Ok(writer.proof)
}

/// Two terms and the step that makes them equal; none if they are the same.
type Equation = (u32, u32, Option<u32>);

struct Writer<'a> {
    graph: &'a TermGraph,
    laws: &'a [Law],
    proof: Proof,
    terms: HashMap<(u32, Vec<u32>), u32>,
    steps: HashMap<Step, u32>,
    trees: HashMap<*const TreeTerm<Term>, Equation>,
}

impl Writer<'_> {
    fn chain(&mut self, trees: &[Rc<TreeTerm<Term>>]) -> Result<Equation, Failure> {
        let mut ends: Option<(u32, u32)> = None;
        let mut steps = vec![];
        for tree in trees {
            let (first, last, step) = self.tree(tree)?;
            if let Some((_, before)) = ends {
                if let Some(law) = tree.forward_rule {
                    steps.push(self.law(law.as_str(), true, before, first));
                } else if let Some(law) = tree.backward_rule {
                    steps.push(self.law(law.as_str(), false, before, first));
                } else if before != first {
                    return Err("an explanation does not hang together".into());
                }
            }
            steps.extend(step);
            ends = Some((ends.map_or(first, |ends| ends.0), last));
        }
        let (first, last) = ends.ok_or("an explanation is empty")?;
        let step = match steps[..] {
            _ if first == last => None,
            [one] => Some(one),
            _ => Some(self.push(Step { left: first, right: last, reason: Reason::Chain(steps) })),
        };
        Ok((first, last, step))
    }

    fn tree(&mut self, tree: &Rc<TreeTerm<Term>>) -> Result<Equation, Failure> {
        if let Some(known) = self.trees.get(&Rc::as_ptr(tree)) {
            return Ok(*known);
        }
        let kids: Vec<Equation> =
            tree.child_proofs.iter().map(|kid| self.chain(kid)).collect::<Result<_, _>>()?;
        let first = self.term(tree.node.head, kids.iter().map(|kid| kid.0).collect());
        let last = self.term(tree.node.head, kids.iter().map(|kid| kid.1).collect());
        let step = (first != last).then(|| {
            let reason = Reason::Kids(kids.iter().map(|kid| kid.2).collect());
            self.push(Step { left: first, right: last, reason })
        });
        self.trees.insert(Rc::as_ptr(tree), (first, last, step));
        Ok((first, last, step))
    }

    /// The law's name without the mark of its second direction, which is a law of its own here.
    fn law(&mut self, name: &str, is_forward: bool, before: u32, after: u32) -> u32 {
        let is_law = |name: &str| self.laws.iter().any(|law| law.name == name);
        let (name, is_forward) = match name.strip_suffix("-back") {
            Some(stem) if is_law(stem) => (stem, !is_forward),
            _ => (name, is_forward),
        };
        let reason = Reason::Law { law: name.into(), is_forward };
        self.push(Step { left: before, right: after, reason })
    }

    fn term(&mut self, head: u32, kids: Vec<u32>) -> u32 {
        if let Some(known) = self.terms.get(&(head, kids.clone())) {
            return *known;
        }
        let whats: Vec<u32> = kids.iter().map(|kid| self.proof.types[*kid as usize]).collect();
        let what = if head == ROOTS { 0 } else { self.graph.analysis.oracle.infer(head, &whats) };
        let at = self.proof.terms.push(head, &kids);
        self.proof.types.push(what);
        self.terms.insert((head, kids), at);
        at
    }

    fn push(&mut self, step: Step) -> u32 {
        if let Some(known) = self.steps.get(&step) {
            return *known;
        }
        let at = self.proof.steps.len() as u32;
        self.proof.steps.push(step.clone());
        self.steps.insert(step, at);
        at
    }
}
