// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The one door between C++ and Rust. Terms cross as flat arrays; no handle to an
//! e-graph leaves this crate. A panic becomes a failure.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use cxx::SharedPtr;

use crate::composites;
use crate::door::Door;
use crate::dump::Format;
use crate::engine::{self, Outcome, Request};
use crate::explain::{Proof, Reason};
use crate::law::{Law, Tier, parse};
use crate::oracle::Oracle;
use crate::pins::Pins;
use crate::rounds::Limits;
use crate::term::Graph;
use crate::{Failure, vocabulary};

#[cxx::bridge(namespace = "tern::egraph")]
pub(crate) mod ffi {
    /// Why a call failed. A struct and not a `Result`: the callers are built
    /// without C++ exceptions.
    #[derive(Default)]
    struct Status {
        ok: bool,
        message: String,
    }

    #[derive(Clone, PartialEq)]
    struct RuleFile {
        name: String,
        text: String,
        /// It came with the program.
        is_shipped: bool,
    }

    struct Settings {
        /// Laws that hold bit for bit alone.
        bit_only: bool,
        iterations: u32,
        nodes: u32,
        /// Whether the proof is written.
        proves: bool,
        /// The form of the graph's text: "json", "dot" or none.
        dump: String,
        /// Laws that may not be used.
        forbidden_laws: Vec<String>,
        /// Nodes of `pins` that are chosen with all below them, and such that are not.
        pins: Terms,
        forced: Vec<u32>,
        forbidden: Vec<u32>,
        /// Most unions, if that is limited.
        limits_unions: bool,
        unions: u32,
        /// Two operations, or none, about whose laws it is asked why they did nothing.
        why_not: Vec<String>,
        /// Whether laws with many matches are put off.
        backs_off: bool,
        /// Whether it is measured how long each law takes.
        measures: bool,
    }

    /// What kept a law from being used, at the place where it came nearest.
    struct Obstacle {
        law: String,
        kind: String,
        /// Operations of its left side that fit, of all.
        fitted: u32,
        all: u32,
        place: String,
        /// One more than the node of the place, 0 if it was not written.
        node: u32,
        expected: String,
        found: String,
        seconds: f64,
    }

    /// Node i has head `heads[i]` and the kids `kids[first[i]..first[i + 1]]`, all
    /// of which are nodes before i.
    #[derive(Clone, Default)]
    struct Terms {
        heads: Vec<u32>,
        first: Vec<u32>,
        kids: Vec<u32>,
        roots: Vec<u32>,
    }

    /// What one law did: matches, those whose right side could be built, and those
    /// of them that made two classes one.
    struct Statistic {
        law: String,
        matches: u64,
        applications: u64,
        unions: u64,
        /// How often it was put off.
        bans: u64,
        /// To find and to apply it; 0 if that was not measured.
        seconds: f64,
    }

    /// Which operand stands for a choice, by the property that names it.
    struct Chosen {
        name: u32,
        operand: u32,
    }

    #[derive(Default)]
    struct Report {
        nodes: u64,
        classes: u64,
        iterations: u32,
        cost_before: f64,
        cost_after: f64,
        bound: f64,
        /// What each of the chosen terms costs.
        costs: Vec<f64>,
        dump: String,
        chosen: Vec<Chosen>,
        /// Why no more laws were tried.
        stop: String,
        /// Whether the roots of what was sought are those of the terms.
        is_found: bool,
        /// The pins whose terms the laws do not reach. Nothing is chosen if there are some.
        stale: Vec<u32>,
        /// The pins leave no term for a root. Nothing is chosen then.
        is_blocked: bool,
        /// How many unions there were, and the last law that was used, with its sides.
        unions: u32,
        last_law: String,
        last_left: String,
        last_right: String,
        why_not: Vec<Obstacle>,
        /// Why there is no obstacle, if one was asked for.
        why_none: String,
        statistics: Vec<Statistic>,
    }

    enum Reason {
        /// A law, from its left side to its right side or back.
        Forth,
        Back,
        /// Equal kids under one head.
        Kids,
        /// One step after the other.
        Chain,
    }

    struct Step {
        left: u32,
        right: u32,
        reason: Reason,
        /// The law's number in `laws`.
        law: u32,
    }

    /// Steps over shared terms. Step i is made of the steps
    /// `parts[first[i]..first[i + 1]]`, all of which are before i; the number is one
    /// more than the step's, 0 for kids that are the same.
    #[derive(Default)]
    struct Proof {
        terms: Terms,
        /// The type of each term, or the property that it is; 0 for the two roots.
        types: Vec<u32>,
        laws: Vec<String>,
        steps: Vec<Step>,
        first: Vec<u32>,
        parts: Vec<u32>,
        /// One more than the last step, 0 if nothing has to be proved.
        last: u32,
    }

