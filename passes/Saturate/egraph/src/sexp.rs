// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `(a (b c) d)`

use crate::Failure;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sexp {
    Atom(String),
    List(Vec<Sexp>),
}

/// Nesting that no law needs; it keeps a hostile file off the stack's end.
const DEEPEST: usize = 64;

impl Sexp {
    /// Reads one or more expressions that fill the text.
    pub fn parse_all(text: &str) -> Result<Vec<Sexp>, Failure> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut open: Vec<Vec<Sexp>> = vec![vec![]];
        for word in spaced.split_whitespace() {
            match word {
                "(" if open.len() > DEEPEST => {
                    return Err(format!("'{text}' nests more than {DEEPEST} terms"));
                }
                "(" => open.push(vec![]),
                ")" => {
                    let list = open.pop().unwrap_or_default();
                    match open.last_mut() {
                        Some(outer) => outer.push(Sexp::List(list)),
                        None => return Err(format!("'{text}' closes a bracket too many")),
                    }
                }
                atom => open.last_mut().unwrap_or(&mut vec![]).push(Sexp::Atom(atom.into())),
            }
        }
        match open.pop() {
            Some(all) if open.is_empty() => Ok(all),
            _ => Err(format!("'{text}' leaves a bracket open")),
        }
    }

    pub fn parse(text: &str) -> Result<Sexp, Failure> {
        match <[Sexp; 1]>::try_from(Sexp::parse_all(text)?) {
            Ok([one]) => Ok(one),
            Err(all) => Err(format!("expected one term, found {} in '{text}'", all.len())),
        }
    }

    /// Some operation's index string has nothing after its arrow: `(sum r-> x)`.
    pub fn leaves_none(&self) -> bool {
        let Sexp::List(parts) = self else { return false };
        let is_string = |part: &Sexp| matches!(part, Sexp::Atom(word) if word.ends_with("->"));
        parts.get(1).is_some_and(is_string) || parts.iter().any(Sexp::leaves_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nests() {
        let atom = |text: &str| Sexp::Atom(text.into());
        let inner = Sexp::List(vec![atom("b"), atom("c")]);
        assert_eq!(Sexp::parse("(a (b c) d)"), Ok(Sexp::List(vec![atom("a"), inner, atom("d")])));
    }

    #[test]
    fn refuses_what_does_not_balance() {
        for text in ["(a", "a)", "(a))", ")(", "", "a b"] {
            assert!(Sexp::parse(text).is_err(), "{text}");
        }
        assert!(Sexp::parse(&"(".repeat(100_000)).is_err());
    }
}
