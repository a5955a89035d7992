// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Proofs. A union stands between the very instances of a law's two sides, so each
//! step of an explanation is one law at one place, and a checker needs nothing
//! but the two terms. What the analysis knows of a class is true of each of its
//! terms but can be read off some of them only: variables and numbers whose facts
//! count are bound to such terms.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use egg::{Id, TreeTerm};

use crate::Failure;
use crate::axes::Match;
use crate::facts::{Facts, Sign, TermGraph};
use crate::law::{Fact, Law, Searcher};
use crate::matcher::{Step as Place, Value, size_term};
use crate::pattern::{Pattern, Sort};
use crate::term::{Graph, Term};
use crate::vocabulary::Form;

/// The head of a term over all roots, which no oracle knows.
pub const ROOTS: u32 = u32::MAX;

/// The operation that the user lets stand for one of its operands.
const CHOICE: &str = "tern.choice";

/// What can be read off a term.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Load,
    Weight,
    Splat,
    Sign,
    Mask,
}

impl Reading {
    /// True if these facts are worth a witness.
    fn is_of(self, facts: &Facts) -> bool {
        match self {
            Reading::Load => facts.load,
            Reading::Splat => facts.splat.is_some(),
            Reading::Sign => facts.sign != Sign::default(),
            Reading::Weight | Reading::Mask => false,
        }
    }

    /// True if the term itself says so, over kids of which it can be read.
    fn is_of_term(self, graph: &TermGraph, class: Id, term: &Term) -> bool {
        let kids: Vec<&Facts> = term.kids.iter().map(|kid| &graph[*kid].data).collect();
        let facts = || graph.analysis.infer(term.head, &kids);
        match self {
            Reading::Weight => term.head == graph.analysis.known.weight,
            Reading::Mask => is_spread_mask(graph, term),
            Reading::Sign => facts().sign == graph[class].data.sign,
            _ => self.is_of(&facts()),
        }
    }
}

/// True for `[T, S]`, or one of these, spread over heads.
pub fn is_spread_mask(graph: &TermGraph, term: &Term) -> bool {
    let notebook = &graph.analysis.notebook;
    let rank = |kid: Id| notebook.extents(graph[kid].data.what).map(|extents| extents.len());
    term.head == notebook.head("broadcast") && matches!(rank(term.kids[0]), Some(1 | 2))
}

/// The variables that are masks of an attention that the law makes.
fn masks(law: &Law) -> Vec<usize> {
    let mut masks = vec![];
    law.rhs.for_each_term(&mut |term| {
        if let (Form::Attention, Some(Pattern::Var(var))) = (term.form, term.kids.get(3)) {
            masks.push(*var);
        }
    });
    masks
}

/// A term of `class` off which `reading` can be read; its class if there is none.
fn witness(graph: &mut TermGraph, class: Id, reading: Reading) -> Id {
    let class = graph.find(class);
    // A term that is bound to the load stays so, and half of all matches ask for one.
    let keeps = reading == Reading::Load;
    let known = if keeps { std::mem::take(&mut graph.analysis.loads) } else { HashMap::new() };
    let mut search = Witnesses { reading, known, visited: vec![] };
    let found = search.look(graph, class).or_else(|| search.settle(graph, class));
    if keeps {
        search.known.retain(|_, term| term.is_some());
        graph.analysis.loads = search.known;
    }
    found.unwrap_or(class)
}

/// Terms off which a reading can be read: by a term itself, over kids of which it can be read.
struct Witnesses {
    reading: Reading,
    /// What was found; nothing for a class that was looked at in vain, or is being looked at.
    known: HashMap<Id, Option<Id>>,
    /// All classes that were looked at, outer ones first.
    visited: Vec<Id>,
}

impl Witnesses {
    /// Kids first. May fail where classes read it off each other.
    fn look(&mut self, graph: &mut TermGraph, class: Id) -> Option<Id> {
        if let Some(known) = self.known.get(&class) {
            return *known;
        }
        self.known.insert(class, None);
        self.visited.push(class);
        for term in self.terms(graph, class) {
            for kid in self.kids(graph, &term) {
                self.look(graph, kid);
            }
            if self.add(graph, class, term) {
                break;
            }
        }
        self.known[&class]
    }

    /// What was looked at in vain, from terms whose kids were all found to those that they are
    /// kids of.
    fn settle(&mut self, graph: &mut TermGraph, class: Id) -> Option<Id> {
        // Terms with the number of kids that they wait for, and who waits for a class.
        let mut open: Vec<(Id, Term, usize)> = vec![];
        let mut waiting: HashMap<Id, Vec<usize>> = HashMap::new();
        let mut ready = VecDeque::new();
        for own in self.visited.iter().rev().filter(|own| self.known[own].is_none()) {
            for term in self.terms(graph, *own) {
                let kids = self.kids(graph, &term);
                let missing = kids.iter().filter(|kid| self.known[kid].is_none());
                let count = missing.map(|kid| waiting.entry(*kid).or_default().push(open.len()));
                let count = count.count();
                if count == 0 {
                    ready.push_back(open.len());
                }
                open.push((*own, term, count));
            }
        }
        while let (Some(at), None) = (ready.pop_front(), self.known[&class]) {
            let (own, term, _) = open[at].clone();
            if self.known[&own].is_some() || !self.add(graph, own, term) {
                continue;
            }
            for user in waiting.remove(&own).unwrap_or_default() {
                open[user].2 -= 1;
                if open[user].2 == 0 {
                    ready.push_back(user);
                }
            }
        }
        self.known[&class]
    }

