// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Index strings of a law against axes of terms. A letter of the law is one axis,
//! or a block of adjacent axes, also of none, where nothing in the law looks
//! inside it.

use std::collections::HashMap;

/// An axis of an operand: its letter in the term's own string, if it has one,
/// and its extent, 0 if that is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    pub letter: Option<char>,
    pub extent: u32,
}

/// A string of the law and the axes that it has to name.
#[derive(Debug, Clone)]
pub struct Part {
    pub law: Vec<usize>,
    pub axes: Vec<Axis>,
}

/// The extents of each letter's block, by the letter's number.
pub type Blocks = Vec<Option<Vec<u32>>>;

/// All ways to give letters their blocks, such that the parts of each term fit;
/// letters of a term's own string are the same wherever they stand in the term.
pub fn unify(terms: &[Vec<Part>], may_be_block: &[bool], known: Blocks) -> Vec<Blocks> {
    let mut search = Search { terms, may_be_block, blocks: known, found: vec![] };
    search.term(0);
    search.found
}

struct Search<'a> {
    terms: &'a [Vec<Part>],
    may_be_block: &'a [bool],
    blocks: Blocks,
    found: Vec<Blocks>,
}

/// The letters of a term's own string that a letter of the law stands for.
type Local = HashMap<usize, Vec<Option<char>>>;

impl Search<'_> {
    fn term(&mut self, term: usize) {
        if term == self.terms.len() {
            self.found.push(self.blocks.clone());
        } else {
            self.place(term, 0, 0, 0, &mut Local::new());
        }
    }

    /// Goes on at letter `letter` of part `part`, the axes before `at` being named.
    fn place(&mut self, term: usize, part: usize, letter: usize, at: usize, local: &mut Local) {
        let Some(here) = self.terms[term].get(part) else {
            return self.term(term + 1);
        };
        let Some(&dim) = here.law.get(letter) else {
            if at == here.axes.len() {
                self.place(term, part + 1, 0, 0, local);
            }
            return;
        };
        let rest = here.axes.len() - at;
        let lengths = match &self.blocks[dim] {
            Some(block) => block.len()..=block.len(),
            None if self.may_be_block[dim] => 0..=rest,
            None => 1..=1,
        };
        for length in lengths.filter(|length| *length <= rest) {
            let axes = &here.axes[at..at + length];
            self.take(dim, axes, local, |search, local| {
                search.place(term, part, letter + 1, at + length, local);
            });
        }
    }

    /// Lets `dim` stand for `axes` while `then` runs, if it may.
    fn take(
        &mut self,
        dim: usize,
        axes: &[Axis],
        local: &mut Local,
        then: impl FnOnce(&mut Self, &mut Local),
    ) {
        let letters: Vec<Option<char>> = axes.iter().map(|axis| axis.letter).collect();
        let own = local.get(&dim);
        let is_same_place =
            own.is_some_and(|own| *own == letters && letters.iter().all(Option::is_some));
        if own.is_some_and(|own| *own != letters && own.iter().chain(&letters).all(Option::is_some))
        {
            return;
        }
        // Two letters of the law are never one axis.
        let is_taken = |letter: &Option<char>| {
            letter.is_some()
                && local.iter().any(|(other, own)| *other != dim && own.contains(letter))
        };
        if letters.iter().any(is_taken) {
            return;
        }
        let extents: Vec<u32> = axes.iter().map(|axis| axis.extent).collect();
        let is_new = self.blocks[dim].is_none();
        if is_new {
            self.blocks[dim] = Some(extents);
        } else if !is_same_place
            && self.blocks[dim]
                .as_ref()
                .is_some_and(|known| *known != extents || known.contains(&0))
        {
            return;
        }
        let is_first = local.insert(dim, letters);
        then(self, local);
        match is_first {
            Some(before) => local.insert(dim, before),
            None => local.remove(&dim),
        };
        if is_new {
            self.blocks[dim] = None;
        }
    }
}

