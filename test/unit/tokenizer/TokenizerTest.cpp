// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ door: that all of it crosses the border. What tokens a text has is tested in Rust, beside
// this file.
#include "frontend/tokenizer/Tokenizer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <limits>
#include <sstream>

namespace {

using namespace tern::text;
using tern::checkpoint::TokenizerMetadata;
using tern::checkpoint::TokenType;
using Ids = std::vector<uint32_t>;
using Json = nlohmann::json;

std::string readFile(const std::string &name) {
  std::ifstream file(std::string(TERN_TEST_DATA "/real/") + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string textOf(const Json &row) {
  if (!row.contains("hex"))
    return row["text"];
  std::string hex = row["hex"], text;
  for (size_t i = 0; i < hex.size(); i += 2)
    text += char(std::stoi(hex.substr(i, 2), nullptr, 16));
  return text;
}

/// SmolLM2's, from the keys of its GGUF file. `keys` must outlive the result.
TokenizerMetadata metadataOf(const Json &keys) {
  auto key = [&](const char *name) -> const Json & {
    return keys["tokenizer.ggml." + std::string(name)];
  };
  TokenizerMetadata metadata;
  metadata.model = key("model").get_ref<const std::string &>();
  metadata.pre = key("pre").get_ref<const std::string &>();
  for (const Json &token : key("tokens"))
    metadata.tokens.push_back(token.get_ref<const std::string &>());
  for (const Json &merge : key("merges"))
    metadata.merges.push_back(merge.get_ref<const std::string &>());
  for (const Json &type : key("token_type"))
    metadata.types.push_back(TokenType(type.get<int>()));
  metadata.bos = key("bos_token_id").get<uint32_t>();
  metadata.eos = key("eos_token_id").get<uint32_t>();
  metadata.addBos = key("add_bos_token").get<bool>();
  metadata.chatTemplate = keys["tokenizer.chat_template"].get_ref<const std::string &>();
  return metadata;
}

const Tokenizer &smollm2() {
  static const Expected<Tokenizer> tokenizer = [] {
    Json keys = Json::parse(readFile("smollm2/gguf_tokenizer.json"));
    return Tokenizer::fromGguf(metadataOf(keys));
  }();
  return *tokenizer;
}

TEST(Tokenizer, GivesTheReferenceIdsAndTextsOfSmolLM2) {
  Json rows = Json::parse(readFile("smollm2/tokens.json"))["strings"];
  ASSERT_EQ(rows.size(), 46u);
  for (const Json &row : rows) {
    std::string text = textOf(row);
    for (bool special : {false, true}) {
      Ids expected = row[special ? "ids_special" : "ids"];
      Expected<Ids> ids = smollm2().encode(text, special);
      ASSERT_TRUE(ids);
      EXPECT_EQ(*ids, expected) << row;
      const Json &decoded = row[special ? "decoded_special" : "decoded"];
      std::string back = decoded.is_boolean() ? text : decoded["text"].get<std::string>();
      EXPECT_EQ(*smollm2().decode(expected), back) << row;
    }
  }
}

TEST(Tokenizer, KnowsTheFactsOfTheFile) {
  EXPECT_EQ(smollm2().vocabSize(), 49152u);
  EXPECT_EQ(smollm2().bos(), 1u);
  EXPECT_EQ(smollm2().eos(), 2u);
  Ids ends(smollm2().endTokens().begin(), smollm2().endTokens().end());
  EXPECT_EQ(ends, (Ids{0, 2}));
  EXPECT_TRUE(smollm2().hasChatTemplate());
}

TEST(Tokenizer, AddsBosOnRequest) {
  Ids plain = *smollm2().encode("Hello", true, Bos::No);
  EXPECT_EQ(*smollm2().encode("Hello", true, Bos::Auto), plain);
  plain.insert(plain.begin(), 1);
  EXPECT_EQ(*smollm2().encode("Hello", true, Bos::Yes), plain);
  EXPECT_EQ(*smollm2().encode("", true, Bos::Yes), Ids{1});
  EXPECT_EQ(*smollm2().encode("<|im_start|>", true, Bos::Yes), Ids{1});
}

TEST(Tokenizer, StreamsWholeCharacters) {
  Ids ids = *smollm2().encode("\xF0\x9F\x98\x80 <|im_end|>!");
  Stream stream = smollm2().stream(/*skipSpecial=*/true);
  std::string text;
  for (uint32_t id : ids) {
    std::string part = *stream.push(id);
    EXPECT_TRUE(part.empty() || (uint8_t(part[0]) & 0xC0) != 0x80) << part;
    text += part;
  }
  EXPECT_EQ(text + *stream.finish(), "\xF0\x9F\x98\x80 !");

  EXPECT_EQ(*stream.push(ids[0]), "");
  EXPECT_EQ(*stream.finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(*stream.finish(), "");
  EXPECT_EQ(*smollm2().piece(ids[0]), "\xF0\x9F");
  EXPECT_EQ(*smollm2().piece(49152), "");
}

TEST(Tokenizer, RendersTheChatTemplate) {
  std::vector<ChatMessage> messages = {{"system", "S"}, {"user", "U\xFF"}};
  EXPECT_EQ(*smollm2().applyChatTemplate(messages),
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU\xEF\xBF\xBD<|im_end|>\n"
            "<|im_start|>assistant\n");
  EXPECT_EQ(*smollm2().applyChatTemplate(std::span(messages).first(1),
                                         {.addGenerationPrompt = false, .now = std::nullopt}),
            "<|im_start|>system\nS<|im_end|>\n");
}

TEST(Tokenizer, IsTheSameOnceStored) {
  std::string stored = *smollm2().toJson();
  auto start = std::chrono::steady_clock::now();
  Expected<Tokenizer> again = Tokenizer::fromJson(stored);
  std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  RecordProperty("load_milliseconds", std::to_string(elapsed.count()));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again->toJson(), stored);
  EXPECT_EQ(again->eos(), 2u);
  EXPECT_EQ(*again->encode("Hello, world!"), *smollm2().encode("Hello, world!"));
}

TEST(Tokenizer, ReadsHuggingFaceFiles) {
  std::string json = readFile("minilm/tokenizer.json");
  Expected<Tokenizer> tokenizer = Tokenizer::fromHuggingFace(
      {.tokenizer = json,
       .tokenizerConfig = R"({"bos_token": "[CLS]", "chat_template": "{{ bos_token }}"})",
       .generationConfig = R"({"eos_token_id": 102})",
       .chatTemplate = {}});
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->bos(), 101u);
  EXPECT_EQ(tokenizer->eos(), 102u);
  EXPECT_EQ(*tokenizer->applyChatTemplate({}), "[CLS]");
  EXPECT_EQ(*tokenizer->encode("hello"), (Ids{101, 7592, 102}));
  EXPECT_EQ(*tokenizer->encode("hello", true, Bos::No), Ids{7592});
}

TEST(Tokenizer, FailsInOneSentence) {
  EXPECT_EQ(
      Tokenizer::fromJson("").error().message,
      "expected a tokenizer in JSON, found an error: EOF while parsing a value at line 1 column 0");
  EXPECT_EQ(Tokenizer::fromHuggingFace({}).error().message,
            "tokenizer.json: expected a tokenizer in JSON, found an error: EOF while parsing a "
            "value at line 1 column 0");

  TokenizerMetadata metadata;
  metadata.model = "gpt2";
  metadata.tokens = {"a", "\xFF"};
  EXPECT_EQ(Tokenizer::fromGguf(metadata).error().message,
            "tokenizer.ggml.tokens: entry 1: expected UTF-8, found other bytes");
  metadata.tokens = {"a", "b"};
  metadata.pre = "kimi-k2";
  EXPECT_EQ(Tokenizer::fromGguf(metadata).error().message,
            "tokenizer.ggml.pre: expected a known pre-tokeniser, found \"kimi-k2\"");
  metadata.pre = "";
  EXPECT_EQ(Tokenizer::fromGguf(metadata).error().message,
            "tokenizer.ggml.merges: expected merges, found none");

  metadata.model = "llama";
  metadata.scores = {0, std::numeric_limits<float>::quiet_NaN()};
  Expected<Tokenizer> tokenizer = Tokenizer::fromGguf(metadata);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ(tokenizer->applyChatTemplate({}).error().message,
            "expected a chat template, found none");
}

/// The library cuts the prefix off a token that is shorter.
TEST(Tokenizer, TurnsAPanicIntoAFailure) {
  Expected<Tokenizer> tokenizer =
      Tokenizer::fromJson(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a"]],)"
                          R"("continuing_subword_prefix": "##"}})");
  ASSERT_FALSE(tokenizer);
  EXPECT_NE(tokenizer.error().message.find("the tokenizer library gave up"), std::string::npos)
      << tokenizer.error().message;
}

} // namespace
