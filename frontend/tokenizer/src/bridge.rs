// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The one door to C++. All text crosses as bytes, for none of it is promised to
//! be UTF-8 and cxx would end the program over it. A panic becomes a failure.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use crate::{
    Bos, ChatOptions, Failure, GgufVocabulary, HuggingFaceFiles, Message, Stream, TokenType,
    Tokenizer,
};

#[cxx::bridge(namespace = "tern::text::bridge")]
pub(crate) mod ffi {
    /// Why a call failed. A struct and not a `Result`: callers are built without
    /// C++ exceptions.
    #[derive(Default)]
    struct Status {
        ok: bool,
        message: Vec<u8>,
    }

    /// The keys of a GGUF file. A list of strings is one array of bytes and the
    /// end of each string in it; an absent id is -1, an absent flag -1 beside 0
    /// and 1.
    struct GgufKeys<'a> {
        model: &'a [u8],
        pre: &'a [u8],
        token_bytes: &'a [u8],
        token_ends: &'a [u64],
        merge_bytes: &'a [u8],
        merge_ends: &'a [u64],
        scores: &'a [f32],
        types: &'a [i32],
        bos: i64,
        eos: i64,
        eot: i64,
        unknown: i64,
        separator: i64,
        add_bos: i8,
        add_eos: i8,
        add_space_prefix: i8,
        remove_extra_whitespaces: i8,
        charsmap: &'a [u8],
        chat_template: &'a [u8],
    }

    struct HuggingFaceBytes<'a> {
        tokenizer: &'a [u8],
        tokenizer_config: &'a [u8],
        generation_config: &'a [u8],
        chat_template: &'a [u8],
    }

    /// As `Settings`, an absent id as -1.
    #[derive(Default)]
    struct Facts {
        vocabulary_size: u64,
        bos: i64,
        eos: i64,
        ends: Vec<u32>,
        has_chat_template: bool,
    }

    struct ChatMessage<'a> {
        role: &'a [u8],
        content: &'a [u8],
    }

    extern "Rust" {
        type Handle;
        type StreamHandle;

        /// A handle in which there is no tokenizer yet.
        fn empty_handle() -> Box<Handle>;
        fn load_json(handle: &mut Handle, bytes: &[u8]) -> Status;
        fn load_hugging_face(handle: &mut Handle, files: &HuggingFaceBytes) -> Status;
        fn load_gguf(handle: &mut Handle, keys: &GgufKeys) -> Status;

        fn store_json(handle: &Handle, bytes: &mut Vec<u8>) -> Status;
        fn facts(handle: &Handle, facts: &mut Facts) -> Status;
        /// `bos`: 0 auto, 1 yes, 2 no.
        fn encode(
            handle: &Handle,
            text: &[u8],
            special: bool,
            bos: u8,
            ids: &mut Vec<u32>,
        ) -> Status;
        fn decode(handle: &Handle, ids: &[u32], skip_special: bool, text: &mut Vec<u8>) -> Status;
        fn piece(handle: &Handle, id: u32, bytes: &mut Vec<u8>) -> Status;
        /// `now` is passed over unless `has_now`.
        fn apply_chat_template(
            handle: &Handle,
            messages: &[ChatMessage],
            add_generation_prompt: bool,
            has_now: bool,
            now: i64,
            text: &mut Vec<u8>,
        ) -> Status;

        fn make_stream(handle: &Handle, skip_special: bool) -> Box<StreamHandle>;
        fn push(stream: &mut StreamHandle, id: u32, text: &mut Vec<u8>) -> Status;
        fn finish(stream: &mut StreamHandle, text: &mut Vec<u8>) -> Status;
    }
}

use ffi::{ChatMessage, Facts, GgufKeys, HuggingFaceBytes, Status};

/// A tokenizer never changes once it is there, so streams share it.
pub(crate) struct Handle(Option<Arc<Tokenizer>>);

pub(crate) struct StreamHandle {
    tokenizer: Option<Arc<Tokenizer>>,
    stream: Stream,
}

