// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/TokenizerMetadata.h"
#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/ConfigReader.h"

namespace tern::checkpoint {
namespace {

constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
constexpr std::string_view kMerges = "tokenizer.ggml.merges";
constexpr std::string_view kScores = "tokenizer.ggml.scores";
constexpr std::string_view kTypes = "tokenizer.ggml.token_type";
constexpr std::string_view kCharsmap = "tokenizer.ggml.precompiled_charsmap";

/// Reads the tokenizer's keys, keeping the first mistake.
class TokenizerReader {
public:
  explicit TokenizerReader(const Checkpoint &checkpoint)
      : metadata(checkpoint.metadata()), reader(checkpoint) {}

  Expected<TokenizerMetadata> read();

private:
  std::string_view text(std::string_view key);
  std::vector<std::string_view> texts(std::string_view key);
  std::optional<uint32_t> id(std::string_view key);
  void readScores();
  void readTypes();
  void readCharsmap();
  void checkCount(std::string_view key, size_t found);

  const GgufMetadata &metadata;
  ConfigReader reader;
  TokenizerMetadata result;
};

std::string_view TokenizerReader::text(std::string_view key) {
  const GgufValue *value = metadata.find(key);
  if (!value)
    return {};
  if (!value->text())
    reader.reject(key, "text");
  return value->text().value_or("");
}

std::vector<std::string_view> TokenizerReader::texts(std::string_view key) {
  const GgufValue *value = metadata.find(key);
  if (!value)
    return {};
  auto result = value->texts();
  if (!result)
    reader.reject(key, "an array of strings");
  return result.value_or(std::vector<std::string_view>());
}

std::optional<uint32_t> TokenizerReader::id(std::string_view key) {
  if (result.tokens.empty() || !reader.has(key))
    return std::nullopt;
  return uint32_t(reader.integer(key, {0, int64_t(result.tokens.size()) - 1}));
}

void TokenizerReader::checkCount(std::string_view key, size_t found) {
  if (found != result.tokens.size())
    reader.reject(key, toText(result.tokens.size()) + " entries, one a token", toText(found));
}

void TokenizerReader::readScores() {
  const GgufValue *value = metadata.find(kScores);
  if (!value)
    return;
  auto scores = value->floats();
  if (!scores)
    return reader.reject(kScores, "an array of f32");
  checkCount(kScores, scores->size());
  result.scores = std::move(*scores);
}

void TokenizerReader::readTypes() {
  const GgufValue *value = metadata.find(kTypes);
  if (!value)
    return;
  auto types = value->integers();
  if (!types)
    return reader.reject(kTypes, "an array of integers");
  checkCount(kTypes, types->size());
  result.types.reserve(types->size());
  for (int64_t type : *types) {
    if (type < int64_t(TokenType::Normal) || type > int64_t(TokenType::Byte))
      return reader.reject(kTypes, "types from 1 to 6", toText(type));
    result.types.push_back(TokenType(type));
  }
}

/// Bytes, which some writers take for signed numbers.
void TokenizerReader::readCharsmap() {
  const GgufValue *value = metadata.find(kCharsmap);
  if (!value)
    return;
  auto bytes = value->integers();
  if (!bytes)
    return reader.reject(kCharsmap, "an array of bytes");
  result.charsmap.reserve(bytes->size());
  for (int64_t byte : *bytes) {
    if (byte < INT8_MIN || byte > UINT8_MAX)
      return reader.reject(kCharsmap, "bytes", toText(byte));
    result.charsmap.push_back(uint8_t(byte));
  }
}

Expected<TokenizerMetadata> TokenizerReader::read() {
  result.model = text("tokenizer.ggml.model");
  if (!metadata.find("tokenizer.ggml.model"))
    reader.reject("tokenizer.ggml.model", "the name of a tokenizer");
  result.pre = text("tokenizer.ggml.pre");
  result.tokens = texts(kTokens);
  if (result.tokens.empty() || result.tokens.size() > INT32_MAX)
    reader.reject(kTokens, "a vocabulary of 1 to 2147483647 tokens", toText(result.tokens.size()));
  result.merges = texts(kMerges);
  readScores();
  readTypes();

  result.bos = id("tokenizer.ggml.bos_token_id");
  result.eos = id("tokenizer.ggml.eos_token_id");
  result.eot = id("tokenizer.ggml.eot_token_id");
  result.unknown = id("tokenizer.ggml.unknown_token_id");
  result.separator = id("tokenizer.ggml.seperator_token_id"); // spelt so
  result.padding = id("tokenizer.ggml.padding_token_id");
  result.addBos = reader.optionalBoolean("tokenizer.ggml.add_bos_token");
  result.addEos = reader.optionalBoolean("tokenizer.ggml.add_eos_token");
  result.addSpacePrefix = reader.optionalBoolean("tokenizer.ggml.add_space_prefix");
  result.removeExtraWhitespaces = reader.optionalBoolean("tokenizer.ggml.remove_extra_whitespaces");
  readCharsmap();
  result.chatTemplate = text("tokenizer.chat_template");
  if (reader.failure())
    return *reader.failure();
  return std::move(result);
}

} // namespace

Expected<TokenizerMetadata> readTokenizerMetadata(const Checkpoint &checkpoint) {
  return TokenizerReader(checkpoint).read();
}

} // namespace tern::checkpoint
