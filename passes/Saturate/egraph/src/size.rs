// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Integer expressions over the sizes of a law.

use std::collections::BTreeMap;

use crate::Failure;
use crate::sexp::Sexp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Size {
    Number(i64),
    Dim(usize),
    /// For a sibling: the sum of this dim over the siblings before it.
    Before(usize),
    Add(Box<Size>, Box<Size>),
    Sub(Box<Size>, Box<Size>),
    Mul(Box<Size>, Box<Size>),
}

/// What is known of each dim.
pub type Numbers = [Option<i64>];

/// A polynomial: a factor for each product of dims.
pub type Polynomial = BTreeMap<Vec<usize>, i64>;

/// `a` times `b`.
pub fn product(a: &Polynomial, b: &Polynomial) -> Polynomial {
    let mut all = Polynomial::new();
    for (left, x) in a {
        for (right, y) in b {
            let mut dims = [&left[..], &right[..]].concat();
            dims.sort_unstable();
            *all.entry(dims).or_default() += x * y;
        }
    }
    all.retain(|_, factor| *factor != 0);
    all
}

fn sum(a: &Polynomial, b: &Polynomial, sign: i64) -> Polynomial {
    let mut all = a.clone();
    for (dims, factor) in b {
        *all.entry(dims.clone()).or_default() += sign * factor;
    }
    all.retain(|_, factor| *factor != 0);
    all
}

impl Size {
    /// `2`, `a`, `(+ a b c)`, `(before n)`.
    pub fn parse(text: &Sexp, dims: &[String]) -> Result<Size, Failure> {
        let list = match text {
            Sexp::Atom(atom) => return Size::parse_atom(atom, dims),
            Sexp::List(list) => list,
        };
        let unknown = || format!("expected a size over {}, found {text:?}", dims.join(" "));
        let Some((Sexp::Atom(operator), operands)) = list.split_first() else {
            return Err(unknown());
        };
        let sizes: Vec<Size> =
            operands.iter().map(|operand| Size::parse(operand, dims)).collect::<Result<_, _>>()?;
        if let ("before", [Size::Dim(dim)]) = (operator.as_str(), &sizes[..]) {
            return Ok(Size::Before(*dim));
        }
        let join: fn(Box<Size>, Box<Size>) -> Size = match operator.as_str() {
            "+" => Size::Add,
            "-" if sizes.len() == 2 => Size::Sub,
            "*" => Size::Mul,
            _ => return Err(unknown()),
        };
        sizes
            .into_iter()
            .reduce(|left, right| join(Box::new(left), Box::new(right)))
            .ok_or_else(unknown)
    }

    fn parse_atom(atom: &str, dims: &[String]) -> Result<Size, Failure> {
        if let Ok(number) = atom.parse() {
            return Ok(Size::Number(number));
        }
        let at = dims.iter().position(|dim| dim == atom);
        at.map(Size::Dim).ok_or_else(|| format!("'{atom}' is no size of the law"))
    }

    /// `a+b`, `g*h*d`, `2*h+1`: the right side of an equation in `dims`.
    pub fn parse_equation(text: &str, dims: &[String]) -> Result<Size, Failure> {
        let sum = |factors: &str| {
            factors
                .split('*')
                .map(|factor| Size::parse_atom(factor, dims))
                .reduce(|left, right| Ok(Size::Mul(Box::new(left?), Box::new(right?))))
                .unwrap_or(Ok(Size::Number(1)))
        };
        text.split('+')
            .map(sum)
            .reduce(|left, right| Ok(Size::Add(Box::new(left?), Box::new(right?))))
            .unwrap_or(Ok(Size::Number(0)))
    }

    /// The expression over the dims that no equation determines.
    pub fn polynomial(&self, equations: &[(usize, Size)]) -> Polynomial {
        let of = |size: &Size| size.polynomial(equations);
        match self {
            Size::Number(number) => sum(&Polynomial::new(), &[(vec![], *number)].into(), 1),
            Size::Dim(dim) => match equations.iter().find(|equation| equation.0 == *dim) {
                Some((_, size)) => of(size),
                None => [(vec![*dim], 1)].into(),
            },
            Size::Before(dim) => [(vec![usize::MAX, *dim], 1)].into(),
            Size::Add(a, b) => sum(&of(a), &of(b), 1),
            Size::Sub(a, b) => sum(&of(a), &of(b), -1),
            Size::Mul(a, b) => product(&of(a), &of(b)),
        }
    }

