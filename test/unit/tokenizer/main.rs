// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Tests of the crate through its interface, in one program, which links once.

mod chat;
mod data;
mod gguf;
mod goldens;
mod json;
