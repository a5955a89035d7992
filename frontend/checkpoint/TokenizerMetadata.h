// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_TOKENIZERMETADATA_H
#define TERN_FRONTEND_CHECKPOINT_TOKENIZERMETADATA_H

#include "frontend/checkpoint/Expected.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tern::checkpoint {

class Checkpoint;

/// What a GGUF file's `tokenizer.ggml.token_type` says of a token.
enum class TokenType : int32_t {
  Normal = 1,
  Unknown = 2,
  Control = 3,
  UserDefined = 4,
  Unused = 5,
  Byte = 6,
};

/// The tokenizer that a GGUF file carries in its metadata. All text points into the checkpoint's
/// mapping and lives as long as the checkpoint; none of it is promised to be valid UTF-8.
///
/// What reading has made sure of: `tokens` is not empty, `scores` and `types` are empty or have one
/// entry a token, types are those of TokenType, and every id is below `tokens.size()`.
struct TokenizerMetadata {
  /// `tokenizer.ggml.model`: "gpt2" (byte-level BPE), "llama" (SentencePiece), "bert" (WordPiece),
  /// "t5" (SentencePiece's unigram model).
  std::string_view model;
  /// `tokenizer.ggml.pre`: the name of the pre-tokeniser, empty if not given.
  std::string_view pre;

  std::vector<std::string_view> tokens;
  std::vector<std::string_view> merges; ///< "left right", best first; empty if not given
  std::vector<float> scores;            ///< as stored, not a number where the file says so
  std::vector<TokenType> types;

  std::optional<uint32_t> bos, eos, eot, unknown, separator, padding;
  std::optional<bool> addBos, addEos, addSpacePrefix, removeExtraWhitespaces;
  std::vector<uint8_t> charsmap; ///< `tokenizer.ggml.precompiled_charsmap`, empty if not given

  std::string_view chatTemplate; ///< `tokenizer.chat_template`, empty if not given
};

/// Reads the keys `tokenizer.*` of a GGUF file.
Expected<TokenizerMetadata> readTokenizerMetadata(const Checkpoint &checkpoint);

} // namespace tern::checkpoint

#endif
