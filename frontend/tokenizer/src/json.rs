// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `tokenizer.json`, as Hugging Face writes it and as Tern stores it.
//!
//! The library's own reader goes through trees of JSON values and takes twice as
//! long (SmolLM2's 49152 tokens: 53 ms against 27). Starting up waits for this, so
//! the outer object and a BPE model (nearly all of the bytes) are read here,
//! straight into what the library builds from; it reads the smaller parts itself.

use ahash::AHashMap;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use tokenizers::models::bpe::BPE;
use tokenizers::{
    AddedToken, DecoderWrapper, ModelWrapper, NormalizerWrapper, PostProcessorWrapper,
    PreTokenizerWrapper, Tokenizer as Library, TokenizerBuilder,
};

use crate::settings::Settings;
use crate::{Failure, Tokenizer};

/// Ids from here on are refused: the library's writer counts up to the largest.
const ID_LIMIT: u32 = 1 << 24;

/// Padding and truncation are not read: both are a caller's affair, and files
/// have them switched on by accident.
#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    added_tokens: Option<&'a RawValue>,
    #[serde(borrow, default)]
    normalizer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pre_tokenizer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    post_processor: Option<&'a RawValue>,
    #[serde(borrow, default)]
    decoder: Option<&'a RawValue>,
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tern: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct AddedTokenWithId {
    id: u32,
    #[serde(flatten)]
    token: AddedToken,
}

fn part<T: DeserializeOwned>(name: &str, text: Option<&RawValue>) -> Result<Option<T>, Failure> {
    let Some(text) = text else { return Ok(None) };
    serde_json::from_str(text.get()).map_err(|e| {
        format!(
            "{name}: expected one that can be read, found {}: {e}",
            kind_of(text)
        )
    })
}

/// What the part calls itself, for a message.
fn kind_of(text: &RawValue) -> String {
    let part: Option<Value> = serde_json::from_str(text.get()).ok();
    match part.as_ref().and_then(|part| part["type"].as_str()) {
        Some(kind) => format!("type {kind:?}"),
        None => "one without a type".into(),
    }
}

impl Tokenizer {
    /// From a tokenizer.json; if [`Tokenizer::to_json`] wrote it, with all that
    /// this tokenizer knew.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Failure> {
        let file: File = serde_json::from_slice(bytes)
            .map_err(|e| format!("expected a tokenizer in JSON, found an error: {e}"))?;
        if let Some(version) = file.version.filter(|version| version != "1.0") {
            return Err(format!("version: expected \"1.0\", found {version:?}"));
        }
        let model = read_model(file.model.ok_or("model: expected one, found none")?)?;
        let library = TokenizerBuilder::<
            ModelWrapper,
            NormalizerWrapper,
            PreTokenizerWrapper,
            PostProcessorWrapper,
            DecoderWrapper,
        >::new()
        .with_model(model)
        .with_normalizer(part("normalizer", file.normalizer)?)
        .with_pre_tokenizer(part("pre_tokenizer", file.pre_tokenizer)?)
        .with_post_processor(part("post_processor", file.post_processor)?)
        .with_decoder(part("decoder", file.decoder)?)
        .build()
        .map_err(|e| format!("the tokenizer.json describes no tokenizer: {e}"))?;
        let mut library = Library::from(library);
        let added: Option<Vec<AddedTokenWithId>> = part("added_tokens", file.added_tokens)?;
        add_tokens(&mut library, added.unwrap_or_default())?;
        let settings: Option<Settings> = part("tern", file.tern)?;
        Tokenizer::new(library, settings.unwrap_or_default())
    }

    /// A tokenizer.json that [`Tokenizer::from_json`] reads back: same tokenizer,
    /// same bytes.
    pub fn to_json(&self) -> Result<String, Failure> {
        let cannot = |e: &dyn fmt::Display| format!("the tokenizer cannot be stored: {e}");
        let largest = self.library.get_vocab(true).into_values().max();
        if let Some(id) = largest.filter(|id| *id >= ID_LIMIT) {
            return Err(cannot(&format!("id {id} is not below {ID_LIMIT}")));
        }
        let mut text = self.library.to_string(false).map_err(|e| cannot(&e))?;
        let settings = serde_json::to_string(&self.settings).map_err(|e| cannot(&e))?;
        text.truncate(text.trim_end().len() - "}".len());
        text += &format!(",\"tern\":{settings}}}");
        Ok(text)
    }
}

