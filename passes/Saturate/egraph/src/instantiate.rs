// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Builds the right side of a law where its left side was found.

use egg::Id;

use crate::facts::{Facts, TermGraph};
use crate::letters::{Blocks, axis_of, extents, spell};
use crate::matcher::Match;
use crate::pattern::{Head, Layout, Pattern, Scalar, TermPattern};
use crate::size::Size;
use crate::term::Term;

/// A kid that may not be in the graph yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kid {
    Class(Id),
    New(usize),
}

/// The classes that `w..` stands for, and the extents of what lies before the
/// one whose equation this is.
#[derive(Default)]
pub struct Siblings {
    pub each: Vec<Id>,
    pub before: i64,
}

/// Terms to be, inner ones first; all of them are typed before one is added.
pub struct Builder<'a> {
    graph: &'a TermGraph,
    found: &'a Match,
    siblings: &'a Siblings,
    /// The element type of numbers.
    element: u32,
    blocks: Blocks,
    terms: Vec<(u32, Vec<Kid>, Facts)>,
}

/// Adds `pattern` with the names bound as `found` says. None if it has no type,
/// or another one than the class that it would be made equal to.
pub fn add(
    graph: &mut TermGraph,
    pattern: &Pattern,
    found: &Match,
    siblings: &Siblings,
) -> Option<Id> {
    let target = graph[graph.find(found.class)].data.what;
    let oracle = graph.analysis.oracle.clone();
    let mut blocks = found.blocks.clone();
    for (block, number) in blocks.iter_mut().zip(&found.numbers) {
        if let (None, Some(number)) = (&block, number) {
            *block = Some(vec![oracle.make_extent(*number)]);
        }
    }
    let element = oracle.element(target);
    let mut builder = Builder { graph, found, siblings, element, blocks, terms: vec![] };
    let root = builder.build(pattern)?;
    if builder.facts(root).what != target {
        return None;
    }
    let terms = builder.terms;
    let mut ids: Vec<Id> = vec![];
    for (head, kids, _) in terms {
        let id = |kid: &Kid| match kid {
            Kid::Class(id) => *id,
            Kid::New(at) => ids[*at],
        };
        let term = Term { head, kids: kids.iter().map(id).collect() };
        ids.push(graph.add_uncanonical(term));
    }
    match root {
        Kid::Class(id) => Some(id),
        Kid::New(at) => Some(ids[at]),
    }
}

impl Builder<'_> {
    fn facts(&self, kid: Kid) -> &Facts {
        match kid {
            Kid::Class(id) => &self.graph[self.graph.find(id)].data,
            Kid::New(at) => &self.terms[at].2,
        }
    }

    fn push(&mut self, head: u32, kids: Vec<Kid>) -> Option<Kid> {
        if let Some(at) = self.terms.iter().position(|term| term.0 == head && term.1 == kids) {
            return Some(Kid::New(at));
        }
        let of_kids: Vec<&Facts> = kids.iter().map(|kid| self.facts(*kid)).collect();
        let facts = self.graph.analysis.infer(head, &of_kids);
        if facts.what == 0 {
            return None;
        }
        self.terms.push((head, kids, facts));
        Some(Kid::New(self.terms.len() - 1))
    }

    fn property(&mut self, head: u32) -> Option<Kid> {
        if head == 0 { None } else { self.push(head, vec![]) }
    }

    fn build(&mut self, pattern: &Pattern) -> Option<Kid> {
        match pattern {
            Pattern::Var(var) => self.found.class_of(*var).map(Kid::Class),
            Pattern::Each(_) => None,
            Pattern::Number(bits) => {
                let oracle = self.graph.analysis.oracle.clone();
                let value =
                    self.property(oracle.make_splat(f64::from_bits(*bits), self.element))?;
                self.push(self.graph.analysis.known.constant, vec![value])
            }
            Pattern::Term(term) => self.build_term(term),
        }
    }

    fn build_term(&mut self, term: &TermPattern) -> Option<Kid> {
        let head = match &term.head {
            Head::Fixed(head) => *head,
            Head::Any { var, .. } => self.found.vars[*var]?,
        };
        let mut kids = vec![];
        for kid in &term.kids {
            match kid {
                Pattern::Each(_) => {
                    kids.extend(self.siblings.each.iter().map(|id| Kid::Class(*id)))
                }
                _ => kids.push(self.build(kid)?),
            }
        }
        let operand = *kids.first()?;
        for property in self.properties(term, operand)? {
            let kid = match property {
                Property::Head(head) => self.property(head)?,
                Property::Class(id) => Kid::Class(id),
            };
            kids.push(kid);
        }
        self.push(head, kids)
    }

    fn properties(&self, term: &TermPattern, operand: Kid) -> Option<Vec<Property>> {
        let oracle = &self.graph.analysis.oracle;
        let what = self.facts(operand).what;
        let strings = &term.strings;
        let text = || {
            let mut parts = spell(&strings.parts(), &self.blocks)?;
            let last = parts.pop()?;
            let arrow = if strings.along.is_some() { "/" } else { "->" };
            Some(Property::Head(oracle.make_text(&format!("{}{arrow}{last}", parts.join(",")))))
        };
        let result = || extents(&strings.result, &self.blocks);
        let of_type =
            |extents: Vec<u32>, element| Property::Head(oracle.make_tensor(&extents, element));
        Some(match (term.layout, &term.scalar) {
            (Layout::Plain, _) => vec![],
            (Layout::Axes, _) => vec![text()?],
            (Layout::AxesScalar, Scalar::Var(var)) => {
                vec![text()?, Property::Class(self.found.class_of(*var)?)]
            }
            (Layout::AxesType, _) => vec![text()?, of_type(result()?, oracle.element(what))],
            (Layout::Type, _) => vec![of_type(result()?, oracle.element(what))],
            (Layout::Cast, Scalar::Var(var)) => {
                vec![of_type(oracle.extents(what)?, self.found.vars[*var]?)]
            }
            (Layout::Slice, Scalar::Offset(offset)) => {
                let (axis, cut) = self.cut(term)?;
                let size = oracle.integer(*self.blocks[cut].as_ref()?.first()?)?;
                let numbers = [axis, self.number(offset)?, size];
                numbers.map(|number| Property::Head(oracle.make_integer(number))).into()
            }
            (Layout::Concat, _) => vec![Property::Head(oracle.make_integer(self.cut(term)?.0))],
            _ => return None,
        })
    }

    /// The axis along which operand and result differ, and its letter in the result.
    fn cut(&self, term: &TermPattern) -> Option<(i64, usize)> {
        let strings = &term.strings;
        let cut = strings.result.iter().find(|letter| !strings.operands[0].contains(letter))?;
        Some((axis_of(*cut, &strings.result, &self.blocks)? as i64, *cut))
    }

    fn number(&self, size: &Size) -> Option<i64> {
        size.value(&self.found.numbers, self.siblings.before)
    }
}

enum Property {
    Head(u32),
    Class(Id),
}
