// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A tokenizer from the metadata of a GGUF file, where a missing key means what
//! llama.cpp takes it to mean.

use ahash::AHashMap;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::sequence::Sequence as Decoders;
use tokenizers::decoders::strip::Strip;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::bpe::{BPE, BpeBuilder};
use tokenizers::models::unigram::Unigram;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::bert::BertNormalizer;
use tokenizers::normalizers::precompiled::Precompiled;
use tokenizers::normalizers::prepend::Prepend;
use tokenizers::normalizers::replace::{Replace, ReplacePattern};
use tokenizers::normalizers::utils::Sequence as Normalizers;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::processors::template::{SpecialToken, TemplateProcessing};
use tokenizers::{AddedToken, NormalizerWrapper, Tokenizer as Library};

use crate::pretokenizer::Pretokenizer;
use crate::settings::Settings;
use crate::{Failure, Tokenizer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

/// The keys `tokenizer.ggml.*`, and `tokenizer.chat_template`. `scores` and
/// `types` are empty or have one entry a token.
#[derive(Clone, Debug, Default)]
pub struct GgufVocabulary<'a> {
    pub model: &'a str,
    pub pre: &'a str,
    pub tokens: Vec<&'a str>,
    pub merges: Vec<&'a str>,
    pub scores: Vec<f32>,
    pub types: Vec<TokenType>,
    pub bos: Option<u32>,
    pub eos: Option<u32>,
    pub eot: Option<u32>,
    pub unknown: Option<u32>,
    pub separator: Option<u32>,
    pub add_bos: Option<bool>,
    pub add_eos: Option<bool>,
    pub add_space_prefix: Option<bool>,
    pub remove_extra_whitespaces: Option<bool>,
    /// SentencePiece's table of what characters are replaced by; empty: none is.
    pub charsmap: &'a [u8],
    pub chat_template: &'a str,
}

/// What the kinds of tokenizers differ in beside the model.
#[derive(Default)]
struct Defaults {
    bos: Option<u32>,
    eos: Option<u32>,
    add_bos: bool,
    add_eos: bool,
    /// What ends a text in place of EOS.
    end: Option<u32>,
}

impl Tokenizer {
    pub fn from_gguf(vocabulary: &GgufVocabulary) -> Result<Self, Failure> {
        let count = vocabulary.tokens.len();
        for (key, length) in [
            ("scores", vocabulary.scores.len()),
            ("token_type", vocabulary.types.len()),
        ] {
            if length != 0 && length != count {
                return Err(format!(
                    "tokenizer.ggml.{key}: expected {count} entries, one a token, found {length}"
                ));
            }
        }
        let (mut library, defaults) = match vocabulary.model {
            "gpt2" => byte_level(vocabulary)?,
            "llama" => sentence_piece(vocabulary)?,
            "bert" => word_piece(vocabulary)?,
            "t5" => unigram(vocabulary)?,
            other => {
                return Err(format!(
                    "tokenizer.ggml.model: expected gpt2, llama, bert or t5, found {other:?}"
                ));
            }
        };
        library
            .add_tokens(added_tokens(vocabulary))
            .map_err(|e| format!("the special tokens do not fit together: {e}"))?;

        let mut settings = Settings {
            bos: vocabulary
                .bos
                .or(defaults.bos.filter(|id| (*id as usize) < count)),
            eos: vocabulary
                .eos
                .or(defaults.eos.filter(|id| (*id as usize) < count)),
            ends: Vec::new(),
            chat_template: vocabulary.chat_template.to_owned(),
        };
        let add_bos = vocabulary.add_bos.unwrap_or(defaults.add_bos);
        let add_eos = vocabulary.add_eos.unwrap_or(defaults.add_eos);
        let frame = frame(
            settings.bos.filter(|_| add_bos),
            defaults.end.or(settings.eos).filter(|_| add_eos),
        )?;
        library.with_post_processor(frame);
        let tokenizer = Tokenizer::new(library, Settings::default())?;
        settings.collect_ends(vocabulary.eot, |token| tokenizer.special_id(token));
        Tokenizer::new(tokenizer.library, settings)
    }
}

impl<'a> GgufVocabulary<'a> {
    fn token_type(&self, id: usize) -> TokenType {
        self.types.get(id).copied().unwrap_or(TokenType::Normal)
    }

