// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Why a law that has two operations on its left side did nothing: of each such law
//! the place where it came nearest, and what was missing there.

use std::collections::HashSet;

use egg::Id;

use crate::axes::{Match, complete};
use crate::choices::Table;
use crate::conditions;
use crate::engine::Outcome;
use crate::explain::{self, Proof, Reason};
use crate::extract::extract;
use crate::facts::TermGraph;
use crate::grow::{Refusal, add};
use crate::law::{Fact, Law, Searcher};
use crate::matcher::{Fit, Matcher, View};
use crate::offer::Offer;
use crate::pattern::{Head, Pattern, Sort, TermPattern};
use crate::pins::Allowed;
use crate::rounds::Stop;
use crate::siblings::Siblings;
use crate::term::{Graph, Term};

/// Operations of a term that are printed below each other.
pub const DEPTH: usize = 3;

/// What kept a law from being used; the later, the nearer it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Kind {
    /// The law's left side is not that of the terms.
    #[default]
    Pattern,
    /// Its letters are not the terms' axes.
    Axes,
    Condition,
    /// What says when the law pays.
    Guard,
    /// It is not offered in this direction.
    Offer,
    /// Its searcher found no family.
    Searcher,
    /// A limit was met first.
    Budget,
    /// It was used, and nothing that is chosen needs what it leads to.
    Unneeded,
    /// It was used, and what it leads to is not chosen.
    Dearer,
    Chosen,
    /// It stands between what was written and what was chosen.
    Used,
}