    /// The terms of a class that say it, that of its own number first.
    fn terms(&self, graph: &TermGraph, class: Id) -> Vec<Term> {
        let own = graph.id_to_node(class).clone();
        let all = std::iter::once(own).chain(graph[class].nodes.iter().cloned());
        all.filter(|term| self.reading.is_of_term(graph, class, term)).collect()
    }

    /// The kids of which it must be read.
    fn kids(&self, graph: &TermGraph, term: &Term) -> Vec<Id> {
        let kids = term.kids.iter().filter(|kid| self.reading.is_of(&graph[**kid].data));
        kids.map(|kid| graph.find(*kid)).collect()
    }

    /// False if a kid was not found.
    fn add(&mut self, graph: &mut TermGraph, class: Id, mut term: Term) -> bool {
        for kid in &mut term.kids {
            if self.reading.is_of(&graph[*kid].data) {
                match self.known.get(&graph.find(*kid)) {
                    Some(Some(found)) => *kid = *found,
                    _ => return false,
                }
            }
        }
        let found = graph.add_uncanonical(term);
        self.known.insert(class, Some(found));
        true
    }
}

/// The match with its variables bound to terms off which the law's facts can be read.
pub fn bind(graph: &mut TermGraph, law: &Law, found: &Match) -> Match {
    let mut bound = found.clone();
    let truths = law.vars.iter().enumerate().filter(|(_, own)| own.sort == Sort::Truth);
    let truths = truths.map(|(var, _)| (var, Reading::Sign));
    let facts = law.facts.iter().filter_map(|fact| match fact {
        Fact::Load(var) | Fact::Delta(var) => Some((*var, Reading::Load)),
        Fact::Positive(var) | Fact::NotNegative(var) | Fact::NotZero(var) => {
            Some((*var, Reading::Sign))
        }
        Fact::PowerOfTwo(var) => Some((*var, Reading::Splat)),
        _ => None,
    });
    let siblings: &[usize] = match &law.searcher {
        Searcher::Siblings(vars) => vars,
        _ => &[],
    };
    let siblings = siblings.iter().map(|var| (*var, Reading::Weight));
    let masks = masks(law).into_iter().map(|var| (var, Reading::Mask));
    for (var, reading) in truths.chain(facts).chain(siblings).chain(masks) {
        if let Some(class) = found.class_of(var) {
            bound.vars[var] = Some(Value::Class(witness(graph, class, reading)));
        }
    }
    bound
}

/// The instance of the law's left side at a match.
pub fn left(graph: &mut TermGraph, law: &Law, found: &Match) -> Id {
    let mut places = found.steps.iter();
    add_left(graph, &law.lhs, found.class, found, &mut places)
}

