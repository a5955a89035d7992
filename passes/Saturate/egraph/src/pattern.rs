// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! One side of a law.

use crate::Failure;
use crate::oracle::Oracle;
use crate::sexp::Sexp;
use crate::size::Size;

#[derive(Debug, Clone)]
pub enum Pattern {
    Var(usize),
    /// `w..`: this variable of each sibling in turn.
    Each(usize),
    /// The bits of a number that all elements are.
    Number(u64),
    Term(Box<TermPattern>),
}

#[derive(Debug, Clone)]
pub struct TermPattern {
    pub head: Head,
    pub layout: Layout,
    /// Operands may be swapped without a change of bits.
    pub commutes: bool,
    pub strings: Strings,
    pub kids: Vec<Pattern>,
    pub scalar: Scalar,
}

#[derive(Debug, Clone)]
pub enum Head {
    Fixed(u32),
    /// `(map f x)`, `(map2 f x y)`: one of `heads`, which variable `var` names.
    Any {
        var: usize,
        heads: Vec<u32>,
    },
}

/// Which properties follow the operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// None.
    Plain,
    /// The index string.
    Axes,
    /// The index string and a scalar.
    AxesScalar,
    /// The index string and the result's type.
    AxesType,
    /// The result's type.
    Type,
    /// As `Type`; the law says the element type.
    Cast,
    /// Axis, offset and size.
    Slice,
    /// Axis.
    Concat,
}

impl Layout {
    pub fn properties(self) -> usize {
        match self {
            Layout::Plain => 0,
            Layout::Axes | Layout::Type | Layout::Cast | Layout::Concat => 1,
            Layout::AxesScalar | Layout::AxesType => 2,
            Layout::Slice => 3,
        }
    }
}

/// The law's letters, by number.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    pub operands: Vec<Vec<usize>>,
    pub result: Vec<usize>,
    /// `rk/k`: the letters after the slash.
    pub along: Option<Vec<usize>>,
}

impl Strings {
    pub fn parts(&self) -> Vec<&[usize]> {
        let last = self.along.as_ref().unwrap_or(&self.result);
        self.operands.iter().chain([last]).map(Vec::as_slice).collect()
    }
}

#[derive(Debug, Clone)]
pub enum Scalar {
    None,
    /// A property such as epsilon, or an element type.
    Var(usize),
    Offset(Size),
}

const UNARY: &[&str] = &[
    "neg",
    "abs",
    "square",
    "sqrt",
    "rsqrt",
    "recip",
    "exp",
    "log",
    "sin",
    "cos",
    "tanh",
    "erf",
    "sigmoid",
    "softplus",
    "relu",
    "silu",
    "gelu",
    "gelu_tanh",
    "quick_gelu",
];
const BINARY: &[&str] =
    &["add", "sub", "mul", "div", "pow", "maximum", "minimum", "lt", "le", "eq"];

/// What a name of the rule language stands for: the operation, its layout, how
/// many operands it has (0: any number).
fn operation(name: &str) -> Option<(&str, Layout, usize)> {
    if UNARY.contains(&name) {
        return Some((name, Layout::Plain, 1));
    }
    if BINARY.contains(&name) {
        return Some((name, Layout::Plain, 2));
    }
    Some(match name {
        "where" => (name, Layout::Plain, 3),
        "contract" | "gather" => (name, Layout::Axes, 2),
        "sum" | "mean" | "amax" | "amin" | "softmax" => (name, Layout::Axes, 1),
        "rms_norm" | "layer_norm" => (name, Layout::AxesScalar, 1),
        "perm" => ("transpose", Layout::Axes, 1),
        "bcast" => ("broadcast", Layout::AxesType, 1),
        "reshape" => (name, Layout::Type, 1),
        "slice" => (name, Layout::Slice, 1),
        "concat" => (name, Layout::Concat, 0),
        "cast" => (name, Layout::Cast, 1),
        _ => return None,
    })
}

/// What the names of a law stand for.
pub struct Scope<'a> {
    pub oracle: &'a dyn Oracle,
    pub dims: &'a [String],
    pub vars: &'a [String],
    /// A letter in front of every string that is not empty.
    pub frame: Option<usize>,
}

