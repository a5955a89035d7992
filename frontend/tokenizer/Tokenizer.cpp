// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/tokenizer/Tokenizer.h"

#include "frontend/tokenizer/bridge.h"

#include <utility>

namespace tern::text {

using checkpoint::Error;

struct Tokenizer::State {
  rust::Box<bridge::Handle> handle = bridge::empty_handle();
  bridge::Facts facts{};
};

struct Stream::State {
  rust::Box<bridge::StreamHandle> handle;
};

namespace {

using Bytes = rust::Slice<const uint8_t>;

Bytes toBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

std::string toString(const rust::Vec<uint8_t> &bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// The text that a call wrote, or why it failed.
Expected<std::string> textOr(const bridge::Status &status, const rust::Vec<uint8_t> &text) {
  if (!status.ok)
    return Error{toString(status.message)};
  return toString(text);
}

/// Strings as one array of bytes and the end of each in it.
struct StringList {
  explicit StringList(const std::vector<std::string_view> &strings) {
    ends.reserve(strings.size());
    for (std::string_view text : strings)
      ends.push_back(bytes.append(text).size());
  }

  rust::Slice<const uint64_t> endSlice() const { return {ends.data(), ends.size()}; }

  std::string bytes;
  std::vector<uint64_t> ends;
};

int64_t idOrNone(std::optional<uint32_t> id) { return id ? int64_t(*id) : -1; }
int8_t flagOrNone(std::optional<bool> flag) { return flag ? int8_t(*flag) : int8_t(-1); }

std::optional<uint32_t> optionalId(int64_t id) {
  return id < 0 ? std::nullopt : std::optional<uint32_t>(uint32_t(id));
}

} // namespace

Tokenizer::Tokenizer(std::unique_ptr<State> state) : state(std::move(state)) {}
Tokenizer::Tokenizer(Tokenizer &&) = default;
Tokenizer &Tokenizer::operator=(Tokenizer &&) = default;
Tokenizer::~Tokenizer() = default;

Expected<Tokenizer> Tokenizer::withFacts(std::unique_ptr<State> state) {
  if (bridge::Status status = bridge::facts(*state->handle, state->facts); !status.ok)
    return Error{toString(status.message)};
  return Tokenizer(std::move(state));
}

Expected<Tokenizer> Tokenizer::fromJson(std::string_view bytes) {
  auto state = std::make_unique<State>();
  bridge::Status status = bridge::load_json(*state->handle, toBytes(bytes));
  if (!status.ok)
    return Error{toString(status.message)};
  return withFacts(std::move(state));
}

Expected<Tokenizer> Tokenizer::fromHuggingFace(const HuggingFaceFiles &files) {
  auto state = std::make_unique<State>();
  bridge::Status status = bridge::load_hugging_face(
      *state->handle, {.tokenizer = toBytes(files.tokenizer),
                       .tokenizer_config = toBytes(files.tokenizerConfig),
                       .generation_config = toBytes(files.generationConfig),
                       .chat_template = toBytes(files.chatTemplate)});
  if (!status.ok)
    return Error{toString(status.message)};
  return withFacts(std::move(state));
}

Expected<Tokenizer> Tokenizer::fromGguf(const checkpoint::TokenizerMetadata &metadata) {
  StringList tokens(metadata.tokens), merges(metadata.merges);
  std::vector<int32_t> types;
  types.reserve(metadata.types.size());
  for (checkpoint::TokenType type : metadata.types)
    types.push_back(int32_t(type));

  auto state = std::make_unique<State>();
  bridge::Status status = bridge::load_gguf(
      *state->handle, {.model = toBytes(metadata.model),
                       .pre = toBytes(metadata.pre),
                       .token_bytes = toBytes(tokens.bytes),
                       .token_ends = tokens.endSlice(),
                       .merge_bytes = toBytes(merges.bytes),
                       .merge_ends = merges.endSlice(),
                       .scores = {metadata.scores.data(), metadata.scores.size()},
                       .types = {types.data(), types.size()},
                       .bos = idOrNone(metadata.bos),
                       .eos = idOrNone(metadata.eos),
                       .eot = idOrNone(metadata.eot),
                       .unknown = idOrNone(metadata.unknown),
                       .separator = idOrNone(metadata.separator),
                       .add_bos = flagOrNone(metadata.addBos),
                       .add_eos = flagOrNone(metadata.addEos),
                       .add_space_prefix = flagOrNone(metadata.addSpacePrefix),
                       .remove_extra_whitespaces = flagOrNone(metadata.removeExtraWhitespaces),
                       .charsmap = {metadata.charsmap.data(), metadata.charsmap.size()},
                       .chat_template = toBytes(metadata.chatTemplate)});
  if (!status.ok)
    return Error{toString(status.message)};
  return withFacts(std::move(state));
}

Expected<std::string> Tokenizer::toJson() const {
  rust::Vec<uint8_t> bytes;
  return textOr(bridge::store_json(*state->handle, bytes), bytes);
}

Expected<std::vector<uint32_t>> Tokenizer::encode(std::string_view text, bool parseSpecial,
                                                  Bos bos) const {
  rust::Vec<uint32_t> ids;
  bridge::Status status =
      bridge::encode(*state->handle, toBytes(text), parseSpecial, uint8_t(bos), ids);
  if (!status.ok)
    return Error{toString(status.message)};
  return std::vector<uint32_t>(ids.begin(), ids.end());
}

Expected<std::string> Tokenizer::decode(std::span<const uint32_t> ids, bool skipSpecial) const {
  rust::Vec<uint8_t> text;
  return textOr(bridge::decode(*state->handle, {ids.data(), ids.size()}, skipSpecial, text), text);
}

Stream Tokenizer::stream(bool skipSpecial) const {
  return Stream(std::make_unique<Stream::State>(
      Stream::State{bridge::make_stream(*state->handle, skipSpecial)}));
}

Expected<std::string> Tokenizer::piece(uint32_t id) const {
  rust::Vec<uint8_t> bytes;
  return textOr(bridge::piece(*state->handle, id, bytes), bytes);
}

Expected<std::string> Tokenizer::applyChatTemplate(std::span<const ChatMessage> messages,
                                                   const ChatOptions &options) const {
  std::vector<bridge::ChatMessage> crossing;
  crossing.reserve(messages.size());
  for (const ChatMessage &message : messages)
    crossing.push_back({.role = toBytes(message.role), .content = toBytes(message.content)});
  rust::Vec<uint8_t> text;
  return textOr(bridge::apply_chat_template(*state->handle, {crossing.data(), crossing.size()},
                                            options.addGenerationPrompt, options.now.has_value(),
                                            options.now.value_or(0), text),
                text);
}

size_t Tokenizer::vocabSize() const { return state->facts.vocabulary_size; }
std::optional<uint32_t> Tokenizer::bos() const { return optionalId(state->facts.bos); }
std::optional<uint32_t> Tokenizer::eos() const { return optionalId(state->facts.eos); }
std::span<const uint32_t> Tokenizer::endTokens() const {
  return {state->facts.ends.data(), state->facts.ends.size()};
}
bool Tokenizer::hasChatTemplate() const { return state->facts.has_chat_template; }

Stream::Stream(std::unique_ptr<State> state) : state(std::move(state)) {}
Stream::Stream(Stream &&) = default;
Stream &Stream::operator=(Stream &&) = default;
Stream::~Stream() = default;

Expected<std::string> Stream::push(uint32_t id) {
  rust::Vec<uint8_t> text;
  return textOr(bridge::push(*state->handle, id, text), text);
}

Expected<std::string> Stream::finish() {
  rust::Vec<uint8_t> text;
  return textOr(bridge::finish(*state->handle, text), text);
}

} // namespace tern::text
