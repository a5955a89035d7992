// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Tokenizers from GGUF keys, on invented vocabularies.

use tern_tokenizer::TokenType::{Byte, Control, Normal, Unknown, UserDefined};
use tern_tokenizer::{Bos, GgufVocabulary, Stream, TokenType, Tokenizer};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Ids 0 to 2 are special, 3 to 258 the bytes, the rest as `words` say. The score
/// of a word is minus its index, so the first merges first.
struct SentencePiece {
    tokens: Vec<String>,
    types: Vec<TokenType>,
    scores: Vec<f32>,
}

impl SentencePiece {
    const FIRST_WORD: u32 = 259;

    fn new(words: &[(&str, TokenType)]) -> Self {
        let mut tokens: Vec<String> = ["<unk>", "<s>", "</s>"].map(str::to_owned).into();
        let mut types = vec![Unknown, Control, Control];
        for byte in 0..=255usize {
            let digits = [HEX[byte >> 4], HEX[byte & 15]].map(char::from);
            tokens.push(format!("<0x{}{}>", digits[0], digits[1]));
            types.push(Byte);
        }
        let mut scores = vec![0.0; tokens.len()];
        for (index, (word, kind)) in words.iter().enumerate() {
            tokens.push((*word).to_owned());
            types.push(*kind);
            scores.push(-(index as f32));
        }
        Self {
            tokens,
            types,
            scores,
        }
    }

    fn keys(&self) -> GgufVocabulary<'_> {
        GgufVocabulary {
            model: "llama",
            tokens: self.tokens.iter().map(String::as_str).collect(),
            types: self.types.clone(),
            scores: self.scores.clone(),
            ..GgufVocabulary::default()
        }
    }
}

fn words() -> SentencePiece {
    SentencePiece::new(&[
        ("\u{2581}a", Normal),
        ("ab", Normal),
        ("\u{2581}ab", Normal),
        ("\u{2581}", Normal),
        ("a", Normal),
        ("b", Normal),
        ("<br>", UserDefined),
    ])
}

fn all_ids(tokenizer: &Tokenizer, text: &str, bos: Bos) -> Vec<u32> {
    tokenizer.encode(text.as_bytes(), true, bos).unwrap()
}

#[test]
fn sentence_piece_merges_by_score() {
    let words = words();
    let tokenizer = Tokenizer::from_gguf(&words.keys()).unwrap();
    // "\u{2581}a" goes before "ab" although "ab" could be built as well.
    assert_eq!(all_ids(&tokenizer, "ab", Bos::No), [261]);
    assert_eq!(all_ids(&tokenizer, "bab", Bos::No), [262, 264, 260]);
    assert_eq!(all_ids(&tokenizer, "a b", Bos::No), [259, 262, 264]);
    assert_eq!(tokenizer.vocabulary_size(), words.tokens.len());
}

#[test]
fn the_better_score_wins_over_the_left_place() {
    let mut words = words();
    words.scores[SentencePiece::FIRST_WORD as usize] = f32::NAN;
    let tokenizer = Tokenizer::from_gguf(&words.keys()).unwrap();
    assert_eq!(all_ids(&tokenizer, "ab", Bos::No), [261]);
    words.scores[SentencePiece::FIRST_WORD as usize + 2] = f32::NEG_INFINITY;
    words.tokens[SentencePiece::FIRST_WORD as usize + 2] = "unused".into();
    let tokenizer = Tokenizer::from_gguf(&words.keys()).unwrap();
    assert_eq!(
        all_ids(&tokenizer, "ab", Bos::No),
        [262, 260],
        "not a number is the worst"
    );
}

