// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Laws applied until nothing is new, or a limit is met; then the cheapest term.

use std::rc::Rc;

use egg::Id;

use crate::Failure;
use crate::choices::Table;
use crate::dump::{self, Format};
use crate::explain::{self, Proof};
use crate::extract::{cost_of_written, extract};
use crate::facts::{FactsOf, TermGraph};
use crate::law::Law;
use crate::oracle::Oracle;
use crate::pins::{Allowed, Pins};
use crate::rounds::{Limits, Rounds, Statistic, Stop};
use crate::schedule::Schedule;
use crate::seek;
use crate::term::{Graph, Term};
use crate::why_not::{self, DEPTH, Obstacle, print};

#[derive(Debug, Default)]
pub struct Outcome {
    pub best: Graph,
    /// Seconds of a step of each term of `best`, moves of its value included.
    pub costs: Vec<f64>,
    /// Terms and classes of the graph at the end.
    pub nodes: usize,
    pub classes: usize,
    pub iterations: usize,
    pub stop: Stop,
    /// Seconds of a step before and after.
    pub cost_before: f64,
    pub cost_after: f64,
    /// No term of the graph costs less.
    pub bound: f64,
    /// The name of each choice that is needed, and the kid that stands for it.
    pub chosen: Vec<(u32, u32)>,
    /// The graph as text, if that was asked for.
    pub dump: String,
    /// By law.
    pub statistics: Vec<Statistic>,
    /// Whether the graph holds what was sought.
    pub is_found: bool,
    /// Why the roots of `best`, or of what was sought and found, equal those of the
    /// input, if that was asked for.
    pub proof: Option<Proof>,
    /// The pins whose terms the laws do not reach. Nothing is chosen if there are some.
    pub stale: Vec<u32>,
    /// The pins leave no term for a root. Nothing is chosen then.
    pub is_blocked: bool,
    /// How many unions there were, and the last law that was used, with its sides.
    pub unions: usize,
    pub last_union: [String; 3],
    /// Why laws with two heads did nothing, if that was asked for; if there are none, why not.
    pub why_not: Vec<Obstacle>,
    pub why_none: String,
}

/// What is asked for beside the cheapest terms.
#[derive(Debug, Default)]
pub struct Request {
    pub proves: bool,
    pub dump: Option<Format>,
    /// Terms of which it is asked whether they equal the input.
    pub sought: Option<Graph>,
    pub pins: Pins,
    /// Most unions.
    pub unions: Option<usize>,
    /// Two heads.
    pub why_not: Option<[u32; 2]>,
    /// Whether laws with many matches are put off.
    pub backs_off: bool,
    /// Whether it is measured how long each law takes.
    pub measures: bool,
}

/// Matches of a law in a round from which it is put off, and for how many rounds, at first.
const MATCHES: usize = 1_000;
const ROUNDS: usize = 5;

pub fn saturate(
    input: &Graph,
    laws: &[Law],
    oracle: Rc<dyn Oracle>,
    limits: Limits,
    request: &Request,
) -> Result<Outcome, Failure> {
    // Always with explanations, so that the outcome is the same whether they are asked for.
    let mut graph = TermGraph::new(FactsOf::new(oracle))
        .with_explanations_enabled()
        .without_explanation_length_optimization();
    let ids = encode(&mut graph, input)?;
    // Before any law says something of the terms.
    let written = Table::new(&graph, input, &ids, &Allowed::default());
    let cost_before = cost_of_written(&written.choices).ok_or("no term of a root is finite")?;
    let mut rounds = Rounds::new(&graph, laws, limits);
    let limit = request.unions.unwrap_or(usize::MAX);
    rounds.unions.left = limit;
    rounds.measures = request.measures;
    if request.backs_off {
        rounds.schedule = Schedule::backoff(laws.len(), MATCHES, ROUNDS);
    }
    let stop = rounds.run(&mut graph)?;
    let mut outcome = Outcome {
        cost_before,
        nodes: graph.total_number_of_nodes(),
        classes: graph.number_of_classes(),
        iterations: rounds.iterations,
        stop,
        statistics: rounds.statistics.clone(),
        unions: limit - rounds.unions.left,
        last_union: match &rounds.unions.last {
            Some((law, left, right)) => {
                [law.clone(), print(&graph, *left, DEPTH), print(&graph, *right, DEPTH)]
            }
            None => <[String; 3]>::default(),
        },
        ..Outcome::default()
    };
    let mut decided = vec![];
    match request.pins.resolve(&graph) {
        Ok(allowed) => {
            decided = decode(&graph, input, &ids, &allowed, request.dump, &mut outcome)?;
        }
        Err(stale) => outcome.stale = stale,
    }
    if outcome.is_blocked || !outcome.stale.is_empty() {
        return Ok(outcome);
    }
    if let Some(heads) = request.why_not {
        match why_not::obstacles(&mut graph, laws, heads, input, &ids, &outcome) {
            Ok(all) => outcome.why_not = all,
            Err(why) => outcome.why_none = why,
        }
    }
    let roots: Vec<Id> = input.roots.iter().map(|root| ids[*root as usize]).collect();
    if let Some(sought) = &request.sought {
        outcome.is_found = seek::holds(&mut graph, &mut rounds, laws, &roots, sought)?;
    }
    if request.proves {
        explain::choose(&mut graph, decided);
        let equal = request.sought.as_ref().filter(|_| outcome.is_found).unwrap_or(&outcome.best);
        outcome.proof = Some(explain::prove(&mut graph, laws, &roots, equal)?);
    }
    why_not::finish(&mut outcome.why_not, &graph, laws, outcome.proof.as_ref(), &ids);
    Ok(outcome)
}

