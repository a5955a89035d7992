// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Finds the terms that fit the left side of a law: heads, variables and numbers.
//! What it finds has its axes compared afterwards (`axes.rs`).

use std::collections::HashSet;

use egg::{Id, Language};

use crate::facts::TermGraph;
use crate::law::{Law, Tier};
use crate::pattern::{Head, Pattern, Sort, TermPattern};
use crate::size::Size;
use crate::term::Term;
use crate::vocabulary::Form;

/// What a variable stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    Class(Id),
    /// The bits of a number.
    Number(u64),
    Head(u32),
    Element(u32),
    /// A cache, a batch and a layer.
    Cache([Id; 3]),
    /// Positions and a window.
    View([Id; 2]),
}

/// What an operation of the pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// That term of the class; its two operands in the other order.
    Term { class: Id, term: Term, is_swapped: bool },
    /// A broadcast of a scalar that an element-wise operation reads as it is.
    Splat,
}

/// Terms that fit a pattern as far as heads say, outer ones first.
#[derive(Debug, Clone, Default)]
pub struct Fit {
    pub vars: Vec<Option<Value>>,
    pub steps: Vec<Step>,
    /// That size of the law is that number.
    pub sizes: Vec<(Size, i64)>,
    /// `(size rk)` is that number.
    pub counts: Vec<(Vec<usize>, f64)>,
    /// `(size rk)` is the number of elements of the extents of that property.
    pub lengths: Vec<(Vec<usize>, u32)>,
    /// The element type that the law rounds to.
    pub narrow: Option<u32>,
}

impl Fit {
    fn bind(mut self, var: usize, value: Value) -> Option<Fit> {
        match self.vars[var] {
            Some(known) if known != value => None,
            _ => {
                self.vars[var] = Some(value);
                Some(self)
            }
        }
    }
}

/// The graph without terms that are of no use in a pattern.
pub struct View<'a> {
    pub graph: &'a TermGraph,
    terms: Vec<Vec<&'a Term>>,
}

impl<'a> View<'a> {
    /// Leaves out what holds itself, and what is `idle`: terms of which it is known that
    /// one of their operands says the same.
    pub fn new(graph: &'a TermGraph, idle: &HashSet<Term>) -> View<'a> {
        let mut terms = vec![];
        for class in graph.classes() {
            let holds_itself =
                |term: &Term| term.kids.iter().any(|kid| graph.find(*kid) == class.id);
            let is_of_use = |term: &&Term| !holds_itself(term) && !idle.contains(*term);
            let at = usize::from(class.id);
            if terms.len() <= at {
                terms.resize_with(at + 1, Vec::new);
            }
            terms[at] = class.nodes.iter().filter(is_of_use).collect();
        }
        View { graph, terms }
    }

    /// The terms of a class.
    pub fn terms(&self, class: Id) -> &[&'a Term] {
        self.terms.get(usize::from(class)).map_or(&[], Vec::as_slice)
    }
}

pub struct Matcher<'a> {
    pub view: &'a View<'a>,
    pub graph: &'a TermGraph,
    pub law: &'a Law,
}

/// Of more ways to fit one class the first ones count.
const MOST: usize = 48;

