// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Text that is not promised to be UTF-8.

use std::borrow::Cow;

/// `bytes` with each byte that belongs to no character as U+FFFD, which is how
/// llama.cpp reads a prompt. (`String::from_utf8_lossy` would write one U+FFFD
/// for all the bytes of a character that is cut off.)
pub fn replace_each_bad_byte(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text.into()
}

/// The number of leading bytes of `bytes` that no later byte can change the
/// reading of: all but a last character that is cut off.
pub fn settled_length(bytes: &[u8]) -> usize {
    match bytes.utf8_chunks().last() {
        Some(chunk) => match std::str::from_utf8(chunk.invalid()) {
            Err(error) if error.error_len().is_none() => bytes.len() - chunk.invalid().len(),
            _ => bytes.len(),
        },
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_byte_is_replaced() {
        assert_eq!(replace_each_bad_byte(b"ok \xc3\xa9"), "ok é");
        assert_eq!(
            replace_each_bad_byte(b"cut \xe4\xbd"),
            "cut \u{fffd}\u{fffd}"
        );
        assert_eq!(
            replace_each_bad_byte(b"\xc3(\xa0\xa1"),
            "\u{fffd}(\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn only_a_character_that_may_still_end_well_is_unsettled() {
        assert_eq!(settled_length(b""), 0);
        assert_eq!(settled_length(b"abc"), 3);
        assert_eq!(settled_length("a😀".as_bytes()), 5);
        assert_eq!(settled_length(b"a\xf0\x9f\x98"), 1);
        assert_eq!(settled_length(b"a\xf0\x9f\x98b"), 5);
        assert_eq!(settled_length(b"a\xff"), 2);
        assert_eq!(settled_length(b"a\xe0\x80"), 3, "0x80 never follows 0xe0");
    }
}
