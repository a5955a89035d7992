// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A tokenizer and what is known beside it.

use tokenizers::tokenizer::{OffsetType, PreTokenizer};
use tokenizers::{AddedVocabulary, Model, Tokenizer as Library};

use crate::decode::Decoding;
use crate::settings::Settings;
use crate::{Failure, stream::Stream, utf8};

/// Whether a text starts with a BOS token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bos {
    /// All that the model puts around a text, which for many is nothing.
    Auto,
    /// As `Auto`, with BOS in front if it is not there by that.
    Yes,
    /// The text's own tokens and no others.
    No,
}

pub struct Tokenizer {
    pub(crate) library: Library,
    pub(crate) settings: Settings,
    decoding: Decoding,
    /// The library's added vocabulary, except that special tokens in a text are
    /// not looked for. There it is a switch of the whole tokenizer.
    plain_text: AddedVocabulary,
}

impl Tokenizer {
    pub(crate) fn new(library: Library, settings: Settings) -> Result<Self, Failure> {
        let decoder = serde_json::to_value(library.get_decoder()).map_err(|e| e.to_string())?;
        let mut plain_text = library.get_added_vocabulary().clone();
        plain_text.set_encode_special_tokens(true);
        let tokenizer = Self {
            library,
            settings,
            decoding: Decoding::of(&decoder),
            plain_text,
        };
        for (name, id) in [
            ("BOS", tokenizer.settings.bos),
            ("EOS", tokenizer.settings.eos),
        ] {
            if let Some(id) = id.filter(|id| tokenizer.library.id_to_token(*id).is_none()) {
                return Err(format!(
                    "{name} token: expected the id of a token, found {id}"
                ));
            }
        }
        Ok(tokenizer)
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The number of tokens, added ones included.
    pub fn vocabulary_size(&self) -> usize {
        self.library.get_vocab_size(true)
    }

    /// The ids of `text`. With `special`, special tokens written out in the text
    /// become their ids; without, they are text as any other. A byte that is not
    /// UTF-8 is read as U+FFFD.
    pub fn encode(&self, text: &[u8], special: bool, bos: Bos) -> Result<Vec<u32>, Failure> {
        let text = utf8::replace_each_bad_byte(text);
        let cannot = |e: tokenizers::Error| format!("the text cannot be tokenized: {e}");
        let added = if special {
            self.library.get_added_vocabulary()
        } else {
            &self.plain_text
        };
        let mut pieces = added.extract_and_normalize(self.library.get_normalizer(), &text);
        if let Some(split) = self.library.get_pre_tokenizer() {
            split.pre_tokenize(&mut pieces).map_err(cannot)?;
        }
        self.library
            .get_model()
            .tokenize_in_pretokenized(&mut pieces, None)
            .map_err(cannot)?;
        let mut encoding = pieces
            .into_encoding(None, 0, OffsetType::None)
            .map_err(cannot)?;
        if bos != Bos::No {
            encoding = self
                .library
                .post_process(encoding, None, true)
                .map_err(cannot)?;
        }
        let mut ids = encoding.get_ids().to_vec();
        if bos == Bos::Yes {
            let id = self
                .settings
                .bos
                .ok_or("the tokenizer names no BOS token")?;
            if ids.first() != Some(&id) {
                ids.insert(0, id);
            }
        }
        Ok(ids)
    }

    /// The text of `ids`: what a stream of them gives. Ids of no token have no
    /// text; with `skip_special`, special tokens have none either.
    pub fn decode(&self, ids: &[u32], skip_special: bool) -> Result<String, Failure> {
        if self.decoding == Decoding::Library {
            return self
                .library
                .decode(ids, skip_special)
                .map_err(|e| format!("the tokens cannot be decoded: {e}"));
        }
        let mut stream = Stream::new(skip_special);
        let mut text = String::new();
        for id in ids {
            text += &stream.push(self, *id)?;
        }
        text += &stream.finish(self)?;
        Ok(text)
    }

    /// The bytes that token `id` stands for on its own, which need not be UTF-8.
    pub fn piece(&self, id: u32) -> Vec<u8> {
        match self
            .library
            .get_added_vocabulary()
            .get_added_tokens_decoder()
            .get(&id)
        {
            Some(token) if token.special => token.content.as_bytes().to_vec(),
            Some(token) => self.decoding.bytes_of_added(&token.content),
            None => {
                let token = self.library.get_model().id_to_token(id).unwrap_or_default();
                self.decoding.bytes_of(&token)
            }
        }
    }

    pub fn is_special(&self, id: u32) -> bool {
        let added = self
            .library
            .get_added_vocabulary()
            .get_added_tokens_decoder();
        added.get(&id).is_some_and(|token| token.special)
    }

    pub fn token_to_id(&self, token: &str) -> Option<u32> {
        self.library.token_to_id(token)
    }

    pub(crate) fn special_id(&self, token: &str) -> Option<u32> {
        self.token_to_id(token).filter(|id| self.is_special(*id))
    }

    pub(crate) fn decoding(&self) -> Decoding {
        self.decoding
    }
}
