// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Rounds of laws. A round looks at the classes that changed since the last one and
//! at those above them as far as patterns reach, finds all matches, and only then
//! applies them.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use egg::Id;

use crate::Failure;
use crate::axes::{Match, complete};
use crate::conditions;
use crate::explain;
use crate::facts::TermGraph;
use crate::grow::{Refusal, add};
use crate::law::{Law, Searcher};
use crate::matcher::{Matcher, Step, View};
use crate::offer::Offer;
use crate::order::{self, Few};
use crate::pattern::{Head, Pattern};
use crate::schedule::Schedule;
use crate::siblings::{self, Siblings};
use crate::term::Term;

/// Counts and never seconds, so that the same input has the same outcome.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub iterations: usize,
    /// Terms that the graph never exceeds, unless the input does.
    pub nodes: usize,
}

/// Why no more laws were tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stop {
    /// Nothing is new.
    #[default]
    Saturated,
    Iterations,
    Nodes,
    Unions,
}

impl Stop {
    pub fn text(self) -> &'static str {
        match self {
            Stop::Saturated => "saturated",
            Stop::Iterations => "limit of iterations",
            Stop::Nodes => "limit of nodes",
            Stop::Unions => "limit of unions",
        }
    }
}

/// What one law did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistic {
    pub law: String,
    pub matches: usize,
    /// Matches whose right side could be built.
    pub applications: usize,
    /// Of these, how many made two classes one.
    pub unions: usize,
    /// How often the law was put off.
    pub bans: usize,
    /// To find and to apply it, if that is measured.
    pub time: Duration,
}

pub struct Rounds<'a> {
    laws: &'a [Law],
    limits: Limits,
    /// Terms up to which laws that make terms longer are tried.
    room: usize,
    /// The same for brackets of few, of which there are many.
    few_room: usize,
    /// The classes of the input.
    written: Vec<Id>,
    /// Terms that a law showed to be one of their operands.
    idle: HashSet<Term>,
    /// The laws that can match at a head.
    by_head: HashMap<u32, Vec<usize>>,
    depths: Vec<usize>,
    deepest: usize,
    /// What each class was in the last round.
    seen: HashMap<Id, u64>,
    pub iterations: usize,
    pub statistics: Vec<Statistic>,
    pub unions: Unions,
    pub schedule: Schedule,
    /// Whether it is measured how long each law takes.
    pub measures: bool,
}

/// Classes that become one.
pub struct Unions {
    /// How many more may.
    pub left: usize,
    /// The last law that made two classes one, and its sides.
    pub last: Option<(String, Id, Id)>,
}

impl Unions {
    /// True if the law made two classes one.
    pub fn unite(&mut self, graph: &mut TermGraph, law: &str, left: Id, right: Id) -> bool {
        if self.left == 0 || !graph.union_trusted(left, right, law) {
            return false;
        }
        self.left -= 1;
        self.last = Some((law.into(), left, right));
        true
    }
}

/// Terms for each term of the input, and for a small input, up to which the graph is
/// small.
const ROOM: (usize, usize) = (6, 600);
const FEW_ROOM: (usize, usize) = (2, 200);

