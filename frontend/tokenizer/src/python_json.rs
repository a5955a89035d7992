// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! JSON text as Python's `json.dumps` writes it: what Hugging Face's chat
//! templates expect of `tojson`, and what models were trained on.

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};

/// As the keyword arguments of Hugging Face's `tojson`.
#[derive(Clone, Debug)]
pub struct Style {
    pub ensure_ascii: bool,
    pub indent: Option<usize>,
    pub separators: Option<(String, String)>,
    pub sort_keys: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            ensure_ascii: false,
            indent: None,
            separators: None,
            sort_keys: false,
        }
    }
}

pub fn to_text(value: &Value, style: &Style) -> serde_json::Result<String> {
    let (item, key) = match &style.separators {
        Some((item, key)) => (item.as_str(), key.as_str()),
        None if style.indent.is_some() => (",", ": "),
        None => (", ", ": "),
    };
    let writer = PythonFormatter {
        style,
        item,
        key,
        depth: 0,
        filled: false,
    };
    let mut bytes = Vec::new();
    let mut sorted;
    let mut value = value;
    if style.sort_keys {
        sorted = value.clone();
        sorted.sort_all_objects();
        value = &sorted;
    }
    value.serialize(&mut Serializer::with_formatter(&mut bytes, writer))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

struct PythonFormatter<'a> {
    style: &'a Style,
    item: &'a str,
    key: &'a str,
    depth: usize,
    /// Whether the innermost open list or object has an entry.
    filled: bool,
}

impl PythonFormatter<'_> {
    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.new_line(writer)?;
        }
        self.filled = true;
        writer.write_all(bracket)
    }

    fn entry<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(self.item.as_bytes())?;
        }
        self.filled = true;
        self.new_line(writer)
    }

    fn new_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        match self.style.indent {
            Some(width) => write!(writer, "\n{:1$}", "", width * self.depth),
            None => Ok(()),
        }
    }
}

impl Formatter for PythonFormatter<'_> {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.entry(w, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.entry(w, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(self.key.as_bytes())
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !self.style.ensure_ascii {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if character.is_ascii() {
                write!(writer, "{character}")?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value, style: Style) -> String {
        to_text(value, &style).unwrap()
    }

    /// Each expectation was printed by Python 3.11.
    #[test]
    fn as_python_writes_it() {
        let value = json!({"b": [1, 2.5, null], "a": {"x": "<é😀>", "e": [], "o": {}}, "t": true});
        assert_eq!(
            text(&value, Style::default()),
            r#"{"b": [1, 2.5, null], "a": {"x": "<é😀>", "e": [], "o": {}}, "t": true}"#
        );
        assert_eq!(
            text(
                &value,
                Style {
                    ensure_ascii: true,
                    sort_keys: true,
                    ..Style::default()
                }
            ),
            r#"{"a": {"e": [], "o": {}, "x": "<\u00e9\ud83d\ude00>"}, "b": [1, 2.5, null], "t": true}"#
        );
        assert_eq!(
            text(
                &json!({"b": [1, []], "a": {}}),
                Style {
                    indent: Some(2),
                    ..Style::default()
                }
            ),
            "{\n  \"b\": [\n    1,\n    []\n  ],\n  \"a\": {}\n}"
        );
        let separators = Some((",".to_owned(), ":".to_owned()));
        assert_eq!(
            text(
                &json!([1, {"a": 2}]),
                Style {
                    separators,
                    ..Style::default()
                }
            ),
            r#"[1,{"a":2}]"#
        );
    }
}