impl Kind {
    pub fn text(self) -> &'static str {
        match self {
            Kind::Pattern => "pattern",
            Kind::Axes => "axes",
            Kind::Condition => "condition",
            Kind::Guard => "guard",
            Kind::Offer => "offer",
            Kind::Searcher => "searcher",
            Kind::Budget => "budget",
            Kind::Unneeded => "unneeded",
            Kind::Dearer => "dearer",
            Kind::Chosen => "chosen",
            Kind::Used => "used",
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Obstacle {
    pub law: String,
    pub kind: Kind,
    /// Operations of the left side that fit, of all.
    pub fitted: usize,
    pub all: usize,
    /// The term at which the left side was tried.
    pub place: String,
    /// The node of the input that it is, if it was written.
    pub node: Option<u32>,
    pub expected: String,
    pub found: String,
    /// Seconds of a step by which the term is dearer.
    pub seconds: f64,
}

/// `(contract %x (weight w) ab,cb->ac)`, cut off below `depth` operations.
pub fn print(graph: &TermGraph, id: Id, depth: usize) -> String {
    let node = |at: u32| {
        let term = graph.id_to_node(Id::from(at as usize));
        (term.head, term.kids.iter().map(|kid| usize::from(*kid) as u32).collect())
    };
    print_node(graph, &node, usize::from(id) as u32, depth)
}

/// The same of a term whose head and kids `node` says.
fn print_node(
    graph: &TermGraph,
    node: &dyn Fn(u32) -> (u32, Vec<u32>),
    at: u32,
    depth: usize,
) -> String {
    let (head, kids) = node(at);
    let name = graph.analysis.oracle.name(head);
    let name = name.trim_matches('"');
    if kids.is_empty() {
        let text = name.split(" : ").next().unwrap_or_default();
        return match text.parse::<f64>() {
            Ok(number) => (number as f32).to_string(),
            Err(_) => text.into(),
        };
    }
    let name = name.trim_start_matches("tern.");
    if head == graph.analysis.known.weight {
        // The name stands before the type.
        return print_node(graph, node, kids[kids.len() - 2], depth);
    }
    if head == graph.analysis.known.constant
        && let Some(number) = graph.analysis.oracle.splat(node(kids[0]).0)
    {
        return (number as f32).to_string();
    }
    if depth == 0 {
        return format!("({name} ..)");
    }
    let kids: Vec<String> =
        kids.iter().map(|kid| print_node(graph, node, *kid, depth - 1)).collect();
    format!("({name} {})", kids.join(" "))
}

/// The laws with both heads on the left side, or why there are none.
pub fn obstacles(
    graph: &mut TermGraph,
    laws: &[Law],
    heads: [u32; 2],
    input: &Graph,
    ids: &[Id],
    outcome: &Outcome,
) -> Result<Vec<Obstacle>, String> {
    let is_there = |head: u32| graph.classes().any(|own| own.nodes.iter().any(|t| t.head == head));
    if let Some(absent) = heads.iter().find(|head| !is_there(**head)) {
        let name = graph.analysis.oracle.name(*absent);
        return Err(format!("no term is a '{}'", name.trim_start_matches("tern.")));
    }
    let mut all = vec![];
    for law in laws.iter().filter(|law| has_both(&law.lhs, heads)) {
        let Some((mut obstacle, found)) = nearest(graph, law) else {
            continue;
        };
        if let Some(found) = found {
            judge(graph, law, &found, input, ids, outcome, &mut obstacle);
        }
        all.push(obstacle);
    }
    match all.is_empty() {
        true => Err("no law that may be used has both operations on its left side".into()),
        false => Ok(all),
    }
}

/// Says which laws were used on the way to what was chosen, finds what was written, and puts the
/// nearest laws first.
pub fn finish(
    all: &mut [Obstacle],
    graph: &TermGraph,
    laws: &[Law],
    proof: Option<&Proof>,
    ids: &[Id],
) {
    if all.is_empty() {
        return;
    }
    let written: Vec<String> = ids.iter().map(|id| print(graph, *id, DEPTH)).collect();
    for own in all.iter_mut() {
        let law = laws.iter().find(|law| law.name == own.law);
        if let (Some(law), Some(proof)) = (law, proof) {
            mark_used(own, graph, law, proof);
        }
        let node = written.iter().position(|text| *text == own.place);
        own.node = node.map(|node| node as u32);
    }
    let share = |own: &Obstacle| own.fitted as f64 / own.all as f64;
    all.sort_by(|a, b| b.kind.cmp(&a.kind).then(share(b).total_cmp(&share(a))));
}

/// As the proof says, whatever was found elsewhere.
fn mark_used(obstacle: &mut Obstacle, graph: &TermGraph, law: &Law, proof: &Proof) {
    let is_own = |reason: &Reason| match reason {
        Reason::Law { law: name, is_forward } => law.is_of(name) && *is_forward != law.is_back,
        _ => false,
    };
    let Some(step) = proof.steps.iter().find(|step| is_own(&step.reason)) else {
        return;
    };
    let node = |at: u32| (proof.terms.heads[at as usize], proof.terms.kids(at as usize).to_vec());
    obstacle.kind = Kind::Used;
    obstacle.fitted = obstacle.all;
    obstacle.place = print_node(graph, &node, step.left, DEPTH);
    obstacle.expected = "it to be used".into();
    obstacle.found = print_node(graph, &node, step.right, DEPTH);
    obstacle.seconds = 0.0;
}

fn heads_of(pattern: &TermPattern) -> &[u32] {
    match &pattern.head {
        Head::Fixed(head) => std::slice::from_ref(head),
        Head::Any { heads, .. } => heads,
    }
}

/// Of two equal heads the pattern has two operations.
fn has_both(side: &Pattern, [a, b]: [u32; 2]) -> bool {
    let (mut with_a, mut with_b) = (0, 0);
    side.for_each_term(&mut |term| {
        with_a += usize::from(heads_of(term).contains(&a));
        with_b += usize::from(heads_of(term).contains(&b));
    });
    with_a > usize::from(a == b) && with_b > 0
}

fn count(side: &Pattern) -> usize {
    let mut all = 0;
    side.for_each_term(&mut |_| all += 1);
    all
}

/// The place where the law comes nearest, and its match there if all holds.
fn nearest(graph: &TermGraph, law: &Law) -> Option<(Obstacle, Option<Match>)> {
    let Pattern::Term(root) = &law.lhs else {
        return None;
    };
    let idle = HashSet::new();
    let view = View::new(graph, &idle);
    let probe = Probe { matcher: Matcher { view: &view, graph, law }, view: &view };
    let mut best: Option<(Obstacle, Option<Match>)> = None;
    let mut classes: Vec<Id> = graph.classes().map(|class| class.id).collect();
    classes.sort();
    for class in classes {
        let is_root = |term: &&Term| heads_of(root).contains(&term.head);
        if !graph[class].nodes.iter().any(|term| is_root(&term)) {
            continue;
        }
        let own = probe.at(class);
        let rank = |own: &(Obstacle, Option<Match>)| (own.1.is_some(), own.0.kind, own.0.fitted);
        if best.as_ref().is_none_or(|best| rank(best) < rank(&own)) {
            best = Some(own);
        }
    }
    best
}

/// How far a pattern fits: operations that do, and where the first one does not.
#[derive(Clone, Default)]
struct Reach {
    fitted: usize,
    broken: Option<(String, String)>,
}

impl Reach {
    fn broken(expected: impl Into<String>, found: impl Into<String>) -> Reach {
        Reach { fitted: 0, broken: Some((expected.into(), found.into())) }
    }

    fn rank(&self) -> (bool, usize) {
        (self.broken.is_none(), self.fitted)
    }
}

struct Probe<'a> {
    matcher: Matcher<'a>,
    view: &'a View<'a>,
}

impl Probe<'_> {
    fn at(&self, class: Id) -> (Obstacle, Option<Match>) {
        let (graph, law) = (self.matcher.graph, self.matcher.law);
        let reach = self.reach(&law.lhs, class, true, false);
        let mut obstacle = Obstacle {
            law: law.name.clone(),
            fitted: reach.fitted,
            all: count(&law.lhs),
            place: self.print_root(class),
            ..Obstacle::default()
        };
        if let Some((expected, found)) = reach.broken {
            (obstacle.expected, obstacle.found) = (expected, found);
            return (obstacle, None);
        }
        let fits = self.matcher.fits(class);
        if fits.is_empty() {
            obstacle.expected = "each variable of the law to stand for one term".into();
            obstacle.found = "several for one of them".into();
            return (obstacle, None);
        }
        let matches: Vec<Match> =
            fits.iter().filter_map(|fit: &Fit| complete(graph, law, class, fit)).collect();
        let Some(first) = matches.first() else {
            obstacle.kind = Kind::Axes;
            obstacle.expected = "the axes that the law's letters say".into();
            obstacle.found = "others".into();
            return (obstacle, None);
        };
        if let Some(found) = matches.iter().find(|found| conditions::hold(graph, law, found)) {
            return (obstacle, Some(found.clone()));
        }
        if let Some(fact) = law.facts.iter().find(|fact| !conditions::holds(graph, **fact, first)) {
            let is_guard = law.guards.contains(fact);
            obstacle.kind = if is_guard { Kind::Guard } else { Kind::Condition };
            let (expected, var) = text_of(law, *fact);
            let class = first.class_of(var);
            obstacle.expected = expected;
            obstacle.found = class.map_or("nothing that shows it".into(), |class| {
                format!("nothing that shows it of {}", print(graph, class, DEPTH))
            });
        }
        (obstacle, None)
    }

