// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/TokenizerMetadata.h"
#include "test/unit/checkpoint/TestFiles.h"

namespace tern::checkpoint {
namespace {

const std::vector<std::string> kTokens = {"<unk>", "a", "\xff"};

GgufFile vocabulary() {
  GgufFile file;
  file.add("tokenizer.ggml.model", "llama").add("tokenizer.ggml.tokens", kTokens);
  return file;
}

std::string refusal(const GgufFile &file) {
  InMemory read(file.bytes());
  if (!*read)
    return read.message();
  Expected<TokenizerMetadata> tokenizer = readTokenizerMetadata(**read);
  return tokenizer ? "" : tokenizer.error().message;
}

TEST(TokenizerMetadata, ReadsAllOfIt) {
  GgufFile file = vocabulary();
  file.add("tokenizer.ggml.pre", "default");
  file.add("tokenizer.ggml.merges", std::vector<std::string>{"a b"});
  file.array<float>("tokenizer.ggml.scores", 6, {0, -1, -2.5f});
  file.array<int32_t>("tokenizer.ggml.token_type", 5, {2, 1, 6});
  file.add("tokenizer.ggml.bos_token_id", 0u).add("tokenizer.ggml.eos_token_id", 1u);
  file.add("tokenizer.ggml.eot_token_id", 2u).add("tokenizer.ggml.unknown_token_id", 0u);
  file.add("tokenizer.ggml.padding_token_id", 1u).add("tokenizer.ggml.seperator_token_id", 2u);
  file.add("tokenizer.ggml.add_bos_token", true).add("tokenizer.ggml.add_eos_token", false);
  file.add("tokenizer.ggml.add_space_prefix", true);
  file.add("tokenizer.ggml.remove_extra_whitespaces", false);
  file.array<int8_t>("tokenizer.ggml.precompiled_charsmap", 1, {1, -1});
  file.add("tokenizer.chat_template", "{{ x }}");
  InMemory read(file.bytes());
  ASSERT_TRUE(*read) << read.message();
  Expected<TokenizerMetadata> tokenizer = readTokenizerMetadata(**read);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;

  EXPECT_EQ(tokenizer->model, "llama");
  EXPECT_EQ(tokenizer->pre, "default");
  EXPECT_EQ(tokenizer->tokens, (std::vector<std::string_view>{"<unk>", "a", "\xff"}));
  EXPECT_EQ(tokenizer->merges, std::vector<std::string_view>{"a b"});
  EXPECT_EQ(tokenizer->scores, (std::vector<float>{0, -1, -2.5f}));
  EXPECT_EQ(tokenizer->types,
            (std::vector<TokenType>{TokenType::Unknown, TokenType::Normal, TokenType::Byte}));
  EXPECT_EQ(tokenizer->bos, 0u);
  EXPECT_EQ(tokenizer->eos, 1u);
  EXPECT_EQ(tokenizer->eot, 2u);
  EXPECT_EQ(tokenizer->unknown, 0u);
  EXPECT_EQ(tokenizer->padding, 1u);
  EXPECT_EQ(tokenizer->separator, 2u);
  EXPECT_EQ(tokenizer->addBos, true);
  EXPECT_EQ(tokenizer->addEos, false);
  EXPECT_EQ(tokenizer->addSpacePrefix, true);
  EXPECT_EQ(tokenizer->removeExtraWhitespaces, false);
  EXPECT_EQ(tokenizer->charsmap, (std::vector<uint8_t>{1, 255}));
  EXPECT_EQ(tokenizer->chatTemplate, "{{ x }}");
}

TEST(TokenizerMetadata, LeavesOutWhatIsNotThere) {
  InMemory read(vocabulary().bytes());
  ASSERT_TRUE(*read) << read.message();
  Expected<TokenizerMetadata> tokenizer = readTokenizerMetadata(**read);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_TRUE(tokenizer->pre.empty() && tokenizer->merges.empty() && tokenizer->scores.empty() &&
              tokenizer->types.empty() && tokenizer->charsmap.empty() &&
              tokenizer->chatTemplate.empty());
  EXPECT_FALSE(tokenizer->bos || tokenizer->eos || tokenizer->eot || tokenizer->unknown ||
               tokenizer->padding || tokenizer->addBos || tokenizer->addSpacePrefix);
}

TEST(TokenizerMetadata, RefusesFilesWithout) {
  EXPECT_EQ(refusal(GgufFile()),
            "file: tokenizer.ggml.model: expected the name of a tokenizer, found none");
  EXPECT_EQ(
      refusal(GgufFile().add("tokenizer.ggml.model", "gpt2")),
      "file: tokenizer.ggml.tokens: expected a vocabulary of 1 to 2147483647 tokens, found 0");
}

TEST(TokenizerMetadata, RefusesOtherTypes) {
  EXPECT_EQ(refusal(GgufFile().add("tokenizer.ggml.model", 1u)),
            "file: tokenizer.ggml.model: expected text, found 1");
  EXPECT_EQ(
      refusal(GgufFile().add("tokenizer.ggml.model", "gpt2").add("tokenizer.ggml.tokens", 1u)),
      "file: tokenizer.ggml.tokens: expected an array of strings, found 1");
  EXPECT_EQ(refusal(vocabulary().array<int32_t>("tokenizer.ggml.merges", 5, {1})),
            "file: tokenizer.ggml.merges: expected an array of strings, found an array");
  EXPECT_EQ(refusal(vocabulary().array<int32_t>("tokenizer.ggml.scores", 5, {1, 2, 3})),
            "file: tokenizer.ggml.scores: expected an array of f32, found an array");
  EXPECT_EQ(refusal(vocabulary().array<float>("tokenizer.ggml.token_type", 6, {1, 2, 3})),
            "file: tokenizer.ggml.token_type: expected an array of integers, found an array");
  EXPECT_EQ(
      refusal(vocabulary().array<float>("tokenizer.ggml.precompiled_charsmap", 6, {1})),
      "file: tokenizer.ggml.precompiled_charsmap: expected an array of bytes, found an array");
  EXPECT_EQ(refusal(vocabulary().add("tokenizer.ggml.add_bos_token", 1u)),
            "file: tokenizer.ggml.add_bos_token: expected true or false, found 1");
  EXPECT_EQ(refusal(vocabulary().add("tokenizer.chat_template", 1u)),
            "file: tokenizer.chat_template: expected text, found 1");
}

TEST(TokenizerMetadata, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(refusal(vocabulary().array<float>("tokenizer.ggml.scores", 6, {1, 2})),
            "file: tokenizer.ggml.scores: expected 3 entries, one a token, found 2");
  EXPECT_EQ(refusal(vocabulary().array<int32_t>("tokenizer.ggml.token_type", 5, {1, 1, 1, 1})),
            "file: tokenizer.ggml.token_type: expected 3 entries, one a token, found 4");
  EXPECT_EQ(refusal(vocabulary().array<int32_t>("tokenizer.ggml.token_type", 5, {1, 7, 1})),
            "file: tokenizer.ggml.token_type: expected types from 1 to 6, found 7");
  EXPECT_EQ(refusal(vocabulary().array<int32_t>("tokenizer.ggml.precompiled_charsmap", 5, {256})),
            "file: tokenizer.ggml.precompiled_charsmap: expected bytes, found 256");
  EXPECT_EQ(refusal(vocabulary().add("tokenizer.ggml.eos_token_id", 3u)),
            "file: tokenizer.ggml.eos_token_id: expected an integer from 0 to 2, found 3");
}

} // namespace
} // namespace tern::checkpoint
