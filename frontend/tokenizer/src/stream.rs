// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Text from tokens as they come.

use tokenizers::tokenizer::step_decode_stream;

use crate::decode::Decoding;
use crate::{Failure, Tokenizer, utf8};

/// Never gives a part of a character: the bytes of one that is cut off wait for
/// the tokens that complete it. All calls take the same tokenizer.
pub struct Stream {
    skip_special: bool,
    started: bool,
    /// How many spaces that were not in the text may still come.
    leading_spaces: usize,
    waiting: Vec<u8>,
    /// For decoders that look at neighbours: the library's own window.
    ids: Vec<u32>,
    prefix: String,
    prefix_index: usize,
}

impl Stream {
    pub fn new(skip_special: bool) -> Self {
        Self {
            skip_special,
            started: false,
            leading_spaces: 0,
            waiting: Vec::new(),
            ids: Vec::new(),
            prefix: String::new(),
            prefix_index: 0,
        }
    }

    /// The text that `id` completes; often empty.
    pub fn push(&mut self, tokenizer: &Tokenizer, id: u32) -> Result<String, Failure> {
        if tokenizer.decoding() == Decoding::Library {
            return self.push_to_library(tokenizer, id);
        }
        if self.skip_special && tokenizer.is_special(id) {
            return Ok(String::new());
        }
        if !self.started {
            self.started = true;
            self.leading_spaces = tokenizer.decoding().leading_spaces();
        }
        let piece = tokenizer.piece(id);
        let mut bytes = &piece[..];
        while self.leading_spaces > 0 && !bytes.is_empty() {
            match bytes.strip_prefix(b" ") {
                Some(rest) => {
                    bytes = rest;
                    self.leading_spaces -= 1;
                }
                None => self.leading_spaces = 0,
            }
        }
        self.waiting.extend_from_slice(bytes);
        let settled = utf8::settled_length(&self.waiting);
        let text = String::from_utf8_lossy(&self.waiting[..settled]).into_owned();
        self.waiting.drain(..settled);
        Ok(text)
    }

    /// What still waits, with U+FFFD for a character that stays cut off. The
    /// stream is then as new.
    pub fn finish(&mut self, tokenizer: &Tokenizer) -> Result<String, Failure> {
        let ended = std::mem::replace(self, Self::new(self.skip_special));
        if tokenizer.decoding() != Decoding::Library {
            return Ok(String::from_utf8_lossy(&ended.waiting).into_owned());
        }
        let all = tokenizer.decode(&ended.ids, ended.skip_special)?;
        Ok(all
            .strip_prefix(&ended.prefix)
            .unwrap_or_default()
            .to_owned())
    }

    fn push_to_library(&mut self, tokenizer: &Tokenizer, id: u32) -> Result<String, Failure> {
        let text = step_decode_stream(
            &tokenizer.library,
            vec![id],
            self.skip_special,
            &mut self.ids,
            &mut self.prefix,
            &mut self.prefix_index,
        );
        text.map(Option::unwrap_or_default)
            .map_err(|e| format!("token {id} cannot be decoded: {e}"))
    }
}