impl<'a> Rounds<'a> {
    pub fn new(graph: &TermGraph, laws: &'a [Law], limits: Limits) -> Rounds<'a> {
        let mut by_head: HashMap<u32, Vec<usize>> = HashMap::new();
        for (at, law) in laws.iter().enumerate() {
            let is_tried = match law.offer {
                Offer::Free | Offer::Longer | Offer::Few => true,
                Offer::Searcher => matches!(law.searcher, Searcher::Siblings(_) | Searcher::Chain),
                _ => false,
            };
            if let (Pattern::Term(root), true) = (&law.lhs, is_tried) {
                let heads = match &root.head {
                    Head::Fixed(head) => std::slice::from_ref(head),
                    Head::Any { heads, .. } => heads,
                };
                for head in heads {
                    by_head.entry(*head).or_default().push(at);
                }
            }
        }
        let depths: Vec<usize> = laws.iter().map(|law| law.lhs.depth()).collect();
        Rounds {
            laws,
            limits,
            room: ROOM.0 * graph.total_size() + ROOM.1,
            few_room: FEW_ROOM.0 * graph.total_size() + FEW_ROOM.1,
            written: graph.classes().map(|class| class.id).collect(),
            idle: HashSet::new(),
            by_head,
            deepest: depths.iter().copied().max().unwrap_or_default(),
            depths,
            seen: HashMap::new(),
            iterations: 0,
            unions: Unions { left: usize::MAX, last: None },
            schedule: Schedule::default(),
            measures: false,
            statistics: laws
                .iter()
                .map(|law| Statistic { law: law.name.clone(), ..Statistic::default() })
                .collect(),
        }
    }

    pub fn run(&mut self, graph: &mut TermGraph) -> Result<Stop, Failure> {
        loop {
            if self.unions.left == 0 {
                return Ok(Stop::Unions);
            }
            if self.iterations >= self.limits.iterations {
                return Ok(Stop::Iterations);
            }
            if graph.total_number_of_nodes() >= self.limits.nodes {
                return Ok(Stop::Nodes);
            }
            self.iterations += 1;
            let mut found = self.search(graph);
            self.schedule.put_off(self.iterations, &mut found, &mut self.statistics);
            let (is_new, is_full) = self.apply(graph, found)?;
            if is_full {
                return Ok(Stop::Nodes);
            }
            if !is_new && !self.schedule.resume(self.iterations) {
                return Ok(Stop::Saturated);
            }
        }
    }

    /// The matches of each law, by class.
    fn search(&mut self, graph: &TermGraph) -> Vec<Vec<Match>> {
        let mut times = vec![Duration::ZERO; if self.measures { self.laws.len() } else { 0 }];
        let distances = self.distances(graph);
        self.idle = std::mem::take(&mut self.idle)
            .into_iter()
            .map(|term| canonical(graph, &term))
            .collect();
        let view = View::new(graph, &self.idle);
        let written: HashSet<Id> = self.written.iter().map(|class| graph.find(*class)).collect();
        let mut found: Vec<Vec<Match>> = vec![vec![]; self.laws.len()];
        let mut classes: Vec<(Id, usize)> = distances.into_iter().collect();
        // egg keeps them in a hash table.
        classes.sort_unstable();
        let is_roomy = graph.total_size() < self.room;
        let has_few_room = graph.total_size() < self.few_room;
        let few = Few::new(graph, self.laws);
        for (class, distance) in classes {
            // A number is what it is.
            if graph[class].data.splat.is_some() {
                continue;
            }
            let is_written = written.contains(&class);
            let mut heads: Vec<u32> = view.terms(class).iter().map(|term| term.head).collect();
            heads.dedup();
            let mut laws: Vec<usize> =
                heads.iter().filter_map(|head| self.by_head.get(head)).flatten().copied().collect();
            laws.sort_unstable();
            laws.dedup();
            for at in laws {
                if self.schedule.is_banned(at, self.iterations) {
                    continue;
                }
                let law = &self.laws[at];
                // A family is searched for as a whole.
                let is_family = matches!(law.searcher, Searcher::Siblings(_));
                let is_new =
                    is_family || distance <= self.depths[at] || self.schedule.has_missed(at);
                let may_grow = match law.offer {
                    Offer::Longer => is_roomy && is_written,
                    Offer::Few => has_few_room && few.holds(law, class),
                    _ => true,
                };
                if is_new && may_grow {
                    let start = self.measures.then(Instant::now);
                    search_class(&view, law, class, &mut found[at]);
                    if let Some(start) = start {
                        times[at] += start.elapsed();
                    }
                }
            }
        }
        self.statistics.iter_mut().zip(times).for_each(|(own, time)| own.time += time);
        found
    }

    /// The classes that changed, and those above them by how far they are.
    fn distances(&mut self, graph: &TermGraph) -> HashMap<Id, usize> {
        let mut parents: HashMap<Id, Vec<Id>> = HashMap::new();
        let mut now: HashMap<Id, u64> = HashMap::new();
        for class in graph.classes() {
            let mut hasher = DefaultHasher::new();
            class.nodes.hash(&mut hasher);
            class.data.what.hash(&mut hasher);
            (class.data.load, class.data.splat).hash(&mut hasher);
            now.insert(class.id, hasher.finish());
            for term in &class.nodes {
                for kid in &term.kids {
                    parents.entry(graph.find(*kid)).or_default().push(class.id);
                }
            }
        }
        let is_new = |class: &Id| self.seen.get(class) != now.get(class);
        let mut edge: Vec<Id> = now.keys().filter(|class| is_new(class)).copied().collect();
        let mut distances: HashMap<Id, usize> = edge.iter().map(|class| (*class, 0)).collect();
        for distance in 1..=self.deepest {
            let mut next = vec![];
            for parent in edge.iter().filter_map(|class| parents.get(class)).flatten() {
                distances.entry(*parent).or_insert_with(|| {
                    next.push(*parent);
                    distance
                });
            }
            edge = next;
        }
        // A family has members that did not change.
        for class in now.keys() {
            distances.entry(*class).or_insert(usize::MAX);
        }
        self.seen = now;
        distances
    }

    /// Whether two classes became one, and whether there was no room for a term.
    fn apply(
        &mut self,
        graph: &mut TermGraph,
        found: Vec<Vec<Match>>,
    ) -> Result<(bool, bool), Failure> {
        let (mut is_new, mut is_full) = (false, false);
        // Terms that became one in earlier rounds still count in `total_size`.
        let stale = graph.total_size() - graph.total_number_of_nodes();
        let most = self.limits.nodes.saturating_add(stale);
        for ((law, matches), statistic) in self.laws.iter().zip(found).zip(&mut self.statistics) {
            if matches.is_empty() {
                continue;
            }
            let start = self.measures.then(Instant::now);
            statistic.matches += matches.len();
            let (equal, is_cut): (Vec<(Match, Id)>, bool) = match &law.searcher {
                Searcher::Siblings(vars) => siblings::apply(graph, law, vars, matches, most),
                _ => {
                    let room = match law.offer {
                        Offer::Longer => self.room,
                        Offer::Few => self.few_room,
                        _ => usize::MAX,
                    };
                    apply_all(graph, law, &matches, room, most, &mut self.idle)
                }
            };
            is_full |= is_cut;
            statistic.applications += equal.len();
            for (found, right) in equal {
                if graph.find(found.class) == graph.find(right) {
                    continue;
                }
                if self.unions.left == 0 {
                    break;
                }
                let left = explain::left(graph, law, &found);
                if self.unions.unite(graph, &law.name, left, right) {
                    statistic.unions += 1;
                    is_new = true;
                }
            }
            if let Some(start) = start {
                statistic.time += start.elapsed();
            }
            if graph.analysis.conflict {
                return Err(format!("law '{}' made terms of different types equal", law.name));
            }
        }
        graph.rebuild();
        while order::join(graph, self.laws, &mut self.unions) {
            graph.rebuild();
            is_new = true;
        }
        Ok((is_new, is_full))
    }
}

fn canonical(graph: &TermGraph, term: &Term) -> Term {
    let kids = term.kids.iter().map(|kid| graph.find(*kid)).collect();
    Term { head: term.head, kids }
}

/// The term that the law's outermost operation stands for.
fn root_term(found: &Match) -> Option<Term> {
    match found.steps.first()? {
        Step::Term { term, .. } => Some(term.clone()),
        Step::Splat => None,
    }
}

fn search_class(view: &View, law: &Law, class: Id, into: &mut Vec<Match>) {
    let (first, graph) = (into.len(), view.graph);
    for fit in (Matcher { view, graph, law }).fits(class) {
        let Some(found) = complete(graph, law, class, &fit) else {
            continue;
        };
        let is_known = into[first..].iter().any(|known| known.is_like(&found));
        if !is_known && conditions::hold(graph, law, &found) {
            into.push(found);
        }
    }
}

/// The right sides with the matches that they equal, and whether there was no room for one among
/// `most` terms. A term that equals one of the variables below it becomes idle. With `room` terms in
/// the graph no more are tried.
fn apply_all(
    graph: &mut TermGraph,
    law: &Law,
    matches: &[Match],
    room: usize,
    most: usize,
    idle: &mut HashSet<Term>,
) -> (Vec<(Match, Id)>, bool) {
    let (mut equal, mut is_full) = (vec![], false);
    for found in matches {
        if graph.total_size() >= room {
            break;
        }
        let found = explain::bind(graph, law, found);
        let right = match add(graph, law, &found, &Siblings::default(), most) {
            Ok(right) => right,
            Err(refusal) => {
                is_full |= refusal == Refusal::Full;
                continue;
            }
        };
        if let Pattern::Var(var) = law.rhs
            && found.class_of(var).is_some_and(|class| graph.find(class) == graph.find(right))
        {
            idle.extend(root_term(&found));
        }
        equal.push((found, right));
    }
    (equal, is_full)
}
