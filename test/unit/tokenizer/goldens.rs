// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Ids, texts and prompts of real models, as llama.cpp and the `tokenizers`
//! package give them.

use crate::data::{self, ids, minilm_as_gguf, read, smollm2, text_bytes, unigram};
use tern_tokenizer::{Bos, ChatOptions, Message, Stream, Tokenizer};

#[test]
fn smollm2_gives_the_reference_ids() {
    let tokenizer = smollm2();
    let stored = Tokenizer::from_json(tokenizer.to_json().unwrap().as_bytes()).unwrap();
    let rows = read("smollm2/tokens.json");
    let rows = rows["strings"].as_array().unwrap();
    assert_eq!(rows.len(), 46);
    for row in rows {
        let text = text_bytes(row);
        for (special, expected) in [(false, &row["ids"]), (true, &row["ids_special"])] {
            let expected = ids(expected);
            assert_eq!(
                tokenizer.encode(&text, special, Bos::Auto).unwrap(),
                expected,
                "{row}"
            );
            assert_eq!(
                stored.encode(&text, special, Bos::No).unwrap(),
                expected,
                "{row}"
            );
        }
    }
}

#[test]
fn smollm2_gives_the_text_back() {
    let tokenizer = smollm2();
    for row in read("smollm2/tokens.json")["strings"].as_array().unwrap() {
        for (ids_key, key) in [("ids", "decoded"), ("ids_special", "decoded_special")] {
            let ids = ids(&row[ids_key]);
            let expected = match &row[key] {
                serde_json::Value::Bool(true) => row["text"].as_str().unwrap(),
                other => other["text"].as_str().unwrap(),
            };
            assert_eq!(tokenizer.decode(&ids, false).unwrap(), expected, "{row}");

            let mut stream = Stream::new(false);
            let mut text = String::new();
            for id in &ids {
                text += &stream.push(&tokenizer, *id).unwrap();
            }
            text += &stream.finish(&tokenizer).unwrap();
            assert_eq!(text, expected, "{row}");

            let pieces: Vec<u8> = ids.iter().flat_map(|id| tokenizer.piece(*id)).collect();
            assert_eq!(String::from_utf8_lossy(&pieces), expected, "{row}");
        }
    }
}

#[test]
fn smollm2_gives_the_ids_of_prompts() {
    let tokenizer = smollm2();
    let prompts = read("smollm2/prompts.json");
    for prompt in prompts["prompts"].as_array().unwrap() {
        let text = prompt["text"].as_str().unwrap();
        let without_bos = ids(&prompt["ids_without_bos"]);
        assert_eq!(
            tokenizer.encode(text.as_bytes(), true, Bos::Auto).unwrap(),
            without_bos
        );
        let with_bos = tokenizer.encode(text.as_bytes(), true, Bos::Yes).unwrap();
        assert_eq!(with_bos.first(), Some(&1));
        assert!(with_bos.ends_with(&without_bos));
        assert_eq!(tokenizer.decode(&without_bos, false).unwrap(), text);
    }
    assert_eq!(tokenizer.settings().bos, Some(1));
    assert_eq!(tokenizer.settings().eos, Some(2));
    assert_eq!(
        tokenizer.settings().ends,
        [0, 2],
        "<|endoftext|> and <|im_end|>"
    );
    assert_eq!(tokenizer.vocabulary_size(), 49152);
}

#[test]
fn smollm2_renders_the_reference_chat() {
    let prompts = read("smollm2/prompts.json");
    let chat = prompts["prompts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["name"] == "chat");
    let message = Message {
        role: "user".into(),
        content: "What is the capital of France?".into(),
    };
    let options = ChatOptions {
        add_generation_prompt: true,
        now: None,
    };
    let text = smollm2().apply_chat_template(&[message], &options).unwrap();
    assert_eq!(text, chat.unwrap()["text"].as_str().unwrap());
}

/// Its file switches padding and truncation on; the last sentence has more than
/// the 128 tokens that it would be cut to.
#[test]
fn minilm_gives_the_reference_ids() {
    let file = std::fs::read(data::path("minilm/tokenizer.json")).unwrap();
    gives_the_ids_of_minilm(&Tokenizer::from_json(&file).unwrap());
}

#[test]
fn minilm_in_gguf_gives_the_reference_ids() {
    let tokenizer = minilm_as_gguf();
    gives_the_ids_of_minilm(&tokenizer);
    assert_eq!(tokenizer.vocabulary_size(), 30522);
    let stored = Tokenizer::from_json(tokenizer.to_json().unwrap().as_bytes()).unwrap();
    gives_the_ids_of_minilm(&stored);
}

fn gives_the_ids_of_minilm(tokenizer: &Tokenizer) {
    for row in read("minilm/tokens.json")["strings"].as_array().unwrap() {
        let expected = ids(&row["ids"]);
        assert_eq!(
            tokenizer.encode(&text_bytes(row), true, Bos::No).unwrap(),
            expected,
            "{row}"
        );
        if let Some(text) = row["decoded"].as_str() {
            assert_eq!(tokenizer.decode(&expected, false).unwrap(), text);
        }
    }
    let sentences = read("minilm/sentences.json");
    for row in sentences["sentences"].as_array().unwrap() {
        let mut expected = ids(&row["ids"]);
        let mut found = tokenizer.encode(&text_bytes(row), true, Bos::Auto).unwrap();
        if expected.len() == 256 {
            expected.truncate(255);
            assert!(found.len() > 256);
            found.truncate(255);
        }
        assert_eq!(found, expected, "{row}");
    }
}

#[test]
fn unigram_gives_the_ids_of_sentence_piece() {
    let tokenizer = unigram(&std::fs::read(data::path("../unigram/charsmap")).unwrap());
    let stored = Tokenizer::from_json(tokenizer.to_json().unwrap().as_bytes()).unwrap();
    let rows = read("../unigram/tokens.json");
    for row in rows["strings"].as_array().unwrap() {
        let mut expected = ids(&row["ids"]);
        for tokenizer in [&tokenizer, &stored] {
            let found = tokenizer.encode(&text_bytes(row), false, Bos::No).unwrap();
            assert_eq!(found, expected, "{row}");
        }
        if let Some(text) = row["decoded"].as_str() {
            assert_eq!(tokenizer.decode(&expected, false).unwrap(), text);
        }
        expected.push(1);
        let found = tokenizer
            .encode(&text_bytes(row), false, Bos::Auto)
            .unwrap();
        assert_eq!(found, expected, "ends with EOS: {row}");
    }
    assert_eq!(tokenizer.settings().bos, None);
    assert_eq!(tokenizer.settings().ends, [1]);
}

#[test]
fn a_stored_tokenizer_is_the_same_to_the_byte() {
    let minilm = std::fs::read(data::path("minilm/tokenizer.json")).unwrap();
    let minilm = Tokenizer::from_json(&minilm).unwrap();
    for tokenizer in [smollm2(), minilm, minilm_as_gguf()] {
        let stored = tokenizer.to_json().unwrap();
        let again = Tokenizer::from_json(stored.as_bytes()).unwrap();
        assert_eq!(again.settings(), tokenizer.settings());
        assert!(again.to_json().unwrap() == stored);
    }
}
