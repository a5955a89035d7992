// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Answers of the oracle, written down so that each question crosses the border
//! once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

use crate::oracle::Oracle;

type Answers<K, V> = RefCell<HashMap<K, V>>;

/// An index string in parts: operands, and the result or what is after the slash.
#[derive(Debug, PartialEq, Eq)]
pub struct Axes {
    pub operands: Vec<Vec<u8>>,
    pub result: Vec<u8>,
    pub is_along: bool,
}

impl Axes {
    pub fn parse(text: &str) -> Option<Axes> {
        let is_along = !text.contains("->");
        let (before, after) = text.split_once(if is_along { "/" } else { "->" })?;
        let operands = before.split(',').map(|part| part.as_bytes().to_vec()).collect();
        Some(Axes { operands, result: after.as_bytes().to_vec(), is_along })
    }
}

pub struct Notebook {
    oracle: Rc<dyn Oracle>,
    axes: Answers<u32, Option<Rc<Axes>>>,
    extents: Answers<u32, Option<Rc<[u32]>>>,
    integers: Answers<u32, Option<i64>>,
    elements: Answers<u32, u32>,
    texts: Answers<u32, Rc<str>>,
    heads: Answers<&'static str, u32>,
}

fn ask<K: Copy + Eq + Hash, V: Clone>(
    answers: &Answers<K, V>,
    key: K,
    ask: impl FnOnce() -> V,
) -> V {
    if let Some(known) = answers.borrow().get(&key) {
        return known.clone();
    }
    let answer = ask();
    answers.borrow_mut().insert(key, answer.clone());
    answer
}

impl Notebook {
    pub fn new(oracle: Rc<dyn Oracle>) -> Notebook {
        Notebook {
            oracle,
            axes: Answers::default(),
            extents: Answers::default(),
            integers: Answers::default(),
            elements: Answers::default(),
            texts: Answers::default(),
            heads: Answers::default(),
        }
    }

    pub fn axes(&self, property: u32) -> Option<Rc<Axes>> {
        ask(&self.axes, property, || Axes::parse(&self.oracle.text(property)).map(Rc::new))
    }

    pub fn extents(&self, ty: u32) -> Option<Rc<[u32]>> {
        ask(&self.extents, ty, || self.oracle.extents(ty).map(Rc::from))
    }

    pub fn integer(&self, id: u32) -> Option<i64> {
        ask(&self.integers, id, || self.oracle.integer(id))
    }

    pub fn element(&self, ty: u32) -> u32 {
        ask(&self.elements, ty, || self.oracle.element(ty))
    }

    pub fn text(&self, id: u32) -> Rc<str> {
        ask(&self.texts, id, || self.oracle.text(id).into())
    }

    /// The head of the operation of that name, without `tern.`.
    pub fn head(&self, name: &'static str) -> u32 {
        ask(&self.heads, name, || self.oracle.operation(&format!("tern.{name}")))
    }

    /// Its elements are not narrower than f32.
    pub fn is_wide(&self, ty: u32) -> bool {
        let name = self.text(self.element(ty));
        !(name.contains("f16") || name.starts_with("f8") || name.starts_with("!"))
    }
}
