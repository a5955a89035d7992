// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! One side of a law, read and typed.

use std::cell::RefCell;

use crate::Failure;
use crate::definitions;
use crate::numbers::evaluate;
use crate::oracle::Oracle;
use crate::regroup::{Group, regroup};
use crate::sexp::Sexp;
use crate::size::{Polynomial, Size, product};
use crate::vocabulary::{self, BINARY, COMMUTATIVE, EXACT, Form, UNARY};

#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    Var(usize),
    /// `w..`: this variable of each sibling in turn.
    Each(usize),
    /// The bits of a number that all elements are.
    Number(u64),
    /// `(size rk)`: the number of elements of a tensor of these letters.
    Size(Vec<usize>),
    Term(Box<TermPattern>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct TermPattern {
    pub name: String,
    pub head: Head,
    pub form: Form,
    /// Operands may be swapped without a change of bits.
    pub commutes: bool,
    /// Nothing is rounded.
    pub is_exact: bool,
    pub strings: Strings,
    /// Of a regrouping: which letters of the operand become which of the result.
    pub groups: Vec<Group>,
    pub kids: Vec<Pattern>,
    /// Numbers that are properties.
    pub scalars: Vec<Pattern>,
    /// An offset, or how many elements are kept.
    pub size: Option<Size>,
    /// The element type that the law names.
    pub element: Option<usize>,
    /// The cache that it reads, and as what.
    pub sources: Vec<usize>,
    /// The letters of the result.
    pub letters: Vec<usize>,
}

impl TermPattern {
    /// How many children of its terms are no operands of the pattern.
    pub fn properties(&self) -> usize {
        // Positions and window.
        self.form.properties() + if self.name == "visible" { 2 } else { 0 }
    }

    fn weight(&self) -> usize {
        match (self.form, self.name.as_str()) {
            (Form::Attention, _) => 38, // two products and a softmax
            (Form::Axes, "contract") => 16,
            (Form::Axes, "gather") => 3,
            (Form::Axes | Form::AxesAlong | Form::Along | Form::Norm | Form::TopK, _) => 6,
            (Form::AxesType, "scatter_add") | (Form::Rotary, _) => 6,
            (Form::Elementwise, _) => 4,
            (Form::Concat | Form::Pad | Form::Round | Form::Cast, _) => 2,
            _ => 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    Fixed(u32),
    /// `(map f x)`, `(map2 f x y)`: one of `heads`, which variable `var` names.
    Any {
        var: usize,
        heads: Vec<u32>,
    },
}

/// The law's letters, by number.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strings {
    pub operands: Vec<Vec<usize>>,
    pub result: Vec<usize>,
    /// `rk/k`: the letters after the slash.
    pub along: Vec<usize>,
}

/// What a variable stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Real,
    /// 0 or 1.
    Truth,
    /// Integers below that size.
    Index(usize),
    /// An element-wise operation.
    Function,
    /// An element type.
    Element,
    /// A cache, with the batch and the layer that read it.
    Cache,
    /// Positions of rows and a window: which slots they see.
    View,
}

#[derive(Debug, Clone)]
pub struct Var {
    pub name: String,
    pub sort: Sort,
    /// None for a scalar.
    pub letters: Vec<usize>,
}

impl Var {
    pub fn is_tensor(&self) -> bool {
        matches!(self.sort, Sort::Real | Sort::Truth | Sort::Index(_))
    }
}

/// What the names of a law stand for.
pub struct Scope<'a> {
    pub oracle: &'a dyn Oracle,
    pub dims: &'a [String],
    pub equations: &'a [(usize, Size)],
    pub vars: &'a [Var],
    /// A letter in front of every string that is not empty.
    pub frame: Option<usize>,
    /// Operations that the dialect lacks.
    pub missing: RefCell<Vec<String>>,
}

