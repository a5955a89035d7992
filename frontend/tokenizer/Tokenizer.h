// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_TOKENIZER_TOKENIZER_H
#define TERN_FRONTEND_TOKENIZER_TOKENIZER_H

#include "frontend/checkpoint/Expected.h"
#include "frontend/checkpoint/TokenizerMetadata.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tern::text {

using checkpoint::Expected;

/// The files of a Hugging Face directory that say how text becomes tokens; all but the first are
/// empty where there is no such file.
struct HuggingFaceFiles {
  std::string_view tokenizer;        ///< `tokenizer.json`
  std::string_view tokenizerConfig;  ///< `tokenizer_config.json`: BOS, EOS, chat template
  std::string_view generationConfig; ///< `generation_config.json`: tokens that end a text
  std::string_view chatTemplate;     ///< `chat_template.jinja`: wins over tokenizerConfig's
};

/// Whether a text starts with a BOS token.
enum class Bos {
  Auto, ///< all that the model puts around a text, which for many is nothing
  Yes,  ///< as Auto, with BOS in front if it is not there by that
  No,   ///< the text's own tokens and no others
};

struct ChatMessage {
  std::string_view role;
  std::string_view content;
};

struct ChatOptions {
  bool addGenerationPrompt = true; ///< ends with what opens the model's answer
  /// The date for templates that show one, in seconds since 1970, UTC. The clock is never asked, so
  /// that the same call gives the same text; without this, templates show a fixed date or none.
  std::optional<int64_t> now;
};

class Stream;

/// Text to tokens and back, and the model's chat template.
///
/// Text that is not UTF-8 is taken all the same, each bad byte as U+FFFD. Const calls may run in
/// several threads. Failures are one sentence that names no file, for none is known here.
class Tokenizer {
public:
  /// From a `tokenizer.json`. If toJson wrote it, with all that the stored tokenizer knew beside
  /// its vocabulary. Padding and truncation in the file are passed over.
  static Expected<Tokenizer> fromJson(std::string_view bytes);
  static Expected<Tokenizer> fromHuggingFace(const HuggingFaceFiles &files);
  /// `metadata` is not kept.
  static Expected<Tokenizer> fromGguf(const checkpoint::TokenizerMetadata &metadata);

  Tokenizer(Tokenizer &&);
  Tokenizer &operator=(Tokenizer &&);
  ~Tokenizer();

  /// What fromJson reads back: a tokenizer.json with one member more. The same tokenizer gives the
  /// same bytes.
  Expected<std::string> toJson() const;

  /// With `parseSpecial`, special tokens written out in `text` become their ids; without, they are
  /// text as any other. Fails for Bos::Yes if no BOS token is known.
  Expected<std::vector<uint32_t>> encode(std::string_view text, bool parseSpecial = true,
                                         Bos bos = Bos::Auto) const;

  /// The text of `ids`, always UTF-8. Ids of no token have none; with `skipSpecial`, special tokens
  /// have none either.
  Expected<std::string> decode(std::span<const uint32_t> ids, bool skipSpecial = false) const;

  /// The text of ids as they come. The stream may outlive this tokenizer.
  Stream stream(bool skipSpecial = false) const;

  /// The bytes that `id` stands for on its own, which need not be UTF-8; empty for no token's id.
  Expected<std::string> piece(uint32_t id) const;

  /// The text of a conversation. Its special tokens are written out: encode it with `parseSpecial`,
  /// and with Bos::No, or the template's own BOS would be doubled. Fails without a chat template.
  Expected<std::string> applyChatTemplate(std::span<const ChatMessage> messages,
                                          const ChatOptions &options = {}) const;

  /// The number of tokens, added ones included.
  size_t vocabSize() const;
  std::optional<uint32_t> bos() const;
  std::optional<uint32_t> eos() const;
  /// The tokens after which generation ends, ascending; eos is among them.
  std::span<const uint32_t> endTokens() const;
  bool hasChatTemplate() const;

private:
  struct State;
  explicit Tokenizer(std::unique_ptr<State> state);
  static Expected<Tokenizer> withFacts(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

/// Never gives a part of a character: the bytes of one that is cut off wait for the tokens that
/// complete it.
class Stream {
public:
  Stream(Stream &&);
  Stream &operator=(Stream &&);
  ~Stream();

  /// The text that `id` completes; often empty, always UTF-8.
  Expected<std::string> push(uint32_t id);
  /// What still waits, U+FFFD for a character that stays cut off. The stream is then as new.
  Expected<std::string> finish();

private:
  friend class Tokenizer;
  struct State;
  explicit Stream(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace tern::text

#endif
