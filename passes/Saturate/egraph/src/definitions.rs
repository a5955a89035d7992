// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Words that no operation stands for: a law reads them as their definitions.

use crate::sexp::Sexp;

/// The term that `list` is short for; none if it is no such word or not well-formed.
pub fn expand(list: &[Sexp]) -> Option<Sexp> {
    let [Sexp::Atom(name), Sexp::Atom(string), operands @ ..] = list else {
        return None;
    };
    match (name.as_str(), operands) {
        ("low_rank", [x, a, b, c]) => low_rank(string, [x, a, b, c]),
        ("gated_ffn", [x, gate, up, down, f]) => gated(string, [x, gate, up, down, f]),
        ("dequant", [codes, scales, zeros]) => dequant(string, [codes, scales, zeros]),
        _ => None,
    }
}

fn term(name: &str, rest: Vec<Sexp>) -> Sexp {
    Sexp::List(std::iter::once(Sexp::Atom(name.into())).chain(rest).collect())
}

fn contract(x: &str, w: &str, result: &str, a: Sexp, b: Sexp) -> Sexp {
    term("contract", vec![Sexp::Atom(format!("{x},{w}->{result}")), a, b])
}

fn only(letters: &str, keep: impl Fn(char) -> bool) -> String {
    letters.chars().filter(|letter| keep(*letter)).collect()
}

/// The letters of the product of `x` and `w` over those that they share.
fn joined(x: &str, w: &str) -> String {
    only(x, |letter| !w.contains(letter)) + &only(w, |letter| !x.contains(letter))
}

/// `low_rank rk,ak,na->rn x A B c`: c (x A^T) B^T.
fn low_rank(string: &str, [x, a, b, c]: [&Sexp; 4]) -> Option<Sexp> {
    let (operands, result) = string.split_once("->")?;
    let [rk, ak, na] = operands.split(',').collect::<Vec<_>>()[..] else {
        return None;
    };
    let inner = joined(rk, ak);
    let down = contract(rk, ak, &inner, x.clone(), a.clone());
    let up = contract(&inner, na, result, down, b.clone());
    let is_one = matches!(c, Sexp::Atom(one) if one == "1");
    Some(if is_one { up } else { term("mul", vec![c.clone(), up]) })
}

/// `gated_ffn rk,fk,fk,nf->rn x gate up down f`: (f(x gate^T) * x up^T) down^T.
fn gated(string: &str, [x, gate, up, down, f]: [&Sexp; 5]) -> Option<Sexp> {
    let (operands, result) = string.split_once("->")?;
    let [rk, fk, ek, nf] = operands.split(',').collect::<Vec<_>>()[..] else {
        return None;
    };
    let (inner, other) = (joined(rk, fk), joined(rk, ek));
    let gate = contract(rk, fk, &inner, x.clone(), gate.clone());
    let up = contract(rk, ek, &other, x.clone(), up.clone());
    let product = term("mul", vec![term("map", vec![f.clone(), gate]), up]);
    Some(contract(&inner, nf, result, product, down.clone()))
}

/// `dequant gen,gn q s z`: (q - z) s.
fn dequant(string: &str, [codes, scales, zeros]: [&Sexp; 3]) -> Option<Sexp> {
    let (whole, shared) = string.split_once(',')?;
    let spread =
        |x: &Sexp| term("bcast", vec![Sexp::Atom(format!("{shared}->{whole}")), x.clone()]);
    let difference = term("sub", vec![codes.clone(), spread(zeros)]);
    Some(term("mul", vec![difference, spread(scales)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composites_are_their_definitions() {
        for (text, expected) in [
            (
                "(low_rank rk,ak,na->rn x A B c)",
                "(mul c (contract ra,na->rn (contract rk,ak->ra x A) B))",
            ),
            ("(low_rank rk,ak,na->rn x A B 1)", "(contract ra,na->rn (contract rk,ak->ra x A) B)"),
            (
                "(gated_ffn rk,fk,fk,nf->rn x g u d a)",
                "(contract rf,nf->rn (mul (map a (contract rk,fk->rf x g)) (contract rk,fk->rf x u)) d)",
            ),
            ("(dequant gen,gn q s z)", "(mul (sub q (bcast gn->gen z)) (bcast gn->gen s))"),
        ] {
            let Ok(Sexp::List(list)) = Sexp::parse(text) else { panic!("{text}") };
            assert_eq!(expand(&list), Sexp::parse(expected).ok());
        }
    }
}