impl Scope<'_> {
    pub fn var(&self, name: &str) -> Option<usize> {
        self.vars.iter().position(|var| var.name == name)
    }

    fn unframed(&self, text: &str) -> Result<Vec<usize>, Failure> {
        let letter = |letter: char| {
            let at = self.dims.iter().position(|dim| dim.chars().eq([letter]));
            at.ok_or_else(|| format!("'{letter}' in '{text}' is no size of the law"))
        };
        let own: Vec<usize> = text.chars().map(letter).collect::<Result<_, _>>()?;
        match (1..own.len()).find(|at| own[..*at].contains(&own[*at])) {
            Some(_) => Err(format!("'{text}' names one axis twice")),
            None => Ok(own),
        }
    }

    pub fn letters(&self, text: &str) -> Result<Vec<usize>, Failure> {
        let own = self.unframed(text)?;
        let frame = self.frame.filter(|_| !own.is_empty());
        Ok(frame.into_iter().chain(own).collect())
    }

    fn strings(&self, form: Form, text: &str) -> Result<Strings, Failure> {
        let unknown = || format!("expected an index string, found '{text}'");
        match form {
            Form::Along | Form::Norm | Form::TopK | Form::AxesAlong => {
                let (whole, along) = text.split_once('/').ok_or_else(unknown)?;
                let operand = self.letters(whole)?;
                let along = self.unframed(along)?;
                if along.iter().any(|letter| !operand.contains(letter)) {
                    return Err(format!("'{text}' goes along an axis that is none of its own"));
                }
                let stays = |letter: &usize| form != Form::AxesAlong || !along.contains(letter);
                let result = operand.iter().copied().filter(stays).collect();
                Ok(Strings { operands: vec![operand], result, along })
            }
            Form::Slots => {
                Ok(Strings { operands: vec![], result: self.letters(text)?, along: vec![] })
            }
            Form::Turn | Form::Rotary => {
                let (x, angles) = text.split_once(',').ok_or_else(unknown)?;
                let x = self.letters(x)?;
                let angles = self.letters(angles)?;
                Ok(Strings {
                    operands: vec![x.clone(), angles.clone(), angles],
                    along: x.last().copied().into_iter().collect(),
                    result: x,
                })
            }
            _ => {
                let (operands, result) = text.split_once("->").ok_or_else(unknown)?;
                let own = |part: &str| self.letters(part.trim_end_matches(".."));
                let operands = match form {
                    Form::Iota => vec![self.unframed(operands)?],
                    _ => operands.split(',').map(own).collect::<Result<_, _>>()?,
                };
                Ok(Strings { operands, result: self.letters(result)?, along: vec![] })
            }
        }
    }

    fn extent(&self, letter: usize) -> Polynomial {
        Size::Dim(letter).polynomial(self.equations)
    }

    /// `b=a` lets b be another shape of as many elements.
    fn is_alias(&self, letter: usize) -> bool {
        let is_own = |equation: &(usize, Size)| equation.0 == letter;
        self.equations.iter().any(|own| is_own(own) && matches!(own.1, Size::Dim(_)))
    }

    fn count(&self, letters: &[usize]) -> Polynomial {
        let one = Polynomial::from([(vec![], 1)]);
        letters.iter().fold(one, |all, letter| product(&all, &self.extent(*letter)))
    }

    fn spell(&self, letters: &[usize]) -> String {
        let own = letters.iter().filter(|letter| Some(**letter) != self.frame);
        own.map(|letter| &self.dims[*letter][..]).collect()
    }

    fn is_one_shape(&self, a: &[usize], b: &[usize]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.extent(*a) == self.extent(*b))
    }

    pub fn shape(&self, pattern: &Pattern) -> Vec<usize> {
        match pattern {
            Pattern::Var(var) | Pattern::Each(var) => self.vars[*var].letters.clone(),
            Pattern::Number(_) | Pattern::Size(_) => vec![],
            Pattern::Term(term) => term.letters.clone(),
        }
    }

    /// Both sides of a law are of one shape; a number is of any.
    pub fn check_sides(&self, left: &Pattern, right: &Pattern) -> Result<(), Failure> {
        let (a, b) = (self.shape(left), self.shape(right));
        let is_number = matches!(right, Pattern::Number(_) | Pattern::Size(_));
        if is_number || self.is_one_shape(&a, &b) {
            return Ok(());
        }
        let (a, b) = (self.spell(&a), self.spell(&b));
        Err(format!("the sides have the axes '{a}' and '{b}'"))
    }

    pub fn parse(&self, text: &Sexp) -> Result<Pattern, Failure> {
        match text {
            Sexp::Atom(atom) => self.parse_atom(atom),
            Sexp::List(list) => match definitions::expand(list) {
                Some(definition) => self.parse(&definition),
                None => self.parse_list(list),
            },
        }
    }

    fn parse_atom(&self, atom: &str) -> Result<Pattern, Failure> {
        if let Some(var) = atom.strip_suffix("..").and_then(|name| self.var(name)) {
            return Ok(Pattern::Each(var));
        }
        if let Some(var) = self.var(atom) {
            return Ok(Pattern::Var(var));
        }
        let number = match (atom, atom.split_once('/')) {
            ("pi", _) => Some(std::f64::consts::PI),
            ("-inf", _) => Some(f64::NEG_INFINITY),
            (_, Some((above, below))) => {
                above.parse::<f64>().ok().zip(below.parse::<f64>().ok()).map(|(a, b)| a / b)
            }
            _ => atom.parse().ok().filter(|number: &f64| number.is_finite()),
        };
        number
            .map(|number| Pattern::Number(number.to_bits()))
            .ok_or_else(|| format!("'{atom}' is neither a variable of the law nor a number"))
    }

    fn parse_list(&self, list: &[Sexp]) -> Result<Pattern, Failure> {
        let Some((Sexp::Atom(name), rest)) = list.split_first() else {
            return Err(format!("expected an operation, found {list:?}"));
        };
        if let ("size", [Sexp::Atom(letters)]) = (name.as_str(), rest) {
            let dim = self.dims.iter().position(|dim| dim == letters);
            let letters = dim.map_or_else(|| self.unframed(letters), |dim| Ok(vec![dim]));
            return letters.map(Pattern::Size);
        }
        let term = self.parse_term(name, rest)?;
        Ok(fold(&term).map_or_else(|| Pattern::Term(Box::new(term)), Pattern::Number))
    }

    fn parse_term(&self, name: &str, mut rest: &[Sexp]) -> Result<TermPattern, Failure> {
        let (head, form, arity) = match name {
            "map" | "map2" => {
                let arity = if name == "map" { 1 } else { 2 };
                let var = self.take_var(name, &mut rest)?;
                let names = if arity == 1 { UNARY } else { BINARY };
                let known = names.iter().map(|name| self.operation(name));
                let heads = known.filter(|head| *head != 0).collect();
                (Head::Any { var, heads }, Form::Elementwise, arity)
            }
            _ => {
                let known =
                    vocabulary::find(name).ok_or_else(|| format!("'{name}' is no operation"))?;
                let head = self.operation(known.operation);
                if head == 0 {
                    self.missing.borrow_mut().push(known.operation.into());
                }
                (Head::Fixed(head), known.form, known.arity)
            }
        };
        let element = match form {
            Form::Cast => Some(self.take_var(name, &mut rest)?),
            _ => None,
        };
        let mut strings = Strings::default();
        if form.has_string() {
            match rest.split_first() {
                Some((Sexp::Atom(text), operands)) => {
                    strings = self.strings(form, text)?;
                    rest = operands;
                }
                _ => return Err(format!("'{name}' needs an index string")),
            }
        }
        let arity = if form == Form::Concat { strings.operands.len() } else { arity };
        if rest.len() < arity {
            return Err(format!("'{name}' takes {arity} operands, found {}", rest.len()));
        }
        let (operands, mut scalars) = rest.split_at(arity);
        let mut sources = vec![];
        for sort in form.sources(name) {
            let var = self.take_var(name, &mut scalars)?;
            if self.vars[var].sort != *sort {
                return Err("a variable stands where its kind can't".into());
            }
            sources.push(var);
        }
        let mut kids: Vec<Pattern> =
            operands.iter().map(|kid| self.parse(kid)).collect::<Result<_, _>>()?;
        if form == Form::Rotary {
            // The operation takes the cosines and the sines of the angles.
            let angles = operands[1].clone();
            let of = |name: &str| self.parse_term(name, std::slice::from_ref(&angles));
            kids.truncate(1);
            kids.extend([of("cos")?, of("sin")?].map(|term| Pattern::Term(Box::new(term))));
        }
        if name == "attention_masked" {
            // The operation adds its mask.
            let atom = |text: &str| Sexp::Atom(text.into());
            let choice = [operands[3].clone(), atom("0"), atom("-inf")];
            kids[3] = Pattern::Term(Box::new(self.parse_term("where", &choice)?));
        }
        self.complete_strings(form, &kids, &mut strings);
        let (scalars, size) = self.parse_scalars(name, form, scalars)?;
        let mut term = TermPattern {
            name: name.into(),
            head,
            form,
            commutes: COMMUTATIVE.contains(&name) || name == "contract",
            is_exact: form.is_exact() || name == "gather" || EXACT.contains(&name),
            letters: strings.result.clone(),
            groups: vec![],
            strings,
            kids,
            scalars,
            size,
            element,
            sources,
        };
        self.check(&mut term)?;
        Ok(term)
    }

    fn operation(&self, name: &str) -> u32 {
        self.oracle.operation(&vocabulary::full_name(name))
    }

    fn take_var(&self, name: &str, rest: &mut &[Sexp]) -> Result<usize, Failure> {
        if let Some((Sexp::Atom(atom), others)) = rest.split_first()
            && let Some(var) = self.var(atom)
        {
            *rest = others;
            return Ok(var);
        }
        Err(format!("'{name}' needs a variable first"))
    }

    /// The strings of operands that the text leaves out.
    fn complete_strings(&self, form: Form, kids: &[Pattern], strings: &mut Strings) {
        match form {
            Form::Along if kids.len() == 2 => strings.operands.push(strings.operands[0].clone()),
            Form::Attention if strings.operands.len() == 3 => {
                let [q, k, v] = &strings.operands[..] else { return };
                let rows = q.iter().filter(|letter| strings.result.contains(letter));
                let is_key = |key: &&usize| v.contains(key) && !strings.result.contains(key);
                let mask = rows.chain(k.iter().filter(is_key)).copied().collect();
                if kids.len() == 4 {
                    strings.operands.push(mask);
                }
            }
            _ => {}
        }
    }

    fn parse_scalars(
        &self,
        name: &str,
        form: Form,
        scalars: &[Sexp],
    ) -> Result<(Vec<Pattern>, Option<Size>), Failure> {
        let numbers = form.numbers(name);
        let sizes = usize::from(matches!(form, Form::Slice | Form::Pad | Form::TopK));
        if scalars.len() != numbers + sizes {
            return Err(format!("'{name}' has scalars that it does not take: {scalars:?}"));
        }
        if sizes == 1 {
            return Ok((vec![], Some(Size::parse(&scalars[0], self.dims)?)));
        }
        let numbers: Vec<Pattern> =
            scalars.iter().map(|scalar| self.parse(scalar)).collect::<Result<_, _>>()?;
        match numbers.iter().all(|number| self.shape(number).is_empty()) {
            true => Ok((numbers, None)),
            false => Err(format!("'{name}' takes numbers of rank 0 as scalars")),
        }
    }

    /// The operands fit the strings, and the letters are where the word needs them.
    fn check(&self, term: &mut TermPattern) -> Result<(), Failure> {
        let name = &term.name;
        for kid in &term.kids {
            let (Pattern::Var(var) | Pattern::Each(var)) = kid else { continue };
            if !self.vars[*var].is_tensor() {
                return Err("a variable stands where its kind can't".into());
            }
        }
        let shapes: Vec<Vec<usize>> = term.kids.iter().map(|kid| self.shape(kid)).collect();
        if !term.form.has_string() {
            let full: Vec<&Vec<usize>> = shapes.iter().filter(|own| !own.is_empty()).collect();
            if let Some(other) = full.iter().find(|own| !self.is_one_shape(own, full[0])) {
                let (a, b) = (self.spell(full[0]), self.spell(other));
                return Err(format!("the operands of '{name}' have the axes '{a}' and '{b}'"));
            }
            term.letters = full.first().map(|own| own.to_vec()).unwrap_or_default();
            let kinds = [
                term.element,
                match term.head {
                    Head::Any { var, .. } => Some(var),
                    Head::Fixed(_) => None,
                },
            ];
            let sorts = [Sort::Element, Sort::Function];
            let is_right = |(var, sort): (&Option<usize>, Sort)| {
                var.is_none_or(|var| self.vars[var].sort == sort)
            };
            return match kinds.iter().zip(sorts).all(is_right) {
                true => Ok(()),
                false => Err("a variable stands where its kind can't".into()),
            };
        }
        if term.form != Form::Iota {
            if term.strings.operands.len() != term.kids.len() {
                let (operands, strings) = (term.kids.len(), term.strings.operands.len());
                return Err(format!("'{name}' has {operands} operands and {strings} strings"));
            }
            for (own, shape) in term.strings.operands.iter().zip(&shapes) {
                if !self.is_one_shape(own, shape) {
                    let (own, shape) = (self.spell(own), self.spell(shape));
                    return Err(format!("'{name}' reads '{shape}' as '{own}'"));
                }
            }
        }
        if term.form == Form::Reshape {
            term.groups = self.regroup(&term.strings)?;
        }
        match self.is_well_formed(term) {
            true => Ok(()),
            false => Err(format!("the letters of '{name}' are not where they must be")),
        }
    }

    fn is_well_formed(&self, term: &TermPattern) -> bool {
        let Strings { operands, result, along } = &term.strings;
        let lacks = |a: &[usize], b: &[usize]| a.iter().filter(|at| !b.contains(at)).count();
        let all = operands.concat();
        match (term.form, term.name.as_str()) {
            (Form::Axes, "gather") => {
                lacks(&operands[0], result) == 1
                    && lacks(&operands[1], result) == 0
                    && lacks(result, &all) == 0
            }
            (Form::Axes, _) => lacks(result, &all) == 0,
            (Form::AxesType, "bcast") => lacks(&all, result) == 0,
            (Form::AxesType, "one_hot") => lacks(&all, result) == 0 && lacks(result, &all) == 1,
            (Form::AxesType, _) => lacks(result, &operands[0]) == 1,
            (Form::Iota, _) => operands[0].len() == 1 && lacks(&operands[0], result) == 0,
            (Form::Permute, _) => lacks(&all, result) + lacks(result, &all) == 0,
            (Form::Slice | Form::Pad | Form::Concat, _) => {
                operands.iter().all(|own| own.len() == result.len() && lacks(own, result) == 1)
            }
            (Form::Rotary | Form::Turn, _) => {
                !along.is_empty() && lacks(&operands[1], &operands[0]) == 1
            }
            (Form::Attend, _) => lacks(result, &operands[0]) == 1,
            (Form::Attention | Form::Grouped, _) => lacks(result, &all) == 0,
            _ => true,
        }
    }

    /// Splits operand and result where equal numbers of elements lie before.
    fn regroup(&self, strings: &Strings) -> Result<Vec<Group>, Failure> {
        let [before] = &strings.operands[..] else {
            return Err("'reshape' takes one operand".into());
        };
        let groups = regroup(
            before,
            &strings.result,
            |a, b| a == b || (self.extent(a) == self.extent(b) && !self.is_alias(b)),
            |a, b| self.count(a) == self.count(b),
        );
        groups.ok_or_else(|| {
            let (a, b) = (self.spell(before), self.spell(&strings.result));
            format!("'reshape' makes '{b}' of '{a}', which has another number of elements")
        })
    }
}