impl Matcher<'_> {
    /// All ways in which terms of the class fit.
    pub fn fits(&self, class: Id) -> Vec<Fit> {
        let start = Fit { vars: vec![None; self.law.vars.len()], ..Fit::default() };
        let mut found = vec![];
        if let Pattern::Term(root) = &self.law.lhs {
            self.fit_term(root, class, true, start, &mut found);
        }
        found
    }

    fn fit(&self, pattern: &Pattern, class: Id, is_spread: bool, fit: Fit, into: &mut Vec<Fit>) {
        let class = self.graph.find(class);
        match pattern {
            Pattern::Var(var) | Pattern::Each(var) => {
                into.extend(self.value(*var, class).and_then(|value| fit.bind(*var, value)));
            }
            Pattern::Number(bits) => {
                if self.is_number(class, *bits) {
                    into.push(fit);
                }
            }
            Pattern::Size(letters) => {
                let mut fit = fit;
                if let Some(bits) = self.graph[class].data.splat {
                    fit.counts.push((letters.clone(), f64::from_bits(bits)));
                    into.push(fit);
                } else if let Some(size) = size_term(self.graph, class) {
                    fit.lengths.push((letters.clone(), self.graph[size.kids[0]].data.what));
                    into.push(fit);
                }
            }
            Pattern::Term(term) => {
                if is_spread && term.name == "bcast" && self.rank(class) == Some(0) {
                    let mut through = fit.clone();
                    through.steps.push(Step::Splat);
                    self.fit(&term.kids[0], class, true, through, into);
                }
                self.fit_term(term, class, false, fit, into);
            }
        }
    }

    pub fn rank(&self, class: Id) -> Option<usize> {
        let extents = self.graph.analysis.notebook.extents(self.graph[class].data.what);
        extents.map(|extents| extents.len())
    }

    /// What the variable stands for if it stands for the class.
    pub fn value(&self, var: usize, class: Id) -> Option<Value> {
        let facts = &self.graph[class].data;
        let kind = &self.law.vars[var];
        let rank = self.rank(class)?;
        if kind.sort == Sort::Truth && (!facts.sign.truth || facts.splat.is_some()) {
            return None;
        }
        if matches!(kind.sort, Sort::Index(_)) {
            let notebook = &self.graph.analysis.notebook;
            let element = notebook.text(notebook.element(facts.what));
            return element.starts_with('i').then_some(Value::Class(class));
        }
        match (kind.letters.is_empty(), facts.splat) {
            (true, Some(bits)) => Some(Value::Number(bits)),
            (true, None) => (rank == 0).then_some(Value::Class(class)),
            (false, _) => Some(Value::Class(class)),
        }
    }

    pub fn is_number(&self, class: Id, bits: u64) -> bool {
        let Some(own) = self.graph[class].data.splat else {
            return false;
        };
        // Over the reals a constant of the law is what f32 makes of it; 0 is not -0.
        let rounded = f64::from(f64::from_bits(bits) as f32);
        own == bits || (self.law.tier == Tier::Real && own == rounded.to_bits())
    }

    fn fit_term(
        &self,
        pattern: &TermPattern,
        class: Id,
        is_root: bool,
        fit: Fit,
        into: &mut Vec<Fit>,
    ) {
        // Between roundings a law without the mark L finds its operations adjacent.
        let notebook = &self.graph.analysis.notebook;
        let may_round = is_root || self.law.is_low || pattern.is_exact;
        if !may_round && !notebook.is_wide(self.graph[class].data.what) {
            return;
        }
        let heads: &[u32] = match &pattern.head {
            Head::Fixed(head) => std::slice::from_ref(head),
            Head::Any { heads, .. } => heads,
        };
        for term in self.view.terms(class) {
            if into.len() < MOST && heads.contains(&term.head) {
                self.fit_node(pattern, class, term, &fit, into);
            }
        }
    }

    fn fit_node(
        &self,
        pattern: &TermPattern,
        class: Id,
        term: &Term,
        fit: &Fit,
        into: &mut Vec<Fit>,
    ) {
        let arity = pattern.kids.len();
        if term.children().len() != arity + pattern.properties() {
            return;
        }
        let mut fit = fit.clone();
        if let Head::Any { var, .. } = pattern.head {
            match fit.bind(var, Value::Head(term.head)) {
                Some(bound) => fit = bound,
                None => return,
            }
        }
        let Some(fit) = self.fit_properties(pattern, class, term, fit) else {
            return;
        };
        let operands = &term.children()[..arity];
        self.fit_operands(pattern, class, term, operands, false, fit.clone(), into);
        if pattern.commutes && arity == 2 && operands[0] != operands[1] {
            let swapped = [operands[1], operands[0]];
            self.fit_operands(pattern, class, term, &swapped, true, fit, into);
        }
    }

    #[expect(clippy::too_many_arguments)]
    fn fit_operands(
        &self,
        pattern: &TermPattern,
        class: Id,
        term: &Term,
        operands: &[Id],
        is_swapped: bool,
        mut fit: Fit,
        into: &mut Vec<Fit>,
    ) {
        fit.steps.push(Step::Term { class, term: term.clone(), is_swapped });
        let is_spread = !pattern.form.has_string();
        let mut fits = vec![fit];
        for (kid, operand) in pattern.kids.iter().zip(operands) {
            let mut next = vec![];
            for fit in fits {
                self.fit(kid, *operand, is_spread, fit, &mut next);
            }
            fits = next;
        }
        into.append(&mut fits);
    }

    /// What the properties say that does not depend on axes.
    pub fn fit_properties(
        &self,
        pattern: &TermPattern,
        class: Id,
        term: &Term,
        mut fit: Fit,
    ) -> Option<Fit> {
        let (graph, arity) = (self.graph, pattern.kids.len());
        let notebook = &graph.analysis.notebook;
        let what = |at: usize| graph[term.kids[arity + at]].data.what;
        let integer = |at: usize| notebook.integer(what(at));
        let element = |class: Id| notebook.element(graph[class].data.what);
        match pattern.form {
            Form::Round => {
                // From a type that holds the other: f16 to bf16 may also overflow.
                let (own, operand) = (element(class), element(term.kids[0]));
                let is_narrower = graph.analysis.oracle.holds(operand, own);
                let is_known = fit.narrow.is_none_or(|narrow| narrow == own);
                fit.narrow = Some(own);
                (is_known && is_narrower).then_some(fit)
            }
            Form::Cast => fit.bind(pattern.element?, Value::Element(element(class))),
            Form::Slice => {
                fit.sizes.push((pattern.size.clone()?, integer(1)?));
                Some(fit)
            }
            Form::Pad => {
                fit.sizes.push((pattern.size.clone()?, integer(2)?));
                Some(fit)
            }
            Form::TopK => {
                fit.sizes.push((pattern.size.clone()?, integer(1)?));
                Some(fit)
            }
            Form::Slots => {
                let kid = |at: usize| graph.find(term.children()[at]);
                if pattern.name != "visible" {
                    return fit.bind(pattern.sources[0], Value::Cache([kid(0), kid(1), kid(2)]));
                }
                fit.bind(pattern.sources[0], Value::Cache([kid(0), kid(2), kid(3)]))?
                    .bind(pattern.sources[1], Value::View([kid(1), kid(5)]))
            }
            Form::Attend | Form::Grouped => None, // what a law makes, and never finds
            Form::Turn => (&*notebook.text(what(0)) == style_of(&pattern.name)).then_some(fit),
            Form::Norm => self.fit_number(&pattern.scalars[0], what(1), fit),
            Form::Rotary => {
                let style = notebook.text(what(0));
                (&*style == style_of(&pattern.name)).then_some(fit)
            }
            Form::Attention => {
                let is_plain = what(0) == graph.analysis.oracle.absent()
                    && notebook.integer(what(3)).is_none_or(|window| window == 0);
                let cap = graph.analysis.oracle.number(what(2)).unwrap_or(0.0);
                let capped = pattern.scalars.get(1);
                if !is_plain || (cap != 0.0) != capped.is_some() {
                    return None;
                }
                let fit = self.fit_number(&pattern.scalars[0], what(1), fit)?;
                capped.map_or(Some(fit.clone()), |cap| self.fit_number(cap, what(2), fit))
            }
            _ => Some(fit),
        }
    }

    fn fit_number(&self, pattern: &Pattern, property: u32, fit: Fit) -> Option<Fit> {
        let value = self.graph.analysis.oracle.number(property)?;
        match pattern {
            Pattern::Var(var) => fit.bind(*var, Value::Number(value.to_bits())),
            Pattern::Number(bits) => (value == f64::from_bits(*bits)).then_some(fit),
            _ => None,
        }
    }
}

/// The `tern.size` that the class is.
pub fn size_term(graph: &TermGraph, class: Id) -> Option<&Term> {
    let head = graph.analysis.notebook.head("size");
    graph[graph.find(class)].nodes.iter().find(|term| term.head == head)
}

/// The style of `tern.rotary` that a word stands for.
pub fn style_of(name: &str) -> &'static str {
    if name.ends_with("half") { "half" } else { "interleaved" }
}