impl Scope<'_> {
    pub fn var(&self, name: &str) -> Option<usize> {
        self.vars.iter().position(|var| var == name)
    }

    pub fn letters(&self, text: &str) -> Result<Vec<usize>, Failure> {
        let letter = |letter: char| {
            let at = self.dims.iter().position(|dim| dim.chars().eq([letter]));
            at.ok_or_else(|| format!("'{letter}' in '{text}' is no size of the law"))
        };
        let own: Vec<usize> = text.chars().map(letter).collect::<Result<_, _>>()?;
        let frame = self.frame.filter(|_| !own.is_empty());
        Ok(frame.into_iter().chain(own).collect())
    }

    fn strings(&self, text: &str) -> Result<Strings, Failure> {
        if let Some((whole, along)) = text.split_once('/') {
            let unframed = Scope { frame: None, ..*self };
            let operand = self.letters(whole)?;
            let along = Some(unframed.letters(along)?);
            return Ok(Strings { operands: vec![operand.clone()], result: operand, along });
        }
        let Some((operands, result)) = text.split_once("->") else {
            return Err(format!("expected an index string, found '{text}'"));
        };
        let operand = |part: &str| self.letters(part.trim_end_matches(".."));
        let operands = operands.split(',').map(operand).collect::<Result<_, _>>()?;
        Ok(Strings { operands, result: self.letters(result)?, along: None })
    }

    pub fn parse(&self, text: &Sexp) -> Result<Pattern, Failure> {
        match text {
            Sexp::Atom(atom) => self.parse_atom(atom),
            Sexp::List(list) => self.parse_term(list).map(|term| Pattern::Term(Box::new(term))),
        }
    }

    fn parse_atom(&self, atom: &str) -> Result<Pattern, Failure> {
        if let Some(var) = atom.strip_suffix("..").and_then(|name| self.var(name)) {
            return Ok(Pattern::Each(var));
        }
        if let Some(var) = self.var(atom) {
            return Ok(Pattern::Var(var));
        }
        let number = match atom.split_once('/') {
            Some((above, below)) => {
                above.parse::<f64>().ok().zip(below.parse::<f64>().ok()).map(|(a, b)| a / b)
            }
            None => atom.parse().ok(),
        };
        number
            .filter(|number| number.is_finite())
            .map(|number| Pattern::Number(number.to_bits()))
            .ok_or_else(|| format!("'{atom}' is neither a variable of the law nor a number"))
    }

    fn parse_term(&self, list: &[Sexp]) -> Result<TermPattern, Failure> {
        let Some((Sexp::Atom(name), mut rest)) = list.split_first() else {
            return Err(format!("expected an operation, found {list:?}"));
        };
        let (head, layout, arity) = match name.as_str() {
            "map" | "map2" => {
                let arity = if name == "map" { 1 } else { 2 };
                let var = self.take_var(name, &mut rest)?;
                let names = if arity == 1 { UNARY } else { BINARY };
                let heads = names.iter().map(|name| self.head(name)).collect::<Result<_, _>>()?;
                (Head::Any { var, heads }, Layout::Plain, arity)
            }
            _ => {
                let known = operation(name).ok_or_else(|| format!("'{name}' is no operation"))?;
                (Head::Fixed(self.head(known.0)?), known.1, known.2)
            }
        };
        let mut strings = Strings::default();
        let mut scalar = Scalar::None;
        match layout {
            Layout::Plain => {}
            Layout::Cast => scalar = Scalar::Var(self.take_var(name, &mut rest)?),
            _ => match rest.split_first() {
                Some((Sexp::Atom(text), operands)) => {
                    strings = self.strings(text)?;
                    rest = operands;
                }
                _ => return Err(format!("'{name}' needs an index string")),
            },
        }
        let arity = if arity == 0 { strings.operands.len() } else { arity };
        if rest.len() < arity {
            return Err(format!("'{name}' takes {arity} operands, found {}", rest.len()));
        }
        let (operands, scalars) = rest.split_at(arity);
        match (layout, scalars) {
            (Layout::AxesScalar, [Sexp::Atom(atom)]) if self.var(atom).is_some() => {
                scalar = Scalar::Var(self.var(atom).unwrap_or_default());
            }
            (Layout::Slice, [offset]) => scalar = Scalar::Offset(Size::parse(offset, self.dims)?),
            (Layout::AxesScalar | Layout::Slice, _) | (_, [_, ..]) => {
                return Err(format!("'{name}' has scalars that it does not take: {scalars:?}"));
            }
            _ => {}
        }
        if !strings.operands.is_empty() && strings.operands.len() != arity {
            return Err(format!(
                "'{name}' has {arity} operands and {} strings",
                strings.operands.len()
            ));
        }
        let commutes = matches!(name.as_str(), "add" | "mul");
        let kids = operands.iter().map(|kid| self.parse(kid)).collect::<Result<_, _>>()?;
        Ok(TermPattern { head, layout, commutes, strings, kids, scalar })
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

    fn head(&self, name: &str) -> Result<u32, Failure> {
        match self.oracle.operation(&format!("tern.{name}")) {
            0 => Err(format!("there is no operation tern.{name}")),
            head => Ok(head),
        }
    }
}

impl Pattern {
    /// Visits the terms, outer ones first.
    pub fn for_each_term(&self, visit: &mut dyn FnMut(&TermPattern)) {
        if let Pattern::Term(term) = self {
            visit(term);
            term.kids.iter().for_each(|kid| kid.for_each_term(visit));
        }
    }

    pub fn vars(&self, into: &mut Vec<usize>) {
        match self {
            Pattern::Var(var) | Pattern::Each(var) => into.push(*var),
            Pattern::Number(_) => {}
            Pattern::Term(term) => {
                if let Head::Any { var, .. } = term.head {
                    into.push(var);
                }
                if let Scalar::Var(var) = term.scalar {
                    into.push(var);
                }
                term.kids.iter().for_each(|kid| kid.vars(into));
            }
        }
    }
}
