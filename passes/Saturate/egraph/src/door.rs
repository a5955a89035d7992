// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What C++ knows of terms and types, asked through the bridge.

use std::rc::Rc;

use cxx::SharedPtr;

use crate::Failure;
use crate::bridge::ffi;
use crate::oracle::{Kind, Oracle, Price};

/// The oracle of C++ as one of Rust.
pub struct Door(SharedPtr<ffi::Oracle>);

impl Door {
    pub fn open(oracle: SharedPtr<ffi::Oracle>) -> Result<Rc<Door>, Failure> {
        if oracle.is_null() { Err("there is no oracle".into()) } else { Ok(Rc::new(Door(oracle))) }
    }
}

impl Oracle for Door {
    fn infer(&self, head: u32, kids: &[u32]) -> u32 {
        self.0.infer(head, kids)
    }
    fn stage(&self, head: u32) -> u32 {
        self.0.stage(head)
    }
    fn is_load_leaf(&self, head: u32) -> bool {
        self.0.is_load_leaf(head)
    }
    fn is_static(&self, ty: u32) -> bool {
        self.0.is_static(ty)
    }
    fn price(&self, head: u32, kids: &[u32], loads: &[bool]) -> Price {
        let price = self.0.price(head, kids, loads);
        let kind = match price.kind {
            ffi::Kind::Choice => Kind::Choice,
            ffi::Kind::Free => Kind::Free,
            ffi::Kind::View => Kind::View,
            ffi::Kind::Half => Kind::Half,
            ffi::Kind::Repeated => Kind::Repeated,
            ffi::Kind::Pointwise => Kind::Pointwise,
            ffi::Kind::Row => Kind::Row,
            ffi::Kind::Joint => Kind::Joint,
            ffi::Kind::Rotation => Kind::Rotation,
            ffi::Kind::Narrowing => Kind::Narrowing,
            ffi::Kind::Movement => Kind::Movement,
            ffi::Kind::Contraction => Kind::Contraction,
            _ => Kind::Kernel,
        };
        Price { kind, seconds: price.seconds }
    }
    fn load_price(&self, head: u32, kids: &[u32]) -> f64 {
        self.0.load_price(head, kids)
    }
    fn resident(&self, ty: u32) -> f64 {
        self.0.resident(ty)
    }
    fn moved(&self, ty: u32) -> f64 {
        self.0.moved(ty)
    }
    fn launch(&self) -> f64 {
        self.0.launch()
    }
    fn operation(&self, name: &str) -> u32 {
        self.0.operation(name)
    }
    fn integer(&self, id: u32) -> Option<i64> {
        let integer = self.0.integer(id);
        integer.known.then_some(integer.value)
    }
    fn make_integer(&self, value: i64) -> u32 {
        self.0.make_integer(value)
    }
    fn make_extent(&self, value: i64) -> u32 {
        self.0.make_extent(value)
    }
    fn name(&self, id: u32) -> String {
        self.0.name(id)
    }
    fn number(&self, id: u32) -> Option<f64> {
        let number = self.0.number(id);
        number.known.then_some(number.value)
    }
    fn make_number(&self, value: f64) -> u32 {
        self.0.make_number(value)
    }
    fn absent(&self) -> u32 {
        self.0.absent()
    }
    fn present(&self) -> u32 {
        self.0.present()
    }
    fn make_type(&self, element: u32) -> u32 {
        self.0.make_type(element)
    }
    fn make_style(&self, name: &str) -> u32 {
        self.0.make_style(name)
    }
    fn text(&self, id: u32) -> String {
        self.0.text(id)
    }
    fn make_text(&self, text: &str) -> u32 {
        self.0.make_text(text)
    }
    fn splat(&self, id: u32) -> Option<f64> {
        let number = self.0.splat(id);
        number.known.then_some(number.value)
    }
    fn make_splat(&self, value: f64, element: u32) -> u32 {
        self.0.make_splat(value, element)
    }
    fn extents(&self, ty: u32) -> Option<Vec<u32>> {
        let extents = self.0.extents(ty);
        extents.known.then_some(extents.ids)
    }
    fn element(&self, ty: u32) -> u32 {
        self.0.element(ty)
    }
    fn make_tensor(&self, extents: &[u32], element: u32) -> u32 {
        self.0.make_tensor(extents, element)
    }
    fn holds(&self, wide: u32, narrow: u32) -> bool {
        self.0.holds(wide, narrow)
    }
}
