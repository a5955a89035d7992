// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Finds where the left side of a law holds.

use std::collections::HashMap;

use egg::{Id, Language};

use crate::facts::{TermGraph, is_weight};
use crate::law::{Comparison, Fact, Kind, Law};
use crate::letters::{Axis, Blocks, Part, axis_of, unify};
use crate::pattern::{Head, Layout, Pattern, Scalar, TermPattern};
use crate::size::Size;
use crate::term::Term;

/// What the names of a law stand for at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub class: Id,
    /// A class, a head or an element type, by the kind of the variable.
    pub vars: Vec<Option<u32>>,
    pub blocks: Blocks,
    pub numbers: Vec<Option<i64>>,
    /// The terms that the law's operations stand for, outer ones first, and whether
    /// their two operands are swapped.
    pub trace: Vec<(Term, bool)>,
}

impl Match {
    /// True if both say the same of the law's names.
    fn is_like(&self, other: &Match) -> bool {
        (&self.vars, &self.blocks, &self.numbers) == (&other.vars, &other.blocks, &other.numbers)
    }

    pub fn class_of(&self, var: usize) -> Option<Id> {
        self.vars[var].map(|class| Id::from(class as usize))
    }
}

/// What must hold for a structure that fits to be a match.
#[derive(Clone)]
struct Partial {
    vars: Vec<Option<u32>>,
    terms: Vec<Vec<Part>>,
    /// That letter stands at that axis of that string.
    places: Vec<(usize, Vec<usize>, i64)>,
    sizes: Vec<(Size, i64)>,
    trace: Vec<(Term, bool)>,
}

impl Partial {
    fn bind(mut self, var: usize, value: u32) -> Option<Partial> {
        match self.vars[var] {
            Some(known) if known != value => None,
            _ => {
                self.vars[var] = Some(value);
                Some(self)
            }
        }
    }
}

pub struct Matcher<'a> {
    pub graph: &'a TermGraph,
    pub law: &'a Law,
}

