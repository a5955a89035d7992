// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Axes by the letters of a law.

use crate::axes::Label;

/// `axes` with the letters `from` read as `to`.
pub(crate) fn read_as(axes: &[Label], from: &[usize], to: &[usize]) -> Vec<Label> {
    let read = |label: &Label| match from.iter().position(|own| *own == label.letter) {
        Some(at) => Label { letter: to[at], at: label.at },
        None => *label,
    };
    axes.iter().map(read).collect()
}

pub(crate) fn is_permutation(a: &[Label], b: &[Label]) -> bool {
    a.len() == b.len() && a.iter().all(|label| b.contains(label))
}