    /// What the library calls a token. As llama.cpp, an empty one has a name that
    /// nobody writes. WordPiece marks what continues a word, a file what begins one.
    fn name(&self, id: usize) -> String {
        let token = self.tokens[id];
        if token.is_empty() {
            return format!("[EMPTY_{id}]");
        }
        if self.model != "bert" || self.token_type(id) == TokenType::Control {
            return token.to_owned();
        }
        match token.strip_prefix('\u{2581}') {
            Some(word) if !word.is_empty() => word.to_owned(),
            _ => format!("##{token}"),
        }
    }

    fn ids(&self) -> Result<AHashMap<String, u32>, Failure> {
        let mut ids = AHashMap::with_capacity(self.tokens.len());
        for (id, token) in self.tokens.iter().enumerate() {
            if let Some(first) = ids.insert(self.name(id), id as u32) {
                return Err(format!(
                    "tokenizer.ggml.tokens: expected each token once, found {token:?} as {first} and {id}"
                ));
            }
        }
        Ok(ids)
    }
}

fn build(model: BpeBuilder) -> Result<Library, Failure> {
    let model: BPE = model
        .build()
        .map_err(|e| format!("tokenizer.ggml.merges: {e}"))?;
    Ok(Library::new(model))
}

fn byte_level(vocabulary: &GgufVocabulary) -> Result<(Library, Defaults), Failure> {
    let pre = Pretokenizer::named(vocabulary.pre)?;
    if vocabulary.merges.is_empty() {
        return Err("tokenizer.ggml.merges: expected merges, found none".into());
    }
    let mut merges = Vec::with_capacity(vocabulary.merges.len());
    for merge in &vocabulary.merges {
        // The left token may itself start with a space, but is not one.
        let space = merge.char_indices().skip(1).find(|(_, c)| *c == ' ');
        let Some((space, _)) = space else {
            return Err(format!(
                "tokenizer.ggml.merges: expected two tokens and a space, found {merge:?}"
            ));
        };
        merges.push((merge[..space].to_owned(), merge[space + 1..].to_owned()));
    }
    let model = BPE::builder()
        .vocab_and_merges(vocabulary.ids()?, merges)
        .ignore_merges(pre.ignore_merges);
    let mut library = build(model)?;
    library.with_pre_tokenizer(Some(pre.build()?));
    library.with_decoder(Some(ByteLevel::new(false, false, false)));
    Ok((
        library,
        Defaults {
            add_bos: pre.add_bos,
            ..Defaults::default()
        },
    ))
}

fn sentence_piece(vocabulary: &GgufVocabulary) -> Result<(Library, Defaults), Failure> {
    if vocabulary.scores.is_empty() {
        return Err("tokenizer.ggml.scores: expected scores, found none".into());
    }
    let ids = vocabulary.ids()?;
    let merges = merges_of_scores(vocabulary, &ids);
    let unknown = vocabulary.unknown.unwrap_or(0) as usize;
    let mut model = BPE::builder()
        .vocab_and_merges(ids, merges)
        .byte_fallback(true)
        .fuse_unk(true);
    if let Some(unknown) = vocabulary.tokens.get(unknown) {
        model = model.unk_token((*unknown).to_owned());
    }
    let mut library = build(model)?;

    let cannot = |e: tokenizers::Error| format!("the tokenizer cannot be built: {e}");
    let escape = Replace::new(" ", "\u{2581}").map_err(cannot)?;
    let mut normalizers: Vec<NormalizerWrapper> = vec![escape.into()];
    let has_prefix = vocabulary.add_space_prefix.unwrap_or(true);
    if has_prefix {
        normalizers.insert(0, Prepend::new("\u{2581}".into()).into());
    }
    library
        .with_normalizer(Some(Normalizers::new(normalizers)))
        .map_err(cannot)?;
    library.with_decoder(Some(sentence_piece_decoder(has_prefix)?));
    Ok((
        library,
        Defaults {
            bos: Some(1),
            eos: Some(2),
            add_bos: true,
            ..Defaults::default()
        },
    ))
}