    /// The term of the class with the head of the law's left side.
    fn print_root(&self, class: Id) -> String {
        let graph = self.matcher.graph;
        let Pattern::Term(root) = &self.matcher.law.lhs else {
            return print(graph, class, DEPTH);
        };
        let own = graph.id_to_node(class);
        let fits = |term: &&Term| heads_of(root).contains(&term.head);
        if fits(&own) {
            return print(graph, class, DEPTH);
        }
        let term = graph[class].nodes.iter().find(fits);
        term.and_then(|term| graph.lookup(term.clone()).map(|_| term)).map_or_else(
            || print(graph, class, DEPTH),
            |term| {
                let name = graph.analysis.oracle.name(term.head);
                let kids: Vec<String> =
                    term.kids.iter().map(|kid| print(graph, *kid, DEPTH - 1)).collect();
                format!("({} {})", name.trim_start_matches("tern."), kids.join(" "))
            },
        )
    }

    fn reach(&self, pattern: &Pattern, class: Id, is_root: bool, is_spread: bool) -> Reach {
        let (graph, law) = (self.matcher.graph, self.matcher.law);
        let class = graph.find(class);
        let found = || print(graph, class, DEPTH - 1);
        match pattern {
            Pattern::Var(var) | Pattern::Each(var) => match self.matcher.value(*var, class) {
                Some(_) => Reach::default(),
                None => Reach::broken(kind_of(law, *var), found()),
            },
            Pattern::Number(bits) => match self.matcher.is_number(class, *bits) {
                true => Reach::default(),
                false => Reach::broken(f64::from_bits(*bits).to_string(), found()),
            },
            Pattern::Size(_) => match graph[class].data.splat {
                Some(_) => Reach::default(),
                None => Reach::broken("a number of elements", found()),
            },
            Pattern::Term(term) => {
                let through = is_spread && term.name == "bcast";
                if through && self.matcher.rank(class) == Some(0) {
                    let mut reach = self.reach(&term.kids[0], class, false, true);
                    reach.fitted += 1;
                    return reach;
                }
                self.reach_term(term, class, is_root)
            }
        }
    }

