// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Terms as egg sees them, and as flat arrays.

use egg::{Id, Language};

/// The head comes first: egg sorts the terms of a class and takes the run of
/// equal heads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    pub head: u32,
    pub kids: Vec<Id>,
}

impl Language for Term {
    type Discriminant = u32;

    fn discriminant(&self) -> u32 {
        self.head
    }

    fn matches(&self, other: &Self) -> bool {
        self.head == other.head && self.kids.len() == other.kids.len()
    }

    fn children(&self) -> &[Id] {
        &self.kids
    }

    fn children_mut(&mut self) -> &mut [Id] {
        &mut self.kids
    }
}

/// Node i has head `heads[i]` and the kids `kids[first[i]..first[i + 1]]`, all
/// of which are nodes before i.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    pub heads: Vec<u32>,
    pub first: Vec<u32>,
    pub kids: Vec<u32>,
    pub roots: Vec<u32>,
}

impl Graph {
    pub fn kids(&self, node: usize) -> &[u32] {
        &self.kids[self.first[node] as usize..self.first[node + 1] as usize]
    }

    pub fn push(&mut self, head: u32, kids: &[u32]) -> u32 {
        if self.first.is_empty() {
            self.first.push(0);
        }
        self.heads.push(head);
        self.kids.extend_from_slice(kids);
        self.first.push(self.kids.len() as u32);
        self.heads.len() as u32 - 1
    }
}
