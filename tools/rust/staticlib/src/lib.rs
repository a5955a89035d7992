// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! All the Rust of the project in one static library. A program can hold only
//! one: two would each bring their own standard library.

pub use tern_egraph as egraph;
pub use tern_tokenizer as tokenizer;