thread_local! {
    static CATCHING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Panics that are caught here are not printed; all others are, as before.
fn silence_caught_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !CATCHING.get() {
                before(info);
            }
        }));
    });
}

fn guard(body: impl FnOnce() -> Result<(), Failure>) -> Status {
    silence_caught_panics();
    CATCHING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(body));
    CATCHING.set(false);
    let message = match outcome {
        Ok(Ok(())) => {
            return Status {
                ok: true,
                message: Vec::new(),
            };
        }
        Ok(Err(message)) => message,
        Err(panic) => {
            let reason = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no reason given");
            format!("the tokenizer library gave up: {reason}")
        }
    };
    Status {
        ok: false,
        message: message.into_bytes(),
    }
}

fn loaded(tokenizer: &Option<Arc<Tokenizer>>) -> Result<&Tokenizer, Failure> {
    tokenizer
        .as_deref()
        .ok_or_else(|| "no tokenizer is loaded".into())
}

fn load(handle: &mut Handle, make: impl FnOnce() -> Result<Tokenizer, Failure>) -> Status {
    guard(|| {
        handle.0 = Some(Arc::new(make()?));
        Ok(())
    })
}

fn empty_handle() -> Box<Handle> {
    Box::new(Handle(None))
}

fn load_json(handle: &mut Handle, bytes: &[u8]) -> Status {
    load(handle, || Tokenizer::from_json(bytes))
}

fn load_hugging_face(handle: &mut Handle, files: &HuggingFaceBytes) -> Status {
    load(handle, || {
        Tokenizer::from_hugging_face(&HuggingFaceFiles {
            tokenizer: files.tokenizer,
            tokenizer_config: files.tokenizer_config,
            generation_config: files.generation_config,
            chat_template: files.chat_template,
        })
    })
}

fn load_gguf(handle: &mut Handle, keys: &GgufKeys) -> Status {
    load(handle, || {
        let id = |id: i64| u32::try_from(id).ok();
        let flag = |flag: i8| (flag >= 0).then_some(flag != 0);
        Tokenizer::from_gguf(&GgufVocabulary {
            model: utf8("tokenizer.ggml.model", keys.model)?,
            pre: utf8("tokenizer.ggml.pre", keys.pre)?,
            tokens: strings("tokenizer.ggml.tokens", keys.token_bytes, keys.token_ends)?,
            merges: strings("tokenizer.ggml.merges", keys.merge_bytes, keys.merge_ends)?,
            scores: keys.scores.to_vec(),
            types: keys
                .types
                .iter()
                .map(|t| token_type(*t))
                .collect::<Result<_, _>>()?,
            bos: id(keys.bos),
            eos: id(keys.eos),
            eot: id(keys.eot),
            unknown: id(keys.unknown),
            separator: id(keys.separator),
            add_bos: flag(keys.add_bos),
            add_eos: flag(keys.add_eos),
            add_space_prefix: flag(keys.add_space_prefix),
            remove_extra_whitespaces: flag(keys.remove_extra_whitespaces),
            charsmap: keys.charsmap,
            chat_template: utf8("tokenizer.chat_template", keys.chat_template)?,
        })
    })
}

fn utf8<'a>(key: &str, bytes: &'a [u8]) -> Result<&'a str, Failure> {
    std::str::from_utf8(bytes).map_err(|_| format!("{key}: expected UTF-8, found other bytes"))
}

fn strings<'a>(key: &str, bytes: &'a [u8], ends: &[u64]) -> Result<Vec<&'a str>, Failure> {
    let mut start = 0;
    let mut all = Vec::with_capacity(ends.len());
    for (index, end) in ends.iter().enumerate() {
        let end = *end as usize;
        let text = bytes
            .get(start..end)
            .and_then(|bytes| std::str::from_utf8(bytes).ok());
        all.push(
            text.ok_or_else(|| format!("{key}: entry {index}: expected UTF-8, found other bytes"))?,
        );
        start = end;
    }
    Ok(all)
}

