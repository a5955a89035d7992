// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! From tokens to bytes. The decoders of all models that generate text map each
//! token to bytes on its own, so a piece is known at once and a stream costs the
//! same for each token. Those that do not (a decoder which looks at neighbours,
//! as WordPiece's does) are left to the library.

use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoding {
    /// Each character of a token stands for a byte, as in GPT-2.
    ByteLevel,
    /// U+2581 stands for a space, as in SentencePiece.
    SentencePiece {
        /// Tokens such as `<0x0A>` stand for a byte.
        byte_fallback: bool,
        /// So many spaces at the start of a text were not in it.
        leading_spaces: usize,
    },
    Library,
}

const SPACE: &str = "\u{2581}";

impl Decoding {
    /// Of the decoder that a tokenizer.json describes.
    pub fn of(decoder: &Value) -> Self {
        let steps = match decoder["type"].as_str() {
            Some("Sequence") => decoder["decoders"]
                .as_array()
                .map_or(&[][..], Vec::as_slice),
            _ => std::slice::from_ref(decoder),
        };
        let kinds: Vec<&str> = steps
            .iter()
            .map(|s| s["type"].as_str().unwrap_or(""))
            .collect();
        match kinds[..] {
            ["ByteLevel"] => Self::ByteLevel,
            ["Metaspace"] if steps[0]["replacement"] == SPACE => Self::SentencePiece {
                byte_fallback: false,
                leading_spaces: usize::from(steps[0]["prepend_scheme"] != "never"),
            },
            ["Replace", "ByteFallback", "Fuse"] if replaces_space(&steps[0]) => {
                Self::SentencePiece {
                    byte_fallback: true,
                    leading_spaces: 0,
                }
            }
            ["Replace", "ByteFallback", "Fuse", "Strip"]
                if replaces_space(&steps[0])
                    && steps[3]["content"] == " "
                    && steps[3]["stop"] == 0 =>
            {
                let leading_spaces = steps[3]["start"].as_u64().unwrap_or(0) as usize;
                Self::SentencePiece {
                    byte_fallback: true,
                    leading_spaces,
                }
            }
            _ => Self::Library,
        }
    }

    /// The bytes of a token of the model's own vocabulary.
    pub fn bytes_of(self, token: &str) -> Vec<u8> {
        match self {
            Self::ByteLevel => byte_level(token),
            Self::SentencePiece { byte_fallback, .. } => match byte_token(token) {
                Some(byte) if byte_fallback => vec![byte],
                _ => token.replace(SPACE, " ").into_bytes(),
            },
            Self::Library => token.as_bytes().to_vec(),
        }
    }

    /// The bytes of an added token that is ordinary text.
    pub fn bytes_of_added(self, token: &str) -> Vec<u8> {
        match self {
            Self::SentencePiece { .. } => token.replace(SPACE, " ").into_bytes(),
            Self::ByteLevel | Self::Library => token.as_bytes().to_vec(),
        }
    }

    pub fn leading_spaces(self) -> usize {
        match self {
            Self::SentencePiece { leading_spaces, .. } => leading_spaces,
            Self::ByteLevel | Self::Library => 0,
        }
    }
}

fn replaces_space(step: &Value) -> bool {
    step["pattern"]["String"] == SPACE && step["content"] == " "
}

fn byte_token(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() != 2 {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}

/// A token with a character that stands for no byte is text as it is.
fn byte_level(token: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = token.chars().map(byte_of_character).collect();
    bytes.unwrap_or_else(|| token.as_bytes().to_vec())
}

/// GPT-2's table: printable characters of Latin-1 stand for themselves, the other
/// 68 bytes, in order, for U+0100 and up.
fn byte_of_character(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff) => Some(code as u8),
        code @ 0x100..=0x120 => Some((code - 0x100) as u8),
        code @ 0x121..=0x142 => Some((code - 0x121 + 0x7f) as u8),
        0x143 => Some(0xad),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_byte_has_one_character() {
        let mut seen: Vec<u8> = ('\0'..='\u{200}').filter_map(byte_of_character).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..=255).collect::<Vec<u8>>());
        assert_eq!(byte_of_character('Ġ'), Some(b' '));
        assert_eq!(byte_of_character('Ċ'), Some(b'\n'));
    }

    #[test]
    fn kinds_of_decoders() {
        let replace = json!({"type": "Replace", "pattern": {"String": "▁"}, "content": " "});
        let strip = json!({"type": "Strip", "content": " ", "start": 1, "stop": 0});
        let llama = json!({"type": "Sequence", "decoders":
            [replace, {"type": "ByteFallback"}, {"type": "Fuse"}, strip]});
        let kind = Decoding::of(&llama);
        assert_eq!(
            kind,
            Decoding::SentencePiece {
                byte_fallback: true,
                leading_spaces: 1
            }
        );
        assert_eq!(kind.bytes_of("▁a"), b" a");
        assert_eq!(kind.bytes_of("<0xE4>"), [0xe4]);
        assert_eq!(kind.bytes_of_added("<0xE4>"), b"<0xE4>");
        assert_eq!(
            Decoding::of(&json!({"type": "ByteLevel"})),
            Decoding::ByteLevel
        );
        assert_eq!(
            Decoding::of(&json!({"type": "WordPiece"})),
            Decoding::Library
        );
        assert_eq!(Decoding::of(&Value::Null), Decoding::Library);
    }
}