fn add_left(
    graph: &mut TermGraph,
    pattern: &Pattern,
    class: Id,
    found: &Match,
    places: &mut std::slice::Iter<Place>,
) -> Id {
    let pattern = match pattern {
        Pattern::Var(var) | Pattern::Each(var) => match found.class_of(*var) {
            Some(bound) => return bound,
            None => return witness(graph, class, Reading::Splat),
        },
        Pattern::Size(_) if graph[graph.find(class)].data.splat.is_none() => {
            let size = size_term(graph, class).cloned();
            return size.map_or(class, |term| graph.add_uncanonical(term));
        }
        Pattern::Number(_) | Pattern::Size(_) => return witness(graph, class, Reading::Splat),
        Pattern::Term(pattern) => pattern,
    };
    match places.next() {
        Some(Place::Term { term, is_swapped, .. }) => {
            let mut term = term.clone();
            for (at, kid) in pattern.kids.iter().enumerate() {
                let at = if *is_swapped { 1 - at } else { at };
                term.kids[at] = add_left(graph, kid, term.kids[at], found, places);
            }
            graph.add_uncanonical(term)
        }
        Some(Place::Splat) => add_left(graph, &pattern.kids[0], class, found, places),
        None => class,
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

/// Makes each choice equal to the kid that stands for it, after which nothing is searched for.
/// The step has the operation's name.
pub fn choose(graph: &mut TermGraph, decided: Vec<(Term, u32)>) {
    for (term, operand) in decided {
        let (left, right) = (graph.add_uncanonical(term.clone()), term.kids[operand as usize]);
        graph.union_trusted(left, right, CHOICE);
    }
    graph.rebuild();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Request, saturate};
    use crate::law::parse;
    use crate::rounds::Limits;
    use crate::testing::World;

    const LAWS: &str = "law absorb B =>
  dims r k n
  vars x:rk w:kn
  lhs (contract rk,nk->rn x (perm kn->nk w))
  rhs (contract rk,kn->rn x w)
  why test

law one B =>
  dims r
  vars x:r
  lhs (mul x 1)
  rhs x
  why test

law late B =>
  dims r
  vars x:r
  guard (load x)
  lhs (neg x)
  rhs x
  why test

law cancel R =>
  dims r
  vars x:r y:r
  lhs (sub (add x y) y)
  rhs x
  why test\n";

    /// x + (x * 1) w' of the layer before, so that each term is used twice.
    fn residual(layers: usize) -> Proof {
        let world = World::default();
        let mut graph = Graph::default();
        let leaf = |graph: &mut Graph, text: &str| graph.push(world.id(text), &[]);
        let mut x = leaf(&mut graph, "x: 8,8 f32");
        let weight = leaf(&mut graph, "w: 8,8 f32");
        let turn = leaf(&mut graph, "ab->ba");
        let axes = leaf(&mut graph, "ab,cb->ac");
        let number = leaf(&mut graph, "dense 1");
        let one = graph.push(world.id("tern.constant"), &[number]);
        let turned = graph.push(world.id("tern.transpose"), &[weight, turn]);
        for _ in 0..layers {
            let same = graph.push(world.id("tern.mul"), &[x, one]);
            let product = graph.push(world.id("tern.contract"), &[same, turned, axes]);
            x = graph.push(world.id("tern.add"), &[x, product]);
        }
        graph.roots = vec![x];
        let laws = parse("test.rules", LAWS, &world).unwrap();
        let limits = Limits { iterations: 8, nodes: 100_000 };
        let request = Request { proves: true, ..Request::default() };
        let outcome = saturate(&graph, &laws, Rc::new(world), limits, &request).unwrap();
        outcome.proof.unwrap()
    }

    #[test]
    fn a_proof_grows_with_the_layers_and_not_faster() {
        let sizes = |proof: &Proof| (proof.terms.heads.len(), proof.steps.len());
        let (few, some, many) = (residual(24), residual(48), residual(96));
        let growth = |a: &Proof, b: &Proof| {
            let (a, b) = (sizes(a), sizes(b));
            (b.0 - a.0, b.1 - a.1)
        };
        let (first, second) = (growth(&few, &some), growth(&some, &many));
        assert_eq!((2 * first.0, 2 * first.1), second);
        assert!(sizes(&many).1 <= 96 * 6, "{:?}", sizes(&many));
    }

    /// Each step by a law is between terms that the law's sides are the form of.
    #[test]
    fn a_proof_names_laws_and_hangs_together() {
        let proof = residual(3);
        for step in &proof.steps {
            match &step.reason {
                Reason::Law { law, is_forward } => {
                    assert!(*is_forward && ["absorb", "one"].contains(&law.as_str()), "{law}")
                }
                Reason::Kids(kids) => {
                    let (left, right) = (
                        proof.terms.kids(step.left as usize),
                        proof.terms.kids(step.right as usize),
                    );
                    for (at, kid) in kids.iter().enumerate() {
                        let ends = kid.map_or((left[at], left[at]), |kid| {
                            (proof.steps[kid as usize].left, proof.steps[kid as usize].right)
                        });
                        assert_eq!(ends, (left[at], right[at]));
                    }
                }
                Reason::Chain(parts) => {
                    let mut at = step.left;
                    for part in parts {
                        assert_eq!(proof.steps[*part as usize].left, at);
                        at = proof.steps[*part as usize].right;
                    }
                    assert_eq!(at, step.right);
                }
            }
        }
        assert!(proof.last.is_some());
    }

    /// (x + y) - y is known at load, being x, and nobody sees it from the term.
    #[test]
    fn facts_are_read_off_the_terms_that_are_named() {
        let world = World::default();
        let mut graph = Graph::default();
        let leaf = |graph: &mut Graph, text: &str| graph.push(world.id(text), &[]);
        let y = leaf(&mut graph, "y: 8 f32");
        let (name, shape) = (leaf(&mut graph, "w"), leaf(&mut graph, "8 f32"));
        let weight = graph.push(world.id("tern.weight"), &[name, shape]);
        let sum = graph.push(world.id("tern.add"), &[weight, y]);
        let difference = graph.push(world.id("tern.sub"), &[sum, y]);
        let root = graph.push(world.id("tern.neg"), &[difference]);
        graph.roots = vec![root];
        let (laws, world) = (parse("test.rules", LAWS, &world).unwrap(), Rc::new(world));
        let limits = Limits { iterations: 8, nodes: 100 };
        let request = Request { proves: true, ..Request::default() };
        let outcome = saturate(&graph, &laws, world.clone(), limits, &request).unwrap();
        let proof = outcome.proof.unwrap();
        let is_late =
            |step: &&Step| matches!(&step.reason, Reason::Law { law, .. } if law == "late");
        let step = proof.steps.iter().find(is_late).expect("the law was used");
        assert_eq!(world.print(&proof.terms, step.left), "(neg (weight w 8:f32))");
    }
}