fn add_tokens(library: &mut Library, tokens: Vec<AddedTokenWithId>) -> Result<(), Failure> {
    let expected: Vec<(String, u32)> = tokens
        .iter()
        .map(|t| (t.token.content.clone(), t.id))
        .collect();
    library
        .add_tokens(tokens.into_iter().map(|t| t.token))
        .map_err(|e| format!("the added tokens do not fit together: {e}"))?;
    // The library numbers tokens itself, by their order.
    for (content, id) in expected
        .into_iter()
        .filter(|(content, _)| !content.is_empty())
    {
        if library.token_to_id(&content) != Some(id) {
            let found = library.token_to_id(&content).unwrap_or_default();
            return Err(format!(
                "added token {content:?}: expected its number {found} as id, found {id}"
            ));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct ModelHead<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

fn read_model(text: &RawValue) -> Result<ModelWrapper, Failure> {
    let wrong = |e: &dyn fmt::Display| {
        format!(
            "model: expected one that can be read, found {}: {e}",
            kind_of(text)
        )
    };
    let head: ModelHead = serde_json::from_str(text.get()).map_err(|e| wrong(&e))?;
    if head.kind.as_deref() != Some("BPE") {
        return serde_json::from_str(text.get()).map_err(|e| wrong(&e));
    }
    let model: BpeModel = serde_json::from_str(text.get()).map_err(|e| wrong(&e))?;
    let model = model.build().map_err(|e| wrong(&e))?;
    Ok(ModelWrapper::BPE(model))
}

#[derive(Deserialize)]
struct BpeModel {
    vocab: Vocabulary,
    merges: Merges,
    dropout: Option<f32>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    fuse_unk: Option<bool>,
    #[serde(default)]
    byte_fallback: Option<bool>,
    #[serde(default)]
    ignore_merges: Option<bool>,
}

impl BpeModel {
    fn build(self) -> tokenizers::Result<BPE> {
        let mut builder = BPE::builder()
            .vocab_and_merges(self.vocab.0, self.merges.0)
            .fuse_unk(self.fuse_unk.unwrap_or(false))
            .byte_fallback(self.byte_fallback.unwrap_or(false))
            .ignore_merges(self.ignore_merges.unwrap_or(false));
        if let Some(unknown) = self.unk_token {
            builder = builder.unk_token(unknown);
        }
        if let Some(prefix) = self.continuing_subword_prefix {
            builder = builder.continuing_subword_prefix(prefix);
        }
        if let Some(suffix) = self.end_of_word_suffix {
            builder = builder.end_of_word_suffix(suffix);
        }
        // Dropout is for training: it makes encoding random.
        if self.dropout.is_some_and(|p| p != 0.0) {
            return Err("it asks for dropout, which makes tokens random".into());
        }
        builder.build()
    }
}

struct Vocabulary(AHashMap<String, u32>);

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vocabulary;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map of tokens to ids")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vocabulary, A::Error> {
                let mut entries = AHashMap::with_capacity(1 << 16);
                while let Some((token, id)) = map.next_entry::<String, u32>()? {
                    if id >= ID_LIMIT {
                        let message = format!("token {token:?} has id {id}, not below {ID_LIMIT}");
                        return Err(A::Error::custom(message));
                    }
                    entries.insert(token, id);
                }
                Ok(Vocabulary(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

struct Merges(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Merges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Merges;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of merges")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Merges, A::Error> {
                let mut pairs = Vec::with_capacity(1 << 16);
                while let Some(Pair(left, right)) = list.next_element()? {
                    pairs.push((left, right));
                }
                Ok(Merges(pairs))
            }
        }
        deserializer.deserialize_seq(Pairs)
    }
}

/// `["left", "right"]`, or `"left right"` in files of an older form.
struct Pair(String, String);

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Pair;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a merge of two tokens")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Pair, E> {
                match text.split_once(' ') {
                    Some((left, right)) => Ok(Pair(left.into(), right.into())),
                    None => Err(E::custom(format!("merge {text:?} has no space"))),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Pair, A::Error> {
                let left = list.next_element()?;
                let right = list.next_element()?;
                match (left, right) {
                    (Some(left), Some(right)) => Ok(Pair(left, right)),
                    _ => Err(A::Error::custom("a merge of fewer than two tokens")),
                }
            }
        }
        deserializer.deserialize_any(Parts)
    }
}
