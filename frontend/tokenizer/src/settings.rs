// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What is known of a tokenizer beside its vocabulary. A `tokenizer.json` has no
//! place for it, so a stored one has one member more, `"tern"`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bos: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eos: Option<u32>,
    /// The tokens after which generation ends, ascending; `eos` is among them.
    pub ends: Vec<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chat_template: String,
}

/// Special tokens that end a turn or a text whatever else the model says, as in
/// llama.cpp: files often name just one of several.
const END_TOKENS: [&str; 8] = [
    "<|eot_id|>",
    "<|eom_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<EOT>",
    "< EOT >",
];

impl Settings {
    /// Fills `ends` from `eos`, the ids in `named`, and the special tokens that
    /// `special_id` finds among those which always end a text.
    pub fn collect_ends(
        &mut self,
        named: impl IntoIterator<Item = u32>,
        special_id: impl Fn(&str) -> Option<u32>,
    ) {
        self.ends.extend(self.eos);
        self.ends.extend(named);
        self.ends
            .extend(END_TOKENS.iter().filter_map(|text| special_id(text)));
        self.ends.sort_unstable();
        self.ends.dedup();
    }
}