#[test]
fn unknown_characters_become_bytes() {
    let words = words();
    let tokenizer = Tokenizer::from_gguf(&words.keys()).unwrap();
    let ids = all_ids(&tokenizer, "é", Bos::No);
    assert_eq!(ids, [262, 3 + 0xc3, 3 + 0xa9]);
    assert_eq!(tokenizer.decode(&ids, false).unwrap(), "é");
    assert_eq!(tokenizer.piece(3 + 0xc3), [0xc3]);

    let mut stream = Stream::new(false);
    let texts = ids
        .iter()
        .map(|id| stream.push(&tokenizer, *id).unwrap())
        .collect::<Vec<_>>();
    assert_eq!(texts, ["", "", "é"]);
    assert_eq!(stream.push(&tokenizer, 3 + 0xf0).unwrap(), "");
    assert_eq!(stream.finish(&tokenizer).unwrap(), "\u{fffd}");
}

#[test]
fn the_space_in_front_is_added_and_taken_back() {
    let words = words();
    let mut keys = words.keys();
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, " a", Bos::No), [262, 259]);
    assert_eq!(tokenizer.decode(&[262, 259], false).unwrap(), " a");
    assert_eq!(tokenizer.decode(&[259], false).unwrap(), "a");
    keys.add_space_prefix = Some(false);
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, " a", Bos::No), [259]);
    assert_eq!(tokenizer.decode(&[259], false).unwrap(), " a");
}

#[test]
fn special_tokens_are_parsed_on_request_and_user_defined_ones_always() {
    let words = words();
    let tokenizer = Tokenizer::from_gguf(&words.keys()).unwrap();
    let text = "<s>a<br>";
    assert_eq!(all_ids(&tokenizer, text, Bos::No), [1, 259, 265]);
    let plain = tokenizer.encode(text.as_bytes(), false, Bos::No).unwrap();
    assert!(!plain.contains(&1));
    assert_eq!(plain.last(), Some(&265));
    assert_eq!(
        tokenizer.decode(&[1, 259, 265], false).unwrap(),
        "<s> a<br>"
    );
    assert_eq!(tokenizer.decode(&[1, 259, 265], true).unwrap(), "a<br>");
}

#[test]
fn bos_and_eos_are_added_as_the_file_says() {
    let words = words();
    let mut keys = words.keys();
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "a", Bos::Auto), [1, 259]);
    assert_eq!(all_ids(&tokenizer, "a", Bos::Yes), [1, 259]);
    assert_eq!(tokenizer.settings().ends, [2]);
    keys.add_bos = Some(false);
    keys.add_eos = Some(true);
    keys.eot = Some(1);
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "a", Bos::Auto), [259, 2]);
    assert_eq!(all_ids(&tokenizer, "a", Bos::Yes), [1, 259, 2]);
    assert_eq!(all_ids(&tokenizer, "a", Bos::No), [259]);
    assert_eq!(tokenizer.settings().ends, [1, 2]);
    let stored = Tokenizer::from_json(tokenizer.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(all_ids(&stored, "a", Bos::Auto), [259, 2]);
}

fn byte_level<'a>() -> GgufVocabulary<'a> {
    GgufVocabulary {
        model: "gpt2",
        pre: "llama-bpe",
        tokens: vec!["a", "b", "c", "ab", "abc", "<|eot_id|>"],
        merges: vec!["a b"],
        types: vec![Normal, Normal, Normal, Normal, Normal, Control],
        bos: Some(5),
        ..GgufVocabulary::default()
    }
}

#[test]
fn llama3_takes_whole_words_and_adds_bos() {
    let tokenizer = Tokenizer::from_gguf(&byte_level()).unwrap();
    assert_eq!(all_ids(&tokenizer, "abc", Bos::Auto), [5, 4]);
    assert_eq!(tokenizer.settings().ends, [5]);
    let keys = GgufVocabulary {
        pre: "dbrx",
        ..byte_level()
    };
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "abc", Bos::Auto), [3, 2]);
}

fn word_piece<'a>() -> GgufVocabulary<'a> {
    GgufVocabulary {
        model: "bert",
        tokens: vec![
            "[UNK]",
            "[CLS]",
            "[SEP]",
            "\u{2581}un",
            "able",
            "\u{2581}able",
            "\u{2581}!",
            "\u{2581}#",
            "#",
        ],
        types: vec![
            Control, Control, Control, Normal, Normal, Normal, Normal, Normal, Normal,
        ],
        unknown: Some(0),
        bos: Some(1),
        separator: Some(2),
        ..GgufVocabulary::default()
    }
}

