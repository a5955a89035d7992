// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! tokenizer.json, good and bad, and the files beside it.

use serde_json::{Value, json};
use tern_tokenizer::{Bos, HuggingFaceFiles, Stream, Tokenizer};

fn small() -> Value {
    json!({
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null,
                    "pad_id": 0, "pad_type_id": 0, "pad_token": "a"},
        "added_tokens": [{"id": 3, "content": "<s>", "single_word": false, "lstrip": false,
                          "rstrip": false, "normalized": false, "special": true}],
        "normalizer": null,
        "pre_tokenizer": null,
        "post_processor": null,
        "decoder": {"type": "Fuse"},
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "vocab": {"a": 0, "b": 1, "ab": 2},
                  "merges": ["a b"]}
    })
}

fn load(value: &Value) -> Result<Tokenizer, String> {
    Tokenizer::from_json(value.to_string().as_bytes())
}

fn failure(change: impl FnOnce(&mut Value)) -> String {
    let mut value = small();
    change(&mut value);
    load(&value).err().expect("a failure")
}

#[test]
fn padding_and_truncation_are_switched_off() {
    let tokenizer = load(&small()).unwrap();
    assert_eq!(
        tokenizer.encode(b"ababb", true, Bos::Auto).unwrap(),
        [2, 2, 1]
    );
    assert_eq!(tokenizer.vocabulary_size(), 4);
}

#[test]
fn both_spellings_of_merges_are_read() {
    let mut value = small();
    value["model"]["merges"] = json!([["a", "b"]]);
    assert_eq!(
        load(&value).unwrap().encode(b"ab", true, Bos::No).unwrap(),
        [2]
    );
}

/// Fuse alone joins tokens: the library decodes, and a stream takes its window.
#[test]
fn a_stream_of_the_librarys_decoder_gives_the_same_text() {
    let tokenizer = load(&small()).unwrap();
    let mut stream = Stream::new(true);
    let mut text = String::new();
    for id in [3, 2, 1, 0] {
        text += &stream.push(&tokenizer, id).unwrap();
    }
    text += &stream.finish(&tokenizer).unwrap();
    assert_eq!(text, "abba");
    assert_eq!(tokenizer.decode(&[3, 2, 1, 0], true).unwrap(), "abba");
}

#[test]
fn bos_needs_a_name() {
    let tokenizer = load(&small()).unwrap();
    let failure = tokenizer.encode(b"a", true, Bos::Yes).unwrap_err();
    assert_eq!(failure, "the tokenizer names no BOS token");
}

#[test]
fn damaged_files_are_refused() {
    assert_eq!(
        Tokenizer::from_json(b"{").err().unwrap(),
        "expected a tokenizer in JSON, found an error: EOF while parsing an object at line 1 column 1"
    );
    assert_eq!(
        failure(|v| v["version"] = json!("2.0")),
        "version: expected \"1.0\", found \"2.0\""
    );
    assert_eq!(
        failure(|v| v["model"] = json!(null)),
        "model: expected one, found none"
    );
    assert_eq!(
        failure(|v| v["added_tokens"][0]["id"] = json!(7)),
        "added token \"<s>\": expected its number 3 as id, found 7"
    );
    assert_eq!(
        failure(|v| v["model"]["merges"] = json!(["a c"])),
        "model: expected one that can be read, found type \"BPE\": Token `c` out of vocabulary"
    );
    assert_eq!(
        failure(|v| v["model"]["dropout"] = json!(0.5)),
        "model: expected one that can be read, found type \"BPE\": it asks for dropout, which makes \
         tokens random"
    );
    let message = failure(|v| v["model"]["vocab"]["z"] = json!(1 << 24));
    assert!(
        message.contains("token \"z\" has id 16777216, not below 16777216"),
        "{message}"
    );
    let message = failure(|v| v["tern"] = json!({"bos": 9, "ends": []}));
    assert_eq!(message, "BOS token: expected the id of a token, found 9");
    let message = failure(|v| v["decoder"] = json!({"type": "Morse"}));
    assert!(
        message.starts_with("decoder: expected one that can be read, found type \"Morse\""),
        "{message}"
    );
}

#[test]
fn the_files_of_a_directory_are_put_together() {
    let tokenizer_json = small().to_string();
    let config = json!({"bos_token": {"content": "<s>"}, "eos_token": "b",
                        "chat_template": [{"name": "tools", "template": "no"},
                                          {"name": "default", "template": "yes"}]});
    let config = config.to_string();
    let files = HuggingFaceFiles {
        tokenizer: tokenizer_json.as_bytes(),
        tokenizer_config: config.as_bytes(),
        generation_config: br#"{"eos_token_id": [1, 2]}"#,
        chat_template: b"",
    };
    let tokenizer = Tokenizer::from_hugging_face(&files).unwrap();
    let settings = tokenizer.settings();
    assert_eq!((settings.bos, settings.eos), (Some(3), Some(1)));
    assert_eq!(settings.ends, [1, 2]);
    assert_eq!(settings.chat_template, "yes");
    assert_eq!(tokenizer.encode(b"a", true, Bos::Yes).unwrap(), [3, 0]);

    let files = HuggingFaceFiles {
        chat_template: b"file",
        ..files
    };
    assert_eq!(
        Tokenizer::from_hugging_face(&files)
            .unwrap()
            .settings()
            .chat_template,
        "file"
    );

    let files = HuggingFaceFiles {
        tokenizer_config: br#"{"bos_token": "<x>"}"#,
        ..files
    };
    let failure = Tokenizer::from_hugging_face(&files).err().unwrap();
    assert_eq!(
        failure,
        "tokenizer_config.json: bos_token: expected a token, found \"<x>\""
    );
    let files = HuggingFaceFiles {
        tokenizer_config: b"[]",
        ..files
    };
    let failure = Tokenizer::from_hugging_face(&files).err().unwrap();
    assert_eq!(
        failure,
        "tokenizer_config.json: expected a JSON object, found another value"
    );
}