    fn reach_term(&self, pattern: &TermPattern, class: Id, is_root: bool) -> Reach {
        let (graph, law) = (self.matcher.graph, self.matcher.law);
        let mut best = Reach::broken(
            format!("an operation '{}'", pattern.name),
            print(graph, class, DEPTH - 1),
        );
        let is_wide = graph.analysis.notebook.is_wide(graph[class].data.what);
        for term in self.view.terms(class) {
            let arity = pattern.kids.len();
            let is_one = heads_of(pattern).contains(&term.head)
                && term.kids.len() == arity + pattern.properties();
            if !is_one {
                continue;
            }
            if !is_root && !law.is_low && !pattern.is_exact && !is_wide {
                best = Reach::broken(
                    format!("'{}' without a rounding after it", pattern.name),
                    print(graph, class, DEPTH - 1),
                );
                continue;
            }
            let start = Fit { vars: vec![None; law.vars.len()], ..Fit::default() };
            if self.matcher.fit_properties(pattern, class, term, start).is_none() {
                best = Reach::broken(
                    format!("'{}' with the properties that the law says", pattern.name),
                    print(graph, class, DEPTH - 1),
                );
                continue;
            }
            let operands = &term.kids[..arity];
            let mut orders = vec![operands.to_vec()];
            if pattern.commutes && arity == 2 {
                orders.push(vec![operands[1], operands[0]]);
            }
            for order in orders {
                let reach = self.reach_kids(pattern, &order);
                if best.rank() < reach.rank() {
                    best = reach;
                }
            }
        }
        best
    }

    fn reach_kids(&self, pattern: &TermPattern, operands: &[Id]) -> Reach {
        let is_spread = !pattern.form.has_string();
        let mut all = Reach { fitted: 1, broken: None };
        for (kid, operand) in pattern.kids.iter().zip(operands) {
            let reach = self.reach(kid, *operand, false, is_spread);
            all.fitted += reach.fitted;
            all.broken = all.broken.or(reach.broken);
        }
        all
    }
}

fn kind_of(law: &Law, var: usize) -> String {
    match law.vars[var].sort {
        Sort::Truth => "a mask".into(),
        Sort::Index(_) => "indices".into(),
        _ if law.vars[var].letters.is_empty() => "a scalar".into(),
        _ => "a tensor".into(),
    }
}