#[test]
fn word_piece_takes_the_longest_part() {
    let tokenizer = Tokenizer::from_gguf(&word_piece()).unwrap();
    assert_eq!(all_ids(&tokenizer, "unable Able!", Bos::No), [3, 4, 5, 6]);
    assert_eq!(all_ids(&tokenizer, "\u{fb}n #", Bos::No), [3, 7]);
    assert_eq!(
        all_ids(&tokenizer, "ableun able", Bos::No),
        [0, 5],
        "a word of which a part is no token is unknown as a whole"
    );
    assert_eq!(
        tokenizer.decode(&[3, 4, 5, 6], false).unwrap(),
        "unable able!"
    );
    let text = "[CLS]able";
    assert_eq!(all_ids(&tokenizer, text, Bos::No), [1, 5]);
    let plain = tokenizer.encode(text.as_bytes(), false, Bos::No).unwrap();
    assert!(!plain.contains(&1));
    assert_eq!(tokenizer.vocabulary_size(), 9);
}

#[test]
fn word_piece_puts_the_separator_behind_a_text() {
    let tokenizer = Tokenizer::from_gguf(&word_piece()).unwrap();
    assert_eq!(all_ids(&tokenizer, "able", Bos::Auto), [1, 5, 2]);
    let keys = GgufVocabulary {
        add_bos: Some(false),
        add_eos: Some(true),
        separator: None,
        eos: Some(0),
        ..word_piece()
    };
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "able", Bos::Auto), [5, 0]);
}

#[test]
fn capital_letters_stay_if_a_token_has_one() {
    let mut keys = word_piece();
    keys.tokens[5] = "\u{2581}Able";
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "Able able", Bos::No), [5, 0]);
    keys.types[5] = Control;
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "Un", Bos::No), [3]);
}

fn unigram<'a>() -> GgufVocabulary<'a> {
    GgufVocabulary {
        model: "t5",
        tokens: vec![
            "<pad>",
            "</s>",
            "<unk>",
            "\u{2581}",
            "a",
            "b",
            "ab",
            "\u{2581}ab",
            "<x>",
        ],
        types: vec![
            Control,
            Control,
            Unknown,
            Normal,
            Normal,
            Normal,
            Normal,
            Normal,
            UserDefined,
        ],
        scores: vec![0.0, 0.0, 0.0, -2.0, -3.0, -3.0, -7.0, -9.5, -1000.0],
        add_space_prefix: Some(true),
        ..GgufVocabulary::default()
    }
}

#[test]
fn unigram_takes_the_greatest_sum() {
    let tokenizer = Tokenizer::from_gguf(&unigram()).unwrap();
    assert_eq!(all_ids(&tokenizer, "ab", Bos::No), [3, 4, 5]);
    assert_eq!(all_ids(&tokenizer, "ab", Bos::Auto), [3, 4, 5, 1]);
    assert_eq!(all_ids(&tokenizer, "cc", Bos::No), [3, 2]);
    assert_eq!(
        all_ids(&tokenizer, "a<x>b</s>", Bos::No),
        [3, 4, 8, 3, 5, 1]
    );
    assert_eq!(all_ids(&tokenizer, "a  b", Bos::No), [3, 4, 3, 3, 5]);
    assert_eq!(tokenizer.decode(&[3, 4, 3, 5], false).unwrap(), "a b");
    let mut keys = unigram();
    keys.scores[7] = -7.5;
    keys.add_space_prefix = None;
    keys.remove_extra_whitespaces = Some(true);
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "  ab   ab ", Bos::No), [4, 5, 7]);
}

