// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What is known of a class: the same for all terms in it. Unknown means no.

use std::collections::HashMap;
use std::rc::Rc;

use egg::{Analysis, DidMerge, EGraph, Id};

use crate::explain::ROOTS;
use crate::notebook::Notebook;
use crate::numbers::evaluate;
use crate::oracle::Oracle;
use crate::term::Term;

/// What is known of the signs of all elements, over the reals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sign {
    pub not_negative: bool,
    pub not_zero: bool,
    /// 0 or 1.
    pub truth: bool,
}

impl Sign {
    const POSITIVE: Sign = Sign { not_negative: true, not_zero: true, truth: false };
    const NOT_NEGATIVE: Sign = Sign { not_negative: true, not_zero: false, truth: false };
    const TRUTH: Sign = Sign { not_negative: true, not_zero: false, truth: true };

    pub fn of(value: f64) -> Sign {
        Sign {
            not_negative: value >= 0.0,
            not_zero: value != 0.0,
            truth: value == 0.0 || value == 1.0,
        }
    }

    pub fn is_positive(self) -> bool {
        self.not_negative && self.not_zero
    }

    pub fn or(self, other: Sign) -> Sign {
        Sign {
            not_negative: self.not_negative || other.not_negative,
            not_zero: self.not_zero || other.not_zero,
            truth: self.truth || other.truth,
        }
    }

    fn and(self, other: Sign) -> Sign {
        Sign {
            not_negative: self.not_negative && other.not_negative,
            not_zero: self.not_zero && other.not_zero,
            truth: self.truth && other.truth,
        }
    }