/// BERT's words and their parts. No key says whether letters keep their case
/// (llama.cpp takes it that none does): they do if some token has one that else
/// could not be there.
fn word_piece(vocabulary: &GgufVocabulary) -> Result<(Library, Defaults), Failure> {
    let unknown = vocabulary.unknown.unwrap_or(100) as usize;
    if unknown >= vocabulary.tokens.len() {
        return Err(format!(
            "tokenizer.ggml.unknown_token_id: expected the id of a token, found {unknown}"
        ));
    }
    let is_small = |letter: char| letter.to_lowercase().eq([letter]);
    let is_cased = (0..vocabulary.tokens.len()).any(|id| {
        vocabulary.token_type(id) == TokenType::Normal
            && !vocabulary.tokens[id].chars().all(is_small)
    });
    let cannot = |e: tokenizers::Error| format!("the tokenizer cannot be built: {e}");
    let model = WordPiece::builder()
        .vocab(vocabulary.ids()?)
        .unk_token(vocabulary.name(unknown))
        .build()
        .map_err(cannot)?;
    let mut library = Library::new(model);
    library
        .with_normalizer(Some(BertNormalizer::new(true, true, None, !is_cased)))
        .map_err(cannot)?;
    library.with_pre_tokenizer(Some(BertPreTokenizer));
    library.with_decoder(Some(WordPieceDecoder::default()));
    let end = vocabulary.separator.or(vocabulary.eos).unwrap_or(102);
    Ok((
        library,
        Defaults {
            bos: Some(101),
            add_bos: true,
            add_eos: true,
            end: Some(end).filter(|id| (*id as usize) < vocabulary.tokens.len()),
            ..Defaults::default()
        },
    ))
}

/// U+2581 stands for a space, and the one in front of a text was not there.
fn sentence_piece_decoder(has_prefix: bool) -> Result<Decoders, Failure> {
    let unescape =
        Replace::new("\u{2581}", " ").map_err(|e| format!("the tokenizer cannot be built: {e}"))?;
    let mut decoders = vec![
        unescape.into(),
        ByteFallback::new().into(),
        Fuse::new().into(),
    ];
    if has_prefix {
        decoders.push(Strip::new(' ', 1, 0).into());
    }
    Ok(Decoders::new(decoders))
}

/// SentencePiece's other model: of all ways to cut a word into tokens, the one
/// whose scores have the greatest sum. The library looks for special tokens among
/// them too, which get the least score here, as SentencePiece would not.
fn unigram(vocabulary: &GgufVocabulary) -> Result<(Library, Defaults), Failure> {
    if vocabulary.scores.is_empty() {
        return Err("tokenizer.ggml.scores: expected scores, found none".into());
    }
    let count = vocabulary.ids()?.len();
    let is_word = |id: &usize| vocabulary.token_type(*id) == TokenType::Normal;
    let words = || (0..count).filter(is_word);
    if let Some(id) = words().find(|id| !vocabulary.scores[*id].is_finite()) {
        return Err(format!(
            "tokenizer.ggml.scores: expected finite numbers, found {} for token {id}",
            vocabulary.scores[id]
        ));
    }
    let least = words().map(|id| vocabulary.scores[id]).fold(0.0, f32::min);
    let scored = |id| {
        let score = if is_word(&id) {
            vocabulary.scores[id]
        } else {
            least
        };
        (vocabulary.name(id), f64::from(score))
    };
    let unknown = vocabulary.unknown.unwrap_or(2) as usize;
    if unknown >= count {
        return Err(format!(
            "tokenizer.ggml.unknown_token_id: expected the id of a token, found {unknown}"
        ));
    }
    let has_bytes = vocabulary.types.contains(&TokenType::Byte);
    let cannot = |e: tokenizers::Error| format!("the tokenizer cannot be built: {e}");
    let model = Unigram::from((0..count).map(scored).collect(), Some(unknown), has_bytes)
        .map_err(cannot)?;
    let mut library = Library::new(model);
    library
        .with_normalizer(Some(Normalizers::new(unigram_normalizers(vocabulary)?)))
        .map_err(cannot)?;
    let has_prefix = vocabulary.add_space_prefix.unwrap_or(false);
    let scheme = if has_prefix {
        PrependScheme::Always
    } else {
        PrependScheme::Never
    };
    library.with_pre_tokenizer(Some(Metaspace::new('\u{2581}', scheme, true)));
    library.with_decoder(Some(sentence_piece_decoder(has_prefix)?));
    Ok((
        library,
        Defaults {
            eos: Some(1),
            add_eos: true,
            ..Defaults::default()
        },
    ))
}

