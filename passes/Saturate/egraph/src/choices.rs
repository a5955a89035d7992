// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The graph as extraction sees it: what each class is, and where.
//!
//! What a term costs depends on where its operands are and where its value goes:
//! a sum that a contraction's kernel adds on the way writes nothing, a sum of its
//! own is a kernel that reads, writes and is launched. So each class stands for up
//! to six, one for each place that its value can be in, and a term is a choice
//! for the places that a kernel of its kind can leave its value in, over the
//! places that it can take operands from. This is how passes/Dispatch forms
//! kernels; what is not said here is that a value that two kernels compute in
//! registers is computed in memory once, for both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use egg::Id;

use crate::extract::{Choice, Choices, Extraction};
use crate::facts::TermGraph;
use crate::oracle::Kind;
use crate::pins::Allowed;
use crate::term::{Graph, Term};

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In memory at each step.
    Memory,
    /// The same, but not by way of registers of its own kernel, from where it need not be read.
    Source,
    /// In the registers of a kernel that maps rows or elements.
    Register,
    /// In the registers of the kernel of a contraction or of attention.
    Accumulator,
    /// Computed by the kernel of attention that reads it, from memory.
    Fetched,
    /// In memory while the load program runs.
    Load,
}

/// What a choice stands for.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Term(&'a Term),
    /// A value of the same class, in another place.
    Move,
    /// The kid of that number of a term that says that either may stand for it.
    Decision(&'a Term, u32),
}

const PLACES: usize = 6;

/// Element-wise terms between the half of a product and the term that reads both halves.
const CHAIN: usize = 3;

fn at(class: usize, place: Place) -> usize {
    class * PLACES + place as usize
}

/// Classes by number, and their terms as choices.
pub struct Table<'a> {
    graph: &'a TermGraph,
    classes: Vec<Id>,
    /// By class and place: what each choice does.
    steps: Vec<Vec<Step<'a>>>,
    halves: BTreeMap<Id, BTreeSet<Id>>,
    pub choices: Choices,
}

