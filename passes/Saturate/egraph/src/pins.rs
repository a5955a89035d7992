// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What a user decided: terms that are chosen whatever they cost, and terms that are
//! not.

use std::collections::{HashMap, HashSet};

use egg::Id;

use crate::facts::TermGraph;
use crate::term::{Graph, Term};

#[derive(Debug, Default)]
pub struct Pins {
    pub terms: Graph,
    /// Nodes of `terms`, each with all that is below it.
    pub forced: Vec<u32>,
    /// Nodes of `terms`, and whatever has the same operation over equal operands, in
    /// any order, also if operands and result have their axes in another one.
    pub forbidden: Vec<u32>,
}

/// What extraction may choose.
#[derive(Debug, Default)]
pub struct Allowed {
    /// By class: the only terms of it, if there are some.
    forced: HashMap<Id, HashSet<Term>>,
    forbidden: HashSet<Term>,
}

impl Allowed {
    /// Of one class one term.
    pub fn only(class: Id, term: Term) -> Allowed {
        let forced = HashMap::from([(class, HashSet::from([term]))]);
        Allowed { forced, forbidden: HashSet::new() }
    }

    pub fn holds(&self, class: Id, term: &Term) -> bool {
        !self.forbidden.contains(term)
            && self.forced.get(&class).is_none_or(|terms| terms.contains(term))
    }

    pub fn is_all(&self) -> bool {
        self.forced.is_empty() && self.forbidden.is_empty()
    }
}

impl Pins {
    /// What they allow, or the pins whose terms the graph does not hold.
    pub fn resolve(&self, graph: &TermGraph) -> Result<Allowed, Vec<u32>> {
        let mut known: Vec<Option<(Id, Term)>> = vec![];
        for (node, head) in self.terms.heads.iter().enumerate() {
            let kids = self.terms.kids(node).iter();
            let kids: Option<Vec<Id>> =
                kids.map(|kid| known[*kid as usize].as_ref().map(|own| own.0)).collect();
            let term = kids.map(|kids| Term { head: *head, kids });
            known.push(term.and_then(|term| Some((graph.lookup(term.clone())?, term))));
        }
        let pins = self.forced.iter().chain(&self.forbidden);
        let stale: Vec<u32> = pins.copied().filter(|pin| known[*pin as usize].is_none()).collect();
        if !stale.is_empty() {
            return Err(stale);
        }
        let mut allowed = Allowed::default();
        let turned = Turned::new(graph);
        for (class, term) in self.forbidden.iter().filter_map(|node| known[*node as usize].clone())
        {
            let is_turn = term.head == graph.analysis.notebook.head("transpose");
            let turned = if is_turn { &Turned::default() } else { &turned };
            let is_like = |own: &&Term| {
                own.head == term.head
                    && turned.operands(graph, own) == turned.operands(graph, &term)
            };
            for like in graph.classes().filter(|own| turned.find(own.id) == turned.find(class)) {
                allowed.forbidden.extend(like.nodes.iter().filter(is_like).cloned());
            }
        }
        let (mut stack, mut seen) = (self.forced.clone(), HashSet::new());
        while let Some(node) = stack.pop() {
            if let (true, Some((class, term))) = (seen.insert(node), known[node as usize].clone()) {
                allowed.forced.entry(class).or_default().insert(term);
                stack.extend(self.terms.kids(node as usize));
            }
        }
        Ok(allowed)
    }
}

/// Classes that are one but for the order of axes: each leads to the least of them.
#[derive(Default)]
struct Turned(HashMap<Id, Id>);

impl Turned {
    fn new(graph: &TermGraph) -> Turned {
        let mut turned = Turned::default();
        let head = graph.analysis.notebook.head("transpose");
        for class in graph.classes() {
            for term in class.nodes.iter().filter(|term| term.head == head) {
                let (a, b) = (turned.find(class.id), turned.find(graph.find(term.kids[0])));
                if a != b {
                    turned.0.insert(a.max(b), a.min(b));
                }
            }
        }
        turned
    }

    fn find(&self, class: Id) -> Id {
        self.0.get(&class).map_or(class, |next| self.find(*next))
    }