pub fn encode(graph: &mut TermGraph, input: &Graph) -> Result<Vec<Id>, Failure> {
    let mut ids: Vec<Id> = vec![];
    for (node, head) in input.heads.iter().enumerate() {
        let kids = input.kids(node).iter().map(|kid| ids[*kid as usize]).collect();
        let id = graph.add(Term { head: *head, kids });
        if graph[id].data.what == 0 {
            return Err(format!("term {node} of the function has no type"));
        }
        ids.push(id);
    }
    graph.rebuild();
    Ok(ids)
}

/// Reads the cheapest term of the roots out of the graph. Returns the choices that it needs, and
/// which kid stands for each.
fn decode(
    graph: &TermGraph,
    input: &Graph,
    ids: &[Id],
    allowed: &Allowed,
    format: Option<Format>,
    outcome: &mut Outcome,
) -> Result<Vec<(Term, u32)>, Failure> {
    let table = Table::new(graph, input, ids, allowed);
    let Some(extraction) = extract(&table.choices) else {
        outcome.is_blocked = true;
        return Ok(vec![]);
    };
    outcome.cost_after = extraction.cost;
    // Of all terms, whatever is pinned.
    let free = || {
        let all = Table::new(graph, input, ids, &Allowed::default());
        extract(&all.choices).map_or(0.0, |free| free.bound.min(extraction.cost))
    };
    outcome.bound = if allowed.is_all() { extraction.bound } else { free() };
    (outcome.best, outcome.costs) = table.emit(&extraction.chosen);
    outcome.chosen = table.decisions(&extraction);
    outcome.dump = format.map(|format| dump::dump(&table, &extraction, format)).unwrap_or_default();
    let decided = table.decided(&extraction).into_iter();
    Ok(decided.map(|(term, operand)| (term.clone(), operand)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::parse;
    use crate::testing::World;

    const LIMITS: Limits = Limits { iterations: 8, nodes: 10_000 };
    const SIBLINGS: &str = "law siblings B => grow
  dims r k n s
  vars x:rk w:nk
  guard (siblings w)
  lhs (contract rk,nk->rn x w)
  rhs (slice rs->rn (contract rk,sk->rs x (concat nk..->sk w..)) (before n))
  why one pass over x\n";

    /// Adds `(head kids)` with kids that are nodes or texts of leaves.
    struct Writer {
        world: Rc<World>,
        graph: Graph,
    }

    impl Writer {
        fn new() -> Writer {
            Writer { world: Rc::new(World::default()), graph: Graph::default() }
        }
        fn leaf(&mut self, text: &str) -> u32 {
            let head = self.world.id(text);
            self.graph.push(head, &[])
        }
        fn term(&mut self, head: &str, operands: &[u32], properties: &[&str]) -> u32 {
            let mut kids = operands.to_vec();
            kids.extend(properties.iter().map(|text| self.leaf(text)).collect::<Vec<_>>());
            let head = self.world.id(&format!("tern.{head}"));
            self.graph.push(head, &kids)
        }
        fn run(mut self, roots: &[u32], laws: &str) -> (Outcome, Vec<String>) {
            self.graph.roots = roots.to_vec();
            let mut laws = parse("test.rules", laws, self.world.as_ref()).unwrap();
            laws.iter_mut().for_each(|law| law.offer = law.offer.of_user());
            let outcome =
                saturate(&self.graph, &laws, self.world.clone(), LIMITS, &Request::default())
                    .unwrap();
            let printed =
                outcome.best.roots.iter().map(|root| self.world.print(&outcome.best, *root));
            let printed = printed.collect();
            (outcome, printed)
        }
    }

    #[test]
    fn operands_that_change_places_count_among_unions() {
        const LAWS: &str = "law cancel B =>
  dims r
  vars x:r
  lhs (neg (neg x))
  rhs x
  why test

law commute B =>
  dims r
  vars x:r y:r
  lhs (add x y)
  rhs (add y x)
  why test\n";
        let run = |limit| {
            let mut w = Writer::new();
            let (x, y) = (w.leaf("x: 8 f32"), w.leaf("y: 8 f32"));
            let once = w.term("neg", &[x], &[]);
            let twice = w.term("neg", &[once], &[]);
            let sums = [w.term("add", &[x, y], &[]), w.term("add", &[y, x], &[])];
            w.graph.roots = vec![twice, sums[0], sums[1]];
            let laws = parse("test.rules", LAWS, w.world.as_ref()).unwrap();
            let request = Request { unions: limit, ..Request::default() };
            saturate(&w.graph, &laws, w.world.clone(), LIMITS, &request).unwrap()
        };
        let (all, some) = (run(None), run(Some(1)));
        assert_eq!((all.unions, some.unions), (2, 1));
        assert_eq!((&*all.last_union[0], &*some.last_union[0]), ("commute", "cancel"));
    }

    #[test]
    fn siblings_become_one_contraction() {
        let mut w = Writer::new();
        let x = w.leaf("x: T,64 f32");
        let mut roots = vec![];
        for rows in ["8", "4", "2"] {
            let weight = w.term("weight", &[], &[&format!("w{rows}"), &format!("{rows},64 f32")]);
            roots.push(w.term("contract", &[x, weight], &["ab,cb->ac"]));
        }
        let (outcome, printed) = w.run(&roots, SIBLINGS);
        let merged = "(contract x (concat (weight w8 8,64:f32) (weight w4 4,64:f32) (weight w2 2,64:f32) 0) ab,cb->ac)";
        assert_eq!(
            printed,
            [
                format!("(slice {merged} 1 0 8)"),
                format!("(slice {merged} 1 8 4)"),
                format!("(slice {merged} 1 12 2)"),
            ]
        );
        assert_eq!((outcome.iterations, outcome.statistics[0].unions), (2, 3));
        assert!(outcome.cost_after < outcome.cost_before);
        let sum = outcome.costs.iter().sum::<f64>();
        assert!((sum - outcome.cost_after).abs() < 1e-12 * sum, "{sum} {}", outcome.cost_after);
    }

    #[test]
    fn a_choice_is_decided_by_cost_and_named() {
        // Both add a term of rank 8, one at each step and one to the weight; what is kept is the
        // first kid, whatever it costs, unless the other is cheaper.
        for (kept, operand) in [(false, 1), (true, 0)] {
            let mut w = Writer::new();
            let x = w.leaf("x: T,64 f32");
            let weight = w.term("weight", &[], &["w", "8,64 f32"]);
            let low = w.term("weight", &[], &["a", "8,64 f32"]);
            let y = w.term("contract", &[x, weight], &["ab,cb->ac"]);
            let z = w.term("contract", &[x, low], &["ab,cb->ac"]);
            let keep = if kept { y } else { w.term("add", &[y, z], &[]) };
            let sum = w.term("add", &[weight, low], &[]);
            let fold = w.term("contract", &[x, sum], &["ab,cb->ac"]);
            let root = w.term("choice", &[keep, fold], &["q"]);
            let name = w.world.id("q");
            let (outcome, printed) = w.run(&[root, root], "");
            assert_eq!(outcome.chosen, [(name, operand)]);
            assert_eq!(printed[0].contains("(add (weight w"), operand == 1, "{}", printed[0]);
            assert_eq!(printed[0], printed[1]);
        }
    }

    #[test]
    fn siblings_need_one_operand_one_type_and_weights() {
        for (operand, element, head) in
            [("y", "f32", "weight"), ("x", "bf16", "weight"), ("x", "f32", "neg")]
        {
            let mut w = Writer::new();
            let x = w.leaf("x: T,64 f32");
            let other = w.leaf(&format!("{operand}: T,64 f32"));
            let a = w.term("weight", &[], &["a", "8,64 f32"]);
            let mut b = w.term("weight", &[], &["b", &format!("4,64 {element}")]);
            if head == "neg" {
                b = w.term("neg", &[b], &[]);
            }
            let p = w.term("contract", &[x, a], &["ab,cb->ac"]);
            let q = w.term("contract", &[other, b], &["ab,cb->ac"]);
            let (outcome, _) = w.run(&[p, q], SIBLINGS);
            assert_eq!(outcome.statistics[0].unions, 0, "{operand} {element} {head}");
        }
    }

    const TRANSPOSES: &str = "law absorb B =>
  dims r k n
  vars x:rk w:kn
  lhs (contract rk,nk->rn x (perm kn->nk w))
  rhs (contract rk,kn->rn x w)
  why the index string absorbs a transpose\n";

    #[test]
    fn letters_and_not_extents_decide() {
        for (string, text, expected) in [
            ("ab,cb->ac", "ab->ba", "(contract x w ab,bc->ac)"),
            // All extents are equal, but the string is another one.
            ("ab,bc->ac", "ab->ba", "(contract x w ab,cb->ac)"),
        ] {
            let mut w = Writer::new();
            let (x, weight) = (w.leaf("x: 8,8 f32"), w.leaf("w: 8,8 f32"));
            let turned = w.term("transpose", &[weight], &[text]);
            let root = w.term("contract", &[x, turned], &[string]);
            assert_eq!(w.run(&[root], TRANSPOSES).1, [expected]);
        }
    }

    #[test]
    fn a_law_holds_under_axes_that_all_operands_share() {
        let mut w = Writer::new();
        let (x, weight) = (w.leaf("x: H,T,8 f32"), w.leaf("w: H,8,4 f32"));
        let turned = w.term("transpose", &[weight], &["abc->acb"]);
        let root = w.term("contract", &[x, turned], &["abc,adc->abd"]);
        assert_eq!(w.run(&[root], TRANSPOSES).1, ["(contract x w abc,acd->abd)"]);
    }

    #[test]
    fn a_guard_asks_what_is_known_before_the_step() {
        let law = "law late B =>\n dims r\n vars x:r\n guard (load x)\n lhs (neg x)\n rhs (abs x)\n why test\n";
        for (is_weight, fired) in [(true, 1), (false, 0)] {
            let mut w = Writer::new();
            let x =
                if is_weight { w.term("weight", &[], &["x", "8 f32"]) } else { w.leaf("x: 8 f32") };
            let root = w.term("neg", &[x], &[]);
            assert_eq!(w.run(&[root], law).0.statistics[0].unions, fired);
        }
    }

    #[test]
    fn offsets_add() {
        let law = "law slices B =>
  dims r s b mo v lo u a=mo+b+v k=lo+a+u
  vars x:rks
  lhs (slice ras->rbs (slice rks->ras x lo) mo)
  rhs (slice rks->rbs x (+ lo mo))
  why offsets add\n";
        for (axis, expected) in [("1", "(slice x 1 7 2)"), ("0", "(slice (slice x 1 5 8) 0 2 2)")] {
            let mut w = Writer::new();
            let x = w.leaf("x: 4,16,2 f32");
            let inner = w.term("slice", &[x], &["1", "5", "8"]);
            let outer = w.term("slice", &[inner], &[axis, "2", "2"]);
            assert_eq!(w.run(&[outer], law).1, [expected]);
        }
    }

    #[test]
    fn products_and_sums_commute() {
        let law = "law one B =>\n dims r\n vars x:r\n lhs (mul x 1)\n rhs x\n why exact\n";
        for (value, expected) in [("dense 1", "x"), ("dense 2", "(mul (constant dense:2) x)")] {
            let mut w = Writer::new();
            let x = w.leaf("x: T,8 f32");
            let one = w.term("constant", &[], &[value]);
            let root = w.term("mul", &[one, x], &[]);
            assert_eq!(w.run(&[root], law).1, [expected]);
        }
    }

    #[test]
    fn a_later_value_never_stands_for_an_earlier_one() {
        // x = (x + y) - y over the reals, and y comes later: only y's own users may use it.
        let law = "law cancel R =>\n dims r\n vars x:r y:r\n lhs (sub (add x y) y)\n rhs (neg (neg x))\n why test\n";
        let mut w = Writer::new();
        let (x, y) = (w.leaf("x: 8 f32"), w.leaf("!1 y: 8 f32"));
        let once = w.term("neg", &[x], &[]);
        let twice = w.term("neg", &[once], &[]);
        let sum = w.term("add", &[x, y], &[]);
        let difference = w.term("sub", &[sum, y], &[]);
        let (_, printed) = w.run(&[twice, difference, sum], law);
        assert_eq!(printed[0], "(neg (neg x))");
        assert_eq!(printed[1], "(neg (neg x))");
    }

    #[test]
    fn limits_hold_and_runs_repeat() {
        let law = "law double B =>\n dims r\n vars x:r\n lhs (neg x)\n rhs (neg (neg (neg x)))\n why grows\n";
        let run = || {
            let mut w = Writer::new();
            let x = w.leaf("x: 8 f32");
            let root = w.term("neg", &[x], &[]);
            w.graph.roots = vec![root];
            let mut laws = parse("test.rules", law, w.world.as_ref()).unwrap();
            laws.iter_mut().for_each(|law| law.offer = law.offer.of_user());
            let limits = Limits { iterations: 100, nodes: 50 };
            saturate(&w.graph, &laws, w.world.clone(), limits, &Request::default()).unwrap()
        };
        let (first, second) = (run(), run());
        assert!(first.nodes < 60, "{}", first.nodes);
        assert_eq!((first.best, first.nodes), (second.best, second.nodes));
    }
}
