// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Chat templates, as Hugging Face renders them.

use chrono::DateTime;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, context};
use std::fmt::Write;

use crate::python_json::{self, Style};
use crate::{Failure, Tokenizer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub role: String,
    pub content: String,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct ChatOptions {
    /// Ends with what opens the model's answer.
    pub add_generation_prompt: bool,
    /// What `strftime_now` shows, in seconds since 1970, UTC. The clock is never
    /// asked: without this, the function is undefined, and templates have a
    /// fixed date for that case.
    pub now: Option<i64>,
}

/// A bound on a template's steps (some millions a second), so that a hostile one
/// ends; a chat of a thousand messages takes under a hundredth of it.
const FUEL: u64 = 5_000_000;

impl Tokenizer {
    /// The text of a conversation. Its special tokens are written out, so it is
    /// to be encoded with `special`, and with `Bos::No` or the template's own
    /// BOS would be doubled.
    pub fn apply_chat_template(
        &self,
        messages: &[Message],
        options: &ChatOptions,
    ) -> Result<String, Failure> {
        let template = without_generation_tags(&self.settings.chat_template);
        if template.is_empty() {
            return Err("expected a chat template, found none".into());
        }
        let environment = environment(options.now).map_err(|e| describe(&e))?;
        let messages: Vec<Value> = messages
            .iter()
            .map(|m| context! { role => &*m.role, content => &*m.content })
            .collect();
        let token = |id: Option<u32>| {
            id.map(|id| String::from_utf8_lossy(&self.piece(id)).into_owned())
                .unwrap_or_default()
        };
        let values = context! {
            messages,
            add_generation_prompt => options.add_generation_prompt,
            bos_token => token(self.settings.bos),
            eos_token => token(self.settings.eos),
        };
        environment
            .render_str(&template, values)
            .map_err(|e| describe(&e))
    }
}

fn environment(now: Option<i64>) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("tojson", to_json);
    environment.add_function(
        "raise_exception",
        |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        },
    );
    if let Some(now) = now {
        environment.add_function("strftime_now", move |format: String| {
            format_time(now, &format)
        });
    }
    Ok(environment)
}

fn format_time(now: i64, format: &str) -> Result<String, Error> {
    let wrong = |detail: String| Error::new(ErrorKind::InvalidOperation, detail);
    let time = DateTime::from_timestamp(now, 0)
        .ok_or_else(|| wrong(format!("{now} seconds since 1970 is no date")))?;
    let mut text = String::new();
    write!(text, "{}", time.format(format))
        .map_err(|_| wrong(format!("{format:?} is no format of a date")))?;
    Ok(text)
}

fn to_json(value: Value, options: Kwargs) -> Result<Value, Error> {
    let separators: Option<Vec<String>> = options.get("separators")?;
    let separators = match separators.as_deref() {
        None => None,
        Some([item, key]) => Some((item.clone(), key.clone())),
        Some(_) => {
            let detail = "tojson takes two separators";
            return Err(Error::new(ErrorKind::InvalidOperation, detail));
        }
    };
    let style = Style {
        ensure_ascii: options
            .get::<Option<bool>>("ensure_ascii")?
            .unwrap_or(false),
        indent: options.get::<Option<u8>>("indent")?.map(usize::from),
        separators,
        sort_keys: options.get::<Option<bool>>("sort_keys")?.unwrap_or(false),
    };
    options.assert_all_used()?;
    let text = serde_json::to_value(&value)
        .and_then(|value| python_json::to_text(&value, &style))
        .map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))?;
    Ok(Value::from_safe_string(text))
}

/// `{% generation %}` marks what the model said, for training; it renders what it
/// encloses. The engine does not know it, and `{% if true %}` does the same.
fn without_generation_tags(template: &str) -> String {
    let mut result = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("{%") {
        let Some(length) = rest[start..].find("%}") else {
            break;
        };
        let tag = &rest[start..start + length];
        result += &rest[..start];
        match tag[2..].trim_matches(|c: char| c.is_whitespace() || c == '-' || c == '+') {
            "generation" => result += &tag.replacen("generation", "if true", 1),
            "endgeneration" => result += &tag.replacen("endgeneration", "endif", 1),
            _ => result += tag,
        }
        rest = &rest[start + length..];
    }
    result + rest
}

fn describe(error: &Error) -> Failure {
    let reason = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) => format!("the chat template fails in line {line}: {reason}"),
        None => format!("the chat template fails: {reason}"),
    }
}