fn unigram_normalizers(vocabulary: &GgufVocabulary) -> Result<Vec<NormalizerWrapper>, Failure> {
    let mut normalizers: Vec<NormalizerWrapper> = Vec::new();
    let map = vocabulary.charsmap;
    if !map.is_empty() {
        // Four bytes with the size of a tree, the tree, texts; the library reserves
        // the size before it looks.
        let size = map
            .first_chunk()
            .map(|size| u32::from_le_bytes(*size) as usize);
        let rest = map.len().saturating_sub(4);
        let Some(size) = size.filter(|size| (4..=rest).contains(size) && size % 4 == 0) else {
            return Err(format!(
                "tokenizer.ggml.precompiled_charsmap: expected the size of a tree in the {rest} \
                 bytes behind it, found {}",
                size.map_or("none".into(), |size| size.to_string())
            ));
        };
        let map = Precompiled::from(map).map_err(|_| {
            format!(
                "tokenizer.ggml.precompiled_charsmap: expected UTF-8 behind a tree of {size} \
                 bytes, found other bytes"
            )
        })?;
        normalizers.push(map.into());
    }
    if vocabulary.remove_extra_whitespaces.unwrap_or(false) {
        for (spaces, text) in [("^ +| +$", ""), (" {2,}", " ")] {
            let replace = Replace::new(ReplacePattern::Regex(spaces.into()), text)
                .map_err(|e| format!("the tokenizer cannot be built: {e}"))?;
            normalizers.push(replace.into());
        }
    }
    Ok(normalizers)
}

/// SentencePiece stores a score for each token and no merges: any two tokens
/// whose text together is a token merge, the best score first.
fn merges_of_scores(
    vocabulary: &GgufVocabulary,
    ids: &AHashMap<String, u32>,
) -> Vec<(String, String)> {
    let is_text = |id: u32| {
        !matches!(
            vocabulary.token_type(id as usize),
            TokenType::Control | TokenType::Byte
        )
    };
    let part = |text: &str| ids.get(text).copied().filter(|id| is_text(*id));
    let mut found: Vec<(f32, u32, u32)> = Vec::new();
    for (id, token) in vocabulary.tokens.iter().enumerate() {
        if !is_text(id as u32) {
            continue;
        }
        let start = found.len();
        for (cut, _) in token.char_indices().skip(1) {
            if let (Some(left), Some(right)) = (part(&token[..cut]), part(&token[cut..])) {
                found.push((vocabulary.scores[id], left, right));
            }
        }
        found[start..].sort_unstable_by_key(|(_, left, right)| (*left, *right));
    }
    // A stable sort, so equal scores stay in the order of tokens. A score that is
    // not a number is the worst.
    let rank = |score: f32| {
        if score.is_nan() {
            f32::NEG_INFINITY
        } else {
            score
        }
    };
    found.sort_by(|a, b| rank(b.0).total_cmp(&rank(a.0)));
    let text = |id: u32| vocabulary.tokens[id as usize].to_owned();
    found
        .into_iter()
        .map(|(_, left, right)| (text(left), text(right)))
        .collect()
}

/// The tokens that are looked for in a text before anything else: user-defined
/// ones always, control tokens and the unknown token where special tokens are.
fn added_tokens(vocabulary: &GgufVocabulary) -> Vec<AddedToken> {
    let mut added = Vec::new();
    for id in 0..vocabulary.tokens.len() {
        let special = match vocabulary.token_type(id) {
            TokenType::Control | TokenType::Unknown => true,
            TokenType::UserDefined => false,
            TokenType::Normal | TokenType::Unused | TokenType::Byte => continue,
        };
        added.push(AddedToken::from(vocabulary.name(id), special).normalized(false));
    }
    added
}

/// What is put around a text: BOS, EOS, both or nothing.
fn frame(bos: Option<u32>, eos: Option<u32>) -> Result<Option<TemplateProcessing>, Failure> {
    if bos.is_none() && eos.is_none() {
        return Ok(None);
    }
    let cannot = |e: String| format!("the tokenizer cannot be built: {e}");
    let mut pieces = vec!["$A"];
    let mut special = Vec::new();
    for (id, name) in [(bos, "BOS"), (eos, "EOS")] {
        let Some(id) = id else { continue };
        let token = SpecialToken::new(name.into(), vec![id], vec![name.into()])
            .map_err(|e| cannot(e.to_string()))?;
        special.push(token);
        pieces.insert(if name == "BOS" { 0 } else { pieces.len() }, name);
    }
    let template = TemplateProcessing::builder()
        .try_single(pieces)
        .map_err(cannot)?
        .special_tokens(special)
        .build()
        .map_err(|e| cannot(e.to_string()))?;
    Ok(Some(template))
}
