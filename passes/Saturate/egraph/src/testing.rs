// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A small world of terms for tests: everything has a text, and an id by it.

use std::cell::RefCell;

use crate::oracle::{Kind, Oracle, Price};
use crate::term::Graph;
use crate::vocabulary;

/// Numbers below what it is asked for.
pub fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % below
    }
}

/// Operations are "tern.x", leaves "%x: 4,8 f32" (stage 0) and "!2 %x: 4,8 f32"
/// (stage 2), types "4,8 f32", weights are tern.weight over a property that is
/// their type; extents are numbers or names.
#[derive(Default)]
pub struct World {
    texts: RefCell<Vec<String>>,
}

impl World {
    pub fn id(&self, text: &str) -> u32 {
        let mut texts = self.texts.borrow_mut();
        if texts.is_empty() {
            texts.push(String::new());
        }
        let at = texts.iter().position(|known| known == text).unwrap_or_else(|| {
            texts.push(text.into());
            texts.len() - 1
        });
        at as u32
    }

    /// Prints node `at` as an s-expression.
    pub fn print(&self, graph: &Graph, at: u32) -> String {
        let name = self.name(graph.heads[at as usize]);
        let name =
            name.trim_start_matches("tern.").split(':').next().unwrap_or_default().to_string();
        let kids: Vec<String> =
            graph.kids(at as usize).iter().map(|kid| self.print(graph, *kid)).collect();
        if kids.is_empty() {
            name.replace(' ', ":")
        } else {
            format!("({name} {})", kids.join(" "))
        }
    }

    fn shape(&self, ty: u32) -> Option<(Vec<String>, String)> {
        let name = self.name(ty);
        let (extents, element) = name.split_once(' ')?;
        let extents = extents.split(',').filter(|extent| !extent.is_empty());
        ["f32", "bf16"]
            .contains(&element)
            .then(|| (extents.map(String::from).collect(), element.into()))
    }

    fn type_of(&self, extents: &[String], element: &str) -> u32 {
        self.id(&format!("{} {element}", extents.join(",")))
    }

    fn infer_axes(&self, head: &str, text: &str, kids: &[(Vec<String>, String)]) -> Option<u32> {
        let (operands, result) = text.split_once("->")?;
        let letters: Vec<(char, &String)> =
            operands.split(',').zip(kids).flat_map(|(own, kid)| own.chars().zip(&kid.0)).collect();
        let find = |c: char| letters.iter().find(|known| known.0 == c).map(|known| known.1.clone());
        if letters.iter().any(|(c, extent)| find(*c).as_ref() != Some(extent)) {
            return None;
        }
        let extents: Vec<String> = result.chars().map(find).collect::<Option<_>>()?;
        Some(self.type_of(&extents, if head == "contract" { "f32" } else { &kids[0].1 }))
    }

    fn infer_term(&self, head: &str, kids: &[u32]) -> Option<u32> {
        let texts: Vec<String> = kids.iter().map(|kid| self.name(*kid)).collect();
        let shapes: Vec<_> = kids.iter().map_while(|kid| self.shape(*kid)).collect();
        match head {
            "weight" | "cast" | "reshape" | "broadcast" => kids.last().copied(),
            "constant" => Some(self.id(" f32")),
            "neg" | "abs" | "exp" | "recip" | "sigmoid" | "silu" | "rms_norm" => {
                kids.first().copied()
            }
            "add" | "mul" | "sub" => {
                let [a, b] = &shapes[..] else { return None };
                let fits = a == b || (a.1 == b.1 && (a.0.is_empty() || b.0.is_empty()));
                let (a, b) = (kids[0], kids[1]);
                fits.then(|| if shapes[0].0.is_empty() { b } else { a })
            }
            "choice" => kids.first().copied(),
            "contract" | "transpose" => self.infer_axes(head, texts.last()?, &shapes),
            "slice" => {
                let mut extents = shapes.first()?.0.clone();
                *extents.get_mut(texts[1].parse::<usize>().ok()?)? = texts[3].clone();
                Some(self.type_of(&extents, &shapes[0].1))
            }
            "concat" => {
                let axis: usize = texts.last()?.parse().ok()?;
                let mut extents = shapes.first()?.0.clone();
                let sizes: Option<Vec<i64>> =
                    shapes.iter().map(|shape| shape.0.get(axis)?.parse().ok()).collect();
                extents[axis] = sizes?.iter().sum::<i64>().to_string();
                Some(self.type_of(&extents, &shapes[0].1))
            }
            _ => None,
        }
    }
}