#[test]
fn unigram_falls_back_to_bytes_if_there_are_any() {
    let mut keys = unigram();
    for (id, token) in [(4, "<0xC3>"), (5, "<0xA9>")] {
        keys.tokens[id] = token;
        keys.types[id] = Byte;
    }
    let tokenizer = Tokenizer::from_gguf(&keys).unwrap();
    assert_eq!(all_ids(&tokenizer, "\u{e9}", Bos::No), [3, 4, 5]);
    assert_eq!(tokenizer.decode(&[3, 4, 5], false).unwrap(), "\u{e9}");
}

#[test]
fn contradictory_keys_are_refused() {
    let failure = |keys: GgufVocabulary| Tokenizer::from_gguf(&keys).err().unwrap();
    let keys = byte_level;
    assert_eq!(
        failure(GgufVocabulary {
            model: "rwkv",
            ..keys()
        }),
        "tokenizer.ggml.model: expected gpt2, llama, bert or t5, found \"rwkv\""
    );
    assert_eq!(
        failure(GgufVocabulary {
            pre: "kimi-k2",
            ..keys()
        }),
        "tokenizer.ggml.pre: expected a known pre-tokeniser, found \"kimi-k2\""
    );
    assert_eq!(
        failure(GgufVocabulary {
            types: vec![Normal],
            ..keys()
        }),
        "tokenizer.ggml.token_type: expected 6 entries, one a token, found 1"
    );
    assert_eq!(
        failure(GgufVocabulary {
            merges: vec!["ab"],
            ..keys()
        }),
        "tokenizer.ggml.merges: expected two tokens and a space, found \"ab\""
    );
    assert_eq!(
        failure(GgufVocabulary {
            merges: vec!["a d"],
            ..keys()
        }),
        "tokenizer.ggml.merges: Token `d` out of vocabulary"
    );
    assert_eq!(
        failure(GgufVocabulary {
            merges: vec![],
            ..keys()
        }),
        "tokenizer.ggml.merges: expected merges, found none"
    );
    assert_eq!(
        failure(GgufVocabulary {
            model: "llama",
            ..keys()
        }),
        "tokenizer.ggml.scores: expected scores, found none"
    );
    assert_eq!(
        failure(GgufVocabulary {
            bos: Some(6),
            ..keys()
        }),
        "BOS token: expected the id of a token, found 6"
    );
    assert_eq!(
        failure(GgufVocabulary {
            tokens: vec!["a", "b", "c", "ab", "ab", "d"],
            ..keys()
        }),
        "tokenizer.ggml.tokens: expected each token once, found \"ab\" as 3 and 4"
    );
    assert_eq!(
        failure(GgufVocabulary {
            unknown: None,
            ..word_piece()
        }),
        "tokenizer.ggml.unknown_token_id: expected the id of a token, found 100"
    );
    assert_eq!(
        failure(GgufVocabulary {
            unknown: Some(9),
            ..unigram()
        }),
        "tokenizer.ggml.unknown_token_id: expected the id of a token, found 9"
    );
    assert_eq!(
        failure(GgufVocabulary {
            scores: vec![],
            ..unigram()
        }),
        "tokenizer.ggml.scores: expected scores, found none"
    );
    assert_eq!(
        failure(GgufVocabulary {
            scores: vec![0.0, 0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0, 0.0, 0.0],
            ..unigram()
        }),
        "tokenizer.ggml.scores: expected finite numbers, found NaN for token 5"
    );
    let charsmap = |charsmap| {
        failure(GgufVocabulary {
            charsmap,
            ..unigram()
        })
    };
    assert_eq!(
        charsmap(&[1, 2]),
        "tokenizer.ggml.precompiled_charsmap: expected the size of a tree in the 0 bytes behind \
         it, found none"
    );
    assert_eq!(
        charsmap(&[255, 255, 255, 255, 0, 0, 0, 0]),
        "tokenizer.ggml.precompiled_charsmap: expected the size of a tree in the 4 bytes behind \
         it, found 4294967295"
    );
    assert_eq!(
        charsmap(&[4, 0, 0, 0, 0, 0, 0, 0, 255]),
        "tokenizer.ggml.precompiled_charsmap: expected UTF-8 behind a tree of 4 bytes, found \
         other bytes"
    );
}