    /// Of a term of that name over kids of these signs.
    fn infer(name: &str, kids: &[Sign]) -> Sign {
        let all = |kids: &[Sign]| kids.iter().copied().reduce(Sign::and).unwrap_or_default();
        let first = kids.first().copied().unwrap_or_default();
        match name {
            "exp" | "sigmoid" | "softplus" => Sign::POSITIVE,
            "rsqrt" => Sign::POSITIVE,
            "visible" | "lt" | "le" | "eq" | "and" | "or" | "not" | "one_hot" | "top_k_mask" => {
                Sign::TRUTH
            }
            "abs" | "square" => Sign { not_negative: true, truth: false, ..first },
            "sqrt" => Sign { not_negative: true, truth: false, ..first },
            "recip" | "neg" => Sign {
                not_negative: name == "recip" && first.not_negative,
                not_zero: first.not_zero,
                truth: false,
            },
            "relu" => Sign { not_negative: true, not_zero: first.is_positive(), ..first },
            "softmax" | "masked_softmax" | "iota" => Sign::NOT_NEGATIVE,
            "add" => Sign {
                not_negative: all(kids).not_negative,
                not_zero: all(kids).not_negative && kids.iter().any(|kid| kid.is_positive()),
                truth: false,
            },
            "mul" => all(kids),
            "div" => Sign { truth: false, ..all(kids) },
            "maximum" => Sign {
                not_negative: kids.iter().any(|kid| kid.not_negative),
                not_zero: all(kids).is_positive() || kids.iter().any(|kid| kid.is_positive()),
                truth: all(kids).truth,
            },
            "minimum" => Sign { not_zero: all(kids).is_positive(), ..all(kids) },
            "where" => all(&kids[kids.len().min(1)..]),
            "contract" | "sum" | "mean" | "scatter_add" | "cumsum" | "pad" => {
                Sign { not_negative: all(kids).not_negative, not_zero: false, truth: false }
            }
            "amax" | "amin" | "broadcast" | "reshape" | "transpose" | "slice" | "gather" => first,
            "concat" => all(kids),
            // Small numbers may become 0.
            "cast" => Sign { not_zero: false, ..first },
            _ => Sign::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its type; of a property, the property itself.
    pub what: u32,
    /// Known before the step, and of a static type.
    pub load: bool,
    /// The bits of the one number that all elements are.
    pub splat: Option<u64>,
    pub sign: Sign,
}

/// The operations that the analysis knows by name.
pub struct Known {
    pub constant: u32,
    pub weight: u32,
    pub product: u32,
    /// They give the elements of their first operand, in some order, some often.
    pub movers: Vec<u32>,
    /// The names of heads, without `tern.`.
    pub names: HashMap<u32, &'static str>,
}

pub struct FactsOf {
    pub oracle: Rc<dyn Oracle>,
    pub notebook: Notebook,
    pub known: Known,
    /// A law made two terms of different types equal: a bug of the law.
    pub conflict: bool,
    /// Terms off which it can be read that a class is bound to the load, by class (explain.rs).
    pub loads: HashMap<Id, Option<Id>>,
}

pub type TermGraph = EGraph<Term, FactsOf>;

/// Names that signs, values and conditions speak of.
const NAMED: &[&str] = &[
    "neg",
    "abs",
    "square",
    "sqrt",
    "rsqrt",
    "recip",
    "exp",
    "sigmoid",
    "softplus",
    "relu",
    "not",
    "add",
    "sub",
    "mul",
    "div",
    "maximum",
    "minimum",
    "lt",
    "le",
    "eq",
    "and",
    "or",
    "where",
    "contract",
    "sum",
    "mean",
    "amax",
    "amin",
    "softmax",
    "masked_softmax",
    "iota",
    "one_hot",
    "top_k_mask",
    "scatter_add",
    "cumsum",
    "pad",
    "broadcast",
    "reshape",
    "transpose",
    "slice",
    "gather",
    "concat",
    "cast",
    "constant",
    "weight",
];

impl FactsOf {
    pub fn new(oracle: Rc<dyn Oracle>) -> FactsOf {
        let head = |name: &str| oracle.operation(&format!("tern.{name}"));
        let known = Known {
            constant: head("constant"),
            weight: head("weight"),
            product: head("mul"),
            movers: ["broadcast", "reshape", "transpose", "slice"].map(head).to_vec(),
            names: NAMED
                .iter()
                .map(|name| (head(name), *name))
                .chain([(oracle.operation("kv.visible"), "visible")])
                .collect(),
        };
        FactsOf {
            notebook: Notebook::new(oracle.clone()),
            oracle,
            known,
            conflict: false,
            loads: HashMap::new(),
        }
    }

    /// The name of a head that conditions speak of, without `tern.`.
    pub fn name(&self, head: u32) -> &'static str {
        self.known.names.get(&head).filter(|_| head != 0).copied().unwrap_or_default()
    }

    /// The facts of a term over kids of these facts.
    pub fn infer(&self, head: u32, kids: &[&Facts]) -> Facts {
        if head == ROOTS {
            return Facts { what: 0, load: false, splat: None, sign: Sign::default() };
        }
        let whats: Vec<u32> = kids.iter().map(|kid| kid.what).collect();
        let what = self.oracle.infer(head, &whats);
        if kids.is_empty() {
            let load = what == head || self.oracle.is_load_leaf(head);
            return Facts { what, load, splat: None, sign: Sign::default() };
        }
        let load = kids.iter().all(|kid| kid.load) && self.oracle.is_static(what);
        let name = self.name(head);
        let splat = if head == self.known.constant && kids.len() == 1 {
            self.oracle.splat(kids[0].what).map(f64::to_bits)
        } else if self.known.movers.contains(&head) {
            kids[0].splat
        } else {
            self.evaluate(name, what, kids)
        };
        let sign = match splat {
            Some(bits) => Sign::of(f64::from_bits(bits)),
            None => Sign::infer(name, &kids.iter().map(|kid| kid.sign).collect::<Vec<_>>()),
        };
        Facts { what, load, splat, sign }
    }

    /// The number that an operation on numbers gives, if it gives the same in f32 and in f64.
    fn evaluate(&self, name: &str, what: u32, kids: &[&Facts]) -> Option<u64> {
        let numbers: Option<Vec<f64>> =
            kids.iter().map(|kid| kid.splat.map(f64::from_bits)).collect();
        let value = evaluate(name, &numbers?)?;
        let is_f32 = self.oracle.text(self.oracle.element(what)) == "f32";
        (is_f32 && f64::from(value as f32) == value).then(|| value.to_bits())
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
        let joined = Facts {
            what: a.what,
            load: a.load || b.load,
            splat: a.splat.or(b.splat),
            sign: a.sign.or(b.sign),
        };
        let changed = DidMerge(*a != joined, b != joined);
        *a = joined;
        changed
    }
}