    /// As oracle::Kind.
    #[derive(Debug, Clone, Copy)]
    enum Kind {
        Choice,
        Free,
        View,
        Half,
        Repeated,
        Pointwise,
        Row,
        Joint,
        Rotation,
        Narrowing,
        Movement,
        Contraction,
        Kernel,
    }

    struct Price {
        kind: Kind,
        seconds: f64,
    }

    struct Integer {
        known: bool,
        value: i64,
    }

    struct Number {
        known: bool,
        value: f64,
    }

    struct Extents {
        known: bool,
        ids: Vec<u32>,
    }

    unsafe extern "C++" {
        include!("passes/Saturate/Oracle.h");
        type Oracle;

        #[rust_name = "infer"]
        fn infer(self: &Oracle, head: u32, kids: &[u32]) -> u32;
        #[rust_name = "stage"]
        fn stage(self: &Oracle, head: u32) -> u32;
        #[rust_name = "is_load_leaf"]
        fn isLoadLeaf(self: &Oracle, head: u32) -> bool;
        #[rust_name = "is_static"]
        fn isStatic(self: &Oracle, ty: u32) -> bool;
        fn price(self: &Oracle, head: u32, kids: &[u32], loads: &[bool]) -> Price;
        #[rust_name = "load_price"]
        fn loadPrice(self: &Oracle, head: u32, kids: &[u32]) -> f64;
        fn resident(self: &Oracle, ty: u32) -> f64;
        fn moved(self: &Oracle, ty: u32) -> f64;
        fn launch(self: &Oracle) -> f64;
        fn operation(self: &Oracle, name: &str) -> u32;
        fn integer(self: &Oracle, id: u32) -> Integer;
        #[rust_name = "make_integer"]
        fn makeInteger(self: &Oracle, value: i64) -> u32;
        #[rust_name = "make_extent"]
        fn makeExtent(self: &Oracle, value: i64) -> u32;
        fn name(self: &Oracle, id: u32) -> String;
        fn number(self: &Oracle, id: u32) -> Number;
        #[rust_name = "make_number"]
        fn makeNumber(self: &Oracle, value: f64) -> u32;
        fn absent(self: &Oracle) -> u32;
        fn present(self: &Oracle) -> u32;
        #[rust_name = "make_type"]
        fn makeType(self: &Oracle, element: u32) -> u32;
        #[rust_name = "make_style"]
        fn makeStyle(self: &Oracle, name: &str) -> u32;
        fn text(self: &Oracle, id: u32) -> String;
        #[rust_name = "make_text"]
        fn makeText(self: &Oracle, text: &str) -> u32;
        fn splat(self: &Oracle, id: u32) -> Number;
        #[rust_name = "make_splat"]
        fn makeSplat(self: &Oracle, value: f64, element: u32) -> u32;
        fn extents(self: &Oracle, ty: u32) -> Extents;
        fn element(self: &Oracle, ty: u32) -> u32;
        #[rust_name = "make_tensor"]
        fn makeTensor(self: &Oracle, extents: &[u32], element: u32) -> u32;
        fn holds(self: &Oracle, wide: u32, narrow: u32) -> bool;
    }

    extern "Rust" {
        /// Fails if the rules can't be read.
        fn check(rules: &[RuleFile], oracle: SharedPtr<Oracle>) -> Status;

        /// Reads the rules and puts the terms, with the composites that they spell in
        /// primitives, into `best`, and why they are equal into `proof`.
        fn find_composites(
            terms: &Terms,
            rules: &[RuleFile],
            settings: &Settings,
            oracle: SharedPtr<Oracle>,
            best: &mut Terms,
            proof: &mut Proof,
        ) -> Status;

        /// Reads the rules, saturates the terms and puts the cheapest ones that
        /// equal the roots into `best`, and why they do into `proof`. If the roots
        /// of `sought` equal them too, the proof says why these do.
        fn saturate(
            terms: &Terms,
            sought: &Terms,
            rules: &[RuleFile],
            settings: &Settings,
            oracle: SharedPtr<Oracle>,
            best: &mut Terms,
            report: &mut Report,
            proof: &mut Proof,
        ) -> Status;
    }

    impl Vec<RuleFile> {}
    impl Vec<Step> {}
}

/// What laws that were read depend on: files, and the number of each operation.
#[derive(PartialEq)]
struct Source {
    files: Vec<ffi::RuleFile>,
    bit_only: bool,
    forbidden: Vec<String>,
    operations: Vec<u32>,
}

