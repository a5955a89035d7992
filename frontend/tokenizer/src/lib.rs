// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Text to tokens and back, and chat templates: the crates `tokenizers` and
//! `minijinja` behind one small interface, which `Tokenizer.h` offers to C++.
//!
//! Every failure is one sentence of the type [`Failure`]. No file is read here
//! and none is named in a message; the caller knows which one it was.

mod bridge;
mod chat;
mod decode;
mod gguf;
mod hugging_face;
mod json;
mod pretokenizer;
mod python_json;
mod settings;
mod stream;
mod tokenizer;
mod utf8;

pub use chat::{ChatOptions, Message};
pub use gguf::{GgufVocabulary, TokenType};
pub use hugging_face::HuggingFaceFiles;
pub use settings::Settings;
pub use stream::Stream;
pub use tokenizer::{Bos, Tokenizer};

/// Why a call failed, in one sentence.
pub type Failure = String;
