// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Row-major regroupings of axes.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub before: Vec<usize>,
    pub after: Vec<usize>,
    /// One axis that stays what it is.
    pub is_same: bool,
}

impl Group {
    /// `a->b`: any shape becomes any other.
    pub fn is_whole(&self) -> bool {
        !self.is_same && self.before.len() == 1 && self.after.len() == 1
    }
}

/// Splits two row-major lists of axes into parts of as many elements: `is_same`
/// compares two axes, `is_full` two lists. None if they have not as many in all.
pub fn regroup(
    before: &[usize],
    after: &[usize],
    is_same: impl Fn(usize, usize) -> bool,
    is_full: impl Fn(&[usize], &[usize]) -> bool,
) -> Option<Vec<Group>> {
    let mut groups = vec![];
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && is_same(before[i], after[j]) {
            let (before, after) = (vec![before[i]], vec![after[j]]);
            groups.push(Group { before, after, is_same: true });
            (i, j) = (i + 1, j + 1);
            continue;
        }
        // The shortest parts of as many elements, shorter ones of the operand first.
        let ends = (i..=before.len()).flat_map(|k| (j..=after.len()).map(move |l| (k, l)));
        let mut ends: Vec<(usize, usize)> = ends.filter(|(k, l)| k + l > i + j).collect();
        ends.sort_by_key(|(k, l)| k + l);
        let (k, l) = ends.into_iter().find(|(k, l)| is_full(&before[i..*k], &after[j..*l]))?;
        let (before, after) = (before[i..k].to_vec(), after[j..l].to_vec());
        groups.push(Group { before, after, is_same: false });
        (i, j) = (k, l);
    }
    Some(groups)
}