    pub fn dims(&self, into: &mut Vec<usize>) {
        match self {
            Size::Number(_) => {}
            Size::Dim(dim) | Size::Before(dim) => into.push(*dim),
            Size::Add(a, b) | Size::Sub(a, b) | Size::Mul(a, b) => {
                a.dims(into);
                b.dims(into);
            }
        }
    }

    /// None if a dim is not known, or the number leaves 64 bits.
    pub fn value(&self, numbers: &Numbers, before: i64) -> Option<i64> {
        let both =
            |a: &Size, b: &Size| Some((a.value(numbers, before)?, b.value(numbers, before)?));
        match self {
            Size::Number(number) => Some(*number),
            Size::Dim(dim) => numbers[*dim],
            Size::Before(_) => Some(before),
            Size::Add(a, b) => both(a, b).and_then(|(a, b)| a.checked_add(b)),
            Size::Sub(a, b) => both(a, b).and_then(|(a, b)| a.checked_sub(b)),
            Size::Mul(a, b) => both(a, b).and_then(|(a, b)| a.checked_mul(b)),
        }
    }

    /// Makes the expression equal to `value` by giving a number to the one dim
    /// that has none. False if that is impossible; true, with nothing changed, if
    /// more than one is open.
    pub fn solve(&self, value: i64, numbers: &mut Numbers) -> bool {
        if let Some(known) = self.value(numbers, 0) {
            return known == value;
        }
        match self {
            Size::Dim(dim) => {
                numbers[*dim] = Some(value);
                value >= 0
            }
            Size::Add(a, b) => match (a.value(numbers, 0), b.value(numbers, 0)) {
                (Some(known), None) => solve_for(b, value.checked_sub(known), numbers),
                (None, Some(known)) => solve_for(a, value.checked_sub(known), numbers),
                _ => true,
            },
            Size::Sub(a, b) => match (a.value(numbers, 0), b.value(numbers, 0)) {
                (Some(known), None) => solve_for(b, known.checked_sub(value), numbers),
                (None, Some(known)) => solve_for(a, value.checked_add(known), numbers),
                _ => true,
            },
            Size::Mul(a, b) => match (a.value(numbers, 0), b.value(numbers, 0)) {
                (Some(0), None) | (None, Some(0)) => value == 0,
                (Some(known), None) => solve_for(b, divide(value, known), numbers),
                (None, Some(known)) => solve_for(a, divide(value, known), numbers),
                _ => true,
            },
            Size::Number(_) | Size::Before(_) => true,
        }
    }
}

fn divide(value: i64, by: i64) -> Option<i64> {
    if value.checked_rem(by)? == 0 { value.checked_div(by) } else { None }
}

fn solve_for(size: &Size, value: Option<i64>, numbers: &mut Numbers) -> bool {
    value.is_some_and(|value| size.solve(value, numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dims() -> Vec<String> {
        ["a", "b", "c"].map(String::from).to_vec()
    }

    fn size(text: &str) -> Size {
        Size::parse(&Sexp::parse(text).unwrap(), &dims()).unwrap()
    }

    #[test]
    fn evaluates() {
        let numbers = [Some(2), Some(5), None];
        assert_eq!(size("(+ a (* b 3) 1)").value(&numbers, 0), Some(18));
        assert_eq!(size("(- b a)").value(&numbers, 0), Some(3));
        assert_eq!(size("(+ a c)").value(&numbers, 0), None);
        assert_eq!(size("(before a)").value(&numbers, 7), Some(7));
        assert_eq!(size("(* b b)").value(&[None, Some(i64::MAX), None], 0), None);
        let equation = Size::parse_equation("a*b+2", &dims()).unwrap();
        assert_eq!(equation.value(&numbers, 0), Some(12));
    }

    #[test]
    fn solves_for_the_open_dim() {
        for (text, value, c) in
            [("(+ a c)", 9, 7), ("(* b c)", 15, 3), ("(- c b)", 1, 6), ("(+ 1 (* a c))", 9, 4)]
        {
            let mut numbers = [Some(2), Some(5), None];
            assert!(size(text).solve(value, &mut numbers), "{text}");
            assert_eq!(numbers[2], Some(c), "{text}");
        }
    }

    #[test]
    fn refuses_what_no_size_solves() {
        for (text, value) in
            [("(+ a c)", 1), ("(* b c)", 14), ("(* 0 c)", 1), ("(+ a b)", 8), ("(- a c)", i64::MIN)]
        {
            assert!(!size(text).solve(value, &mut [Some(2), Some(5), None]), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_size() {
        for text in ["(/ a b)", "d", "(- a)", "()", "(before 2)"] {
            assert!(Size::parse(&Sexp::parse(text).unwrap(), &dims()).is_err(), "{text}");
        }
    }
}