impl Matcher<'_> {
    /// All matches, by class.
    pub fn search(&self) -> Vec<Match> {
        let Pattern::Term(root) = &self.law.lhs else {
            return vec![];
        };
        let heads = match &root.head {
            Head::Fixed(head) => vec![*head],
            Head::Any { heads, .. } => heads.clone(),
        };
        let of_head = |head: &u32| self.graph.classes_for_op(head).into_iter().flatten();
        let mut classes: Vec<Id> = heads.iter().flat_map(of_head).collect();
        // egg keeps them in a hash table.
        classes.sort();
        classes.dedup();
        classes.into_iter().flat_map(|class| self.search_class(class)).collect()
    }

    fn search_class(&self, class: Id) -> Vec<Match> {
        let start = Partial {
            vars: vec![None; self.law.vars.len()],
            terms: vec![],
            places: vec![],
            sizes: vec![],
            trace: vec![],
        };
        let fits = self.fit(&self.law.lhs, class, start);
        let mut matches: Vec<Match> = vec![];
        for partial in &fits {
            for found in self.complete(class, partial) {
                if !matches.iter().any(|known| known.is_like(&found)) {
                    matches.push(found);
                }
            }
        }
        matches
    }

    fn fit(&self, pattern: &Pattern, class: Id, partial: Partial) -> Vec<Partial> {
        let class = self.graph.find(class);
        let facts = &self.graph[class].data;
        match pattern {
            Pattern::Var(var) | Pattern::Each(var) => {
                let is_term = self.graph.analysis.oracle.extents(facts.what).is_some();
                let fits = is_term
                    || matches!(&self.law.vars[*var], Kind::Tensor(axes) if axes.is_empty());
                if fits {
                    partial.bind(*var, usize::from(class) as u32).into_iter().collect()
                } else {
                    vec![]
                }
            }
            Pattern::Number(bits) => {
                if facts.splat == Some(*bits) {
                    vec![partial]
                } else {
                    vec![]
                }
            }
            Pattern::Term(term) => {
                let terms = self.graph[class].nodes.iter();
                terms.flat_map(|node| self.fit_term(term, class, node, partial.clone())).collect()
            }
        }
    }

    fn fit_term(
        &self,
        pattern: &TermPattern,
        class: Id,
        node: &Term,
        partial: Partial,
    ) -> Vec<Partial> {
        let arity = pattern.kids.len();
        let partial = match &pattern.head {
            Head::Fixed(head) if *head == node.head => Some(partial),
            Head::Any { var, heads } if heads.contains(&node.head) => partial.bind(*var, node.head),
            _ => None,
        };
        let Some(partial) =
            partial.filter(|_| node.children().len() == arity + pattern.layout.properties())
        else {
            return vec![];
        };
        let operands = &node.children()[..arity];
        let Some(partial) = self.read_properties(pattern, class, node, partial) else {
            return vec![];
        };
        let with = |is_swapped: bool| {
            let mut partial = partial.clone();
            partial.trace.push((node.clone(), is_swapped));
            partial
        };
        let mut found = self.fit_kids(&pattern.kids, operands, with(false));
        if pattern.commutes && operands[0] != operands[1] {
            found.extend(self.fit_kids(&pattern.kids, &[operands[1], operands[0]], with(true)));
        }
        found
    }

    fn fit_kids(&self, patterns: &[Pattern], classes: &[Id], partial: Partial) -> Vec<Partial> {
        let mut partials = vec![partial];
        for (pattern, class) in patterns.iter().zip(classes) {
            partials = partials
                .into_iter()
                .flat_map(|partial| self.fit(pattern, *class, partial))
                .collect();
        }
        partials
    }

    /// Adds what the properties of `node` say of letters and sizes.
    fn read_properties(
        &self,
        pattern: &TermPattern,
        class: Id,
        node: &Term,
        mut partial: Partial,
    ) -> Option<Partial> {
        let oracle = &self.graph.analysis.oracle;
        let what = |id: Id| self.graph[id].data.what;
        let (operands, properties) = node.children().split_at(pattern.kids.len());
        let strings = &pattern.strings;
        match pattern.layout {
            Layout::Plain => {}
            Layout::Axes | Layout::AxesScalar | Layout::AxesType => {
                let text = oracle.text(what(properties[0]));
                partial.terms.push(self.own_strings(pattern, class, operands, &text)?);
            }
            Layout::Type => partial.terms.push(self.shapes(pattern, class, operands)?),
            Layout::Cast => {}
            Layout::Slice | Layout::Concat => {
                partial.terms.push(self.shapes(pattern, class, operands)?);
                let axis = oracle.integer(what(properties[0]))?;
                let cut =
                    strings.result.iter().find(|letter| !strings.operands[0].contains(letter))?;
                partial.places.push((*cut, strings.result.clone(), axis));
            }
        }
        match &pattern.scalar {
            Scalar::None => Some(partial),
            Scalar::Var(var) if pattern.layout == Layout::Cast => {
                partial.bind(*var, oracle.element(what(class)))
            }
            Scalar::Var(var) => {
                partial.bind(*var, usize::from(self.graph.find(properties[1])) as u32)
            }
            Scalar::Offset(size) => {
                partial.sizes.push((size.clone(), oracle.integer(what(properties[1]))?));
                Some(partial)
            }
        }
    }

    /// The term's own index string beside the law's.
    fn own_strings(
        &self,
        pattern: &TermPattern,
        class: Id,
        operands: &[Id],
        text: &str,
    ) -> Option<Vec<Part>> {
        let (before, last) = text.split_once("->").or_else(|| text.split_once('/'))?;
        if text.contains("->") != pattern.strings.along.is_none() {
            return None;
        }
        let own: Vec<&str> = before.split(',').collect();
        let mut extents = HashMap::new();
        let mut parts = vec![];
        for ((own, operand), law) in own.iter().zip(operands).zip(&pattern.strings.operands) {
            let known = self.extents(*operand)?;
            extents.extend(own.chars().zip(known));
            let axes = own.chars().map(|c| Axis { letter: Some(c), extent: extents[&c] }).collect();
            parts.push(Part { law: law.clone(), axes });
        }
        if own.len() != pattern.strings.operands.len() {
            return None;
        }
        // A broadcast has letters that only its result has.
        let result = self.extents(class)?;
        if pattern.strings.along.is_none() {
            last.chars().zip(result).for_each(|(c, extent)| {
                extents.entry(c).or_insert(extent);
            });
        }
        let axes = last.chars().map(|c| Some(Axis { letter: Some(c), extent: *extents.get(&c)? }));
        let law = pattern.strings.parts().last()?.to_vec();
        parts.push(Part { law, axes: axes.collect::<Option<_>>()? });
        Some(parts)
    }

    /// The shapes of operands and result beside the law's strings.
    fn shapes(&self, pattern: &TermPattern, class: Id, operands: &[Id]) -> Option<Vec<Part>> {
        let part = |law: &Vec<usize>, class: Id| {
            let axis = |extent| Axis { letter: None, extent };
            Some(Part {
                law: law.clone(),
                axes: self.extents(class)?.into_iter().map(axis).collect(),
            })
        };
        let strings = &pattern.strings;
        let operands =
            strings.operands.iter().zip(operands).map(|(law, operand)| part(law, *operand));
        operands.chain([part(&strings.result, class)]).collect()
    }

    fn extents(&self, class: Id) -> Option<Vec<u32>> {
        self.graph.analysis.oracle.extents(self.graph[class].data.what)
    }

    /// The matches that a structure gives: letters, sizes and facts.
    fn complete(&self, class: Id, partial: &Partial) -> Vec<Match> {
        if !self.law.facts.iter().all(|fact| self.holds(fact, partial)) {
            return vec![];
        }
        let mut terms = partial.terms.clone();
        for (kind, var) in self.law.vars.iter().zip(&partial.vars) {
            let (Kind::Tensor(axes), Some(var)) = (kind, var) else {
                continue;
            };
            let Some(extents) = self.extents(Id::from(*var as usize)) else {
                continue;
            };
            let axis = |extent| Axis { letter: None, extent };
            terms.push(vec![Part {
                law: axes.clone(),
                axes: extents.into_iter().map(axis).collect(),
            }]);
        }
        let blocks = unify(&terms, &self.law.may_be_block, vec![None; self.law.dims.len()]);
        let matches = blocks.into_iter().filter_map(|blocks| {
            let is_at = |place: &(usize, Vec<usize>, i64)| {
                axis_of(place.0, &place.1, &blocks).map(|axis| axis as i64) == Some(place.2)
            };
            if !partial.places.iter().all(is_at) {
                return None;
            }
            let numbers = self.numbers(&blocks, &partial.sizes)?;
            let (vars, trace) = (partial.vars.clone(), partial.trace.clone());
            Some(Match { class, vars, blocks, numbers, trace })
        });
        // Splits of a block that nothing looks inside give the same right side.
        matches.take(1).collect()
    }

    fn holds(&self, fact: &Fact, partial: &Partial) -> bool {
        let oracle = &self.graph.analysis.oracle;
        let class =
            |var: usize| partial.vars[var].map(|class| &self.graph[Id::from(class as usize)]);
        let element = |var: usize| class(var).map(|class| oracle.element(class.data.what));
        match *fact {
            Fact::Load(var) => class(var).is_some_and(|class| class.data.load),
            Fact::Weight(var) => class(var).is_some_and(|class| is_weight(self.graph, class.id)),
            Fact::F32(var) => element(var).is_some_and(|element| oracle.text(element) == "f32"),
            Fact::Exact(wide, var) => partial.vars[wide]
                .zip(element(var))
                .is_some_and(|(wide, narrow)| oracle.holds(wide, narrow)),
        }
    }

    /// The sizes that are numbers, if the law's equations and conditions hold.
    fn numbers(&self, blocks: &Blocks, sizes: &[(Size, i64)]) -> Option<Vec<Option<i64>>> {
        let oracle = &self.graph.analysis.oracle;
        let number = |block: &Option<Vec<u32>>| match block.as_deref() {
            Some([extent]) => oracle.integer(*extent),
            _ => None,
        };
        let mut numbers: Vec<Option<i64>> = blocks.iter().map(number).collect();
        // Each round that changes nothing is the last.
        loop {
            let before = numbers.clone();
            if !sizes.iter().all(|(size, value)| size.solve(*value, &mut numbers)) {
                return None;
            }
            for (dim, size) in &self.law.equations {
                let known = numbers[*dim];
                if known.is_some_and(|value| !size.solve(value, &mut numbers)) {
                    return None;
                }
                numbers[*dim] = known.or_else(|| size.value(&numbers, 0));
            }
            if numbers == before {
                break;
            }
        }
        let holds = |comparison: &Comparison| {
            let sides = comparison.left.value(&numbers, 0).zip(comparison.right.value(&numbers, 0));
            sides.is_some_and(|(a, b)| if comparison.is_equal { a == b } else { a <= b })
        };
        let are_open = |(size, _): &(Size, i64)| size.value(&numbers, 0).is_none();
        if sizes.iter().any(are_open) || numbers.iter().flatten().any(|number| *number < 0) {
            return None;
        }
        // An equation between sizes that are no numbers can't be checked.
        let is_right = |(dim, size): &(usize, Size)| {
            numbers[*dim].is_some() && size.value(&numbers, 0) == numbers[*dim]
        };
        let fits =
            self.law.equations.iter().all(is_right) && self.law.comparisons.iter().all(holds);
        fits.then_some(numbers)
    }
}