/// A condition as rule files write it, and the variable that it is about.
fn text_of(law: &Law, fact: Fact) -> (String, usize) {
    let (word, var) = match fact {
        Fact::Load(var) => ("load", var),
        Fact::Exact(_, var) => ("exact", var),
        Fact::Rows(_, var) => ("rows", var),
        Fact::Positive(var) => ("pos", var),
        Fact::NotNegative(var) => ("nonneg", var),
        Fact::NotZero(var) => ("nonzero", var),
        Fact::PowerOfTwo(var) => ("pow2", var),
        Fact::NotOne(var) => ("not-one", var),
        Fact::Delta(var) => ("delta", var),
        Fact::Rounded(var) => ("rounded", var),
        Fact::Orthogonal(var) => ("orthogonal", var),
        Fact::Bijective(var) => ("bijective", var),
        Fact::Some(var, _) => ("some", var),
        Fact::Increasing(var) => ("increasing", var),
        Fact::ZeroAtZero(var) => ("zero_at_zero", var),
    };
    (format!("({word} {})", law.vars[var].name), var)
}

/// Why a law is not tried.
fn untried(offer: Offer) -> String {
    match offer {
        Offer::Same => "one that holds by itself",
        Offer::OneWay => "one whose other direction makes terms shorter",
        Offer::Choice => "one that would have to choose where to split",
        Offer::Unsafe => "one that leads to overflow or cancellation",
        Offer::Unbounded => "one of an index of which nothing shows that it is below its bound",
        Offer::Missing => "one with an operation that there is not",
        _ => "one whose left side can't be matched",
    }
    .into()
}

/// What became of a match of which all holds.
fn judge(
    graph: &mut TermGraph,
    law: &Law,
    found: &Match,
    input: &Graph,
    ids: &[Id],
    outcome: &Outcome,
    obstacle: &mut Obstacle,
) {
    let mut say = |kind: Kind, expected: &str, found: String| {
        obstacle.kind = kind;
        obstacle.expected = expected.into();
        obstacle.found = found;
    };
    match law.offer {
        Offer::Free | Offer::Longer | Offer::Few => {}
        Offer::Searcher if law.searcher == Searcher::Chain => {}
        Offer::Searcher if matches!(law.searcher, Searcher::Siblings(_)) => {
            return say(Kind::Searcher, "two weights or more that meet one operand", "one".into());
        }
        Offer::Searcher => {
            return say(Kind::Searcher, "a place that its searcher finds", "none".into());
        }
        other => {
            return say(Kind::Offer, "a law that is tried in this direction", untried(other));
        }
    }
    let bound = explain::bind(graph, law, found);
    let right = add(graph, law, &bound, &Siblings::default(), usize::MAX);
    graph.rebuild();
    let right = match right {
        Ok(right) => right,
        Err(Refusal::Dearer) => {
            let found = "one that costs no less by itself";
            return say(Kind::Searcher, "a cheaper order of the products", found.into());
        }
        Err(_) => return say(Kind::Axes, "a right side that has a type", "none".into()),
    };
    if graph.find(right) != graph.find(found.class) {
        let limit = match (outcome.stop, law.offer) {
            (Stop::Saturated, Offer::Longer) => "the room for laws that make terms longer".into(),
            (Stop::Saturated, Offer::Few) => "the room for sums and products of few".into(),
            (stop, _) => stop.text().to_string(),
        };
        return say(Kind::Budget, "a try before a limit is met", limit);
    }
    let term = graph.id_to_node(right).clone();
    let kids = term.kids.iter().map(|kid| graph.find(*kid)).collect();
    let term = Term { head: term.head, kids };
    let text = print(graph, right, DEPTH);
    match cost_with(graph, input, ids, graph.find(right), term) {
        None => say(Kind::Unneeded, "a term that what is chosen needs", text),
        Some(cost) if cost <= outcome.cost_after * (1.0 + 1e-9) => {
            say(Kind::Chosen, "it to be used", text);
        }
        Some(cost) => {
            say(Kind::Dearer, "the cheapest term", text);
            obstacle.seconds = cost - outcome.cost_after;
        }
    }
}

/// The least cost of terms with this one in its class. None if the class is not needed then.
fn cost_with(graph: &TermGraph, input: &Graph, ids: &[Id], class: Id, term: Term) -> Option<f64> {
    let allowed = Allowed::only(class, term);
    let table = Table::new(graph, input, ids, &allowed);
    let extraction = extract(&table.choices)?;
    table.needs(&extraction, class).then_some(extraction.cost)
}
