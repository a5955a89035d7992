// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What the engine asks about terms.

/// How an operation becomes code, as passes/Dispatch decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing is done but what one of the first two kids does.
    Choice,
    /// A constant, which each kernel holds.
    Free,
    /// Another look at memory.
    View,
    /// The same, of half of the columns of a product: a contraction's kernel can hold both.
    Half,
    /// The same, of heads side by side: attention's kernel can hold them.
    Joint,
    /// Each kernel that reads it computes it again.
    Repeated,
    /// Element by element, in a kernel with its neighbours, a contraction's included.
    Pointwise,
    /// Row by row, in a kernel with its neighbours.
    Row,
    /// The same; attention can compute it as it reads its query.
    Rotation,
    /// The same, to narrower numbers: the last that a contraction's kernel can do.
    Narrowing,
    /// Elements of memory in another order, in a kernel with those that read them.
    Movement,
    /// A kernel that element-wise terms can follow.
    Contraction,
    /// A kernel of its own, which writes its result.
    Kernel,
}

#[derive(Debug, Clone, Copy)]
pub struct Price {
    pub kind: Kind,
    /// The result is not written, but by [`Kind::Kernel`].
    pub seconds: f64,
}

/// Names operations, properties, types and leaves by one kind of id. 0 is none.
pub trait Oracle {
    /// What a term is: the type of an operation over kids that are `kids`, the
    /// type of a leaf, and a property itself. 0 if the term makes no sense.
    fn infer(&self, head: u32, kids: &[u32]) -> u32;
    /// For a leaf: 0 if it is at hand from the start, else more for what comes later.
    fn stage(&self, head: u32) -> u32;
    /// For a leaf: known before the step.
    fn is_load_leaf(&self, head: u32) -> bool;
    /// A type all of whose extents are numbers.
    fn is_static(&self, ty: u32) -> bool;
    /// What the operation costs at each step, its launch included if it has a kernel of its own.
    /// `loads` says which kids are known before the step.
    fn price(&self, head: u32, kids: &[u32], loads: &[bool]) -> Price;
    /// What a step pays of the time that the operation takes once a load.
    fn load_price(&self, head: u32, kids: &[u32]) -> f64;
    /// What a step pays for a tensor that the load leaves behind: its memory.
    fn resident(&self, ty: u32) -> f64;
    /// Seconds to read or write all of a tensor at each step.
    fn moved(&self, ty: u32) -> f64;
    /// Seconds to start a kernel.
    fn launch(&self) -> f64;

    /// The head of the operation of that name, 0 if there is none.
    fn operation(&self, name: &str) -> u32;
    /// What a head is called, for people.
    fn name(&self, id: u32) -> String;
    /// The number in a property or an extent.
    fn integer(&self, id: u32) -> Option<i64>;
    fn make_integer(&self, value: i64) -> u32;
    /// An extent that is this number.
    fn make_extent(&self, value: i64) -> u32;
    /// The number in a property.
    fn number(&self, id: u32) -> Option<f64>;
    fn make_number(&self, value: f64) -> u32;
    /// The property that is not there.
    fn absent(&self) -> u32;
    /// The property that is there, and says no more.
    fn present(&self) -> u32;
    /// The property that is an element type.
    fn make_type(&self, element: u32) -> u32;
    /// The property that names a style of `tern.rotary`.
    fn make_style(&self, name: &str) -> u32;
    /// The text of a property, or the name of an element type.
    fn text(&self, id: u32) -> String;
    fn make_text(&self, text: &str) -> u32;
    /// The one number of all elements of a constant's property.
    fn splat(&self, id: u32) -> Option<f64>;
    /// The property of a constant of rank 0.
    fn make_splat(&self, value: f64, element: u32) -> u32;

    /// The extents of a tensor type, 0 for one that has no name; none if the id
    /// is of something else. Also of a property that is a type, or that is
    /// extents.
    fn extents(&self, ty: u32) -> Option<Vec<u32>>;
    fn element(&self, ty: u32) -> u32;
    /// The property that is the tensor type of these extents.
    fn make_tensor(&self, extents: &[u32], element: u32) -> u32;
    /// True if element type `wide` holds every value of `narrow`.
    fn holds(&self, wide: u32, narrow: u32) -> bool;
}
