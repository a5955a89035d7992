// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Builds the right side of a law where its left side was found. Each term keeps
//! the order of axes that its operands have; where an operation or the result
//! needs another one, a transpose is put in.

use std::collections::HashMap;

use egg::Id;

use crate::axes::{Blocks, Label, Match, summed_letters};
use crate::facts::{Facts, TermGraph};
use crate::labels::{is_permutation, read_as};
use crate::law::{Law, Tier};
use crate::matcher::Value;
use crate::numbers::evaluate;
use crate::pattern::{Head, Pattern, TermPattern};
use crate::siblings::Siblings;
use crate::size::Size;
use crate::vocabulary::Form;

/// A kid that may not be in the graph yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kid {
    Class(Id),
    New(usize),
}

/// A term to be and its axes, in order. It may lack axes that the law names, along
/// which it is the same everywhere.
#[derive(Clone)]
pub(crate) struct Built {
    pub kid: Kid,
    pub axes: Vec<Label>,
}

/// Terms to be, inner ones first; all of them are typed before one is added.
pub(crate) struct Builder<'a> {
    pub graph: &'a TermGraph,
    pub law: &'a Law,
    pub found: &'a Match,
    pub siblings: &'a Siblings,
    blocks: Blocks,
    pub terms: Vec<(u32, Vec<Kid>, Facts)>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        graph: &'a TermGraph,
        law: &'a Law,
        found: &'a Match,
        siblings: &'a Siblings,
    ) -> Builder<'a> {
        let mut blocks = found.blocks.clone();
        for (block, number) in blocks.iter_mut().zip(&found.numbers) {
            if let (None, Some(number)) = (&block, number) {
                *block = Some(vec![graph.analysis.oracle.make_extent(*number)]);
            }
        }
        Builder { graph, law, found, siblings, blocks, terms: vec![] }
    }

    pub(crate) fn root(&mut self, target: u32) -> Option<Kid> {
        let (left, right) = (self.letters(&self.law.lhs), self.letters(&self.law.rhs));
        let right = if right.is_empty() { left.clone() } else { right };
        let element = self.graph.analysis.notebook.element(target);
        let want = read_as(&self.found.root, &left, &right);
        let built = self.build(&self.law.rhs, Some(&want), element, true)?;
        let built = self.spread(built, &right, Some(&want))?;
        let built = self.align(built, &want)?;
        (self.facts(built.kid).what == target).then_some(built.kid)
    }

    pub fn letters(&self, pattern: &Pattern) -> Vec<usize> {
        match pattern {
            Pattern::Var(var) | Pattern::Each(var) => self.law.vars[*var].letters.clone(),
            Pattern::Number(_) | Pattern::Size(_) => vec![],
            Pattern::Term(term) => term.letters.clone(),
        }
    }

    pub fn facts(&self, kid: Kid) -> &Facts {
        match kid {
            Kid::Class(id) => &self.graph[self.graph.find(id)].data,
            Kid::New(at) => &self.terms[at].2,
        }
    }

    pub fn push(&mut self, head: u32, kids: Vec<Kid>) -> Option<Kid> {
        if head == 0 {
            return None;
        }
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

    pub fn property(&mut self, head: u32) -> Option<Kid> {
        self.push(head, vec![])
    }

    pub fn head(&self, name: &'static str) -> u32 {
        self.graph.analysis.notebook.head(name)
    }

    /// All axes of these letters.
    pub fn labels(&self, letters: &[usize]) -> Option<Vec<Label>> {
        let mut labels = vec![];
        for letter in letters {
            let count = self.blocks[*letter].as_ref()?.len();
            labels.extend((0..count).map(|at| Label { letter: *letter, at }));
        }
        Some(labels)
    }

    pub fn extent(&self, label: &Label) -> Option<u32> {
        self.blocks[label.letter].as_ref()?.get(label.at).copied()
    }

    fn tensor(&self, axes: &[Label], element: u32) -> Option<u32> {
        let extents: Vec<u32> =
            axes.iter().map(|label| self.extent(label)).collect::<Option<_>>()?;
        Some(self.graph.analysis.oracle.make_tensor(&extents, element))
    }

    pub fn element(&self, kid: Kid) -> u32 {
        self.graph.analysis.notebook.element(self.facts(kid).what)
    }

    /// The property that is an index string of these axes.
    fn text(&mut self, operands: &[&[Label]], last: &[Label], arrow: &str) -> Option<Kid> {
        let mut names: HashMap<Label, char> = HashMap::new();
        let mut spell = |axes: &[Label]| {
            let mut text = String::new();
            for label in axes {
                let next = u8::try_from(names.len()).ok().filter(|next| *next < 26)?;
                text.push(*names.entry(*label).or_insert((b'a' + next) as char));
            }
            Some(text)
        };
        let operands: Vec<String> =
            operands.iter().map(|axes| spell(axes)).collect::<Option<_>>()?;
        let text = format!("{}{arrow}{}", operands.join(","), spell(last)?);
        let text = self.graph.analysis.oracle.make_text(&text);
        self.property(text)
    }

    /// The same with its axes in that order.
    pub fn align(&mut self, built: Built, want: &[Label]) -> Option<Built> {
        if built.axes == want {
            return Some(built);
        }
        if !is_permutation(&built.axes, want) {
            return None;
        }
        let text = self.text(&[&built.axes], want, "->")?;
        let kid = self.push(self.head("transpose"), vec![built.kid, text])?;
        Some(Built { kid, axes: want.to_vec() })
    }

    /// The same with all axes of these letters.
    pub fn spread(
        &mut self,
        built: Built,
        letters: &[usize],
        want: Option<&[Label]>,
    ) -> Option<Built> {
        let all = self.labels(letters)?;
        if all.len() == built.axes.len() {
            return Some(built);
        }
        let axes = match want {
            Some(want) if is_permutation(want, &all) => want.to_vec(),
            _ => all,
        };
        self.broadcast(built, axes)
    }

    pub fn broadcast(&mut self, built: Built, axes: Vec<Label>) -> Option<Built> {
        if built.axes.iter().any(|label| !axes.contains(label)) {
            return None;
        }
        let text = self.text(&[&built.axes], &axes, "->")?;
        let ty = self.tensor(&axes, self.element(built.kid))?;
        let ty = self.property(ty)?;
        let kid = self.push(self.head("broadcast"), vec![built.kid, text, ty])?;
        Some(Built { kid, axes })
    }

    pub fn extents(&self, axes: &[Label]) -> Option<Vec<u32>> {
        axes.iter().map(|label| self.extent(label)).collect()
    }

    /// A constant of rank 0. Over the reals it is rounded to f32.
    fn number(&mut self, value: f64, element: u32) -> Option<Built> {
        let oracle = &self.graph.analysis.oracle;
        let is_f32 = &*self.graph.analysis.notebook.text(element) == "f32";
        let value = match self.law.tier == Tier::Real && is_f32 {
            true => f64::from(value as f32),
            false => value,
        };
        let value = oracle.make_splat(value, element);
        let value = self.property(value)?;
        let kid = self.push(self.graph.analysis.known.constant, vec![value])?;
        Some(Built { kid, axes: vec![] })
    }

    /// The term of a pattern, in the pattern's letters. `element` is the type of
    /// numbers that have no other.
    pub fn build(
        &mut self,
        pattern: &Pattern,
        want: Option<&[Label]>,
        element: u32,
        is_root: bool,
    ) -> Option<Built> {
        match pattern {
            Pattern::Var(var) => match self.found.vars[*var]? {
                Value::Class(class) => {
                    Some(Built { kid: Kid::Class(class), axes: self.found.axes[*var].clone() })
                }
                Value::Number(bits) => self.number(f64::from_bits(bits), element),
                _ => None,
            },
            Pattern::Each(_) => None,
            Pattern::Number(bits) => self.number(f64::from_bits(*bits), element),
            Pattern::Size(_) => {
                let value = self.value(pattern)?;
                self.number(value, element)
            }
            Pattern::Term(term) => {
                let built = self.build_term(term, want, element)?;
                let is_wide = self.graph.analysis.notebook.is_wide(self.facts(built.kid).what);
                // Nothing is rounded that was not before.
                let may_round = is_root || term.is_exact || self.law.is_low;
                (is_wide || may_round).then_some(built)
            }
        }
    }

    /// The number that a pattern is, if it is one.
    pub fn value(&self, pattern: &Pattern) -> Option<f64> {
        match pattern {
            Pattern::Number(bits) => Some(f64::from_bits(*bits)),
            Pattern::Var(var) => match self.found.vars[*var]? {
                Value::Number(bits) => Some(f64::from_bits(bits)),
                _ => None,
            },
            Pattern::Size(letters) => letters
                .iter()
                .try_fold(1i64, |all, own| all.checked_mul(self.found.numbers[*own]?))
                .map(|count| count as f64),
            Pattern::Term(term) => {
                let kids: Option<Vec<f64>> = term.kids.iter().map(|kid| self.value(kid)).collect();
                evaluate(&term.name, &kids?)
            }
            Pattern::Each(_) => None,
        }
    }

    /// An operand in the letters of the operation's own string.
    pub fn operand(
        &mut self,
        term: &TermPattern,
        at: usize,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let (kid, own) = (&term.kids[at], &term.strings.operands[at]);
        let letters = self.letters(kid);
        let want = want.map(|want| read_as(want, own, &letters));
        let built = self.build(kid, want.as_deref(), element, false)?;
        let axes = read_as(&built.axes, &letters, own);
        let built = Built { kid: built.kid, axes };
        self.spread(built, own, None)
    }

    fn build_term(
        &mut self,
        term: &TermPattern,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let head = match &term.head {
            Head::Fixed(head) => *head,
            Head::Any { var, .. } => match self.found.vars[*var]? {
                Value::Head(head) => head,
                _ => return None,
            },
        };
        match term.form {
            Form::Elementwise => self.elementwise(term, head, want, element),
            Form::Round | Form::Cast => self.cast(term, head, want, element),
            Form::Axes => self.contraction(term, head, want, element),
            Form::AxesAlong => {
                let x = self.operand(term, 0, None, element)?;
                let stays = |label: &&Label| term.strings.result.contains(&label.letter);
                let axes: Vec<Label> = x.axes.iter().filter(stays).copied().collect();
                self.keeps_order(term, std::slice::from_ref(&x))?;
                self.with_text(head, vec![x], axes)
            }
            Form::AxesType => self.typed(term, head, want, element),
            Form::Iota => {
                let axes = self.order(&term.strings.result, want)?;
                let index = self.labels(&term.strings.operands[0])?;
                let text = self.text(&[&index], &axes, "->")?;
                let ty = self.tensor(&axes, element)?;
                let ty = self.property(ty)?;
                Some(Built { kid: self.push(head, vec![text, ty])?, axes })
            }
            Form::Permute => {
                let own = &term.strings.operands[0];
                let built = self.operand(term, 0, want, element)?;
                Some(Built { axes: read_as(&built.axes, own, own), ..built })
            }
            Form::Reshape => self.regrouped(term, element),
            Form::Slice | Form::Pad => self.cut(term, head, want, element),
            Form::Concat => self.concat(term, head, want, element),
            Form::Along | Form::Norm | Form::TopK => self.along(term, head, want, element),
            Form::Rotary => self.rotary(term, head, element),
            Form::Turn => self.turn(term, head, element),
            Form::Attend => self.attend(term, head, element),
            Form::Grouped => self.grouped(term, head, element),
            Form::Slots => None, // what a law finds, and never makes
            Form::Attention => self.attention(term, head, element),
        }
    }

    /// The axes of these letters, as they are wanted if they are.
    fn order(&self, letters: &[usize], want: Option<&[Label]>) -> Option<Vec<Label>> {
        let all = self.labels(letters)?;
        Some(match want {
            Some(want) if is_permutation(want, &all) => want.to_vec(),
            _ => all,
        })
    }

    fn elementwise(
        &mut self,
        term: &TermPattern,
        head: u32,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let is_number = |kid: &Pattern| matches!(kid, Pattern::Number(_) | Pattern::Size(_));
        let full = term.kids.iter().filter(|kid| !self.letters(kid).is_empty()).count();
        let mut want = want.map(<[Label]>::to_vec);
        let mut kids: Vec<Option<Built>> = vec![None; term.kids.len()];
        let mut element = element;
        let all = self.labels(&term.letters)?;
        // Numbers last, since they have the type of the others.
        let mut numbers = vec![];
        for (at, kid) in term.kids.iter().enumerate() {
            let is_value = matches!(kid, Pattern::Var(var)
                if matches!(self.found.vars[*var], Some(Value::Number(_))));
            if is_number(kid) || is_value {
                numbers.push(at);
                continue;
            }
            let mut inner = kid;
            // A scalar that is spread over the others' axes need not be.
            if let Pattern::Term(own) = kid
                && own.name == "bcast"
                && own.strings.operands[0].is_empty()
                && full > 1
            {
                inner = &own.kids[0];
                if is_number(inner) {
                    numbers.push(at);
                    continue;
                }
            }
            let letters = self.letters(inner);
            let translated = want
                .as_ref()
                .filter(|_| !letters.is_empty())
                .map(|want| read_as(want, &term.letters, &letters));
            let built = self.build(inner, translated.as_deref(), element, false)?;
            let axes = if letters.is_empty() {
                vec![]
            } else {
                read_as(&built.axes, &letters, &term.letters)
            };
            let mut built = Built { kid: built.kid, axes };
            if !built.axes.is_empty() {
                built = self.spread(built, &term.letters, want.as_deref())?;
                match kids.iter().flatten().find(|kid| !kid.axes.is_empty()) {
                    Some(first) => {
                        let axes = first.axes.clone();
                        built = self.align(built, &axes)?;
                    }
                    None => want = Some(built.axes.clone()),
                }
            }
            element = self.element(built.kid);
            kids[at] = Some(built);
        }
        for at in numbers {
            let mut kid = &term.kids[at];
            if let Pattern::Term(own) = kid {
                kid = &own.kids[0];
            }
            kids[at] = Some(self.build(kid, None, element, false)?);
        }
        let kids: Vec<Built> = kids.into_iter().collect::<Option<_>>()?;
        let axes = kids.iter().find(|kid| !kid.axes.is_empty()).map(|kid| kid.axes.clone());
        debug_assert!(axes.as_ref().is_none_or(|axes| is_permutation(axes, &all)));
        let kid = self.push(head, kids.iter().map(|kid| kid.kid).collect())?;
        Some(Built { kid, axes: axes.unwrap_or_default() })
    }

    fn cast(
        &mut self,
        term: &TermPattern,
        head: u32,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let to = match term.element {
            Some(var) => match self.found.vars[var]? {
                Value::Element(element) => element,
                _ => return None,
            },
            None => self.found.narrow?,
        };
        let built = self.build(&term.kids[0], want, element, false)?;
        if self.element(built.kid) == to {
            return Some(built);
        }
        let ty = self.tensor(&built.axes, to).and_then(|ty| self.property(ty))?;
        let kid = self.push(head, vec![built.kid, ty])?;
        Some(Built { kid, axes: built.axes })
    }

    fn with_text(&mut self, head: u32, kids: Vec<Built>, axes: Vec<Label>) -> Option<Built> {
        let operands: Vec<&[Label]> = kids.iter().map(|kid| &kid.axes[..]).collect();
        let text = self.text(&operands, &axes, "->")?;
        let kids = kids.iter().map(|kid| kid.kid).chain([text]).collect();
        Some(Built { kid: self.push(head, kids)?, axes })
    }

    /// Contractions, gathers and reductions.
    fn contraction(
        &mut self,
        term: &TermPattern,
        head: u32,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let mut kids = vec![];
        for at in 0..term.kids.len() {
            kids.push(self.operand(term, at, None, element)?);
        }
        let result = &term.strings.result;
        if let [x] = &kids[..] {
            let stays = |label: &&Label| result.contains(&label.letter);
            let axes: Vec<Label> = x.axes.iter().filter(stays).copied().collect();
            if axes.len() == x.axes.len() {
                return kids.pop();
            }
            self.keeps_order(term, &kids)?;
            return self.with_text(head, kids, axes);
        }
        let mut axes = self.labels(result)?;
        if term.name == "contract" {
            axes = self.order(result, want)?;
            // What is known before the step stands on the right.
            let is_load = |kid: &Built| self.facts(kid.kid).load;
            if is_load(&kids[0]) && !is_load(&kids[1]) {
                kids.swap(0, 1);
            }
            self.keeps_order(term, &kids)?;
        }
        self.with_text(head, kids, axes)
    }

    /// Bit for bit, what is summed is summed in the order in which it was.
    fn keeps_order(&self, term: &TermPattern, kids: &[Built]) -> Option<()> {
        if self.law.tier != Tier::Bit {
            return Some(());
        }
        let letters = summed_letters(term);
        let mut summed: Vec<Label> = vec![];
        for label in kids.iter().flat_map(|kid| &kid.axes) {
            if letters.contains(&label.letter) && !summed.contains(label) {
                summed.push(*label);
            }
        }
        let place = |label: &Label| {
            let known = self.found.summed.iter().position(|own| own == label);
            let letter = letters.iter().position(|letter| *letter == label.letter);
            known.or(letter.map(|letter| letter * 64 + label.at))
        };
        let places: Vec<usize> = summed.iter().map(place).collect::<Option<_>>()?;
        places.is_sorted().then_some(())
    }

    fn typed(
        &mut self,
        term: &TermPattern,
        head: u32,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let x = self.operand(term, 0, None, element)?;
        let axes = self.order(&term.strings.result, want)?;
        if term.name == "bcast" {
            return if axes.len() == x.axes.len() { Some(x) } else { self.broadcast(x, axes) };
        }
        let mut kids = vec![x];
        for at in 1..term.kids.len() {
            kids.push(self.operand(term, at, None, element)?);
        }
        let operands: Vec<&[Label]> = kids.iter().map(|kid| &kid.axes[..]).collect();
        let text = self.text(&operands, &axes, "->")?;
        let element = if term.name == "one_hot" { element } else { self.element(kids[0].kid) };
        let ty = self.tensor(&axes, element)?;
        let ty = self.property(ty)?;
        let kids = kids.iter().map(|kid| kid.kid).chain([text, ty]).collect();
        Some(Built { kid: self.push(head, kids)?, axes })
    }

    pub fn integer(&self, size: &Size) -> Option<i64> {
        size.value(&self.found.numbers, self.siblings.before)
    }

    fn along(
        &mut self,
        term: &TermPattern,
        head: u32,
        want: Option<&[Label]>,
        element: u32,
    ) -> Option<Built> {
        let x = self.operand(term, 0, want, element)?;
        self.keeps_order(term, std::slice::from_ref(&x))?;
        let mut kids = vec![x.kid];
        for at in 1..term.kids.len() {
            let own = self.element(x.kid);
            let other = self.operand(term, at, Some(&x.axes), own)?;
            kids.push(self.align(other, &x.axes)?.kid);
        }
        let is_along = |label: &&Label| term.strings.along.contains(&label.letter);
        let along: Vec<Label> = x.axes.iter().filter(is_along).copied().collect();
        kids.push(self.text(&[&x.axes], &along, "/")?);
        match term.form {
            Form::Norm => {
                let value = self.value(&term.scalars[0])?;
                let value = self.graph.analysis.oracle.make_number(value);
                kids.push(self.property(value)?);
            }
            Form::TopK => {
                let count = self.integer(term.size.as_ref()?)?;
                let count = self.graph.analysis.oracle.make_integer(count);
                kids.push(self.property(count)?);
            }
            _ => {}
        }
        Some(Built { kid: self.push(head, kids)?, axes: x.axes })
    }
}
