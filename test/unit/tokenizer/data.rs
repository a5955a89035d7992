// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The files under test/data/real.

use serde_json::Value;
use std::path::PathBuf;
use tern_tokenizer::{GgufVocabulary, TokenType, Tokenizer};

pub fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../test/data/real", name]
        .iter()
        .collect()
}

pub fn read(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(path(name)).unwrap()).unwrap()
}

pub fn ids(list: &Value) -> Vec<u32> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_u64().unwrap() as u32)
        .collect()
}

/// A row's text, or its bytes where they are not UTF-8.
pub fn text_bytes(row: &Value) -> Vec<u8> {
    let Some(hex) = row["hex"].as_str() else {
        return row["text"].as_str().unwrap().as_bytes().to_vec();
    };
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}

/// From the keys of its GGUF file.
pub fn smollm2() -> Tokenizer {
    let keys = read("smollm2/gguf_tokenizer.json");
    let key = |name: &str| &keys[format!("tokenizer.ggml.{name}")];
    let strings = |name| {
        key(name)
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_str().unwrap())
            .collect()
    };
    let types = key("token_type")
        .as_array()
        .unwrap()
        .iter()
        .map(|number| match number.as_u64() {
            Some(1) => TokenType::Normal,
            Some(3) => TokenType::Control,
            other => panic!("{other:?}"),
        });
    let id = |name| key(name).as_u64().map(|id| id as u32);
    let vocabulary = GgufVocabulary {
        model: key("model").as_str().unwrap(),
        pre: key("pre").as_str().unwrap(),
        tokens: strings("tokens"),
        merges: strings("merges"),
        types: types.collect(),
        bos: id("bos_token_id"),
        eos: id("eos_token_id"),
        add_bos: key("add_bos_token").as_bool(),
        chat_template: keys["tokenizer.chat_template"].as_str().unwrap(),
        ..GgufVocabulary::default()
    };
    Tokenizer::from_gguf(&vocabulary).unwrap()
}

/// MiniLM's as llama.cpp's converter writes it: "##" gone, U+2581 in front of the
/// other tokens but special ones.
pub fn minilm_as_gguf() -> Tokenizer {
    let file = read("minilm/tokenizer.json");
    let vocabulary = file["model"]["vocab"].as_object().unwrap();
    let mut tokens = vec![String::new(); vocabulary.len()];
    for (token, id) in vocabulary {
        tokens[id.as_u64().unwrap() as usize] = match token.strip_prefix("##") {
            Some(rest) => rest.to_owned(),
            None => format!("\u{2581}{token}"),
        };
    }
    let mut types = vec![TokenType::Normal; tokens.len()];
    for added in file["added_tokens"].as_array().unwrap() {
        let id = added["id"].as_u64().unwrap() as usize;
        tokens[id] = added["content"].as_str().unwrap().to_owned();
        types[id] = TokenType::Control;
    }
    Tokenizer::from_gguf(&GgufVocabulary {
        model: "bert",
        pre: "default",
        tokens: tokens.iter().map(String::as_str).collect(),
        types,
        ..GgufVocabulary::default()
    })
    .unwrap()
}

/// A small model of SentencePiece's, from the keys of a GGUF file.
pub fn unigram(charsmap: &[u8]) -> Tokenizer {
    let keys = read("../unigram/keys.json");
    let key = |name: &str| &keys[format!("tokenizer.ggml.{name}")];
    let list = |name| key(name).as_array().unwrap();
    let types = list("token_type")
        .iter()
        .map(|number| match number.as_u64() {
            Some(1) => TokenType::Normal,
            Some(2) => TokenType::Unknown,
            Some(3) => TokenType::Control,
            other => panic!("{other:?}"),
        });
    let scores = list("scores")
        .iter()
        .map(|score| score.as_f64().unwrap() as f32);
    Tokenizer::from_gguf(&GgufVocabulary {
        model: key("model").as_str().unwrap(),
        tokens: list("tokens").iter().map(|t| t.as_str().unwrap()).collect(),
        types: types.collect(),
        scores: scores.collect(),
        add_space_prefix: key("add_space_prefix").as_bool(),
        remove_extra_whitespaces: key("remove_extra_whitespaces").as_bool(),
        charsmap,
        ..GgufVocabulary::default()
    })
    .unwrap()
}