thread_local! {
    /// The laws that were read last: reading them takes longer than many functions do.
    static LAST: RefCell<Option<(Source, Rc<[Law]>)>> = const { RefCell::new(None) };
}

/// The laws that may be used.
fn laws_of(
    rules: &[ffi::RuleFile],
    settings: &ffi::Settings,
    oracle: &dyn Oracle,
) -> Result<Rc<[Law]>, Failure> {
    let operations: Vec<u32> = vocabulary::operations()
        .iter()
        .map(|name| oracle.operation(&vocabulary::full_name(name)))
        .collect();
    let (bit_only, forbidden) = (settings.bit_only, &settings.forbidden_laws);
    let is_known = |source: &Source| {
        source.bit_only == bit_only
            && source.forbidden == *forbidden
            && source.operations == operations
            && source.files == rules
    };
    let last = LAST.take().filter(|(source, _)| is_known(source));
    let (source, laws) = match last {
        Some(known) => known,
        None => {
            let mut laws = read(rules, bit_only, oracle)?;
            if let Some(name) =
                forbidden.iter().find(|name| !laws.iter().any(|law| law.is_of(name)))
            {
                return Err(format!(
                    "pin 'law {name}' is stale: no law that may be used has that name"
                ));
            }
            laws.retain(|law| !forbidden.iter().any(|name| law.is_of(name)));
            let (files, forbidden) = (rules.to_vec(), forbidden.clone());
            (Source { files, bit_only, forbidden, operations }, laws.into())
        }
    };
    LAST.set(Some((source, laws.clone())));
    Ok(laws)
}

fn read(rules: &[ffi::RuleFile], bit_only: bool, oracle: &dyn Oracle) -> Result<Vec<Law>, Failure> {
    let mut laws: Vec<Law> = vec![];
    for file in rules {
        let mut more = parse(&file.name, &file.text, oracle)?;
        if !file.is_shipped {
            more.iter_mut().for_each(|law| law.offer = law.offer.of_user());
        }
        let is_taken = |law: &&Law| laws.iter().any(|known| known.name == law.name);
        if let Some(law) = more.iter().find(is_taken) {
            let (place, name) = (format!("{}:{}", file.name, law.line), &law.name);
            return Err(format!("{place}: law '{name}' stands in another file too"));
        }
        laws.extend(more);
    }
    laws.retain(|law| !bit_only || law.tier == Tier::Bit);
    Ok(laws)
}

/// What the closure gives, a panic as a failure.
fn guard<T>(call: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
        Err(format!("the engine failed: {}", text.unwrap_or_default()))
    })
}

impl From<Result<(), Failure>> for ffi::Status {
    fn from(outcome: Result<(), Failure>) -> ffi::Status {
        ffi::Status { ok: outcome.is_ok(), message: outcome.err().unwrap_or_default() }
    }
}

fn check(rules: &[ffi::RuleFile], oracle: SharedPtr<ffi::Oracle>) -> ffi::Status {
    guard(|| read(rules, false, Door::open(oracle)?.as_ref()).map(|_| ())).into()
}

fn run(
    terms: &ffi::Terms,
    sought: &ffi::Terms,
    rules: &[ffi::RuleFile],
    settings: &ffi::Settings,
    oracle: SharedPtr<ffi::Oracle>,
) -> Result<Outcome, Failure> {
    let door = Door::open(oracle)?;
    let laws = laws_of(rules, settings, door.as_ref())?;
    let dump = match settings.dump.as_str() {
        "json" => Some(Format::Json),
        "dot" => Some(Format::Dot),
        _ => None,
    };
    let request = Request {
        proves: settings.proves,
        dump,
        sought: Some(sought.into()).filter(|sought: &Graph| !sought.roots.is_empty()),
        pins: Pins {
            terms: (&settings.pins).into(),
            forced: settings.forced.clone(),
            forbidden: settings.forbidden.clone(),
        },
        unions: settings.limits_unions.then_some(settings.unions as usize),
        why_not: match &settings.why_not[..] {
            [a, b] => Some([door.operation(a), door.operation(b)]),
            _ => None,
        },
        backs_off: settings.backs_off,
        measures: settings.measures,
    };
    engine::saturate(&terms.into(), &laws, door, limits_of(settings), &request)
}

fn find_composites(
    terms: &ffi::Terms,
    rules: &[ffi::RuleFile],
    settings: &ffi::Settings,
    oracle: SharedPtr<ffi::Oracle>,
    best: &mut ffi::Terms,
    proof: &mut ffi::Proof,
) -> ffi::Status {
    let find = || {
        let door = Door::open(oracle)?;
        let laws = laws_of(rules, settings, door.as_ref())?;
        composites::find(&terms.into(), &laws, door, limits_of(settings), settings.proves)
    };
    let found = guard(find).map(|mut outcome| {
        *proof = outcome.proof.take().map(ffi::Proof::from).unwrap_or_default();
        *best = outcome.best.into();
    });
    found.into()
}