/// The strings `parts` with a letter for each axis of each block, renamed a, b,
/// c... in order of appearance. None if there are more axes than letters.
pub fn spell(parts: &[&[usize]], blocks: &Blocks) -> Option<Vec<String>> {
    let mut names: HashMap<(usize, usize), char> = HashMap::new();
    let mut spelled = vec![];
    for part in parts {
        let mut text = String::new();
        for &dim in *part {
            for axis in 0..blocks[dim].as_ref()?.len() {
                let next = u8::try_from(names.len()).ok().filter(|next| *next < 26)?;
                text.push(*names.entry((dim, axis)).or_insert((b'a' + next) as char));
            }
        }
        spelled.push(text);
    }
    Some(spelled)
}

/// The extents of the axes that `string` names.
pub fn extents(string: &[usize], blocks: &Blocks) -> Option<Vec<u32>> {
    let mut all = vec![];
    for dim in string {
        all.extend(blocks[*dim].as_ref()?);
    }
    Some(all)
}

/// How many axes stand before letter `dim` in `string`.
pub fn axis_of(dim: usize, string: &[usize], blocks: &Blocks) -> Option<usize> {
    let place = string.iter().position(|letter| *letter == dim)?;
    string[..place].iter().map(|letter| blocks[*letter].as_ref().map(Vec::len)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "rk" with r = 0, k = 1, n = 2 against "abc" with extents a = 1, b = 2...
    fn part(law: &str, own: &str) -> Part {
        let axis = |letter: char| Axis { letter: Some(letter), extent: letter as u32 - 96 };
        Part {
            law: law.chars().map(|letter| "rkn".find(letter).unwrap()).collect(),
            axes: own.chars().map(axis).collect(),
        }
    }

    fn contraction(x: &str, w: &str, y: &str) -> Vec<Blocks> {
        let parts = vec![part("rk", x), part("nk", w), part("rn", y)];
        unify(&[parts], &[true, false, true], vec![None; 3])
    }

    #[test]
    fn a_letter_is_a_block_of_axes() {
        assert_eq!(
            contraction("ab", "cb", "ac"),
            [vec![Some(vec![1]), Some(vec![2]), Some(vec![3])]]
        );
        assert_eq!(
            contraction("abc", "dc", "abd"),
            [vec![Some(vec![1, 2]), Some(vec![3]), Some(vec![4])]]
        );
        assert_eq!(contraction("a", "ba", "b"), [vec![Some(vec![]), Some(vec![1]), Some(vec![2])]]);
    }

    #[test]
    fn strings_of_another_meaning_do_not_fit() {
        assert!(contraction("ab", "bc", "ac").is_empty());
        assert!(contraction("ab", "cb", "ca").is_empty());
        assert!(contraction("abc", "dbc", "ad").is_empty());
    }

    #[test]
    fn two_letters_are_two_axes() {
        // The sum of w over n is not the term in which n is r.
        let parts = |w| vec![part("rk", "ab"), part("nk", w), part("r", "a")];
        let solve = |w| unify(&[parts(w)], &[true, false, true], vec![None; 3]).len();
        assert_eq!((solve("cb"), solve("ab")), (1, 0));
    }

    #[test]
    fn extents_bind_letters_across_terms() {
        let mut other = part("rk", "xy");
        other.axes = vec![Axis { letter: None, extent: 1 }, Axis { letter: None, extent: 2 }];
        let first = vec![part("rk", "ab")];
        let blocks = vec![None; 3];
        let solve = |second: &Part| {
            unify(&[first.clone(), vec![second.clone()]], &[false; 3], blocks.clone()).len()
        };
        assert_eq!(solve(&other), 1);
        other.axes[1].extent = 3;
        assert_eq!(solve(&other), 0);
    }

    #[test]
    fn spells_by_first_appearance() {
        let blocks = vec![Some(vec![7, 8]), Some(vec![9]), Some(vec![5])];
        let parts: [&[usize]; 3] = [&[0, 1], &[2, 1], &[0, 2]];
        assert_eq!(spell(&parts, &blocks).unwrap(), ["abc", "dc", "abd"]);
        assert_eq!(axis_of(1, &[0, 1], &blocks), Some(2));
    }
}
