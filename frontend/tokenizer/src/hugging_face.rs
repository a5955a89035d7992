// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A tokenizer from the files of a Hugging Face directory.

use serde_json::Value;

use crate::{Failure, Tokenizer};

/// The files' contents; all but the first are empty where there is no such file.
#[derive(Clone, Copy, Debug, Default)]
pub struct HuggingFaceFiles<'a> {
    /// `tokenizer.json`
    pub tokenizer: &'a [u8],
    /// `tokenizer_config.json`: names BOS and EOS, may hold the chat template.
    pub tokenizer_config: &'a [u8],
    /// `generation_config.json`: says which tokens end a text.
    pub generation_config: &'a [u8],
    /// `chat_template.jinja`: wins over the one in `tokenizer_config.json`.
    pub chat_template: &'a [u8],
}

impl Tokenizer {
    pub fn from_hugging_face(files: &HuggingFaceFiles) -> Result<Self, Failure> {
        let mut tokenizer =
            Self::from_json(files.tokenizer).map_err(|e| format!("tokenizer.json: {e}"))?;
        let config = parse("tokenizer_config.json", files.tokenizer_config)?;
        let generation = parse("generation_config.json", files.generation_config)?;

        let mut settings = std::mem::take(&mut tokenizer.settings);
        for (key, id) in [
            ("bos_token", &mut settings.bos),
            ("eos_token", &mut settings.eos),
        ] {
            let Some(token) = token_text(&config[key]) else {
                continue;
            };
            *id = Some(tokenizer.token_to_id(token).ok_or_else(|| {
                format!("tokenizer_config.json: {key}: expected a token, found {token:?}")
            })?);
        }
        settings.chat_template = match std::str::from_utf8(files.chat_template) {
            Ok("") => template_of(&config["chat_template"])
                .unwrap_or_default()
                .to_owned(),
            Ok(template) => template.to_owned(),
            Err(_) => return Err("chat_template.jinja: expected UTF-8, found other bytes".into()),
        };
        let named = ids(&generation["eos_token_id"]);
        settings.eos = settings.eos.or(named.first().copied());
        settings.collect_ends(named, |token| tokenizer.special_id(token));
        Self::new(tokenizer.library, settings)
    }
}

fn parse(name: &str, bytes: &[u8]) -> Result<Value, Failure> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(format!(
            "{name}: expected a JSON object, found another value"
        )),
        Err(error) => Err(format!("{name}: expected JSON, found an error: {error}")),
    }
}

/// A token is named by its text, or by an object with it.
fn token_text(value: &Value) -> Option<&str> {
    value.as_str().or(value["content"].as_str())
}

/// One template, or a list of named ones.
fn template_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| {
        let default = value.as_array()?.iter().find(|t| t["name"] == "default")?;
        default["template"].as_str()
    })
}

/// One id or a list.
fn ids(value: &Value) -> Vec<u32> {
    let list = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter()
        .filter_map(|id| u32::try_from(id.as_u64()?).ok())
        .collect()
}