    /// The kids that are no properties, in order.
    fn operands(&self, graph: &TermGraph, term: &Term) -> Vec<Id> {
        let notebook = &graph.analysis.notebook;
        let is_operand = |kid: &Id| {
            let is_leaf = graph[*kid].nodes.iter().all(|own| own.kids.is_empty());
            !is_leaf || notebook.extents(graph[*kid].data.what).is_some()
        };
        let kids = term.kids.iter().map(|kid| graph.find(*kid)).filter(is_operand);
        let mut all: Vec<Id> = kids.map(|kid| self.find(kid)).collect();
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::engine::{Request, saturate};
    use crate::facts::FactsOf;
    use crate::law::parse;
    use crate::rounds::Limits;
    use crate::testing::World;

    /// x + x, which equals 2 x by the one law there is.
    fn run(pins: impl Fn(&World, &mut Graph) -> Pins) -> (Result<String, Vec<u32>>, f64) {
        let law =
            "law double B =>\n dims r\n vars x:r\n lhs (add x x)\n rhs (mul 2 x)\n why test\n";
        let world = Rc::new(World::default());
        let mut graph = Graph::default();
        let x = graph.push(world.id("x: 8 f32"), &[]);
        let root = graph.push(world.id("tern.add"), &[x, x]);
        graph.roots = vec![root];
        let laws = parse("test.rules", law, world.as_ref()).unwrap();
        let pins = pins(&world, &mut Graph::default());
        let limits = Limits { iterations: 8, nodes: 100 };
        let request = Request { pins, ..Request::default() };
        let outcome = saturate(&graph, &laws, world.clone(), limits, &request).unwrap();
        let best = &outcome.best;
        let text = || world.print(best, best.roots[0]);
        (
            if outcome.stale.is_empty() { Ok(text()) } else { Err(outcome.stale) },
            outcome.cost_before,
        )
    }

    fn sum(world: &World, graph: &mut Graph, head: &str) -> (Graph, u32) {
        let x = graph.push(world.id("x: 8 f32"), &[]);
        let root = graph.push(world.id(head), &[x, x]);
        (graph.clone(), root)
    }

    #[test]
    fn a_pin_forces_or_forbids_its_term() {
        let (free, cost) = run(|_, _| Pins::default());
        let (forced, _) = run(|world, graph| {
            let (terms, root) = sum(world, graph, "tern.add");
            Pins { terms, forced: vec![root], forbidden: vec![] }
        });
        let (forbidden, same) = run(|world, graph| {
            let (terms, root) = sum(world, graph, "tern.add");
            Pins { terms, forced: vec![], forbidden: vec![root] }
        });
        assert_eq!(forced.unwrap(), "(add x x)");
        assert!(forbidden.unwrap().starts_with("(mul "));
        assert!(free.is_ok());
        // What was written costs what it costs, whatever may be chosen.
        assert_eq!(cost, same);
    }

    #[test]
    fn a_pin_whose_term_is_not_there_is_stale() {
        let (outcome, _) = run(|world, graph| {
            let (terms, root) = sum(world, graph, "tern.sub");
            Pins { terms, forced: vec![root], forbidden: vec![] }
        });
        assert_eq!(outcome, Err(vec![1]));
    }

    /// x + x is x' + x' with its axes turned, and x + x' is not.
    #[test]
    fn a_forbidden_term_is_forbidden_turned() {
        let world = Rc::new(World::default());
        let facts = FactsOf::new(world.clone());
        let mut graph = TermGraph::new(facts).with_explanations_enabled();
        let term = |name: &str, kids: &[Id]| Term { head: world.id(name), kids: kids.to_vec() };
        let x = graph.add_uncanonical(term("x: 4,4 f32", &[]));
        let turn = graph.add_uncanonical(term("ab->ba", &[]));
        let turned = graph.add_uncanonical(term("tern.transpose", &[x, turn]));
        let sums = [[x, x], [turned, turned], [x, turned]].map(|kids| term("tern.add", &kids));
        let ids = sums.clone().map(|sum| graph.add_uncanonical(sum));
        let back = graph.add_uncanonical(term("tern.transpose", &[ids[1], turn]));
        graph.union_trusted(ids[0], back, "turn");
        graph.rebuild();
        let mut terms = Graph::default();
        let own = terms.push(world.id("x: 4,4 f32"), &[]);
        let sum = terms.push(world.id("tern.add"), &[own, own]);
        let allowed = Pins { terms, forced: vec![], forbidden: vec![sum] }.resolve(&graph).unwrap();
        let holds = |at: usize| allowed.holds(graph.find(ids[at]), &sums[at]);
        assert_eq!([holds(0), holds(1), holds(2)], [false, false, true]);
    }
}