impl<'a> Table<'a> {
    pub fn new(graph: &'a TermGraph, input: &Graph, ids: &[Id], allowed: &Allowed) -> Table<'a> {
        let mut classes: Vec<Id> = graph.classes().map(|class| class.id).collect();
        classes.sort();
        let count = PLACES * classes.len();
        let choices = Choices { options: vec![vec![]; count], roots: vec![] };
        let (steps, halves) = (vec![vec![]; count], BTreeMap::new());
        let mut table = Table { graph, classes, steps, halves, choices };
        table.find_halves();
        let mut written: Vec<Vec<Term>> = vec![vec![]; table.classes.len()];
        for (node, id) in ids.iter().enumerate() {
            let kids = input.kids(node).iter().map(|kid| graph.find(ids[*kid as usize])).collect();
            written[table.number(*id)].push(Term { head: input.heads[node], kids });
        }
        let stages = table.stages();
        for class in 0..table.classes.len() {
            table.add_places(class);
            // What needs a later value than the class itself can't stand for it.
            let nodes = &graph[table.classes[class]].nodes;
            let is_early = |term: &&Term| table.stage(term, &stages) <= stages[class];
            let is_allowed = |term: &&Term| allowed.holds(table.classes[class], term);
            let mut own: Vec<&Term> = nodes.iter().filter(is_early).filter(is_allowed).collect();
            // Terms as they were written come first.
            own.sort_by_key(|term| (!written[class].contains(term), *term));
            for term in own {
                table.add_term(class, term, written[class].contains(term));
            }
        }
        let root = |root: &u32| at(table.number(ids[*root as usize]), Place::Memory);
        table.choices.roots = input.roots.iter().map(root).collect();
        table
    }

    fn number(&self, id: Id) -> usize {
        self.classes.binary_search(&self.graph.find(id)).expect("a class of the graph")
    }

    /// Seconds to read or write all that the class stands for.
    fn moved(&self, class: usize) -> f64 {
        let what = self.graph[self.classes[class]].data.what;
        self.graph.analysis.oracle.moved(what)
    }

    fn add(&mut self, choice: usize, cost: f64, kids: Vec<usize>) {
        self.choices.options[choice].push(Choice { cost, kids, is_written: true });
        self.steps[choice].push(Step::Move);
    }

    /// How a value goes from place to place. To store registers takes a kernel of its own, but for
    /// what a contraction's kernel holds.
    fn add_places(&mut self, class: usize) {
        let oracle = &self.graph.analysis.oracle;
        let facts = &self.graph[self.classes[class]].data;
        let (launch, moved) = (oracle.launch(), self.moved(class));
        let resident = facts.load.then(|| oracle.resident(facts.what));
        let source = at(class, Place::Source);
        self.add(at(class, Place::Memory), 0.0, vec![source]);
        self.add(at(class, Place::Memory), launch + moved, vec![at(class, Place::Register)]);
        self.add(source, moved, vec![at(class, Place::Accumulator)]);
        if let Some(resident) = resident {
            self.add(source, resident, vec![at(class, Place::Load)]);
        }
        self.add(at(class, Place::Register), moved, vec![source]);
    }

    fn add_term(&mut self, class: usize, term: &'a Term, is_written: bool) {
        let kids: Vec<usize> = term.kids.iter().map(|kid| self.number(*kid)).collect();
        let all = |place: Place| kids.iter().map(|kid| at(*kid, place)).collect::<Vec<_>>();
        let first_held = |mut places: Vec<usize>| {
            places[0] = at(kids[0], Place::Accumulator);
            places
        };
        let is_half_of_product = !term.kids.is_empty() && self.is_product(term.kids[0]);
        let is_of_attention = !term.kids.is_empty() && self.is_attention(term.kids[0]);
        let angles: f64 = kids.iter().skip(1).map(|kid| self.moved(*kid)).sum();
        let turns_query = term.head == self.graph.analysis.oracle.operation("kv.attend");
        let mut push = |place: Place, cost: f64, kids: Vec<usize>| {
            self.choices.options[at(class, place)].push(Choice { cost, kids, is_written });
            self.steps[at(class, place)].push(Step::Term(term));
        };
        let data = |class: Id| &self.graph[class].data;
        let facts = data(self.classes[class]);
        if term.kids.is_empty() {
            push(Place::Source, 0.0, vec![]);
            push(Place::Register, 0.0, vec![]);
            push(Place::Load, 0.0, vec![]);
            return;
        }
        let whats: Vec<u32> = term.kids.iter().map(|kid| data(*kid).what).collect();
        let loads: Vec<bool> = term.kids.iter().map(|kid| data(*kid).load).collect();
        let oracle = &self.graph.analysis.oracle;
        let price = oracle.price(term.head, &whats, &loads);
        let is_load = facts.load && loads.iter().all(|load| *load);
        if price.kind == Kind::Choice {
            self.add_decision(class, term, is_written, is_load);
            return;
        }
        if is_load {
            let cost = oracle.load_price(term.head, &whats);
            push(Place::Load, cost, all(Place::Load));
        }
        match price.kind {
            Kind::Choice => {}
            Kind::Free => push(Place::Source, 0.0, all(Place::Memory)),
            Kind::Repeated => push(Place::Register, price.seconds, all(Place::Register)),
            _ if is_load => {}
            Kind::View => push(Place::Source, price.seconds, all(Place::Memory)),
            Kind::Half => {
                push(Place::Source, price.seconds, all(Place::Memory));
                if is_half_of_product {
                    push(Place::Accumulator, price.seconds, first_held(all(Place::Memory)));
                }
            }
            Kind::Joint => {
                push(Place::Source, price.seconds, all(Place::Memory));
                if is_of_attention {
                    push(Place::Accumulator, price.seconds, first_held(all(Place::Memory)));
                }
            }
            Kind::Row => push(Place::Register, price.seconds, all(Place::Register)),
            Kind::Rotation => {
                push(Place::Register, price.seconds, all(Place::Register));
                push(Place::Fetched, price.seconds + angles, all(Place::Memory));
            }
            Kind::Narrowing => {
                push(Place::Register, price.seconds, all(Place::Register));
                let seconds = price.seconds + oracle.moved(facts.what);
                push(Place::Source, seconds, first_held(all(Place::Memory)));
            }
            Kind::Pointwise => push(Place::Register, price.seconds, all(Place::Register)),
            Kind::Movement => push(Place::Register, price.seconds, all(Place::Memory)),
            Kind::Contraction => {
                push(Place::Accumulator, price.seconds, all(Place::Memory));
                if turns_query {
                    let mut places = all(Place::Memory);
                    places[0] = at(kids[0], Place::Fetched);
                    push(Place::Accumulator, price.seconds, places);
                }
            }
            Kind::Kernel => push(Place::Source, price.seconds, all(Place::Memory)),
        }
        if price.kind == Kind::Pointwise && !is_load {
            self.add_epilogues(class, term, is_written, price.seconds);
        }
    }

    /// Either of the first two kids stands for the term, which means the first. There is one place
    /// to decide it: all uses have the same one.
    fn add_decision(&mut self, class: usize, term: &'a Term, is_written: bool, is_load: bool) {
        let (place, from) = match is_load {
            true => (Place::Load, Place::Load),
            false => (Place::Source, Place::Memory),
        };
        for (operand, kid) in term.kids[..2].iter().enumerate() {
            let kids = vec![at(self.number(*kid), from)];
            let is_written = is_written && operand == 0;
            self.choices.options[at(class, place)].push(Choice { cost: 0.0, kids, is_written });
            self.steps[at(class, place)].push(Step::Decision(term, operand as u32));
        }
    }

    /// True if the value of the class is computed, wherever it is.
    pub fn needs(&self, extraction: &Extraction, class: Id) -> bool {
        let first = PLACES * self.number(class);
        extraction.needed[first..first + PLACES].contains(&true)
    }

    /// The name, which is the third kid, of each choice that is needed, and what stands for it.
    pub fn decisions(&self, extraction: &Extraction) -> Vec<(u32, u32)> {
        let named = |(term, operand): (&Term, u32)| (self.graph[term.kids[2]].data.what, operand);
        self.decided(extraction).into_iter().map(named).collect()
    }

    /// Each choice that is needed, and which kid stands for it.
    pub fn decided(&self, extraction: &Extraction) -> Vec<(&'a Term, u32)> {
        let decision = |class: usize| match self.steps[class].get(extraction.chosen[class]) {
            Some(Step::Decision(term, operand)) if extraction.needed[class] => {
                Some((*term, *operand))
            }
            _ => None,
        };
        (0..self.steps.len()).filter_map(decision).collect()
    }

    /// An element-wise term can follow each operand of its own type that a contraction's kernel
    /// holds, and reads the others.
    fn add_epilogues(&mut self, class: usize, term: &'a Term, is_written: bool, seconds: f64) {
        let what = self.graph[self.classes[class]].data.what;
        for (host, id) in term.kids.iter().enumerate() {
            if self.graph[*id].data.what != what || term.kids[..host].contains(id) {
                continue;
            }
            let (mut cost, mut kids) = (seconds, vec![]);
            for id in &term.kids {
                let kid = self.number(*id);
                let is_held = *id == term.kids[host] || self.are_halves(*id, term.kids[host]);
                let place = if is_held {
                    Place::Accumulator
                } else if self.is_repeated(*id) {
                    Place::Register
                } else {
                    cost += self.moved(kid);
                    Place::Memory
                };
                kids.push(at(kid, place));
            }
            self.choices.options[at(class, Place::Accumulator)].push(Choice {
                cost,
                kids,
                is_written,
            });
            self.steps[at(class, Place::Accumulator)].push(Step::Term(term));
        }
    }

    /// By class the products of which a kernel can hold a half, and element-wise terms after it, that
    /// end there.
    fn find_halves(&mut self) {
        let oracle = &self.graph.analysis.oracle;
        let kind = |term: &Term| {
            let whats: Vec<u32> = term.kids.iter().map(|kid| self.graph[*kid].data.what).collect();
            oracle.price(term.head, &whats, &vec![false; whats.len()]).kind
        };
        let slice = oracle.operation("tern.slice");
        let mut edge: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
        for class in &self.classes {
            for term in self.graph[*class].nodes.iter().filter(|term| term.head == slice) {
                if self.is_product(term.kids[0]) && kind(term) == Kind::Half {
                    edge.entry(*class).or_default().insert(self.graph.find(term.kids[0]));
                }
            }
        }
        let mut halves = edge.clone();
        for _ in 0..CHAIN {
            let mut next: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
            for class in self.classes.iter().filter(|_| !edge.is_empty()) {
                let what = self.graph[*class].data.what;
                for term in &self.graph[*class].nodes {
                    let kids = term.kids.iter().map(|kid| self.graph.find(*kid));
                    let held: Vec<Id> = kids
                        .filter(|kid| edge.contains_key(kid) && self.graph[*kid].data.what == what)
                        .collect();
                    if !held.is_empty() && kind(term) == Kind::Pointwise {
                        let products = held.iter().flat_map(|kid| &edge[kid]);
                        next.entry(*class).or_default().extend(products);
                    }
                }
            }
            for (class, products) in &next {
                halves.entry(*class).or_default().extend(products);
            }
            edge = next;
        }
        self.halves = halves;
    }

    /// A kernel can hold both classes: halves of one product, or what was made of them.
    fn are_halves(&self, a: Id, b: Id) -> bool {
        let of = |id: Id| self.halves.get(&self.graph.find(id));
        match (of(a), of(b)) {
            (Some(a), Some(b)) => !a.is_disjoint(b),
            _ => false,
        }
    }

    /// A product with a weight.
    fn is_product(&self, id: Id) -> bool {
        let contract = self.graph.analysis.oracle.operation("tern.contract");
        let is_load = |kid: &Id| self.graph[*kid].data.load;
        self.graph[id].nodes.iter().any(|term| term.head == contract && is_load(&term.kids[1]))
    }

    /// What attends, with one result.
    fn is_attention(&self, id: Id) -> bool {
        let oracle = &self.graph.analysis.oracle;
        let heads = ["tern.attention", "kv.attend"].map(|name| oracle.operation(name));
        self.graph[id].nodes.iter().any(|term| heads.contains(&term.head))
    }

    /// A leaf or what each kernel computes again.
    fn is_repeated(&self, id: Id) -> bool {
        let is_repeated = |term: &Term| {
            let whats: Vec<u32> = term.kids.iter().map(|kid| self.graph[*kid].data.what).collect();
            let loads = vec![false; whats.len()];
            !term.kids.is_empty()
                && self.graph.analysis.oracle.price(term.head, &whats, &loads).kind
                    == Kind::Repeated
        };
        self.graph[id].nodes.iter().any(is_repeated)
    }

    /// A class by its number in the graph, and the place.
    pub fn name(&self, choice: usize) -> String {
        const NAMES: [&str; PLACES] =
            ["memory", "source", "register", "accumulator", "fetched", "load"];
        format!("{}.{}", self.classes[choice / PLACES], NAMES[choice % PLACES])
    }

    /// What an option is: the head of a term, or the place that the value comes from.
    pub fn label(&self, choice: usize, option: usize) -> String {
        match self.steps[choice][option] {
            Step::Term(term) => self.graph.analysis.oracle.name(term.head),
            _ => self.name(self.choices.options[choice][option].kids[0]),
        }
    }

    fn stage(&self, term: &Term, stages: &[u32]) -> u32 {
        if term.kids.is_empty() {
            return self.graph.analysis.oracle.stage(term.head);
        }
        term.kids.iter().map(|kid| stages[self.number(*kid)]).max().unwrap_or(0)
    }

    /// The earliest stage at which each class can be had.
    fn stages(&self) -> Vec<u32> {
        let mut stages = vec![u32::MAX; self.classes.len()];
        let mut is_new = true;
        while is_new {
            is_new = false;
            for (at, class) in self.classes.iter().enumerate() {
                let nodes = self.graph[*class].nodes.iter();
                let least = nodes.map(|term| self.stage(term, &stages)).min().unwrap_or(u32::MAX);
                is_new |= least < stages[at];
                stages[at] = stages[at].min(least);
            }
        }
        stages
    }

    /// The chosen terms of the roots, inner terms first, and what each of them costs.
    pub fn emit(&self, chosen: &[usize]) -> (Graph, Vec<f64>) {
        let (mut graph, mut costs) = (Graph::default(), vec![]);
        let mut known = HashMap::new();
        let mut places: Vec<Option<u32>> = vec![None; self.steps.len()];
        for root in &self.choices.roots {
            let mut stack = vec![*root];
            while let Some(&choice) = stack.last() {
                if places[choice].is_some() {
                    stack.pop();
                    continue;
                }
                let option = &self.choices.options[choice][chosen[choice]];
                let open = option.kids.iter().rev().copied().filter(|kid| places[*kid].is_none());
                let before = stack.len();
                stack.extend(open);
                if stack.len() > before {
                    continue;
                }
                stack.pop();
                let kids: Vec<u32> = option.kids.iter().filter_map(|kid| places[*kid]).collect();
                let node = match self.steps[choice][chosen[choice]] {
                    Step::Term(term) => *known
                        .entry((term.head, kids.clone()))
                        .or_insert_with(|| graph.push(term.head, &kids)),
                    _ => kids[0],
                };
                costs.resize(graph.heads.len(), 0.0);
                costs[node as usize] += option.cost;
                places[choice] = Some(node);
            }
            graph.roots.extend(places[*root]);
        }
        (graph, costs)
    }
}