#[expect(clippy::too_many_arguments)]
fn saturate(
    terms: &ffi::Terms,
    sought: &ffi::Terms,
    rules: &[ffi::RuleFile],
    settings: &ffi::Settings,
    oracle: SharedPtr<ffi::Oracle>,
    best: &mut ffi::Terms,
    report: &mut ffi::Report,
    proof: &mut ffi::Proof,
) -> ffi::Status {
    guard(|| run(terms, sought, rules, settings, oracle))
        .map(|mut outcome| {
            *proof = outcome.proof.take().map(ffi::Proof::from).unwrap_or_default();
            hand_over(outcome, best, report)
        })
        .into()
}

fn limits_of(settings: &ffi::Settings) -> Limits {
    Limits { iterations: settings.iterations as usize, nodes: settings.nodes as usize }
}

impl From<&ffi::Terms> for Graph {
    fn from(terms: &ffi::Terms) -> Graph {
        let ffi::Terms { heads, first, kids, roots } = terms.clone();
        Graph { heads, first, kids, roots }
    }
}

impl From<Graph> for ffi::Terms {
    fn from(graph: Graph) -> ffi::Terms {
        let Graph { heads, first, kids, roots } = graph;
        ffi::Terms { heads, first, kids, roots }
    }
}

impl From<Proof> for ffi::Proof {
    fn from(proof: Proof) -> ffi::Proof {
        let mut flat = ffi::Proof {
            terms: proof.terms.into(),
            types: proof.types,
            first: vec![0],
            last: proof.last.map_or(0, |step| step + 1),
            ..Default::default()
        };
        for step in proof.steps {
            let (reason, law) = match step.reason {
                Reason::Law { law, is_forward } => {
                    let known = flat.laws.iter().position(|known| *known == law);
                    let at = known.unwrap_or(flat.laws.len());
                    if known.is_none() {
                        flat.laws.push(law);
                    }
                    (if is_forward { ffi::Reason::Forth } else { ffi::Reason::Back }, at)
                }
                Reason::Kids(kids) => {
                    flat.parts.extend(kids.iter().map(|kid| kid.map_or(0, |step| step + 1)));
                    (ffi::Reason::Kids, 0)
                }
                Reason::Chain(steps) => {
                    flat.parts.extend(steps.iter().map(|step| step + 1));
                    (ffi::Reason::Chain, 0)
                }
            };
            let (left, right) = (step.left, step.right);
            flat.steps.push(ffi::Step { left, right, reason, law: law as u32 });
            flat.first.push(flat.parts.len() as u32);
        }
        flat
    }
}

fn hand_over(outcome: Outcome, best: &mut ffi::Terms, report: &mut ffi::Report) {
    *best = outcome.best.into();
    let why_not = outcome.why_not.into_iter().map(|own| ffi::Obstacle {
        law: own.law,
        kind: own.kind.text().into(),
        fitted: own.fitted as u32,
        all: own.all as u32,
        place: own.place,
        node: own.node.map_or(0, |node| node + 1),
        expected: own.expected,
        found: own.found,
        seconds: own.seconds,
    });
    let chosen = outcome.chosen.into_iter();
    let [last_law, last_left, last_right] = outcome.last_union;
    let statistics = outcome.statistics.into_iter().filter(|own| own.matches + own.bans > 0);
    *report = ffi::Report {
        nodes: outcome.nodes as u64,
        classes: outcome.classes as u64,
        iterations: outcome.iterations as u32,
        cost_before: outcome.cost_before,
        cost_after: outcome.cost_after,
        bound: outcome.bound,
        costs: outcome.costs,
        dump: outcome.dump,
        chosen: chosen.map(|(name, operand)| ffi::Chosen { name, operand }).collect(),
        stop: outcome.stop.text().into(),
        is_found: outcome.is_found,
        stale: outcome.stale,
        is_blocked: outcome.is_blocked,
        unions: outcome.unions as u32,
        last_law,
        last_left,
        last_right,
        why_not: why_not.collect(),
        why_none: outcome.why_none,
        statistics: statistics
            .map(|own| ffi::Statistic {
                law: own.law,
                matches: own.matches as u64,
                applications: own.applications as u64,
                unions: own.unions as u64,
                bans: own.bans as u64,
                seconds: own.time.as_secs_f64(),
            })
            .collect(),
    };
}