/// The number that a term over numbers is.
fn fold(term: &TermPattern) -> Option<u64> {
    let numbers: Option<Vec<f64>> = term
        .kids
        .iter()
        .map(|kid| match kid {
            Pattern::Number(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        })
        .collect();
    let value = evaluate(&term.name, &numbers?)?;
    // `(exp 0)` is what a law speaks of.
    (term.name != "exp").then_some(value.to_bits())
}

impl Pattern {
    /// Visits the terms, outer ones first.
    pub fn for_each_term<'a>(&'a self, visit: &mut dyn FnMut(&'a TermPattern)) {
        if let Pattern::Term(term) = self {
            visit(term);
            term.kids.iter().for_each(|kid| kid.for_each_term(visit));
        }
    }

    pub fn vars(&self, into: &mut Vec<usize>) {
        match self {
            Pattern::Var(var) | Pattern::Each(var) => into.push(*var),
            Pattern::Number(_) | Pattern::Size(_) => {}
            Pattern::Term(term) => {
                if let Head::Any { var, .. } = term.head {
                    into.push(var);
                }
                into.extend(term.element);
                into.extend(&term.sources);
                term.scalars.iter().chain(&term.kids).for_each(|kid| kid.vars(into));
            }
        }
    }

    /// What its operations weigh: a measure of work that knows no sizes.
    pub fn weight(&self) -> usize {
        let mut all = 0;
        self.for_each_term(&mut |term| all += term.weight());
        all
    }

    pub fn depth(&self) -> usize {
        match self {
            Pattern::Term(term) => {
                1 + term.kids.iter().map(Pattern::depth).max().unwrap_or_default()
            }
            _ => 0,
        }
    }
}