/// The numbers of `tokenizer.ggml.token_type`.
fn token_type(number: i32) -> Result<TokenType, Failure> {
    match number {
        1 => Ok(TokenType::Normal),
        2 => Ok(TokenType::Unknown),
        3 => Ok(TokenType::Control),
        4 => Ok(TokenType::UserDefined),
        5 => Ok(TokenType::Unused),
        6 => Ok(TokenType::Byte),
        _ => Err(format!(
            "tokenizer.ggml.token_type: expected types from 1 to 6, found {number}"
        )),
    }
}

fn store_json(handle: &Handle, bytes: &mut Vec<u8>) -> Status {
    guard(|| {
        *bytes = loaded(&handle.0)?.to_json()?.into_bytes();
        Ok(())
    })
}

fn facts(handle: &Handle, facts: &mut Facts) -> Status {
    guard(|| {
        let tokenizer = loaded(&handle.0)?;
        let settings = tokenizer.settings();
        let id = |id: Option<u32>| id.map_or(-1, i64::from);
        *facts = Facts {
            vocabulary_size: tokenizer.vocabulary_size() as u64,
            bos: id(settings.bos),
            eos: id(settings.eos),
            ends: settings.ends.clone(),
            has_chat_template: !settings.chat_template.is_empty(),
        };
        Ok(())
    })
}

fn encode(handle: &Handle, text: &[u8], special: bool, bos: u8, ids: &mut Vec<u32>) -> Status {
    guard(|| {
        let bos = match bos {
            0 => Bos::Auto,
            1 => Bos::Yes,
            _ => Bos::No,
        };
        *ids = loaded(&handle.0)?.encode(text, special, bos)?;
        Ok(())
    })
}

fn decode(handle: &Handle, ids: &[u32], skip_special: bool, text: &mut Vec<u8>) -> Status {
    guard(|| {
        *text = loaded(&handle.0)?.decode(ids, skip_special)?.into_bytes();
        Ok(())
    })
}

fn piece(handle: &Handle, id: u32, bytes: &mut Vec<u8>) -> Status {
    guard(|| {
        *bytes = loaded(&handle.0)?.piece(id);
        Ok(())
    })
}

fn apply_chat_template(
    handle: &Handle,
    messages: &[ChatMessage],
    add_generation_prompt: bool,
    has_now: bool,
    now: i64,
    text: &mut Vec<u8>,
) -> Status {
    guard(|| {
        let string = |bytes| crate::utf8::replace_each_bad_byte(bytes).into_owned();
        let messages: Vec<Message> = messages
            .iter()
            .map(|m| Message {
                role: string(m.role),
                content: string(m.content),
            })
            .collect();
        let options = ChatOptions {
            add_generation_prompt,
            now: has_now.then_some(now),
        };
        *text = loaded(&handle.0)?
            .apply_chat_template(&messages, &options)?
            .into_bytes();
        Ok(())
    })
}

fn make_stream(handle: &Handle, skip_special: bool) -> Box<StreamHandle> {
    Box::new(StreamHandle {
        tokenizer: handle.0.clone(),
        stream: Stream::new(skip_special),
    })
}

fn push(stream: &mut StreamHandle, id: u32, text: &mut Vec<u8>) -> Status {
    guard(|| {
        *text = stream
            .stream
            .push(loaded(&stream.tokenizer)?, id)?
            .into_bytes();
        Ok(())
    })
}

fn finish(stream: &mut StreamHandle, text: &mut Vec<u8>) -> Status {
    guard(|| {
        *text = stream
            .stream
            .finish(loaded(&stream.tokenizer)?)?
            .into_bytes();
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure() {
        let status = guard(|| panic!("broken {}", 1));
        assert!(!status.ok);
        assert_eq!(status.message, b"the tokenizer library gave up: broken 1");
        assert!(!CATCHING.get());
    }

    #[test]
    fn a_handle_without_a_tokenizer_refuses() {
        let mut ids = Vec::new();
        let status = encode(&empty_handle(), b"text", true, 0, &mut ids);
        assert_eq!(status.message, b"no tokenizer is loaded");
    }
}