impl Oracle for World {
    fn name(&self, id: u32) -> String {
        self.texts.borrow()[id as usize].clone()
    }
    fn infer(&self, head: u32, kids: &[u32]) -> u32 {
        let name = self.name(head);
        match name.strip_prefix("tern.") {
            Some(name) => self.infer_term(name, kids).unwrap_or(0),
            None => name.split_once(": ").map_or(head, |(_, ty)| self.id(ty)),
        }
    }
    fn stage(&self, head: u32) -> u32 {
        let name = self.name(head);
        name.strip_prefix('!').and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0)
    }
    fn is_load_leaf(&self, _: u32) -> bool {
        false
    }
    fn is_static(&self, ty: u32) -> bool {
        self.shape(ty)
            .is_some_and(|shape| shape.0.iter().all(|extent| extent.parse::<i64>().is_ok()))
    }
    fn price(&self, head: u32, _: &[u32], _: &[bool]) -> Price {
        let (kind, seconds) = match self.name(head).as_str() {
            "tern.choice" => (Kind::Choice, 0.0),
            "tern.contract" => (Kind::Contraction, 10.0),
            "tern.slice" | "tern.reshape" => (Kind::View, 0.1),
            "tern.constant" => (Kind::Free, 0.0),
            "tern.broadcast" => (Kind::Repeated, 0.0),
            "tern.concat" => (Kind::Kernel, 2.0),
            "tern.transpose" => (Kind::Movement, 0.2),
            "tern.rms_norm" => (Kind::Row, 0.2),
            _ => (Kind::Pointwise, 0.1),
        };
        Price { kind, seconds }
    }
    fn load_price(&self, head: u32, _: &[u32]) -> f64 {
        if self.name(head) == "tern.weight" { 0.0 } else { 0.01 }
    }
    fn resident(&self, _: u32) -> f64 {
        0.5
    }
    fn moved(&self, ty: u32) -> f64 {
        if self.shape(ty).is_some_and(|shape| shape.0.is_empty()) { 0.0 } else { 0.25 }
    }
    fn launch(&self) -> f64 {
        0.5
    }
    fn operation(&self, name: &str) -> u32 {
        let known = vocabulary::operations();
        let is_known = name.starts_with("kv.")
            || name
                .strip_prefix("tern.")
                .is_some_and(|name| name == "choice" || known.contains(&name));
        if is_known { self.id(name) } else { 0 }
    }
    fn integer(&self, id: u32) -> Option<i64> {
        self.name(id).parse().ok()
    }
    fn make_integer(&self, value: i64) -> u32 {
        self.id(&value.to_string())
    }
    fn make_extent(&self, value: i64) -> u32 {
        self.id(&value.to_string())
    }
    fn number(&self, id: u32) -> Option<f64> {
        self.name(id).parse().ok()
    }
    fn make_number(&self, value: f64) -> u32 {
        self.id(&value.to_string())
    }
    fn absent(&self) -> u32 {
        self.id("absent")
    }
    fn present(&self) -> u32 {
        self.id("present")
    }
    fn make_type(&self, element: u32) -> u32 {
        element
    }
    fn make_style(&self, name: &str) -> u32 {
        self.id(name)
    }
    fn text(&self, id: u32) -> String {
        self.name(id)
    }
    fn make_text(&self, text: &str) -> u32 {
        self.id(text)
    }
    fn splat(&self, id: u32) -> Option<f64> {
        self.name(id).strip_prefix("dense ")?.parse().ok()
    }
    fn make_splat(&self, value: f64, _: u32) -> u32 {
        self.id(&format!("dense {value}"))
    }
    fn extents(&self, ty: u32) -> Option<Vec<u32>> {
        Some(self.shape(ty)?.0.iter().map(|extent| self.id(extent)).collect())
    }
    fn element(&self, ty: u32) -> u32 {
        self.shape(ty).map_or(0, |shape| self.id(&shape.1))
    }
    fn make_tensor(&self, extents: &[u32], element: u32) -> u32 {
        let extents: Vec<String> = extents.iter().map(|extent| self.name(*extent)).collect();
        self.type_of(&extents, &self.name(element))
    }
    fn holds(&self, wide: u32, narrow: u32) -> bool {
        wide == narrow || self.name(wide) == "f32"
    }
}
